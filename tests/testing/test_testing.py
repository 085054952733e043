"""The helper of tests names tensor, expected, observed, factor and cause, and pytest has it as a fixture."""

import subprocess
import sys

import jax
import numpy as np
import pytest

from initviz.initializers import lecun_normal, variance_scaling
from initviz.testing import assert_initialized

KEYS = jax.random.split(jax.random.key(0), 3)
MODEL = {
    "one": {"kernel": lecun_normal()(KEYS[0], (64, 128)), "bias": np.zeros(128)},
    "two": {"kernel": variance_scaling(1, "fan_out", "truncated_normal")(KEYS[1], (128, 32))},
}


def test_the_message_names_tensor_expected_observed_factor_and_cause():
    with pytest.raises(AssertionError) as caught:
        assert_initialized(MODEL, {"**/kernel": "lecun_normal", "**/bias": "zeros"})
    (line,) = str(caught.value).splitlines()
    assert line.startswith("two/kernel: lecun_normal says std 0.08839, found 0.1")
    assert "times as much), fewer than 1 draw in 10,000: looks like fan_out instead of fan_in" in line


def test_what_is_as_declared_gives_the_audit():
    found = assert_initialized(MODEL, {"two/kernel": "variance_scaling(1, fan_out, truncated_normal)",
                                       "**/kernel": "lecun_normal"})  # fmt: skip
    assert [row.tensor.path for row in found.undeclared] == ["one/bias"]


@pytest.mark.parametrize(("recipe", "words"), [
    ({}, "no rule fits a tensor, nothing was tested"), ({"**": "anything"}, "nothing was tested"),
    ({"**/kernl": "lecun_normal"}, "the rule **/kernl fits no tensor"),
])  # fmt: skip
def test_nothing_tested_is_no_pass(recipe, words):
    with pytest.raises(AssertionError, match=words.replace("*", r"\*")):
        assert_initialized(MODEL, recipe)


def test_a_copy_fails():
    twice = {"a": MODEL["one"], "b": MODEL["one"] | {"kernel": MODEL["one"]["kernel"] + 0}}
    with pytest.raises(AssertionError, match="a/kernel, b/kernel: equal weights: one key, or a copy"):
        assert_initialized(twice, {"**/kernel": "lecun_normal", "**/bias": "zeros"})


def test_it_is_a_fixture_wherever_initviz_is_installed(tmp_path):
    """In a project of its own, and without loading jax before a test needs it."""
    (tmp_path / "test_model.py").write_text(
        "import sys\n"
        "def test_nothing_is_loaded():\n    assert 'jax' not in sys.modules\n"
        "def test_zeros(assert_initialized):\n"
        "    import numpy as np\n"
        "    assert_initialized({'bias': np.zeros(4)}, {'bias': 'zeros'})\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert "2 passed" in done.stdout, done.stdout + done.stderr
