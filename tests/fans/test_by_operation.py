"""True fans are what the real operation sums, and malformed operations are refused in words."""

import re
from itertools import cycle, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from operations import counted_fans

from initviz.fans.by_operation import convolution, einsum, transposed_convolution
from initviz.layers import LAYERS, Conv, ConvTranspose, DepthwiseConv, Einsum, GroupedQueryAttention
from initviz.settings.knobs import Flag, Size

PRIMES = (5, 7, 11, 3)


def small(cls):
    """A layer, with each flag off and on, whose sizes are small and unequal; those of 1, such as groups, stay."""
    sizes = [name for name in cls.arguments if isinstance(cls.param[name], Size) and cls.param[name].default > 1]
    flags = [name for name in cls.arguments if isinstance(cls.param[name], Flag)]
    for values in product((False, True), repeat=len(flags)):
        yield cls(**dict(zip(sizes, cycle(PRIMES), strict=False)), **dict(zip(flags, values, strict=True)))


CASES = [  # what has more than sizes and flags, or sizes that must fit one another
    Conv(kernel_size=(3,), inputs=4, outputs=6),
    Conv(kernel_size=(3, 5), inputs=4, outputs=6, stride=(2,)),
    Conv(kernel_size=(3, 3), inputs=8, outputs=12, groups=4),
    Conv(kernel_size=(2, 3), inputs=4, outputs=2, dilation=(2,), stride=(1, 3)),
    Conv(kernel_size=(3, 2, 1), inputs=2, outputs=3, dilation=(1, 2, 1)),
    Conv(kernel_size=(1, 1), inputs=3, outputs=4, stride=(4,)),
    DepthwiseConv(kernel_size=(3, 3), channels=6),
    DepthwiseConv(kernel_size=(5,), channels=4, multiplier=3, stride=(2,)),
    ConvTranspose(kernel_size=(4, 4), inputs=6, outputs=3, stride=(2,)),
    ConvTranspose(kernel_size=(3, 3), inputs=6, outputs=3, stride=(2,)),
    ConvTranspose(kernel_size=(4,), inputs=5, outputs=2, stride=(3,), transpose_kernel=True),
    ConvTranspose(kernel_size=(3, 2, 2), inputs=2, outputs=3, stride=(1, 2, 2)),
    GroupedQueryAttention(embed=5, heads=6, kv_heads=3, head_dim=7),
    GroupedQueryAttention(embed=5, heads=6, kv_heads=1, head_dim=7, fused=True),
    Einsum(equation="btd,dhk->bthk", sizes="d=6, h=2, k=5"),
    Einsum(equation="...d,dk->...k", sizes="d=6, k=5"),
    Einsum(equation="ab,cb->ac", sizes="c=3, b=4"),
    Einsum(equation="atb,bc->ac", sizes="b=3, c=4, t=7"),  # t is summed over the inputs alone
    Einsum(equation="ab,bcd->ac", sizes="b=3, c=4, d=5"),  # d is summed over the kernel alone
    Einsum(equation="gab,gbc->gac", sizes="g=2, b=3, c=4"),
]
BY_HAND = {type(case) for case in CASES}
CASES += [case for cls in LAYERS.values() if cls.sums and cls not in BY_HAND for case in small(cls)]


@pytest.mark.parametrize("layer", CASES, ids=repr)
def test_fans_are_what_the_operation_sums(layer):
    contraction = layer.contraction()
    assert counted_fans(layer) == pytest.approx((contraction.fan_in, contraction.fan_out), rel=1e-6)


SMALL = st.integers(1, 4)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 2), st.data())
def test_fans_of_random_convolutions(rank, data):
    kernel_size = data.draw(st.tuples(*[SMALL] * rank))
    stride = data.draw(st.tuples(*[st.integers(1, 3)] * rank))
    groups, inputs, outputs = data.draw(SMALL), data.draw(SMALL), data.draw(SMALL)
    if data.draw(st.booleans()):
        layer = Conv(
            kernel_size=kernel_size, inputs=groups * inputs, outputs=groups * outputs, stride=stride, groups=groups
        )
    else:
        layer = ConvTranspose(kernel_size=kernel_size, inputs=inputs, outputs=outputs, stride=stride)
    contraction = layer.contraction()
    assert counted_fans(layer) == pytest.approx((contraction.fan_in, contraction.fan_out), rel=1e-6)


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_fans_of_random_einsums(data):
    letters = "abcdef"
    subset = st.lists(st.sampled_from(letters), unique=True, max_size=4)
    inputs, kernel = data.draw(subset), data.draw(subset.filter(bool))
    output = data.draw(st.lists(st.sampled_from(sorted({*inputs, *kernel})), unique=True))
    sizes = {letter: data.draw(SMALL) for letter in letters}
    named = [x for x in letters if x in kernel or (x in inputs and x not in output)]
    layer = Einsum(
        equation=f"{''.join(inputs)},{''.join(kernel)}->{''.join(output)}",
        sizes=", ".join(f"{letter}={sizes[letter]}" for letter in named),
    )
    contraction = layer.contraction()
    assert counted_fans(layer) == pytest.approx((contraction.fan_in, contraction.fan_out), rel=1e-6)


@pytest.mark.parametrize(("equation", "sizes", "message"), [
    ("ab,bc", {}, "einsum must be inputs,kernel->output, got 'ab,bc'. Write for instance btd,dhk->bthk."),
    ("ab,bc,cd->ad", {}, "einsum must be inputs,kernel->output, got 'ab,bc,cd->ad'. Write for instance"),
    ("ab,->ab", {}, "einsum must be inputs,kernel->output, got 'ab,->ab'. Write for instance btd,dhk->bthk."),
    ("ab,...b->a", {}, "einsum must name every axis of the kernel, got '...b' in 'ab,...b->a'. Write for instance"),
    ("a1,bc->ac", {}, "einsum must name axes by letters, got '1' in 'a1,bc->ac'. Write for instance"),
    ("ab,bb->a", {"b": 2}, "einsum must name each axis of an operand once, got 'bb' in 'ab,bb->a'. Write for"),
    ("ab,bc->az", {"b": 2, "c": 3}, "einsum output must come from the inputs or the kernel, got z in 'ab,bc->az'."),
    ("ab,bc->ac", {"b": 2}, "einsum 'ab,bc->ac' must have a size for b, c, got none for c. Add c=64."),
    ("atb,bc->ac", {"b": 2, "c": 3}, "must have a size for b, c, t, got none for t. Add t=64."),
    ("ab,bc->ac", {"b": 2, "c": 3, "z": 4}, "sizes must be of letters in 'ab,bc->ac', got z. Use b, c."),
    ("ab,bc->ac", {"b": 0, "c": 3}, "sizes must be at least 1, got 0. Use for instance 1."),
    ("ab,bc->ac", {"b": -5, "c": 3}, "sizes must be at least 1, got -5. Use for instance 5."),
])  # fmt: skip
def test_malformed_einsums_are_refused(equation, sizes, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        einsum(equation, sizes)


@pytest.mark.parametrize(("call", "message"), [
    (lambda: convolution((3, 3), 64, 128, groups=3),
     "groups must divide the inputs and the outputs, got 3 groups for 64 and 128. Choose a divisor of 64."),
    (lambda: convolution((3, 0), 64, 128), "kernel_size must be at least 1, got 0. Use for instance 1."),
    (lambda: convolution((3, 3), 0, 128), "inputs, outputs and groups must be at least 1, got 0."),
    (lambda: convolution((3, 3), 8, 8, stride=(1, 2, 3)), "stride must be 1 or 2 numbers, got (1, 2, 3). Use"),
    (lambda: convolution((3, 3), 8, 8, dilation=0), "dilation must be at least 1, got 0. Use for instance 1."),
    (lambda: GroupedQueryAttention(heads=6, kv_heads=4),
     "kv_heads must divide the heads, got 4 for 6. Use for instance 2."),
    (lambda: transposed_convolution((4, 4), 8, -8), "inputs and outputs must be at least 1, got -8. Use for"),
])  # fmt: skip
def test_impossible_convolutions_are_refused(call, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        call()
