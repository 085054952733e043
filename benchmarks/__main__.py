"""Runs every benchmark that is there, one after the other, and keeps what they print in RESULTS.md."""

from importlib import import_module
from importlib.util import find_spec

from benchmarks.report import write_results

for name in ("benchmarks.engine", "benchmarks.latency"):
    if find_spec(name):
        import_module(name).main()
write_results()
