"""A Panel app served in a process of its own, and a page of it in a headless Chromium."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[1]
HOST = "127.0.0.1"
SWITCHES = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run",
)  # fmt: skip


@contextmanager
def served(app: str, *options: str) -> Iterator[str]:
    """Address of an app (a path from the repository root) while it is served."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        address = f"{HOST}:{listener.getsockname()[1]}"
    command = [sys.executable, "-m", "panel", "serve", app, "--port", address.split(":")[1], "--address", HOST,
               "--allow-websocket-origin", address, "--log-level", "error", *options]  # fmt: skip
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    url = f"http://{address}/{Path(app).stem}"
    try:
        wait_for(address, process)
        yield url
    finally:
        process.terminate()
        process.wait(20)


def wait_for(address: str, process: subprocess.Popen, patience: float = 180.0) -> None:
    """Wait until a server answers at an address."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://{address}/", timeout=patience).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"the app must answer at {address} within {patience:.0f} s, got nothing. See its log above.")


@contextmanager
def chromium_page(width: int = 1400, height: int = 900) -> Iterator[Page]:
    """An empty page in Playwright's own Chromium or the system's."""
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
        path = own if Path(own).exists() else shutil.which("chromium") or shutil.which("google-chrome")
        if path is None:
            raise RuntimeError("a Chromium is needed, got none. Install the package chromium, or run the tests once.")
        browser = playwright.chromium.launch(executable_path=path, args=list(SWITCHES))
        yield browser.new_page(viewport={"width": width, "height": height})
        browser.close()
