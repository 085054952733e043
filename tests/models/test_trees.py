"""Tensors of models in memory: paths in order, values, ties, and what is refused in which words."""

import flax.core
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from builders import BUILDERS, OURS
from flax import linen, nnx
from laws import same_law
from oracles import refused

from initviz.initializers import lecun_normal
from initviz.models.trees import tensors_of

PASS = (
    " Pass a module of flax.nnx, Equinox or PyTorch, what init(...) of flax.linen or Haiku returned, a state_dict, or "
    "any dict of arrays."
)


def paths(model):
    return [tensor.path for tensor in tensors_of(model)]


@pytest.mark.parametrize("which", OURS, ids=" ".join)
def test_a_model_is_read_whole_and_as_its_framework_draws_it(which):
    built = BUILDERS[which]()
    tensors = tensors_of(built.model)
    tree = built.model["params"] if "linen" in which[0] else nnx.state(built.model, nnx.Param)
    assert sum(np.size(tensor.read()) for tensor in tensors) == sum(map(np.size, jax.tree.leaves(tree)))
    assert len(tensors) == len({tensor.path for tensor in tensors}) == len(jax.tree.leaves(tree))
    for tensor in tensors:
        array = tensor.read()
        assert (array.shape, array.dtype) == (tensor.shape, tensor.dtype)
        assert same_law(array.astype(float), built.law(tensor.path).plan(array.shape)), tensor.path


def test_paths_are_in_the_order_of_the_model():
    assert paths(BUILDERS["flax.nnx", "transformer"]().model) == [
        "tokens/embedding", "positions",
        *(f"blocks/{n}/{name}" for n in (0, 1) for name in (
            "before/scale", "before/bias", "attention/query/kernel", "attention/query/bias", "attention/key/kernel",
            "attention/key/bias", "attention/value/kernel", "attention/value/bias", "attention/out/kernel",
            "attention/out/bias", "between/scale", "between/bias", "up/kernel", "up/bias", "down/kernel", "down/bias",
        )),
        "last/scale", "last/bias", "head/kernel",
    ]  # fmt: skip
    twelve = nnx.List([nnx.Linear(1, 1, use_bias=False, rngs=nnx.Rngs(0)) for _ in range(12)])
    assert paths(twelve) == [f"{n}/kernel" for n in range(12)]
    assert paths({"b": np.ones(1), "a": np.ones(1), "10": np.ones(1), "9": np.ones(1)}) == ["b", "a", "10", "9"]


def test_a_state_is_read_as_its_module_is():
    model = BUILDERS["flax.nnx", "CNN"]().model
    for state in (nnx.state(model), nnx.split(model)[1], nnx.state(model, nnx.Param)):
        assert sorted(paths(state)) == sorted(paths(model))
    assert "rngs" not in " ".join(paths(model))
    assert not [
        path for path in paths(model) if path.startswith("norm/") and path.rpartition("/")[2] in ("mean", "var")
    ]


@pytest.mark.parametrize("wrap", [dict, flax.core.freeze, lambda each: each["params"], lambda each: {"params": each}])
def test_of_linens_variables_the_parameters_count(wrap):
    variables = BUILDERS["flax.linen", "CNN"]().model
    assert set(variables) == {"params", "batch_stats"}
    assert paths(wrap(variables))[:4] == ["Conv_0/kernel", "Conv_0/bias", "BatchNorm_0/scale", "BatchNorm_0/bias"]
    assert len(paths(wrap(variables))) == 9


def test_axes_with_names_are_read_through():
    init = linen.with_partitioning(linen.initializers.lecun_normal(), ("in", "out"))
    variables = linen.Dense(3, kernel_init=init).init(jax.random.key(0), jnp.ones((1, 2)))
    assert paths(variables) == ["kernel", "bias"]


def test_a_bound_module_of_linen_has_weights_and_an_unbound_one_none():
    module = linen.Dense(3)
    assert paths(module.bind(module.init(jax.random.key(0), jnp.ones((1, 2))))) == ["kernel", "bias"]
    message = (
        "model must have weights, got a Dense of flax.linen, which has none itself. Pass what its init(...) returned."
    )
    refused(ValueError, message, tensors_of, module)


def test_names_between_dots_are_paths():
    state_dict = {"h.0.attn.c_attn.weight": np.ones((2, 6)), "h.0.attn.c_attn.bias": np.ones(6)}
    assert paths(state_dict) == ["h/0/attn/c_attn/weight", "h/0/attn/c_attn/bias"]
    assert paths({"mlp/~/linear_0.5": {"w": np.ones((1, 1))}}) == ["mlp/~/linear_0.5/w"]  # of Haiku


def test_arrays_at_two_paths_are_known_as_tied():
    class Tied(nnx.Module):
        def __init__(self, rngs):
            self.one = nnx.Linear(3, 3, rngs=rngs)
            self.two = self.one
            self.three = nnx.Linear(3, 3, rngs=rngs)
            self.three.kernel = self.one.kernel

    same = {tensor.path: tensor.same for tensor in tensors_of(Tied(nnx.Rngs(0)))}
    assert same["one/kernel"] == same["two/kernel"] == same["three/kernel"]
    assert same["one/bias"] == same["two/bias"] != same["three/bias"]
    array = np.ones((2, 3))
    first, view, copy, other = tensors_of([array, array[:], array.copy(), array.T])
    assert first.same == view.same not in (copy.same, other.same)


@pytest.mark.parametrize("which", OURS, ids=" ".join)
def test_no_two_tensors_of_a_fresh_model_are_tied(which):
    same = [tensor.same for tensor in tensors_of(BUILDERS[which]().model)]
    assert len(set(same)) == len(same)


def test_what_is_no_weight_is_passed_over():
    key = jax.random.key(0)
    tree = {"w": np.ones((2, 2)), "rate": 0.1, "none": None, "act": jnp.tanh, "name": "mlp", "key": key,
            "legacy": jax.random.key_data(key), "texts": np.array(["a"]), "scalar": np.float32(1)}  # fmt: skip
    assert paths(tree) == ["w"]

    class Rotated(nnx.Module):
        def __init__(self, rngs):
            self.frequencies = jnp.ones(3)
            self.linear = nnx.Linear(2, 2, rngs=rngs)

    assert paths(Rotated(nnx.Rngs(0))) == ["linear/kernel", "linear/bias"]


def test_a_module_that_knows_what_it_is_in_is_read_once():
    class Child(nnx.Module, pytree=False):
        def __init__(self, parent, rngs):
            self.parent = parent
            self.linear = nnx.Linear(2, 2, rngs=rngs)

    class Parent(nnx.Module, pytree=False):
        def __init__(self, rngs):
            self.child = Child(self, rngs)

    assert paths(Parent(nnx.Rngs(0))) == ["child/linear/kernel", "child/linear/bias"]


def test_depth_has_no_bound():
    tree = {"w": np.ones(1)}
    for _ in range(3000):
        tree = {"a": tree}
    assert paths(tree) == ["a/" * 3000 + "w"]


def test_any_pytree_is_read_with_what_holds_it():
    class Plain:
        def __init__(self, w):
            self.w = w

    jax.tree_util.register_pytree_with_keys(
        Plain, lambda each: (((jax.tree_util.GetAttrKey("w"), each.w),), None), lambda _, children: Plain(*children)
    )
    [tensor] = tensors_of([(Plain(jnp.ones((2, 3), jnp.bfloat16)),)])
    assert (tensor.path, tensor.shape, tensor.dtype) == ("0/0/w", (2, 3), jnp.bfloat16)
    assert tensor.holder == f"{__name__}.{Plain.__qualname__}"
    assert tensor.role is None


def test_nothing_is_read_before_it_is_asked_for():
    class Loud(np.ndarray):
        def __array__(self, *args, **kwargs):
            raise AssertionError

    assert paths([np.ones((2, 2)).view(Loud)]) == ["0"]


def test_trees_without_weights_are_refused_in_words():
    none = "model must have at least one tensor of weights, got {} without any." + PASS
    models = {}, [1.0, None], "gpt2.npz", lecun_normal(), nnx.Dropout(0.1)
    for model, name in zip(models, ("a dict", "a list", "a str", "a LecunNormal", "a Dropout"), strict=True):
        refused(ValueError, none.format(name), tensors_of, model)
    one = (
        "model must be a module or a tree of arrays, got one array, {}. "
        "Pass it to initviz.check(weights, initializer) instead."
    )
    refused(TypeError, one.format("a ndarray"), tensors_of, np.ones((2, 2)))
    refused(TypeError, one.format("an ArrayImpl"), tensors_of, jnp.ones((2, 2)))
    refused(TypeError, one.format("a Param"), tensors_of, nnx.Param(jnp.ones((2, 2))))


def test_weights_that_do_not_exist_yet_are_refused_in_words():
    built = "Build the model without jax.eval_shape, nnx.eval_shape or jax.jit around this call."
    message = "model must have weights, got none yet at {}: a {} of shape {}. " + built
    abstract = nnx.eval_shape(lambda: nnx.Embed(8, 2, rngs=nnx.Rngs(0)))
    refused(ValueError, message.format("embedding", "ShapeDtypeStruct", (8, 2)), tensors_of, abstract)

    def traced(w):
        refused(ValueError, message.format("w", "DynamicJaxprTracer", (2,)), tensors_of, {"w": w})
        return w

    jax.make_jaxpr(traced)(jnp.ones(2))
    gone = jnp.ones(2)
    gone.delete()
    donated = (
        "model must have weights, got none yet at w: an array that was deleted. "
        "Pass the model that the last step of training returned: its old arrays were donated."
    )
    refused(ValueError, donated, tensors_of, {"w": gone})
