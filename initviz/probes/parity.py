"""Whether a draw is that of the installed jax: the same call of `jax.nn.initializers`, compared weight by weight."""

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import jax
import jax.numpy as jnp
import numpy as np

from initviz.answers.answer import Answer
from initviz.answers.question import Question
from initviz.checks.observation import WHOLE
from initviz.engine.extend import kept_nowhere
from initviz.initializers import THEMSELVES, jax_name
from initviz.probes.base import Probe, ignore
from initviz.wording import plain, several


@dataclass(frozen=True)
class ParityResult:
    """How far a draw is from `reference`. `note` says why nothing was compared, where `compared` is 0."""

    identical: bool
    ulps: float
    """Largest difference in units in the last place of the reference's weight; NaN where nothing was compared.

    Of an orthogonal matrix in those of its scale, since QR mixes the entries. Infinite where only one is NaN."""
    compared: int
    """Number of weights compared."""
    note: str
    reference: str
    """The function compared with."""

    @property
    def text(self) -> str:
        """One line for a badge."""
        if self.note:
            return f"not compared with {self.reference}: {self.note}"
        found = "identical to" if self.identical else f"at most {plain(self.ulps, 3)} ulp from"
        return f"{found} {self.reference} ({several(self.compared, 'weight')}, jax {jax.__version__})"


def reference_weights(question: Question, shape: tuple[int, ...]) -> np.ndarray:
    """What the installed `jax.nn.initializers` draws for a question, in this shape and the dtype asked for.

    Raises:
        AttributeError, TypeError, ValueError, ZeroDivisionError: where the reference does.
    """
    name = jax_name(question.function)
    function = getattr(jax.nn.initializers, name)
    asked = question.initializer
    initializer = function if name in THEMSELVES else function(**{x: getattr(asked, x) for x in asked.law_arguments()})
    with question.in_force():
        return np.asarray(kept_nowhere(lambda key: initializer(key, shape, jnp.dtype(question.dtype)), question.key))


def ulps_apart(found: np.ndarray, reference: np.ndarray, scale: float | None = None) -> float:
    """Largest distance of two arrays of one dtype, in units in the last place of the reference's modulus or of `scale`.

    Both parts of complex weights are compared. Values equal, or NaN in both, are 0 apart; NaN in one, infinitely far.
    """
    info = jnp.finfo(reference.dtype)
    wide = np.complex128 if np.iscomplexobj(reference) else np.float64
    found, reference = found.astype(wide), reference.astype(wide)
    modulus = np.abs(reference) if scale is None else np.full(reference.shape, float(scale))
    with np.errstate(invalid="ignore"):
        _, exponent = np.frexp(np.where(np.isfinite(modulus), modulus, 0.0))
        unit = np.maximum(np.ldexp(1.0, exponent - 1 - info.nmant), float(info.smallest_subnormal))
        parts = [
            np.where((a == b) | (np.isnan(a) & np.isnan(b)), 0.0, np.abs(a - b))
            for a, b in ((found.real, reference.real), (found.imag, reference.imag))
        ]
    distance = np.maximum(*parts) / unit
    return float(np.max(np.where(np.isnan(distance), np.inf, distance), initial=0.0))


_COMPARED: WeakKeyDictionary[Answer, ParityResult] = WeakKeyDictionary()


class Parity(Probe):
    """This draw against that of the installed jax: function, arguments, key, shape, dtype and flags alike."""

    title = "Agreement with jax"
    rest = 3000  # jax compiles its draw for every shape, which takes longer than an answer: not while somebody chooses
    beside = True
    share = 0.2

    def answer(self, result: Answer, progress=ignore) -> ParityResult:
        """How many ulps apart the weights are, found once for an answer, which pages may share: see `ParityResult`."""
        if result not in _COMPARED:
            _COMPARED[result] = self._compare(result, progress)
        return _COMPARED[result]

    def _compare(self, result: Answer, progress) -> ParityResult:
        question = result.question
        reference = f"jax.nn.initializers.{jax_name(question.function)}"
        if question.weights:
            return _not_compared("the weights were not drawn here", reference)
        if not result.plan.size:
            return _not_compared("there are no weights", reference)
        if result.plan.size > WHOLE:
            return _not_compared(f"{result.plan.size:,} weights are more than {WHOLE:,}", reference)
        try:
            expected = reference_weights(question, result.plan.shape)
        except (AttributeError, TypeError, ValueError, ZeroDivisionError) as refusal:
            return _not_compared(f"jax {jax.__version__} refuses: {refusal}", reference)
        progress(0.5)
        block = result.plan.ensemble.block
        distance = ulps_apart(result.weights, expected, block and block.scale)
        progress(1.0)
        return ParityResult(distance == 0, distance, expected.size, "", reference)


def _not_compared(note: str, reference: str) -> ParityResult:
    return ParityResult(False, float("nan"), 0, note, reference)
