"""Audits: models as declared pass as often as is said, planted faults are found and named, and all of it is printed."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from builders import BUILDERS, OURS
from oracles import refused

import initviz
from initviz.initializers import (
    delta_orthogonal,
    glorot_uniform,
    he_normal,
    lecun_normal,
    lecun_uniform,
    normal,
    orthogonal,
    truncated_normal,
    variance_scaling,
)
from initviz.models import Recipe, audit, from_toml, known_recipes, to_toml
from initviz.models.auditing import _judged
from initviz.models.likely import Likely
from initviz.models.trees import PASS

GPT = {"**/c_proj/kernel": "normal(0.02/√(2·layers))", "**/{kernel,embedding}": "normal(0.02)", "**/bias": "zeros",
       "**/scale": "ones"}  # fmt: skip
PLAIN = {"mlp/0/kernel": "lecun_normal", "mlp/1/kernel": "he_normal", "mlp/2/kernel": "glorot_uniform",
         "mlp/3/kernel": "orthogonal", "**/bias": "zeros"}  # fmt: skip
CONVOLUTIONS = {"conv_0/kernel": "he_normal", "conv_1/kernel": "lecun_uniform",
                "conv_2/kernel": "truncated_normal(0.02)", "**/bias": "zeros"}  # fmt: skip
SINGLE = np.float32
MODELS = 30
"""Of each kind, in every run; `audits` in benchmarks counts 1,000."""


def transformer(seed=0, layers=2, width=32):
    keys = iter(jax.random.split(jax.random.key(seed), 8 * layers + 8))

    def dense(inputs, outputs, std=0.02):
        return {"kernel": std * jax.random.normal(next(keys), (inputs, outputs), SINGLE), "bias": jnp.zeros(outputs)}

    branch = 0.02 / (2 * layers) ** 0.5
    blocks = {
        str(layer): {
            "ln_1": {"scale": jnp.ones(width), "bias": jnp.zeros(width)},
            "attn": {"c_attn": dense(width, 3 * width), "c_proj": dense(width, width, branch)},
            "mlp": {"c_fc": dense(width, 4 * width), "c_proj": dense(4 * width, width, branch)},
        }
        for layer in range(layers)
    }
    return {"wte": {"embedding": 0.02 * jax.random.normal(next(keys), (4 * width, width), SINGLE)}, "h": blocks}


def filled(seed, names, laws):
    keys = jax.random.split(jax.random.key(seed), len(laws))
    made = {
        name: {"kernel": law(key, shape, SINGLE), "bias": jnp.zeros(shape[-1])}
        for key, (name, (law, shape)) in zip(keys, zip(names, laws, strict=True), strict=True)
    }
    return {"mlp": made} if names[0].isdigit() else made


def perceptron(seed=0):
    laws = (lecun_normal(), (64, 128)), (he_normal(), (128, 64)), (glorot_uniform(), (64, 32)), (orthogonal(), (32, 10))
    return filled(seed, ["0", "1", "2", "3"], laws)


def convolutions(seed=0):
    laws = (he_normal(), (3, 3, 3, 16)), (lecun_uniform(), (3, 3, 16, 32)), (truncated_normal(0.02), (5, 5, 8, 8))
    return filled(seed, ["conv_0", "conv_1", "conv_2"], laws)


KINDS = {"transformer": (transformer, GPT), "MLP": (perceptron, PLAIN), "CNN": (convolutions, CONVOLUTIONS)}


@pytest.mark.slow(keeps=1)
@pytest.mark.parametrize("kind", KINDS)
def test_models_as_declared_pass_as_often_as_is_said(kind):
    """At 1 %: of 30 more than 3 would fail once in 4,500 times."""
    make, recipe = KINDS[kind]
    assert sum(not audit(make(seed), recipe) for seed in range(MODELS)) <= 3


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_recipe_nothing_is_wrong_and_each_tensor_is_told(kind):
    make, _ = KINDS[kind]
    found = audit(make())
    assert found
    assert all(row.likely.laws for row in found.rows)
    assert "none is judged" in str(found)


@pytest.mark.slow(keeps=2)
@pytest.mark.parametrize("which", OURS, ids=" ".join)
def test_models_of_flax_pass_by_its_recipe_and_not_by_another(which):
    model = BUILDERS[which]().model
    found = audit(model, "flax")
    assert found, str(found)
    assert [row.tensor.path for row in found.undeclared] in ([], ["positions"])  # which is no layer of flax
    assert not audit(model, "torch")


def dropped(seed, width):
    model = transformer(seed, 3, width)
    for block in model["h"].values():
        for part in ("attn", "mlp"):
            block[part]["c_proj"]["kernel"] *= 6**0.5
    return model, GPT


def dropped_once(seed, width):
    model = transformer(seed, 3, width)
    model["h"]["1"]["mlp"]["c_proj"]["kernel"] *= 6**0.5
    return model, GPT


def one(law, draw):
    """A model of one kernel that is not drawn by the law that is declared."""
    return lambda seed, width: ({"a": {"kernel": draw(jax.random.key(seed), width)}}, {"**/kernel": law})


def drawn(initializer, shape, dtype=SINGLE):
    return lambda key, width: initializer(key, tuple(width * size if size > 0 else -size for size in shape), dtype)


FAULTS = {
    "residual scaling": (dropped, "residual scaling 1/√(2·3) missing"),
    "residual scaling of one": (dropped_once, "residual scaling 1/√(2·3) missing"),
    "0.4/√d": (one("variance_scaling(1, fan_in, normal)", drawn(variance_scaling(0.16, "fan_in", "normal"), (1, 3))),
               "the spread is 0."),
    "experts as inputs": (one("lecun_normal(batch_axis=0)", drawn(lecun_normal(in_axis=(0, 1)), (-4, 1, 2))),
                          "the copies are counted as inputs"),
    "experts as taps": (one("lecun_normal(batch_axis=0)", drawn(lecun_normal(), (-4, 1, 2))),
                        "the copies are counted as taps"),
    "heads": (one("glorot_uniform(in_axis=0, out_axis=(1, 2))", drawn(glorot_uniform(), (1, -8, 1))),
              "fans are counted on axes -2 and -1"),
    "bfloat16": (one("lecun_normal", drawn(lecun_normal(), (1, 2), jnp.bfloat16)), "different values: drawn in a narr"),
    "fan_out": (one("he_normal", drawn(variance_scaling(2, "fan_out", "truncated_normal"), (1, 3))),
                "looks like fan_out instead of fan_in"),
    "truncation": (one("lecun_normal", lambda key, n: truncated_normal(n**-0.5)(key, (n, 2 * n), SINGLE)),
                   "truncation not corrected"),
    "bound": (one("lecun_uniform", drawn(variance_scaling(1 / 3, "fan_in", "uniform"), (1, 2))),
              "bound given in units of σ"),
    "gain": (one("he_normal", drawn(lecun_normal(), (1, 2))), "the gain √2 is missing"),
    "never written": (one("he_normal", lambda key, width: jnp.zeros((width, width))), "never written"),
    "not a number": (one("he_normal", lambda key, width: jnp.full((width, width), jnp.nan)), "NaN or infinite"),
    "not truncated": (one("he_normal", lambda key, n: (2 / n) ** 0.5 * jax.random.normal(key, (n, 2 * n))),
                      "not truncated: a plain normal law"),
}  # fmt: skip
"""What is planted, and what is said of it."""


@pytest.mark.slow(keeps=7)
@pytest.mark.parametrize("width", [32, 64, 128])
@pytest.mark.parametrize("fault", FAULTS)
def test_planted_faults_are_found_and_named(fault, width):
    plant, words = FAULTS[fault]
    for seed in range(4):
        model, recipe = plant(seed, width)
        found = audit(model, recipe)
        assert not found
        assert found.failed
        assert all(words in row.cause for row in found.failed), [row.cause for row in found.failed]


def test_one_of_three_matrices_that_is_scaled_is_named_with_its_factor():
    keys = jax.random.split(jax.random.key(0), 3)
    model = {name: {"kernel": lecun_normal()(key, (64, 128), SINGLE)} for name, key in zip("abc", keys, strict=True)}
    model["b"]["kernel"] *= 0.6
    found = audit(model, {"**/kernel": "lecun_normal"})
    assert [row.tensor.path for row in found.failed] == ["b/kernel"]
    assert found["b/kernel"].factor == pytest.approx(0.6, rel=0.03)


def test_a_key_used_twice_is_found_with_and_without_a_recipe():
    one = lecun_normal()(jax.random.key(0), (64, 64), SINGLE)
    for recipe in (None, {"**/kernel": "lecun_normal"}):
        found = audit({"a": {"kernel": one}, "b": {"kernel": one + 0}}, recipe)
        assert not found
        assert [relation.kind for relation in found.wrong] == ["copy"]


@pytest.mark.parametrize("law", ["normal(0.02)", "normal(0)"])
def test_one_block_of_another_spread_is_found_without_a_recipe(law):
    """Of a spread that no rule gives, and never written."""
    model = transformer(layers=4)
    kernel = model["h"]["2"]["mlp"]["c_fc"]["kernel"]
    model["h"]["2"]["mlp"]["c_fc"]["kernel"] = 1.3 * kernel if law == "normal(0.02)" else 0 * kernel
    found = audit(model)
    assert [relation.paths for relation in found.wrong] == [("h/2/mlp/c_fc/kernel",)]


def test_a_row_of_zeros_is_found_wherever_it_is():
    """The part of a large tensor that is observed ends before it."""
    weights = np.array(normal(0.1)(jax.random.key(0), (1024, 512)))
    assert audit({"kernel": weights}, {"kernel": "normal(0.1)"})
    weights[900] = 0
    (row,) = audit({"kernel": weights}, {"kernel": "normal(0.1)"}).failed
    assert row.cause == "512 weights are 0, such as rows left out"


def test_what_is_held_in_half_may_underflow():
    """Numbers of float16 are 6e-8 apart there, so that many of these are equal, and some 0."""
    weights = normal(1e-6)(jax.random.key(0), (1, 1, 192)).astype(jnp.float16)
    assert audit({"cls_token": weights}, {"cls_token": "normal(1e-6)"})


def test_a_dtype_that_is_declared_excuses_its_few_values():
    weights = lecun_normal()(jax.random.key(0), (64, 64), jnp.bfloat16)
    assert not audit({"kernel": weights}, {"kernel": "lecun_normal"})
    assert audit({"kernel": weights}, {"kernel": "lecun_normal(dtype=bfloat16)"})


def test_what_is_believed_passes_and_reads_back():
    model = transformer(layers=3)
    written = to_toml(audit(model).believed())
    recipe = from_toml(written)
    assert audit(model, recipe)
    assert {rule.law for rule in recipe.rules} >= {"normal(0.02)", "normal(0.02/√(2·layers))", "zeros", "ones"}
    model["h"]["0"]["attn"]["c_proj"]["kernel"] *= 2
    assert not audit(model, recipe)


def test_what_is_believed_of_layers_in_a_row_goes_by_what_they_are():
    """0/weight is a convolution's, 1/weight a normalization's: a law with fans is none for that."""
    keys = jax.random.split(jax.random.key(0), 3)
    third = variance_scaling(1 / 3, "fan_in", "uniform", in_axis=1, out_axis=0)
    model = {f"{2 * place}.weight": third(key, (16, 16, 3, 3), SINGLE) for place, key in enumerate(keys)}
    model |= {"1.weight": jnp.ones(16), "1.bias": jnp.zeros(16), "3.weight": jnp.full(1, 0.25)}
    recipe = audit(model).believed()
    found = audit(model, recipe)
    assert found, str(found)
    assert found["0/weight"].law == 'variance_scaling(1/3, "fan_in", "uniform")'
    assert found["1/weight"].law == "ones"


def test_what_is_believed_of_blocks_is_what_most_of_them_look_like():
    model = transformer(layers=4)
    model["h"]["2"]["mlp"]["c_fc"]["kernel"] *= 3
    recipe = audit(model).believed()
    assert [row.tensor.path for row in audit(model, recipe).failed] == ["h/2/mlp/c_fc/kernel"]
    assert "h/2/mlp/c_fc/kernel: not like the others of h/*/mlp/c_fc/kernel" in recipe.note


def test_a_rule_that_fits_nothing_is_no_pass():
    found = audit(perceptron(), PLAIN | {"**/bais": "zeros"})
    assert not found
    assert "the rule **/bais fits no tensor. Did you mean bias?" in str(found)


def test_a_recipe_of_another_model_is_no_pass():
    found = audit({"kernel": np.asarray(normal(0.02)(jax.random.key(0), (8, 8)))}, "gpt2")
    assert not found
    assert "no rule fits a tensor, nothing was tested." in str(found)


@pytest.mark.parametrize(("names", "recipe", "another"), [
    (["wte", "h/0/attn/c_attn"], "gpt2", False), (["one", "two"], "gpt2", True), (["one", "two"], "torch", False),
    (["model/layers/0/self_attn/q_proj", "vision/patch"], "llama", False),
    (["model/layers/0/self_attn/q_proj", "vision/one", "vision/two"], "llama", True),
])  # fmt: skip
def test_a_recipe_for_several_implementations_has_to_be_of_most_matrices(names, recipe, another):
    model = {f"{name}/weight": np.asarray(normal(0.02)(key, (64, 48)))
             for name, key in zip(names, jax.random.split(jax.random.key(0), len(names)), strict=True)}  # fmt: skip
    found = audit(model | {"ln_f/bias": np.zeros(3, np.float32)}, recipe)
    assert found.is_tested != another
    assert ("the recipe is of another model" in str(found)) == another
    assert not (another and found)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_no_numbers_are_wrong_whatever_is_declared(value):
    kernel = np.array(normal(0.02)(jax.random.key(0), (8, 8)))
    assert audit({"kernel": kernel})
    kernel[1, 2] = value
    for recipe in (None, {"other": "zeros"}):
        found = audit({"kernel": kernel, "other": np.zeros(3)}, recipe)
        assert not found
        assert "kernel: 1 weight NaN or infinite" in str(found)
    assert audit({"kernel": kernel, "other": np.zeros(3)}, {"kernel": "anything", "other": "zeros"})
    assert audit({"bn/running_var": np.full(3, value), "other": np.zeros(3)})  # which no initializer draws


@pytest.mark.parametrize(("name", "rule", "tested"), [
    ("bn/running_var", "**/running_var", True), ("bn/mean", "**/bn/mean", True), ("bn/running_var", "**", False),
    ("attn/mask", "**/mask", False), ("bn/running_var", "**/running_*", False),
])  # fmt: skip
def test_running_statistics_are_tested_where_a_rule_names_them(name, rule, tested):
    model = {"dense": {"kernel": np.asarray(normal(0.02)(jax.random.key(0), (8, 8)))},
             name: np.full(4, 3.0, np.float32), "bn/scale": np.ones(4, np.float32)}  # fmt: skip
    found = audit(model, {"**/kernel": "normal(0.02)", "bn/scale": "ones", rule: "ones"})
    assert found[name].role.kind == "state"
    assert found[name].fails == tested
    assert bool(found) != tested


def test_what_weights_look_like_is_the_cause_where_no_mistake_makes_them_as_likely():
    """The factor 2.95 is near the √10 of five blocks, but the weights are lecun_normal's."""
    *keys, last = jax.random.split(jax.random.key(1), 5)
    model = {f"layers/{place}/kernel": np.asarray(normal(0.03)(key, (128, 128))) for place, key in enumerate(keys)}
    found = audit(model | {"layers/4/kernel": np.asarray(lecun_normal()(last, (128, 10)))}, {"**": "normal(0.03)"})
    assert [(row.tensor.path, row.cause) for row in found.failed] == [("layers/4/kernel", "looks like lecun_normal")]


def test_a_path_moves_no_cursor():
    found = audit({"a\x1b[2J\u202eb": np.zeros(3, np.float32), "c": np.full(3, np.nan, np.float32)})
    assert r"a\x1b[2J\u202eb" in str(found)
    assert str(found).replace("\n", "").isprintable()


def test_it_prints_what_is_wrong_first():
    model, _ = dropped(0, 32)
    first, second, *rest = str(audit(model, Recipe.of(GPT, name="gpt2"))).splitlines()
    assert first == "audit by gpt2 · 31 tensors · 42,016 weights: 6 of 31 tensors not as declared."
    assert second.startswith("✗ h/*/attn/c_proj/kernel (3): normal(0.02/√(2·layers)) says std 0.00816, found 0.0")
    assert second.endswith("residual scaling 1/√(2·3) missing")
    assert any("h/*/attn/c_attn/kernel (3)" in line for line in rest)
    html = audit(model, GPT)._repr_html_()
    assert "<table>" in html
    assert "not as declared" in html


def test_alpha_may_be_a_number_of_numpy():
    assert audit({"bias": np.zeros(3, np.float32)}, {"bias": "zeros"}, np.float32(0.01))


def test_what_is_declared_and_fits_looks_neither_trained_nor_undeclared():
    """Running averages with a rule have one, though no test; weights of a law that is no candidate are not trained."""
    kernel = np.asarray(normal(0.02)(jax.random.key(0), (8, 8)))
    found = audit({"kernel": kernel, "bn": {"running_mean": np.zeros(64)}},
                  {"kernel": "normal(0.02)", "**/running_mean": "anything"})  # fmt: skip
    trained = [replace(row, likely=Likely(why="the model looks trained", drawn=False)) for row in found.rows]
    said = {row.tensor.path: str(row.likely) for row in _judged(trained, 0.01, {})}
    assert said == {"kernel": "no other rule that is known", "bn/running_mean": "the model looks trained"}
    assert found
    assert found.undeclared == ()


def test_rules_by_which_all_may_be_anything_are_no_pass():
    found = audit({"kernel": np.ones((3, 3)), "other": np.ones(3)}, {"**/kernel": "anything"})
    assert not found
    assert str(found).splitlines()[0].endswith(": no rule that fits says more than “anything”, nothing was tested.")


def test_it_says_how_much_was_not_tested():
    model = {"kernel": np.asarray(normal(0.02)(jax.random.key(0), (8, 8))), "table": np.ones(3), "other": np.ones(3)}
    said = str(audit(model, {"kernel": "normal(0.02)", "table": "anything"})).splitlines()[0]
    assert said.endswith(": 1 of 3 tensors as declared; 1 tensor without a rule; 1 tensor that may be anything.")


ONE = {"kernel": np.zeros((3, 3))}


@pytest.mark.parametrize(("model", "recipe", "alpha", "error", "message"), [
    ({}, None, 0.01, ValueError, f"model must have at least one tensor of weights, got a dict without any. {PASS}"),
    (np.zeros((3, 3)), None, 0.01, TypeError, "model must be a module or a tree of arrays, got one array, a ndarray. "
     "Pass it to initviz.check(weights, initializer) instead."),
    (ONE, "gtp2", 0.01, ValueError, f"recipe must be one of {', '.join(known_recipes())}, a .toml file or a dict, got "
     "'gtp2'. Did you mean gpt2?"),
    (ONE, None, 2, ValueError, "alpha must be between 0 and 1, got 2. Pass for instance 0.01."),
    (ONE, {"kernel": "he_norml"}, 0.01, ValueError, "'kernel' = 'he_norml': a law must have the name of an "
     "initializer, got 'he_norml'. Did you mean he_normal?"),
])  # fmt: skip
def test_refusals(model, recipe, alpha, error, message):
    refused(error, message, audit, model, recipe, alpha)


def test_an_unknown_path_is_told_what_there_is():
    with pytest.raises(KeyError, match="Did you mean mlp/0/kernel"):
        audit(perceptron())["mlp/0/kernl"]


def test_progress_ends_with_all_and_can_stop_it():
    shares = []
    audit(perceptron(), progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1

    def stop(share):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        audit(perceptron(), progress=stop)


def test_it_is_a_function_of_the_package():
    assert initviz.audit is audit


KEY = jax.random.key(0)


@pytest.mark.parametrize(("weights", "law", "said"), [
    (he_normal()(KEY, (32, 32)), "orthogonal", "looks like he_normal"),
    (orthogonal()(KEY, (32, 32)), "he_normal", "looks like orthogonal"),
    (orthogonal()(KEY, (600, 400)), "he_normal", "looks like orthogonal"),
    (he_normal()(KEY, (32, 32)), "zeros", "looks like he_normal"),
    (np.zeros(8), "ones", "every weight is 0"),
    (normal(0.02)(KEY, (100, 64)).at[0].set(0), "normal(0.02)", "64 weights are 0, such as rows left out"),
    (jnp.tile(normal(0.1)(KEY, (64, 64)), (3, 1)), "normal(0.1)",
     "only 4,096 different values: parts of it are copies"),
    (normal(0.1)(KEY, (64, 64)).at[:8].set(normal(0.1)(KEY, (64, 64))[8:16]), "normal(0.1)",
     "only 3,584 different values: parts of it are copies"),
    (jnp.abs(he_normal()(KEY, (64, 64))), "he_normal", ""),
    (0.02 * jax.random.normal(KEY, (64, 64)), "truncated_normal(0.02/0.87962566)",
     "not truncated: a plain normal law"),
    (normal(0.1)(KEY, (64, 64), np.float16), "normal(0.1)", "only 1,007 different values: drawn in a narrower format"),
    (np.frombuffer(np.random.default_rng(0).bytes(2**14), SINGLE).reshape(64, 64), "he_normal",
     "19 weights are NaN or infinite"),
], ids=str)  # fmt: skip
def test_causes_that_are_no_size(weights, law, said, recwarn):
    (row,) = audit({"kernel": weights}, {"kernel": law}).failed
    assert row.cause == said
    assert not recwarn.list


@pytest.mark.parametrize(("weights", "law"), [
    (delta_orthogonal()(KEY, (3, 3, 8, 16)), "delta_orthogonal"), (orthogonal(2.0)(KEY, (512, 512)), "orthogonal(2)"),
    (orthogonal()(KEY, (3, 3, 32, 64)), "orthogonal"), (normal(0.1)(KEY, (8, 8)).astype(jnp.float8_e4m3fn), None),
    (np.full((1, 1), 0.3), None), (normal(0.1)(KEY, (8, 8), jnp.complex64), None), (np.zeros((0, 4)), None),
], ids=str)  # fmt: skip
def test_what_else_there_is(weights, law):
    (row,) = audit({"kernel": weights}).rows
    assert row.likely.laws[:1] == ((law,) if law else ())


def test_a_model_in_a_file_is_named_by_its_path(tmp_path):
    np.savez(tmp_path / "model.npz", kernel=normal(0.02)(KEY, (64, 64)))
    for path in (tmp_path / "model.npz", str(tmp_path / "model.npz")):
        assert audit(path, {"kernel": "normal(0.02)"})
    with pytest.raises(ValueError, match="there is no file"):
        audit(tmp_path / "other.npz")
