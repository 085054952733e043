"""The audit of a whole model, as a part of the page or a widget of its own."""

import math
from collections.abc import Callable
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any

import panel as pn
import panel_material_ui as pmui

from initviz.live.aside import aside
from initviz.live.asked import Asked
from initviz.live.controls import link
from initviz.live.feed import REFUSALS, Feed
from initviz.live.internals import Words
from initviz.live.link import Link
from initviz.live.updates import served_page, update_page
from initviz.live.uploads import CHOOSE, Uploads, largest
from initviz.live.watching import watch
from initviz.models import Audit
from initviz.models.places import is_open, path_of, tensors_at
from initviz.models.study import RULES, ModelAnswer, ModelStudy, answer_model
from initviz.models.tensor import Tensor
from initviz.views import audit_words as words
from initviz.views.audit_table import OPEN, audit_table
from initviz.views.audits import profiles
from initviz.views.picture import Picture
from initviz.views.shown import stem_of_model
from initviz.views.text import notice
from initviz.widgets.base import Widget, shared
from initviz.widgets.closer import Closer
from initviz.widgets.layout import CONCLUSION, in_rows, wrapping_row


def feed_of_model(settings: ModelStudy) -> Feed:
    """The feed that all views of these settings share."""
    return shared(settings, lambda settings: Feed(settings, answer_model, lambda question: False))


class Room:
    """The lab of a whole model: its `closer`, with fields for a model of the user's.

    Args:
        feed: of the settings.
        opened: called with an audit, a row of it whose weights are asked for, what to tell why not, and what says
            whether no other row was asked for since; without it none can be.
        own: whether it is a page, to which the user can bring a model, by a file or a path.
    """

    def __init__(self, feed: Feed, opened: Callable[..., object] | None = None, own: bool = True):
        self.feed, self._opened = feed, opened
        self._level = 1 if own else 2
        self._watcher: Any = None
        self._wanted: object = None
        self._newest: Path | None = None
        wide = {"sizing_mode": "stretch_width"}
        self.message, self._arriving = Words("", margin=(0, 10), **wide), Words("", margin=(0, 10), **wide)
        self.uploads = Uploads(self._arrive, self._tell, self._refuse)
        choose = Words(CHOOSE % OWN_FILE, margin=(8, 10), visible=largest() > 0, **wide)
        self.path = pmui.TextInput(label="or its path", description=BY_PATH, size="small", visible=is_open(), **wide)
        self.path.param.watch(lambda _: update_page(partial(self._open_path, self.path.value_input)), "enter_pressed")
        self.write = pmui.Button(label="write the rules it looks like", variant="outlined", margin=(4, 10), sx=QUIET)
        self.write.on_click(lambda _: update_page(self._write))
        self._asked = Asked(OPEN, self._open)
        self._heading, self._legend = (Words("", margin=(0, 10), **wide) for _ in range(2))
        self._said = Words("", margin=(0, 10), **wide, **CONCLUSION)
        brought = wrapping_row(pn.Column(choose, styles=FIELD), pn.Column(self.path, styles=FIELD))
        self._is_page = own and served_page() is not None  # which alone tells of what is clicked in HTML
        brought.visible = self._is_page
        head = wrapping_row(pn.Column(self._heading, styles=FIELD), self.write, **{"align-items": "center"})
        self.closer = Closer(
            feed, self._view, [], above=[head, self._said, self._legend], arrange=_rules_last, idle=_idle,
            own=_examples if own else _none, without=("example",),
            stem=lambda found: stem_of_model(found.question.name),
        )  # fmt: skip
        carriers = self.uploads.layout, self._asked.layout
        self.closer.layout.insert(1, pn.Column(brought, self._arriving, self.message, *carriers, **wide))
        page = served_page()
        if page is not None:
            page.on_session_destroyed(lambda _: self.uploads.close())
        watch(feed, self._follow, "settings")
        self._follow()

    @property
    def study(self) -> ModelStudy:
        """What is asked."""
        return self.feed.settings

    def _view(self, found: ModelAnswer) -> tuple[tuple[Picture, ...], str]:
        self._heading.object, self._said.object = words.heading(found, self._level), words.said(found)
        self._legend.object = words.legend(found.audit)
        table = audit_table(found.audit, openable=self._is_page and self._opened is not None)
        return profiles(found.audit), table + words.about(found.audit)

    # -- a model of the user's ----------------------------------------------------------------------------------

    def _tell(self, words: str) -> None:
        self._arriving.object = notice("status", [words] if words else [])

    def _refuse(self, message: str) -> None:
        self.message.object = notice("alert", [message] if message else [])

    def _follow(self, *_events) -> None:
        """Say no more what was refused, once something else is asked."""
        if self._watcher is not None:
            self._watcher.inst.param.unwatch(self._watcher)
        self._watcher = watch(self.study, self._ask, "question")
        self._ask()

    def _ask(self, *_events) -> None:
        """Forget what was refused; without a model dim what is of another one, and say how there is one."""
        self._refuse("")
        is_none = self.study.question is None
        self._tell(CHOOSE_ONE * is_none)
        self.closer.dim(is_none)
        self.write.disabled = is_none

    def _arrive(self, path: Path, known: Callable[[bool], object]) -> None:
        """Take what a visitor gives, who may have packed more than there is room for."""
        self._take(path, known, largest())

    def _take(self, path: Path, known: Callable[[bool], object] = lambda is_one: None, most: float = math.inf) -> None:
        """Audit the model in this file or folder, unless another one is given meanwhile; tell whether there is one."""
        self._newest = path
        self._tell(f"Reading {path.name} …")

        def take(tensors: tuple[Tensor, ...]) -> None:
            is_newest = self._newest is path
            if is_newest:
                self.study.take(path.name, tensors)
                self._ask()
            known(is_newest)

        def refuse(message: str) -> None:
            if self._newest is path:
                self._ask()
                self._refuse(message)
            known(False)

        aside(lambda: tensors_at(path, most), take, refuse, path.name)

    def _open_path(self, name: str) -> None:
        if name:
            try:
                self._take(path_of(name.strip()))
            except REFUSALS as refusal:
                self._refuse(str(refusal))

    def _write(self) -> None:
        """Have the rules that the model looks like as rules of the user's, to be read and corrected."""
        answer = self.feed.answer
        if answer is not None:
            try:
                self.study.declare(answer.audit.believed())
            except REFUSALS as refusal:
                self._refuse(str(refusal))

    def _open(self, path: str) -> None:
        answer, self._wanted = self.feed.answer, (this := object())
        if self._opened is not None and answer is not None:
            try:
                self._opened(answer.audit, answer.audit[path], self._refuse, lambda: self._wanted is this)
            except REFUSALS as refusal:
                self._refuse(str(refusal))
            except KeyError as refusal:  # which quotes its message
                self._refuse(str(refusal.args[0]))


QUIET = {"textTransform": "none"}
FIELD = {"flex": "1 1 300px", "min-width": "0"}
OWN_FILE = (
    "<span title='safetensors, npz, npy, MessagePack of flax, files of torch.save; nothing in them is executed, "
    "and they are removed with this page'>your own model, in a file:</span>"
)
CHOOSE_ONE = "Choose a file of your model, or one of the examples."
BY_PATH = "Of a file or folder in the folder of models of this server"


def _rules_last(settings: list) -> list:
    """Settings beside one another; rules below, as wide as there is room."""
    rules = [each for each in settings if isinstance(each, pmui.TextAreaInput)]
    return [*in_rows(each for each in settings if each not in rules), *rules]


def _examples(settings: ModelStudy, report: Callable[[str, str], None]) -> list[Link]:
    return [link(settings, "example", report, label="model")]


def _none(_settings: ModelStudy, _report: Callable[[str, str], None]) -> list[Link]:
    return []


def _idle(study: ModelStudy) -> tuple[str, ...]:
    """Settings that do nothing: rules where a recipe that is known is chosen."""
    return () if study.recipe == RULES else ("rules",)


class ModelWidget(Widget):
    """The audit of a whole model with what it is said to be. `found` is the audit; `study` its settings."""

    shows_answers = False  # but those of its own room

    def __init__(self, model: Any, recipe: Any, alpha: float):
        settings = ModelStudy(alpha=alpha)
        if model is not None:
            settings.take(called(model), model)
        if recipe is not None:
            settings.declare(recipe)
        self._room = Room(feed_of_model(settings), own=False)
        super().__init__([self._room.feed], self._room.closer.layout, bar=False, also=self._room.closer.followers)
        self._room.closer.over = self.overlaid
        watch(self._room.feed, self._renew, "answer")

    def _renew(self, _event) -> None:
        self.keeper.renew()

    @property
    def found(self) -> Audit:
        """The audit by the settings now, made at once if it is not there yet.

        Raises:
            TypeError, ValueError: the recipe cannot be read or applied.
        """
        return self._room.feed.result.audit

    def show(self) -> None:
        """It follows its own answer by itself."""

    def redraw(self) -> None:
        """Show what was found in another way."""
        self._room.closer.redraw()

    def kept(self) -> str:
        """The verdict, the picture and the table."""
        return self._room.closer.kept()

    def still(self) -> str:
        """The same of the settings now."""
        self.found  # noqa: B018 - is there then, or says why not
        return self._room.closer.whole()


def called(model: Any) -> str:
    """What a model is called: a file by its name, anything else by its class."""
    return Path(model).name if isinstance(model, str | PathLike) else type(model).__name__


def audit(model: Any = None, recipe: Any = None, alpha: float = 0.01) -> ModelWidget:
    """Whether every tensor of a model looks as it is said to: verdict, spread by layer, and a table that sorts.

    >>> import numpy as np
    >>> widget = audit({"kernel": np.ones((8, 8)), "bias": np.zeros(8)}, {"**/bias": "zeros", "**/kernel": "zeros"})
    >>> bool(widget.found), [row.tensor.path for row in widget.found.failed]
    (False, ['kernel'])

    Args:
        model: anything that `initviz.audit` takes; without one an example.
        recipe: what it is said to be initialized as: the name of a recipe, a .toml file, rules as a dict, a `Recipe`.
        alpha: how often an audit of a model that is as declared may find anything at all.

    Raises:
        TypeError, ValueError: the model has no tensors, or the recipe cannot be read; the message says what to pass.
    """
    return ModelWidget(model, recipe, alpha)
