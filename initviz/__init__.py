"""See what a weight initializer does: every `flax.nnx` initializer, drawn live beside its exact theory.

`initviz.initializers` has the 21 reference functions, `initviz.explore` the interactive explorer for a notebook,
`initviz.Study` the same without widgets. `initviz.check` judges weights that you have: `observe` says what is seen of
them, `judge` compares that with a plan; `audit` does so for every tensor of a model. `translate` reads a call of
PyTorch or Keras. Importing this package loads nothing else: what is asked of it is loaded then, so that
`initviz --help` need not wait for jax.
"""

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # for editors and type checkers; `_HOMES` says the same to `__getattr__`, and a test compares them
    from initviz import initializers
    from initviz.answers.answer import Answer
    from initviz.checks import check, judge, observe
    from initviz.explorer.entry import explore
    from initviz.explorer.explorer import Explorer
    from initviz.layers.foreign import translate
    from initviz.models.auditing import audit
    from initviz.study import Study

__version__ = "0.1.0"
__all__ = ["Answer", "Explorer", "Study", "audit", "check", "explore", "initializers", "judge", "observe", "translate"]

_HOMES = {
    "Study": "initviz.study",
    "Answer": "initviz.answers.answer",
    "check": "initviz.checks",
    "observe": "initviz.checks",
    "judge": "initviz.checks",
    "Explorer": "initviz.explorer.explorer",
    "explore": "initviz.explorer.entry",
    "translate": "initviz.layers.foreign",
    "audit": "initviz.models.auditing",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    if find_spec(f"{__name__}.{name}"):
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module 'initviz' has no attribute {name!r}. It has {', '.join(__all__)}.")


def __dir__() -> list[str]:
    from pkgutil import iter_modules

    return sorted({*globals(), *__all__, *(room.name for room in iter_modules(__path__))})
