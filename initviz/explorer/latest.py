"""Latest wins: one job in flight in a thread; what changed meanwhile is picked up, once, when it ends."""

import asyncio
from collections.abc import Callable
from typing import Any

PATIENCE = 0.15
"""Seconds after which a job counts as long and the busy indicator shows."""


class Latest:
    """Runs `job(request)` in a thread for the newest request only, and hands `done` its outcome on the event loop.

    Requests that arrive while a job runs replace each other, so no job queues behind a stale one.
    """

    in_flight = 0
    """Jobs that run now, on all pages of the process."""

    def __init__(self, job: Callable[[Any], Any], done: Callable[[Any], None], busy: Callable[[bool], None]):
        self._job, self._done, self._busy = job, done, busy
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
        task = asyncio.ensure_future(asyncio.to_thread(self._job, request))
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
