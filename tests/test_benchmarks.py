"""The benchmarks run and print every row; how fast anything is depends on the machine, and is not asserted."""

import asyncio

import pytest

from benchmarks import engine, press, report
from initviz.engine.summary import BINS

FLOORS = {"eager jax": engine.EAGER_FLOOR, "NumPy": engine.NUMPY_FLOOR}


@pytest.fixture(scope="module")
def printed():
    """What the benchmarks say, in one short run."""
    report.said.clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "vectors", lambda: "AVX2")  # the first table once is enough here
        engine.main(
            ["--side", "96", "--huge-side", "512", "--new-side", "48", "--svd-side", "32", "--repetitions", "1"]
        )
    return "\n".join(report.said)


def test_every_row_is_printed(printed):
    contenders = [*engine.summaries(96), engine.bare_bits(96 * 96)]
    contenders += [contender for svd in (True, False) for contender in engine.new_shapes(48, svd)]
    contenders += engine.decompositions(32)
    rows = [line.strip() for line in printed.splitlines() if " ms " in line]
    assert len(rows) == len(contenders)
    for row, contender in zip(rows, contenders, strict=True):
        assert row.startswith(contender.name)
        limit = f"<= {contender.limit:g}x" if contender.limit else "x"
        assert row.endswith(f">= {contender.floor:g}x" if contender.floor else limit)


def test_the_floors_are_those_the_engine_is_meant_to_beat():
    floors = {contender.name.split(",")[0]: contender.floor for contender in engine.summaries(8)}
    assert {name: floors[name] for name in FLOORS} == {"eager jax": 6, "NumPy": 3.5}
    assert [contender.floor for contender in engine.new_shapes(8, svd=True)] == [None, 4, 4]


def test_the_machine_is_named(printed):
    assert report.machine() in printed
    assert "jax " in report.machine()
    assert "cores" in report.machine()


def test_huge_summaries_are_printed_with_their_memory_and_limits(printed):
    assert "0.3 M float32 values of every elementwise initializer" in printed
    rows = [line.split()[0] for line in printed.splitlines() if line.endswith(f"<= {engine.BITS_LIMIT}x")]
    assert {"he_normal", "truncated_normal", "uniform", "zeros"} < set(rows)
    assert not set(rows) & {"orthogonal", "kaiming_normal"}
    (memory,) = (line for line in printed.splitlines() if "most memory above idle" in line)
    assert float(memory.split()[4]) < engine.MEMORY_LIMIT
    assert memory.endswith(f"<= {engine.MEMORY_LIMIT} MB; the tensor is 1 MB")


def test_what_is_printed_can_be_kept(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(report, "said", [])
    contenders = [report.Contender("ours", None), report.Contender("bits", None, limit=2)]
    report.print_table("A table", contenders, [0.003, 0.002])
    report.write_results(tmp_path / "RESULTS.md")
    page, printed = (tmp_path / "RESULTS.md").read_text(), capsys.readouterr().out
    assert printed.strip() in page
    assert "0.67x  the first takes 1.50x of it, <= 2x" in page


def test_no_shape_is_measured_twice():
    shapes = [engine.unseen(256) for _ in range(200)]
    assert len(set(shapes)) == len(shapes)
    assert all(min(shape) > 200 for shape in shapes)


def test_medians_leave_the_warm_up_out():
    calls = []
    contenders = [report.Contender(name, lambda name=name: calls.append(name)) for name in "ab"]
    assert len(report.measure(contenders, repetitions=3)) == 2
    assert sorted(calls) == ["a"] * 4 + ["b"] * 4
    assert all({*calls[i : i + 2]} == {"a", "b"} for i in range(0, 8, 2))


def test_contenders_count_every_weight():
    histogram, mean, std = engine.statistics(engine.np.arange(256.0))
    assert histogram.shape == (BINS,)
    assert int(histogram.sum()) == 256
    assert float(mean) == pytest.approx(127.5)
    assert float(std) == pytest.approx((256**2 - 1) ** 0.5 / 12**0.5)


@pytest.mark.parametrize("guess", [0.3, 1, 7, 500])
@pytest.mark.parametrize("served", [0, 1, 5, 60, 10**6])
def test_the_most_visitors_that_are_served_are_found_from_any_guess(served, guess, monkeypatch):
    tried = []

    async def are_in_time(url, visitors, count):
        tried.append(count)
        return count <= served

    monkeypatch.setattr(press, "are_in_time", are_in_time)
    most = max(count for count in press.STEPS if count <= served)
    assert asyncio.run(press.served_in_time("", guess)) == most
    assert len(tried) == len(set(tried))
