"""A plugin of `panel serve`: `/counts` says what the server holds, `/cpu` how long it has computed.

Only the benchmarks and tests serve it.
"""

import gc
import os
import resource
import time
from pathlib import Path

from tornado.web import RequestHandler

COUNTED = ("Document", "Explorer")


def counts() -> dict:
    """Live objects by class after a collection, resident bytes, and seconds of CPU used so far, children included."""
    spared = gc.get_freeze_count()
    gc.unfreeze()  # what the explorer spares the collector would not be counted
    gc.collect()
    kinds = [type(thing).__name__ for thing in gc.get_objects()]
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")
    if spared:
        gc.freeze()
    found = {name: kinds.count(name) for name in COUNTED}
    return found | {"resident": resident, "cpu": cpu()}


def cpu() -> float:
    """Seconds of processor time used so far, those of children included."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


class Counts(RequestHandler):
    """Answers with `counts()` as JSON."""

    def get(self):
        self.write(counts())


class Cpu(RequestHandler):
    """Answers with `cpu()`."""

    def get(self):
        self.write(f"{cpu()}")


ROUTES = [(r"/counts", Counts, {}), (r"/cpu", Cpu, {})]
