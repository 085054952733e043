"""Models in several files: an index that says which file has which tensor, or all safetensors of a folder."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from initviz.models.files.refusal import told, wrong
from initviz.models.files.spans import COPY, part, size_of
from initviz.models.files.strict_json import LARGEST_JSON, json_object
from initviz.models.tensor import Tensor
from initviz.wording import cut, quoted

INDEX = ".index.json"
Reader = Callable[[Path], Iterable[Tensor]]


def indexed(index: Path, read: Reader) -> Iterator[Tensor]:
    """The tensors that an index names, file by file.

    Raises:
        ModelFileError: it names files outside its folder, or tensors that they do not have.
    """
    if size_of(index) > LARGEST_JSON:
        raise wrong(index, f"have at most {LARGEST_JSON:,} bytes", f"{size_of(index):,}", COPY)
    wanted = _files(index, json_object(part(index, 0, LARGEST_JSON), index, "its text").get("weight_map"))
    for name, names in sorted(wanted.items()):
        file = index.parent / name
        for tensor in read(within(index.parent, file)):
            if tensor.path in names:
                names.remove(tensor.path)
                yield tensor
        if names:
            raise wrong(index, f"name tensors of {quoted(name)}", f"{quoted(min(names))}, which it has not", COPY)


def within(folder: Path, file: Path) -> Path:
    """A file that lies in a folder, also by a link to where downloads of Hugging Face keep the files of all versions.

    Raises:
        ModelFileError: it is a link to elsewhere.
    """
    home = folder.resolve()
    if file.resolve().parent not in (home, home.parent.parent / "blobs"):
        raise wrong(file, "lie in the folder that names it", "a link to elsewhere", "Copy the file there.")
    return file


def _files(index: Path, found: Any) -> dict[str, set[str]]:
    """The names of tensors by plain names of files."""
    if not isinstance(found, dict) or not found:
        raise wrong(index, "have a weight_map, from tensors to files", told(found), COPY)
    files: dict[str, set[str]] = {}
    for tensor, file in found.items():
        if not isinstance(file, str) or not _plain(file):
            raise wrong(index, f"name a file in its own folder for {quoted(tensor)}", told(file), "Do not trust it.")
        files.setdefault(file, set()).add(tensor)
    return files


def _plain(name: str) -> bool:
    """Whether it is the name of a file and no path, on any system."""
    return (
        name.isprintable()
        and not name.endswith(INDEX)
        and name not in ("", ".", "..")
        and not set(name) & set('/\\:*?"<>|')
        and len(name) <= 255
    )


def together(files: list[Path], read: Reader) -> Iterator[Tensor]:
    """The tensors of all these files of one folder."""
    for file in files:
        yield from read(within(file.parent, file))


def only(files: list[Path], folder: Path, what: str) -> Path:
    """The one file or folder among these.

    Raises:
        ModelFileError: there are several.
    """
    if len(files) > 1:
        names = ", ".join(str(each.relative_to(folder)) for each in files[:3])
        raise wrong(folder, f"have one {what}", f"{len(files)}: {cut(quoted(names))}", "Name one of them.")
    return files[0]
