"""Tensors of models of two blocks as public code names and shapes them, written from that code by hand."""

from tensors import BIAS, INPUTS_FIRST, OUTPUTS_FIRST, tensor

from initviz.models.tensor import Role

D, H, V, T, LAYERS = 64, 256, 320, 48, 2
"""Width, hidden units, tokens, positions."""
ROWS = Role("Embedding", (), (1,), (0,))
POSITIONS = Role("Embedding", (), (2,), (0, 1))
SCALE, OFFSET, STATE = Role("norm scale"), Role("norm bias"), Role("state")
CONV_FIRST, CONV_LAST = Role("Conv", (1,), (0,)), Role("Conv", (2,), (3,))
HEADS, MERGED = Role("AttentionProjection", (0,), (1, 2)), Role("AttentionOutput", (0, 1), (2,))


def matrix(path, inputs, outputs, outputs_first, bias=True, names=("weight", "bias")):
    """A dense layer in either order, with its bias."""
    weight, offset = (path + "/" + name for name in names)
    shape, role = ((outputs, inputs), OUTPUTS_FIRST) if outputs_first else ((inputs, outputs), INPUTS_FIRST)
    return [tensor(weight, shape, role), *([tensor(offset, (outputs,), BIAS)] if bias else [])]


def norm(path, names=("weight", "bias"), size=D):
    """Factors of a normalization, and offsets where they have a name."""
    return [tensor(f"{path}/{name}", (size,), role) for name, role in zip(names, (SCALE, OFFSET), strict=False)]


def dotted(tensors):
    """The same with dots between names, as a state_dict of PyTorch has them."""
    return [tensor(each.path.replace("/", "."), each.shape, each.role) for each in tensors]


def gpt2(outputs_first, names=("weight", "bias"), scale="weight", table="weight", top="transformer/", head=True):
    """GPT-2 of transformers, nanoGPT and flax: Conv1D has inputs first, nn.Linear and flax's Conv1D outputs."""
    found = [tensor(f"{top}wte/{table}", (V, D), ROWS), tensor(f"{top}wpe/{table}", (T, D), ROWS)]
    for block in (f"{top}h/{layer}" for layer in range(LAYERS)):
        found += norm(f"{block}/ln_1", (scale, "bias")) + norm(f"{block}/ln_2", (scale, "bias"))
        for name, inputs, outputs in (
            ("attn/c_attn", D, 3 * D),
            ("attn/c_proj", D, D),
            ("mlp/c_fc", D, H),
            ("mlp/c_proj", H, D),
        ):
            found += matrix(f"{block}/{name}", inputs, outputs, outputs_first, True, names)
    return [
        *found,
        *norm(f"{top}ln_f", (scale, "bias")),
        *([tensor("lm_head/weight", (V, D), OUTPUTS_FIRST)] if head else []),
    ]


def gpt2_openai():
    """GPT-2 in the variables of TensorFlow, whose convolutions have one tap."""
    role = Role("Conv", (1,), (2,))
    found = [tensor("model/wpe", (T, D), ROWS), tensor("model/wte", (V, D), ROWS)]
    for block in (f"model/h{layer}" for layer in range(LAYERS)):
        found += norm(f"{block}/ln_1", "gb") + norm(f"{block}/ln_2", "gb")
        for name, inputs, outputs in (
            ("attn/c_attn", D, 3 * D),
            ("attn/c_proj", D, D),
            ("mlp/c_fc", D, H),
            ("mlp/c_proj", H, D),
        ):
            found += [
                tensor(f"{block}/{name}/w", (1, inputs, outputs), role),
                tensor(f"{block}/{name}/b", (outputs,), BIAS),
            ]
    return found + norm("model/ln_f", "gb")


def llama():
    """Llama of transformers, with two heads of keys for four of queries."""
    found = [tensor("model/embed_tokens/weight", (V, D), ROWS)]
    for block in (f"model/layers/{layer}" for layer in range(LAYERS)):
        for name, inputs, outputs in (("q", D, D), ("k", D, D // 2), ("v", D, D // 2), ("o", D, D)):
            found += matrix(f"{block}/self_attn/{name}_proj", inputs, outputs, True, bias=False)
        for name, inputs, outputs in (("gate", D, H), ("up", D, H), ("down", H, D)):
            found += matrix(f"{block}/mlp/{name}_proj", inputs, outputs, True, bias=False)
        found += norm(f"{block}/input_layernorm", ["weight"]) + norm(f"{block}/post_attention_layernorm", ["weight"])
        found += [tensor(f"{block}/self_attn/rotary_emb/inv_freq", (8,), STATE)]
    return dotted([*found, *norm("model/norm", ["weight"]), *matrix("lm_head", D, V, True, bias=False)])


def torchtitan():
    """Llama 3 of torchtitan."""
    found = [tensor("tok_embeddings/weight", (V, D), ROWS), tensor("freqs_cis", (T, 8), STATE)]
    for block in (f"layers/{layer}" for layer in range(LAYERS)):
        for name, inputs, outputs in (("q", D, D), ("k", D, D // 2), ("v", D, D // 2), ("o", D, D)):
            found += matrix(f"{block}/attention/w{name}", inputs, outputs, True, bias=False)
        for name, inputs, outputs in (("w1", D, H), ("w2", H, D), ("w3", D, H)):
            found += matrix(f"{block}/feed_forward/{name}", inputs, outputs, True, bias=False)
        found += norm(f"{block}/attention_norm", ["weight"]) + norm(f"{block}/ffn_norm", ["weight"])
    return dotted([*found, *norm("norm", ["weight"]), *matrix("output", D, V, True, bias=False)])


def vit_timm():
    """A vision transformer of timm."""
    found = [tensor("cls_token", (1, 1, D), POSITIONS), tensor("pos_embed", (1, T, D), POSITIONS),
             tensor("patch_embed/proj/weight", (D, 3, 8, 8), CONV_FIRST),
             tensor("patch_embed/proj/bias", (D,), BIAS)]  # fmt: skip
    for block in (f"blocks/{layer}" for layer in range(LAYERS)):
        found += norm(f"{block}/norm1") + norm(f"{block}/norm2")
        for name, inputs, outputs in (
            ("attn/qkv", D, 3 * D),
            ("attn/proj", D, D),
            ("mlp/fc1", D, H),
            ("mlp/fc2", H, D),
        ):
            found += matrix(f"{block}/{name}", inputs, outputs, True)
    return dotted(found + norm("norm") + matrix("head", D, 10, True))


def vit_big_vision():
    """A vision transformer of big_vision."""
    kernel = ("kernel", "bias")
    found = [tensor("params/embedding/kernel", (8, 8, 3, D), CONV_LAST), tensor("params/embedding/bias", (D,), BIAS),
             tensor("params/pos_embedding", (1, T, D), POSITIONS),
             tensor("params/cls", (1, 1, D), POSITIONS)]  # fmt: skip
    for block in (f"params/Transformer/encoderblock_{layer}" for layer in range(LAYERS)):
        found += norm(f"{block}/LayerNorm_0", ("scale", "bias")) + norm(f"{block}/LayerNorm_1", ("scale", "bias"))
        attention = f"{block}/MultiHeadDotProductAttention_0"
        for name in ("query", "key", "value"):
            found += [tensor(f"{attention}/{name}/kernel", (D, 4, D // 4), HEADS),
                      tensor(f"{attention}/{name}/bias", (4, D // 4), BIAS)]  # fmt: skip
        found += [
            tensor(f"{attention}/out/kernel", (4, D // 4, D), MERGED),
            tensor(f"{attention}/out/bias", (D,), BIAS),
        ]
        found += matrix(f"{block}/MlpBlock_0/Dense_0", D, H, False, True, kernel)
        found += matrix(f"{block}/MlpBlock_0/Dense_1", H, D, False, True, kernel)
    found += norm("params/Transformer/encoder_norm", ("scale", "bias"))
    return found + matrix("params/head", D, 10, False, True, kernel)


IMPLEMENTATIONS = {
    "gpt2, transformers": ("gpt2", dotted(gpt2(False))),
    "gpt2, transformers without a head": ("gpt2", dotted(gpt2(False, top="", head=False))),
    "gpt2, flax": ("gpt2", gpt2(True, ("kernel", "bias"), "scale", "embedding", head=False)),
    "gpt2-openai": ("gpt2-openai", gpt2_openai()),
    "nanogpt": ("nanogpt", dotted(gpt2(True))),
    "nanogpt, compiled": ("nanogpt", dotted(gpt2(True, top="_orig_mod/transformer/"))),
    "llama": ("llama", llama()),
    "llama-torchtitan": ("llama-torchtitan", torchtitan()),
    "vit-timm": ("vit-timm", vit_timm()),
    "vit-timm-jax": ("vit-timm-jax", vit_timm()),
    "vit-big-vision": ("vit-big-vision", vit_big_vision()),
    "mup, nanoGPT": ("mup", dotted(gpt2(True))),
    "mup, llama": ("mup", [each for each in llama() if "rotary" not in each.path]),
}
"""Of each implementation the name of its recipe, and its tensors."""
