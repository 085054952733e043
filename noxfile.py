"""The one door to every task: `nox -l` lists them, `nox -s lint types` runs two, each in an environment of its own.

What stands after `--` goes to the tool: `nox -s tests -- -k orthogonal`.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nox

nox.options.default_venv_backend = "uv|venv"
nox.options.sessions = ["lint", "types", "tests"]

EVERYTHING = ("-e", ".[test]")
NEEDS = nox.project.load_toml("pyproject.toml")["project"]["optional-dependencies"]["test"]
DESCRIBE = """
import ensurepip, sys, venv
version = sys.version_info
print(version.minor if version >= (3, 11) and version.releaselevel == "final" else 0)
"""


def newest_other_python() -> str | None:
    """Path of the newest finished CPython from 3.11 on, of another minor version than this one; None without one."""
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    names = [f"python3.{minor}" for minor in range(11, 30)]
    candidates = [*map(str, root.glob("versions/3.*/bin/python3")), *filter(None, map(shutil.which, names))]
    found = {}
    for path in candidates:
        said = subprocess.run([path, "-c", DESCRIBE], capture_output=True, text=True, check=False)
        if said.returncode == 0 and int(said.stdout) not in (0, sys.version_info.minor):
            found[int(said.stdout)] = path
    return found[max(found)] if found else None


def command_of_the_readme() -> str:
    """The one line of the README's sh blocks under a heading on tests that runs pytest."""
    heading, found = "", []
    parts = re.split(r"^(#+ .*|```sh\n[\s\S]*?^```)$", Path("README.md").read_text(), flags=re.MULTILINE)
    for part in parts:
        if part.startswith("#"):
            heading = part.lower()
        elif part.startswith("```sh") and "test" in heading:
            found += [line for line in part.splitlines() if "pytest" in line]
    if len(found) != 1:
        raise ValueError(
            "README.md must have exactly one line with pytest in the ```sh blocks under a heading on tests, "
            f"got {found}. Put the command of the tests into one line."
        )
    return found[0]


@nox.session
def tests(session: nox.Session) -> None:
    """All tests but those of `slow`, `lab` and `frameworks`, in the browser too, and the examples of the docstrings."""
    session.install(*EVERYTHING)
    session.run("pytest", *session.posargs)


@nox.session(venv_backend="venv")
def readme(session: nox.Session) -> None:
    """The README's own test command, as it stands there, in a fresh environment."""
    session.run("bash", "-ec", command_of_the_readme(), external=True)


OTHER = newest_other_python()


@nox.session(python=OTHER)
def newest(session: nox.Session) -> None:
    """Every 64th test that is not slow on the newest other Python and the newest of all else; `--every 1`: all."""
    if OTHER is None:
        session.skip("this machine has no other Python")
    session.install(*EVERYTHING)
    session.run("pytest", "-m", "not site and not slow", "--every", "64", *session.posargs)


@nox.session(venv_backend="uv")
def lowest(session: nox.Session) -> None:
    """Every 64th test but the browser's on pyproject.toml's lowest versions; `--every 1`: all that are not slow."""
    session.install("--resolution", "lowest-direct", *EVERYTHING)
    session.run("pytest", "-m", "not ui and not slow", "--every", "64", *session.posargs)


@nox.session
def frameworks(session: nox.Session) -> None:
    """Every other test of PyTorch and Keras in their layers, and of models of Equinox and Haiku: 6 GB to install."""
    session.install("-e", ".[test,frameworks]")
    session.run("pytest", "-m", "frameworks", "--every", "2", *session.posargs)


@nox.session
def slow(session: nox.Session) -> None:
    """Every case of the tests of which the others run a part: simulations, and widths and themes of the page."""
    session.install(*EVERYTHING)
    session.run("pytest", "-m", "slow", *session.posargs)


@nox.session
def lab(session: nox.Session) -> None:
    """What takes minutes in a real JupyterLab and in marimo."""
    session.install(*EVERYTHING)
    session.run("pytest", "-m", "lab", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Style and form of the code."""
    session.install(*(need for need in NEEDS if need.startswith("ruff")))
    session.run("ruff", "check", "--quiet", ".")
    session.run("ruff", "format", "--check", "--quiet", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Types of the lower floors and of the public face."""
    session.install(*EVERYTHING)
    session.run("mypy")


@nox.session
def doctests(session: nox.Session) -> None:
    """The examples of the docstrings alone."""
    session.install(*EVERYTHING)
    session.run("pytest", "initviz", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """The site, into docs/_build/html, with every notebook executed; any warning fails."""
    session.install("-e", ".[docs]")
    session.run("sphinx-build", "-W", "--keep-going", "-b", "html", "docs", "docs/_build/html", *session.posargs)


@nox.session
def benchmarks(session: nox.Session) -> None:
    """Every measurement, into benchmarks/RESULTS.md; wants the machine for itself."""
    session.install(*EVERYTHING)
    session.run("python", "-m", "benchmarks", *session.posargs)
