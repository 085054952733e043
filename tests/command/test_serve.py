"""`initviz` alone: where it listens, who may come, what it opens with, and how it ends."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from bokeh.server.util import check_allowlist, create_hosts_allowlist
from typed import typed

from benchmarks.visitor import Visitor
from initviz.command import opening, serve
from initviz.command.refusal import RefusedError
from initviz.live import uploads
from initviz.models import places
from initviz.settings import choices
from initviz.study import Study

PATIENCE = 120


@contextmanager
def listening(address: str = "localhost", port: int = 0):
    from tornado.netutil import bind_sockets

    sockets = bind_sockets(port, address)
    try:
        yield sockets[0].getsockname()[1]
    finally:
        for each in sockets:
            each.close()


def free() -> int:
    with listening() as port:
        return port


def test_a_port_that_is_taken_is_told_or_left_out(monkeypatch):
    with listening() as taken:
        with pytest.raises(RefusedError) as refused:
            serve.free_port("localhost", taken)
        assert str(refused.value) == f"port {taken} is taken. Leave --port out for the next free one, or name another."
        monkeypatch.setattr(serve, "PORT", taken)
        assert taken < serve.free_port("localhost", None) < taken + serve.TRIED
        monkeypatch.setattr(serve, "TRIED", 1)
        with pytest.raises(RefusedError) as refused:
            serve.free_port("localhost", None)
        assert str(refused.value) == (
            f"the ports from {taken} to {taken} are taken. Name another by --port, or 0 for any."
        )
    assert serve.free_port("localhost", 0) > 0


def test_an_address_of_another_machine_is_refused():
    with pytest.raises(RefusedError) as refused:
        serve.free_port("192.0.2.1", 0)
    assert str(refused.value) == (
        "--address must be an address of this machine, got 192.0.2.1. Use localhost or 0.0.0.0."
    )


def test_origins_are_those_of_this_machine_unless_told_otherwise():
    assert serve.origins("localhost", 5006) == ["localhost:5006", "127.0.0.1:5006"]
    assert serve.origins("0.0.0.0", 5006) == ["localhost:5006", "127.0.0.1:5006"]
    assert serve.origins("10.0.0.1", 5006)[-1] == "10.0.0.1:5006"


@pytest.mark.parametrize("typed_wrong", ["", "http://", "host:port", "[::1]:5006"])
def test_what_is_no_origin_is_refused(typed_wrong):
    with pytest.raises(RefusedError) as refused:
        serve.origin(typed_wrong)
    assert str(refused.value) == (
        f"--allow-origin must be a host, with a port or without, got {typed_wrong!r}. Write for instance 10.0.0.1:5006."
    )


def test_bokeh_lets_in_who_was_named_and_nobody_else():
    allowed = create_hosts_allowlist([*serve.origins("0.0.0.0", 5006), serve.origin("https://explorer.example/")], None)
    for host in ("localhost:5006", "127.0.0.1:5006", "explorer.example"):
        assert check_allowlist(host, allowed)
    for host in ("evil.example", "explorer.example:8080", "localhost", "10.0.0.1:5006"):
        assert not check_allowlist(host, allowed)


def test_a_study_is_read_from_a_file_and_from_a_link(tmp_path):
    study = Study("orthogonal", layer="Conv", seed=3)
    path = tmp_path / "study.json"
    path.write_text(study.to_json())
    for given in (str(path), study.to_link(), f"http://localhost:5006/explorer{study.to_link()}"):
        assert opening.query_of(given) == (study.to_link(), ())


def test_what_is_pinned_in_a_link_stays_in_it():
    given = "?v=1&seed=3&compare.look=training&pin=initializer=zeros%26name=none&pin=seed=x"
    query, notices = opening.query_of(given)
    assert query == "?v=1&seed=3&compare.look=training&pin=name=none%26initializer=zeros&pin="
    assert notices[0].startswith("pin 2: seed must be a whole number from 0 to 4294967295, got 'x'.")


def test_what_cannot_be_read_of_a_link_is_a_notice():
    query, notices = opening.query_of("http://localhost/explorer?v=1&seed=x&dtype=bfloat16")
    assert Study.from_link(query).dtype == "bfloat16"
    assert notices == ("seed must be a whole number from 0 to 4294967295, got 'x'. Type for instance 0.",)


@pytest.mark.parametrize(("content", "message"), [
    (b'{"version": 1, "seed": "x"}', "seed must be a whole number from 0 to 4294967295, got 'x'. "
     "Type for instance 0."),
    (b"nope", "settings must be JSON, got 'nope': Expecting value at character 0. Pass what to_json has written."),
])  # fmt: skip
def test_a_file_that_is_no_study_is_refused(tmp_path, monkeypatch, content, message):
    path = tmp_path / "study.json"
    path.write_bytes(content)
    found = typed(monkeypatch, str(path), "--no-browser")
    assert (found.err, found.status) == (f"initviz: {path}: {message}\n", 2)


@pytest.mark.parametrize(("words", "message"), [
    ("nothing.json", "there is no file nothing.json. Leave it out for the default page."),
    ("w.npy", "w.npy has weights, not a study. Write initviz check w.npy he_normal."),
    ("w.npz", "w.npz has weights, not a study. Write initviz audit w.npz, or of one array "
     "initviz check w.npz he_normal."),
    ("w.safetensors", "w.safetensors has weights, not a study. Write initviz audit w.safetensors."),
    ("folder", "folder cannot be read: Is a directory."),
])  # fmt: skip
def test_what_has_no_study_is_refused(tmp_path, monkeypatch, words, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "w.npy").write_bytes(b"\x93NUMPY")
    (tmp_path / "w.npz").write_bytes(b"PK\x03\x04")
    (tmp_path / "w.safetensors").write_bytes(b"\x02" + b"\x00" * 7 + b"{}")
    (tmp_path / "folder").mkdir()
    found = typed(monkeypatch, words, "--no-browser")
    assert (found.err, found.status) == (f"initviz: {message}\n", 2)


def test_so_many_sessions_have_a_page_and_the_next_is_told(monkeypatch):
    ends = []

    def arrive(name):
        document = SimpleNamespace(session_context=SimpleNamespace(id=name))
        state = SimpleNamespace(curdoc=document, on_session_destroyed=ends.append)
        monkeypatch.setattr(serve.pn, "state", state)
        return visited()

    visited = serve._limited(lambda: "page", 2)
    assert [arrive("a"), arrive("b")] == ["page", "page"]
    assert "This server shows no more than 2 at once" in arrive("c").object
    ends[0](None)
    assert arrive("d") == "page"
    assert "is full" in arrive("e").object


def test_fewer_weights_are_drawn_where_a_server_says_so(monkeypatch):
    monkeypatch.setattr(choices, "_most", choices.LARGEST)
    choices.limit_weights(2**60)
    assert choices.check_shape((2**16, 2**16)) == (2**16, 2**16)
    choices.limit_weights(100_000)
    for refused in (lambda: choices.check_shape((512, 512)), Study(layer="Dense").answer):
        with pytest.raises(ValueError, match=r"^shape must hold at most 100,000 weights, got "):
            refused()


@pytest.fixture
def served(monkeypatch):
    """What a server is told before it begins, in place of one."""

    class BegunError(Exception):
        pass

    def begin(*_arguments, **_settings):
        raise BegunError

    before = uploads._largest
    monkeypatch.setattr(serve, "free_port", begin)

    def told(*words: str) -> None:
        with pytest.raises(BegunError):
            typed(monkeypatch, "--no-browser", *words)

    yield told
    uploads.limit_uploads(before)
    places.open_folder(None)


def test_models_are_opened_by_path_only_in_a_folder_that_is_named(served, monkeypatch, tmp_path):
    (tmp_path / "mine.npz").write_bytes(b"")
    served()
    assert not places.is_open()
    served("--models", str(tmp_path))
    assert places.path_of("mine.npz") == tmp_path / "mine.npz"
    for name in ("nowhere", "mine.npz"):
        found = typed(monkeypatch, "--no-browser", "--models", name)
        message = f"the folder of models must be there, got '{name}'. Name another one."
        assert (found.err, found.status) == (f"initviz: {message}\n", 2)


def test_larger_models_are_taken_only_where_a_server_says_so(served, monkeypatch):
    served()
    assert uploads._largest == 2**31
    served("--max-upload", "5")
    assert uploads._largest == 5_000_000
    served("--max-upload", "0")
    assert uploads._largest == 0
    assert typed(monkeypatch, "--no-browser", "--max-upload", "-1").status == 2


@contextmanager
def running(log, *words: str):
    """The command in a process of its own, and where it answers."""
    port = free()
    command = [sys.executable, "-m", "initviz", "--no-browser", "--port", str(port), *words]
    with log.open("w") as file:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT)
    url = f"http://127.0.0.1:{port}/explorer"
    try:
        deadline = time.monotonic() + PATIENCE
        while process.poll() is None and time.monotonic() < deadline:
            try:
                urllib.request.urlopen(url, timeout=PATIENCE).close()
                break
            except OSError:
                time.sleep(0.2)
        yield url, process
    finally:
        process.kill()
        process.wait()


def test_it_serves_what_it_was_given_and_ends_on_an_interrupt(tmp_path):
    path, log = tmp_path / "study.json", tmp_path / "log.txt"
    study = Study("orthogonal", shape=(48, 40))
    path.write_text(study.to_json())

    async def visit():
        url = log.read_text().removeprefix("The explorer is at ").partition(" ")[0]
        first = await Visitor.open(url)
        rows = first.shown
        await first.move(50)
        await first.set("shape", "value", "300, 300")
        async with asyncio.timeout(PATIENCE):
            while "at most 70,000 weights" not in json.dumps(await first.pull()):
                await asyncio.sleep(0.2)
        await first.close()
        return rows, first.shown

    with running(log, "--warm", "--max-sessions", "2", "--max-weights", "70000", str(path)) as (url, process):
        assert asyncio.run(visit()) == (48, 50)
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0
    address = url.replace("127.0.0.1", "localhost")
    assert log.read_text() == f"The explorer is at {address}{study.to_link()} (Ctrl-C ends it)\n"


def test_only_this_machine_can_reach_it(tmp_path):
    with running(tmp_path / "log.txt") as (url, process):
        port = int(url.rpartition(":")[2].partition("/")[0])
        with socket.socket() as others:
            others.settimeout(5)
            name = socket.gethostbyname(socket.gethostname())
            if not name.startswith("127."):
                assert others.connect_ex((name, port)) != 0
        process.terminate()
        assert process.wait(PATIENCE) == 0
