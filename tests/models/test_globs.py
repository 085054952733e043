"""Patterns fit the paths and kinds that they name, and no others."""

import pytest
from tensors import BIAS, tensor

from initviz.models.globs import fits, read
from initviz.models.tensor import Role

FIT = [
    ("**/c_proj/kernel", ["h/0/attn/c_proj/kernel", "transformer/h/0/attn/c_proj/kernel", "c_proj/kernel"]),
    ("**/c_proj/{kernel,weight}", ["transformer.h.0.attn.c_proj.weight", "params/h/0/mlp/c_proj/kernel"]),
    ("h/*/attn/**", ["h/0/attn/c_proj/kernel", "h.11.attn.bias"]),
    ("**/{attn.c_proj,mlp/c_fc}/weight", ["h.0.attn.c_proj.weight", "h/0/mlp/c_fc/weight"]),
    ("**/ln_*/**/scale", ["h/0/ln_1/scale", "ln_f/deep/er/scale"]),
    ("**", ["a", "a/b/c", "a.b"]),
    ("h/[0-5]/w", ["h/3/w"]),
    ("**/kernel:0", ["dense/kernel:0"]),
]
MISS = [
    ("h/*/attn/**", ["transformer/h/0/attn/bias", "h/0/0/attn/bias", "h/attn/bias"]),
    ("**/bias", ["bias/weight", "h/0/bias_ih"]),
    ("**/c_proj/{kernel,weight}", ["h/0/c_proj/bias", "h/0/xc_proj/weight", "c_proj"]),
    ("h/[0-5]/w", ["h/6/w"]),
    ("kernel", ["a/kernel"]),
]


@pytest.mark.parametrize(("pattern", "path"), [(pattern, path) for pattern, paths in FIT for path in paths])
def test_a_pattern_fits(pattern, path):
    assert fits(pattern, tensor(path))


@pytest.mark.parametrize(("pattern", "path"), [(pattern, path) for pattern, paths in MISS for path in paths])
def test_a_pattern_does_not_fit(pattern, path):
    assert not fits(pattern, tensor(path))


def test_a_kind_before_the_pattern_asks_for_the_role():
    embedding, dense = tensor("a/weight", role=Role("Embedding", (0,), (1,))), tensor("a/weight", role=Role("Dense"))
    assert fits("Embedding: **/weight", embedding)
    assert fits("{Embedding,norm scale}: **", embedding)
    assert not fits("Embedding: **/weight", dense)
    assert not fits("Embedding: **/weight", tensor("a/weight")), "nobody knows"
    assert not fits("bias: **/weight", tensor("a/bias", role=BIAS))


def test_a_kind_may_be_the_class_that_holds_it():
    held = tensor("a/weight", role=Role("Dense"), holder="torch.nn.modules.linear.Linear")
    assert fits("Linear: **", held)
    assert fits("Dense: **", held)
    assert not fits("linear: **", held)


def test_many_stars_take_no_time():
    assert not fits("**/" * 40 + "*a*a*a*a*a*a*b", tensor("/".join(["a" * 200] * 100)))


REFUSED = [
    ("", "a tensor must be named by 1 to 300 characters, got ''. Write for instance \"**/{kernel,weight}\"."),
    ("a{b", "braces must be closed, got 'a{b'. Write for instance \"**/{kernel,weight}\"."),
    ("{a,b}" * 7, "a tensor must be named by at most 64 alternatives, got more in '" + ("{a,b}" * 8)[:35][:40] + "'. "
     "Write a rule for each."),
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "message"), REFUSED)
def test_what_is_no_pattern_is_refused(pattern, message):
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 - the whole text follows
        read(pattern)
    assert str(refusal.value) == message
