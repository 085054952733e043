"""Every error says what, got and fix, in the reference's words where it has any; every warning is spelled out."""

import re
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from oracles import OLD_JAX, ours, reference

from initviz.engine.summary import Bins, Summary
from initviz.fans.by_shape import count_fans
from initviz.initializers.plan import Plan, Step
from initviz.laws.marginals import PointMass
from initviz.matrices.svd import singular_values

NAN, INFINITY = float("nan"), float("inf")
NOTHING = "of which nothing is beyond 50 standard deviations"


@dataclass(frozen=True)
class Refusal:
    """A call that must raise, the whole message, and the part of it that is the reference's."""

    name: str
    message: str
    wording: str = ""
    arguments: dict[str, Any] = field(default_factory=dict)
    shape: Any = (3, 3)
    dtype: Any = None
    kind: type = ValueError
    """The exception type where the reference raises none."""
    silent: bool = False
    """Whether the reference draws something without a word."""

    def call(self, module):
        function = getattr(module, self.name)
        initializer = function if self.name == "zeros" else function(**self.arguments)
        return initializer(jax.random.key(0), self.shape, *([] if self.dtype is None else [self.dtype]))

    def __str__(self):
        return f"{self.name}-{self.arguments}-{self.shape}-{self.dtype}"


def scaling(**changed):
    return {"scale": 1.0, "mode": "fan_in", "distribution": "normal", **changed}


NO_INTEGER = "Shapes must be 1D sequences of concrete values of integer type, got {}"
NEGATIVE = (
    "shape must have every element be nonnegative, got {} (negative dimensions are not allowed). "
    "Use sizes of at least 1."
)
REAL_DTYPE = "dtype argument to `{}` must be a float dtype, got {}"
REAL_ADVICE = ". Use float32, or variance_scaling or normal for complex weights."
ANY_DTYPE = "dtype argument to `normal` must be a float or complex dtype, got {}"
OUT_OF_RANGE = "tuple index out of range"
TOO_FLAT = (
    "Can't compute input and output sizes of a {}-dimensional weights tensor with default in_axis. "
    "Must be at least 2D or specify in_axis explicitly."
)
QR = (
    "qr does not accept dtype {0} (Unsupported dtype {0}): an orthogonal matrix needs a QR decomposition, which has "
    "no half-precision form. Draw in float32, then cast."
)
QR_WORDING = "Unsupported dtype {}" if OLD_JAX else "qr does not accept dtype {}"
AXES = (
    "must be an integer or a sequence of integers (tuple indices must be integers), got {}. "
    "Write for instance -2 or (0, 1)."
)
BAD_MODE = "invalid mode for variance scaling initializer: fan_max"
MODES = ". Choose one of fan_in, fan_out, fan_avg, fan_geo_avg."
BAD_LAW = "invalid distribution for variance scaling initializer: cauchy"

REFUSALS = [
    # names
    Refusal(
        "variance_scaling",
        BAD_MODE + MODES,
        BAD_MODE,
        scaling(mode="fan_max"),
    ),
    Refusal(
        "variance_scaling",
        BAD_LAW + ". Choose one of truncated_normal, normal, uniform.",
        BAD_LAW,
        scaling(distribution="cauchy"),
    ),
    # numbers
    *(
        Refusal(
            name,
            f"{knob} must be a number of at least 0, got {value}. Pass for instance {example}.",
            "",
            {**others, knob: value},
            silent=True,
        )
        for name, knob, example, others in [
            ("variance_scaling", "scale", 1.0, scaling()),
            ("normal", "stddev", 0.01, {}),
            ("truncated_normal", "stddev", 0.01, {}),
            ("uniform", "scale", 0.01, {}),
            ("orthogonal", "scale", 1.0, {}),
        ]
        for value in (-1.0, NAN)
    ),
    Refusal(
        "normal",
        "stddev must be finite and at most 1e+75, got inf. Pass for instance 0.01.",
        "",
        {"stddev": INFINITY},
        silent=True,
    ),
    Refusal(
        "normal",
        "stddev must be 0 or at least 1e-150, got 1e-151. Pass for instance 0.01.",
        "",
        {"stddev": 1e-151},
        silent=True,
    ),
    *(
        Refusal(
            "truncated_normal",
            f"lower and upper must {wanted}, got lower = {lower} and upper = {upper}. "
            "Pass for instance lower=-2.0, upper=2.0.",
            "",
            {"lower": lower, "upper": upper},
            silent=True,
        )
        for lower, upper, wanted in (
            (1.0, 1.0 + 1e-10, "be at least 1e-09 apart"),
            (50.0, 60.0, f"leave something of a normal law, {NOTHING}"),
            (-INFINITY, -50.0, f"leave something of a normal law, {NOTHING}"),
        )
    ),
    Refusal(
        "truncated_normal", "lower must be a number, got nan. Pass for instance -2.0.", "", {"lower": NAN}, silent=True
    ),
    *(
        Refusal(
            "truncated_normal",
            f"lower must be less than upper, got lower = {lower} and upper = 1.0. "
            "Pass for instance lower=-2.0, upper=2.0.",
            "",
            {"lower": lower, "upper": 1.0},
            silent=True,
        )
        for lower in (1.0, 2.0)
    ),
    Refusal("normal", "stddev must be one real number, got None. Pass for instance 0.01.", "", {"stddev": None}),
    Refusal(
        "variance_scaling", "scale must be one real number, got 'a'. Pass for instance 1.0.", "", scaling(scale="a")
    ),
    Refusal("normal", "stddev must be one real number, got 1j. Pass for instance 0.01.", "", {"stddev": 1j}),
    Refusal(
        "normal",
        "stddev must broadcast over the shape (3, 3), got an array of shape (2,). "
        "Pass a number, or an array of shape (3, 3).",
        "",
        {"stddev": [1.0, 2.0]},
    ),
    Refusal(
        "constant", "value must be a number or an array of numbers, got 'a'. Pass for instance 0.5.", "", {"value": "a"}
    ),
    Refusal(
        "constant",
        "value must have whole numbers of at most 64 bits, got [1180591620717411303424, 1]. Write it with a decimal "
        "point.",
        "",
        {"value": [2**70, 1]},
    ),
    Refusal(
        "constant",
        "value must be real for the dtype float32, got (1+2j). Choose complex64, or pass a real value.",
        "",
        {"value": 1 + 2j},
    ),
    Refusal(
        "constant",
        "value must be real for the dtype float32, got array([1.+2.j]). Choose complex64, or pass a real value.",
        "",
        {"value": np.array([1 + 2j])},
        kind=TypeError,
        silent=True,
    ),
    *(
        Refusal(
            "constant",
            f"value must broadcast over the shape (16, 8), got an array of shape {shape}. "
            "Pass a number, or an array of shape (16, 8).",
            "",
            {"value": jnp.ones(shape)},
            (16, 8),
        )
        for shape in [(2,), (16,), (1, 16, 8), (16, 0)]
    ),
    # shapes
    Refusal("he_normal", TOO_FLAT.format(1), TOO_FLAT.format(1), shape=(3,)),
    Refusal("lecun_uniform", TOO_FLAT.format(0), TOO_FLAT.format(0), shape=()),
    Refusal(
        "orthogonal",
        "orthogonal initializer requires at least a 2D shape, got (3,). Use normal or uniform for vectors.",
        "orthogonal initializer requires at least a 2D shape",
        shape=(3,),
    ),
    *(
        Refusal(
            "delta_orthogonal",
            f"Delta orthogonal initializer requires a 3D, 4D or 5D shape. Got {shape}. "
            "Add spatial axes in front, such as (3, 3, 64, 128), or use orthogonal.",
            "Delta orthogonal initializer requires a 3D, 4D or 5D shape.",
            shape=shape,
        )
        for shape in ((3, 3), (1, 1, 1, 1, 3, 3))
    ),
    Refusal(
        "delta_orthogonal",
        "`fan_in` must be less or equal than `fan_out`. Got 4 inputs and 3 outputs. "
        "Use at least as many outputs (the last axis) as inputs.",
        "`fan_in` must be less or equal than `fan_out`. ",
        shape=(3, 4, 3),
    ),
    Refusal(
        "delta_orthogonal",
        "index is out of bounds: (0, 3, 3) has no centre tap. Use spatial sizes of at least 1.",
        "index is out of bounds",
        shape=(0, 3, 3),
    ),
    *(
        Refusal(
            name,
            f"{NO_INTEGER.format(shape)}. Write whole numbers, such as (256, 128).",
            NO_INTEGER.format(shape),
            shape=shape,
        )
        for name, shape in [("he_normal", (2.0, 3)), ("normal", (2.5, 3)), ("zeros", (2.5, 3))]
    ),
    Refusal(
        "orthogonal", f"{NO_INTEGER.format((2.5, 3))}. Write whole numbers, such as (256, 128).", "", shape=(2.5, 3)
    ),
    *(
        Refusal(
            name,
            NEGATIVE.format((-2, 3)),
            "shape must have every element be nonnegative, got (-2, 3)",
            arguments,
            (-2, 3),
        )
        for name, arguments in [("zeros", {}), ("constant", {"value": 1})]
    ),
    Refusal("orthogonal", NEGATIVE.format((-2, 3)), "negative dimensions are not allowed", shape=(-2, 3)),
    Refusal("he_normal", NEGATIVE.format((-2, 3)), shape=(-2, 3)),
    # axes
    *(
        Refusal(
            name,
            f"{knob} = {axis!r}: {OUT_OF_RANGE} for a shape with 2 axes. Choose from -2 to 1.",
            OUT_OF_RANGE,
            {knob: axis},
        )
        for name, knob, axis in [
            ("he_normal", "in_axis", 5),
            ("he_normal", "in_axis", [0, 5]),
            ("glorot_uniform", "out_axis", (2,)),
            ("lecun_normal", "batch_axis", -4),
            ("orthogonal", "column_axis", 2),
        ]
    ),
    Refusal(
        "delta_orthogonal",
        f"column_axis = 2: {OUT_OF_RANGE} for a shape with 2 axes. Choose from -2 to 1.",
        OUT_OF_RANGE,
        {"column_axis": 2},
        (3, 3, 3),
    ),
    Refusal(
        "he_normal",
        f"in_axis = 3: {OUT_OF_RANGE} for a shape with 1 axis. Choose from -1 to 0.",
        OUT_OF_RANGE,
        {"in_axis": 3},
        (3,),
    ),
    Refusal(
        "he_normal",
        f"in_axis = 0: {OUT_OF_RANGE}, a scalar has no axes. Pass in_axis=().",
        OUT_OF_RANGE,
        {"in_axis": 0},
        (),
    ),
    Refusal("he_normal", f"in_axis {AXES.format(0.5)}", "", {"in_axis": 0.5}),
    Refusal("he_normal", f"out_axis {AXES.format(repr('a'))}", "tuple indices must be integers", {"out_axis": "a"}),
    Refusal("he_normal", f"batch_axis {AXES.format(None)}", "", {"batch_axis": None}),
    Refusal(
        "orthogonal",
        "column_axis must be one axis (tuple indices must be integers), got (0,). Pass -1.",
        "tuple indices must be integers",
        {"column_axis": (0,)},
    ),
    Refusal("orthogonal", f"column_axis {AXES.format(1.0)}", "tuple indices must be integers", {"column_axis": 1.0}),
    # dtypes
    *(
        Refusal(
            name,
            REAL_DTYPE.format(sampler, dtype.__name__) + REAL_ADVICE,
            REAL_DTYPE.format(sampler, dtype.__name__),
            dtype=dtype,
        )
        for name, sampler, dtype in [
            ("uniform", "uniform", np.complex64),
            ("uniform", "uniform", np.int32),
            ("truncated_normal", "truncated_normal", np.complex64),
            ("truncated_normal", "truncated_normal", np.int32),
            ("he_normal", "uniform", np.int32),
            ("he_uniform", "uniform", np.int32),
        ]
    ),
    *(
        Refusal(
            name,
            ANY_DTYPE.format("int32") + ". Use float32 or complex64.",
            ANY_DTYPE.format("int32"),
            arguments,
            dtype=np.int32,
        )
        for name, arguments in [("normal", {}), ("orthogonal", {}), ("variance_scaling", scaling())]
    ),
    *(
        Refusal(name, QR.format(dtype.__name__), QR_WORDING.format(dtype.__name__), {}, shape, dtype)
        for name, shape, dtype in [
            ("orthogonal", (3, 3), jnp.bfloat16),
            ("orthogonal", (3, 3), np.float16),
            ("delta_orthogonal", (3, 3, 3), jnp.bfloat16),
        ]
    ),
    *(
        Refusal(
            name,
            "uniform only accepts 8-, 16-, 32-, or 64-bit dtypes, got float4_e2m1fn. Use float8_e5m2 or wider.",
            "uniform only accepts 8-, 16-, 32-, or 64-bit dtypes",
            dtype=jnp.float4_e2m1fn,
        )
        for name in ("normal", "he_normal", "uniform")
    ),
    Refusal(
        "normal",
        "data type 'floot' not understood. Choose a jax dtype such as float32 or bfloat16.",
        "data type 'floot' not understood",
        dtype="floot",
    ),
    Refusal(
        "normal",
        "data type 'floot' not understood. Choose a jax dtype such as float32 or bfloat16.",
        "data type 'floot' not understood",
        {"dtype": "floot"},
    ),
    *(
        Refusal(
            name,
            f"JAX only supports number, bool, and string dtypes, got dtype {dtype}. "
            "Choose a jax dtype such as float32 or bfloat16.",
            f"JAX only supports number, bool, and string dtypes, got dtype {dtype}",
            dtype=dtype,
        )
        for name, dtype in [("normal", object), ("zeros", str)]
    ),
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_refusals_say_what_got_and_fix_in_the_references_words(refusal):
    kind = refusal.kind
    if refusal.silent:
        refusal.call(reference)  # weights of NaN or of a sign nobody meant: initviz speaks up where jax does not
    else:
        with pytest.raises(Exception) as theirs:  # noqa: PT011 - whatever the installed version raises
            refusal.call(reference)
        kind = theirs.type
        assert refusal.wording in str(theirs.value)
    with pytest.raises(kind, match=f"^{re.escape(refusal.message)}$"):
        refusal.call(ours)
    assert refusal.wording in refusal.message


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_a_plan_refuses_what_a_draw_refuses(refusal):
    function = getattr(ours, refusal.name)
    with pytest.raises((TypeError, ValueError, IndexError), match=f"^{re.escape(refusal.message)}$"):
        (function if refusal.name == "zeros" else function(**refusal.arguments)).plan(refusal.shape, refusal.dtype)


@pytest.mark.parametrize("name", ["orthogonal", "delta_orthogonal"])
def test_orthogonal_draws_refuse_a_sharding(name):
    spec = jax.sharding.PartitionSpec()
    message = f"{name} takes no out_sharding, got {spec}. Draw without it, then move the result with jax.device_put."
    for module, text in ((reference, ""), (ours, re.escape(message))):
        with pytest.raises(NotImplementedError, match=f"^{text}$"):
            getattr(module, name)()(jax.random.key(0), (3, 3, 3), np.float32, spec)


@pytest.mark.parametrize(
    ("call", "wording"),
    [
        (lambda module: module.variance_scaling(), "missing"),
        (lambda module: module.constant(), "missing"),
        (lambda module: module.normal(std=1.0), "got an unexpected keyword argument 'std'"),
        (lambda module: module.normal(1.0, None, 2), "positional arguments"),
        (lambda module: module.normal()(None, (3, 3)), "unexpected PRNG key type <class 'NoneType'>"),
        (lambda module: module.normal()(0, (3, 3)), "JAX encountered invalid PRNG key data"),
    ],
)
def test_wrong_calls_raise_what_the_reference_raises(call, wording):
    for module in (reference, ours):
        with pytest.raises(TypeError, match=re.escape(wording)):
            call(module)


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (
            lambda: count_fans((3, 4)).pick("fan_max"),
            ValueError,
            BAD_MODE + MODES,
        ),
        (
            lambda: singular_values(np.array([[1.0, NAN]])),
            ValueError,
            "singular values need finite weights, got NaN or infinity. Draw in a wider dtype.",
        ),
        (
            lambda: ours.normal().plan((3, 3))["fans"],
            KeyError,
            "\"no step 'fans' in this plan. It has std, law, ensemble.\"",
        ),
        (
            lambda: Summary.empty(Bins(0.0, 1.0, 0.5)) + Summary.empty(Bins(0.0, 2.0, 0.5)),
            ValueError,
            "summaries add only over equal bins, got Bins(low=0.0, high=1.0, pivot=0.5) and "
            "Bins(low=0.0, high=2.0, pivot=0.5). Pass the same bins.",
        ),
    ],
)
def test_errors_without_a_reference(call, kind, message):
    with pytest.raises(kind, match=f"^{re.escape(message)}$"):
        call()


# Warnings: what the reference accepts but a user rarely means still works, and its plan says so


SMALL = "Draw in float32 and cast the weights to avoid it."
INEXACT = f": the exact law does not hold. {SMALL}"
WARNINGS = [
    (ours.he_normal(), (0, 3), None, ["Shape (0, 3) holds no weights: one of its sizes is 0."]),
    (
        ours.he_normal(0, 0),
        (6, 7),
        None,
        [
            "in_axis, out_axis and batch_axis name axis 0 more than once, so the receptive field is divided by it "
            "twice (flax's Embed relies on this). Name each axis once."
        ],
    ),
    (ours.variance_scaling(0.0, "fan_in", "normal"), (3, 3), None, ["scale = 0 makes every weight 0."]),
    (ours.normal(0), (3, 3), None, ["stddev = 0 makes every weight 0."]),
    (ours.truncated_normal(0.0), (3, 3), None, ["stddev = 0 makes every weight 0."]),
    (ours.uniform(0.0), (3, 3), None, ["scale = 0 makes every weight 0."]),
    (ours.orthogonal(0.0), (3, 3), None, ["scale = 0 makes every weight 0."]),
    (ours.constant(NAN), (3, 3), None, ["value = nan is not finite."]),
    (
        ours.truncated_normal(1.0, lower=5.0, upper=6.0),
        (3, 3),
        None,
        [
            "Between lower = 5.0 and upper = 6.0 lies a share 2.9e-07 of the normal law, of which float32 uniforms "
            "give about 10 different values: the draws do not follow the exact law."
        ],
    ),
    (
        ours.normal(1.0),
        (3, 3),
        jnp.bfloat16,
        [f"jax draws bfloat16 from only 128 distinct values, with gaps, cut tails and a shifted mean. {SMALL}"],
    ),
    (
        ours.he_normal(),
        (3, 3),
        jnp.float8_e4m3fn,
        [f"jax draws float8_e4m3fn from only 8 equally likely values (8 of them NaN){INEXACT}"],
    ),
    (
        ours.uniform(),
        (3, 3),
        jnp.float8_e3m4,
        [f"jax draws float8_e3m4 from only 16 equally likely values (9 of them 0){INEXACT}"],
    ),
    (ours.zeros, (3, 3), jnp.bfloat16, []),
    (ours.constant(1.5), (3, 3), np.int32, []),
]


@pytest.mark.parametrize(("initializer", "shape", "dtype", "expected"), WARNINGS, ids=lambda x: str(x)[:40])
def test_warnings_of_plans(initializer, shape, dtype, expected, key):
    plan = initializer.plan(shape, dtype)
    assert list(plan.warnings) == expected
    assert initializer(key, shape, dtype).shape == shape
    for warning in expected:
        assert f"- warning: {warning}" in plan._repr_markdown_()


@pytest.mark.parametrize("name", ["he_normal", "uniform"])
def test_the_share_of_bad_float8_draws_is_as_warned(name, key):
    plan = getattr(ours, name)().plan((64, 64), jnp.float8_e3m4)
    values = plan.ensemble.law.attainable(plan.dtype).astype(float)
    drawn = np.asarray(plan.ensemble.sample(key, plan.shape, plan.dtype)).astype(float)
    assert set(np.unique(drawn)) == set(np.unique(values))
    share = np.mean(values == 0)
    assert share > 0
    assert abs(np.mean(drawn == 0) - share) < 5 * (share * (1 - share) / drawn.size) ** 0.5


def test_a_traced_plan_carries_no_warnings():
    plans = []
    jax.jit(lambda scale: plans.append(ours.normal(scale).plan((3, 3))))(0.0)
    assert plans[0].warnings == ()


def test_a_step_of_no_number_shows_its_formula_alone():
    plan = Plan("x", (1,), np.float32, (Step("law", "w", PointMass(1.0)),), ("free",), None)
    assert plan.steps[0].latex == "w"
    assert "law" in plan
    assert "fan" not in plan
