"""Takes the README's picture of the explorer: python -m benchmarks.screenshot."""

from benchmarks.browser import ROOT, chromium_page, served
from benchmarks.latency import EXPLORER, open_page

PICTURE = ROOT / "apps" / "explorer.png"


def main() -> None:
    """Serve the explorer, wait for its plots and formulas, and save what is seen."""
    with served(EXPLORER) as url, chromium_page(1400, 880) as page:
        open_page(page, url)
        page.locator("mjx-container").first.wait_for()
        page.wait_for_timeout(1000)  # the plots' and formulas' last layout
        page.get_by_text("from jax.nn.initializers").wait_for()  # the comparison comes last
        page.screenshot(path=PICTURE)
    print(f"saved {PICTURE.relative_to(ROOT)}, {PICTURE.stat().st_size / 1024:.0f} kB")


if __name__ == "__main__":
    main()
