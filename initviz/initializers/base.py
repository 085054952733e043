"""What every initializer is: a param model of its arguments that explains itself by returning what it will sample."""

import inspect
from collections.abc import Iterable
from contextlib import suppress
from html import escape
from types import EllipsisType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import NamedSharding, PartitionSpec
from jax.typing import DTypeLike

from initviz.fans.by_shape import canonical_shape
from initviz.initializers.knobs import Dtype, canonical_dtype, is_traced
from initviz.initializers.plan import Plan, Step
from initviz.initializers.sketch import shown
from initviz.initializers.slices import spread
from initviz.initializers.warnings import draw_warnings
from initviz.laws.base import Law
from initviz.laws.ensembles import Iid, Stacked
from initviz.laws.stacked import numbers_of
from initviz.laws.tools import JAX, JaxTools
from initviz.matrices.unfolding import Unfolding, unfold
from initviz.settings.copies import Copied
from initviz.wording import plain

EXAMPLES = ((256, 256), (3, 256, 256), (3, 3, 64, 64))
"""Shapes that an initializer is shown on, the first that it takes."""


class Initializer(Copied):
    """A weight initializer: call it as (key, shape, dtype) for weights, or ask its `plan(shape)` how it draws them."""

    function = ""
    """Name of the reference function that builds this class."""
    family = ""
    """Heading under which it is listed."""
    arguments: tuple[str, ...] = ("dtype",)
    """Arguments of the reference function, in order."""
    required: tuple[str, ...] = ()
    """Those without a default."""
    by_fans = False
    """Whether the variance is a scale divided by a fan."""
    shardable = True
    """Whether `out_sharding` is implemented; the reference has none for orthogonal draws."""

    dtype = Dtype(None, allow_refs=False, doc="Dtype where a call gives none; None is the default float.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(**self.signature().bind_partial(*args, **kwargs).arguments)
        self.check()

    @classmethod
    def law_arguments(cls) -> tuple[str, ...]:
        """Those that the law depends on: all but the dtype, which a draw has."""
        return tuple(name for name in cls.arguments if name != "dtype")

    @classmethod
    def signature(cls) -> inspect.Signature:
        """Signature of the reference function, from the param declarations."""
        return inspect.Signature(
            [
                inspect.Parameter(
                    name,
                    inspect.Parameter.POSITIONAL_OR_KEYWORD,
                    default=inspect.Parameter.empty if name in cls.required else cls.param[name].default,
                )
                for name in cls.arguments
            ]
        )

    @property
    def __signature__(self) -> inspect.Signature:
        """Signature of a call, where the default dtype is the initializer's own, as in the reference."""
        call = inspect.signature(self.__call__)
        own = [p.replace(default=self.dtype) if p.default is ... else p for p in call.parameters.values()]
        return call.replace(parameters=own)

    def check(self) -> None:
        """Raise ValueError where arguments that are fine alone contradict each other."""

    def check_dtype(self, dtype: np.dtype) -> None:
        """Raise where the dtype cannot be drawn."""

    def steps(self, shape: tuple[int, ...], dtype: np.dtype) -> tuple[Step, ...]:
        """The steps from arguments and shape to the ensemble, which is the last one's value."""
        raise NotImplementedError

    def roles(self, shape: tuple[int, ...]) -> tuple[str, ...]:
        """What each axis counts as; "free" where the law does not depend on the shape."""
        return ("free",) * len(shape)

    def matrix_axes(self, shape: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The axes that run across the matrix whose singular values are shown, and those left out as a batch."""
        return (len(shape) - 1,), ()

    def warnings(self, shape: tuple[int, ...], dtype: np.dtype) -> tuple[str, ...]:
        """What the reference accepts but a user rarely means."""
        return ()

    def plan(self, shape: int | Iterable[int], dtype: DTypeLike | None = None) -> Plan:
        """How weights of this shape are drawn: named steps with formula and value, the last of which is sampled.

        Args:
            shape: sizes of the weight tensor.
            dtype: dtype of the weights; None is the initializer's own.

        Raises:
            TypeError, ValueError, IndexError: a shape, axis or dtype this initializer cannot draw, with the fix.
        """
        shape, dtype = canonical_shape(shape), canonical_dtype(self.dtype if dtype is None else dtype)
        self.check()
        there = self.over(shape)
        steps = there.steps(shape, dtype)
        self.check_dtype(dtype)
        traced = is_traced(*(getattr(self, name) for name in self.arguments))
        return Plan(
            repr(there),
            shape,
            dtype,
            steps,
            self.roles(shape),
            there.unfolding(shape, steps[-1].value.apart) if len(shape) > 1 and 0 not in shape else None,
            () if traced else (*there.warnings(shape, dtype), *draw_warnings(steps[-1].value, shape, dtype)),
        )

    def unfolding(self, shape: tuple[int, ...], apart: tuple[int, ...]) -> Unfolding:
        """The matrix whose singular values are shown; of slices that have other laws than the first, which are left
        out where at least a matrix remains."""
        columns, batch = self.matrix_axes(shape)
        found = unfold(shape, columns, batch)
        kept = tuple(axis for axis in range(len(shape)) if axis not in (*batch, *apart))
        if set(apart) <= set(found.batch) or len(kept) < 2:
            return found
        columns = tuple(axis for axis in columns if axis in kept)
        return unfold(shape, columns if 0 < len(columns) < len(kept) else kept[-1:], (*batch, *apart))

    def over(self, shape: tuple[int, ...], axes: tuple[int, ...] | None = None) -> "Initializer":
        """This initializer with numbers for slices as arrays along the stacked axis of a shape; itself without any.

        Args:
            shape: of the weights.
            axes: that are stacked there; by default those that the initializer itself counts as a batch.

        Raises:
            ValueError: no such axis is as long as there are numbers, or an array does not broadcast over the shape.
        """
        made = {}
        for name in self.arguments:
            value = getattr(self, name)
            if type(self).param[name].slices and np.ndim(value):
                there = tuple(self.stacked(shape)) if axes is None else axes
                made[name] = spread(name, value, shape, there)
        changed = any(made[name] is not getattr(self, name) for name in made)
        return type(self)(**dict(self.values()) | made) if changed else self

    def stacked(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The axes of independent copies that the initializer knows of."""
        return ()

    def __call__(
        self,
        key: jax.Array | None,
        shape: int | Iterable[int],
        dtype: DTypeLike | EllipsisType | None = ...,
        out_sharding: NamedSharding | PartitionSpec | None = None,
    ) -> jax.Array:
        """Weights of that shape and dtype, equal to those of the `jax.nn.initializers` function of the same name.

        Args:
            key: a jax PRNG key, new (`jax.random.key`) or legacy (`jax.random.PRNGKey`).
            shape: sizes of the weight tensor.
            dtype: dtype of the weights, by default the initializer's own; None is the default float, as in jax.
            out_sharding: sharding of the result, as for `jax.random.uniform`.

        Raises:
            TypeError, ValueError, IndexError: see `plan`.
            NotImplementedError: `out_sharding` for an orthogonal draw, as in jax.
        """
        if out_sharding is not None and not self.shardable:
            raise NotImplementedError(
                f"{self.function} takes no out_sharding, got {out_sharding}. "
                "Draw without it, then move the result with jax.device_put."
            )
        shape, dtype = canonical_shape(shape), canonical_dtype(self.dtype if dtype is ... else dtype)
        self.check()
        ensemble = self.over(shape).steps(shape, dtype)[-1].value
        self.check_dtype(dtype)
        return ensemble.sample(key, shape, dtype, JAX if out_sharding is None else JaxTools(out_sharding))

    def call(self, arrays: str = "{}") -> str:
        """The call of the reference function that builds it, as code; `arrays` is how it writes a list of numbers.

        >>> from initviz.initializers import constant
        >>> constant([0, 1]).call("jax.numpy.array({})")
        'constant(value=jax.numpy.array([0, 1]))'
        """
        given = []
        for name in self.arguments:
            value, knob = getattr(self, name), type(self).param[name]
            if name in self.required or not _same(value, knob.default):
                code = "<traced>" if is_traced(value) else knob.code(value)
                given.append(f"{name}={arrays.format(code) if code.startswith('[') else code}")
        return f"{self.function}({', '.join(given)})"

    def __repr__(self) -> str:
        return self.call()

    __str__ = __repr__

    def _repr_html_(self) -> str:
        """In a notebook: how it draws an ordinary kernel, and a drawing of the law."""
        for shape in EXAMPLES:
            with suppress(TypeError, ValueError, IndexError):  # it takes another number of axes
                return shown(self.plan(shape))
        return f"<p>{escape(repr(self))}</p>"


def _same(value: Any, default: Any) -> bool:
    return not is_traced(value) and np.ndim(value) == np.ndim(default) and bool(np.all(value == default))


def real_only(sampler: str, dtype: np.dtype) -> None:
    """Raise jax's ValueError for a dtype that is not real floating point."""
    if not jnp.issubdtype(dtype, jnp.floating):
        raise ValueError(
            f"dtype argument to `{sampler}` must be a float dtype, got {dtype}. "
            "Use float32, or variance_scaling or normal for complex weights."
        )
    _wide_enough(dtype)


def real_or_complex(sampler: str, dtype: np.dtype) -> None:
    """Raise jax's ValueError for a dtype that is neither real nor complex floating point."""
    if not jnp.issubdtype(dtype, jnp.inexact):
        raise ValueError(
            f"dtype argument to `{sampler}` must be a float or complex dtype, got {dtype}. Use float32 or complex64."
        )
    _wide_enough(dtype)


def _wide_enough(dtype: np.dtype) -> None:
    if jnp.issubdtype(dtype, jnp.floating) and jnp.finfo(dtype).bits not in (8, 16, 32, 64):
        raise TypeError(f"uniform only accepts 8-, 16-, 32-, or 64-bit dtypes, got {dtype}. Use float8_e5m2 or wider.")


def is_complex(dtype: np.dtype) -> bool:
    """Whether the dtype is complex."""
    return jnp.issubdtype(dtype, jnp.complexfloating)


def of_parts(std: float) -> str:
    """What the standard deviation of a complex weight is of, in words."""
    return f"of the complex weight; of its real or its imaginary part {plain(std / 2**0.5)}"


def law_steps(law: Law, shape: tuple[int, ...]) -> tuple[Step, ...]:
    """The last steps of every initializer with independent entries: std, bound, law, ensemble."""
    ensemble = Stacked.of(law, shape) if np.ndim(numbers_of(law)) else Iid(law)
    law = ensemble.law or law
    family = Step("law", r"w \sim " + law.formula, law)
    if is_traced(*jax.tree.leaves(law)):
        return family, Step("ensemble", r"W_{ij}\ \text{independent}", ensemble)
    if isinstance(ensemble, Stacked):
        return _stacked_steps(ensemble, family)
    bound = law.bound
    note = "; ".join(filter(None, (law.note, of_parts(law.power**0.5) if law.complex else "")))
    return (
        Step("std", r"\operatorname{std}(w)", law.power**0.5, note=note),
        *((Step("bound", bound[0], bound[2], bound[1]),) if bound else ()),
        family,
        Step("ensemble", r"W_{ij} \sim " + law.numbers, ensemble, note="independent"),
    )


def _stacked_steps(ensemble: Stacked, family: Step) -> tuple[Step, ...]:
    """The same where the scale differs: a number for each slice, and what it comes to for all weights together."""
    axes = ", ".join(map(str, ensemble.apart))
    each = f"for each slice along {'axis' if len(ensemble.apart) == 1 else 'axes'} {axes}" if axes else ""
    last = Step("ensemble", r"W_{ij} \sim " + ensemble.family.formula, ensemble,
                note="; ".join(filter(None, ("independent", each and f"another scale {each}"))))  # fmt: skip
    if not ensemble.marginal:
        return family, last
    unit, scales = ensemble.unit, ensemble.scales
    bound = ensemble.laws[-1].bound
    note = "; ".join(filter(None, (unit.note, each, "of complex weights" if ensemble.complex else "")))
    pooled = ensemble.marginal.std * (2**0.5 if ensemble.complex else 1)
    return (
        Step("std", r"\operatorname{std}(w)", unit.power**0.5 * scales, note=note),
        Step("std of all", r"\operatorname{std}(W)", pooled, note="of all weights together, a mixture of these laws"),
        *((Step("bound", bound[0], bound[2] * scales / scales.max()),) if bound else ()),
        family,
        last,
    )
