"""Runs every benchmark, one after the other, and keeps what they print in RESULTS.md."""

from benchmarks import audits, classroom, comparison, engine, latency, network, notebook, opening, press
from benchmarks.report import write_results

for benchmark in (engine, comparison, latency, opening, notebook, press, classroom, network, audits):
    benchmark.main()
write_results()
