"""What is on show, held still while files of it are made."""

import json
import re
from dataclasses import dataclass
from typing import Any, Self

from initviz.answers.answer import Answer
from initviz.compare.links import to_query
from initviz.models import Audit
from initviz.models.study import OWN
from initviz.networks.question import NetworkQuestion
from initviz.study import Study
from initviz.views.fans import fans
from initviz.views.histogram import histogram
from initviz.views.picture import Picture
from initviz.views.programs import again
from initviz.views.spectrum import spectrum
from initviz.wording import quoted


@dataclass(frozen=True, eq=False)
class Shown:
    """An answer with the settings it is to, and the view of it that is open."""

    answer: Answer
    settings: dict[str, Any] | None
    """Of the study as plain JSON; None where they cannot be written."""
    link: str
    """The same as the query of an address."""
    unwritten: str
    """Why they cannot be written; empty where they are."""
    pictures: tuple[Picture, ...]
    view: str = ""
    """The name that `Study.look` has for what is open."""
    title: str = ""
    """What the view is called on the page; empty for the draw itself."""
    said: str = ""
    """What the view says, as HTML; nothing where that follows from the answer."""
    compared: dict[str, Any] | None = None
    """What is compared as plain JSON, if the view has draws of its own."""
    of: str = ""
    """How names of the view's files begin, if not as those of the draw."""
    audit: Audit | None = None
    """Of the model, in the view of one."""

    @classmethod
    def by(cls, study: Study, answer: Answer, pictures: tuple[Picture, ...], compared: Any = None, **view: Any) -> Self:
        """What a study, or a comparison beside it, shows: settings that may change afterwards."""
        try:
            if view.get("audit") is not None and study.model.example == OWN:
                raise ValueError(
                    f"the model must be an example to be written, got {quoted(study.model.own.name)}. "
                    "Pass its file: initviz audit FILE, or initviz.audit(file)."
                )
            settings, link, unwritten = study.to_dict(), study.to_link(), ""
            others = None
            if compared is not None:
                others, link = compared.to_dict(), link + to_query(compared)
        except ValueError as refusal:
            settings, link, unwritten, others = None, "", str(refusal), None
        return cls(answer, settings, link, unwritten, pictures, compared=others, **view)

    def json(self) -> str:
        """The settings as JSON.

        Raises:
            ValueError: they cannot be written.
        """
        return json.dumps(self._written(self.settings), ensure_ascii=False, indent=2) + "\n"

    def json_of_compared(self) -> str:
        """What is compared as JSON.

        Raises:
            ValueError: it cannot be written.
        """
        return json.dumps(self._written(self.compared), ensure_ascii=False, indent=2) + "\n"

    def again(self) -> str:
        """Python that finds this view again.

        Raises:
            ValueError: the settings cannot be written.
        """
        return again(self._written(self.link) if self.compared is None else self.compared, self.view)

    def _written(self, settings: Any) -> Any:
        if self.unwritten:
            raise ValueError(self.unwritten)
        return settings

    @property
    def stem(self) -> str:
        """How names of files of the draw begin."""
        return stem(self.answer)

    @property
    def view_stem(self) -> str:
        """How names of files of the view begin."""
        return self.of or "-".join(filter(None, (self.stem, self.view.lower())))


def of_draw(study: Study, answer: Answer | None = None) -> Shown:
    """What the draw of a study shows."""
    answer = answer or study.answer()
    return Shown.by(study, answer, pictures(answer, study.weights_as, study.spectrum_as))


def pictures(answer: Answer, weights_as: str, spectrum_as: str) -> tuple[Picture, ...]:
    """Every picture of a draw, drawn in these ways."""
    plan = answer.plan
    return histogram(answer, kind=weights_as), spectrum(answer, kind=spectrum_as), fans(plan.shape, plan.roles)


def stem(answer: Answer) -> str:
    """How names of files of a draw begin.

    >>> stem(Study("he_normal", shape=(8, 4), seed=3).answer())
    'initviz-he_normal-8x4-float32-seed3'
    """
    question, plan = answer.question, answer.plan
    drawn = "given" if question.weights is not None else f"seed{question.seed}"
    return _joined(question.function, "x".join(map(str, plan.shape)) or "scalar", str(plan.dtype), drawn)


def stem_of_network(question: NetworkQuestion) -> str:
    """How names of files of a network begin.

    >>> stem_of_network(Study("he_normal", seed=3).network.question)
    'initviz-he_normal-network-50x256-seed3'
    """
    sizes = dict(question.fields)
    return _joined(question.function, "network", f"{sizes['depth']}x{sizes['width']}", f"seed{question.seed}")


def stem_of_compared(names: tuple[str, ...]) -> str:
    """How names of files of several draws begin, by their names in the legend.

    >>> stem_of_compared(("he_normal()", "mine"))
    'initviz-compared-he_normal-mine'
    """
    return _joined("compared", *(name.removesuffix("()") for name in names))[:100]


def stem_of_model(name: str) -> str:
    """How names of files of the audit of a model begin.

    >>> stem_of_model("model.safetensors")
    'initviz-audit-model.safetensors'
    """
    return _joined("audit", name)[:100]


def _joined(*parts: str) -> str:
    return re.sub(r"[^\w.-]", "_", "-".join(("initviz", *parts)))
