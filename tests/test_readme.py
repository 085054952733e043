"""Every piece of Python in README.md runs, each in a namespace of its own, and gives the values written beside it.

So do the commands that it and docs/command-line.md write; those that serve are read, and served in tests/command.
"""

import ast
import json
import re
import shlex
from pathlib import Path

import jax
import numpy as np
import pytest

from initviz.command.main import main
from initviz.command.parsers import PARSERS, read
from initviz.initializers import he_normal, normal

ROOT = Path(__file__).parents[1]
README, COMMANDS = ((ROOT / name).read_text() for name in ("README.md", "docs/command-line.md"))
BLOCKS = re.findall(r"^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
PROGRAMS = [block for block in BLOCKS if "sys.argv" in block]  # tests/engine/test_meshes.py gives it its arguments
CLAIM = re.compile(r"about |['\"(\[\d-]")
"""How a comment begins that says what an expression gives."""
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?…?")


def claimed(block: str, node: ast.stmt) -> str:
    """What is written behind a statement, or on the line after it, of its value; empty where nothing is."""
    last, following = (*block.splitlines()[node.end_lineno - 1 :], "")[:2]
    _, _, behind = last[node.end_col_offset :].partition("#")
    written = (behind or (following[1:] if following.startswith("#") else "")).strip()
    return written if CLAIM.match(written) else ""


def check(claim: str, value) -> None:
    """Fail unless the claim begins with the value: text as it is, numbers to the digits that are written."""
    if isinstance(value, str):
        assert claim.startswith(repr(value))
        return
    found = [float(each) for each in numbers_in(value)]
    written = NUMBER.findall(claim)[: len(found)]
    assert len(written) == len(found) > 0, (claim, value)
    for number, text in zip(found, written, strict=True):
        digits = len(text.rstrip("…").partition(".")[2])
        unit = 10.0**-digits
        error = (number - float(text.rstrip("…"))) * (-1 if text.startswith("-") else 1)
        assert 0 <= error < unit if text.endswith("…") else abs(error) <= unit / 2, (text, number)


def numbers_in(value) -> list:
    """The numbers in nested tuples, in order."""
    return [each for part in value for each in numbers_in(part)] if isinstance(value, tuple | list) else [value]


def test_one_block_is_a_program():
    assert len(PROGRAMS) == 1
    assert len(BLOCKS) > 2


@pytest.mark.parametrize("block", [block for block in BLOCKS if block not in PROGRAMS], ids=range(len(BLOCKS) - 1))
def test_the_python_of_the_readme_runs_and_gives_what_it_says(block):
    namespace, claims = {}, 0
    for node in ast.parse(block).body:
        source = ast.unparse(node)
        claim = claimed(block, node)
        if isinstance(node, ast.Expr) and claim:
            check(claim, eval(source, namespace))
            claims += 1
        else:
            exec(source, namespace)
    assert claims == len(re.findall(rf"#\s*(?:{CLAIM.pattern})", block))


@pytest.mark.parametrize(("claim", "value"), [
    ("about 1.90, (0.0, 1.8856…): more", (1.91, (0.0, 1.88561))),
    ("1.8856…", 1.88575), ("1.8856…", 1.88555), ("about 2", 2.6), ("3, 4", (3, 5)), ("3", (3, 4)), ("about", 3),
    ("'he()', for", "she()"),
])  # fmt: skip
def test_a_claim_that_is_not_true_is_found(claim, value):
    with pytest.raises(AssertionError):
        check(claim, value)


def commands(text: str) -> list[list[str]]:
    """The words of each line in the sh blocks that runs initviz."""
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = "".join(blocks).replace("\\\n", " ").replace("$port", "5006").replace("&&", "\n").splitlines()
    words = [shlex.split(line, comments=True) for line in lines if re.search(r"(^|\s)initviz( |$)", line)]
    return [found[found.index("initviz") + 1 :] for found in words]


def test_commands_are_written():
    first, *others = commands(README)
    assert first == [], "README's first command is the shortest"
    assert len(others) > 4
    assert len(commands(COMMANDS)) > 4
    assert "panel serve apps/explorer.py --show" in README


@pytest.mark.parametrize("words", [*commands(README), *commands(COMMANDS)], ids=" ".join)
def test_the_commands_of_the_readme_run(words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    weights = (normal(0.02) if "normal" in words else he_normal())(jax.random.key(0), (64, 32))
    np.save("w.npy", weights)
    np.savez("w.npz", kernel=weights, bias=weights[0])
    table = normal(0.02)(jax.random.key(1), (64, 32))
    head = json.dumps(
        {"wte.weight": {"dtype": "F32", "shape": table.shape, "data_offsets": [0, table.nbytes]}}
    ).encode()
    Path("model.safetensors").write_bytes(len(head).to_bytes(8, "little") + head + np.asarray(table).tobytes())
    if words and words[0] in PARSERS:
        assert main(words) == 0
        assert capsys.readouterr().out
    else:
        asked = read("", [word for word in words if word != "&"])
        assert asked.opening in (None, "study.json")
