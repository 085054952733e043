"""Files to take along: what is in them is what is on show, and the program draws these very weights."""

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import numpy as np
import pytest
from oracles import refused

from initviz.initializers import CLASSES
from initviz.study import Study
from initviz.views.exports import EXPORTS, arrays, file_name, pictures, program, weights_csv
from initviz.views.text import CODE

SHAPES = {"delta_orthogonal": (3, 3, 4, 6)}
"""Of what draws no matrix of 6 × 4."""


def made(name: str, study: Study) -> bytes:
    """One file of a study."""
    return EXPORTS[name].make(study.answer(), study)


def run(text: str) -> np.ndarray:
    """The weights that a program draws."""
    found: dict = {}
    exec(compile(text, "draw.py", "exec"), found)  # our own text
    return np.asarray(found["weights"])


@pytest.mark.parametrize("function", CLASSES)
def test_the_program_draws_these_weights(function):
    found = Study(function, shape=SHAPES.get(function, (6, 4)), seed=3).answer()
    np.testing.assert_array_max_ulp(run(program(found)), found.weights, 4)


@pytest.mark.parametrize(
    "settings",
    [
        {"dtype": "float16"}, {"dtype": "complex64"}, {"generator": "rbg"}, {"partitionable": False},
        {"scale": 2.5, "mode": "fan_avg", "in_axis": 0, "batch_axis": (1,), "shape": (4, 3, 6)},
    ],
)  # fmt: skip
def test_the_program_has_all_that_matters(settings):
    found = Study("variance_scaling", **{"shape": (6, 4)} | settings, seed=5).answer()
    drawn = run(program(found))
    assert drawn.dtype == found.weights.dtype
    np.testing.assert_allclose(drawn, found.weights, rtol=1e-6 if drawn.dtype != np.float16 else 2e-3)


def test_there_is_no_program_of_given_weights():
    given = Study(np.ones((3, 2), np.float32)).answer()
    message = "there must be a draw to write its program, got weights of yours. Choose draw instead."
    refused(ValueError, message, program, given)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_arrays_are_those_on_show(dtype):
    study = Study("he_normal", shape=(6, 4), dtype=dtype)
    found = study.answer()
    with np.load(io.BytesIO(made("arrays", study)), allow_pickle=False) as file:
        np.testing.assert_array_equal(file["weights"], np.asarray(found.weights, np.float32))
        np.testing.assert_array_equal(file["counts"], found.summary.inside)
        np.testing.assert_array_equal(file["singular_values"], found.singular_values)
        assert len(file["edges"]) == len(file["counts"]) + 1


def test_tables_are_those_on_show():
    study = Study("he_normal", shape=(6, 4))
    found = study.answer()
    head, *rows = csv.reader(io.StringIO(made("weights", study).decode()))
    assert head == ["axis 0", "axis 1", "weight"]
    for row, column, weight in rows:
        assert np.float32(weight) == found.weights[int(row), int(column)]
    assert len(rows) == 24
    _, *rows = csv.reader(io.StringIO(made("checks", study).decode()))
    assert [(name, float(observed)) for name, *_, observed, _ in rows] == [(c.name, c.observed) for c in found.checks]


def test_settings_are_read_again():
    study = Study("orthogonal", shape=(6, 4), seed=3)
    assert Study.from_json(made("study", study)).to_dict() == json.loads(made("study", study)) == study.to_dict()


@pytest.mark.parametrize("name", ["histogram", "spectrum", "fans"])
def test_pictures_are_drawings(name):
    study = Study("he_normal", shape=(6, 4), weights_as="CDF", spectrum_as="sorted")
    root = ET.fromstring(made(name, study))
    assert root.tag.endswith("svg")
    shown = {picture.title for picture in pictures(study.answer(), "CDF", "sorted")}
    assert root.get("aria-label") in shown


class _Links(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.found += [value for name, value in attrs if name in ("src", "href", "action") and value]
        assert tag != "script"


def test_a_report_needs_nobody():
    study = Study("glorot_uniform", layer="AttentionProjection")
    text = made("report", study).decode()
    links = _Links()
    links.feed(text)
    assert all(link.startswith("data:") for link in links.found), links.found
    assert "url(" not in text
    assert "@import" not in text
    for part in ("glorot_uniform()", CODE, "in_axis=0", "fan", r"Drawn with jax"):
        assert part in text
    assert "\\(" not in text  # a formula that needs a script


def test_names_tell_what_is_in_a_file():
    study = Study("he_normal", shape=(3, 3, 8, 4), dtype="bfloat16", seed=7)
    names = {file_name(study.answer(), export) for export in EXPORTS.values()}
    assert len(names) == len(EXPORTS)
    assert all(re.fullmatch(r"initviz-he_normal-3x3x8x4-bfloat16-seed7-[\w.]+", name) for name in names)
    assert "-given-" in file_name(Study(np.ones((3, 2), np.float32)).answer(), EXPORTS["report"])


def test_what_is_too_large_is_refused():
    large = Study("he_normal", shape=(2048, 1024)).answer()
    refused(
        ValueError,
        "at most 1,048,576 weights are written into this file, got 2,097,152. Make an axis smaller.",
        weights_csv,
        large,
    )
    assert len(arrays(large)) > 2**20
