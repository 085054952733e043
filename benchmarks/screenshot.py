"""Takes the README's pictures, one of each room: python -m benchmarks.screenshot."""

from benchmarks.browser import ROOT, chromium_page, served
from benchmarks.latency import EXPLORER

SIZE = (1400, 900)
PICTURES = {
    "apps/explorer.png": "",
    "docs/rooms/layer.png": "?v=1&look=Layer&layer=AttentionProjection",
    "docs/rooms/network.png": "?v=1&look=Network&initializer=glorot_normal",
    "docs/rooms/compare.png": "?v=1&look=Compare&pin=initializer=he_normal&pin=initializer=orthogonal",
    "docs/rooms/precision.png": "?v=1&look=Precision&dtype=bfloat16",
}
"""Files by path from the repository root, and the link that each shows."""
STILL = 5
"""Seconds without work after which a room shows all it has."""


def main() -> None:
    """Serve the explorer, open each room, wait until nothing changes any more, and save what is seen."""
    for path, link in PICTURES.items():
        with served(EXPLORER) as url, chromium_page(*SIZE) as page:
            page.goto(url + link, timeout=120_000)
            page.get_by_role("heading", level=1).wait_for(timeout=120_000)
            stop, idle = page.get_by_role("button", name="stop"), 0
            while idle < STILL:
                page.wait_for_timeout(1000)
                idle = 0 if any(each.is_visible() for each in stop.all()) else idle + 1
            picture = ROOT / path
            picture.parent.mkdir(exist_ok=True)
            page.screenshot(path=picture)
            print(f"saved {path}, {picture.stat().st_size / 1024:.0f} kB")


if __name__ == "__main__":
    main()
