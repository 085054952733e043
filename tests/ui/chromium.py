"""Finds a Chromium for the tests that drive one, or installs it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

NAMES = ("chromium", "google-chrome", "chromium-browser", "google-chrome-stable")
MISSING = (
    "The tests of the explorer drive a real Chromium, none was found and none could be installed: "
    "install one with `python -m playwright install --with-deps chromium` or from your system's packages, "
    "or leave these tests out with `-m 'not ui'`."
)
PATIENCE = 300  # seconds for one way of installing


def chromium(own: str) -> str:
    """Path of a Chromium that starts, installed here if there was none; the test fails where that fails too.

    Args:
        own: where Playwright keeps its own Chromium, present or not.
    """
    with alone():
        if path := find(own):
            return path
        for command in installers():
            run(command, PATIENCE)
            if path := find(own):
                return path
    pytest.fail(MISSING, pytrace=False)


@contextmanager
def alone() -> Iterator[None]:
    """One run of the tests at a time: of two that install at once the second would fail at the first one's lock."""
    if sys.platform == "win32":  # where a directory has no lock
        yield
        return
    import fcntl

    directory = os.open(Path(__file__).parent, os.O_RDONLY)
    try:
        fcntl.flock(directory, fcntl.LOCK_EX)
        yield
    finally:
        os.close(directory)


def find(own: str) -> str | None:
    """Path of the first Chromium that starts: Playwright's own, then those on PATH."""
    return next((path for path in (own, *map(shutil.which, NAMES)) if path and starts(path)), None)


def starts(path: str) -> bool:
    """Whether this browser is there and has its libraries; Ubuntu's chromium-browser is only a hint to get a snap."""
    if sys.platform == "win32":  # where --version opens a window
        return Path(path).exists()
    return run([path, "--version"], 60)


def installers() -> Iterator[list[str]]:
    """Commands that may install a Chromium here."""
    yield [sys.executable, "-m", "playwright", "install", "chromium"]
    if shutil.which("apt-get") and os.geteuid() == 0:
        yield ["sh", "-c", "apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y chromium"]


def run(command: list[str], seconds: float) -> bool:
    """Whether the command exists and succeeded in time."""
    try:
        return subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=seconds).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
