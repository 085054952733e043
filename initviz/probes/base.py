"""What every probe is: a closer look at an answer, with settings of its own, computed only while somebody looks."""

from collections.abc import Callable
from typing import Any

from initviz.answers.answer import Answer
from initviz.settings.copies import Copied


def ignore(share: float) -> None:
    """Take no notice of progress."""


class Probe(Copied):
    """A closer look at the draw of an `Answer`. `answer` is headless and may take long: it reports its progress."""

    title = ""
    """How the view is called."""
    arguments: tuple[str, ...] = ()
    """Names of its own settings, in order."""
    beside = False
    """Whether it stands beside the draw, instead of being opened in its place."""
    rest = 400
    """Milliseconds that a draw has to be on show before it is looked at, unless a newer one comes."""
    share = 1.0
    """Most of the time that such looks may take, on all pages of a server together."""

    def answer(self, result: Answer, progress: Callable[[float], None] = ignore) -> Any:
        """A frozen dataclass with everything the view shows.

        Args:
            result: the answer to look closer at.
            progress: called with the finished share, from 0 to 1; raises `engine.Cancelled` to stop.

        Raises:
            ValueError: this probe does not apply to the result; the message says to which it does.
        """
        raise NotImplementedError

    def applies(self, result: Answer) -> bool:
        """Whether it says anything of such a result that the draw itself does not."""
        return True
