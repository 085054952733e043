"""A network's settings: one question for each change, texts that are read again, answers that grow."""

import re

import pytest
from oracles import refused

from initviz import Study
from initviz.initializers import CLASSES, glorot_normal, orthogonal
from initviz.networks import Network
from initviz.networks.recipes import RECIPES, recipe_dots
from initviz.networks.study import ACTIVATIONS, BRANCHES, NORM_CHOICES, NetworkStudy


def asked(study):
    found = []
    study.param.watch(lambda event: found.append(event.new), "question")
    return found


@pytest.mark.parametrize(
    ("name", "value"),
    [("depth", 20), ("width", 64), ("activation", "tanh"), ("bias_std", 0.2), ("residual", "1/√L"),
     ("norm", "RMS norm after"), ("inputs", "one-hot"), ("input_std", 0.5),
     ("kind", "conv same"), ("lsuv", True), ("seeds", 3), ("seed", 7)],
)  # fmt: skip
def test_a_change_is_one_question(name, value):
    study = NetworkStudy()
    found = asked(study)
    setattr(study, name, value)
    assert len(found) == 1
    assert found[0] == study.question
    setattr(study, name, value)
    assert len(found) == 1


def test_an_argument_of_the_initializer_is_one_question():
    study = NetworkStudy(orthogonal())
    found = asked(study)
    study.initializer.scale = 1.5
    assert [question.network.initializer.scale for question in found] == [1.5]


@pytest.mark.parametrize("residual", BRANCHES)
@pytest.mark.parametrize("norm", NORM_CHOICES)
def test_it_takes_the_settings_of_a_network(residual, norm):
    one, other = NetworkStudy(glorot_normal(), depth=7, residual=residual, norm=norm, bias_std=0.1), NetworkStudy()
    other.take(one.question.network)
    assert (other.residual, other.norm) == (residual, norm)
    assert other.question == one.question


def test_a_branch_of_another_factor():
    study = NetworkStudy()
    study.take(Network(branch=0.3))
    assert (study.residual, study.branch) == ("other", 0.3)
    assert study.question.network.branch == 0.3


def test_answers_grow():
    study = NetworkStudy(depth=5, width=32, seeds=3)
    found = list(study.answers())
    assert [each.measured.seeds for each in found][-1] == 3
    assert found[0].predicted is None
    assert found[0].measured.seeds == 1
    assert found[-1].predicted is not None
    assert len(found[-1].jacobian) == 32
    assert all(each.question == study.question for each in found)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"depth": 0}, "depth must be a whole number from 1 to 200, got 0. Type for instance 50."),
        ({"width": 4096}, "width must be a whole number from 2 to 2048, got 4096. Type for instance 256."),
        ({"bias_std": -1}, "bias_std must be a number of at least 0, got -1. Pass for instance 0.0."),
    ],
)
def test_what_cannot_be_is_refused(settings, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        NetworkStudy(**settings)


def test_a_setting_that_there_is_not_is_refused_by_name():
    known = (
        "the settings of a network are initializer, depth, width, activation, bias_std, residual, branch, norm, kind, "
    )
    known += "inputs, input_std, lsuv, seeds, seed, got 'deph'. Did you mean depth?"
    refused(TypeError, known, NetworkStudy, deph=3)
    refused(AttributeError, known, setattr, NetworkStudy(), "deph", 3)


def test_a_study_of_a_draw_has_a_network_of_its_initializer():
    study = Study("he_normal")
    assert study.network.initializer is study.initializer
    study.function = "glorot_normal"
    assert study.network.question.function == "glorot_normal"
    study.network.take(Network(orthogonal(1.2), activation="tanh"))
    assert (study.function, study.initializer.scale) == ("orthogonal", 1.2)
    study.seed = 4
    assert study.network.seed == 4
    again = Study.from_json(study.to_json())
    assert again.network.question == study.network.question


@pytest.mark.parametrize("name", RECIPES)
def test_a_study_takes_every_recipe(name):
    study, recipe = Study(), RECIPES[name]
    study.network.take(recipe.start(6, 32))
    network = study.network.question.network
    assert network.weight_variance == pytest.approx(recipe.start(6, 32).weight_variance)
    assert study.network.question == NetworkStudy(study.initializer, **dict(study.network.values())).question
    assert study.answer().plan.initializer == repr(study.initializer)  # of a shape that it can have
    again = Study.from_json(study.to_json())
    assert again.network.question == study.network.question


def test_lsuv_is_a_setting_and_its_factors_are_of_the_answer():
    study = NetworkStudy(depth=4, width=32, activation="tanh", seeds=1, lsuv=True)
    found = study.answer()
    assert len(found.network.factors) == len(found.rescaled.times) == 4
    assert found.measured.square[0] == pytest.approx(1, abs=0.15)
    study.lsuv = False
    assert study.answer().network.factors == ()


def test_recipes_with_the_same_variances_are_one_dot():
    found = {name: place for name, *place in recipe_dots(50, 256)}
    assert found["he"] == [2, 0]
    assert found["flax and others"] == [1, 0]
    assert found["orthogonal and others"] == pytest.approx([1.05, 0], abs=1e-3)


def test_a_factor_of_the_branch_means_that_there_is_one():
    assert NetworkStudy(branch=0.3).question.network.branch == 0.3
    assert NetworkStudy(branch=1.0).question.network.branch == 1.0
    assert NetworkStudy(branch=0.3, residual="1/√L").question.network.branch == pytest.approx(50**-0.5)


def test_every_activation_that_is_named_is_one():
    doc = NetworkStudy.param.activation.doc
    for name in ACTIVATIONS:
        assert name in doc
        assert NetworkStudy(activation=name).question.network.function.name == name


@pytest.mark.parametrize("name", ["variance_scaling", "orthogonal", "he_normal", "normal"])
def test_a_dragged_dot_gives_short_numbers(name):
    scale = {"variance_scaling": {"scale": 1.0, "mode": "fan_in", "distribution": "normal"}, "normal": {"stddev": 0.1}}
    study = NetworkStudy(CLASSES[name](**scale.get(name, {})), width=96)
    study.move(1.0 - 2e-7, 0.3333333)
    study.move(1.2345678, 0.3333333)
    numbers = [value for _, value in study.initializer.values() if isinstance(value, float)]
    assert numbers == [float(f"{number:.4g}") for number in numbers]
    assert study.bias_std == 0.5774
    assert study.question.network.weight_variance == pytest.approx(1.2345678, rel=2e-3)
