"""For tests of models: `assert_initialized`, also as a fixture of pytest that comes with the package.

Nothing of initviz is loaded before a test asks for it.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from initviz import models

__all__ = ["assert_initialized"]


def assert_initialized(
    model: Any, recipe: "models.Recipe | Mapping[str, str] | str", alpha: float = 0.01
) -> "models.Audit":
    """Fail unless every tensor of a model looks as if it was drawn as declared; the audit, for further questions.

    >>> import jax
    >>> from initviz.initializers import lecun_normal
    >>> model = {"dense": {"kernel": lecun_normal()(jax.random.key(0), (64, 128))}}
    >>> assert_initialized(model, {"**/kernel": "lecun_normal"}).failed
    ()
    >>> assert_initialized(model, {"**/kernel": "he_normal"})  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    AssertionError: dense/kernel: he_normal says std 0.1768, found 0.1268 (0.717 times as much), ...

    Args:
        model: as for `initviz.audit`.
        recipe: what it is said to be initialized as: the name of a recipe, a .toml file, rules as a dict, a `Recipe`.
        alpha: how often a model that is as declared may fail. Fix the seed in a test: it then always ends alike.

    Raises:
        AssertionError: a tensor is not as declared, tensors are copies of each other, or a rule decides about none; the
            message names each with what was expected, observed, by what factor it is off, and the likely cause.
        TypeError, ValueError: the model has no tensors, or the recipe cannot be read.
    """
    from initviz.models import audit
    from initviz.models.words import printable, problems, untested

    found = audit(model, recipe, alpha)
    nothing = [] if found.is_tested else [untested(found)]
    wrong = "\n".join(map(printable, [*problems(found), *nothing]))
    if wrong:
        raise AssertionError(wrong)  # and no assert, to which pytest would add how it failed
    return found
