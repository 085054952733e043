"""The table of docs/comparison.md that compares what draws weights, and how a cell of it is looked up in a module."""

import inspect
import re
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "comparison.md"
NAMES = {
    "draws convolutions that are orthogonal as maps (delta-orthogonal)": r"delta",
    "draws sparse weights": r"sparse",
    "draws identities": r"^(eye|identity|dirac)",
    "draws the kernel of a short-time Fourier transform": r"stft",
    "recommends a gain for an activation": r"gain",
    "tells the fans that it counted": r"fan",
    "tells whether given weights look as if it had drawn them": r"check|judge|observe|looks_like",
    "reads calls of the others": r"^(translate|parse)",
}
"""What a public name of a module has in it that does what the row says."""
ARGUMENTS = {
    "axes of a kernel can be named as inputs and outputs": r"^in(put)?_ax[ei]s$",
    "axes of independent copies can be named": r"^batch_ax[ei]s$",
}
"""What an argument of one of its initializers is called."""


def table() -> dict[str, dict[str, str]]:
    """The cells by the row's words and the column's."""
    rows = re.findall(r"^\|(.+)\|$", PAGE.read_text().partition("## Beside what looks")[0], re.MULTILINE)
    (_, *columns), _, *cells = [[cell.strip() for cell in row.split("|")] for row in rows]
    return {name: dict(zip(columns, said, strict=True)) for name, *said in cells}


def looked_up(module, initializer) -> dict[str, str]:
    """A column: what a module of initializers has, by its public names and the arguments of one that counts fans."""
    names = [name.lower() for name in dir(module) if not name.startswith("_")]
    arguments = inspect.signature(initializer).parameters
    found = {row: any(re.search(pattern, name) for name in names) for row, pattern in NAMES.items()}
    found |= {row: any(re.search(pattern, name) for name in arguments) for row, pattern in ARGUMENTS.items()}
    return {row: "yes" if has else "no" for row, has in found.items()}


def column(name: str) -> dict[str, str]:
    """What the page says of one module."""
    return {row: cells[name] for row, cells in table().items()}
