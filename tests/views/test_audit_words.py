"""What is said of an audit: its verdict, what is wrong, of an example what to look for, and nothing that injects."""

import numpy as np
import pytest

from initviz.models import audit
from initviz.models.examples import EXAMPLES
from initviz.models.study import ModelStudy
from initviz.models.words import findings
from initviz.views import theme
from initviz.views.audit_words import MOST, about, conclusion, heading, legend, said

EXAMPLE = "flax layers that share a key"
NAME = "<img src=x onerror=alert(1)>"


def zeros(count):
    return {f"{chr(97 + place)}/bias": np.zeros(3, "f4") for place in range(count)}


@pytest.mark.parametrize(("recipe", "mark", "color", "words"), [
    ({"**": "zeros"}, "✓", theme.ROLES["in"], "As declared."),
    ({"**": "ones"}, "✗", theme.THEORY, "2 of 2 tensors not as declared."),
    (None, "–", theme.ROLES["field"], "Nothing is wrong across tensors; what each is said to be was not told, so that "
     "none is judged."),
    ({"x": "zeros"}, "✗", theme.THEORY, "1 rule that decides about no tensor."),
])  # fmt: skip
def test_the_verdict_comes_first_with_a_mark_and_a_color(recipe, mark, color, words):
    html = conclusion(audit(zeros(2), recipe))
    assert f"<b>{mark}</b> {words}</p>" in html
    assert f"4px solid {color}" in html
    assert ("<ul" in html) == (mark == "✗")


def test_no_more_is_listed_than_is_read():
    html = conclusion(audit(zeros(MOST + 3), {"**": "ones"}))
    assert html.count("<li>") == MOST + 1
    assert "<li>… and 3 more</li>" in html
    assert conclusion(audit(zeros(MOST), {"**": "ones"})).count("<li>") == MOST


def test_what_tensors_of_several_blocks_have_in_common_is_one_line():
    model = {f"h/{block}/{name}": np.zeros(3, "f4") for block in range(3) for name in ("bias", "scale")}
    found = audit(model, {"**/bias": "zeros", "**/scale": "ones", "nothing": "zeros"})
    assert list(findings(found)) == [
        "h/*/scale (3): ones says std 1, found 0 (0 times as much): every weight is 0",
        "the rule nothing fits no tensor. Leave it out, or correct its path.",
    ]
    one = audit({"h/0/scale": np.zeros(3, "f4"), "h/1/scale": np.ones(3, "f4")}, {"**": "ones"})
    assert [line.partition(":")[0] for line in findings(one)] == ["h/0/scale"]
    assert [line.partition(":")[0] for line in findings(audit(model, {"**": "zeros"}))] == []


def test_of_an_example_it_is_said_what_to_look_for_and_of_no_other():
    study = ModelStudy(example=EXAMPLE)
    answer = study.answer()
    assert EXAMPLES[EXAMPLE].says in said(answer)
    assert "equal weights: one key, or a copy" in said(answer)
    assert f"{EXAMPLE}</h2>" in heading(answer)
    assert "audit by flax · 10 tensors · " in heading(answer)
    study.take("mine", zeros(2))
    assert not any(example.says in said(study.answer()) for example in EXAMPLES.values())


def test_names_and_paths_are_text_whatever_they_hold():
    study = ModelStudy()
    study.take(NAME, {NAME: np.zeros(3, "f4"), "other": np.zeros(3, "f4")})
    study.declare({"**": "ones"})
    answer = study.answer()
    for html in (heading(answer), said(answer)):
        assert "<img" not in html
        assert "&lt;img src=x onerror=alert(1)&gt;" in html


def test_what_marks_and_verdicts_mean_is_said():
    matrix = {"kernel": 0.02 * np.random.default_rng(0).normal(size=(64, 64)).astype("f4")}
    for law, marks in ((None, "●"), ("normal(0.02)", "●┅"), ("normal(0.5)", "●┅✗"), ("zeros", "●✗")):
        drawn = legend(audit(matrix, law and {"kernel": law}))
        assert "".join(mark for mark in "●┅✗" if mark in drawn) == marks, "no more than is in the picture"
    assert legend(audit(zeros(1))) == "", "there is no picture"
    said = about(audit(zeros(1), None, 0.05))
    assert "of models that are as declared, at most 5 % are found to have anything wrong" in said
