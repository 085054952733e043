"""What has to be said twice about the package is the same in both places."""

import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def compact(requirements):
    return sorted(requirement.replace(" ", "") for requirement in requirements)


def test_conda_environment_holds_what_pyproject_asks_for():
    extras = PROJECT["optional-dependencies"]
    asked = [*PROJECT["dependencies"], *extras["notebook"], *extras["test"], f"python{PROJECT['requires-python']}"]
    found = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    assert compact(found) == compact([*asked, "pip"])


def test_changelog_names_the_version():
    assert f"\n## [{PROJECT['version']}]" in (ROOT / "CHANGELOG.md").read_text()
