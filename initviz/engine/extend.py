"""All that initviz needs of `jax.extend`, jax's interface for its extensions, which may change with any release.

Tried on jax 0.10 and 0.12. There is no way around: the comparison with jax is made of it.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import jax
from jax.extend import core


def kept_nowhere(function: Callable[..., jax.Array], *arguments: jax.Array) -> jax.Array:
    """`function(*arguments)` step by step, as jax does outside of `jit`, with programs that are thrown away.

    jax itself keeps up to 4096 of them, and each new shape of a draw takes several: 2 MB to 4 MB a shape.
    """
    whole = jax.make_jaxpr(function)(*arguments)
    variables = (*whole.jaxpr.constvars, *whole.jaxpr.invars)
    known = dict(zip(variables, (*whole.consts, *arguments), strict=True))

    def values(of: Sequence[Any]) -> list[Any]:
        return [each.val if isinstance(each, core.Literal) else known[each] for each in of]

    for step in whole.jaxpr.eqns:
        inner, given = step.params.get("jaxpr"), values(step.invars)
        run = core.jaxpr_as_fun(inner) if inner else partial(step.primitive.bind, **step.params)
        results = jax.jit(run).lower(*given).compile()(*given)
        known |= dict(zip(step.outvars, results if step.primitive.multiple_results else [results], strict=True))
    return values(whole.jaxpr.outvars)[0]
