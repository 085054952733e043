"""Sessions of a served explorer, over websockets and without a browser: they get their answers, and leave nothing."""

import asyncio
import time

import panel_material_ui  # noqa: F401 - whose models are read
import pytest
from bokeh.client import pull_session
from bokeh.models import ImportedStyleSheet

from benchmarks.classroom import Lesson, check, come_and_go, counted_server, counts, learn, settled
from benchmarks.visitor import FIELD, SLIDER, Visitor

WARM, VISITS = 2, 6
KEPT = 2
"""Closed sessions that Panel may hold on to: a timer of its own keeps the one it was started in."""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Address of the served explorer; its log has to stay empty."""
    log = tmp_path_factory.mktemp("server") / "log.txt"
    with counted_server(log) as url:
        yield url
    assert log.read_text() == ""


@pytest.mark.slow(keeps=0)
def test_closed_sessions_are_not_kept(server):
    async def scenario():
        await come_and_go(server, WARM)
        before = await settled(server)
        visitor = await Visitor.open(server)
        during = await counts(server)
        await visitor.close()
        await come_and_go(server, VISITS)
        return before, during, await settled(server)

    before, during, after = asyncio.run(scenario())
    for kind in ("Document", "Explorer"):
        assert during[kind] > before[kind] - KEPT, "an open session must be seen, or this counts nothing"
        assert after[kind] <= before[kind] + KEPT, f"{kind}: {before[kind]} before {VISITS} visits, {after[kind]} after"


def test_a_page_asked_for_at_once_is_whole(server):
    """A visitor reads the document sooner than any browser could, while the page is still to be filled."""

    async def scenario():
        visitor = await Visitor.open(server)
        labels = set(visitor.labels)
        await visitor.close()
        return labels

    assert {SLIDER, FIELD} <= asyncio.run(scenario())


def test_a_page_whose_session_was_given_up_before_it_came_asks_no_other_host(server):
    """On a busy machine a page may open its websocket when its session is gone, which makes a new one."""
    session = pull_session(url=server)
    sheets = {sheet.url for sheet in session.document.select({"type": ImportedStyleSheet})}
    session.close()
    assert sheets
    assert all(sheet.startswith("static/") for sheet in sheets), sheets


def test_several_sessions_get_the_answers_to_their_own_last_values(server):
    async def scenario():
        visitors = [await Visitor.open(server) for _ in range(3)]
        lesson, start = Lesson(), time.monotonic()
        await asyncio.gather(
            *(learn(visitor, lesson, start, start + 1, 0.3, seed=place) for place, visitor in enumerate(visitors))
        )
        for visitor in visitors:
            await check(visitor, lesson)
        await asyncio.gather(*(visitor.close() for visitor in visitors))
        return lesson

    lesson = asyncio.run(scenario())
    assert lesson.errors == []
    assert lesson.lost == 0
    assert len(lesson.quiet) >= 3


@pytest.mark.slow(keeps=0)
def test_a_move_of_a_slider_is_three_messages(server):
    """The sizes beside the slider, the draw, and its formulas; more only while a look or a long job is under way."""

    async def scenario():
        visitor, counts = await Visitor.open(server), []
        for rows in (100, 120, 130, 140, 150):
            await asyncio.sleep(1)
            before = visitor.news
            await visitor.move(rows)
            await asyncio.sleep(0.5)
            counts.append(visitor.news - before)
        await visitor.close()
        return counts

    assert min(asyncio.run(scenario())) == 3
