"""Recipes by name, those that come with initviz, and from a file or a dict."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from os import PathLike
from pathlib import Path
from typing import Any

from initviz.models.recipe import Recipe
from initviz.models.toml import LONGEST, from_toml
from initviz.wording import near, quoted

FOLDER = files("initviz.models").joinpath("recipes")


@cache
def known_recipes() -> tuple[str, ...]:
    """Names of the recipes that come with initviz.

    >>> known_recipes()[:3]
    ('equinox', 'flax', 'gpt2')
    """
    return tuple(sorted(file.name.removesuffix(".toml") for file in FOLDER.iterdir() if file.name.endswith(".toml")))


@cache
def _shipped(name: str) -> Recipe:
    return from_toml(FOLDER.joinpath(f"{name}.toml").read_text("utf-8"))


def get_recipe(value: Any) -> Recipe:
    """A recipe by its name, from a .toml file, of a dict from tensors to laws, or itself.

    >>> get_recipe({"**/bias": "zeros"}).rules
    (Rule(tensor='**/bias', law='zeros', note=''),)

    Raises:
        ValueError: there is no such name, the file cannot be read, or a rule of it; with the fix.
    """
    if isinstance(value, Recipe):
        return value
    if isinstance(value, Mapping):
        return Recipe.of(value)
    if isinstance(value, str) and value in known_recipes():
        return _shipped(value)
    if isinstance(value, PathLike) or (isinstance(value, str) and value.endswith(".toml")):
        return _from_file(Path(value))
    fix = near(value, known_recipes(), "Pass one of these names, a path that ends with .toml, or a dict.")
    raise ValueError(
        f"recipe must be one of {', '.join(known_recipes())}, a .toml file or a dict, got {quoted(value)}. {fix}"
    )


def _from_file(path: Path) -> Recipe:
    try:
        with path.open("rb") as file:
            content = file.read(4 * LONGEST + 1)  # UTF-8 has at most four bytes a character
        return from_toml(content.decode())
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8"
        raise ValueError(
            f"recipe must be a file that can be read, got {quoted(str(path))}: {reason}. Correct it."
        ) from None
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from None
