"""A notebook made ready: scripts once in a cell and not for ever, pictures of the last state, public ways around."""

import gzip
import re
from base64 import b64decode
from types import SimpleNamespace

import pytest
from kernels import execute_cells
from nbclient import NotebookClient

from initviz.live import notebook
from initviz.live.notebook import Kept, connected, load

SHOW = "import initviz\nexplorer = initviz.explore('he_normal', shape=(12, 8))\nexplorer"


class Output:
    """An output of a cell, which notes what it held."""

    def __init__(self, html):
        self.held = [html]

    def update(self, data, raw):
        assert raw
        self.held.append(data["text/html"])


@pytest.fixture
def cell(monkeypatch):
    """The shell of a kernel, at its first cell; and its outputs."""
    events = SimpleNamespace(register=lambda _, call: ends.append(call), unregister=lambda _, call: ends.remove(call))
    shell, outputs, ends = SimpleNamespace(kernel=object(), get_parent=dict, execution_count=1, events=events), [], []
    shell.end = lambda: [call(None) for call in list(ends)]
    monkeypatch.setattr(notebook, "kernel", lambda: shell)
    monkeypatch.setattr(notebook, "_loader", lambda: "<script>scripts</script>")
    monkeypatch.setattr(notebook, "_display", lambda html: outputs.append(Output(html)) or outputs[-1])
    monkeypatch.setattr(notebook, "_readied", [])
    monkeypatch.setattr(notebook, "_needed", [])
    monkeypatch.setattr(notebook, "_outputs", [])
    return shell, outputs


def test_scripts_are_loaded_once_in_a_cell_and_taken_out_when_a_widget_is_there(cell):
    shell, outputs = cell
    load()
    load()
    assert [output.held for output in outputs] == [["<script>scripts</script>"]]
    connected()
    connected()
    assert outputs[0].held[1:] == [""]
    shell.execution_count = 2
    load()
    assert len(outputs) == 2


def test_a_cell_that_shows_no_widget_keeps_no_scripts(cell):
    shell, outputs = cell
    load(for_sure=False)
    Kept(lambda: None).promise()
    shell.end()
    shell.execution_count = 2
    load(for_sure=False)
    shell.end()
    assert [len(output.held) for output in outputs] == [1, 2]


def test_what_is_kept_follows_until_nothing_shows_it(cell):
    _, outputs = cell
    states = ["first"]
    kept, comm = Kept(lambda: states[-1]), SimpleNamespace(init=lambda: None)
    kept.promise()
    kept.display("one", comm)
    states.append("second")
    kept.renew()
    kept.forget("one")
    states.append("third")
    kept.renew()
    loader, output = outputs
    assert [state in held for state, held in zip(["first", "first", "second"], output.held, strict=True)] == [True] * 3
    assert ["Run this cell" in held for held in output.held] == [False, True, True]
    comm.init()  # the page has connected
    assert loader.held[1:] == [""]


def test_a_picture_whose_output_could_not_be_built_is_no_other_ones(cell):
    kept = Kept(lambda: "state")
    kept.promise()
    kept.withdraw()
    kept.promise()
    kept.display("one", SimpleNamespace(init=lambda: None))
    loader, failed, output = cell[1]
    assert (len(failed.held), len(output.held)) == (1, 2)
    assert loader.held == ["<script>scripts</script>"]


def test_what_says_nothing_is_not_kept(cell):
    kept = Kept(lambda: None)
    kept.promise()
    kept.display("one", SimpleNamespace(init=None))
    assert [output.held for output in cell[1]] == [["<script>scripts</script>"]]


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """The cell of an explorer, run in a kernel, with its outputs."""
    return execute_cells(SHOW, folder=tmp_path_factory.mktemp("notebook"))[0]


def test_a_cell_has_compressed_scripts_its_picture_and_the_widget(shown):
    outputs = [output.data for output in shown.outputs if output.get("data")]
    loader, kept, widget = (data["text/html"] for data in outputs)
    bundle, scripts = (gzip.decompress(b64decode(text)).decode() for text in re.findall(r'text\("([^"]+)"\)', loader))
    assert bundle.startswith("window.initvizMaterial ??= import(")
    assert "Bokeh" in scripts
    assert "JupyterCommManager" in scripts
    assert not any("application/javascript" in data for data in outputs)
    assert "initviz-kept" in kept
    assert kept.count("<img") == 3
    assert len(loader) < 3_000_000
    assert len(widget) + len(kept) < 2_500_000


def test_a_notebook_that_a_program_runs_has_pictures_and_no_scripts(tmp_path):
    show = "from initviz import widgets\nwidgets.{}('he_normal', shape=(12, 8))"
    cells = SHOW, *(show.format(name) for name in ("histogram", "checks", "seeds", "controls"))
    for cell in execute_cells(*cells, folder=tmp_path, client=NotebookClient):
        (output,) = cell.outputs
        html = output.data["text/html"]
        assert "<script" not in html
        assert len(html) < 200_000
        assert any(each in html for each in ("he_normal", "<img", "<table"))


DOORS = {
    "the bundle of Material widgets":
        "import panel_material_ui as pmui\nfrom initviz.live import scripts\n"
        "scripts.pmui = type('Other', (), {'Button': object})",
    "the scripts that Panel publishes":
        "import panel.io.notebook as own\nown.load_notebook = lambda *args, **kwargs: None",
}  # fmt: skip


@pytest.mark.slow(keeps=0)
@pytest.mark.parametrize("door", DOORS)
def test_without_a_door_panel_publishes_its_scripts(door, tmp_path):
    _, cell = execute_cells(DOORS[door], SHOW, folder=tmp_path)
    said = "".join(output.text for output in cell.outputs if output.output_type == "stream")
    assert f"{door[0].upper()}{door[1:]}: not as it was in the versions tried." in said
    assert "docs_json" in cell.outputs[-1].data["text/html"]
