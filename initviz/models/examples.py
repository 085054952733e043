"""Models to look at before one has a model at hand: drawn as their recipe says, but for what each is an example of."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise

import jax
import numpy as np

from initviz.engine import draw
from initviz.models.recipe import Recipe
from initviz.models.roles import roles_of
from initviz.models.shipped import get_recipe
from initviz.models.tensor import Tensor

Shapes = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class Example:
    """A model by the shapes of its tensors, the recipe that it is said to follow, and what is other than that."""

    recipe: str
    shapes: Shapes
    says: str
    """What to look for, for who sees it."""
    instead: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Laws that some of its tensors are drawn by, in place of those of the recipe."""
    keys: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Of some paths the one whose key they are drawn with once more."""


def drawn(example: Example, seed: int = 0) -> tuple[Tensor, ...]:
    """The tensors of an example.

    >>> one, *others = drawn(EXAMPLES["GPT-2 as its paper says"])
    >>> one.path, one.shape, round(float(one.read().std()), 3)
    ('wte/weight', (512, 64), 0.02)
    """
    bare = [Tensor(path, shape, np.dtype(np.float32), lambda: np.zeros(())) for path, shape in example.shapes.items()]
    tensors = [replace(tensor, role=role) for tensor, role in zip(bare, roles_of(bare), strict=True)]
    declared = get_recipe(example.recipe)
    laws = Recipe("", (*Recipe.of(example.instead).rules, *declared.rules)).laws(tensors)
    keys = dict(zip(example.shapes, jax.random.split(jax.random.key(seed), len(tensors)), strict=True))
    found = []
    for tensor in tensors:
        law = laws[tensor.path]
        assert law is not None
        key, plan = keys[example.keys.get(tensor.path, tensor.path)], law.plan(tensor.shape, np.float32)
        weights = np.asarray(draw(plan.ensemble, key, tensor.shape, plan.dtype))
        found.append(Tensor(tensor.path, tensor.shape, tensor.dtype, lambda weights=weights: weights))
    return tuple(found)


def _gpt2(layers: int = 12, width: int = 64, words: int = 512, positions: int = 64) -> dict[str, tuple[int, ...]]:
    """A GPT-2 of few units, named as transformers names it, with inputs first."""
    block = {
        "ln_1/weight": (width,), "ln_1/bias": (width,),
        "attn/c_attn/weight": (width, 3 * width), "attn/c_attn/bias": (3 * width,),
        "attn/c_proj/weight": (width, width), "attn/c_proj/bias": (width,),
        "ln_2/weight": (width,), "ln_2/bias": (width,),
        "mlp/c_fc/weight": (width, 4 * width), "mlp/c_fc/bias": (4 * width,),
        "mlp/c_proj/weight": (4 * width, width), "mlp/c_proj/bias": (width,),
    }  # fmt: skip
    blocks = {f"h/{layer}/{name}": shape for layer in range(layers) for name, shape in block.items()}
    return {
        "wte/weight": (words, width), "wpe/weight": (positions, width), **blocks,
        "ln_f/weight": (width,), "ln_f/bias": (width,),
    }  # fmt: skip


def _mlp(*sizes: int) -> dict[str, tuple[int, ...]]:
    """Dense layers, named as flax names them."""
    found: dict[str, tuple[int, ...]] = {}
    for place, (inputs, outputs) in enumerate(pairwise(sizes)):
        found |= {f"layers/{place}/kernel": (inputs, outputs), f"layers/{place}/bias": (outputs,)}
    return found


def _vit(layers: int = 6, width: int = 96) -> dict[str, tuple[int, ...]]:
    """A vision transformer of few units, named as timm names it, with outputs first."""
    block = {
        "norm1.weight": (width,), "norm1.bias": (width,),
        "attn.qkv.weight": (3 * width, width), "attn.qkv.bias": (3 * width,),
        "attn.proj.weight": (width, width), "attn.proj.bias": (width,),
        "norm2.weight": (width,), "norm2.bias": (width,),
        "mlp.fc1.weight": (4 * width, width), "mlp.fc1.bias": (4 * width,),
        "mlp.fc2.weight": (width, 4 * width), "mlp.fc2.bias": (width,),
    }  # fmt: skip
    blocks = {f"blocks.{layer}.{name}": shape for layer in range(layers) for name, shape in block.items()}
    return {
        "cls_token": (1, 1, width), "pos_embed": (1, 65, width), "patch_embed.proj.weight": (width, 3, 4, 4),
        "patch_embed.proj.bias": (width,), **blocks, "norm.weight": (width,), "norm.bias": (width,),
        "head.weight": (10, width), "head.bias": (10,),
    }  # fmt: skip


EXAMPLES = {
    "GPT-2 whose depth scaling was dropped": Example(
        "gpt2", _gpt2(),
        "The paper scales the two matrices a block that end in the residual stream by 1/√(2·layers). A refactoring "
        "lost it: they were drawn like all others.",
        instead={"**/c_proj/weight": "normal(0.02)"},
    ),
    "GPT-2 as its paper says": Example("gpt2", _gpt2(), "Nothing is wrong: what an audit says then."),
    "flax layers that share a key": Example(
        "flax", _mlp(64, 128, 128, 128, 128, 10),
        "Each of them is right by itself. Two layers got one key, and so the same weights.",
        keys={"layers/3/kernel": "layers/1/kernel"},
    ),
    "ViT with Glorot's law, which timm does not draw": Example(
        "vit-timm", _vit(),
        "A port drew the matrices of its MLPs by another rule than the original.",
        instead={"**/mlp/{fc1,fc2}/weight": "glorot_uniform"},
    ),
}  # fmt: skip
"""By their titles in a menu; the first is on show before anything else."""
