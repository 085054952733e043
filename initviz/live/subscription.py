"""Who is told of a feed: a view on the page where it subscribed, or on every page that shows it."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, WeakSet

from bokeh.document import Document

from initviz.live.updates import on_page, served_page, update_page

if TYPE_CHECKING:
    from initviz.live.feed import Feed


class Subscription:
    """A view that is told of changes, on the page where it subscribed, until `end` or until that page is closed."""

    def __init__(self, feed: "Feed", view: Callable[["Feed"], None], names: tuple[str, ...], delay: float):
        self._feed, self._view, self._delay = feed, view, delay
        self._page: Document | None = served_page()
        self._watcher = feed.param.watch(self._changed, list(names))
        if self._page is not None:
            _end_with(self._page, self)
        self._changed()
        if "answer" in names:
            feed.look(self)

    def end(self) -> None:
        """Be told nothing more."""
        if self._watcher is not None:
            self._feed.param.unwatch(self._watcher)
            self._watcher = None
            self._feed.look_away(self)

    def _changed(self, *_events) -> None:
        if self._page is not None and self._page.session_context is None:
            self.end()
        elif self._delay:
            shown = self._feed.answer
            update_page(lambda: self._feed.answer is shown and self._tell(), self._delay, self._page)
        else:
            on_page(self._page, self._tell)

    def _tell(self) -> None:
        if self._watcher is not None:
            try:
                self._view(self._feed)
            except Exception as failure:
                self._feed.view_failed(failure)


class Followers:
    """The subscriptions of one view, for each page that shows it, and for all outputs of a notebook together.

    Args:
        subscribe: makes them, where the page is.
    """

    def __init__(self, subscribe: Callable[[], Iterable[Subscription]]):
        self._subscribe = subscribe
        self._of: dict[Document | None, list[Subscription]] = {}

    def __bool__(self) -> bool:
        return bool(self._of)

    def open(self, page: Document | None) -> None:
        """Follow for this page; None for a notebook."""
        if page not in self._of:
            self._of[page] = list(self._subscribe())

    def close(self, page: Document | None) -> None:
        """That page shows the view no more."""
        for subscription in self._of.pop(page, ()):
            subscription.end()


_ON_PAGES: WeakKeyDictionary[Document, WeakSet[Subscription]] = WeakKeyDictionary()


def _end_with(page: Document, subscription: Subscription) -> None:
    """End a subscription once its page is closed: no job runs on for nobody."""
    if page not in _ON_PAGES:
        subscriptions = _ON_PAGES[page] = WeakSet()

        def closed(session_context: Any) -> None:
            for each in list(subscriptions):
                each.end()

        page.on_session_destroyed(closed)
    _ON_PAGES[page].add(subscription)
