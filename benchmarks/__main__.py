"""Runs every benchmark, one after the other, and keeps what they print in RESULTS.md."""

from benchmarks import classroom, engine, latency, network, notebook, opening, press
from benchmarks.report import write_results

for benchmark in (engine, latency, opening, notebook, press, classroom, network):
    benchmark.main()
write_results()
