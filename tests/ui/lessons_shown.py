"""Where lessons are, what is said of a prediction, and which picture has it over it."""

import re
from pathlib import Path

from nbformat import NotebookNode
from playwright.sync_api import Page

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
KEPT = re.compile(r"Your prediction: (\S+)\. It stays")
"""Said of a prediction that is kept."""
OVER = """() => Bokeh.documents.flatMap(document => [...document._all_models.values()])
  .filter(model => model.type === "Figure").flatMap(figure => figure.renderers
    .flatMap(each => Array.from(each.data_source.data.text ?? []))
    .filter(text => text.startsWith("your prediction"))
    .map(text => [figure.title.text.replaceAll("\\n", " "), text]))"""
"""Titles of the pictures with a prediction over them, each with what is written at its line."""


def shows_over(page: Page, title: str, value: str) -> None:
    """Wait until a prediction is over the picture whose title begins so, and over no other."""
    page.wait_for_function(
        f"""([title, words]) => {{
          const found = ({OVER})()
          return found.length === 1 && found[0][0].startsWith(title) && found[0][1] === words
        }}""",
        arg=[title, f"your prediction: {value}"],
    )


def place_of(notebook: NotebookNode, words: str) -> int:
    """Where the first cell with these words stands."""
    return next(place for place, cell in enumerate(notebook.cells) if words in cell.source)
