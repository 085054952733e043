"""Which numbers a seed gives: every generator of the installed jax beside the printed examples of its documentation."""

import ast
import re
from dataclasses import dataclass
from functools import cache, partial
from inspect import getdoc

import jax
import jax.numpy as jnp
import numpy as np

from initviz import engine
from initviz.answers.answer import Answer
from initviz.initializers import CLASSES, jax_name
from initviz.laws.base import scale_uniform
from initviz.laws.ensembles import Ensemble, Iid, Stacked
from initviz.probes.base import Probe, ignore
from initviz.settings.choices import generators

EXAMPLE_SEED = 42
EXAMPLE_ULPS = 16
"""Allowed, of the largest weight: the last places of a scaled normal or a QR differ between jax releases."""
SMALL = 2**12
"""Most weights of an orthogonal matrix that is drawn by every generator."""
FLIPPED = "jax 0.5.0 turned jax_threefry_partitionable on by default"
STABILITY = {
    "rbg": "may change with backend and compiler version",
    "unsafe_rbg": "may change with backend and compiler version; split and fold_in are cheap and less random",
}


@dataclass(frozen=True, eq=False)
class Example:
    """The example that the docstring of a `jax.nn.initializers` function prints: drawn with key 42 in float32."""

    arguments: tuple
    shape: tuple[int, ...]
    values: np.ndarray


@dataclass(frozen=True)
class Row:
    """One generator with the flag on or off."""

    generator: str
    partitionable: bool
    in_force: bool
    """Whether the question asks for it."""
    first: tuple
    """Three weights drawn alone from the question's law, key and dtype: where `prefix` holds, the first of its draw.

    Of an orthogonal matrix the first three that are not 0 by rule, and none of one with more than `SMALL` weights."""
    reproduces: bool | None
    """Whether it gives the printed example; None if none is printed."""
    prefix: bool
    """Whether three weights drawn alone are the first three of six."""
    vmap: bool
    """Whether draws for a batch of keys under `jax.vmap` are those of a loop over them."""
    remark: str


@dataclass(frozen=True)
class RandomnessResult:
    """A row for every generator and flag, and what they come to."""

    rows: tuple[Row, ...]
    example: Example | None
    summary: str


@cache
def printed_example(function: str) -> Example | None:
    """The example in the installed docstring of that reference function; None if it prints none."""
    text = (getdoc(getattr(jax.nn.initializers, jax_name(function), None)) or "").replace("<BLANKLINE>", "")
    drawn = re.search(r"\(jax\.random\.key\(42\), (\([\d, ]+\)), jnp\.float32\).*\n\s*Array\((\[[^A-Za-df-z]*\])", text)
    built = re.search(r"initializer = jax\.nn\.initializers\.\w+\((.*)\)", text)
    if drawn is None:
        return None
    arguments = ast.literal_eval(f"({built[1]},)") if built and built[1] else ()
    return Example(arguments, ast.literal_eval(drawn[1]), np.array(ast.literal_eval(drawn[2]), np.float32))


@partial(jax.jit, static_argnames=("generator", "dtype"))
def _uniforms(keys, generator: str, dtype):
    """Six uniforms of the first key, three of every key by a loop, by vmap, and three of the second in a dtype."""
    keys = jax.random.wrap_key_data(keys, impl=generator)
    six = jax.random.uniform(keys[0], (6,))
    loop = jnp.stack([jax.random.uniform(key, (3,)) for key in keys])
    own = loop[1] if dtype == loop.dtype else jax.random.uniform(keys[1], (3,), dtype)
    return six, loop, jax.vmap(lambda key: jax.random.uniform(key, (3,)))(keys), own


def _real(ensemble: Ensemble) -> bool:
    return ensemble.independent and not ensemble.complex


def _from_uniforms(ensemble: Ensemble, uniforms, dtype) -> np.ndarray:
    """Weights made of these uniforms on [0, 1)."""
    return np.asarray(ensemble.law.draw(lambda key, dtype, low, high: scale_uniform(uniforms, low, high), None, dtype))


class Randomness(Probe):
    """The question's generator and flag among all others; they are settings of the `Study`, as the seed is."""

    title = "Random numbers"

    def answer(self, result: Answer, progress=ignore) -> RandomnessResult:
        """A row for every generator of the installed jax, with `jax_threefry_partitionable` on and off.

        Raises:
            ValueError: the weights were given, not drawn.
        """
        question = result.question
        if question.weights:
            raise ValueError("random numbers need a draw, got weights that were given. Choose draw instead.")
        example = printed_example(question.function)
        settings, rows = [(name, flag) for name in generators() for flag in (True, False)], []
        with question.in_force():
            for done, (name, flag) in enumerate(settings, 1):
                # For real laws the flag is threefry2x32's alone: the draws of the others are not made twice.
                same = rows and rows[-1].generator == name != "threefry2x32" and _real(result.plan.ensemble)
                with jax.threefry_partitionable(flag or bool(same)):
                    rows.append(_row(result, example, name, flag))
                progress(done / len(settings))
        return RandomnessResult(tuple(rows), example, _summary(result, rows))


def _row(result: Answer, example: Example | None, generator: str, flag: bool) -> Row:
    question, plan = result.question, result.plan
    keys = [jax.random.key(seed, impl=generator) for seed in (EXAMPLE_SEED, question.seed)]
    data = np.stack([np.asarray(jax.random.key_data(key)) for key in keys])
    real, ensemble = _real(plan.ensemble), plan.ensemble
    one = Iid(ensemble.unit) if isinstance(ensemble, Stacked) else ensemble  # of scale 1, which is scaled below
    six, loop, mapped, own = _uniforms(data, generator, plan.dtype if real else np.dtype(np.float32))
    if engine.made_in_parts(one, keys[1]):
        first = engine.draw(one, keys[1], (3,), plan.dtype)  # to the last digit those of the result
    elif real:
        first = _from_uniforms(one, own, plan.dtype)
    elif one.independent:
        first = one.sample(keys[1], (3,), plan.dtype)
    else:
        first = engine.draw(one, keys[1], plan.shape, plan.dtype) if plan.size <= SMALL else np.zeros(0)
    first = np.asarray(first).ravel()
    if isinstance(ensemble, Stacked):
        first = ensemble.scaled(first, np.arange(first.size) % plan.size)
    if plan.ensemble.sparse:
        first = first[first != 0]
    reproduces = None
    if example is not None:
        names = CLASSES[question.function].arguments
        arguments = dict(zip(names, example.arguments, strict=False))
        ensemble = CLASSES[question.function](**arguments).plan(example.shape, "float32").ensemble
        found = (
            _from_uniforms(ensemble, six, np.float32).reshape(example.shape)
            if _real(ensemble)
            else np.asarray(ensemble.sample(keys[0], example.shape, np.dtype(np.float32)))
        )
        allowed = EXAMPLE_ULPS * np.spacing(np.abs(example.values).max())
        reproduces = bool(np.all(np.abs(found - example.values) <= allowed))
    return Row(
        generator,
        flag,
        (generator, flag) == (question.generator, question.partitionable),
        tuple(first[:3].tolist()),
        reproduces,
        bool(np.array_equal(loop[0], six[:3])),
        bool(np.array_equal(loop, mapped)),
        STABILITY.get(generator, ""),
    )


def _described(row: Row) -> str:
    return f"{row.generator} with the flag {'on' if row.partitionable else 'off'}"


def _summary(result: Answer, rows: list[Row]) -> str:
    """Which settings reproduce the printed example, and which one is in force."""
    function = jax_name(result.question.function)
    (now,) = (row for row in rows if row.in_force)
    use = f"This draw uses {_described(now)}"
    if now.reproduces is None:
        return f"jax prints no example of {function}. {use}; {FLIPPED}."
    matching = [row for row in rows if row.reproduces]
    if len(matching) == len(rows):
        return f"Every generator reproduces the printed example of {function}, which ignores the key. {use}; {FLIPPED}."
    if not matching:
        return f"No generator reproduces the printed example of {function}. {use}; {FLIPPED}."
    verb = "which reproduces it" if now.reproduces else "which gives other numbers"
    return (
        f"The printed example of {function} is reproduced by {' and '.join(map(_described, matching))}. "
        f"{use}, {verb}; {FLIPPED}."
    )
