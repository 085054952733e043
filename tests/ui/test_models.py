"""The room of a model in a real browser: its table, files and rules, a tensor that is opened, and the way back."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from driver import PATIENCE, SHOWS, Driver, figure
from modelfiles import npz, safetensors
from playwright.sync_api import Locator, expect
from test_exporting import take_once_there
from test_widths import wrong

from initviz.live.uploads import PART
from initviz.models import audit
from initviz.models.auditing import Audit
from initviz.models.examples import EXAMPLES
from initviz.models.study import OWN, RULES, ModelStudy
from initviz.models.words import verdict
from initviz.study.study import MODEL
from initviz.views.audit_table import COLUMNS
from initviz.views.audits import profile
from initviz.views.exports import EXPORTS
from initviz.wording import plain

SMALL = "flax layers that share a key"
HEADS = [column.title for column in COLUMNS]
RANDOM = np.random.default_rng(0)
LARGE = {  # more than one part
    "layers.0.weight": (0.02 * RANDOM.normal(size=(1024, 1024))).astype("f4"), "layers.0.bias": np.zeros(1024, "f4"),
    "layers.1.weight": (0.05 * RANDOM.normal(size=(512, 1024))).astype("f4"), "layers.1.bias": np.zeros(512, "f4"),
}  # fmt: skip


@dataclass
class RoomPage:
    """The room of a model beside a headless study, which a test changes in step with the widgets."""

    driver: Driver
    study: ModelStudy = field(default_factory=lambda: ModelStudy(example=SMALL))

    @property
    def page(self):
        """What a browser shows."""
        return self.driver.page

    @property
    def rows(self) -> Locator:
        """Rows of the table that are not filtered out."""
        return self.page.get_by_role("table", name="tensors").locator("tbody tr:not([hidden])")

    def shows(self) -> Audit:
        """Wait until the page shows verdict, profile and every row of the headless audit."""
        found = self.study.answer().audit
        picture = profile(found)
        self.page.wait_for_function(SHOWS, arg={picture.name: figure(picture), "texts": []}, timeout=PATIENCE)
        expect(self.page.get_by_role("heading", name=self.study.question.name)).to_be_visible(timeout=PATIENCE)
        said = verdict(found)
        expect(self.page.get_by_role("note").get_by_text(said[:1].upper() + said[1:])).to_be_visible(timeout=PATIENCE)
        first = sorted(found.rows, key=lambda row: not row.fails)
        expect(self.rows.locator("th")).to_have_text([row.tensor.path for row in first], timeout=PATIENCE)
        return found

    def column(self, title: str) -> list[str]:
        """What rows that are shown have below a head."""
        return [row.locator("th, td").nth(HEADS.index(title)).inner_text() for row in self.rows.all()]

    def choose_files(self, *paths: Path) -> None:
        """Choose files of the user's machine."""
        self.page.get_by_label("your own model, in a file:").set_input_files(paths)


@pytest.fixture
def query():
    """Pages open with the room, and with the smallest example in it."""
    return "?v=1&look=Model&model.example=flax+layers+that+share+a+key&shape=16,8"


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A model in one file and in two, the same twice as large, two archives that are none together, and a text."""
    folder = tmp_path_factory.mktemp("files")
    halves = [{name: LARGE[name] for name in LARGE if name.startswith(f"layers.{place}")} for place in range(2)]
    contents = {
        "mine.npz": npz(LARGE), "second.npz": npz({name: 2 * array for name, array in LARGE.items()}),
        "2 files/one.safetensors": safetensors(halves[0]), "2 files/two.safetensors": safetensors(halves[1]),
        "one.npz": npz(halves[0]), "two.npz": npz(halves[1]), "words.txt": b"no model at all",
    }  # fmt: skip
    (folder / "2 files").mkdir()
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture
def room(app):
    """A page that shows the room."""
    found = RoomPage(Driver(app.page))
    found.shows()
    return found


def test_the_table_is_filtered_and_sorted_in_the_browser(room):
    audited = room.study.answer().audit
    field, count = room.page.get_by_role("searchbox", name="filter"), room.page.locator(".audit output")
    field.fill("layers/1 kernel")
    expect(room.rows.locator("th")).to_have_text(["layers/1/kernel"])
    expect(count).to_have_text("1 of 10")
    field.fill("")
    expect(count).to_have_text("10 of 10")
    head = room.page.get_by_role("columnheader", name="std")
    stds = sorted(row.seen.moments.std for row in audited.rows)
    for direction, expected in (("ascending", stds), ("descending", stds[::-1])):
        head.get_by_role("button").click()
        expect(head).to_have_attribute("aria-sort", direction)
        assert room.column("std") == [plain(std, 4) for std in expected]
    head = room.page.get_by_role("columnheader", name="tensor")
    head.get_by_role("button").click()
    assert room.column("tensor") == sorted(row.tensor.path for row in audited.rows)


@pytest.mark.slow(keeps=0)
def test_a_verdict_is_filtered_by(room):
    room.driver.choose("recipe", RULES)
    room.driver.textbox("rules").fill('"**/bias" = "ones"\n"**/kernel" = "lecun_normal"')
    room.driver.textbox("rules").blur()
    room.study.declare({"**/bias": "ones", "**/kernel": "lecun_normal"})
    audited = room.shows()
    menu = room.page.get_by_role("combobox", name="verdict")
    menu.select_option("not as declared")
    expect(room.rows.locator("th")).to_have_text([row.tensor.path for row in audited.failed])
    assert len(audited.failed) == 5
    menu.select_option("any")
    expect(room.rows).to_have_count(10)


def test_a_row_opens_in_the_room_of_weights_and_the_room_is_there_again(room):
    page, study = room.page, room.driver.study
    page.get_by_role("button", name="layers/3/kernel", exact=True).click()
    tensor = next(each for each in room.study.question.tensors if each.path == "layers/3/kernel")
    study.bring(tensor.read(), "lecun_normal", "layers/3/kernel")
    room.driver.holds()
    expect(page.get_by_role("heading", level=1)).to_contain_text("layers/3/kernel")
    expect(page.get_by_text("layers/3/kernel of shape (128, 128) is shown, not a draw.")).to_be_visible()
    expect(page).to_have_url(re.compile("look=Model.*#given$"))
    page.go_back()
    room.shows()
    expect(page).to_have_url(re.compile("look=Model[^#]*$"))
    page.get_by_role("button", name="layers/0/bias", exact=True).press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("layers/0/bias", timeout=PATIENCE)
    page.get_by_role("tab", name=MODEL, exact=True).click()
    room.shows()


@pytest.mark.slow(keeps=0)
def test_every_example_shows_what_it_is_one_of(room):
    for title, example in EXAMPLES.items():
        room.driver.choose("model", title)
        room.study.example = title
        room.shows()
        expect(room.page.get_by_text(example.says)).to_be_visible()


def test_a_file_of_several_parts_is_audited_by_what_it_is_said_to_be(room, files):
    assert (files / "mine.npz").stat().st_size > 2 * PART
    room.choose_files(files / "mine.npz")
    room.study.take("mine.npz", files / "mine.npz")
    found = room.shows()
    assert found.recipe is None
    assert room.column("std")[0] == plain(float(LARGE["layers.0.weight"].std()), 4)
    expect(room.driver.combobox("model")).to_contain_text(OWN)
    room.driver.choose("recipe", "torch")
    room.study.recipe = "torch"
    assert not room.shows()
    room.driver.choose("recipe", RULES)
    rules = room.driver.textbox("rules")
    rules.fill('"**/bias" = "zeros')
    rules.blur()
    expect(room.driver.alert).to_contain_text("TOML", timeout=PATIENCE)
    rules.fill('"**/bias" = "zeros"\n"layers/0/weight" = "normal(0.02)"\n"layers/1/weight" = "normal(0.05)"')
    rules.blur()
    expect(room.driver.alert).to_have_count(0, timeout=PATIENCE)
    room.study.declare({"**/bias": "zeros", "layers/0/weight": "normal(0.02)", "layers/1/weight": "normal(0.05)"})
    assert room.shows()


def test_the_rules_it_looks_like_are_written(room, files):
    room.choose_files(files / "mine.npz")
    room.study.take("mine.npz", files / "mine.npz")
    believed = room.shows().believed()
    room.page.get_by_role("button", name="write the rules it looks like").click()
    room.study.declare(believed)
    assert room.shows()
    expect(room.driver.textbox("rules")).to_have_value(room.study.rules)


@pytest.mark.slow(keeps=0)
def test_several_files_are_one_model_and_what_is_none_is_said_and_changes_nothing(room, files):
    room.choose_files(files / "2 files" / "one.safetensors", files / "2 files" / "two.safetensors")
    room.study.take("2 files", files / "2 files")
    room.shows()
    for names, said in (
        (("words.txt",), "words.txt must be safetensors, .npz"),
        (("one.npz", "two.npz"), "2 files must"),
    ):
        room.choose_files(*(files / name for name in names))
        expect(room.driver.alert).to_contain_text(said, timeout=PATIENCE)
        room.shows()
    room.driver.choose("recipe", "torch")  # for which the files are read again
    room.study.recipe = "torch"
    room.shows()
    expect(room.driver.alert).to_have_count(0)


@pytest.mark.slow(keeps=0)
def test_a_second_choice_takes_the_place_of_the_first(room, files):
    room.choose_files(files / "mine.npz")
    room.choose_files(files / "second.npz")
    room.study.take("second.npz", files / "second.npz")
    room.shows()
    expect(room.page.get_by_text("have arrived")).to_have_count(0)


@pytest.mark.slow(keeps=0)
def test_a_report_of_the_room_opens_from_a_file_and_sorts_there(room, tmp_path, context):
    path = take_once_there(room.page, EXPORTS["report"].title, tmp_path)
    assert path.name == "initviz-audit-flax_layers_that_share_a_key-report.html"
    report = context.new_page()
    report.goto(path.as_uri())
    assert report.locator("img").count() == 1
    rows = report.get_by_role("table", name="tensors").locator("tbody tr")
    expect(rows).to_have_count(10)
    report.get_by_role("columnheader", name="std").get_by_role("button").click()
    stds = sorted(row.seen.moments.std for row in room.study.answer().audit.rows)
    expect(rows.locator(f"td:nth-child({HEADS.index('std') + 1})")).to_have_text([plain(std, 4) for std in stds])
    report.close()


@pytest.mark.slow(keeps=0)
def test_a_path_can_be_typed_only_where_a_folder_is_named(room):
    expect(room.page.get_by_role("textbox", name=re.compile("^or its path"))).to_have_count(0)


@pytest.mark.slow(keeps=0)
def test_nothing_is_cut_or_wider_than_a_phone(room):
    room.page.set_viewport_size({"width": 420, "height": 800})
    assert wrong(room.page) == []
    room.driver.choose("recipe", RULES)
    expect(room.driver.textbox("rules")).to_be_visible(timeout=PATIENCE)
    assert wrong(room.page) == []


def test_it_is_the_audit_of_the_package():
    """What the page is compared with is what `initviz.audit` says."""
    study = ModelStudy(example=SMALL)
    assert str(study.answer().audit) == str(audit(study.question.tensors, "flax"))
