"""What is compared as state that can be changed and watched: pinned, named, colored, left out again."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NoReturn, Self

import param

from initviz.checks.judgement import Judged
from initviz.compare.answer import Comparer, ComparisonAnswer
from initviz.compare.naming import LONGEST_NAME, free_name
from initviz.compare.question import KEYS, ComparisonQuestion, Entry
from initviz.networks.trial import Rate
from initviz.settings.codec import described, entries, from_dict, from_json, to_dict, to_json, unknown
from initviz.settings.copies import Copied
from initviz.settings.knobs import Choice, Count
from initviz.study import SPECTRUM_AS, WEIGHTS_AS, Study
from initviz.wording import quoted

MOST = 6
"""How many can be compared: as many as a palette tells apart."""
LOOKS = ("draws", "networks", "training")
"""What can be compared: weights and singular values, signals and gradients by layer, or how networks train."""
VERSION = 1
PINNED = ("name", "color", "study")
"""What is written of one that is pinned."""


class Comparison(Copied):
    """Up to six studies side by side, as they were when they were pinned. `question` is what is asked, frozen.

    >>> comparison = Comparison()
    >>> for name in ("he_normal", "lecun_normal"):
    ...     entry = comparison.pin(Study(name, shape=(64, 32)))
    >>> found = comparison.answer()
    >>> [str(each) for each in found.coupled]
    ['lecun_normal() is he_normal() × 1/√2, entry by entry: they are drawn with one key.']

    Args:
        studies: what is pinned at once, or what `Study` takes first.
        settings: the others, by name.

    Raises:
        TypeError, ValueError: more than six, or a setting that cannot be used, with the fix.
    """

    arguments = ("look", "keys", "weights_as", "spectrum_as", "steps", "learning_rate")

    entries = param.Parameter((), constant=True, doc="What is pinned, in order.")
    look = Choice(LOOKS, default=LOOKS[0], doc="What of them is compared")
    keys = Choice(KEYS, default="as pinned", doc="Whether draws have their own seeds, one key or independent keys")
    weights_as = Choice(WEIGHTS_AS, default=WEIGHTS_AS[0], doc="How weights are drawn")
    spectrum_as = Choice(SPECTRUM_AS, default=SPECTRUM_AS[0], doc="How singular values are drawn")
    steps = Count(60, bounds=(1, 1_000), softbounds=(10, 300), doc="Of training, on 64 handwritten digits each")
    learning_rate = Rate(0.003, bounds=(0, None), softbounds=(0.0001, 0.03), step=0.0001, doc="Of that training")
    question = param.ClassSelector(class_=ComparisonQuestion, constant=True, doc="The state now; None of nothing.")

    def __init__(self, *studies: Any, **settings: Any):
        for name in settings:
            if name not in self.arguments:
                raise TypeError(unknown(name, list(self.arguments), "a comparison"))
        super().__init__(**settings)
        self.comparer = Comparer()
        """What answers, and knows what was found before."""
        for study in studies:
            self.pin(study)

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (self.entries, dict(self.values()))

    def pin(self, study: Any, name: str = "", answer: Judged | None = None, **settings: Any) -> Entry:
        """Compare this study, too, as it is now: what becomes of it later is not followed.

        Args:
            study: a study, or what `Study` takes first: an initializer, its name, an array.
            name: in the legend; by default the initializer, with what differs or a number where that is taken.
            answer: of the study, if it is there already: then nothing is drawn anew.
            settings: what else `Study` takes.

        Raises:
            TypeError, ValueError: there are six, the name is taken, or it is no study; with the fix.
        """
        if len(self.entries) == MOST:
            raise ValueError(f"at most {MOST} can be compared, got one more. Remove one first.")
        if isinstance(study, Study) and settings:
            raise TypeError(
                f"a Study has its own settings, got {', '.join(settings)} beside it. "
                "Set them there before it is pinned."
            )
        study = study if isinstance(study, Study) else Study(study, **settings)
        taken = {each.slot for each in self.entries}
        slot = next(slot for slot in range(1, MOST + 1) if slot not in taken)
        entry = Entry(
            self._checked(name) if name else free_name(study.question, study.network.question, self.entries),
            slot, study.question, study.network.question,
            None if study.question.weights else study.to_dict(),
        )  # fmt: skip
        if answer is not None and getattr(answer, "question", None) == study.question:
            self.comparer.know(study.question, answer)
        self._set((*self.entries, entry))
        return entry

    def renew(self, name: str, study: Study, answer: Judged | None = None) -> None:
        """Have another study, or the same as it is now, in the place of one that is pinned.

        Raises:
            ValueError: there is none of this name.
        """
        entry = self[name]
        written = None if study.question.weights else study.to_dict()
        if answer is not None and getattr(answer, "question", None) == study.question:
            self.comparer.know(study.question, answer)
        self._put(entry, Entry(name, entry.slot, study.question, study.network.question, written))

    def rename(self, old: str, new: str) -> None:
        """Give one of them another name.

        Raises:
            ValueError: there is none of the old name, or the new one is taken, empty or too long.
        """
        entry = self[old]
        if new != old:
            self._put(entry, replace(entry, name=self._checked(new)))

    def recolor(self, name: str, slot: int) -> None:
        """Give one of them another place in the palette, from 1 to 6; who has that one gets its place.

        Raises:
            ValueError: there is none of this name, or no such place.
        """
        entry = self[name]
        if type(slot) is not int or not 1 <= slot <= MOST:
            raise ValueError(f"the color must be a place from 1 to {MOST}, got {quoted(slot)}. Choose one of them.")
        swapped = {slot: entry.slot, entry.slot: slot}
        self._set(tuple(replace(each, slot=swapped.get(each.slot, each.slot)) for each in self.entries))

    def remove(self, name: str) -> None:
        """Compare one of them no more.

        Raises:
            ValueError: there is none of this name.
        """
        entry = self[name]
        self._set(tuple(each for each in self.entries if each is not entry))

    def study(self, name: str) -> Study:
        """A new study as the one that was pinned by this name.

        Raises:
            ValueError: there is none of this name.
        """
        entry = self[name]
        if entry.written is not None:
            return Study.from_dict(entry.written)
        asked = entry.question
        return Study(asked.initializer, weights=asked.weights.array if asked.weights else None)

    def like(self, study: Study) -> Entry | None:
        """What is pinned that asks what this study asks, if anything is."""
        asked = study.question, study.network.question
        return next((each for each in self.entries if (each.question, each.network) == asked), None)

    def __getitem__(self, name: str) -> Entry:
        found = next((each for each in self.entries if each.name == name), None)
        if found is None:
            names = ", ".join(each.name for each in self.entries) or "none"
            raise ValueError(f"what is compared is {names}, got {quoted(name)}. Choose one of these names.")
        return found

    def _checked(self, name: Any) -> str:
        """The name, if one that is free."""
        if not isinstance(name, str) or not name.strip() or len(name) > LONGEST_NAME:
            raise ValueError(f"the name must have 1 to {LONGEST_NAME} characters, got {quoted(name)}. Choose another.")
        if any(each.name == name for each in self.entries):
            raise ValueError(f"the name must be one that no other has, got {quoted(name)} again. Choose another.")
        return name

    def _put(self, old: Entry, new: Entry) -> None:
        self._set(tuple(new if each is old else each for each in self.entries))

    def _set(self, found: tuple[Entry, ...]) -> None:
        with param.edit_constant(self):
            self.entries = found

    @param.depends("entries", "look", "keys", "steps", "learning_rate", watch=True, on_init=True)
    def _follow(self) -> None:
        asked = self._asked()
        if asked != self.question:
            with param.edit_constant(self):
                self.question = asked

    def _asked(self) -> ComparisonQuestion | None:
        """The state now, frozen; None of nothing."""
        if not self.entries:
            return None
        seeds = KEYS[self.keys](self.entries)
        seeded = tuple(entry.with_seed(seed) for entry, seed in zip(self.entries, seeds, strict=True))
        trained = {"steps": self.steps, "learning_rate": float(self.learning_rate)} if self.look == "training" else {}
        return ComparisonQuestion(seeded, self.look, **trained)

    def answers(self, progress=lambda share: None) -> Iterator[ComparisonAnswer]:
        """Answers to the question now, each with one more of what is compared.

        Raises:
            ValueError: nothing is pinned.
        """
        if self.question is None:
            raise ValueError("something must be pinned to be compared, got nothing. Call pin(Study('he_normal')).")
        return self.comparer(self.question, progress)

    def answer(self) -> ComparisonAnswer:
        """The whole answer to the question now."""
        *_, last = self.answers()
        return last

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain JSON: texts of what differs from the default, what is pinned, and a version.

        Raises:
            ValueError: weights that somebody brought are among what is pinned.
        """
        for entry in self.entries:
            if entry.written is None:
                raise ValueError(
                    f"weights must be drawn to be written, got an array pinned as {quoted(entry.name)}. "
                    "Remove it first, and write the array by itself, for instance with numpy.save."
                )
        pinned = [{"name": each.name, "color": str(each.slot), "study": each.written} for each in self.entries]
        return {"version": VERSION, **to_dict(self, self.arguments), "pinned": pinned}

    def to_json(self) -> str:
        """`to_dict` as JSON."""
        return to_json(self.to_dict())

    @classmethod
    def from_dict(cls, settings: Any) -> Self:
        """The comparison that `to_dict` has written.

        Raises:
            ValueError: a setting that cannot be read; the message names it.
        """
        found = dict(entries(settings, "", _refuse))
        version, pinned = found.pop("version", None), found.pop("pinned", [])
        if isinstance(version, bool) or version != VERSION:
            _refuse(f"version must be {VERSION}, got {described(version)}. Write it again with this initviz.")
        if not isinstance(pinned, list):
            _refuse(f"pinned must be a list, got {described(pinned)}. Write for instance [].")
        comparison = cls()
        from_dict(comparison, found, cls.arguments, "", _refuse)
        for place, each in enumerate(pinned, 1):
            comparison._read(dict(entries(each, f"pinned {place}", _refuse)), f"pinned {place}")
        return comparison

    def _read(self, texts: dict[str, Any], where: str) -> None:
        for name in texts:
            if name not in PINNED:
                _refuse(unknown(name, list(PINNED), where))
        try:
            study = Study.from_dict(texts.get("study", {}))
            entry = self.pin(study, self._checked(texts["name"]) if "name" in texts else "")
            color = texts.get("color", str(entry.slot))
            self.recolor(entry.name, int(color) if color in map(str, range(1, MOST + 1)) else color)
        except ValueError as refusal:
            _refuse(f"{where}: {refusal}")

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """The comparison that `to_json` has written; nothing in the text is executed.

        Raises:
            ValueError: no JSON, or a setting that cannot be read; the message names it.
        """
        return cls.from_dict(from_json(text))


def _again(pinned: tuple[Entry, ...], settings: dict[str, Any]) -> Comparison:
    """One with these settings, and what is pinned."""
    again = Comparison(**settings)
    again._set(pinned)
    return again


def _refuse(message: str) -> NoReturn:
    raise ValueError(message)
