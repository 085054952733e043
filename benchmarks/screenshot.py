"""Takes the pictures of README and of the site's gallery: python -m benchmarks.screenshot [how a path begins ...]."""

import sys
from io import BytesIO

from PIL import Image
from playwright.sync_api import Page

from benchmarks.browser import ROOT, chromium_page, served
from benchmarks.latency import EXPLORER
from initviz.study.presets import PRESETS

SIZE, GALLERY_SIZE = (1400, 900), (1400, 1240)
PICTURES = {
    "apps/explorer.png": "",
    "docs/rooms/layer.png": "?v=1&look=Layer&layer=AttentionProjection",
    "docs/rooms/network.png": "?v=1&look=Network&initializer=glorot_normal",
    "docs/rooms/compare.png": "?v=1&look=Compare&pin=initializer=he_normal&pin=initializer=orthogonal",
    "docs/rooms/model.png": "?v=1&look=Model",
    "docs/rooms/precision.png": "?v=1&look=Precision&dtype=bfloat16",
} | {f"docs/gallery/{name}.webp": preset.link for name, preset in PRESETS.items()}
"""Files by path from the repository root, and the link that each shows."""
STILL = 5
"""Seconds without work after which a room shows all it has."""
WIDTH, MOST = 1120, 60
"""Pixels across of a picture in the gallery, and the most kB of it."""


def main(*beginnings: str) -> None:
    """Serve the explorer, open each room, wait until nothing changes any more, and save what is seen."""
    with served(EXPLORER) as url:
        for path, link in PICTURES.items():
            if path.startswith(beginnings or ("",)):
                target = ROOT / path
                small = target.suffix == ".webp"
                with chromium_page(*(GALLERY_SIZE if small else SIZE)) as page:
                    page.goto(url + link, timeout=120_000)
                    seen = picture(page)
                target.parent.mkdir(exist_ok=True)
                target.write_bytes(smaller(seen) if small else seen)
                print(f"saved {path}, {target.stat().st_size / 1024:.0f} kB", flush=True)


def picture(page: Page) -> bytes:
    """What is seen when nothing changes any more, of a scene with its answer."""
    wait(page)
    reveal = page.get_by_role("button", name="reveal")
    if reveal.is_visible():
        reveal.click()
        wait(page)
    return page.screenshot()


def wait(page: Page) -> None:
    """Return once there are plots or tables, and nothing has been at work for a while."""
    stop, found, idle = page.get_by_role("button", name="stop"), page.locator("canvas, table"), 0
    page.get_by_role("heading", level=1).wait_for(timeout=120_000)
    while idle < STILL:
        page.wait_for_timeout(1000)
        at_work = any(each.is_visible() for each in stop.all()) or not any(each.is_visible() for each in found.all())
        idle = 0 if at_work else idle + 1


def smaller(png: bytes) -> bytes:
    """The same picture as WebP, narrower, in the best quality that stays below the most."""
    image = Image.open(BytesIO(png)).convert("RGB")
    image = image.resize((WIDTH, round(WIDTH * image.height / image.width)), Image.Resampling.LANCZOS)
    for quality in range(90, 10, -5):
        written = BytesIO()
        image.save(written, "webp", quality=quality, method=6)
        if written.tell() < MOST * 1024:
            break
    return written.getvalue()


if __name__ == "__main__":
    main(*sys.argv[1:])
