"""Numbers as LaTeX and as text."""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

import jax
import numpy as np
from jax.typing import ArrayLike


def number(x: ArrayLike) -> str:
    """Four significant digits; a middle dot for a tracer, which has no value yet; of an array along one axis the
    numbers in a row, of any other the shape."""
    if isinstance(x, jax.core.Tracer):
        return r"\cdot"
    if is_row(x):
        texts = shortened([number(each) for each in np.ravel(x)], r"\ldots")
        return "(" + r",\ ".join(texts) + ")"
    if np.ndim(x):
        return r"\text{values of shape }" + r" \times ".join(map(str, np.shape(x)))
    value = complex(x)
    if value.imag:
        return f"{number(value.real)} {'-' if value.imag < 0 else '+'} {number(abs(value.imag))} i"
    value = value.real
    if not np.isfinite(value):
        return {"inf": r"\infty", "-inf": r"-\infty"}.get(str(value), r"\mathrm{NaN}")
    if value == int(value) and abs(value) < 1e9:
        return str(int(value))
    mantissa, _, exponent = f"{value:.4g}".partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa


SHOWN = 8
"""Most numbers of a row that are written out."""


def shortened(texts: list[str], dots: str = "…") -> list[str]:
    """Texts with dots for those in the middle of a long row."""
    return texts if len(texts) <= SHOWN else [*texts[:3], dots, texts[-1]]


def is_row(x: Any) -> bool:
    """Whether it is an array with several numbers along one of its axes: a scale for each slice."""
    return hasattr(x, "__array__") and np.ndim(x) > 1 and np.size(x) == max(np.shape(x)) > 1


def in_a_row(x: ArrayLike) -> str:
    """Numbers as text between commas: 1, 0.5, 0.25."""
    return ", ".join(shortened([plain(float(each)) for each in np.ravel(x)]))


def said(value: Any) -> str:
    """A number, a row of numbers or anything else as text in one line."""
    if isinstance(value, int | float | np.integer | np.floating):
        return plain(float(value))
    return in_a_row(value) if is_row(value) else " ".join(str(value).split())


def squared(x: ArrayLike) -> str:
    """The square of a number, not yet computed: (1 · 10⁻⁵)²."""
    text = number(x)
    return rf"({text})^2" if "cdot" in text else f"{text}^2"


WRITTEN = {
    r"\\(mathrm|mathcal|mathbb|operatorname|text)\{([^{}]*)\}": r"\2", r"\\sqrt\{([^{}]*)\}": r"√(\1)",
    r"\\frac\{([^{}]*)\}\{([^{}]*)\}": r"(\1) / (\2)", r"\^2": "²", r"\^\\top": "ᵀ",
}  # fmt: skip
SYMBOLS = {"sigma": "σ", "mu": "μ", "Phi": "Φ", "ell": "ℓ", "sim": "∼", "cdot": "·", "times": "×", "in": "∈",
           "leftarrow": "←", "lfloor": "⌊", "rfloor": "⌋", "infty": "∞", "pi": "π", "leq": "≤", "geq": "≥"}  # fmt: skip


def written(latex: str) -> str:
    """A formula as text that can be read out: σ² = s / n = 2 / 256 = 0.007812."""
    for pattern, text in WRITTEN.items():
        latex = re.sub(pattern, text, latex)
    latex = re.sub(r"\\([A-Za-z]+)", lambda name: SYMBOLS.get(name[1], name[1]), latex.replace("\\ ", " "))
    latex = re.sub(r"(?<!\w)\(([\w.]+)\)(?= / )|(?<= / )\(([\w.]+)\)", r"\1\2", latex)
    return " ".join(re.sub(r"\\.|[{}]", "", latex).split())


def quoted(value: Any) -> str:
    """A value as it is quoted in a message: not more than 40 characters of it."""
    try:
        return repr(cut(value)) if isinstance(value, str) else cut(repr(value))
    except (ValueError, RecursionError):  # more than 4300 digits, or nested too deeply
        return type(value).__name__


def printable(text: str) -> str:
    """A text of a stranger as it can be shown: line ends, control characters, marks that turn the direction of
    writing and halves of characters are spelled out.

    >>> print(printable("a\\x1b[2J b"))
    a\\x1b[2J b
    """
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)


def cut(text: str) -> str:
    """The first 40 characters of a text, with dots where it goes on."""
    return text if len(text) <= 40 else text[:37] + "..."


def near(name: Any, names: Iterable[str], otherwise: str = "Leave it out.") -> str:
    """Which of these names was probably meant, whatever its case and underscores, as a question; or how to go on."""
    plain_names = {_letters(each): each for each in names}
    found = get_close_matches(_letters(name), plain_names, 1, cutoff=0.65) if isinstance(name, str) else []
    return f"Did you mean {plain_names[found[0]]}?" if found else otherwise


def _letters(name: str) -> str:
    """The start of a name in lower case, without what separates words."""
    return name[:40].lower().replace("_", "").replace(" ", "")


def plain(x: float | None, digits: int = 4, sign: str = "") -> str:
    """A number as text: that many significant digits, more for a whole part below a billion; a dash for no number.

    With the sign "+" positive numbers have one, too.
    """
    if x is None or np.isnan(x):
        return "–"
    if np.isinf(x):
        return "∞" if x > 0 else "−∞"
    whole = len(f"{abs(x):.0f}") if abs(x) < 1e9 else 0
    return f"{x or 0.0:{sign},.{max(digits, whole)}g}".replace("-", "−")  # 0 has no minus


def short(code: str) -> str:
    """Code with numbers of four significant digits, as it is read in a title, not copied.

    >>> short("orthogonal(scale=1.0246950765959597)")
    'orthogonal(scale=1.025)'
    """
    return re.sub(r"\d+\.\d{4,}(e[+-]?\d+)?", lambda number: f"{float(number[0]):.4g}", code)


def several(count: float, thing: str) -> str:
    """So many things: 1 layer, 5 layers."""
    return f"{plain(count)} {thing}" + ("" if count == 1 else "s")


def apart(low: float, high: float) -> tuple[str, str]:
    """Two numbers as text, with as many digits, up to 7, as tell them apart."""
    digits = next((n for n in range(4, 7) if plain(low, n) != plain(high, n)), 7)
    return plain(low, digits), plain(high, digits)


def percent(share: float) -> str:
    """A share as text: 99 %."""
    return f"{100 * share:.0f} %"


def share_of(share: float) -> str:
    """How many of the weights: every weight, about 12 % of them, or about 1 weight in 900."""
    if share >= 0.9995:
        return "every weight"
    if share >= 0.01:
        return f"about {100 * share:.2g} % of the weights"
    return f"about 1 weight in {plain(float(f'{1 / share:.2g}'))}"
