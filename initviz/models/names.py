"""What public models call their tensors: which names are biases, tables, attention, experts, running state."""

import re
from functools import lru_cache

NUMBERED = re.compile(r"(?<=[a-z])_?\d+$|_\d+$")
KERNELS = {"kernel", "weight", "w"}
"""Last names that say no more than that a layer multiplies by it."""
OUTPUTS_FIRST = re.compile(r"weight.*|.*_weight|original1?")
"""Last names of PyTorch and Equinox, whose layers keep outputs before inputs; all others keep them last."""

STATE = {
    "running_mean", "running_var", "num_batches_tracked", "moving_mean", "moving_variance", "masked_bias", "inv_freq",
    "freqs", "freqs_cis", "freqs_cos", "freqs_sin", "cos_cached", "sin_cached", "relative_position_index",
    "position_ids", "attn_mask", "causal_mask", "mask", "step", "count", "ema", "weight_u", "_u", "_v",
}  # fmt: skip
"""Last names of what no initializer draws: running statistics, tables of frequencies, masks, counters, and the singular
vectors of PyTorch's spectral norm."""
STATISTICS = {"running_mean", "running_var", "moving_mean", "moving_variance", "mean", "var"}
"""Last names of running statistics, which begin at a number that a recipe may say."""
STATE_ROOTS = {"opt_state", "optimizer", "optimizer_state", "batch_stats", "cache", "rngs", "intermediates", "mean_ema",
               "var_ema"}  # fmt: skip
"""Names above such things."""
BIAS = re.compile(r"b\d*|.*bias|bias_.*|offset|beta|lin_b")
SCALE = {"scale", "gamma", "g"}
NORM = re.compile(r".*norm.*|(ln|bn|gn|rms)(_.*)?|q_ln|k_ln|.*_ln")
LAYER_SCALE = re.compile(r"ls|lambda|layer_?scale.*|gamma_?\d+|.*_layer_?scale(_parameter)?")
LENGTHS = re.compile(r"weight_g|original0|.*logit_scale")
"""Last names of what scales a weight as a whole."""
SLOPE = re.compile(r"negative_slope|p_?re_?lu")
TABLE = re.compile(
    r"wte|wpe|shared|tokens?|positions?|.*embed.*|(.*_)?emb|codebook|relative_attention_bias|"
    "relative_position_bias_table"
)
NO_TABLE = re.compile(r".*(patch|proj|linear|dense|conv|norm|fc).*|embed_out|unembed.*")
"""Of these `embed_out` and `unembed` read the width, and give a number for each token."""
TOKEN = re.compile(r"(cls|class|dist|mask|reg|register|query|sep)_?(token|tokens|embedding)s?|cls|latents|queries")
EXPERTS = re.compile(r".*experts?|.*moe.*|mixture.*")
ROUTER = re.compile(r".*(router|gate|gating)")
HEADS_SPLIT = re.compile(
    r"(to_|w|c_|attn_)?(q|k|v|qkv|kv|query|key|value)(_?proj|_projection|_einsum)?|c_attn|query_key_value"
)
HEADS_MERGED = re.compile(
    r"o|out|wo|(to_)?out(_?proj)?|o_?proj|attn_out|attn_vec_einsum|attention_output|proj|c_proj|output"
)
HIDDEN = re.compile(r"h[ifgorzn]|weight_hh.*|recurrent_kernel|w_h|dense_h")
TRANSPOSED = re.compile(r".*transpose.*|.*deconv.*")
OUTPUTS_BEFORE = re.compile(r"w|conv\d_?d_transpose(_\d+)?")
"""Names of Haiku and Keras, whose transposed convolutions keep outputs before inputs."""
DEPTHWISE = re.compile(r".*depthwise.*|dw_?conv")
CONVOLUTION = re.compile(r".*conv.*|patch_embed.*|stem|downsample")
STACK = re.compile(r"layers?|blocks?|h|stack|scan.*|encoder_?blocks?|decoder_?blocks?|.*_layers|.*_blocks")

READS_WIDTH = re.compile(
    HEADS_SPLIT.pattern + r"|c_fc|fc_?in|up(_proj)?|gate(_proj)?|gate_up_proj|wi|w[13]|lm_head|head|in_proj|"
    "intermediate|linear1|fc1|router|wi_[01]"
)
"""Layers that read the residual stream: the axis as long as the model is wide is the input."""
WRITES_WIDTH = re.compile(r"wo|(to_)?out_proj|o_proj|c_proj|attn_(out|vec_einsum)|fc_?out|down(_proj)?|w2|linear2|fc2")
"""Layers that write to the residual stream: that axis is the output."""
CONV1D = re.compile(r"c_(attn|proj|fc)")
"""GPT-2's own layers, which keep inputs first under the name "weight" in some implementations and not in others."""


def slashed(path: str) -> str:
    """A path whose names stand between dots, as in a state_dict, with slashes between them.

    >>> slashed("h.0.attn.weight"), slashed("mlp/~/linear_0.5/w")
    ('h/0/attn/weight', 'mlp/~/linear_0.5/w')
    """
    return path if "/" in path else path.replace(".", "/")


def words(path: str) -> list[str]:
    """The names of a path in lower case, without those that are numbers; an empty one where nothing else is left.

    >>> words("h/0/attn/kernel"), words("0/1")
    (['h', 'attn', 'kernel'], [''])
    """
    return [part.lower() for part in path.split("/") if part and not part.isdigit() and part != "~"] or [""]


def unnumbered(name: str) -> str:
    """A name without the number that it ends with.

    >>> unnumbered("layernorm_1"), unnumbered("w2"), unnumbered("c_attn")
    ('layernorm', 'w', 'c_attn')
    """
    return NUMBERED.sub("", name)


@lru_cache(maxsize=2**16)
def is_named(pattern: re.Pattern[str], *names: str) -> bool:
    """Whether one of these names is of a kind, with its number or without."""
    return any(pattern.fullmatch(name) or pattern.fullmatch(unnumbered(name)) for name in names)
