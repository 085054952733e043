"""Files to take along: what is in them is what is on show, and the program draws these very weights."""

import csv
import io
import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from typing import Any

import jax
import numpy as np
import pytest
from oracles import refused

from initviz.compare import Comparison
from initviz.initializers import CLASSES
from initviz.models import audit
from initviz.settings.choices import device_name, device_names
from initviz.study import Study
from initviz.views.exports import EXPORTS, arrays, audit_csv, drawings, file_name, weights_csv
from initviz.views.programs import again, program, program_of_law
from initviz.views.shown import of_draw
from initviz.views.text import CODE

SHAPES = {"delta_orthogonal": (3, 3, 4, 6)}
"""Of what draws no matrix of 6 × 4."""


def made(name: str, study: Study) -> bytes:
    """One file of a study."""
    shown = of_draw(study)
    return (EXPORTS | drawings(shown.pictures))[name].make(shown)


FRAMEWORKS = ("jax", "flax")
"""Whose initializers draw these very weights."""


def run(text: str, name: str = "weights") -> Any:
    """What a program finds under a name."""
    found: dict = {}
    exec(compile(text, "draw.py", "exec"), found)  # our own text
    return found[name]


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("function", CLASSES)
def test_the_program_draws_these_weights(function, framework):
    found = Study(function, shape=SHAPES.get(function, (6, 4)), seed=3).answer()
    np.testing.assert_array_max_ulp(np.asarray(run(program(found, framework))), found.weights, 4)


SETTINGS = [
    ("variance_scaling", {"dtype": "float16"}), ("variance_scaling", {"dtype": "complex64"}),
    ("variance_scaling", {"dtype": "bfloat16"}), ("normal", {"dtype": "float8_e4m3fn"}),
    ("variance_scaling", {"generator": "rbg"}), ("variance_scaling", {"generator": "unsafe_rbg"}),
    ("variance_scaling", {"partitionable": False}), ("truncated_normal", {"seed": 2**32 - 1}),
    ("variance_scaling", {"scale": 2.5, "mode": "fan_avg", "in_axis": 0, "batch_axis": (1,), "shape": (4, 3, 6)}),
    ("variance_scaling", {"scale": [[[1.0]], [[2.0]], [[4.0]]], "batch_axis": (0,), "shape": (3, 6, 4)}),
    ("normal", {"stddev": [[0.5], [2.0], [1e-3]], "shape": (2, 3, 4)}),
    ("constant", {"value": [0.0, float("inf"), 1.0, -1.0]}),
    ("truncated_normal", {"lower": 0.5, "upper": float("inf")}),
    ("truncated_normal", {"stddev": 0.3, "lower": -3.0, "upper": -1.5}),
    ("uniform", {"scale": 1e-20}), ("orthogonal", {"column_axis": 0, "scale": 0.5, "shape": (5, 3, 4)}),
    ("he_normal", {"in_axis": (0, 1), "out_axis": 2, "shape": (4, 3, 6)}), ("zeros", {"shape": (0, 3)}),
    ("he_uniform", {"layer": "AttentionProjection", "in_axis": 0, "out_axis": (1, 2)}),
    ("lecun_normal", {"layer": "Conv"}), ("glorot_normal", {"layer": "Stack", "batch_axis": (0,)}),
]  # fmt: skip


@pytest.mark.slow(keeps=14)
@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize(("function", "settings"), SETTINGS, ids=str)
def test_the_program_has_all_that_matters(function, settings, framework):
    shape = {} if settings.keys() & {"layer", "shape"} else {"shape": (6, 4)}
    found = Study(function, **{"seed": 5} | shape | settings).answer()
    drawn = np.asarray(run(program(found, framework)))
    assert drawn.dtype == found.weights.dtype
    ulp = jax.numpy.finfo(drawn.dtype)
    pair = (each.astype(complex) for each in (drawn, found.weights))
    np.testing.assert_allclose(*pair, rtol=4 * float(ulp.eps), atol=4 * float(ulp.smallest_subnormal))


def test_doubles_are_drawn_in_a_process_that_has_them():
    code = "\n".join((
        "import jax; jax.config.update('jax_enable_x64', True)",
        "import numpy as np",
        "from initviz.study import Study",
        "from initviz.views.programs import program",
        "found, drawn = Study('he_normal', shape=(6, 4), dtype='float64').answer(), {}",
        "text = program(found)",
        "assert 'jax_enable_x64' in text",
        "exec(text, drawn)",
        "np.testing.assert_allclose(drawn['weights'], found.weights, rtol=1e-14)",
    ))  # fmt: skip
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("device", device_names())
def test_the_program_draws_on_the_same_device(device):
    found = Study("he_normal", shape=(6, 4), device=device).answer()
    (drawn_on,) = run(program(found)).devices()
    assert device_name(drawn_on) == device


def test_a_view_is_found_again():
    link = Study("orthogonal", shape=(8, 4), seed=3).to_link()
    assert run(again(link, ""), "found").question.seed == 3
    assert run(again(link, "Layer"), "found") is None  # of a raw shape there is no advice
    assert run(again(link, "Parity"), "found")
    small = link + "&network.depth=3&network.width=8&looks.Seeds.draws=3"
    assert len(run(again(small, "Seeds"), "found").counts) == 3
    assert run(again(small, "Network"), "found").network.depth == 3
    compared = Comparison(Study(shape=(8, 4)), Study("lecun_normal", shape=(8, 4)))
    assert len(run(again(compared.to_dict(), ""), "found").all) == 2


def test_the_law_in_another_framework_is_on_its_own_weight():
    conv = Study("he_normal", layer="Conv", seed=4).answer()
    for framework, lines in {
        "PyTorch": ["torch.manual_seed(4)", "weight = torch.empty((128, 64, 3, 3))"],
        "Keras": ["keras.utils.set_random_seed(4)", "(3, 3, 64, 128))"],
    }.items():
        text = program_of_law(conv, framework)
        assert all(line in text for line in lines), text
    raw = Study("orthogonal", shape=(3, 2, 6, 4)).answer()  # of which PyTorch sets outputs against the rest
    assert "weight = torch.empty((4, 6, 3, 2))\n" in program_of_law(raw, "PyTorch")
    message = "the initializer must be a call to write its program, got none. PyTorch has no delta-orthogonal kernel."
    delta = Study("delta_orthogonal", shape=(3, 3, 4, 6)).answer()
    refused(ValueError, message, program_of_law, delta, "PyTorch")


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
    _, *rows = csv.reader(io.StringIO(made("counts", study).decode()))
    assert [int(count) for *_, count in rows] == found.summary.histogram.tolist()
    assert [float(end) for _, end, _ in rows[:-1]] == found.summary.bins.edges.tolist()
    _, *rows = csv.reader(io.StringIO(made("checks", study).decode()))
    assert [(name, float(observed)) for name, *_, observed, _ in rows] == [(c.name, c.observed) for c in found.checks]


def test_no_cell_of_a_table_is_a_formula():
    table = audit_csv(audit({"=1+1": np.zeros(3), "-x": np.full(3, -1.0), "@y": np.zeros(3), "kernel": np.ones(2)}))
    rows = list(csv.DictReader(io.StringIO(table.decode())))
    assert [row["tensor"] for row in rows] == ["'=1+1", "'-x", "'@y", "kernel"]
    assert [float(row["mean"]) for row in rows] == [0, -1, 0, 1]


def test_settings_are_read_again():
    study = Study("orthogonal", shape=(6, 4), seed=3)
    assert Study.from_json(made("study", study)).to_dict() == json.loads(made("study", study)) == study.to_dict()


@pytest.mark.parametrize("name", ["weights.svg", "spectrum.svg", "fans.svg", "fans.png"])
def test_pictures_are_drawings(name):
    study = Study("he_normal", shape=(6, 4), weights_as="CDF", spectrum_as="sorted")
    root = ET.fromstring(made(name, study))
    assert root.tag.endswith("svg")
    (title,) = (picture.title for picture in of_draw(study).pictures if picture.name == name[:-4])
    assert root.get("aria-label") == title


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
    for part in (
        "glorot_uniform()",
        CODE,
        "in_axis=0",
        "fan",
        "Made by initviz",
        study.to_link().replace("&", "&amp;"),
    ):
        assert part in text
    assert "\\(" not in text  # a formula that needs a script


def test_names_tell_what_is_in_a_file():
    study = Study("he_normal", shape=(3, 3, 8, 4), dtype="bfloat16", seed=7)
    names = {file_name(of_draw(study), export) for export in EXPORTS.values()}
    assert len(names) == len(EXPORTS)
    assert all(re.fullmatch(r"initviz-he_normal-3x3x8x4-bfloat16-seed7-[\w.]+", name) for name in names)
    assert "-given-" in file_name(of_draw(Study(np.ones((3, 2), np.float32))), EXPORTS["report"])


def test_what_is_too_large_is_refused():
    large = Study("he_normal", shape=(2048, 1024)).answer()
    refused(
        ValueError,
        "at most 1,048,576 weights are written into this file, got 2,097,152. Make an axis smaller.",
        weights_csv,
        large,
    )
    assert len(arrays(large)) > 2**20
