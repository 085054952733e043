"""What a command answers: text for people and data for programs, and how both are written."""

import json
import math
import os
import re
import shutil
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np

SCHEMA = 1
"""Version of the JSON: another one where a name changes its meaning or goes."""
COLORS = {"✓": "32", "✗": "1;31", "[█▏▎▍▌▋▊▉]+": "34", "│": "33"}
"""Which signs have a color on a terminal, as a pattern, and its code."""
SPELLED = {
    "×": "x", "·": "*", "−": "-", "–": "-", "…": "...", "²": "^2", "³": "^3", "⁻": "-", "ᵀ": "^T", "√": "sqrt",
    "σ": "sigma", "μ": "mu", "Φ": "Phi", "ℓ": "l", "π": "pi", "χ": "chi", "Σ": "sum", "∼": "~", "∈": "in", "←": "<-",
    "→": "->", "⌊": "floor(", "⌋": ")", "∞": "inf", "≤": "<=", "≥": ">=", "‖": "||", "✓": "ok", "✗": "NO", "█": "#",
    "│": "|",
}  # fmt: skip
"""What stands for a sign where the output has no such letter."""
PARTIAL = "▏▎▍▌▋▊▉"
"""Parts of a block, which are left out there."""


@dataclass(frozen=True)
class Said:
    """An answer: lines of text, data that JSON can hold, and whether all is well."""

    text: str
    data: dict[str, Any]
    fine: bool = True

    def json(self) -> str:
        """The data in one line; what is no finite number is null."""
        return json.dumps(plain_data({"schema": SCHEMA} | self.data), allow_nan=False) + "\n"

    def shown(self) -> str:
        """The text as the output can show it."""
        text = spelled(self.text, getattr(sys.stdout, "encoding", None) or "utf-8")
        return f"{colored(text) if has_colors() else text}\n"


def plain_data(value: Any) -> Any:
    """Arrays, tuples and numbers of any library as JSON has them; null for what is no finite number."""
    if isinstance(value, dict):
        return {name: plain_data(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain_data(each) for each in value]
    if isinstance(value, str | bool | int | None):
        return value
    if isinstance(value, np.bool_):
        return bool(value)
    if np.ndim(value):
        return plain_data(np.asarray(value).tolist())
    if np.iscomplexobj(value):
        return [plain_data(float(np.real(value))), plain_data(float(np.imag(value)))]
    number = float(value)
    return (int(number) if isinstance(value, np.integer) else number) if math.isfinite(number) else None


def spelled(text: str, encoding: str) -> str:
    """The text in an encoding, with other words for signs that it does not have."""
    try:
        text.encode(encoding)
        return text
    except (UnicodeEncodeError, LookupError):
        pass
    letters = (letter for letter in text if letter not in PARTIAL)
    kept = "".join(letter if _has(letter, encoding) else SPELLED.get(letter, letter) for letter in letters)
    return kept.encode(encoding, "replace").decode(encoding)


def _has(letter: str, encoding: str) -> bool:
    try:
        letter.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def has_colors() -> bool:
    """Whether the output is a terminal with colors and nobody has asked for none, see no-color.org."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def colored(text: str) -> str:
    """The text with colors for verdicts, bars and laws, in what any terminal knows."""
    for signs, code in COLORS.items():
        text = re.sub(signs, f"\x1b[{code}m\\g<0>\x1b[0m", text)
    return text


def columns() -> int:
    """How wide a terminal is, as far as it is used: 100 letters at most, 80 where there is none."""
    return max(50, min(100, shutil.get_terminal_size((80, 24)).columns))


def table(rows: list[list[str]], right: tuple[int, ...] = ()) -> list[str]:
    """Rows as lines of columns two spaces apart, those in `right` flush right."""
    count = max(map(len, rows), default=0)
    widths = [max((len(row[column]) for row in rows if column < len(row)), default=0) for column in range(count)]
    return [
        "  ".join(
            cell.rjust(widths[column]) if column in right else cell.ljust(widths[column])
            for column, cell in enumerate(row)
        ).rstrip()
        for row in rows
    ]


def indented(lines: list[str]) -> list[str]:
    """Lines moved in by two spaces."""
    return [f"  {line}".rstrip() for line in lines]
