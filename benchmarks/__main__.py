"""Runs every benchmark that is there, one after the other."""

from importlib import import_module
from importlib.util import find_spec

for name in ("benchmarks.engine", "benchmarks.latency"):
    if find_spec(name):
        import_module(name).main()
