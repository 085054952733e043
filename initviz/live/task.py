"""Work in the background of a page: the newest request wins, it shows how far it is, and it can be stopped."""

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import panel as pn
import panel_material_ui as pmui
from bokeh.document import Document

from initviz.engine import Cancelled
from initviz.live.controls import REFUSALS
from initviz.live.latest import Latest
from initviz.live.updates import update_page

FAILURES = (*REFUSALS, MemoryError, jax.errors.JaxRuntimeError)
"""What becomes a message instead of a result."""
ATTENTION = 0.1
"""Least seconds between two reports of progress that are shown."""
SHOWN, HIDDEN = {"visibility": "visible"}, {"visibility": "hidden"}
"""Styles: Bokeh lays the whole page out anew and paints every plot when `visible` changes."""


class Stopped(Exception):  # noqa: N818 - a request, not an error
    """Shown in place of a result that the user no longer wants."""


class Task:
    """`job(payload, progress)` in a thread; `show` gets what it returned or the failure it raised, on the page.

    Args:
        job: computes; its `progress` takes the finished share and raises `Cancelled` once the request is stale.
        show: puts an outcome on the page.
        busy: told whether a long job is running.
        is_quick: whether the job for a payload is, as `Latest` means it.
    """

    def __init__(
        self,
        job: Callable,
        show: Callable[[Any], None],
        busy: Callable[[bool], None] = lambda _: None,
        is_quick: Callable[[Any], bool] = lambda _: False,
    ):
        self._job, self._show, self._tell = job, show, busy
        self._asked = self._shown = 0
        self._tasks: set[asyncio.Task] = set()  # the event loop itself keeps only weak references
        self._latest = Latest(self._compute, self._arrived, self._set_busy, lambda request: is_quick(request[1]))
        self._bar = pmui.LinearProgress(active=True, sizing_mode="stretch_width", margin=(12, 10))
        stop = pmui.Button(label="stop", variant="text", size="small", margin=0)
        stop.on_click(lambda _: update_page(self.stop))
        self.indicator = pn.Row(self._bar, stop, styles=HIDDEN, sizing_mode="stretch_width")
        """How far a long job is, and a button to stop it; it keeps its place when it hides."""

    @property
    def current(self) -> bool:
        """Whether what was asked last is on show."""
        return self._shown == self._asked

    def ask(self, payload: Any) -> None:
        """Ask for a result: in the background where an event loop runs, at once elsewhere."""
        self._asked += 1
        request = self._asked, payload, pn.state.curdoc
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._arrived(self._compute(request))
            return
        # A task of our own starts about 40 ms earlier than Panel's executor, which waits for the next tick.
        task = loop.create_task(self._latest.request(request))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def ask_now(self, payload: Any) -> Any:
        """The result of what was asked last, computed and shown at once, whatever runs behind.

        Raises:
            Exception: what the job raised.
        """
        outcome = self._outcome(payload, lambda share: None)
        self._arrived((self._asked, outcome))
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def stop(self) -> None:
        """Give up what was asked last."""
        if not self.current:
            self._asked += 1
            self._take(Stopped("Stopped. Change a setting to start again."), self._asked)

    def leave(self) -> None:
        """Give up what was asked last without a word: something newer will be asked."""
        if not self.current:
            self._asked += 1
            self._shown = self._asked

    def _outcome(self, payload: Any, progress: Callable[[float], None]) -> Any:
        try:
            return self._job(payload, progress)
        except (*FAILURES, Cancelled) as failure:
            return failure

    def _compute(self, request: tuple[int, Any, Document | None]) -> tuple[int, Any]:
        """The outcome of a request, in a thread."""
        number, payload, document = request
        reported = time.monotonic()

        def progress(share: float) -> None:
            nonlocal reported
            if self._asked != number:
                raise Cancelled
            if document is not None and time.monotonic() - reported > ATTENTION:
                reported = time.monotonic()
                shown = {"variant": "determinate", "value": round(100 * share)}
                update_page(partial(self._bar.param.update, shown), document=document)

        return number, self._outcome(payload, progress)

    def _set_busy(self, busy: bool) -> None:
        def tell():
            self._bar.variant = "indeterminate"
            self.indicator.styles = SHOWN if busy else HIDDEN
            self._tell(busy)

        update_page(tell)

    def _arrived(self, numbered: tuple[int, Any]) -> None:
        number, outcome = numbered
        if number >= self._shown and not isinstance(outcome, Cancelled):
            update_page(partial(self._take, outcome, number))

    def _take(self, outcome: Any, number: int) -> None:
        if number >= self._shown:
            self._shown = number
            self._show(outcome)
