"""Recipes that come with initviz know the tensors of public code, and say of them what that code draws."""

from dataclasses import replace

import jax
import pytest
from implementations import IMPLEMENTATIONS, D, H
from tensors import tensor

import initviz
from initviz.models.fitting import fitting
from initviz.models.globs import fits
from initviz.models.laws import ANYTHING
from initviz.models.roles import roles_of
from initviz.models.shipped import get_recipe, known_recipes

BOTH = [(name, found[0], found[1]) for name, found in IMPLEMENTATIONS.items()]
XAVIER = (2 / (D + H)) ** 0.5
STDS = {
    "gpt2, transformers": {"**/c_proj/weight": 0.01, "**/{c_attn,c_fc,wte,wpe,lm_head}/weight": 0.02},
    "gpt2, flax": {"**/c_proj/kernel": 0.01, "**/c_attn/kernel": 0.02, "**/wpe/embedding": 0.02},
    "gpt2-openai": {"**/c_proj/w": 0.02, "**/wpe": 0.01, "**/wte": 0.02},
    "nanogpt": {"**/c_proj/weight": 0.01, "**/c_fc/weight": 0.02, "**/wpe/weight": 0.02},
    "llama": {"**/{q,k,v,o,gate,up,down}_proj/weight": 0.02, "**/{embed_tokens,lm_head}/weight": 0.02},
    "llama-torchtitan": {"layers/0/**/{wo,w2,w3}/weight": 0.02 / 2**0.5, "layers/1/**/{wo,w2,w3}/weight": 0.01,
                         "**/{wq,wk,wv,w1}/weight": 0.02, "tok_embeddings/weight": 1.0,
                         "output/weight": 0.9865784 / D**0.5},
    "vit-timm": {"blocks/**/{qkv,proj,fc1}/weight": 0.02, "head/weight": 0.02, "pos_embed": 0.02, "cls_token": 1e-6},
    "vit-timm-jax": {"**/{fc1,fc2}/weight": XAVIER, "**/attn/qkv/weight": (2 / (4 * D)) ** 0.5, "**/mlp/fc1/bias": 1e-6,
                     "patch_embed/proj/weight": 1 / (3 * 64) ** 0.5},
    "vit-big-vision": {"**/Dense_*/kernel": XAVIER, "**/query/kernel": 1 / D**0.5, "**/out/kernel": 1 / D**0.5,
                       "**/Dense_0/bias": 1e-6, "**/pos_embedding": 1 / D**0.5, "**/embedding/kernel": 1 / 192**0.5},
    "mup, nanoGPT": {"**/{c_attn,c_fc,c_proj}/weight": 0.02 * (256 / D) ** 0.5, "**/{wte,wpe}/weight": 0.02},
    "mup, llama": {"**/*_proj/weight": 0.02 * (256 / D) ** 0.5, "lm_head/weight": 0.02},
}  # fmt: skip
ZEROS = {"vit-timm-jax": "head/{weight,bias}", "vit-big-vision": "params/{head/kernel,cls}"}


@pytest.mark.slow(keeps=3)
@pytest.mark.parametrize(("name", "known", "tensors"), BOTH, ids=[each[0] for each in BOTH])
def test_every_tensor_has_a_rule_and_draws_from_it_pass_the_check(name, known, tensors):
    found = get_recipe(known)
    assert fitting(found, tensors), str(fitting(found, tensors))
    laws, drawn = found.laws(tensors), set()
    for each in tensors:
        made = laws[each.path]
        if made is None:
            assert found.rule_of(each).law == ANYTHING
        elif (repr(made), each.shape) not in drawn:
            drawn.add((repr(made), each.shape))
            assert initviz.check(made(jax.random.key(7), each.shape), made), each.path


@pytest.mark.parametrize("name", STDS)
def test_the_standard_deviations_are_those_of_the_code(name):
    known, tensors = IMPLEMENTATIONS[name]
    laws = get_recipe(known).laws(tensors)
    for pattern, std in STDS[name].items():
        there = [each for each in tensors if fits(pattern, each)]
        assert there, pattern
        for each in there:
            assert laws[each.path].plan(each.shape)["std"] == pytest.approx(std, rel=1e-6), each.path


@pytest.mark.parametrize(("name", "known", "tensors"), BOTH, ids=[each[0] for each in BOTH])
def test_biases_are_zero_and_norms_one(name, known, tensors):
    laws = get_recipe(known).laws(tensors)
    for each in tensors:
        if each.role.kind == "norm scale":
            assert repr(laws[each.path]) == "ones()", each.path
        if each.role.kind in ("norm bias", "bias") and "mlp" not in each.path.lower() and "patch" not in each.path:
            assert repr(laws[each.path]) == "zeros()", each.path
        if name in ZEROS and fits(ZEROS[name], each):
            assert repr(laws[each.path]) == "zeros()", each.path


@pytest.mark.parametrize(("name", "known", "tensors"), BOTH, ids=[each[0] for each in BOTH])
def test_names_alone_give_the_same_laws_as_the_roles_by_hand(name, known, tensors):
    bare = [replace(each, path=each.path.replace(".", "/"), role=None) for each in tensors]
    told = [replace(each, role=role) for each, role in zip(bare, roles_of(bare), strict=True)]
    found = get_recipe(known).laws(told)
    assert fitting(get_recipe(known), told)
    assert list(map(repr, found.values())) == list(map(repr, get_recipe(known).laws(tensors).values()))


def test_cuts_of_pytorch_are_at_two_and_not_at_two_standard_deviations():
    _, tensors = IMPLEMENTATIONS["vit-timm"]
    assert get_recipe("vit-timm").laws(tensors)["head.weight"].upper == 100


@pytest.mark.parametrize(("layers", "std"), [(12, 0.0040825), (24, 0.0028868), (36, 0.0023570), (48, 0.0020412)])
def test_gpt2_of_every_size_scales_its_projections(layers, std):
    tensors = [tensor(f"transformer.h.{layer}.mlp.c_proj.weight", (D, H)) for layer in range(layers)]
    assert {round(made.stddev, 7) for made in get_recipe("gpt2").laws(tensors).values()} == {std}


@pytest.mark.parametrize("name", known_recipes())
def test_every_rule_of_a_named_model_is_for_a_tensor_of_its_code(name):
    tensors = [each for known, found in IMPLEMENTATIONS.values() if known == name for each in found]
    used = {rule.tensor for each in tensors if (rule := get_recipe(name).rule_of(each))}
    left = [rule for rule in get_recipe(name).rules if tensors and rule.tensor not in used and rule.law != ANYTHING]
    assert [rule.tensor for rule in left if rule.note != "of the attention that pools"] == RARE.get(name, [])


RARE = {"llama": ["**/bias"], "vit-big-vision": ["**/pre_logits/kernel"]}
"""Rules for what a model may have and those here have not."""
