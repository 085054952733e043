"""Which format a file of a model has, by what it holds more than by its name, and the tensors in it."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from initviz.models.files import flax_msgpack, npy, safetensors, zips
from initviz.models.files.npz import NPY, npz
from initviz.models.files.orbax import checkpoints, orbax
from initviz.models.files.refusal import reading, wrong
from initviz.models.files.shards import INDEX, indexed, only, together
from initviz.models.files.spans import part, size_of
from initviz.models.files.torch_files import PICKLE, torch_old, torch_zip
from initviz.models.files.trees import LONGEST_NAME
from initviz.models.tensor import Tensor
from initviz.wording import cut, quoted

FORMATS = "safetensors, .npz, .npy, MessagePack of flax, a checkpoint of orbax, or torch.save"
BEGIN = 16
SAVE = "Save its weights with numpy.savez or safetensors."
AGAIN = "Copy or download it again."
OTHERS = {
    b"\x89HDF": ("an HDF5 file", "In Keras: numpy.savez('model.npz', **{v.path: v.numpy() for v in model.variables})."),
    b"GGUF": ("a GGUF file, whose weights are rounded", "Name the safetensors that it was made from."),
}
"""Formats that are known and not read, by how they begin."""


def tensors_in(path: str | Path) -> tuple[Tensor, ...]:
    """The tensors of a model in a file or folder that anybody may have written, in the order of the file.

    Nothing in it is executed, and no weights are read before a tensor's `read` is called. Names are as stored; those
    of nested maps stand between slashes.

    Args:
        path: of a file of safetensors, of their index or a folder with them; of .npz or .npy; of flax's
            MessagePack; of a folder of orbax; of torch.save, if it holds nothing but tensors.

    Raises:
        ModelFileError: it is none of these, contradicts itself, or leads elsewhere; the message says what to do.

    >>> import numpy as np, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     np.savez(f"{folder}/model.npz", kernel=np.eye(3), bias=np.zeros(3))
    ...     [(tensor.path, tensor.shape, float(tensor.read().sum())) for tensor in tensors_in(f"{folder}/model.npz")]
    [('kernel', (3, 3), 3.0), ('bias', (3,), 0.0)]
    """
    path = Path(path)
    found: dict[str, Tensor] = {}
    with reading(path):
        folder = path.is_dir()
    for tensor in _of_folder(path) if folder else _of_file(path):
        name = tensor.path
        if not name.isprintable() or not 0 < len(name) <= LONGEST_NAME:
            must = f"name tensors by 1 to {LONGEST_NAME:,} characters that print"
            raise wrong(path, must, quoted(name), "Do not trust it, or save it again.")
        if name in found:
            raise wrong(path, "have one tensor of each name", f"{quoted(name)} twice", "Name one file of it.")
        found[name] = tensor
    if not found:
        raise wrong(path, "hold tensors", "none", "Name another file.")
    return tuple(found.values())


def _of_file(path: Path) -> Iterable[Tensor]:
    """The tensors of a file."""
    size_of(path)
    begin = part(path, 0, BEGIN)
    if not begin:
        raise wrong(path, f"be {FORMATS}", "an empty file", AGAIN)
    for beginning, (got, fix) in OTHERS.items():
        if begin.startswith(beginning):
            raise wrong(path, f"be {FORMATS}", got, fix)
    if begin.startswith(npy.MAGIC):
        return npy.npy(path)
    if begin.startswith((zips.MAGIC, zips.EMPTY)):
        return _of_zip(path)
    if safetensors.looks_like(begin):
        return safetensors.safetensors(path)
    if path.name.endswith(INDEX):
        return indexed(path, _of_file)
    if begin[:1] == b"\x80" and begin[1:2] in (b"\2", b"\3", b"\4", b"\5"):
        return torch_old(path)
    if path.suffix in SUFFIXES:
        return SUFFIXES[path.suffix](path)
    if flax_msgpack.looks_like(begin):
        return flax_msgpack.flax_msgpack(path)
    raise wrong(path, f"be {FORMATS}", "something else", SAVE)


def _of_zip(path: Path) -> Iterator[Tensor]:
    with reading(path), path.open("rb") as file:
        names = list(zips.members(file, path, npy.FIX))
    if any(name.endswith(PICKLE) for name in names):
        return torch_zip(path)
    if any(name.endswith(NPY) for name in names):
        return npz(path)
    keras = any(name.endswith(".h5") for name in names)
    got = f"a zip of {cut(', '.join(map(quoted, names[:3]))) or 'nothing'}"
    raise wrong(path, f"be {FORMATS}", got, OTHERS[b"\x89HDF"][1] if keras else SAVE)


SUFFIXES = {
    ".safetensors": safetensors.safetensors, ".npy": npy.npy, ".npz": _of_zip, ".msgpack": flax_msgpack.flax_msgpack,
    **dict.fromkeys((".pt", ".pth", ".bin", ".ckpt", ".pkl", ".pickle"), torch_old),
}  # fmt: skip
"""What a file is taken for that begins like none, to say what is wrong with it."""


def _of_folder(folder: Path) -> Iterable[Tensor]:
    """The tensors of a folder: of its index, of its safetensors, of its checkpoint."""
    with reading(folder):
        files = sorted(each for each in folder.iterdir() if each.is_file())
    for kind in (f".safetensors{INDEX}", ".safetensors", f".bin{INDEX}"):
        there = [file for file in files if file.name.endswith(kind)]
        if there and kind.endswith(INDEX):
            return indexed(only(there, folder, "index"), _of_file)
        if there:
            return together(there, _of_file)
    found = checkpoints(folder)
    if not found:
        raise wrong(folder, "hold safetensors, or a checkpoint of orbax", "neither", "Name a file in it.")
    return orbax(only(found, folder, "checkpoint"))
