"""Several devices, of one process or of two, give the summary and the draws of one device."""

import json

import pytest
from oracles import SIGMAS
from processes import ROOT, free_port, run

SHAPE = (1030, 1000)  # no multiple of anything
DRAWS = {"he_normal": "float32", "normal": "bfloat16", "glorot_uniform": "complex64"}
MOMENTS = 1e-6
"""Relative, of the standard deviation; and of the mean, in standard deviations."""

SUMMARIZE = f"""
import json
import jax
import numpy as np
import initviz.initializers as ours
from initviz import engine
from initviz.engine import summaries
from jax.sharding import Mesh, PartitionSpec

def summaries_on(mesh):
    found = {{}}
    for name, dtype in {DRAWS}.items():
        plan = getattr(ours, name)().plan({SHAPE}, dtype)
        found[name] = counted(engine.summarize(plan.ensemble, jax.random.key(3), plan.shape, plan.dtype, mesh=mesh))
    return found

def counted(s):
    return [s.histogram.tolist(), s.count, s.not_finite, s.zeros, s.minimum, s.maximum, s.mean, s.std]
"""
FOUR_DEVICES = """
devices = jax.devices()
found = summaries_on(Mesh(np.array(devices).reshape(2, 2), ("rows", "columns")))

summaries.JOB = 2**16  # several rounds, the last one short
shares = []
plan = ours.he_normal().plan((1030, 1000))
mesh = jax.make_mesh((4,), ("all",))
rounds = engine.summarize(plan.ensemble, jax.random.key(3), plan.shape, plan.dtype, progress=shares.append, mesh=mesh)

def cancel(share):
    raise engine.Cancelled

try:
    engine.summarize(plan.ensemble, jax.random.key(3), plan.shape, plan.dtype, progress=cancel, mesh=mesh)
except engine.Cancelled:
    shares.append("cancelled")
print(json.dumps([len(devices), found, counted(rounds), shares]))
"""
DRAW = """
from jax.sharding import AxisType

names = ["he_normal", "normal", "truncated_normal", "uniform", "glorot_uniform", "zeros_init", "ones_init"]
key, spec = jax.random.key(3), PartitionSpec("rows", "columns")
alone = {name: np.asarray(getattr(ours, name)()(key, (64, 48))) for name in names}
mesh = jax.make_mesh((2, 2), ("rows", "columns"), axis_types=(AxisType.Explicit,) * 2)
different = []
with jax.set_mesh(mesh):
    for name in names:
        weights = getattr(ours, name)()(key, (64, 48), out_sharding=spec)
        assert weights.sharding.spec == spec and len(weights.sharding.device_set) == 4
        if not np.array_equal(np.asarray(weights), alone[name]):
            different.append(name)
print(json.dumps(different))
"""
CLUSTER = """
jax.distributed.initialize("127.0.0.1:{port}", num_processes=2, process_id={process}, initialization_timeout=60)
assert len(jax.devices()) == 2 * len(jax.local_devices()) == 4
assert engine.devices() == jax.local_devices()
print(json.dumps(summaries_on(Mesh(np.array(jax.devices()), ("all",)))))
jax.distributed.shutdown()
"""


@pytest.fixture(scope="module")
def alone() -> dict:
    """The same summaries by one device."""
    found = {}
    exec(SUMMARIZE, found)
    return found["summaries_on"](None)


def check_equal(found: dict, expected: dict) -> None:
    """Every count and extreme, and the moments within rounding."""
    assert found.keys() == expected.keys()
    for name, (*counts, mean, std) in found.items():
        assert counts == expected[name][:-2]
        assert abs(mean - expected[name][-2]) <= MOMENTS * std
        assert std == pytest.approx(expected[name][-1], rel=MOMENTS)


def test_four_devices_count_what_one_counts(alone):
    (said,) = run(SUMMARIZE + FOUR_DEVICES, devices=4)
    count, found, rounds, shares = said
    assert count == 4
    check_equal(found, alone)
    check_equal({"he_normal": rounds}, {"he_normal": alone["he_normal"]})
    size, step = SHAPE[0] * SHAPE[1], 4 * 2**16
    assert shares == [min(1.0, done / size) for done in range(step, size + step, step)] + ["cancelled"]


def test_draws_spread_over_devices_are_those_of_one_device():
    assert run(SUMMARIZE + DRAW, devices=4) == [[]]


@pytest.mark.slow(keeps=0)
def test_two_processes_count_what_one_counts(alone):
    port = free_port()
    programs = [SUMMARIZE + CLUSTER.format(port=port, process=process) for process in range(2)]
    first, second = run(*programs, devices=2)
    assert first == second
    check_equal(first, json.loads(json.dumps(alone)))


def test_the_cluster_program_of_the_readme_runs():
    readme = (ROOT / "README.md").read_text()
    program = readme.partition("## On a cluster")[2].partition("```python\n")[2].partition("```")[0]
    address = f"localhost:{free_port()}"
    first, second = run(*(f"import sys\nsys.argv[1:] = '{address} 2 {this}'.split()\n{program}" for this in range(2)))
    assert first == second
    count, mean, std = first
    assert count == 8192**2
    variance = 2 / 8192
    assert abs(mean) <= SIGMAS * (variance / count) ** 0.5
    assert std == pytest.approx(variance**0.5, rel=SIGMAS / count**0.5)  # more than the spread of a bounded law's std
