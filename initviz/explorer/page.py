"""The explorer as a whole page."""

import gc
from functools import lru_cache, partial
from itertools import count

import panel as pn
import panel_material_ui as pmui
import param

from initviz.answers.answer import Answer, answer
from initviz.answers.question import Question
from initviz.compare import links as pins
from initviz.explorer.dark import is_dark, remember_theme
from initviz.explorer.explorer import Explorer
from initviz.explorer.exporting import Exports
from initviz.explorer.keys import PRESENT, SHARE_OF_SCREEN, follow_keys
from initviz.explorer.scenes import Scenes
from initviz.live.address import follow_address, opened
from initviz.live.asked import follow_asked
from initviz.live.connection import watch_connection
from initviz.live.early import load_early, template
from initviz.live.feed import REFUSALS
from initviz.live.figures import BARE_HEIGHT, HEIGHT, make_ready
from initviz.live.indicator import Indicator
from initviz.live.internals import Words, know_defaults
from initviz.live.mends import mend_echo
from initviz.live.scripts import serve_preview
from initviz.live.updates import fill_page, in_quiet, served_page, update_page
from initviz.live.uploads import follow_uploads
from initviz.study import Study
from initviz.views.audit_table import OPEN
from initviz.views.copying import SHARE
from initviz.views.story import told

NAMED = {"components": {
    "MuiLinearProgress": {"defaultProps": {"aria-label": "how far the work is"}},
    "MuiTooltip": {"defaultProps": {"describeChild": True}},  # or it names a bare span, which may have no name
    "MuiTypography": {"defaultProps": {"variantMapping": {"h3": "div", "h5": "div"}}},  # the title, and empty ones
    "MuiSelect": {"styleOverrides": {"select": {"whiteSpace": "normal !important"}}},  # or large words would be cut
}}  # fmt: skip
"""What Material's parts on the page are for assistive software, and for those who have large text."""
NARROW, WIDE = "@media (max-width: 899.95px)", "@media (min-width: 900px)"
"""Where settings stand below the pictures, up to Material's breakpoint "md", and where beside them."""
SMALLEST = "@media (max-width: 399.95px)"
"""Where the bar of the page has room for its buttons only if nothing is left between them."""
NOT_THERE, OPAQUE = (
    "%s {:host {display: none !important}}",
    ":host {background: var(--panel-surface-color); min-height: 36px; flex: none; align-items: center}",
)
SHEET = {
    HEIGHT: f"clamp(270px, {SHARE_OF_SCREEN}, 800px)", BARE_HEIGHT: "128px",
    "& .MuiToolbar-root": {"minHeight": "max(52px, 2.3rem)"},  # as high as its buttons where text is large
    "height": "100dvh",  # without what the browser of a phone lays over the end of 100vh
    "& > header > .MuiLinearProgress-root": {"display": "none"},  # unseen, but read aloud: None comes as "linear"
    NARROW: {
        "flexDirection": "column",
        "& > header": {"position": "static", "flexShrink": 0},
        "& > header > .MuiToolbar-root": {"flexWrap": "wrap", "& > .MuiBox-root": {"flexWrap": "wrap", "minWidth": 0}},
        "& > main": {"marginLeft": 0, "minHeight": 0},
        "& > main > .MuiBox-root > .MuiToolbar-root": {"display": "none"},  # an empty one, behind a bar that lies above
        "& > nav": {"flexShrink": 0, "order": 1},
        "& > nav > .MuiDrawer-root": {"height": "auto"},
        "& > nav > .MuiDrawer-root:has(> [style*='hidden'])": {"display": "none"},  # closed, or it would keep its place
        "& > nav > .MuiDrawer-root > .MuiDrawer-paper": {
            "width": "100vw", "height": "45dvh", "borderTop": "1px solid rgba(128, 128, 128, 0.5)",
            "& > .MuiToolbar-root": {"display": "none"},  # an empty one, as high as the bar of a wide page
        },
    },
    SMALLEST: {"& > header > .MuiToolbar-root": {
        "padding": "0 4px", "& > .MuiIconButton-root": {"margin": 0, "padding": "4px"},
    }},
}  # fmt: skip
"""Where there is no room beside the pictures, a sheet at the foot has the settings, and covers nothing."""
CLOSED = SHEET | {NARROW: SHEET[NARROW] | {"& > nav": {"display": "none"}}}
"""The same, with the sheet away until it is opened: a page begins open, and learns its width later."""
ON_TOP = {
    "styles": {"position": "sticky", "top": "0", "z-index": "2", "height": "0", "flex": "0 0 0"},
    "sizing_mode": "stretch_width",
}  # fmt: skip
"""How a bar stays in sight, however far a page is scrolled, and takes no place of its own while it is away."""
IN_BAR = {"color": "#ffffff", "margin-left": "clamp(2px, 3vw - 8px, 8px)", "align-self": "center"}
"""How words and buttons stand in the bar of the page."""
TAGLINE = "<span style='margin-left: 0.5rem'>what weights do before training</span>"
"""Beside the name of the page, where there is room."""

TOGETHER = 8
"""How many sessions end until what they left, some 6 MB each, is collected."""


def page() -> pmui.Page:
    """A Material page: settings in the sidebar (on a phone a sheet, closed at first), pictures in the main area."""
    know_defaults()
    whole = _empty_page()
    serve_preview(served_page())
    load_early(served_page())
    mend_echo(served_page())
    watch_connection(served_page())
    follow_address(served_page())
    remember_theme(served_page())
    follow_keys(served_page())
    follow_uploads(served_page())
    follow_asked(served_page(), OPEN)
    fill_page(partial(_fill, whole))
    if served_page() is not None:
        pn.state.onload(_spare_what_lives)
        pn.state.on_session_destroyed(_session_ended)
    return whole


def _fill(whole: pmui.Page) -> None:
    explorer = _explorer()
    width = pmui.BreakpointSwitcher(breakpoint="md", small=explorer.phone_message, large=pn.Spacer(height=0), margin=0)
    bar, phone_bar = explorer.indicator.layout, Indicator(explorer.feed).layout
    bar.stylesheets, phone_bar.stylesheets = [NOT_THERE % NARROW], [NOT_THERE % WIDE, OPAQUE]
    if served_page() is not None:  # most pages open with figures of the same form
        pn.state.onload(partial(in_quiet, [partial(make_ready, picture) for picture in explorer.draw.shown]))
    shown = explorer.pictures
    scenes, exports = Scenes(explorer, shown), Exports(explorer)
    if opened():
        scenes.show(opened())
    notes = scenes.card, exports.layout
    main = [pn.Column(phone_bar, **ON_TOP), width, *notes, shown, explorer.address.layout]
    tagline = Words(
        TAGLINE, margin=0, styles={"color": "#ffffff", "align-self": "center"}, stylesheets=[NOT_THERE % NARROW]
    )
    menu = pn.Column(scenes.menu, margin=0, styles={"margin-left": "auto", "align-self": "center"})
    taken = pn.Column(exports.menu, margin=0, styles=IN_BAR)
    share, present = Words(SHARE, margin=0, styles=IN_BAR), Words(PRESENT, margin=0, styles=IN_BAR)
    present.stylesheets = [NOT_THERE % NARROW]
    whole.param.update(main=main, header=[tagline, menu, taken, share, present])
    update_page(partial(whole.param.update, sidebar=[explorer.controls]))  # after the first plots

    def open_or_close(switched) -> None:
        update_page(partial(whole.param.update, sidebar_open=switched.new is width.large))

    width.param.watch(open_or_close, "current")
    whole.param.watch(lambda event: event.new and update_page(partial(whole.param.update, sx=SHEET)), "sidebar_open")


def _explorer() -> Explorer:
    """The explorer, set as the address says where the page was open before; what cannot be read is told."""
    study, notices = Study.salvage_link(opened())
    if study.question.is_quick:
        try:
            explorer = Explorer(study, _first(study.question))
        except REFUSALS as refusal:
            explorer, notices = Explorer(), (*notices, str(refusal))
    else:  # which nobody waits for
        explorer = Explorer()
        explorer.study = study
    explorer.sidebar.say_once(told((*notices, *pins.open_first(explorer.comparison, opened()))))
    return explorer


@lru_cache(maxsize=4)
def _first(question: Question) -> Answer:
    """What a page opens with, the same for all that ask it: most open with the same question."""
    return answer(question)


def _spare_what_lives() -> None:
    """Keep the garbage collector from what lives, until some sessions have ended.

    With 40 sessions open a collection takes more than a second, in which nobody gets an answer, and finds nothing.
    What ended sessions left goes first, or nothing would ever collect it.
    """
    if not gc.get_freeze_count():
        gc.collect()
    gc.freeze()


def _session_ended(_context) -> None:
    """Let what ended sessions left be collected, of several at once: it takes a third of the opening of a page."""
    if not next(_ended) % TOGETHER:
        gc.unfreeze()


_ended = count(1)


def _empty_page() -> pmui.Page:
    """A page that is never marked busy: every change would send two more messages, and the explorer has its own bar.

    `Page.__init__` refers to the busy state of the whole server, which then keeps the page, its session's document and
    everything on it for ever: param (2.4, `Parameter.__set__`) forgets a replaced reference but not what watches it,
    and Panel (1.10, `_cleanup_doc`) ends the watchers of a closed session's objects, not those that they put on others.
    """
    before = _watchers_of_busy()
    whole = pmui.Page(
        title="initviz", sidebar_width=330, sidebar_resizable=False, sidebar_variant="persistent", sx=CLOSED,
        busy_indicator=None, theme_config=NAMED, template=template(), dark_theme=is_dark(),
    )  # fmt: skip
    for watcher in _watchers_of_busy():
        if watcher not in before:
            pn.state.param.unwatch(watcher)
    with param.edit_constant(whole):
        whole.busy = False
    return whole


def _watchers_of_busy() -> list:
    return list(pn.state.param.watchers.get("busy", {}).get("value", []))
