"""The comparison in a real browser: two draws are pinned, one is named, one is removed."""

from pathlib import Path

import pytest
from driver import Driver, figure
from playwright.sync_api import expect

from initviz.compare import Comparison
from initviz.study import Study
from initviz.views.comparison import pictures


@pytest.fixture(scope="module")
def server(serve):
    """The app of a comparison beside a draw."""
    return serve(Path("tests/ui/apps/comparison_room.py"))


def test_draws_are_pinned_named_and_removed(app):
    page, expected = app.page, Comparison()
    driver = Driver(page)

    def holds():
        driver.waits({each.name: figure(each) for each in pictures(expected.answer())} | {"texts": []})

    expect(page.get_by_text("Nothing is pinned yet")).to_be_visible()
    for name in ("he_uniform", "lecun_uniform"):
        page.get_by_role("button", name="pin this draw").click()
        expected.pin(Study(name, shape=(64, 48)))
        holds()
        page.get_by_role("button", name="another").click()
    expect(page.get_by_text("lecun_uniform() is he_uniform() × 1/√2, entry by entry")).to_be_visible()
    field = page.get_by_label("name 2")
    field.fill("LeCun")
    field.press("Enter")
    expected.rename("lecun_uniform()", "LeCun")
    holds()
    page.get_by_role("button", name="remove 1").click()
    expected.remove("he_uniform()")
    holds()
    expect(page.get_by_label("name 1")).to_have_value("LeCun")
