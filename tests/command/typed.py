"""What a command prints, and how it ends."""

import io
import sys
from dataclasses import dataclass

from initviz.command.main import main


@dataclass
class Printed:
    """Output, messages and exit status."""

    out: str
    err: str
    status: int


class Output(io.StringIO):
    """Standard output as a terminal with an encoding has it, or as a pipe."""

    def __init__(self, encoding: str = "utf-8", terminal: bool = False):
        super().__init__()
        self.charset, self.terminal = encoding, terminal

    @property
    def encoding(self):
        return self.charset

    def isatty(self):
        return self.terminal


def typed(monkeypatch, *words: str, encoding: str = "utf-8", terminal: bool = False) -> Printed:
    """Run a command in this process."""
    out, err = Output(encoding, terminal), Output(encoding)
    with monkeypatch.context() as there:
        there.setattr(sys, "stdout", out)
        there.setattr(sys, "stderr", err)
        status = main(words)
    return Printed(out.getvalue(), err.getvalue(), status)
