"""Work of one kind kept to a share of the time, on all pages together."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """Keeps work of one kind to a share of the time, from 0 to 1."""

    def __init__(self, share: float):
        self._share, self._rested = share, 0.0

    def granted(self) -> bool:
        """Whether such work may start; nobody else's may for a second then, in which it should."""
        now = time.monotonic()
        free = now >= self._rested
        if free:
            self._rested = now + 1
        return free

    @contextmanager
    def taken(self) -> Iterator[None]:
        """While such work is done; afterwards it rests for as long as its share demands."""
        start, self._rested = time.monotonic(), float("inf")
        try:
            yield
        finally:
            end = time.monotonic()
            self._rested = end + (end - start) * (1 / self._share - 1)
