"""Examples of models: each is found to be what it is an example of, and nothing else."""

import numpy as np
import pytest

from initviz.models import audit, known_recipes
from initviz.models.examples import EXAMPLES, drawn

SCALING, RIGHT, KEY, GLOROT = EXAMPLES
CAUSES = {SCALING: "residual scaling 1/√(2·12) missing", GLOROT: "looks like glorot_uniform"}
"""Why tensors of an example are not as declared."""
PLACES = {SCALING: ("c_proj/weight", 24), GLOROT: ("mlp.fc", 12)}
"""What their paths have, and how many there are."""


@pytest.fixture(scope="module")
def audits():
    """The audits of all of them by the recipes that they are said to follow."""
    return {title: audit(drawn(example), example.recipe) for title, example in EXAMPLES.items()}


def test_each_has_a_recipe_and_says_what_to_look_for():
    for example in EXAMPLES.values():
        assert example.recipe in known_recipes()
        assert example.says.endswith(".")


def test_what_is_wrong_with_each_is_found_named_and_all_there_is(audits):
    assert {title: bool(found) for title, found in audits.items()} == {
        SCALING: False, RIGHT: True, KEY: False, GLOROT: False
    }  # fmt: skip
    for title, cause in CAUSES.items():
        part, count = PLACES[title]
        wrong = [row.tensor.path for row in audits[title].failed]
        assert wrong == [path for path in EXAMPLES[title].shapes if part in path and path.endswith("weight")]
        assert len(wrong) == count
        assert {row.cause for row in audits[title].failed} == {cause}
        assert not audits[title].wrong
    assert not audits[KEY].failed
    assert [(each.kind, each.paths) for each in audits[KEY].wrong] == [("copy", ("layers/1/kernel", "layers/3/kernel"))]


def test_no_tensor_is_without_a_rule_and_no_rule_without_a_tensor(audits):
    for found in audits.values():
        assert found.undeclared == ()
        assert found.unused == ()


@pytest.mark.parametrize("title", EXAMPLES)
def test_it_is_the_same_each_time_and_another_by_another_seed(title):
    one, again, other = drawn(EXAMPLES[title]), drawn(EXAMPLES[title]), drawn(EXAMPLES[title], seed=1)
    assert [tensor.path for tensor in one] == list(EXAMPLES[title].shapes)
    for mine, theirs in zip(one, again, strict=True):
        assert mine.read().shape == mine.shape == EXAMPLES[title].shapes[mine.path]
        assert mine.read().dtype == mine.dtype == np.float32
        np.testing.assert_array_equal(mine.read(), theirs.read())
    largest = max(range(len(one)), key=lambda place: np.prod(one[place].shape))
    assert not np.array_equal(one[largest].read(), other[largest].read())


def test_keys_are_shared_by_those_alone_that_are_said_to():
    tensors = {tensor.path: tensor.read() for tensor in drawn(EXAMPLES[KEY])}
    np.testing.assert_array_equal(tensors["layers/1/kernel"], tensors["layers/3/kernel"])
    assert not np.array_equal(tensors["layers/1/kernel"], tensors["layers/2/kernel"])
