"""A device that runs out of memory is not the end: the answer comes from the CPU and says so."""

from dataclasses import dataclass, replace

import jax
import numpy as np
import pytest

from initviz import engine
from initviz.answers.answer import answer
from initviz.explorer.explorer import Explorer
from initviz.study import Study

EXHAUSTED = "RESOURCE_EXHAUSTED: Out of memory while trying to allocate 34359738368 bytes."


@dataclass(frozen=True)
class Accelerator:
    """A device that is none: what the chooser and the study look at."""

    platform: str = "tpu"
    id: int = 3


@pytest.fixture
def small_device(monkeypatch):
    """A list of devices with an accelerator that has no memory left, and what the failing one was asked."""
    cpus, asked = engine.devices(), []
    monkeypatch.setattr(engine, "devices", lambda: [Accelerator(), *cpus])
    real_device, real_draw = jax.default_device, engine.draw

    def default_device(device):
        asked.append(device)
        return real_device(cpus[0] if device == Accelerator() else device)

    def draw(*args):
        if asked[-1] == Accelerator():
            raise jax.errors.JaxRuntimeError(EXHAUSTED)
        return real_draw(*args)

    monkeypatch.setattr(jax, "default_device", default_device)
    monkeypatch.setattr(engine, "draw", draw)
    return cpus[0]


def test_an_accelerator_out_of_memory_is_replaced_by_the_cpu(small_device):
    question = Study("he_normal", shape=(30, 20), seed=3).question
    assert question.device == "tpu:3"  # first on the list, so the default
    result = answer(question)
    host = f"cpu:{small_device.id}"
    assert result.notice == f"tpu:3 ran out of memory; drawn on {host} instead."
    assert result.question == replace(question, device=host)
    expected = answer(result.question)
    assert expected.notice == ""
    assert np.array_equal(result.weights, expected.weights)
    assert result.summary == expected.summary


def test_the_explorer_says_so(small_device):
    explorer = Explorer(Study("he_normal", shape=(30, 20)))
    assert explorer.result.notice in str([words.object for words in explorer.draw.headline])


@pytest.mark.parametrize(("said", "device"), [(EXHAUSTED, "cpu:0"), ("INTERNAL: something else", "tpu:3")])
def test_other_failures_are_raised(said, device, small_device, monkeypatch):
    def fail(*args):
        raise jax.errors.JaxRuntimeError(said)

    monkeypatch.setattr(engine, "draw", fail)
    with pytest.raises(jax.errors.JaxRuntimeError, match=said.split(":")[0]):
        answer(Study("he_normal", shape=(30, 20), device=device).question)


def test_devices_are_those_jax_lists_whatever_their_names(monkeypatch):
    cpu = jax.devices("cpu")[0]
    fast, faster = Accelerator("any", 1), Accelerator("any", 0)

    def local_devices(backend=None):
        return [cpu] if backend == "cpu" else [fast, faster]

    monkeypatch.setattr(jax, "local_devices", local_devices)
    assert engine.devices() == [faster, fast, cpu]


def test_a_process_that_may_not_use_the_cpu_lists_the_others(monkeypatch):
    def local_devices(backend=None):
        if backend == "cpu":
            raise RuntimeError("Unknown backend cpu. Available backends are ['cuda']")
        return [Accelerator()]

    monkeypatch.setattr(jax, "local_devices", local_devices)
    assert engine.devices() == [Accelerator()]
