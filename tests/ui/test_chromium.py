"""Which Chromium is taken, and what is said where there is none."""

import subprocess
import sys
from pathlib import Path

import chromium
import pytest

HERE = Path(__file__).parent
OWN = "/playwright/chrome"
DOWNLOAD = "playwright install chromium"
PACKAGE = "apt-get install -y chromium"


@pytest.fixture
def machine(monkeypatch):
    """A machine made of: programs on PATH, paths that start, what each install adds, whether we are root."""

    class Machine:
        on_path: dict[str, str] = {}
        working: set[str] = set()
        installs: dict[str, str] = {}
        root = True
        commands: list[str] = []

        def run(self, command, seconds):
            line = " ".join(command)
            if line.endswith(" --version"):
                return command[0] in self.working
            self.commands = [*self.commands, line]
            added = {path for part, path in self.installs.items() if part in line}
            self.working = self.working | added
            self.on_path = self.on_path | {path.rpartition("/")[2]: path for path in added if path != OWN}
            return bool(added)

    machine = Machine()
    monkeypatch.setattr(chromium.sys, "platform", "linux")
    monkeypatch.setattr(chromium.shutil, "which", lambda name: machine.on_path.get(name))
    monkeypatch.setattr(chromium.os, "geteuid", lambda: 0 if machine.root else 1000, raising=False)
    monkeypatch.setattr(chromium, "run", machine.run)
    return machine


def test_order_of_preference(machine):
    order = ["chromium", "google-chrome", "chromium-browser", "google-chrome-stable"]
    machine.on_path = {name: f"/bin/{name}" for name in order}
    machine.working = {OWN, *machine.on_path.values()}
    assert chromium.chromium(OWN) == OWN
    machine.working.remove(OWN)
    for name in order:
        assert chromium.chromium(OWN) == f"/bin/{name}"
        del machine.on_path[name]
    assert machine.commands == []


def test_a_browser_that_does_not_start_is_passed_over(machine):
    machine.on_path = {"chromium": "/bin/chromium", "google-chrome": "/bin/google-chrome"}
    machine.working = {"/bin/google-chrome"}
    assert chromium.chromium(OWN) == "/bin/google-chrome"


def test_playwrights_download_comes_first(machine):
    machine.installs = {DOWNLOAD: OWN, PACKAGE: "/usr/bin/chromium"}
    assert chromium.chromium(OWN) == OWN
    assert len(machine.commands) == 1


def test_the_system_package_comes_second(machine):
    machine.on_path = {"apt-get": "/usr/bin/apt-get"}
    machine.installs = {PACKAGE: "/usr/bin/chromium"}
    assert chromium.chromium(OWN) == "/usr/bin/chromium"
    assert [part in line for part, line in zip((DOWNLOAD, PACKAGE), machine.commands, strict=True)] == [True, True]


@pytest.mark.parametrize(("on_path", "root", "tried"), [
    ({}, True, 1),
    ({"apt-get": "/usr/bin/apt-get"}, False, 1),
    ({"apt-get": "/usr/bin/apt-get"}, True, 2),
])  # fmt: skip
def test_failure_says_what_to_install(machine, on_path, root, tried):
    machine.on_path, machine.root = on_path, root
    with pytest.raises(pytest.fail.Exception) as failure:
        chromium.chromium(OWN)
    assert failure.value.msg == (
        "The tests of the explorer drive a real Chromium, none was found and none could be installed: "
        "install one with `python -m playwright install --with-deps chromium` or from your system's packages, "
        "or leave these tests out with `-m 'not ui'`."
    )
    assert len(machine.commands) == tried


def test_two_runs_look_for_a_browser_one_after_the_other():
    waiting = "import chromium\nprint('asks', flush=True)\nwith chromium.alone(): print('in')"
    with chromium.alone():
        other = subprocess.Popen([sys.executable, "-c", waiting], cwd=HERE, stdout=subprocess.PIPE, text=True)
        assert other.stdout.readline() == "asks\n"
        with pytest.raises(subprocess.TimeoutExpired):
            other.wait(1)
    assert other.communicate(timeout=60)[0] == "in\n"


def test_running_a_command(tmp_path):
    assert chromium.run(["sh", "-c", "exit 0"], 60)
    assert not chromium.run(["sh", "-c", "exit 1"], 60)
    assert not chromium.run([str(tmp_path / "absent"), "--version"], 60)
    assert not chromium.run(["sleep", "60"], 0.1)


def test_every_test_here_is_marked(request):
    assert request.node.get_closest_marker("ui")
