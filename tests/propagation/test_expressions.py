"""Typed functions: what is read, what is refused, and that nothing that was typed is run."""

import random
import time

import jax
import numpy as np
import pytest
from oracles import refused

from initviz.propagation import NAMED, activation
from initviz.propagation.expressions import read as read_expression
from initviz.propagation.operations import FUNCTIONS, TWO

EXAMPLE = "Write for instance tanh(2*x) or x*sigmoid(1.7*x)."
TYPED = ["x", "tanh(2*x)", "-x^2 / (1 + x**2)", "maximum(x, 0) - minimum(x, 0.5) * pi", "where(abs(x) < 1, x, sign(x))",
         "leaky_relu(x, slope=0.3)", "elu(tanh(x) - 1, 2)", "e**(-x)", "(1 + x**2) ** (0.3 * x)"]  # fmt: skip


@pytest.mark.parametrize(
    "text", [*TYPED, *(f"{name}(x)" for name in (*FUNCTIONS, *NAMED) if name not in ("log", "log1p", "sqrt"))]
)
def test_values_and_slopes_in_double_precision_and_in_jax(text):
    expression, x = read_expression(text, NAMED), np.linspace(-2.97, 2.93, 62)  # which are no kinks
    found = expression.dual(x)
    step = 1e-6
    steep = (expression.dual(x + step).value - expression.dual(x - step).value) / (2 * step)
    np.testing.assert_allclose(found.slope, steep, rtol=1e-6, atol=1e-8)
    single = jax.numpy.asarray(x, "float32")
    np.testing.assert_allclose(expression.jax(single), found.value, rtol=3e-5, atol=3e-6)
    slopes = jax.vmap(jax.grad(lambda x: expression.jax(x)))(single)
    np.testing.assert_allclose(slopes, found.slope, rtol=3e-5, atol=3e-5)
    assert expression.jax(single).dtype == "float32"


@pytest.mark.parametrize(("text", "kinks", "jumps"), [
    ("tanh(x)", (), ()), ("maximum(x, 0)", (0.0,), ()), ("where(x > 1, x, 0)", (1.0,), (1.0,)),
    ("sign(x - 2)", (2.0,), (2.0,)),
    ("abs(x**2 - 2)", (-np.sqrt(2), np.sqrt(2)), ()), ("hard_tanh(2 * x)", (-0.5, 0.5), ()),
    ("step(x)", (0.0,), (0.0,)),
    ("relu(gelu(x))", (0.0,), ()),
])  # fmt: skip
def test_kinks_and_jumps_are_found(text, kinks, jumps):
    found = activation(text)
    assert found.kinks == pytest.approx(kinks, abs=1e-12)
    assert found.jumps == pytest.approx(jumps, abs=1e-12)


NO_NUMBER = (
    "an activation must be a finite number at every x from -12 to 12, got {}, which is not at x = {}. " + EXAMPLE
)
KNOWN = [*FUNCTIONS, *TWO, "where", *NAMED]
NO_PART = "an activation is made of x, numbers, + - * / ** and functions, got {}. " + EXAMPLE
REFUSED = {
    "tanhh(x)": "there is no function 'tanhh' here. Did you mean tanh?",
    "max(x, 0)": f"there is no function 'max' here. Take one of {', '.join(sorted(KNOWN))}.",
    "y": f"an activation knows x, pi and e, got 'y'. {EXAMPLE}",
    "Tanh": "an activation knows x, pi and e, got 'Tanh'. Did you mean tanh?",
    "x)(": f"'x)(' is not an expression in x. {EXAMPLE}",
    "": f"'' is not an expression in x. {EXAMPLE}",
    "x\0": f"'x\\x00' is not an expression in x. {EXAMPLE}",
    "x if x > 0 else 0": NO_PART.format("'x if x > 0 else 0'"),
    "x.real": NO_PART.format("'x.real'"),
    "'a'": NO_PART.format("\"'a'\""),
    "True": NO_PART.format("'True'"),
    "x + relu": "relu is a function, got it without its argument. Write relu(x).",
    "where": "where is a function, got it without its argument. Write where(x > 0, x, 0).",
    "maximum + x": "maximum is a function, got it without its argument. Write maximum(x, 0).",
    "relu(x, 2)": f"relu() takes x alone, got 1 more. {EXAMPLE}",
    "leaky_relu(x, slop=3)": f"leaky_relu() takes x and then slope, got 1 more. {EXAMPLE}",
    "where(x, 1, 2)": f"where() does not take what it got: 'where(x, 1, 2)'. {EXAMPLE}",
    "where(0 < x < 1, 1, 2)": f"where() takes one comparison by <, <=, > or >=, got '0 < x < 1'. {EXAMPLE}",
    "1e999 * x": f"numbers of an activation must be below 1.8e308, got inf. {EXAMPLE}",
    "1/x": NO_NUMBER.format("'1/x'", 0),
    "sqrt(x)": NO_NUMBER.format("'sqrt(x)'", -0.01),
    "9**9**9**9": NO_NUMBER.format("'9**9**9**9'", 0),
    "exp(x**2)": "an activation must have finite moments for normal arguments, got 'exp(x**2)', of which one "
    "is not finite at a variance of 1. Take one that grows more slowly, without poles and vertical slopes.",
    "gelu(" * 12 + "x" + ")" * 12: f"an activation may have 1000 parts, got more. {EXAMPLE}",
    "abs(sin(99*x))": f"an activation may have 400 kinks, got more. {EXAMPLE}",
    "x" * 300: f"an activation may have 200 characters, got 300. {EXAMPLE}",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_activation_is_refused_with_the_fix(text):
    refused(ValueError, REFUSED[text], activation, text)


def test_what_is_no_text_is_refused():
    message = f"an activation must be a name or an expression in x, got 3. {EXAMPLE}"
    refused(ValueError, message, activation, 3)


PIECES = [
    *"x()+-*/, .0'\"[]{}@=;\\\n\0πé😀%j_−^", "**", "1e9", "9" * 30, "tanh", "gelu(", "where(", "x>0,", "lambda x:",
    "exec(", "open('", "__import__('os').system('touch ", ":=", "inf", "nan", "True", "None", "await ", "*x", "//",
    "<<", "abs(", "sin(", "x.__class__", "f'{x}'",
]  # fmt: skip


def test_ten_thousand_hostile_texts_are_read_or_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    chance, read, longest = random.Random(0), 0, 0.0
    for _ in range(10_000):
        text = "".join(chance.choices(PIECES, k=chance.randint(1, 12)))
        start = time.process_time()
        try:
            found = activation(text)
        except ValueError as refusal:
            said = str(refusal)
        else:
            said = ""
            read += 1
            assert np.isfinite(found(np.array([-1.0, 0.0, 2.0]))).all()
        assert len(said) < 500
        longest = max(longest, time.process_time() - start)
    assert 100 < read < 5_000
    assert longest < 5
    assert not list(tmp_path.iterdir())
