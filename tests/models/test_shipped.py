"""The recipes that come with initviz, and whatever else a recipe is given by."""

import re

import numpy as np
import pytest

from initviz.models import audit
from initviz.models.recipe import Recipe
from initviz.models.shipped import get_recipe, known_recipes
from initviz.models.tensor import Role, Tensor
from initviz.models.toml import to_toml


@pytest.mark.parametrize("name", known_recipes())
def test_every_recipe_can_be_read_and_says_who_says_so(name):
    found = get_recipe(name)
    assert found.name == name
    assert found.source
    assert found.rules


def test_a_recipe_is_given_by_a_file_a_dict_or_itself(tmp_path):
    mine = Recipe.of({"**/bias": "zeros"}, "mine")
    path = tmp_path / "mine.toml"
    path.write_text(to_toml(mine), "utf-8")
    assert get_recipe(path) == get_recipe(str(path)) == mine
    assert get_recipe(mine) is mine
    assert get_recipe({"**/bias": "zeros"}).rules == mine.rules


@pytest.mark.parametrize("holder", ["equinox.nn.LSTMCell", "equinox.nn.GRUCell"])
def test_a_bias_of_a_cell_of_equinox_is_known_by_its_module_under_any_name(holder):
    bias = Tensor("rnn/bias", (64,), np.dtype("float32"), lambda: np.zeros(64), holder=holder, role=Role("bias"))
    assert get_recipe("equinox").rule_of(bias).law == "uniform(-1/√hidden, 1/√hidden)"


def test_what_is_no_recipe_is_refused(tmp_path):
    with pytest.raises(
        ValueError, match=r"^recipe must be one of .*, a .toml file or a dict, got 'gtp2'. Did you mean gpt2\?$"
    ):
        get_recipe("gtp2")
    with pytest.raises(ValueError, match=r"Pass one of these names, a path that ends with .toml, or a dict\.$"):
        get_recipe(3)
    with pytest.raises(
        ValueError, match=r"^recipe must be a file that can be read, got .*: No such file or directory. "
    ):
        get_recipe(tmp_path / "none.toml")
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ValueError, match="it is no UTF-8"):
        get_recipe(path)
    path.write_text("[rules]\n'**' = 'zero'")
    with pytest.raises(ValueError, match="^" + re.escape("mine.toml: '**' = 'zero': a law must have")):
        get_recipe(path)


@pytest.mark.parametrize(("recipe", "path", "value"), [
    ("flax", "PReLU_0/negative_slope", 0.01), ("equinox", "act/negative_slope", 0.25), ("torch", "1/weight", 0.25),
    ("keras", "p_re_lu/alpha", 0.0),
])  # fmt: skip
def test_slopes_are_declared(recipe, path, value):
    model = {path: np.full(1, value, np.float32)}
    (row,) = audit(model, recipe).rows
    assert row.verdict == "as declared"
    assert audit({path: model[path] + np.float32(0.5)}, recipe)[path].fails
