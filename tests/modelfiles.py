"""Files of models as strangers write them, byte by byte: right ones, and a way to break each."""

import io
import json
import pickle
import struct
import zipfile

import jax.numpy as jnp
import msgpack
import numpy as np

SAFE = {"float32": "F32", "float64": "F64", "bfloat16": "BF16", "float16": "F16", "float8_e4m3fn": "F8_E4M3",
        "int64": "I64", "uint8": "U8", "bool": "BOOL"}  # fmt: skip
TORCH = {"float32": "FloatStorage", "float64": "DoubleStorage", "bfloat16": "BFloat16Storage", "int64": "LongStorage"}


def arrays(seed=0):
    """A few weights by the names they have in a small network."""
    rng = np.random.default_rng(seed)
    return {
        "h.0.attn.weight": rng.normal(size=(12, 8)).astype("f4"),
        "h.0.attn.bias": np.zeros(12, jnp.bfloat16),
        "wte": rng.normal(size=(7, 3, 2)),
        "step": np.array(3, "i8"),
        "none": np.zeros((0, 4), "f4"),
    }


def safetensors(tensors, metadata=None, **changed):
    """A file of safetensors; `changed` gives the header other entries."""
    header, at = {} if metadata is None else {"__metadata__": metadata}, 0
    for name, array in tensors.items():
        header[name] = {"dtype": SAFE[array.dtype.name], "shape": array.shape, "data_offsets": [at, at + array.nbytes]}
        at += array.nbytes
    text = json.dumps(header | changed).encode()
    return with_header(text, b"".join(array.tobytes() for array in tensors.values()))


def with_header(text, data=b""):
    """A file of safetensors with this text as its header."""
    return struct.pack("<Q", len(text)) + text + data


def npy(array):
    """A .npy file."""
    file = io.BytesIO()
    np.save(file, array, allow_pickle=True)
    return file.getvalue()


def npz(tensors, save=np.savez):
    """A .npz file."""
    file = io.BytesIO()
    save(file, **tensors)
    return file.getvalue()


def zipped(files, packing=zipfile.ZIP_STORED):
    """A zip with these members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", packing) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return file.getvalue()


def packed(tree):
    """MessagePack as flax writes it."""
    return msgpack.packb(tree, default=_extension, strict_types=True)


def _extension(value):
    if isinstance(value, complex):
        return msgpack.ExtType(2, msgpack.packb((value.real, value.imag)))
    array = np.asarray(value)
    data = msgpack.packb((array.shape, array.dtype.name, array.tobytes()), use_bin_type=True)
    return msgpack.ExtType(1 if isinstance(value, np.ndarray) else 3, data)


def text(word):
    """A text in a pickle."""
    return b"X" + struct.pack("<I", len(word.encode())) + word.encode()


def whole(number):
    """A whole number in a pickle."""
    return pickle.dumps(number, 2)[2:-1]


def row(numbers):
    """A tuple of whole numbers in a pickle."""
    return b"(" + b"".join(map(whole, numbers)) + b"t"


def stored(dtype, key, size, old=False):
    """A storage in a pickle."""
    return b"(" + text("storage") + f"ctorch\n{TORCH[dtype]}\n".encode() + text(key) + text("cpu") + whole(size) + (
        b"NtQ" if old else b"tQ")  # fmt: skip


def laid(storage, offset, shape, steps):
    """A tensor in a pickle."""
    return (b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + whole(offset) + row(shape) + row(steps)
            + b"\x89ccollections\nOrderedDict\n)RtR")  # fmt: skip


def mapped(items):
    """A map in a pickle."""
    return b"}(" + b"".join(text(name) + value for name, value in items.items()) + b"u"


def contiguous(array):
    """Steps of an array in numbers."""
    return [step // array.itemsize for step in array.strides]


def torch_pickle(tensors, old=False):
    """The pickle of these tensors, each in a storage of its own."""
    tensors = {name: array for name, array in tensors.items() if array.dtype.name in TORCH}
    laid_out = {
        name: laid(stored(array.dtype.name, str(n), array.size, old), 0, array.shape, contiguous(array))
        for n, (name, array) in enumerate(tensors.items())
    }
    return b"\x80\x02" + mapped(laid_out) + b".", [array.tobytes() for array in tensors.values()]


def torch_zip(tensors):
    """What torch.save writes."""
    pickled, storages = torch_pickle(tensors)
    return torch_zip_of(pickled, {str(n): data for n, data in enumerate(storages)})


def torch_zip_of(pickled, storages=None):
    """What torch.save would write of this pickle."""
    data = {f"m/data/{key}": data for key, data in (storages or {}).items()}
    return zipped({"m/data.pkl": pickled, "m/byteorder": b"little", **data, "m/version": b"3\n"})


def torch_old(tensors):
    """What torch.save wrote before 2020."""
    pickled, storages = torch_pickle(tensors, old=True)
    sizes = [array.size for array in tensors.values() if array.dtype.name in TORCH]
    begin = [0x1950A86A20F9469CFC6C, 1001, {"protocol_version": 1001, "little_endian": True, "type_sizes": {}}]
    keys = pickle.dumps([str(n) for n in range(len(storages))], 2)
    numbers = [struct.pack("<q", size) + data for size, data in zip(sizes, storages, strict=True)]
    return b"".join([*(pickle.dumps(each, 2) for each in begin), pickled, keys, *numbers])


def nested(tensors):
    """The same weights in maps of maps, as flax has them."""
    tree = {}
    for name, array in tensors.items():
        *folders, last = name.split(".")
        node = tree
        for folder in folders:
            node = node.setdefault(folder, {})
        node[last] = array
    return tree


def index(files):
    """An index of these files and the tensors in each."""
    names = {name: file for file, tensors in files.items() for name in tensors}
    return json.dumps({"metadata": {"total_size": 1}, "weight_map": names}).encode()


FILES = {
    "m.safetensors": lambda: safetensors(arrays(), {"format": "pt"}),
    "m.npz": lambda: npz(arrays()),
    "packed.npz": lambda: npz(arrays(), np.savez_compressed),
    "m.npy": lambda: npy(arrays()["wte"]),
    "m.msgpack": lambda: packed(nested(arrays()) | {"count": 3, "z": 1 + 2j, "scalar": np.float32(2)}),
    "m.pt": lambda: torch_zip(arrays()),
    "old.pt": lambda: torch_old(arrays()),
    "m.safetensors.index.json": lambda: index({"m.safetensors": arrays()}),
}
"""Right files, by name, as functions that give their bytes."""


def same(found, expected):
    """Whether weights are these, bit for bit."""
    return found.dtype == expected.dtype and found.shape == expected.shape and found.tobytes() == expected.tobytes()


def loaded(path):
    """All weights of a model by their paths."""
    from initviz.models.files import tensors_in

    return {tensor.path: tensor.read() for tensor in tensors_in(path)}
