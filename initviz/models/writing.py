"""A recipe of what is known of each tensor: as few rules as say the same."""

import re
from collections import defaultdict
from collections.abc import Mapping

from initviz.models.globs import fits_path, names_in
from initviz.models.recipe import Recipe, Rule

TOGETHER = 8
"""Most names between braces."""


def recipe_of(laws: Mapping[str, str], name: str = "", source: str = "", note: str = "") -> Recipe:
    """The recipe that gives each path its law, in rules for as many tensors at once as have the same.

    A rule names the last few names of a path, as few as tell it from tensors of another law; a number in a path may be
    any. Where blocks differ, each has a rule of its own, before the others.

    >>> laws = {"h/0/c_fc/kernel": "normal(0.02)", "h/1/c_fc/kernel": "normal(0.02)", "h/0/c_fc/bias": "zeros",
    ...         "h/0/ln/bias": "zeros", "wte/kernel": "normal(1)", "h/0/attn/kernel": "normal(0.02)"}
    >>> for rule in recipe_of(laws).rules:
    ...     print(rule.tensor, "=", rule.law)
    **/{c_fc,attn}/kernel = normal(0.02)
    **/bias = zeros
    **/wte/kernel = normal(1)

    Raises:
        ValueError: a law cannot be read, a path is too long, or there are too many rules.
    """
    by_end: dict[str, set[str]] = defaultdict(set)
    for path, law in laws.items():
        for end in _ends(path):
            by_end[end].add(law)
    found: dict[str, str] = {}
    alone: dict[str, str] = {}
    for path, law in laws.items():
        end = next((end for end in _ends(path) if by_end[end] == {law}), None)
        (alone if end is None else found)["/".join(_names(path)) if end is None else f"**/{end}"] = law
    rules = sorted(_joined(found).items(), key=_how_special)
    while True:
        first = [*sorted(alone.items(), key=_how_special), *rules]
        wrong = {"/".join(_names(path)): law for path, law in laws.items() if law != _decided(first, path)}
        if wrong.keys() <= alone.keys():
            break
        alone = wrong | alone  # for which a * for a number, or a ? for a brace, has taken something else
    return Recipe(name, tuple(Rule(*rule) for rule in first), source, note)


def _decided(rules: list[tuple[str, str]], path: str) -> str | None:
    return next((law for pattern, law in rules if fits_path(pattern, path)), None)


def _how_special(rule: tuple[str, str]) -> int:
    """The fewer, the fewer paths it fits; as special rules stay in their order."""
    return rule[0].count("*") + rule[0].count("?")


def _names(path: str) -> list[str]:
    """The names of a path, in which what a pattern reads otherwise may be anything."""
    return [re.sub(r"[][*?{},:\s]", "?", name) for name in names_in(path)]


def _ends(path: str) -> list[str]:
    """The ends of a path with * for its numbers, the shortest first; none begins with a number."""
    names = ["*" if name.isdigit() else name for name in _names(path)]
    return ["/".join(names[at:]) for at in reversed(range(len(names))) if names[at] != "*"]


def _joined(found: Mapping[str, str]) -> dict[str, str]:
    """Rules of one law that differ in their first name alone as one."""
    firsts: dict[tuple[str, str], list[str]] = defaultdict(list)
    for pattern, law in found.items():
        _, first, *rest = pattern.split("/")
        firsts["/".join(rest), law].append(first)
    joined = {}
    for (rest, law), names in firsts.items():
        most = TOGETHER if rest else 1
        for some in (names[at : at + most] for at in range(0, len(names), most)):
            first = some[0] if len(some) == 1 else "{" + ",".join(some) + "}"
            joined["/".join(filter(None, ["**", first, rest]))] = law
    return joined
