"""Speed on the machine at hand: `python -m benchmarks` runs all of it."""
