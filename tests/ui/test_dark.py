"""A page is dark or light as its user chose last, and before that as the system is."""

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


def test_before_one_was_chosen_it_is_that_of_the_system(app):
    page = app.page
    Driver(page).shows()
    page.wait_for_function(IS, arg=False)
    for system in ("dark", "light"):
        page.emulate_media(color_scheme=system)
        page.reload()
        page.get_by_role("heading", level=1).wait_for()
        page.wait_for_function(IS, arg=system == "dark")
