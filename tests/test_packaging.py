"""What has to be said twice about the package is the same in both places, and its wheel holds all of it."""

import re
import subprocess
import sys
import tomllib
import zipfile
from importlib import import_module
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
DOORS = ROOT / "initviz" / "live" / "internals.py"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def compact(requirements):
    return sorted({requirement.replace(" ", "") for requirement in requirements})


def test_conda_environment_holds_what_pyproject_asks_for():
    extras = PROJECT["optional-dependencies"]
    assert "initviz[docs]" in extras["test"]
    named = {*PROJECT["dependencies"], *extras["notebook"], *extras["test"], *extras["docs"]} - {"initviz[docs]"}
    asked = [*named, f"python{PROJECT['requires-python']}"]
    *found, by_pip = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    assert compact([*found, *by_pip["pip"]]) == compact([*asked, "pip"])


def test_the_libraries_with_private_doors_are_bounded_and_no_others():
    bounded = {requirement.partition(">=")[0] for requirement in PROJECT["dependencies"] if "<" in requirement}
    imports = {name.partition(".")[0] for name in re.findall(r"^(?:import|from) ([\w.]+)", DOORS.read_text(), re.M)}
    assert bounded == {"bokeh", "holoviews", "panel"}
    assert bounded - {"holoviews"} <= imports  # whose plots are behind a pane of Panel's


def test_changelog_names_the_version():
    assert f"\n## [{PROJECT['version']}]" in (ROOT / "CHANGELOG.md").read_text()


def test_the_command_is_where_the_script_looks_for_it():
    module, _, name = PROJECT["scripts"]["initviz"].partition(":")
    assert callable(getattr(import_module(module), name))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Names and contents of the files in the built wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_wheel_holds_every_module_and_recipe_and_says_that_it_is_typed(wheel):
    files = [path for end in ("py", "toml") for path in (ROOT / "initviz").rglob(f"*.{end}")]
    modules = {path.relative_to(ROOT).as_posix() for path in files}
    found = {name for name in wheel if ".dist-info/" not in name}
    assert found == {*modules, "initviz/py.typed"}


def test_the_wheel_does_not_know_where_it_was_built(wheel):
    for name, content in wheel.items():
        assert not name.startswith(("/", ".."))
        assert str(ROOT).encode() not in content, name
