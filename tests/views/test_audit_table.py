"""The table of an audit: every tensor, what is wrong first, with numbers to sort by, and paths as text."""

import math
from html.parser import HTMLParser

import numpy as np
import pytest

from initviz.models import audit
from initviz.views import audit_table as view
from initviz.views.audit_table import COLUMNS, MOST, OPEN, audit_table

HOSTILE = [
    "<script>alert(1)</script>",
    "a'b",
    'a"b',
    "a&amp;b",
    "'><img src=x onerror=alert(1)>",
    "x' onclick='alert(1)",
]
HEADS = [column.title for column in COLUMNS]


class Reader(HTMLParser):
    """What a browser finds in HTML: each tag with its attributes, and the rows of its table."""

    def __init__(self, html: str):
        super().__init__()
        self.tags, self.rows, self._cell = [], [], False
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append(["", dict(attributes)])
        self._cell = tag in ("td", "th", "button") and bool(self.rows)

    def handle_endtag(self, tag):
        self._cell = self._cell and tag not in ("td", "th")

    def handle_data(self, data):
        if self._cell and self.rows[-1]:
            self.rows[-1][-1][0] += data

    def words(self) -> list[list[str]]:
        """The text of every cell."""
        return [[text for text, _ in row] for row in self.rows]

    def column(self, title: str) -> list[str]:
        """The text of the cells below a head."""
        return [row[HEADS.index(title)] for row in self.words()[1:]]

    def values(self, title: str) -> list[float]:
        """What a column sorts by."""
        return [float(row[HEADS.index(title)][1]["data-value"]) for row in self.rows[1:]]


def weights(size=64, scale=1.0, seed=0):
    return scale * np.random.default_rng(seed).normal(size=(size, size)).astype("f4")


@pytest.fixture(scope="module")
def found():
    """An audit of which one tensor is not as declared, one is not declared, and one is not a number."""
    model = {
        "a/kernel": weights(scale=0.02), "b/kernel": weights(scale=0.5, seed=1), "b/bias": np.zeros(64, "f4"),
        "c/other": weights(8), "d/kernel": np.array([[math.nan, 1.0], [-2.0, 0.0]], "f4"),
    }  # fmt: skip
    return audit(model, {"{a,b}/kernel": "normal(0.02)", "**/bias": "zeros"})


def test_every_tensor_is_there_with_all_that_is_seen_what_is_wrong_first(found):
    read = Reader(audit_table(found))
    heads, *_ = read.words()
    assert heads == HEADS
    assert read.column("tensor") == ["b/kernel", "a/kernel", "b/bias", "c/other", "d/kernel"]
    assert read.column("verdict") == [
        "✗ not as declared", "✓ as declared", "✓ as declared", "– not declared", "– not declared"
    ]  # fmt: skip
    assert read.column("shape") == ["64 × 64", "64 × 64", "64", "8 × 8", "2 × 2"]
    assert read.column("declared as") == ["normal(0.02)", "normal(0.02)", "zeros", "–", "–"]
    assert read.column("dtype") == ["float32"] * 5
    assert read.column("NaN or ∞")[-1] == "1"
    assert next(tag["data-verdict"] for name, tag in read.tags if name == "tr" and tag) == "not as declared"


def test_numbers_stand_as_they_are_read_and_as_they_sort(found):
    read = Reader(audit_table(found))
    of = {row.tensor.path: row for row in found.rows}
    for place, path in enumerate(read.column("tensor")):
        moments = of[path].seen.moments
        for title, value in {
            "std": moments.std, "mean": moments.mean, "least": moments.minimum, "largest": moments.maximum,
            "factor": of[path].factor, "zeros": moments.zeros, "shape": math.prod(of[path].tensor.shape),
        }.items():  # fmt: skip
            assert read.values(title)[place] == pytest.approx(value, rel=1e-8, nan_ok=True)
    assert read.column("factor")[:2] == [f"{of[path].factor:.4g}" for path in ("b/kernel", "a/kernel")]
    assert read.column("declared")[3] == "–"
    assert math.isnan(read.values("declared")[3])


def test_a_tensor_of_one_number_and_one_without_any_have_rows():
    read = Reader(audit_table(audit({"step": np.array(3.0, "f4"), "none": np.zeros((0, 4), "f4")})))
    assert read.column("shape") == ["one number", "0 × 4"]
    assert read.values("shape") == [1, 0]
    assert (read.column("std")[1], read.column("mean")[1]) == ("–", "–")
    assert math.isnan(read.values("std")[1])


@pytest.mark.parametrize("openable", [False, True])
def test_paths_are_text_whatever_they_hold(openable):
    found = audit({path: np.zeros(3, "f4") for path in HOSTILE}, {"**": "zeros"})
    read = Reader(audit_table(found, openable))
    assert sorted(read.column("tensor")) == sorted(HOSTILE)
    names = [name for name, _ in read.tags]
    assert not {"script", "img"} & set(names)
    assert {name for _, attributes in read.tags for name in attributes if name.startswith("on")} == {
        "onclick", "oninput"
    }  # fmt: skip
    buttons = [tag for name, tag in read.tags if name == "button" and "data-path" in tag]
    assert sorted(tag["data-path"] for tag in buttons) == (sorted(HOSTILE) if openable else [])
    assert all(tag["onclick"] == view.LOOK for tag in buttons)
    assert OPEN in view.LOOK


def test_laws_of_a_recipe_are_text_too():
    found = audit({"bias": np.zeros(3, "f4")}, {"**": "torch.nn.init.zeros_(w)"})
    assert Reader(audit_table(found)).column("declared as") == ["torch.nn.init.zeros_(w)"]


def test_verdicts_to_filter_by_are_those_that_there_are(found):
    read = audit_table(found)
    options = [part.partition("<")[0] for part in read.split("<option>")[1:]]
    assert options == ["not as declared", "as declared", "not declared"]
    assert ">5 of 5</output>" in read


def test_no_more_rows_than_a_page_can_hold_and_the_rest_is_said(monkeypatch, found):
    monkeypatch.setattr(view, "MOST", 2)
    read = audit_table(found)
    assert Reader(read).column("tensor") == ["b/kernel", "a/kernel"]
    assert "<p>… and 3 tensors more.</p>" in read
    assert ">2 of 2</output>" in read
    assert MOST == 2_000


def test_it_is_a_table_with_names_for_those_who_see_nothing(found):
    read = Reader(audit_table(found, openable=True))
    heads = [tag for name, tag in read.tags if name == "th" and tag.get("scope") == "col"]
    rows = [tag for name, tag in read.tags if name == "th" and tag.get("scope") == "row"]
    assert (len(heads), len(rows)) == (len(COLUMNS), 5)
    assert [tag["data-place"] for tag in heads] == [str(place) for place in range(len(COLUMNS))]
    assert ("table", {"class": "initviz", "aria-label": "tensors"}) in read.tags
    assert all(tag["type"] == "button" for name, tag in read.tags if name == "button")
