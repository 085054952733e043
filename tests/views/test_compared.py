"""Draws told apart by names and slots, or refused."""

from types import SimpleNamespace

import pytest
from drawn import answer

from initviz.study import Study
from initviz.views.compared import Draw, layered, limits, told_apart
from initviz.views.histogram import histogram
from initviz.views.picture import Series
from initviz.views.spectrum import spectrum


def of(initializer):
    return SimpleNamespace(plan=SimpleNamespace(initializer=initializer))


def test_a_draw_alone_has_the_colours_of_data_and_theory_and_no_name():
    alone = of("ones()")
    assert told_apart([alone], ["any"]) == (Draw(alone, "", "data", "theory"),)


def test_several_have_slots_of_their_own_and_their_initializers_for_names():
    draws = told_apart([of("ones()"), of("zeros()"), of("ones()")], ())
    assert [draw[1:] for draw in draws] == [
        ("ones() · 1", "draw 1", "law 1"), ("zeros()", "draw 2", "law 2"), ("ones() · 2", "draw 3", "law 3"),
    ]  # fmt: skip


@pytest.mark.parametrize("view", [histogram, spectrum])
@pytest.mark.parametrize(("count", "settings", "message"), [
    (0, {}, "a picture must show 1 to 6 draws, got 0. Pass one."),
    (7, {}, "a picture must show 1 to 6 draws, got 7. Pass fewer."),
    (2, {"names": ("a",)}, "names must be a different one for each of 2 draws, got ['a']. Pass as many."),
    (2, {"names": ("a", "a")}, "names must be a different one for each of 2 draws, got ['a', 'a']. Pass as many."),
    (2, {"names": "xy"}, "names must be a different one for each of 2 draws, got 'xy'. Pass as many."),
    (2, {"names": ("a", "")}, "names must be a different one for each of 2 draws, got ['a', '']. Pass as many."),
])  # fmt: skip
def test_what_cannot_be_told_apart_is_refused(view, count, settings, message):
    with pytest.raises(ValueError, match=r"must") as refusal:
        view(*[of("ones()")] * count, **settings)
    assert str(refusal.value) == message


@pytest.mark.parametrize("view", [histogram, spectrum])
@pytest.mark.parametrize("given", [[1.0, 2.0], [of("ones()")], Study()], ids=["numbers", "list", "study"])
def test_what_is_no_answer_is_refused(view, given):
    with pytest.raises(TypeError) as refusal:
        view(given)
    assert str(refusal.value) == (
        f"a picture must show answers, one after the other, got {type(given).__name__}. "
        "Pass for instance Study('he_normal').answer(), or check(weights, he_normal())."
    )


def test_a_kind_that_is_none_is_refused():
    with pytest.raises(ValueError, match=r"kind") as refusal:
        spectrum(answer(), kind="pdf")
    assert str(refusal.value) == "kind must be one of 'density', 'sorted', 'CDF', got 'pdf'. Choose one of them."


def test_no_bars_lie_over_a_law_of_another_draw():
    draws = told_apart([of("ones()"), of("zeros()")], ())
    series = layered(draws, lambda draw: [Series(draw.name, mark, {}, draw.data) for mark in ("bars", "line")])
    assert [each.mark for each in series] == ["bars", "bars", "line", "line"]


def test_limits_hold_all():
    assert limits([(0, 2), (-1, 1)]) == (-1, 2)
