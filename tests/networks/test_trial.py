"""Settings of a training: nothing is asked before it begins, and every attempt gives the same numbers."""

import numpy as np
import pytest
from oracles import refused

from initviz import Study
from initviz.networks import NetworkStudy, measure
from initviz.networks.drawing import drawn
from initviz.networks.recipes import RECIPES
from initviz.networks.training import train
from initviz.networks.trial import Trial, train_trial

SMALL = NetworkStudy(depth=3, width=16)


def answers(trial):
    return list(train_trial(trial.question, lambda share: None))


def test_each_attempt_is_a_question_of_its_own_and_gives_the_same_numbers():
    trial = Trial(beside=("keras", "lsuv"), steps=20)
    assert trial.question is None
    trial.rewind()
    assert trial.question is None
    trial.begin(SMALL.question)
    first, one = trial.question, answers(trial)
    assert [found.steps[-1] for found in one] == [0, 10, 20]
    trial.rewind()
    rewound = answers(trial)
    assert [found.steps.tolist() for found in rewound] == [[0]]
    assert np.array_equal(rewound[0].loss, one[0].loss)
    assert rewound[0].total == 20
    trial.begin(SMALL.question)
    assert trial.question not in (None, first)
    again = answers(trial)[-1]
    assert np.array_equal(again.loss, one[-1].loss)
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(again.updates, one[-1].updates, strict=True))


def test_the_networks_are_those_of_the_settings_and_of_the_recipes():
    trial = Trial(beside=("he", "delta_orthogonal"), steps=10)
    trial.begin(NetworkStudy("glorot_normal", depth=3, width=256, seed=5).question)
    own, he, delta = trial.question.networks
    assert trial.question.names == ("this network", "He and relu", "Delta-orthogonal convolutions, critical")
    assert (own.initializer.function, own.width, own.seed) == ("glorot_normal", 256, 5)
    assert (he.width, he.depth, he.seed) == (256, 3, 5)
    assert (delta.width, delta.kind) == (128, "conv circular")


def test_what_is_no_list_of_recipes_is_refused():
    known = ", ".join(RECIPES)
    knob, set_it = Trial.param.beside, lambda value: Trial(beside=value)
    assert knob.parse(" he,keras ") == ("he", "keras")
    assert knob.parse("") == ()
    refused(ValueError, f"beside must be among {known}, got 'hee'. Did you mean he?", set_it, ("hee",))
    refused(ValueError, "beside must be at most 3 names of recipes, got ('he', 'keras', 'flax', 'mup'). Type for "
            "instance keras.", set_it, ("he", "keras", "flax", "mup"))  # fmt: skip
    refused(ValueError, "beside must be at most 3 names of recipes, got ('he', 'he'). Type for instance keras.", set_it,
            ("he", "he"))  # fmt: skip


def test_a_study_keeps_how_it_is_trained():
    study = Study()
    study.network.trial.param.update(beside=("he", "gpt2"), optimizer="adam", learning_rate=0.001, steps=50)
    again = Study.from_json(study.to_json()).network.trial
    assert again.values() == study.network.trial.values()


@pytest.mark.slow(keeps=4)
@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_takes_a_step(name):
    trial = Trial(beside=() if name == "he" else (name,), steps=1)
    trial.begin(NetworkStudy(depth=2, width=16).question)
    assert np.isfinite(answers(trial)[-1].loss).all()


def test_what_is_trained_are_the_weights_that_are_drawn():
    study = NetworkStudy("glorot_normal", depth=2, width=16, inputs="digits", seed=100)
    trial = Trial(beside=(), steps=1)
    trial.begin(study.question)
    (own,) = trial.question.networks
    layers, images, _ = drawn(own, 0)  # as the first network that is shown
    measured = next(measure(own))
    assert measured.square[0, 0] == pytest.approx(np.mean((images @ layers.weights[0]) ** 2 * layers.factors[0] ** 2))
    (beginning, *_) = answers(trial)
    trained = beginning.networks[0]
    assert np.array_equal(drawn(trained, 0).layers.weights[:2], layers.weights[:2])
    (first, *_) = train([own], steps=1, seed=0)
    assert np.array_equal(beginning.loss, first.loss)
    (other, *_) = train([own], steps=1, seed=100)
    assert not np.array_equal(beginning.loss, other.loss)


@pytest.mark.parametrize("rate", [0, 0.0, -1e-3])
def test_a_rate_that_learns_nothing_is_refused(rate):
    message = f"learning_rate must be a number above 0, got {rate}. Pass for instance 0.003."
    refused(ValueError, message, lambda: Trial(learning_rate=rate))
    assert Trial(learning_rate=1e-6).learning_rate == 1e-6
