"""Where a page may read files of models by their path: nowhere, until whoever serves it has named a folder."""

from contextlib import suppress
from pathlib import Path

from initviz.wording import cut, near, quoted

_folder: Path | None = None
MOST = 200


def open_folder(folder: str | Path | None) -> None:
    """Let pages of this process read models in this folder and below it.

    Raises:
        ValueError: there is no such folder.
    """
    global _folder
    found = None if folder is None else Path(folder).expanduser()
    if found is not None and not found.is_dir():
        raise ValueError(f"the folder of models must be there, got {quoted(str(folder))}. Name another one.")
    _folder = found and found.resolve()


def is_open() -> bool:
    """Whether there is such a folder."""
    return _folder is not None


def path_of(name: str) -> Path:
    """The file or folder that is called so there, which may be the whole path.

    Raises:
        ValueError: it is not in there, or leads out of it.
    """
    if _folder is None:
        raise ValueError(
            "a folder of models must be named to open files by path, got none. Start initviz --models FOLDER."
        )
    try:
        path = (_folder / name).resolve()
        inside, there = path.is_relative_to(_folder), path.exists()
    except (OSError, ValueError, RuntimeError):  # no name of a file, a link to itself
        inside = there = False
    if not inside or not there:
        some: list[str] = []
        with suppress(OSError):  # it is gone, or closed to this server
            some = sorted(each.name for each in _folder.iterdir() if not each.name.startswith("."))[:MOST]
        listed = f"There is for instance {cut(', '.join(some[:5]))}." if some else "It is empty."
        raise ValueError(
            f"the path must be in the folder of models, got {quoted(name)}, which is not. {near(name, some, listed)}"
        )
    return path
