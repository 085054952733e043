"""Work in the background: the newest request wins, one job at a time in a thread, its outcomes taken as they come."""

import asyncio
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import closing
from contextvars import copy_context
from dataclasses import dataclass, field
from functools import partial
from inspect import isgenerator
from typing import Any

import panel as pn
from bokeh.document import Document

from initviz.engine import Cancelled
from initviz.live.updates import update_page

PATIENCE = 0.15
"""Seconds after which a job counts as long."""
ATTENTION = 0.1
"""Least seconds between two reports of progress."""
NICE = 10
"""How far long jobs stand back behind others for a core, on Linux."""
PAINTS = 0.05
"""Seconds that the page of a quick job needs to show its outcome."""
REST, LONGEST_REST = 3.0, 0.5
"""How many times as long as it has worked a long job waits for quick ones, at most; and how many seconds."""


def _stand_back() -> None:
    if sys.platform == "linux":  # where a priority is that of a thread
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)


QUICK = ThreadPoolExecutor(os.cpu_count() or 1, "initviz-quick")
LONG = ThreadPoolExecutor(64, "initviz-long", _stand_back)
"""Threads of all pages: quick jobs wait for nothing but each other, and no more run than the machine has cores."""


@dataclass(frozen=True, eq=False)
class Request:
    """What is asked for, the how many-th request it is, and the page that asked."""

    payload: Any
    number: int
    document: Document | None = field(default_factory=lambda: pn.state.curdoc)


class Task:
    """Runs `job(payload, progress)` for the newest request only, and gives `take(payload, outcome)` what comes of it.

    Requests that arrive while a job runs replace each other, so no job queues behind a stale one. A job returns its
    outcome, or yields several, each whole in itself, of which the newest counts; what it raises is an outcome, too.
    It runs in a thread where an event loop runs, at once elsewhere; `take` runs on the page that asked.

    Args:
        job: computes; its `progress` takes the finished share and raises `Cancelled` once the request is stale. A job
            that yields ends at its next `yield` then.
        take: takes an outcome.
        report: told whether a long job is running, and its finished share or None.
        is_quick: whether the job for a payload takes some hundredths of a second at most, and waits for no long one.
    """

    in_flight = 0
    """Quick jobs that run or wait, on all pages of the process."""
    calm = 0.0
    """When the page of the last one that ended has shown what came of it."""

    def __init__(
        self,
        job: Callable[[Any, Callable[[float], None]], Any],
        take: Callable[[Any, Any], None],
        report: Callable[[bool, float | None], None] = lambda busy, share: None,
        is_quick: Callable[[Any], bool] = lambda payload: False,
    ):
        self._job, self._take, self._report, self._is_quick = job, take, report, is_quick
        self._asked = self._settled = self._finished = 0  # numbers of requests
        self._next: Request | None = None
        self._arrived: tuple[Request, Any, bool] | None = None
        self._worker: asyncio.Task | None = None  # the event loop itself keeps only weak references
        self._is_long = False

    @property
    def current(self) -> bool:
        """Whether what was asked last has an outcome, or was given up."""
        return self._settled == self._asked

    @property
    def finished(self) -> bool:
        """Whether the job that was asked last has ended, or was given up."""
        return self._finished == self._asked

    def ask(self, payload: Any) -> None:
        """Ask for an outcome: in the background where an event loop runs, at once elsewhere."""
        self._asked += 1
        request = Request(payload, self._asked)
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._compute(request, partial(self._deliver, request))
            self._finished = request.number
            return
        self._next = request
        if self._is_long:  # one before it still ends, unwanted
            loop.call_soon(self._tell, request, True, None)
        if self._worker is None or self._worker.done():
            # A task of our own starts about 40 ms earlier than Panel's executor, which waits for the next tick.
            self._worker = loop.create_task(self._work())

    def now(self, payload: Any) -> Any:
        """The last outcome for a payload, computed here, in place of all that was asked and has not been taken.

        Raises:
            Exception: what the job raised.
        """
        self.give_up()
        *_, (outcome, _) = self._outcomes(Request(payload, self._asked), lambda share: None)
        return outcome

    def give_up(self) -> None:
        """Want no outcome of what was asked last."""
        self._asked += 1
        self._settled = self._finished = self._asked
        self._next = self._arrived = None

    async def _work(self) -> None:
        while self._next is not None:
            request, self._next = self._next, None
            try:
                await self._run(request)
            except Exception as failure:  # of whoever is told of it; the next request has not failed
                self._deliver(request, failure, True)

    async def _run(self, request: Request) -> None:
        loop, quick = asyncio.get_running_loop(), self._is_quick(request.payload)
        deliver = partial(loop.call_soon_threadsafe, self._deliver, request)
        share = partial(loop.call_soon_threadsafe, self._progressed, request)
        pool: Executor = QUICK if quick else LONG
        Task.in_flight += quick
        job = loop.run_in_executor(pool, copy_context().run, self._compute, request, deliver, share, not quick)
        if quick:
            job.add_done_callback(_ended)
        ended, _ = await asyncio.wait({job}, timeout=PATIENCE)
        self._is_long = not ended
        if self._is_long:
            self._tell(request, True, None)
        try:
            await job
        finally:
            self._finished = max(self._finished, request.number)
            if self._is_long:
                self._is_long = False
                self._tell(request, False, None)

    def _compute(
        self,
        request: Request,
        deliver: Callable[[Any, bool], object],
        share: Callable[[float], object] = lambda share: None,
        stands_back: bool = False,
    ) -> None:
        """Run the job of a request, which may stand back behind quick ones, and deliver its outcomes."""
        try:
            for outcome, whole in self._outcomes(request, share, stands_back):
                deliver(outcome, whole)
        except Cancelled:
            pass
        except Exception as failure:
            deliver(failure, True)

    def _outcomes(
        self, request: Request, share: Callable[[float], object], stands_back: bool = False
    ) -> Iterator[tuple[Any, bool]]:
        """Outcomes of the job, and whether each is known to be all that comes of it."""
        reported = began = time.monotonic()

        def wanted() -> None:
            if self._asked != request.number:
                raise Cancelled

        def progress(done: float) -> None:
            nonlocal reported, began
            if stands_back:
                began = _let_quick_ones_pass(began)
            wanted()
            if time.monotonic() - reported > ATTENTION:
                reported = time.monotonic()
                share(done)

        found = self._job(request.payload, progress)
        if not isgenerator(found):
            yield found, True
            return
        with closing(found):
            for part in found:
                yield part, False
                wanted()

    def _progressed(self, request: Request, share: float) -> None:
        if self._is_long:
            self._tell(request, True, share)

    def _tell(self, request: Request, busy: bool, share: float | None) -> None:
        def report() -> None:
            is_wanted = busy and not self.finished  # what was given up goes on until it notices
            self._report(is_wanted, share if is_wanted else None)

        update_page(report, document=request.document)

    def _deliver(self, request: Request, outcome: Any, whole: bool) -> None:
        """Take an outcome once the page may be changed, unless a newer one comes before that."""
        newest = self._arrived[0].number if self._arrived else self._settled
        if request.number >= newest:
            self._arrived = request, outcome, whole
            update_page(self._settle, document=request.document)

    def _settle(self) -> None:
        if self._arrived is not None:
            (request, outcome, whole), self._arrived = self._arrived, None
            self._settled = request.number
            if whole:
                self._finished = max(self._finished, request.number)
            self._take(request.payload, outcome)


def _ended(_job: asyncio.Future) -> None:
    Task.in_flight -= 1
    Task.calm = time.monotonic() + PAINTS


def _let_quick_ones_pass(began: float) -> float:
    """Wait while quick jobs run, or their pages are drawn; the time then. `began` is when the long one went on last.

    A computation of jax has threads of its own, which are not those that stand back.
    """
    now = time.monotonic()
    latest = now + min(REST * (now - began), LONGEST_REST)
    while now < latest and (Task.in_flight or now < Task.calm):
        time.sleep(0.005)
        now = time.monotonic()
    return now
