"""The menu of files to take along of what is on show: each is made once it is asked for, and kept nowhere."""

import logging
from contextvars import copy_context
from functools import partial

import panel as pn
import panel_material_ui as pmui
from bokeh.document import Document

from initviz.compare import Comparison
from initviz.explorer.explorer import Explorer
from initviz.explorer.rooms import ROOMS
from initviz.explorer.scenes import IN_BAR
from initviz.live.downloads import Downloads, follow_downloads
from initviz.live.feed import REFUSALS
from initviz.live.internals import Words
from initviz.live.task import LONG
from initviz.live.updates import served_page, update_page
from initviz.live.watching import watch
from initviz.study.study import COMPARE, MODEL
from initviz.views import audit_words
from initviz.views.exports import EXPORTS, OF_VIEWS, WITHOUT_DRAW, Export, drawings, file_name
from initviz.views.picture import Picture
from initviz.views.shown import Shown, stem
from initviz.views.text import notice

SOON = 300
"""Milliseconds after which it is said that a file is being made."""
MOST = 4
"""Files of a page that are made or on their way at a time: each may be large, and a browser may fetch none."""
LINE = {"label": "---"}
"""Between what there is of any view and the pictures of the open one."""
GENERAL = {MODEL: WITHOUT_DRAW}
"""What there is of any view, where that is not all of it."""
GONE = "what this view has no more"
"""Chosen from a menu that was opened before the view changed."""
TITLES = {name: title for views in ROOMS.values() for name, title in views.items()}


class Exports:
    """A `menu` of files, and `layout` with what is said of them.

    Args:
        explorer: what is on show.
    """

    def __init__(self, explorer: Explorer):
        self._explorer = explorer
        self._downloads = Downloads()
        self._offered: dict[str, Export] = {}
        self._asked = 0
        self._making: set[int] = set()
        self._heard: set[int] = set()
        follow_downloads(served_page())
        self.menu = pmui.MenuButton(label="export", variant="outlined", margin=0, sx=IN_BAR)
        self.menu.on_click(lambda chosen: update_page(partial(self.make, chosen["label"] if chosen else GONE)))
        self._said = Words("", margin=(0, 10), sizing_mode="stretch_width")
        self.layout = pn.Column(self._said, self._downloads.layout, sizing_mode="stretch_width")
        for row in (explorer.rooms.tabs, *filter(None, explorer.rooms.inner)):
            watch(row, self._renew_soon, "active")
        watch(explorer.feed, self._renew_soon, ["answer"])
        self.renew()

    def _renew_soon(self, *_events) -> None:
        update_page(self.renew, SOON)

    def renew(self) -> None:
        """Offer what there is of the open view, and say no more what was of another."""
        if not self._making:
            self._said.object = ""
        closer = self._explorer.closer.get(self._explorer.rooms.name)
        for feed in closer.feeds if closer else ():
            if id(feed) not in self._heard:  # its pictures may come later than it is opened
                self._heard.add(id(feed))
                watch(feed, self._renew_soon, ["answer"])
        own = OF_VIEWS.get(self._explorer.rooms.name, ())
        of_view = {each.title: each for each in (*own, *drawings(pictures(self._explorer)).values())}
        of_draw = {each.title: each for each in GENERAL.get(self._explorer.rooms.name, EXPORTS.values())}
        items = [{"label": title} for title in of_draw] + [LINE] * bool(of_view) + [{"label": each} for each in of_view]
        self._offered = of_draw | of_view
        if items != self.menu.items:
            self.menu.items = items
            self.menu.param.active.bounds = (0, None)  # a menu that hangs open may hold more than there is by now

    def make(self, title: str) -> None:
        """Make the file of this title in the menu, and have it saved; what cannot be is said."""
        self.renew()
        try:
            if title not in self._offered:
                raise ValueError(f"there must be a picture to export it, got {title!r}. Open its view again.")
            export = self._offered[title]
            if len(self._making) + self._downloads.waiting >= MOST:
                raise ValueError(f"at most {MOST} files are made at a time, got one more. Wait until one is there.")
            shown = on_show(self._explorer, whole=not export.is_of_draw)
        except REFUSALS as refusal:
            self._say("alert", str(refusal))
            return
        self._asked += 1
        self._making.add(self._asked)
        job = partial(self._make, self._asked, export, shown, file_name(shown, export), served_page())
        if served_page() is None:
            job()
        else:
            update_page(partial(self._tell, self._asked, file_name(shown, export)), SOON)
            LONG.submit(copy_context().run, job)

    def _make(self, number: int, export: Export, shown: Shown, file: str, page: Document | None) -> None:
        try:
            content, refused = export.make(shown), ""
        except REFUSALS as refusal:
            content, refused = b"", str(refusal)
        except Exception as failure:  # nobody thought of it
            logging.getLogger(__name__).exception("%s cannot be made", file)
            content, refused = b"", f"{file} cannot be made, got {type(failure).__name__}. The server's log has more."
        update_page(partial(self._made, number, file, content, refused), document=page)

    def _made(self, number: int, file: str, content: bytes, refused: str) -> None:
        self._making.discard(number)
        self._say("alert", refused)
        if not refused:
            self._downloads.send(file, content)

    def _tell(self, number: int, file: str) -> None:
        if number in self._making:
            self._say("status", f"{file} is being made.")

    def _say(self, role: str, message: str) -> None:
        self._said.object = notice(role, [message] if message else [])


def pictures(explorer: Explorer) -> tuple[Picture, ...]:
    """Those of the open view."""
    name = explorer.rooms.name
    if name in explorer.closer:
        return explorer.closer[name].shown
    return explorer.draw.shown if not name else ()


def on_show(explorer: Explorer, whole: bool = True) -> Shown:
    """What is on show, held still; where not the whole of it is wanted, the draw alone.

    Raises:
        ValueError: there is nothing, or it is not of the settings.
    """
    name, feed = explorer.rooms.name * whole, explorer.feed
    closer = explorer.closer.get(name)
    if name == COMPARE and not explorer.comparison.entries:
        raise ValueError("there must be something to compare to export it, got none. Pin a draw first.")
    for each in (feed, *([closer.look] if closer else [])):
        is_beside = each is feed and name == MODEL  # what the draw is matters nothing to an audit
        if each.failure and not is_beside:
            raise ValueError(f"there must be an answer to export it, got: {each.failure}")
        if each.answer is None or (each.stale and not is_beside):
            raise ValueError("there must be an answer to export it, got one on its way. Wait until it is there.")
    view = {"view": name, "title": TITLES[name] * bool(name)}
    if closer is not None:
        own = closer.look.settings
        view |= {"said": closer.said(), "of": closer.stem if closer.stem != stem(feed.answer) else ""}
        view |= {"compared": own} if isinstance(own, Comparison) else {}
        found = closer.look.answer
        view |= {"audit": found.audit, "said": audit_words.whole(found)} if name == MODEL else {}
    return Shown.by(explorer.study, feed.answer, pictures(explorer) if whole else (), **view)
