"""What has to be said twice about the package is the same in both places."""

import re
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
DOORS = ROOT / "initviz" / "live" / "internals.py"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def compact(requirements):
    return sorted(requirement.replace(" ", "") for requirement in requirements)


def test_conda_environment_holds_what_pyproject_asks_for():
    extras = PROJECT["optional-dependencies"]
    asked = [*PROJECT["dependencies"], *extras["notebook"], *extras["test"], f"python{PROJECT['requires-python']}"]
    found = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    assert compact(found) == compact([*asked, "pip"])


def test_the_libraries_with_private_doors_are_bounded_and_no_others():
    bounded = {requirement.partition(">=")[0] for requirement in PROJECT["dependencies"] if "<" in requirement}
    imports = {name.partition(".")[0] for name in re.findall(r"^(?:import|from) ([\w.]+)", DOORS.read_text(), re.M)}
    assert bounded == {"bokeh", "holoviews", "panel"}
    assert bounded - {"holoviews"} <= imports  # whose plots are behind a pane of Panel's


def test_changelog_names_the_version():
    assert f"\n## [{PROJECT['version']}]" in (ROOT / "CHANGELOG.md").read_text()
