"""Every work that the code and the notebooks cite stands once, in full, in the references, and nothing else does."""

import json
import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
NAME = r"[A-ZŻ][\w’'-]+"
CITED = re.compile(rf"({NAME}(?:(?:, | & ){NAME})*(?: et al\.)?,? (?:18|19|20)\d\d)\b")
ISSUE = re.compile(r"\b([\w-]+ (?:issue|PR) #?\d+)\b")
MONTHS = re.compile(r"(?:January|February|March|April|May|June|July|August|September|October|November|December) ")


def code() -> str:
    """All text of the package, its recipes and the notebooks, lines joined: a citation over two lines is whole."""
    texts = (path.read_text() for end in ("py", "toml") for path in sorted((ROOT / "initviz").rglob(f"*.{end}")))
    return " ".join(re.sub(r"\s*\n\s*(?:# )?", " ", text) for text in [*texts, *prose()])


def prose() -> list[str]:
    """What the notebooks say in words."""
    notebooks = (json.loads(path.read_text()) for path in sorted((ROOT / "notebooks").glob("*.ipynb")))
    return ["".join(cell["source"]) for each in notebooks for cell in each["cells"] if cell["cell_type"] == "markdown"]


def cited() -> set[str]:
    found = {each.replace(",  ", " ") for pattern in (CITED, ISSUE) for each in pattern.findall(code())}
    return {re.sub(r",(?= \d{4}$)", "", each) for each in found if not MONTHS.match(each)}


def entries() -> list[str]:
    return re.findall(r"^- \*\*(.+?)\*\*", (ROOT / "docs" / "references.md").read_text(), re.MULTILINE)


def test_every_citation_has_its_entry_and_every_entry_is_cited():
    assert cited() == set(entries())


def test_every_entry_stands_once():
    assert [name for name, times in Counter(entries()).items() if times > 1] == []
