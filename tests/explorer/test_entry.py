import subprocess
import sys
import time

import pytest

from initviz.explorer import entry
from initviz.live import notebook

FIRST = """
import sys, warnings
import jax, numpy as np, initviz
assert "panel" not in sys.modules
{before}
explorer = initviz.explore({settings})
study = initviz.Study({settings})
assert explorer.feed.question == study.question and not explorer.feed.stale
np.testing.assert_array_equal(explorer.feed.answer.weights, study.answer().weights)
print(explorer.feed.answer.plan.dtype)
"""
"""The first explorer of a process has its answer before anything is on a page, and it is that of a study."""


def run(settings: str, before: str = "") -> subprocess.CompletedProcess:
    code = FIRST.format(settings=settings, before=before)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


@pytest.mark.slow(keeps=1)
@pytest.mark.parametrize(("settings", "before", "dtype"), [
    ('"orthogonal", shape=(30, 40), seed=3', "", "float32"),
    ('"normal", shape=(30, 40), dtype="float64"', "jax.config.update('jax_enable_x64', True)", "float64"),
])  # fmt: skip
def test_the_first_explorer_of_a_process_has_the_answer_of_a_study(settings, before, dtype):
    found = run(settings, before)
    assert (found.stdout.strip(), found.returncode) == (dtype, 0), found.stderr


@pytest.mark.slow(keeps=0)
def test_what_the_first_one_cannot_be_is_said():
    found = run('"delta_orthogonal", shape=(30, 40)')
    assert found.returncode == 1
    assert "ValueError: Delta orthogonal" in found.stderr


def test_an_interrupt_gives_the_first_answer_up(monkeypatch):
    given_up = []

    def endless(question, progress):
        for _ in range(20_000):
            try:
                progress(0)
            except BaseException:
                given_up.append(question)
                raise
            time.sleep(0.001)

    def interrupted(for_sure):
        raise KeyboardInterrupt

    monkeypatch.setattr(entry, "answer", endless)
    monkeypatch.setattr(notebook, "load", interrupted)
    monkeypatch.delitem(sys.modules, "panel")
    with pytest.raises(KeyboardInterrupt):
        entry.explore("zeros", shape=(3, 4))
    assert len(given_up) == 1
