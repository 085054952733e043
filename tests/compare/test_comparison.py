"""What is compared: pinned, named, colored, removed; written and read; keys that are shared or not."""

import math
import pickle
import re

import numpy as np
import pytest

from initviz import Study, engine
from initviz.compare import APART, MOST, Comparer, Comparison
from initviz.initializers import CLASSES

SHAPE = (24, 16)
KERNELS = {"delta_orthogonal": (3, 3, 8, 8)}
"""Shapes of initializers that need one of their own."""


def of(*names, **settings):
    """A comparison of these initializers."""
    comparison = Comparison(**settings)
    for name in names:
        comparison.pin(Study(name, shape=KERNELS.get(name, SHAPE)))
    return comparison


def refused(message, change, *values):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        change(*values)


@pytest.mark.parametrize("name", CLASSES)
def test_every_initializer_is_compared_with_another_in_the_same_bins(name):
    comparison = of("he_normal")
    comparison.pin(Study(name, shape=KERNELS.get(name, (16, 16))))
    found = comparison.answer()
    assert found.whole
    assert [each.failure for each in found.all] == ["", ""]
    one, other = (each.what for each in found.found)
    assert one.summary.bins == other.summary.bins
    assert {*one.summary.histogram[[0, -1]], *other.summary.histogram[[0, -1]]} == {0}, "nothing is outside the bins"
    for each, study in ((one, comparison.study("he_normal()")), (other, comparison.study(comparison.entries[1].name))):
        alone = study.answer()
        np.testing.assert_array_equal(each.observation.weights, alone.weights)
        assert [check.observed for check in each.checks] == [check.observed for check in alone.checks]
    assert all(len(row.texts) == len(row.differs) == 2 for row in found.rows)


def test_draws_of_one_key_are_coupled_exactly():
    said = [
        str(each) for each in of("he_uniform", "lecun_uniform", "he_normal", "zeros", "he_uniform").answer().coupled
    ]
    assert said == [
        "lecun_uniform() is he_uniform() × 1/√2, entry by entry: they are drawn with one key.",
        "he_normal() and he_uniform() are in the same order, rank correlation 1: they are drawn with one key.",
        "he_uniform() · 2 equals he_uniform(), entry by entry: they are drawn with one key.",
    ]


def test_the_factor_is_that_of_the_weights():
    (pair,) = of("lecun_uniform", "he_uniform").answer().coupled
    assert math.isclose(pair.ratio, math.sqrt(2), rel_tol=1e-6)
    assert pair.exact
    assert pair.rank_correlation == 1


def test_keys_are_shared_or_independent_on_request():
    comparison = of("he_uniform", "lecun_uniform")
    comparison.renew("lecun_uniform()", Study("lecun_uniform", shape=SHAPE, seed=5))
    assert not comparison.answer().coupled
    comparison.keys = "same"
    assert [each.question.seed for each in comparison.question.entries] == [0, 0]
    assert len(comparison.answer().coupled) == 1
    comparison.keys = "independent"
    assert [each.question.seed for each in comparison.question.entries] == [0, APART]
    assert [dict(each.network.fields)["seed"] for each in comparison.question.entries] == [0, APART]
    found = comparison.answer()
    assert not found.coupled
    one, other = (each.what.observation.weights.reshape(-1) for each in found.found)
    assert abs(np.corrcoef(one, other)[0, 1]) < 4 / math.sqrt(one.size)
    comparison.keys = "as pinned"
    assert [each.question.seed for each in comparison.question.entries] == [0, 5]


def test_equal_laws_do_not_differ_but_by_chance_and_others_do():
    found = of("he_normal", "kaiming_normal", "glorot_uniform", keys="independent").answer()
    differs = {row.name: row.differs for row in found.rows}
    std = "std around the law's mean"
    assert differs[std] == (None, False, True)
    assert differs["std of the law"] == (None, False, True)
    assert differs["shape"] == (None, False, False)
    assert differs["condition number"] == (None, None, None)


def test_independent_draws_of_one_law_differ_about_as_seldom_as_said():
    """Each of six statistics in at most 1 of 100 pairs: of 20 pairs, 120 statistics, 7 differ once in 3,000 times."""
    count = 0
    for first in range(4):
        comparison = Comparison(*[Study("he_normal", shape=SHAPE, seed=10 * first + place) for place in range(6)])
        rows = [row for row in comparison.answer().rows if row.observed and row.name != "checks"]
        count += sum(bool(differs) for row in rows for differs in row.differs)
    assert count <= 6


def test_at_most_six_and_every_change_has_its_message():
    comparison = of(*["he_normal"] * MOST)
    assert [each.name for each in comparison.entries] == ["he_normal()", *(f"he_normal() · {n}" for n in range(2, 7))]
    assert [each.slot for each in comparison.entries] == [1, 2, 3, 4, 5, 6]
    refused("at most 6 can be compared, got one more. Remove one first.", comparison.pin, Study())
    comparison.remove("he_normal() · 3")
    assert comparison.pin(Study(), name="mine").slot == 3, "the free color"
    names = "he_normal(), he_normal() · 2, he_normal() · 4, he_normal() · 5, he_normal() · 6, mine"
    refused(f"what is compared is {names}, got 'no'. Choose one of these names.", comparison.remove, "no")
    taken = "the name must be one that no other has, got 'mine' again. Choose another."
    refused(taken, comparison.rename, "he_normal()", "mine")
    for name in ("", " ", "x" * 41, None):
        with pytest.raises(ValueError, match="the name must have 1 to 40 characters"):
            comparison.rename("mine", name)
    comparison.rename("mine", "yours")
    comparison.recolor("yours", 1)
    assert [each.slot for each in comparison.entries] == [3, 2, 4, 5, 6, 1], "who had that color has the other"
    for slot in (0, 7, "1", True, 1.0):
        with pytest.raises(ValueError, match="the color must be a place from 1 to 6"):
            comparison.recolor("yours", slot)
    with pytest.raises(TypeError, match="a Study has its own settings, got seed beside it"):
        Comparison().pin(Study(), seed=1)
    with pytest.raises(TypeError, match="the settings of a comparison are look, keys"):
        Comparison(kys="same")
    refused("something must be pinned to be compared, got nothing. Call pin(Study('he_normal')).", Comparison().answer)


def test_what_is_pinned_stays_as_it_was():
    study, comparison = Study("he_normal", shape=SHAPE), Comparison()
    comparison.pin(study)
    study.seed, study.network.depth = 3, 7
    entry = comparison.entries[0]
    assert entry.question.seed == 0
    assert dict(entry.network.fields)["depth"] == 50
    assert comparison.study("he_normal()").question == entry.question


def test_one_that_fails_leaves_the_others():
    comparison = of("he_normal")
    comparison.pin(Study("delta_orthogonal", shape=SHAPE), name="no kernel")
    comparison.pin(Study("normal", shape=SHAPE))
    found = comparison.answer()
    assert [bool(each.failure) for each in found.all] == [False, True, False]
    assert [each.entry.name for each in found.found] == ["he_normal()", "normal()"]


def test_given_weights_are_compared_and_pinned_as_they_are():
    weights = 3 * np.random.default_rng(0).standard_normal(SHAPE).astype(np.float32)
    comparison = of("he_normal")
    comparison.pin(weights)
    found = comparison.answer()
    one, other = (each.what for each in found.found)
    assert one.summary.bins == other.summary.bins
    assert not found.coupled
    assert other.summary.histogram[[0, -1]].sum() == 0
    refused(
        "weights must be drawn to be written, got an array pinned as 'weights, he_normal'. Remove it first, and write "
        "the array by itself, for instance with numpy.save.", comparison.to_json,
    )  # fmt: skip
    np.testing.assert_array_equal(comparison.study("weights, he_normal").weights, weights)


def test_json_and_pickle_have_all_of_it():
    comparison = of("he_normal", "orthogonal", keys="independent", look="training", steps=9, weights_as="CDF")
    comparison.entries[0]
    comparison.rename("orthogonal()", "Saxe")
    comparison.recolor("Saxe", 5)
    for again in (Comparison.from_json(comparison.to_json()), pickle.loads(pickle.dumps(comparison))):
        assert again.question == comparison.question
        assert again.entries == comparison.entries
        assert again.values() == comparison.values()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "version must be 1, got null. Write it again with this initviz."),
        ({"version": True}, "version must be 1, got a truth value. Write it again with this initviz."),
        ({"version": 1, "pinned": {}}, "pinned must be a list, got an object. Write for instance []."),
        ({"version": 1, "pinned": ["he_normal"]},
         "pinned 1 must be an object, got a text. Write for instance {}."),
        ({"version": 1, "pinned": [{"nme": "x"}]},
         "the settings of pinned 1 are name, color, study, got 'nme'. Did you mean name?"),
        ({"version": 1, "pinned": [{"study": {"version": 1}, "color": "9"}]},
         "pinned 1: the color must be a place from 1 to 6, got '9'. Choose one of them."),
        ({"version": 1, "pinned": [{"study": {"version": 1}}] * 7},
         "pinned 7: at most 6 can be compared, got one more. Remove one first."),
        ({"version": 1, "keys": "different"},
         "keys must be one of as pinned, same, independent, got 'different'. Choose one of them."),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said(settings, message):
    refused(message, Comparison.from_dict, settings)


def test_what_was_found_is_not_drawn_anew(monkeypatch):
    drawn = []
    original = engine.draw
    monkeypatch.setattr(engine, "draw", lambda *args: drawn.append(args) or original(*args))
    comparison = of("he_normal", "lecun_normal", "glorot_normal", "he_uniform")
    comparison.answer()
    assert len(drawn) == 4
    comparison.rename("he_normal()", "He")
    comparison.answer()
    assert len(drawn) == 4, "a name is no reason"
    comparison.renew("He", Study("he_normal", shape=SHAPE, seed=1))
    comparison.answer()
    assert len(drawn) == 5, "one of four changed"
    study = Study("he_normal", shape=SHAPE, seed=2)
    comparison.renew("He", study, study.answer())
    comparison.answer()
    assert len(drawn) == 6, "one that was there already, which drew itself"


def test_networks_and_trainings_come_one_by_one():
    for look in ("networks", "training"):
        comparison = Comparison(look=look, steps=2)
        for name in ("he_normal", "zeros"):
            study = Study(name)
            study.network.param.update(depth=2, width=16, seeds=2)
            comparison.pin(study)
        shares = []
        answers = list(comparison.answers(shares.append))
        assert [len(each.found) for each in answers] == [1, 2]
        assert [each.whole for each in answers] == [False, True]
        assert shares == sorted(shares)
        assert shares[-1] == 1
        assert not answers[-1].rows
        assert not answers[-1].coupled
    assert answers[-1].trained.loss.shape == (2, 2)


def test_it_can_be_stopped():
    def stop(share):
        raise engine.Cancelled

    with pytest.raises(engine.Cancelled):
        list(Comparer()(of("he_normal").question, stop))


def test_a_name_says_what_differs():
    comparison = Comparison()
    study = Study("he_normal", shape=SHAPE)
    comparison.pin(study)
    study.seed = 7
    comparison.pin(study)
    study.param.update(seed=0, dtype="float16")
    study.shape = (4, 6)
    comparison.pin(study)
    study.network.depth = 9
    comparison.pin(study)
    other = Study("he_normal", shape=SHAPE)
    other.network.param.update(depth=7, activation="tanh")
    comparison.pin(other)
    comparison.pin(other)
    assert [each.name for each in comparison.entries] == [
        "he_normal()", "he_normal() · seed 7", "he_normal() · 4 × 6, float16", "he_normal() · 2",
        "he_normal() · depth 7, activation tanh", "he_normal() · 3",
    ]  # fmt: skip
