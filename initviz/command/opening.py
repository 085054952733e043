"""What the explorer opens with: a study in a file, or a link to a page, with what is pinned there."""

from pathlib import Path

from initviz.command.parsers import is_link
from initviz.command.refusal import RefusedError
from initviz.compare import Comparison
from initviz.compare import links as pins
from initviz.settings.codec import LONGEST_JSON
from initviz.study import Study

LONGEST = 32_000
"""Most characters of an address: tornado (6.5) takes 65,536 of all that comes with it."""

MODELS = (".safetensors", ".msgpack", ".pth", ".pt", ".bin", ".ckpt")
"""Ends of the names of files that have a model, as a rule."""


def query_of(opening: str) -> tuple[str, tuple[str, ...]]:
    """What stands behind the address of a page that opens with the study of a file, or with a link.

    With a notice for each setting of a link that cannot be read.

    Raises:
        RefusedError: there is no such file, or no study in it.
    """
    try:
        query, notices = _of_link(opening) if is_link(opening) else (_in_file(opening).to_link(), ())
    except ValueError as refusal:
        raise RefusedError(f"{opening}: {refusal}") from None
    if len(query) > LONGEST:
        raise RefusedError(f"{opening} must fit into an address, got {len(query):,} characters. Leave arrays out.")
    return query, notices


def _of_link(link: str) -> tuple[str, tuple[str, ...]]:
    """What can be read of a link: its study, and what is pinned beside it."""
    study, notices = Study.salvage_link(link)
    comparison = Comparison()
    said: list[str] = []
    pins.read(comparison, link, said.append)
    return study.to_link() + pins.to_query(comparison), (*notices, *said)


def _in_file(path: str) -> Study:
    try:
        with Path(path).open("rb") as file:
            text = file.read(4 * LONGEST_JSON + 1)
    except FileNotFoundError:
        raise RefusedError(f"there is no file {path}. Leave it out for the default page.") from None
    except OSError as error:
        raise RefusedError(f"{path} cannot be read: {error.strerror or error}.") from None
    if text.startswith(b"\x93NUMPY"):
        raise RefusedError(f"{path} has weights, not a study. Write initviz check {path} he_normal.")
    if text.startswith(b"PK\x03\x04") or path.endswith(MODELS):
        one = f", or of one array initviz check {path} he_normal" if path.endswith(".npz") else ""
        raise RefusedError(f"{path} has weights, not a study. Write initviz audit {path}{one}.")
    return Study.from_json(text)
