"""What tensors have to do with each other: copies, multiples, one key for two laws, ties, and odd siblings."""

import jax
import numpy as np
import pytest

from initviz.initializers import he_normal, lecun_uniform, normal, zeros
from initviz.models.across import family, groups_of, relations, unlike_siblings
from initviz.models.seen import see
from initviz.models.tensor import Role, Tensor

DENSE = Role("Dense", (0,), (1,))


def looked_at(*arrays, same=(None,) * 9):
    tensors = [Tensor(f"h/{place}/kernel", a.shape, a.dtype, lambda a=a: a, same=same[place])
               for place, a in enumerate(map(np.asarray, arrays))]  # fmt: skip
    return [(each, see(each, DENSE)) for each in tensors]


def odd(*arrays, known=(True,) * 9):
    groups = groups_of((*each, known[place]) for place, each in enumerate(looked_at(*arrays)))
    return unlike_siblings(groups, 0.01)


KEY, OTHER = jax.random.split(jax.random.key(0))
FIRST = normal(1.0)(KEY, (32, 16))


@pytest.mark.parametrize(("second", "kind"), [
    (FIRST, "copy"), (3.0 * FIRST, "scaled copy"), (-FIRST, "scaled copy"), (normal(1.0)(KEY, (16, 32)), "copy"),
    (lecun_uniform()(KEY, (32, 16)), "same random numbers"), (he_normal()(KEY, (32, 16)), "same random numbers"),
    (normal(1.0)(OTHER, (32, 16)), None), (zeros(KEY, (32, 16)), None),
])  # fmt: skip
def test_one_key_for_two_tensors_is_noticed(second, kind):
    found = relations(looked_at(FIRST, second))
    assert [each.kind for each in found] == [kind] * (kind is not None)


def test_tied_weights_are_said_and_are_no_copies():
    (found,) = relations(looked_at(FIRST, FIRST, same=(1, 1)))
    assert (found.kind, found.wrong) == ("tied", False)


def test_slices_that_begin_alike_are_said_of_the_one_tensor_that_has_them():
    stack = np.stack([FIRST, normal(1.0)(OTHER, (32, 16)), FIRST])
    role = Role("Dense", (1,), (2,), (0,))
    tensor = Tensor("blocks/kernel", stack.shape, stack.dtype, lambda: stack)
    (found,) = relations([(tensor, see(tensor, role))])
    assert (found.kind, found.paths) == ("copy", ("blocks/kernel",))
    assert found.words == "slices of the stack begin with equal weights: one key, or copies"


def test_constants_are_no_copies():
    assert relations(looked_at(np.ones((8, 8)), np.ones((8, 8)))) == ()


def test_ten_thousand_pairs_of_independent_draws_are_no_copies():
    draws = [np.asarray(normal(1.0)(key, (5, 5))) for key in jax.random.split(KEY, 142)]
    assert relations(looked_at(*draws, same=(None,) * 142)) == ()


def test_a_tensor_whose_spread_is_not_that_of_its_siblings_is_named():
    draws = [np.asarray(normal(0.02)(key, (64, 64))) for key in jax.random.split(KEY, 6)]
    assert odd(*draws) == ()
    draws[3] = 1.2 * draws[3]
    (found,) = odd(*draws)
    assert found.paths == ("h/3/kernel",)
    assert found.words == "its spread is 1.187 times that of the other 5"


def test_a_tensor_that_nobody_wrote_among_siblings_is_named():
    draws = [np.asarray(normal(0.02)(key, (8, 8))) for key in jax.random.split(KEY, 4)]
    draws[1] = 0 * draws[1]
    (found,) = odd(*draws)
    assert found.paths == ("h/1/kernel",)
    assert found.words == "every weight is 0, those of the other 3 vary"


def test_siblings_of_which_most_look_like_no_law_are_not_compared():
    draws = [np.asarray(normal(1.0)(key, (64, 64))) for key in jax.random.split(KEY, 4)]
    draws[3] = 2 * draws[3]
    assert odd(*draws, known=(True, False, False, True)) == ()
    assert odd(*draws, known=(True, True, True, False))[0].paths == ("h/3/kernel",)


@pytest.mark.slow(keeps=0)
def test_siblings_are_called_odd_as_often_as_is_said():
    """In 1,000 groups of 8 draws at most 1 % and what chance adds to that."""
    alarms = 0
    for key in jax.random.split(jax.random.key(5), 1000):
        draws = np.asarray(normal(1.0)(key, (8, 12, 12)))
        alarms += bool(odd(*draws))
    assert alarms <= 18


@pytest.mark.parametrize(("path", "expected"), [
    ("h/0/attn/kernel", "h/*/attn/kernel"), ("h.11.mlp.c_fc.weight", "h.*.mlp.c_fc.weight"),
    ("Dense_3/kernel", "Dense_*/kernel"), ("conv2/kernel", "conv2/kernel"), ("layers/12", "layers/*"),
])  # fmt: skip
def test_families_have_stars_for_numbers(path, expected):
    assert family(path) == expected
