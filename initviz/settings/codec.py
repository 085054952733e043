"""Settings as plain JSON: the texts of those that differ from their default."""

import json
from collections.abc import Callable, Iterable
from typing import Any, NoReturn

import param

from initviz.laws.by_value import same
from initviz.settings.knobs import LONGEST, REFUSALS
from initviz.wording import near, quoted

LONGEST_JSON = 100_000
"""Most characters of JSON that are read."""
KINDS = {dict: "an object", str: "a text", bool: "a truth value", type(None): "null"}
"""What JSON values are called; others are quoted."""


def to_dict(owner: param.Parameterized, names: Iterable[str]) -> dict[str, str]:
    """Texts of the settings of these names that differ from their default.

    Raises:
        ValueError: a text is too long to be read again, that of a large array.
    """
    texts: dict[str, str] = {}
    for name in names:
        knob = owner.param[name]
        text = knob.text(getattr(owner, name))
        _check_length(name, text)
        if not same(knob.parse(text), getattr(owner, name)):
            raise ValueError(
                f"{name} must be what its text says to be written, got {quoted(getattr(owner, name))} and "
                f"{quoted(text)}. Choose another value."
            )
        if text != knob.text(knob.default):
            texts[name] = text
    return texts


def _check_length(name: str, text: str) -> None:
    if len(text) > LONGEST:
        raise ValueError(
            f"{name} must have a text of at most {LONGEST:,} characters to be written, got {len(text):,}. "
            "Choose a smaller array."
        )


def from_dict(
    owner: param.Parameterized, texts: Any, names: Iterable[str], where: str, say: Callable[[str], None]
) -> None:
    """Set the settings of these names to their texts; `say` hears what cannot be read, which is left as it is.

    Args:
        owner: has the settings.
        texts: what `to_dict` wrote, or anything else.
        names: which settings there are.
        where: what the texts belong to, for messages.
        say: takes a message; may raise it.
    """
    names = list(names)
    for name, text in entries(texts, where, say):
        if name not in names:
            say(unknown(name, names, where))
            continue
        path = f"{where}.{name}" if where else name
        if not isinstance(text, str):
            say(f"{path} must be a text, got {described(text)}. Write for instance {owner.param[name].example!r}.")
            continue
        try:
            value = owner.param[name].parse(text)
            _check_length(name, owner.param[name].text(value))
            setattr(owner, name, value)
        except REFUSALS as refusal:
            message = str(refusal)
            say(path + message.removeprefix(name) if message.startswith(f"{name} ") else f"{path}: {message}")


def entries(section: Any, where: str, say: Callable[[str], None]) -> list[tuple[str, Any]]:
    """The entries of an object; none of anything else, of which `say` hears."""
    if not isinstance(section, dict):
        say(f"{where or 'settings'} must be an object, got {described(section)}. Write for instance {{}}.")
        return []
    return list(section.items())


def unknown(name: Any, names: list[str], where: str) -> str:
    """What to say to a name that there is not."""
    known = ", ".join(names) or "none"
    return f"the settings of {where or 'a study'} are {known}, got {quoted(name)}. {near(name, names)}"


def described(value: Any) -> str:
    """A list or a number itself, else what kind of JSON value it is."""
    return KINDS.get(type(value)) or quoted(value)


def to_json(settings: dict[str, Any]) -> str:
    """Settings as JSON, on one line."""
    return json.dumps(settings, ensure_ascii=False, allow_nan=False)


def from_json(text: Any) -> Any:
    """What JSON says, with a byte order mark or without; nothing in it is executed.

    Raises:
        ValueError: it is no JSON, no text, too long, too deep, or names a setting twice.
    """
    if not isinstance(text, str | bytes):
        got, fix = ("a dict", "Use from_dict.") if isinstance(text, dict) else (quoted(text), FIX)
        raise ValueError(f"from_json needs a text, got {got}. {fix}")
    if len(text) > LONGEST_JSON:
        raise ValueError(f"JSON must have at most {LONGEST_JSON:,} characters, got {len(text):,}. {FIX}")
    try:
        text = (text if isinstance(text, str) else text.decode()).removeprefix("\ufeff")
        return json.loads(text, object_pairs_hook=_once, parse_int=_number, parse_float=_number, parse_constant=_no)
    except RecursionError:
        reason = "it is nested too deeply"
    except UnicodeDecodeError:
        reason = "it is no UTF-8"
    except json.JSONDecodeError as error:
        reason = f"{error.msg} at character {error.pos}"
    raise ValueError(f"settings must be JSON, got {quoted(str(text))}: {reason}. {FIX}")


FIX = "Pass what to_json has written."


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names come once each."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"JSON must name each setting once, got {quoted(name)} twice. Leave one out.")
        found[name] = value
    return found


def _number(text: str) -> float:
    """A number of JSON, of which a version is the only one; digits without end are no version."""
    return float(text)


def _no(name: str) -> NoReturn:
    raise ValueError(f"JSON must have finite numbers, got {name}. {FIX}")
