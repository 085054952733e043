"""What an initializer shows of itself in a notebook."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest
from oracles import CASES

from initviz.initializers.base import EXAMPLES
from initviz.initializers.sketch import FARTHEST, HEIGHT, WIDTH, sketch


@pytest.mark.parametrize("case", CASES, ids=str)
def test_it_shows_the_steps_and_the_law_of_an_ordinary_kernel(case):
    initializer = case.build()
    html = initializer._repr_html_()
    shape = next(shape for shape in EXAMPLES if f"on {' × '.join(map(str, shape))}," in html)
    plan = initializer.plan(shape)
    assert all(f"<b>{step.name}</b>" in html for step in plan.steps)
    marginal, (drawing,) = plan.ensemble.marginal, re.findall("<svg.*</svg>", html)
    root = ElementTree.fromstring(drawing)
    assert root.get("aria-label").startswith("The law of a weight: mean ")
    line = np.array([point.split(",") for point in root.find("polyline").get("points").split()], float)
    low = marginal.mean - (FARTHEST * marginal.std or 1.0)
    x = low + line[:, 0] / WIDTH * 2 * (marginal.mean - low)
    height = 1 - line[:, 1] / HEIGHT
    density = marginal.pdf(x)
    if density.any():
        assert np.max(np.abs(height - density / density.max())) < 0.05
    spikes = [path for path in root.findall("path") if "V" in path.get("d")]
    assert len(spikes) == len(marginal.atoms)


def test_there_is_no_drawing_without_a_law():
    assert sketch(None) == ""
