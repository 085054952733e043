"""A recipe says of each tensor what it is declared to come from, and of itself where a model does not fit it."""

import re

import jax
import pytest
from tensors import BIAS, INPUTS_FIRST, OUTPUTS_FIRST, tensor

import initviz
from initviz.models.fitting import fitting
from initviz.models.recipe import Recipe, Rule

RULES = {
    "**/attn/bias": "anything",
    "**/c_proj/{kernel,weight}": "normal(0.02/√(2·layers))",
    "**/{kernel,weight}": "he_normal",
    "**/bias": "zeros",
}


def model(layers=3, width=32):
    """Tensors of a small model, in PyTorch's order of axes."""
    names = [("attn.c_proj", width), ("mlp.c_fc", 4 * width)]
    found = []
    for layer in range(layers):
        for name, outputs in names:
            found += [tensor(f"h.{layer}.{name}.weight", (outputs, width), OUTPUTS_FIRST)]
            found += [tensor(f"h.{layer}.{name}.bias", (outputs,), BIAS)]
    return found


def test_the_first_rule_that_fits_wins():
    laws = Recipe.of(RULES).laws(model())
    assert repr(laws["h.0.attn.c_proj.weight"]) == f"normal(stddev={0.02 / 6**0.5!r})"
    assert repr(laws["h.2.mlp.c_fc.weight"]) == "he_normal(in_axis=1, out_axis=0)"
    assert repr(laws["h.1.mlp.c_fc.bias"]) == "zeros()"
    last_first = Recipe.of(dict(reversed(RULES.items()))).laws(model())
    assert repr(last_first["h.0.attn.c_proj.weight"]) == "he_normal(in_axis=1, out_axis=0)"


def test_nothing_is_declared_of_a_mask_or_of_what_no_rule_fits():
    recipe = Recipe.of(RULES)
    assert recipe.law_of(tensor("h.0.attn.bias")) is None
    assert recipe.rule_of(tensor("h.0.attn.bias")) == Rule("**/attn/bias", "anything")
    assert recipe.rule_of(tensor("scale")) is recipe.law_of(tensor("scale")) is None


def test_draws_from_the_laws_of_a_recipe_pass_the_check_and_a_missing_scale_does_not():
    for path, made in Recipe.of(RULES).laws(model(width=64)).items():
        shape = next(each.shape for each in model(width=64) if each.path == path)
        weights = made(jax.random.key(3), shape)
        assert initviz.check(weights, made), path
        if "c_proj.weight" in path:
            assert not initviz.check(6**0.5 * weights, made), path


def test_quantities_of_the_recipe_go_before_those_of_the_model():
    made = Recipe.of({"**": "normal(0.02/√(2·layers)/gain)"}, quantities={"layers": 50, "gain": 4}).laws(model())
    assert made["h.0.attn.c_proj.weight"].stddev == pytest.approx(0.0005)


def test_the_bias_of_a_linear_layer_of_pytorch_has_its_fan():
    recipe = Recipe.of({"**/weight": "torch.nn.init.kaiming_uniform_(w, a=math.sqrt(5))",
                        "**/bias": "uniform(-1/√fan_in, 1/√fan_in)"})  # fmt: skip
    made = recipe.laws(model(width=48))["h.0.mlp.c_fc.bias"]
    assert made.plan((192,))["bound"] == pytest.approx(48**-0.5)
    assert initviz.check(made(jax.random.key(0), (192,)), made)


REFUSED = [
    ({"rules": {"**/kernel": "he_norml"}, "name": "mine"}, "'**/kernel' = 'he_norml' of recipe mine: a law must have "
     "the name of an initializer, got 'he_norml'. Did you mean he_normal?"),
    ({"rules": {"**/{kernel": "zeros"}}, "braces must be closed, got '**/{kernel'. Write for instance "
     "\"**/{kernel,weight}\"."),
    ({"rules": ["zeros"]}, "a recipe must be a dict from tensors to laws, got ['zeros']. Write for instance "
     "{\"**/bias\": \"zeros\"}."),
    ({"rules": {"**": "normal(a)"}, "quantities": {"a": "1"}}, "quantities must be numbers by name, got 'a' = '1'. "
     "Write for instance layers = 12."),
    ({"rules": {"**": None}}, "'**' = None: a law must be a name or a call of an initializer, got None. Write for "
     "instance normal(0.02), he_normal or zeros."),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "message"), REFUSED)
def test_what_is_no_recipe_is_refused_by_the_name_of_the_rule(arguments, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        Recipe.of(**arguments)


def test_a_rule_that_makes_no_law_for_a_tensor_is_named():
    said = "'**' = 'he_normal' of recipe mine: he_normal must know which axes are inputs and outputs, got a bias. "
    with pytest.raises(ValueError, match=f"^{re.escape(said)}"):
        Recipe.of({"**": "he_normal"}, "mine").law_of(tensor("bias", (4,), BIAS))


def test_a_typo_does_not_pass_as_fine():
    found = fitting(
        Recipe.of({"**/c_porj/weight": "zeros", **RULES, "**/c_fc/bias": "ones"}), [*model(), tensor("wte.w")]
    )
    assert not found
    assert str(found).splitlines() == [
        "'**/c_porj/weight' fits no tensor. Did you mean c_proj?",
        "'**/attn/bias' fits no tensor. Leave it out, or correct its path.",
        "'**/c_fc/bias' decides about nothing: rules before it fit the same tensors. Move it up.",
        'no rule fits wte.w. Add one, such as "**/w".',
    ]


def test_a_recipe_that_fits_says_so():
    found = fitting(Recipe.of(dict(list(RULES.items())[1:])), model())
    assert found
    assert str(found) == "every tensor has a rule, and every rule a tensor"


def test_of_a_recipe_for_several_implementations_no_rule_is_too_many():
    general = Recipe("any", tuple(Rule(*each) for each in RULES.items()), general=True)
    assert fitting(general, model())
    assert fitting(general, [tensor("wte.table", role=INPUTS_FIRST)]).undeclared == ("wte.table",)
