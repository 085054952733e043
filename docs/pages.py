"""Pages of the site that are made of what stands elsewhere: texts, notebooks, and the gallery, of the presets."""

import os
import re
from html import escape
from pathlib import Path

from initviz.study.presets import PRESETS

ROOT = Path(__file__).parents[1]
DOCS, NOTEBOOKS = ROOT / "docs", ROOT / "notebooks"
LESSONS = DOCS / "lessons"
COPIES = {
    ROOT / "README.md": DOCS / "guide.md",
    ROOT / "CONTRIBUTING.md": DOCS / "contributing.md",
    ROOT / "CHANGELOG.md": DOCS / "changelog.md",
    ROOT / "benchmarks" / "RESULTS.md": DOCS / "measurements.md",
}
"""Pages by where they are copied from; those of .gitignore."""
EXPLORER = "http://localhost:5006/explorer"
"""Where `initviz` answers on the reader's machine."""
LINK = re.compile(r"(?<=\]\()([^)\s#:]+)(?=[)#])")
GALLERY = """# Gallery

Each picture is a question that the explorer answers. Its link opens the explorer in that very state, on your machine:
start it first, with

```sh
initviz
```

which answers at <{explorer}>. Think before you look: every picture shows what came of it.

{entries}
"""
ENTRY = """## {title}

**{question}** {predict}

[![The explorer: {title}](gallery/{name}.webp)]({explorer}{link})

{answer}

[Open it in the explorer]({explorer}{link}) · after {source}
"""


def write(notebooks: Path) -> None:
    """Make all pages, and leave alone those that would not change.

    Args:
        notebooks: the folder whose notebooks are shown.
    """
    for source, page in COPIES.items():
        text = source.read_text().replace("# initviz\n", "# Guide\n", 1)
        keep(page, relinked(text, source, page))
    LESSONS.mkdir(exist_ok=True)
    sources = [path for path in sorted(NOTEBOOKS.iterdir()) if path.suffix in (".ipynb", ".md", ".png", ".svg")]
    for old in {path.name for path in LESSONS.iterdir()} - {path.name for path in sources}:
        (LESSONS / old).unlink()
    for source in sources:
        page, shown = LESSONS / source.name, notebooks / source.name if source.suffix == ".ipynb" else source
        if source.suffix in (".ipynb", ".md"):
            keep(page, relinked(shown.read_text(), source, page))
        else:
            keep(page, source.read_bytes())
    keep(DOCS / "gallery.md", gallery())


def keep(path: Path, content: str | bytes) -> None:
    """Write a file that has not this content yet."""
    content = content.encode() if isinstance(content, str) else content
    if not path.exists() or path.read_bytes() != content:
        path.write_bytes(content)


def relinked(text: str, source: Path, page: Path) -> str:
    """A text whose links to files of the repository, from where it stands, lead to their pages, from where it goes."""

    def lead(link: re.Match) -> str:
        target = Path(os.path.normpath(source.parent / link[1]))
        if not target.is_file():
            return link[1]
        target = COPIES.get(target, target)
        if target.parent == NOTEBOOKS:
            target = LESSONS / target.name
        return os.path.relpath(target, page.parent)

    return LINK.sub(lead, text)


def gallery() -> str:
    """Every preset: its picture, the question, and a link."""
    entries = [
        ENTRY.format(
            name=name, title=preset.title[:1].upper() + preset.title[1:], question=escape(preset.question),
            predict=escape(preset.predict), answer=escape(preset.answer), source=escape(preset.source),
            link=preset.link, explorer=EXPLORER,
        )
        for name, preset in PRESETS.items()
    ]  # fmt: skip
    return GALLERY.format(entries="\n".join(entries), explorer=EXPLORER)
