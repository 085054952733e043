"""A page is dark or light as its user chose last, and before that as the system is."""

import pytest
from driver import Driver
from playwright.sync_api import Page

IS = """dark => {
  const [, red] = getComputedStyle(document.body).backgroundColor.match(/^rgb\\((\\d+)/) ?? []
  return red !== undefined && dark === red < 60
}"""


def toggle(page: Page) -> None:
    """Choose the other theme."""
    page.get_by_role("button", name="Toggle theme").click()


def test_a_theme_that_was_chosen_is_kept(app):
    page = app.page
    Driver(page).shows()
    toggle(page)
    page.wait_for_function(IS, arg=True)
    page.reload()
    page.wait_for_function(IS, arg=True)
    toggle(page)
    page.wait_for_function(IS, arg=False)
    page.emulate_media(color_scheme="dark")
    page.reload()
    Driver(page).shows()
    page.wait_for_timeout(1000)
    assert page.evaluate(IS, False)


@pytest.mark.slow(keeps=0)
def test_before_one_was_chosen_it_is_that_of_the_system(app):
    page = app.page
    Driver(page).shows()
    page.wait_for_function(IS, arg=False)
    for system in ("dark", "light"):
        page.emulate_media(color_scheme=system)
        page.reload()
        page.get_by_role("heading", level=1).wait_for()
        page.wait_for_function(IS, arg=system == "dark")


@pytest.mark.slow(keeps=0)
def test_a_page_is_dark_before_it_is_painted(app):
    page = app.page
    Driver(page).shows()
    page.emulate_media(color_scheme="dark")
    page.add_init_script(PAINTED)
    page.reload()
    Driver(page).shows()
    page.get_by_role("button", name="new sample").wait_for()
    page.wait_for_function(IS, arg=True)
    assert page.evaluate("window.brightest") < 60
    toggle(page)  # what a server is told is what was chosen
    page.wait_for_function(IS, arg=False)
    page.wait_for_function("document.cookie.includes('initviz_theme=light')")


PAINTED = """
  window.brightest = 0
  const look = () => {
    for (const each of [document.documentElement, document.body].filter(Boolean)) {
      const [, red, alpha] = getComputedStyle(each).backgroundColor.match(/^rgba?\\((\\d+), \\d+, \\d+(, 0)?/) ?? []
      if (red !== undefined && !alpha) window.brightest = Math.max(window.brightest, +red)
    }
    const theme = window.Bokeh?.documents[0]?._all_models.values() ?? []
    for (const {data} of theme) if (data?.attributes?.dark_theme === false) window.brightest = 255
    requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
"""
"""Notes at each paint how bright the ground of a page is, and whether any part of it is light."""
