"""Paths of models in a real browser, where whoever serves the page has named a folder."""

from pathlib import Path

import numpy as np
import pytest
from driver import PATIENCE, Driver
from modelfiles import npz
from playwright.sync_api import expect

WEIGHTS = {"a.weight": np.random.default_rng(0).normal(size=(8, 4)).astype("f4"), "a.bias": np.zeros(8, "f4")}
APP = Path("tests/ui/apps/models.py")


@pytest.fixture(scope="module")
def server(serve, tmp_path_factory):
    """A server of a folder with a model in it, and one beside it."""
    home = tmp_path_factory.mktemp("home")
    (home / "models").mkdir()
    for path in (home / "models" / "mine.npz", home / "secret.npz"):
        path.write_bytes(npz(WEIGHTS))
    return serve(APP, FOLDER=str(home / "models"))


@pytest.fixture
def query():
    """Pages open with the room, and with the smallest example in it."""
    return "?v=1&look=Model&model.example=flax+layers+that+share+a+key&shape=16,8"


def test_a_path_is_typed_and_opened_by_enter_and_one_that_leads_out_is_refused(app):
    driver = Driver(app.page)
    rows = app.page.get_by_role("table", name="tensors").locator("tbody tr")
    expect(rows).to_have_count(10, timeout=PATIENCE)
    driver.type("or its path", "../secret.npz")
    expect(driver.alert).to_contain_text(
        "the path must be in the folder of models, got '../secret.npz', which is not.", timeout=PATIENCE
    )
    expect(rows).to_have_count(10)
    driver.type("or its path", "mine.npz")
    expect(rows.locator("th")).to_have_text(list(WEIGHTS), timeout=PATIENCE)
    expect(app.page.get_by_role("heading", name="mine.npz")).to_be_visible()
    expect(driver.alert).to_have_count(0)
