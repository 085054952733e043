"""Roles by name and shape: the tensors of public models, by the names that their own files have."""

from dataclasses import replace

import numpy as np
import pytest
from builders import BUILDERS, OURS
from linen_models import transformer

from initviz.models.roles import KINDS, contraction, role_of, roles_of
from initviz.models.tensor import BY_MODULE, BY_NAME, BY_SHAPE, Tensor
from initviz.models.trees import tensors_of

D, F, V, E = 48, 128, 100, 4
"""Width, features of an MLP, tokens, experts."""
STATE = ("state", (), (), ())
SCALE, SHIFT, BIAS = (("norm scale", (), (), ()), ("norm bias", (), (), ()), ("bias", (), (), ()))
TABLE = ("Embedding", (), (1,), (0,))
IN_OUT, OUT_IN = ("Dense", (0,), (1,), ()), ("Dense", (1,), (0,), ())

MODELS = {
    "GPT-2 of transformers": {
        "wte/weight": ((V, D), TABLE), "wpe/weight": ((32, D), TABLE), "h/0/ln_1/weight": ((D,), SCALE),
        "h/0/ln_1/bias": ((D,), SHIFT), "h/0/attn/bias": ((1, 1, 32, 32), STATE), "h/0/attn/masked_bias": ((), STATE),
        "h/0/attn/c_attn/weight": ((D, 3 * D), IN_OUT), "h/0/attn/c_attn/bias": ((3 * D,), BIAS),
        "h/0/attn/c_proj/weight": ((D, D), IN_OUT), "h/0/mlp/c_fc/weight": ((D, 4 * D), IN_OUT),
        "h/0/mlp/c_fc/bias": ((4 * D,), BIAS), "h/0/mlp/c_proj/weight": ((4 * D, D), IN_OUT),
        "lm_head/weight": ((V, D), OUT_IN), "ln_f/weight": ((D,), SCALE),
    },
    "nanoGPT without biases": {
        "transformer/wte/weight": ((V, D), TABLE), "transformer/h/0/ln_1/weight": ((D,), SCALE),
        "transformer/h/0/attn/c_attn/weight": ((3 * D, D), OUT_IN),
        "transformer/h/0/attn/c_proj/weight": ((D, D), OUT_IN), "transformer/h/0/mlp/c_fc/weight": ((4 * D, D), OUT_IN),
        "transformer/h/0/mlp/c_proj/weight": ((D, 4 * D), OUT_IN), "lm_head/weight": ((V, D), OUT_IN),
    },
    "GPT-2 of transformers in flax, which keeps outputs first": {
        "transformer/wte/embedding": ((V, D), TABLE), "transformer/h/0/ln_1/scale": ((D,), SCALE),
        "transformer/h/0/attn/c_attn/kernel": ((3 * D, D), OUT_IN),
        "transformer/h/0/attn/c_attn/bias": ((3 * D,), BIAS), "transformer/h/0/attn/c_proj/kernel": ((D, D), OUT_IN),
        "transformer/h/0/mlp/c_proj/kernel": ((D, 4 * D), OUT_IN), "transformer/h/0/mlp/c_proj/bias": ((D,), BIAS),
    },
    "Llama": {
        "model/embed_tokens/weight": ((V, D), TABLE), "model/layers/0/input_layernorm/weight": ((D,), SCALE),
        "model/layers/0/self_attn/q_proj/weight": ((D, D), OUT_IN),
        "model/layers/0/self_attn/k_proj/weight": ((12, D), OUT_IN),
        "model/layers/0/self_attn/rotary_emb/inv_freq": ((6,), STATE),
        "model/layers/0/mlp/gate_proj/weight": ((F, D), OUT_IN),
        "model/layers/0/mlp/down_proj/weight": ((D, F), OUT_IN),
        "model/layers/1/mlp/gate/weight": ((E, D), OUT_IN),
        "model/layers/1/mlp/experts/gate_up_proj": ((E, 2 * F, D), ("Experts", (2,), (1,), (0,))),
        "model/layers/1/mlp/experts/down_proj": ((E, D, F), ("Experts", (2,), (1,), (0,))),
    },
    "experts that keep inputs first": {
        "norm/weight": ((D,), SCALE), "mlp/experts/gate_up_proj": ((E, D, 2 * F), ("Experts", (1,), (2,), (0,))),
        "mlp/experts/gate_up_proj_bias": ((E, 2 * F), BIAS),
        "mlp/experts/down_proj": ((E, F, D), ("Experts", (1,), (2,), (0,))),
    },
    "Mixtral, every expert by itself": {
        "layers/0/block_sparse_moe/experts/0/w1/weight": ((F, D), OUT_IN),
        "layers/0/block_sparse_moe/experts/0/w2/weight": ((D, F), OUT_IN),
    },
    "Gemma": {
        "transformer/embedder/input_embedding": ((V, D), TABLE),
        "transformer/layer_0/attn/q_einsum/w": ((E, D, 12), ("AttentionProjection", (1,), (0, 2), ())),
        "transformer/layer_0/attn/kv_einsum/w": ((2, 1, D, 12), ("AttentionProjection", (2,), (0, 1, 3), ())),
        "transformer/layer_0/attn/attn_vec_einsum/w": ((E, 12, D), ("AttentionOutput", (0, 1), (2,), ())),
        "transformer/layer_0/mlp/gating_einsum": ((2, D, F), ("Dense", (1,), (2,), (0,))),
        "transformer/layer_0/mlp/linear": ((F, D), IN_OUT), "transformer/layer_0/pre_ffw_norm/scale": ((D,), SCALE),
    },
    "ViT of timm": {
        "cls_token": ((1, 1, D), ("Embedding", (), (2,), (0, 1))),
        "pos_embed": ((1, 17, D), ("Embedding", (), (2,), (0, 1))),
        "patch_embed/proj/weight": ((D, 3, 4, 4), ("Conv", (1,), (0,), ())), "patch_embed/proj/bias": ((D,), BIAS),
        "blocks/0/norm1/weight": ((D,), SCALE), "blocks/0/attn/qkv/weight": ((3 * D, D), OUT_IN),
        "blocks/0/ls1/gamma": ((D,), ("layer scale", (), (), ())), "blocks/0/mlp/fc1/weight": ((F, D), OUT_IN),
    },
    "MaxText, scanned along the second axis": {
        "decoder/layers/mlp/wi_0/kernel": ((D, 3, F), ("Dense", (0,), (2,), (1,))),
        "decoder/layers/mlp/wo/kernel": ((F, 3, D), ("Dense", (0,), (2,), (1,))),
        "decoder/layers/self_attention/query/kernel": ((D, 3, 4, 12), ("AttentionProjection", (0,), (2, 3), (1,))),
        "decoder/layers/pre_norm/scale": ((D, 3), SCALE), "token_embedder/embedding": ((V, D), TABLE),
    },
    "CNN in PyTorch": {
        "conv1/weight": ((8, 1, 3, 3), ("Conv", (1,), (0,), ())), "bn1/weight": ((8,), SCALE),
        "bn1/running_mean": ((8,), STATE), "bn1/running_var": ((8,), STATE), "bn1/num_batches_tracked": ((), STATE),
        "layer1/0/depthwise/weight": ((8, 1, 3, 3), ("Conv", (1,), (0,), ())), "fc/weight": ((10, 8), OUT_IN),
        "fc/bias": ((10,), BIAS), "layer1/0/conv1/weight": ((8, 8, 5), ("Conv", (1,), (0,), ())),
    },
    "recurrent layers": {
        "lstm/weight_ih_l0": ((16, 3), OUT_IN), "lstm/weight_hh_l0": ((16, 4), ("Recurrent", (1,), (0,), ())),
        "lstm/bias_ih_l0": ((16,), BIAS), "OptimizedLSTMCell_0/hi/kernel": ((4, 4), ("Recurrent", (0,), (1,), ())),
        "OptimizedLSTMCell_0/ii/kernel": ((3, 4), IN_OUT), "gru/w_h": ((5, 15), ("Recurrent", (0,), (1,), ())),
        "gru/w_i": ((3, 15), IN_OUT),
    },
    "Haiku": {
        "conv2_d_transpose/w": ((3, 3, 5, 2), ("ConvTranspose", (3,), (2,), ())), "embed/embeddings": ((7, 4), TABLE),
        "layer_norm/offset": ((4,), SHIFT), "mlp/~/linear_0/w": ((4, 8), IN_OUT), "mlp/~/linear_0/b": ((8,), BIAS),
    },
    "low-rank updates": {
        "q_proj/lora_A/default/weight": ((4, D), ("LoRA a", (1,), (0,), ())),
        "q_proj/lora_B/default/weight": ((D, 4), ("LoRA b", (1,), (0,), ())),
        "dense/lora_a": ((D, 4), ("LoRA a", (0,), (1,), ())), "dense/lora_b": ((4, D), ("LoRA b", (0,), (1,), ())),
    },
    "numbered names": {"w1": ((4, 8), IN_OUT), "b1": ((8,), BIAS), "w2": ((8, 3), IN_OUT), "b2": ((3,), BIAS)},
    "numbered names, outputs first": {
        "w1": ((8, 4), OUT_IN), "b1": ((8,), BIAS), "w2": ((3, 8), OUT_IN), "b2": ((3,), BIAS), "w3": ((3, 3), OUT_IN),
    },
    "BERT": {
        "embeddings/word_embeddings/weight": ((V, D), TABLE), "embeddings/LayerNorm/weight": ((D,), SCALE),
        "encoder/layer/0/attention/self/query/weight": ((D, D), OUT_IN),
        "encoder/layer/0/attention/output/dense/weight": ((D, D), OUT_IN),
        "encoder/layer/0/attention/output/LayerNorm/bias": ((D,), SHIFT),
        "encoder/layer/0/intermediate/dense/weight": ((F, D), OUT_IN), "cls/predictions/bias": ((V,), BIAS),
    },
    "T5": {
        "shared/weight": ((V, D), TABLE), "encoder/block/0/layer/0/SelfAttention/q/weight": ((60, D), OUT_IN),
        "encoder/block/0/layer/0/SelfAttention/relative_attention_bias/weight": ((32, 4), TABLE),
        "encoder/block/0/layer/0/layer_norm/weight": ((D,), SCALE),
        "encoder/block/0/layer/1/DenseReluDense/wi_0/weight": ((F, D), OUT_IN),
        "encoder/block/0/layer/1/DenseReluDense/wo/weight": ((D, F), OUT_IN),
    },
    "CLIP": {
        "logit_scale": ((), ("other", (), (), ())), "visual/conv1/weight": ((D, 3, 8, 8), ("Conv", (1,), (0,), ())),
        "visual/class_embedding": ((D,), ("Embedding", (), (0,), ())), "visual/proj": ((D, 20), IN_OUT),
        "visual/positional_embedding": ((9, D), TABLE), "visual/ln_post/weight": ((D,), SCALE),
        "visual/transformer/resblocks/0/attn/in_proj_weight": ((3 * D, D), OUT_IN),
        "visual/transformer/resblocks/0/attn/in_proj_bias": ((3 * D,), BIAS),
        "visual/transformer/resblocks/0/mlp/c_fc/weight": ((4 * D, D), OUT_IN), "text_projection": ((D, 20), IN_OUT),
    },
    "an MLP with norms and without biases": {
        "fc1/weight": ((D, 64), OUT_IN), "norm1/weight": ((D,), SCALE), "fc2/weight": ((D, D), OUT_IN),
        "norm2/weight": ((D,), SCALE), "fc3/weight": ((10, D), OUT_IN),
    },
    "weights of which the length is kept apart": {
        "conv/weight_g": ((8, 1, 1), ("other", (), (), ())), "conv/weight_v": ((8, 4, 5), ("Conv", (1,), (0,), ())),
        "fc/parametrizations/weight/original0": ((10, 1), ("other", (), (), ())),
        "fc/parametrizations/weight/original1": ((10, 8), OUT_IN),
    },
    "pairs without names, as in stax": {"0/0": ((4, 8), IN_OUT), "0/1": ((8,), BIAS), "2/0": ((8, 3), IN_OUT)},
    "a transposed convolution of PyTorch, which its bias tells": {
        "up/weight": ((16, 8, 4, 4), ("ConvTranspose", (0,), (1,), ())), "up/bias": ((8,), BIAS),
        "conv/weight": ((16, 8, 4, 4), ("Conv", (1,), (0,), ())), "conv/bias": ((16,), BIAS),
    },
    "transposed convolutions of PyTorch, by name": {
        "ups/0/conv_transpose/weight": ((16, 8, 4, 4), ("ConvTranspose", (0,), (1,), ())),
        "deconv/weight": ((8, 8, 4), ("ConvTranspose", (0,), (1,), ())), "deconv/bias": ((8,), BIAS),
    },
    "depthwise in Keras": {"depthwise_kernel": ((3, 3, 8, 2), ("DepthwiseConv", (), (3,), (2,)))},
    "Keras": {
        "depthwise_conv2d/kernel": ((3, 3, 8, 2), ("DepthwiseConv", (), (3,), (2,))),
        "conv2d_transpose/kernel": ((3, 3, 16, 8), ("ConvTranspose", (3,), (2,), ())),
        "batch_normalization/gamma": ((8,), SCALE), "batch_normalization/beta": ((8,), SHIFT),
        "batch_normalization/moving_mean": ((8,), STATE), "batch_normalization/moving_variance": ((8,), STATE),
        "p_re_lu/alpha": ((8, 8, 3), ("slope", (), (), ())), "embedding/embeddings": ((V, D), TABLE),
        "multi_head_attention/query/kernel": ((D, 4, 8), ("AttentionProjection", (0,), (1, 2), ())),
        "multi_head_attention/query/bias": ((4, 8), BIAS), "lstm/lstm_cell/recurrent_kernel": (
            (4, 16), ("Recurrent", (0,), (1,), ())),
    },
    "depthwise in flax": {"DepthwiseConv_0/kernel": ((3, 3, 1, 8), ("DepthwiseConv", (2,), (3,), ()))},
    "a transposed convolution that its bias tells from Keras's order": {
        "up_conv2d_transpose/kernel": ((3, 3, 16, 8), ("ConvTranspose", (2,), (3,), ())),
        "up_conv2d_transpose/bias": ((8,), BIAS),
    },
    "one slope, by its length": {
        "0/weight": ((8, 3), OUT_IN), "1/weight": ((1,), ("slope", (), (), ())), "2/weight": ((1,), SCALE),
        "2/bias": ((1,), SHIFT), "norm/weight": ((1,), SCALE),
    },
    "short names of tables": {
        "emb/weight": ((V, D), TABLE), "tok_emb/w": ((V, D), TABLE), "pos_emb": ((32, D), TABLE),
        "codebook/weight": ((V, D), TABLE),
    },
    "Llama of Meta": {
        "tok_embeddings/weight": ((V, D), TABLE), "layers/0/attention/wk/weight": ((12, D), OUT_IN),
        "layers/0/feed_forward/w2/weight": ((D, F), OUT_IN), "output/weight": ((V, D), OUT_IN),
        "rope/freqs": ((6,), STATE), "freqs_cis": ((32, 6), STATE),
    },
    "diffusion, whose embedding of time is dense": {
        "time_embed/0/weight": ((4 * D, D), OUT_IN), "time_embed/0/bias": ((4 * D,), BIAS),
        "label_emb/weight": ((10, D), TABLE),
    },
    "GPT-NeoX, whose readout is called a table": {
        "embed_in/weight": ((V, D), TABLE), "embed_out/weight": ((V, D), OUT_IN),
        "layers/0/attention/rotary_emb/cos_cached": ((32, 6), STATE),
    },
    "ConvNeXt, whose blocks have factors": {
        "blocks/0/gamma": ((D,), ("layer scale", (), (), ())), "blocks/0/norm/weight": ((D,), SCALE),
        "blocks/0/mlp/fc1/weight": ((F, D), OUT_IN), "head/norm/gamma": ((D,), SCALE),
    },
    "the singular vectors of a spectral norm": {
        "fc/weight_orig": ((F, D), OUT_IN), "fc/weight_u": ((F,), STATE), "fc/weight_v": ((D,), STATE),
        "conv/parametrizations/weight/0/_u": ((8,), STATE),
    },
    "stacked without a norm": {"layers/w": ((5, D, F), ("Dense", (1,), (2,), (0,)))},
    "a checkpoint of training": {
        "params/dense/kernel": ((4, 8), IN_OUT), "opt_state/0/mu/dense/kernel": ((4, 8), STATE),
        "batch_stats/BatchNorm_0/mean": ((8,), STATE),
    },
}  # fmt: skip


def tensors(named, dtype="float32"):
    return [Tensor(path, shape, np.dtype(dtype), lambda: None) for path, shape in named.items()]


@pytest.mark.parametrize("model", MODELS)
def test_public_names_are_known(model):
    expected = {path: role for path, (_, role) in MODELS[model].items()}
    listed = tensors({path: shape for path, (shape, _) in MODELS[model].items()})
    found = {
        tensor.path: (role.kind, role.in_axes, role.out_axes, role.batch_axes)
        for tensor, role in zip(listed, roles_of(listed), strict=True)
    }
    assert found == expected
    assert {kind for kind, *_ in found.values()} <= set(KINDS)
    assert [role_of(each, listed) for each in listed] == list(roles_of(listed))
    dotted = [replace(each, path=each.path.replace("/", ".")) for each in listed]
    assert roles_of(dotted) == roles_of(listed)


def test_what_a_name_does_not_tell_is_said():
    sure = {"x/kernel": ((4, 8), BY_NAME), "x/theta": ((4, 8), BY_SHAPE), "1/weight": ((8,), BY_SHAPE),
            "norm/weight": ((8,), BY_NAME), "theta": ((3, 3, 4, 8), BY_SHAPE), "conv/kernel": ((3, 4, 8), BY_NAME),
            "free": ((3,), BY_SHAPE)}  # fmt: skip
    listed = tensors({path: shape for path, (shape, _) in sure.items()})
    assert {each.path: role.known_by for each, role in zip(listed, roles_of(listed), strict=True)} == {
        path: known_by for path, (_, known_by) in sure.items()
    }


def test_whole_numbers_are_no_weights():
    [tensor] = tensors({"quantized/weight": (4, 4)}, "int8")
    assert role_of(tensor).kind == "state"


@pytest.mark.parametrize("which", OURS, ids=" ".join)
def test_names_and_shapes_tell_what_modules_say(which):
    """Axes and kinds by module in flax.nnx are those by name, but for what only the module knows."""
    listed = tensors_of(BUILDERS[which]().model)
    names_alone = tensors({each.path: each.shape for each in listed})
    for tensor, said, guessed in zip(listed, roles_of(listed), roles_of(names_alone), strict=True):
        assert guessed.known_by != BY_MODULE
        same = (said.in_axes, said.out_axes, said.batch_axes) == (
            guessed.in_axes, guessed.out_axes, guessed.batch_axes)  # fmt: skip
        assert same, tensor.path
        assert said.kind == guessed.kind or said.kind == "DepthwiseConv", tensor.path


def test_a_scanned_transformer_has_copies_along_the_first_axis():
    scanned = {each.path: each for each in tensors_of(transformer(0, D, scanned=True).model)}
    plain = {each.path: each for each in tensors_of(transformer(0, D).model)}
    plain_roles = dict(zip(plain, roles_of(list(plain.values())), strict=True))
    for path, role in zip(scanned, roles_of(list(scanned.values())), strict=True):
        alone = plain_roles[path.replace("layers/", "Block_0/")]
        copies = int(path.startswith("layers/") and bool(alone.in_axes + alone.out_axes))
        assert role.batch_axes == (0,) * copies + tuple(axis + copies for axis in alone.batch_axes), path
        assert role.in_axes == tuple(axis + copies for axis in alone.in_axes)
        assert role.kind == alone.kind
        if role.in_axes:
            found = contraction(scanned[path], role)
            expected = contraction(plain[path.replace("layers/", "Block_0/")], alone)
            assert (found.fan_in, found.fan_out) == (expected.fan_in, expected.fan_out)
