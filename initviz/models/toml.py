"""Recipes as TOML, to be read, corrected and kept beside the code of a model."""

import json
import tomllib
from collections.abc import Mapping
from typing import Any

from initviz.models.recipe import Recipe, Rule
from initviz.settings.codec import unknown
from initviz.wording import quoted

LONGEST = 200_000
"""Most characters of a recipe."""
HEAD = "# How the weights of a model are initialized. Of the rules that fit a tensor the first one counts."
TEXTS = ("name", "source", "note")
KEYS = (*TEXTS, "general", "quantities", "rules")
EXAMPLE = 'Write for instance: [rules], and below it "**/bias" = "zeros".'


def to_toml(recipe: Recipe) -> str:
    """A recipe as TOML, which `from_toml` reads back as the same.

    >>> print(to_toml(Recipe("mine", (Rule("**/bias", "zeros"), Rule("**/wpe", "normal(0.01)", "half of wte's")))))
    # How the weights of a model are initialized. Of the rules that fit a tensor the first one counts.
    name = "mine"
    <BLANKLINE>
    [rules]
    "**/bias" = "zeros"
    "**/wpe" = { law = "normal(0.01)", note = "half of wte's" }
    <BLANKLINE>
    """
    lines = [HEAD]
    lines += [f"{key} = {_lines(getattr(recipe, key))}" for key in TEXTS if getattr(recipe, key)]
    lines += ["general = true"] if recipe.general else []
    if recipe.quantities:
        lines += ["", "[quantities]", *(f"{_text(key)} = {_number(each)}" for key, each in recipe.quantities.items())]
    lines += ["", "[rules]"]
    for rule in recipe.rules:
        law = _text(rule.law)
        lines.append(
            f"{_text(rule.tensor)} = " + (f"{{ law = {law}, note = {_text(rule.note)} }}" if rule.note else law)
        )
    return "\n".join(lines) + "\n"


def from_toml(text: str) -> Recipe:
    """The recipe of a text in TOML; nothing of it is executed.

    >>> from_toml('[rules]\\n"**/bias" = "zeros"').rules
    (Rule(tensor='**/bias', law='zeros', note=''),)

    Raises:
        ValueError: it is no TOML, is too long, or a key or a rule cannot be used; the message names it.
    """
    if not isinstance(text, str) or len(text) > LONGEST:
        got = f"{len(text):,} characters" if isinstance(text, str) else quoted(text)
        raise ValueError(f"a recipe must be a text of at most {LONGEST:,} characters, got {got}. {EXAMPLE}")
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error).rstrip(".")
        raise ValueError(f"a recipe must be TOML, got {quoted(text)}: {reason}. {EXAMPLE}") from None
    for key, value in data.items():
        if key not in KEYS and "rules" not in data and isinstance(value, str):
            raise ValueError(f"rules must stand below [rules], got {quoted(key)} without it. {EXAMPLE}")
        if key not in KEYS:
            raise ValueError(unknown(key, list(KEYS), "a recipe"))
    texts = {key: _checked(key, data.get(key, ""), str, "a text") for key in TEXTS}
    rules = _checked("rules", data.get("rules"), dict, "a table of tensors and laws")
    return Recipe(
        texts["name"],
        tuple(_rule(tensor, law) for tensor, law in rules.items()),
        texts["source"],
        texts["note"],
        _checked("quantities", data.get("quantities", {}), dict, "a table of numbers"),
        _checked("general", data.get("general", False), bool, "true or false"),
    )


def _rule(tensor: str, law: Any) -> Rule:
    """A rule of its law alone, or of a table with its note."""
    given: Mapping[str, Any] = law if isinstance(law, dict) else {"law": law}
    where = f"rule {quoted(tensor)}"
    for key in given:
        if key not in ("law", "note"):
            raise ValueError(unknown(key, ["law", "note"], where))
    return Rule(
        tensor,
        _checked(f"law of {where}", given.get("law"), str, "a text"),
        _checked(f"note of {where}", given.get("note", ""), str, "a text"),
    )


def _checked(name: str, value: Any, kind: type, wanted: str) -> Any:
    if not isinstance(value, kind):
        raise ValueError(f"{name} must be {wanted}, got {quoted(value)}. {EXAMPLE}")
    return value


def _text(text: str) -> str:
    """A text as TOML quotes it: as JSON does, and one character more."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _lines(text: str) -> str:
    """A text of several lines as TOML writes it in as many."""
    if "\n" not in text:
        return _text(text)
    return '"""\n' + "\n".join(_text(line)[1:-1] for line in text.split("\n")) + '"""'


def _number(number: float) -> str:
    return repr(int(number) if isinstance(number, int) else float(number))
