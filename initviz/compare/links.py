"""What is pinned in the address of a page, behind its study: `&compare.keys=same&pin=seed=1&pin=initializer=zeros`.

Each `pin` is the query of a study in itself, escaped, with its name and color where they are not what it gets anyway.
"""

from collections.abc import Callable
from urllib.parse import quote_plus

from initviz.compare.comparison import MOST, Comparison
from initviz.compare.naming import free_name
from initviz.compare.question import Entry
from initviz.settings.codec import from_dict, to_dict
from initviz.study import Study, links
from initviz.wording import quoted

LONG = 2_000
"""Characters of a link that any program takes."""
NOT_PINNED = ("version", "look", "looks", "weights_as", "spectrum_as", "trial", "model")
"""What a study has that nothing that is compared depends on."""


def to_query(comparison: Comparison) -> str:
    """What is pinned, to stand behind the link of a study; nothing where nothing is, and nothing of given weights."""
    pins = [pin for place in range(len(comparison.entries)) if (pin := _written(comparison.entries, place)) is not None]
    if not pins:
        return ""
    settings = to_dict(comparison, Comparison.arguments)
    pairs = [(f"{links.COMPARED}.{name}", text) for name, text in settings.items()]
    pairs += [(links.PIN, pin) for pin in pins]
    return "".join(f"&{name}={quote_plus(text, safe=',*():=')}" for name, text in pairs)


def _written(entries: tuple[Entry, ...], place: int) -> str | None:
    """One that is pinned, as a query; None of weights that were given."""
    entry, before = entries[place], [each for each in entries[:place] if each.written is not None]
    if entry.written is None:
        return None
    own = {}
    if entry.name != free_name(entry.question, entry.network, before):
        own["name"] = entry.name
    if entry.slot != len(before) + 1:
        own["color"] = str(entry.slot)
    return links.query(own | {name: value for name, value in entry.written.items() if name not in NOT_PINNED})


def open_first(comparison: Comparison, link: str) -> tuple[str, ...]:
    """Pin what a link has pinned where nothing is yet, and leave what is; what cannot be read of it."""
    said: list[str] = []
    if not comparison.entries:
        read(comparison, link, said.append)
    return tuple(said)


def read(comparison: Comparison, link: str, say: Callable[[str], None]) -> None:
    """Pin to an empty comparison what a link has; `say` hears what cannot be read, and the rest is pinned."""
    pairs = links.fields(link, lambda message: None)  # which the study of the link says
    if dict(pairs).get(links.VERSION, "1") != "1":
        return
    own = links.once([pair for pair in pairs if pair[0].partition(".")[0] == links.COMPARED], say)
    settings = {name.partition(".")[2]: text for name, text in own.items()}
    from_dict(comparison, settings, Comparison.arguments, links.COMPARED, say)
    pins = [text for name, text in pairs if name == links.PIN]
    if len(pins) > MOST:
        say(f"a link must pin at most {MOST}, got {len(pins)}. The first {MOST} are pinned.")
    for place, pin in enumerate(pins[:MOST], 1):
        _read(comparison, pin, lambda message, place=place: say(f"pin {place}: {message}"))


def _read(comparison: Comparison, pin: str, say: Callable[[str], None]) -> None:
    pairs = links.fields(f"?{pin}", say)
    own = links.once([pair for pair in pairs if pair[0] in ("name", "color")], say)
    study, notices = Study.salvage(links.settings_of([pair for pair in pairs if pair[0] not in own], say))
    for notice in notices:
        say(notice)
    entry = comparison.pin(study)
    slot = str(len(comparison.entries)) if "color" not in own else own["color"]
    for change in (
        lambda: comparison.recolor(entry.name, int(slot) if slot in map(str, range(1, MOST + 1)) else slot),  # type: ignore[arg-type]
        lambda: comparison.rename(entry.name, own.get("name", entry.name)),
    ):
        try:
            change()
        except ValueError as refusal:
            say(str(refusal))


def lost(comparison: Comparison, link: str) -> list[str]:
    """What a link of this length does not keep of what is pinned, and where it may be cut."""
    given = [quoted(each.name) for each in comparison.entries if each.written is None]
    said = []
    if given:
        said.append(f"{', '.join(given)}: weights that were given are in no link, and gone when the page opens anew.")
    if comparison.entries and len(link) > LONG:
        said.append(
            f"The link to this page has {len(link):,} characters, and some programs cut links at {LONG:,}. "
            "Remove something that is pinned before you share it."
        )
    return said
