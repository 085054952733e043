"""What a study is written as, to be read again: plain JSON, or the query of an address."""

from typing import Self

from initviz.settings.codec import from_json, to_json
from initviz.study import codec, links


class Written:
    """The ways of writing a study."""

    def to_dict(self) -> dict:
        """The settings as plain JSON: texts of what differs from the default, and a version.

        Raises:
            ValueError: the weights are given, or an argument is a large array.
        """
        return codec.written(self)

    def to_json(self) -> str:
        """`to_dict` as JSON."""
        return to_json(self.to_dict())

    @classmethod
    def from_dict(cls, settings) -> Self:
        """The study that `to_dict` has written.

        Raises:
            ValueError: a setting that cannot be read; the message names it.
        """
        study = cls()
        codec.read(study, settings, _refuse)
        return study

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """The study that `to_json` has written; nothing in the text is executed.

        Raises:
            ValueError: no JSON, or a setting that cannot be read; the message names it.
        """
        return cls.from_dict(from_json(text))

    def to_link(self) -> str:
        """The same as the query of an address, to stand behind that of the explorer.

        >>> from initviz import Study
        >>> Study("orthogonal", shape=(64, 32), seed=3).to_link()
        '?v=1&initializer=orthogonal&shape=64,+32&seed=3'

        Raises:
            ValueError: the weights are given, or an argument is a large array.
        """
        return links.to_link(self)

    @classmethod
    def from_link(cls, link: str) -> Self:
        """The study of an address, or of its query; nothing in it is executed.

        >>> from initviz import Study
        >>> Study.from_link("?v=1&initializer=orthogonal&shape=64,+32").shape
        (64, 32)

        Raises:
            ValueError: a setting that cannot be read; the message names it.
        """
        return cls.from_dict(links.from_link(link, _refuse))

    @classmethod
    def salvage(cls, settings) -> tuple[Self, tuple[str, ...]]:
        """What can be read of settings from anywhere, the rest at its default, and a notice for each that cannot."""
        study, notices = cls(), []
        codec.read(study, settings, notices.append)
        return study, tuple(notices)

    @classmethod
    def salvage_link(cls, link: str) -> tuple[Self, tuple[str, ...]]:
        """The same of an address or its query."""
        said: list[str] = []
        study, notices = cls.salvage(links.from_link(link, said.append))
        return study, (*notices, *said)


def _refuse(message: str) -> None:
    raise ValueError(message)
