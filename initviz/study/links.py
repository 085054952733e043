"""A study as the query of an address: `?v=1&initializer=orthogonal&shape=64,32`, the sections of its JSON laid flat."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import parse_qsl, quote_plus, urlsplit

from initviz.initializers import CLASSES
from initviz.layers import LAYERS
from initviz.settings.codec import LONGEST_JSON
from initviz.study import codec
from initviz.wording import quoted, shortened

VERSION = "v"
"""Of the address, what `version` is of the JSON."""
MAIN = {"initializer": "function", "layer": "kind"}
"""Of these sections the setting that has their name in an address."""
BARE = {
    **dict.fromkeys((name for kind in LAYERS.values() for name in kind.arguments), "layer"),
    **dict.fromkeys((name for kind in CLASSES.values() for name in kind.arguments if name != "dtype"), "initializer"),
}
"""Arguments that stand in an address as they are passed to a study, and the section that has them."""
NESTED = ("network", "trial", "model")
"""Sections whose settings stand behind their name; those of `looks` lie one level deeper."""
KNOWN = ("version", *codec.OWN)
"""What stands in no section."""
PIN, COMPARED = "pin", "compare"
"""What stands beside the study in the address of a page, and is read by `initviz.compare.links`."""
MOST = 200
"""Settings that are read of one address: more than there are."""
TWICE = "a link must have each setting once, got {} twice. Leave one out."


def to_link(study) -> str:
    """The settings that differ from their default, as the query of an address."""
    return f"?{query(codec.written(study))}"


def query(settings: dict[str, Any]) -> str:
    """Settings as the query of an address."""
    pairs = ((VERSION if name == "version" else name, str(text)) for name, text in _flat(settings))
    return "&".join(f"{quote_plus(name, safe='.')}={quote_plus(text, safe=',*():')}" for name, text in pairs)


def _flat(settings: dict[str, Any], *path: str) -> Iterator[tuple[str, str]]:
    for name, value in settings.items():
        if isinstance(value, dict):
            yield from _flat(value, *path, name)
        elif path and MAIN.get(path[-1]) == name:
            yield path[-1], value
        elif name in BARE and path == (BARE[name],):
            yield name, value
        else:
            yield ".".join((*path, name)), value


def from_link(link: str, say: Callable[[str], None]) -> dict[str, Any]:
    """What an address or its query says, as settings; `say` hears what is none. Without a version it is the first one.

    An address without a query says nothing, and is that of the default settings.
    """
    return settings_of(fields(link, say), say)


def fields(link: str, say: Callable[[str], None]) -> list[tuple[str, str]]:
    """Names and texts of an address or its query, in order; none of one that is too long, of which `say` hears."""
    if len(link) > LONGEST_JSON:
        say(f"a link must have at most {LONGEST_JSON:,} characters, got {len(link):,}. Copy it from the page again.")
        return []
    found = link[1:] if link.startswith("?") else urlsplit(link).query
    try:
        return parse_qsl(found, keep_blank_values=True, max_num_fields=MOST)
    except ValueError:
        say(f"a link must have at most {MOST} settings, got {found.count('&') + 1:,}. Copy it from the page again.")
        return []


def once(pairs: Iterable[tuple[str, str]], say: Callable[[str], None]) -> dict[str, str]:
    """Texts by names of an address, the first of each; `say` hears of another."""
    found: dict[str, str] = {}
    for name, text in pairs:
        if name in found:
            say(TWICE.format(quoted(name)))
        found.setdefault(name, text)
    return found


def settings_of(pairs: Iterable[tuple[str, str]], say: Callable[[str], None]) -> dict[str, Any]:
    """The settings of a study that names and texts of an address say; `say` hears what is none."""
    settings: dict[str, Any] = {}
    unknown = []
    for name, text in pairs:
        if name.partition(".")[0] in (PIN, COMPARED):
            continue
        *path, last = _place(name)
        if not path and last not in KNOWN:
            unknown.append(quoted(name))
            continue
        section = settings
        for part in path:
            section = section.setdefault(part, {})
        if last in section:
            say(TWICE.format(quoted(name)))
        else:
            section[last] = text
    if unknown:
        say(f"a link must have settings of a study, got {', '.join(shortened(unknown))}. Leave them out.")
    version = settings.pop("version", "1")
    return {"version": float(version) if version.isdecimal() and len(version) < 9 else version} | settings


def _place(name: str) -> tuple[str, ...]:
    """Where a name of an address stands in the JSON; what stands nowhere keeps its name, to be refused by it."""
    if name == VERSION:
        return ("version",)
    if name in MAIN:
        return name, MAIN[name]
    if name in BARE:
        return BARE[name], name
    section, _, rest = name.partition(".")
    if section == "looks":
        look, _, rest = rest.partition(".")
        return section, look, rest
    return (section, rest) if section in NESTED else (name,)
