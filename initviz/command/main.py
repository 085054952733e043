"""The entry of the command line: which command it is, what it prints, and how it ends."""

import os
import signal
import sys
from argparse import Namespace
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import NoReturn

from initviz.command.parsers import PARSERS, is_link, read
from initviz.command.refusal import RefusedError, near

FINE, UNLIKELY, REFUSED = 0, 1, 2
"""Exit statuses: all is well; the weights as a whole are unlikely; it cannot be done as it was typed."""
OF_MANY = ("audit",)
"""Commands that decompose many small matrices."""
INTERRUPTED = 130
"""What a shell expects of a command that Ctrl-C ends."""


def main(words: Sequence[str] | None = None) -> int:
    """Do what was typed, and return the exit status.

    >>> main(["fans", "--shape", "3,3,64,128", "--json"])  # doctest: +ELLIPSIS
    {"schema": 1, "command": "fans", ... "fan_in": 576, "fan_out": 1152, ...
    0
    """
    typed = list(sys.argv[1:] if words is None else words)
    command = typed[0] if typed and typed[0] in PARSERS else ""
    status = FINE
    try:
        try:
            status = _run(command, typed[1:] if command else typed)
        except SystemExit:  # of --help
            pass
        except RefusedError as refusal:
            status = _refuse(command, str(refusal))
        except MemoryError:
            status = _refuse(command, "there is not memory enough. Make an axis smaller.")
        sys.stdout.flush()
    except BrokenPipeError:  # nobody reads on: no word of it, now or when Python closes its output
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        status = INTERRUPTED
    return status


def run() -> NoReturn:
    """`main` for a process of its own. Ctrl-C ends it as it ends others, and waits for no thread at work."""
    status = main()
    if status == INTERRUPTED:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.raise_signal(signal.SIGINT)
    sys.exit(status)


def _run(command: str, words: list[str]) -> int:
    asked = read(command, words)
    if not command:
        return _explorer(asked)
    if command in OF_MANY:  # with threads of its own OpenBLAS takes up to ten times as long, where cores are busy
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from initviz.settings.knobs import REFUSALS

    try:
        said = import_module(f"initviz.command.{command}").answer(asked)
    except REFUSALS as refusal:
        raise RefusedError(str(refusal)) from refusal
    text = said.json() if asked.json else said.shown()
    with suppress(BrokenPipeError):
        sys.stdout.write(text)
    return FINE if said.fine else UNLIKELY


def _explorer(asked: Namespace) -> int:
    if asked.version:
        from initviz.command.versions import versions

        sys.stdout.write(versions())
        return FINE
    _no_command(asked.opening)
    if sys.stderr.isatty():
        print("The explorer starts ...", file=sys.stderr)
    from initviz.command.serve import serve

    return serve(asked)


def _no_command(opening: str | None) -> None:
    """Refuse what is no file and no link, but probably a command."""
    if opening is None or is_link(opening) or opening.lower().endswith(".json") or os.path.exists(opening):
        return
    if opening in PARSERS:
        raise RefusedError(f"a command comes first, got {opening} behind options. Write initviz {opening} … instead.")
    close = near(opening, list(PARSERS))
    if not close:
        from initviz.initializers import CLASSES

        named = near(opening, list(CLASSES)).removeprefix("Did you mean ").removesuffix("?")
        close = f"Did you mean initviz show {named}?" if named else "See initviz --help."
    raise RefusedError(f"there is no command and no file {opening!r}. {close}")


def _refuse(command: str, message: str) -> int:
    print(f"initviz{' ' * bool(command)}{command}: {message}", file=sys.stderr)
    return REFUSED
