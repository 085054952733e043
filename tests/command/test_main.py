"""The command line as a whole: what it says to whoever mistypes, how it ends, and that help is there at once."""

import json
import signal
import subprocess
import sys
import time
from importlib import metadata

import pytest
from typed import typed

import initviz
from initviz.command import parsers
from initviz.command.said import SPELLED, Said, plain_data, spelled

HELP = 0.2
"""Seconds in which help has to be there."""
HEAVY = ("jax", "numpy", "param", "panel", "scipy")


def python(*words: str, **options) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False, **options)


@pytest.mark.parametrize("words", [["--help"], ["show", "--help"], ["fans", "-h"], ["check", "--help"],
                                   ["audit", "--help"], ["--version"]])  # fmt: skip
def test_help_and_versions_load_nothing_that_takes_time(words):
    code = f"import sys; from initviz.command.main import main; main({words}); sys.stderr.write(' '.join(sys.modules))"
    found = python("-c", code)
    assert found.returncode == 0
    assert "initviz" in found.stdout
    assert set(HEAVY).isdisjoint(found.stderr.split())


@pytest.mark.parametrize("command", ["", *parsers.PARSERS])
def test_help_fits_eighty_columns(monkeypatch, command):
    monkeypatch.setenv("COLUMNS", "80")
    lines = typed(monkeypatch, *filter(None, [command]), "--help").out.splitlines()
    assert [line for line in lines if len(line) > 80] == []


def test_help_is_there_at_once():
    def seconds():
        started = time.perf_counter()
        found = python("-m", "initviz", "--help")
        assert (found.returncode, found.stdout[:14]) == (0, "usage: initviz")
        return time.perf_counter() - started

    assert min(seconds() for _ in range(5)) < HELP


def test_versions_are_those_installed(monkeypatch):
    found = typed(monkeypatch, "--version")
    lines = dict(line.split(" ", 1) for line in found.out.splitlines())
    assert (found.status, lines["initviz"]) == (0, initviz.__version__)
    assert lines["python"].startswith("3.")
    for name in ("jax", "jaxlib", "numpy", "panel", "bokeh", "holoviews", "param"):
        assert lines[name] == metadata.version(name)


@pytest.mark.parametrize(("words", "message"), [
    ("shw", "initviz: there is no command and no file 'shw'. Did you mean show?"),
    ("he_norml", "initviz: there is no command and no file 'he_norml'. Did you mean initviz show he_normal?"),
    ("xyz", "initviz: there is no command and no file 'xyz'. See initviz --help."),
    ("--prot 5", "initviz: there is no option --prot. Did you mean --port?"),
    ("--port x", "initviz: --port must be a whole number from 0 to 65,535, got 'x'. See initviz --help."),
    ("--max-sessions 0", "initviz: --max-sessions must be a whole number of at least 1, got '0'. See initviz --help."),
    ("--port 5 show", "initviz: a command comes first, got show behind options. Write initviz show … instead."),
    ("audti m.npz", "initviz: there is no command 'audti'. Did you mean audit?"),
    ("audit m.npz --receipe gpt2", "initviz audit: there is no option --receipe. Did you mean --recipe?"),
    ("audit m.npz --xyz", "initviz audit: there is no option --xyz. See initviz audit --help."),
    ("audit m.npz -r gpt2", "initviz audit: there is no option -r. See initviz audit --help."),
    ("audit m.npz gpt2", "initviz audit: one file is taken, got 'gpt2' besides. "
     "Write for instance initviz audit model.safetensors --recipe gpt2."),
    ("audit m.npz --alpha x", "initviz audit: --alpha must be between 0 and 1, got 'x'; 0.01 for instance. "
     "See initviz audit --help."),
    ("a.json b.json", "initviz: one file or link is opened, got 'b.json' besides. See initviz --help."),
    ("show", "initviz show: missing: NAME. Write for instance initviz show he_normal."),
    ("check", "initviz check: missing: FILE, NAME. Write for instance initviz check w.npy he_normal."),
    ("show he_normal --jsn", "initviz show: there is no option --jsn, and as a setting it has no value. "
     "Did you mean --json?"),
    ("show normal 3 3", "initviz show: settings must be name=value, got '3'. Write a shape as one word: "
     "--shape 3,3,64,128."),
    ("show normal stddev", "initviz show: settings must be name=value, got 'stddev'. Write for instance stddev=0.02."),
    ("show normal stddev=1 --stddev 2", "initviz show: settings must come once each, got stddev twice. Leave one out."),
    ("show normal shape=3,3", "initviz show: shape is an option, got it as a setting. "
     "Write --shape in front of its value."),
    ("show normal --stdev 3", "initviz show: the settings of normal are stddev, shape, layer, json, seed, dtype, "
     "device, generator, got 'stdev'. Did you mean stddev?"),
    ("show zeros stddev=3", "initviz show: the settings of zeros are shape, layer, json, seed, dtype, device, "
     "generator, got 'stddev'. Choose normal or truncated_normal for it."),
    ("show normal --kernel-size 3", "initviz show: kernel_size is of a layer, got it without one. "
     "Add for instance --layer Conv."),
    ("show normal --layer Dense --kernel-size 3", "initviz show: the sizes of Dense are inputs, outputs, got "
     "kernel_size, which is of Conv or DepthwiseConv or ConvTranspose."),
    ("show normal --layer Convv", "initviz show: layer must be one of RawShape, Dense, Conv, DepthwiseConv, "
     "ConvTranspose, AttentionProjection, GroupedQueryAttention, AttentionOutput, Experts, Stack, Embedding, Einsum, "
     "got 'Convv'. Did you mean Conv?"),
    ("show normal --shape -1,3", "initviz show: shape must have every element be nonnegative, got (-1, 3) (negative "
     "dimensions are not allowed). Use sizes of at least 1."),
    ("show normal --dtype float64", "initviz show: jax has no float64 unless it is told to. "
     "Set JAX_ENABLE_X64=1 in front of the command."),
    ("fans he_normal in_axis=7", "initviz fans: in_axis = 7: tuple index out of range for a shape with 2 axes. "
     "Choose from -2 to 1."),
    ("check w.npy zeros layer=Conv", "initviz check: the settings of zeros are array, dtype, json, got 'layer'. "
     "Leave it out."),
])  # fmt: skip
def test_what_is_mistyped_is_told_in_one_message(monkeypatch, words, message):
    found = typed(monkeypatch, *words.split())
    assert (found.out, found.err, found.status) == ("", f"{message}\n", 2)


def test_a_name_that_is_mistyped_is_told_with_the_one_that_was_meant(monkeypatch):
    found = typed(monkeypatch, "show", "he_norml")
    assert found.err.startswith("initviz show: initializer must be one of variance_scaling, ")
    assert found.err.endswith(", got 'he_norml'. Did you mean he_normal?\n")


def test_an_interrupt_and_too_little_memory_end_without_a_traceback(monkeypatch):
    def raises(error):
        def run(command, words):
            raise error

        return run

    monkeypatch.setattr("initviz.command.main._run", raises(KeyboardInterrupt()))
    assert typed(monkeypatch, "fans").status == 130
    monkeypatch.setattr("initviz.command.main._run", raises(MemoryError()))
    found = typed(monkeypatch, "fans")
    assert (found.err, found.status) == ("initviz fans: there is not memory enough. Make an axis smaller.\n", 2)


def test_colors_are_for_terminals_and_for_those_who_want_them(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    words = ("show", "zeros", "--shape", "2,2")
    plain = typed(monkeypatch, *words)
    assert "\x1b" not in plain.out
    colored = typed(monkeypatch, *words, terminal=True)
    assert "\x1b[32m✓\x1b[0m" in colored.out
    assert "\x1b[33m│\x1b[0m" in colored.out
    monkeypatch.setenv("NO_COLOR", "1")
    assert typed(monkeypatch, *words, terminal=True).out == plain.out
    assert "\x1b" not in typed(monkeypatch, *words, "--json", terminal=True).out


@pytest.mark.parametrize("name", ["he_normal", "orthogonal", "zeros"])
def test_an_output_without_these_letters_gets_others(monkeypatch, name):
    found = typed(monkeypatch, "show", name, "--layer", "Conv", encoding="ascii")
    assert found.status == 0
    assert found.out.isascii()
    assert "ok mean" in found.out
    assert "###" in found.out
    assert "?" not in found.out


def test_every_spelling_is_of_letters_that_all_outputs_have():
    assert "".join(SPELLED.values()).isascii()
    assert spelled("σ² = 1 ▌▌ é", "ascii") == "sigma^2 = 1  ?"
    assert spelled("σ² é", "utf-8") == "σ² é"


def test_data_are_those_of_json():
    value = {"a": (1, float("nan"), float("inf")), "b": 1 + 2j, "c": None, "d": True}
    assert plain_data(value) == {"a": [1, None, None], "b": [1.0, 2.0], "c": None, "d": True}
    assert json.loads(Said("", {"x": 1}).json()) == {"schema": 1, "x": 1}


def test_a_pipe_that_is_closed_is_no_matter():
    code = "import sys; from initviz.command.main import main; sys.exit(main(['fans', '--shape', '3,3']))"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0


def test_every_command_has_help_that_names_its_options(monkeypatch):
    for name, parser in parsers.PARSERS.items():
        found = typed(monkeypatch, name, "--help")
        assert found.status == 0
        assert all(option in found.out for option in parser().options)


def test_an_interrupt_waits_for_no_thread():
    code = (
        "import threading, time, signal; import initviz.command.main as command\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # which jobs in the background ignore
        "def work(*_):\n"
        "    threading.Thread(target=time.sleep, args=(60,)).start()\n"
        "    signal.raise_signal(signal.SIGINT)\n"
        "command._run = work; command.run()"
    )
    found = python("-c", code, timeout=30)
    assert (found.returncode, found.stdout, found.stderr) == (-signal.SIGINT, "", "")


def test_module_and_script_are_the_same():
    found = python("-m", "initviz", "--version")
    assert found.stdout.startswith(f"initviz {initviz.__version__}\n")
