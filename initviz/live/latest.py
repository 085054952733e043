"""Latest wins: one job in flight in a thread; what changed meanwhile is picked up, once, when it ends."""

import asyncio
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from typing import Any

PATIENCE = 0.15
"""Seconds after which a job counts as long and the busy indicator shows."""
NICE = 10
"""How far long jobs stand back behind others for a core, on Linux."""


def _stand_back() -> None:
    if sys.platform == "linux":  # where a priority is that of a thread
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)


QUICK = ThreadPoolExecutor(os.cpu_count() or 1, "initviz-quick")
LONG = ThreadPoolExecutor(64, "initviz-long", _stand_back)
"""Threads of all pages: quick jobs wait for nothing but each other, and no more run than the machine has cores."""


class Turns:
    """Keeps work of one kind to a share of the time, on all pages together."""

    def __init__(self, share: float):
        self._share, self._rested = share, 0.0

    def granted(self) -> bool:
        """Whether such work may start; nobody else's may for a second then, in which it should."""
        now = time.monotonic()
        free = now >= self._rested
        if free:
            self._rested = now + 1
        return free

    @contextmanager
    def taken(self) -> Iterator[None]:
        """While such work is done; afterwards it rests for as long as its share demands."""
        start, self._rested = time.monotonic(), float("inf")
        try:
            yield
        finally:
            end = time.monotonic()
            self._rested = end + (end - start) * (1 / self._share - 1)


class Latest:
    """Runs `job(request)` in a thread for the newest request only, and hands `done` its outcome on the event loop.

    Requests that arrive while a job runs replace each other, so no job queues behind a stale one.

    Args:
        job: computes the outcome of a request, in a thread.
        done: takes it.
        busy: told whether a long job is running.
        is_quick: whether the job of a request takes some hundredths of a second at most, and waits for no long one.
    """

    in_flight = 0
    """Quick jobs that run or wait, on all pages of the process."""

    def __init__(
        self,
        job: Callable[[Any], Any],
        done: Callable[[Any], None],
        busy: Callable[[bool], None],
        is_quick: Callable[[Any], bool] = lambda _: False,
    ):
        self._job, self._done, self._busy, self._is_quick = job, done, busy, is_quick
        self._waiting: list = []
        self._running = False

    async def request(self, request: Any) -> None:
        """Ask for a job; returns when no request is waiting any more, at once if one is in flight."""
        self._waiting = [request]
        if self._running:
            return
        self._running = True
        try:
            while self._waiting:
                await self._run(self._waiting.pop())
        finally:
            self._running = False

    async def _run(self, request: Any) -> None:
        pool = QUICK if self._is_quick(request) else LONG
        task = asyncio.get_running_loop().run_in_executor(pool, copy_context().run, self._job, request)
        if pool is QUICK:
            Latest.in_flight += 1
            task.add_done_callback(_ended)
        finished, _ = await asyncio.wait({task}, timeout=PATIENCE)
        if not finished:
            self._busy(True)
        try:
            outcome = await task
        finally:
            if not finished:
                self._busy(False)
        self._done(outcome)


def _ended(_task) -> None:
    Latest.in_flight -= 1
