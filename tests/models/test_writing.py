"""A recipe that is written of what is known of each tensor says just that, in few rules."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from implementations import IMPLEMENTATIONS
from tensors import tensor

from initviz.models.fitting import fitting
from initviz.models.shipped import get_recipe
from initviz.models.toml import from_toml, to_toml
from initviz.models.writing import recipe_of


@pytest.mark.parametrize("name", [name for name, (known, _) in IMPLEMENTATIONS.items() if known != "mup"])
def test_a_recipe_written_of_laws_gives_them_back_in_few_rules(name):
    known, tensors = IMPLEMENTATIONS[name]
    laws = {each.path: get_recipe(known).rule_of(each).law for each in tensors}
    written = from_toml(to_toml(recipe_of(laws, "believed", "what the weights look like")))
    assert {each.path: written.rule_of(each).law for each in tensors} == laws
    assert fitting(written, tensors), str(fitting(written, tensors))
    assert len(written.rules) <= 14


def test_blocks_that_differ_have_each_a_rule():
    laws = {f"h.{layer}.w": f"normal({0.02 / (layer + 1)})" for layer in range(3)} | {"x.w": "zeros", "h.0.b": "zeros"}
    assert [rule.tensor for rule in recipe_of(laws).rules] == ["h/0/w", "h/1/w", "h/2/w", "**/x/w", "**/b"]


NAMES = st.sampled_from(["h", "0", "1", "2", "a", "b", "w", "['w']", "{", "k:0"])
PATHS = st.lists(NAMES, min_size=1, max_size=5).map("/".join)


@settings(max_examples=400)
@given(st.dictionaries(PATHS, st.sampled_from(["zeros", "ones", "normal(1)"]), max_size=12))
def test_whatever_the_paths_each_has_its_law(laws):
    written = recipe_of(laws)
    assert {path: written.rule_of(tensor(path)).law for path in laws} == laws


def test_names_that_no_pattern_tells_apart_come_to_an_end():
    assert len(recipe_of({"{": "zeros", "[": "ones"}).rules) == 1
