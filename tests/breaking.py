"""Ways to break files of models, thrown by a seed: bytes, ends, lengths, names, headers, pickles."""

import io
import json
import struct
import zipfile

import modelfiles
import numpy as np

NAMES = ["../outside.safetensors", "/etc/passwd", "..", "", ".", "a/b", "a\\b", "C:evil", "\x1b[2Jx", "x\u202ey",
         "\ud800", "con\n", "x" * 5000, "__metadata__", "\0", "h.0", "🦀", "%s%n",
         "m.safetensors.index.json", "pipe"]  # fmt: skip
NUMBERS = [0, 1, -1, 2**7, 2**15, 2**31 - 1, 2**32, 2**53, 2**62, 2**63, 2**64, 10**30, -(2**63), 255, 3]
VALUES = [*NUMBERS, *NAMES, None, True, 1.5, 1e400, [], {}, [1], [[]], ["1"], [2**62, 2**62, 0], [1] * 70, "F32",
          "F4", [0, 0], [5, 1], [0, 2**62], {"dtype": "F32"}]  # fmt: skip
STEPS = [b"cos\nsystem\n", b"cposix\nsystem\nX\x02\0\0\0id\x85R", b"c__builtin__\neval\n", b"cbuiltins\nexec\n",
         b"0", b"1", b"2", b"(", b"R", b"Q", b"b", b"u", b"s", b"t", b"}", b"]", b"\x85", b"\x93", b"\x81", b"o",
         b"i__main__\nx\n", b"h\x00", b"q\xff", b"j\xff\xff\xff\xff", b"e", b"a", b"\x8a\xff", b"I9999\n",
         b"F1e9\n", b".", b"P1\n", b"\x96", b"X\xff\xff\xff\xff", b"\x8d\xff\xff\xff\xff\xff\xff\xff\x7f",
         b"\x82\x01", b"ctorch\nSize\n", b"ctorch._utils\n_rebuild_tensor_v3\n", b"ctorch\nUntypedStorage\n", b"N",
         b"\x88", b"K\x05"]  # fmt: skip


def broken(name, data, rng):
    """A file of this name with something wrong, or different, in it."""
    ways = [flipped, cut, lengths, moved, *SPECIAL.get(name, ())]
    for _ in range(rng.integers(1, 4)):
        data = ways[rng.integers(len(ways))](data, rng)
    return data


def _place(data, rng):
    """A place in it; more often near the beginning or the end, where headers are."""
    near = int(rng.integers(0, min(200, len(data)) + 1))
    return [near, max(len(data) - near, 0), int(rng.integers(0, len(data) + 1))][rng.integers(3)]


def flipped(data, rng):
    data = bytearray(data)
    for _ in range(rng.integers(1, 6)):
        if data:
            data[min(_place(data, rng), len(data) - 1)] = rng.integers(256)
    return bytes(data)


def cut(data, rng):
    at = _place(data, rng)
    return [data[:at], data[at:], data[:at] + bytes(int(rng.integers(1, 400))), b""][
        rng.choice(4, p=[0.6, 0.2, 0.19, 0.01])
    ]


def lengths(data, rng):
    """A number of 1 to 8 bytes, as lengths are, becomes one that is not expected."""
    at, size, order = _place(data, rng), 2 ** int(rng.integers(4)), ["little", "big"][rng.integers(2)]
    number = _one(NUMBERS, rng) % 2 ** (8 * size)
    return data[:at] + number.to_bytes(size, order) + data[at + size :]


def moved(data, rng):
    """A part of it once more, or not at all, or words between."""
    start, size, to = _place(data, rng), int(rng.integers(1, 64)), _place(data, rng)
    part = [data[start : start + size], b"", _one(NAMES, rng).encode(errors="surrogatepass")][rng.integers(3)]
    return data[:to] + part + data[to + [0, size][rng.integers(2)] :]


def _one(values, rng):
    return values[rng.integers(len(values))]


def _header(data, rng):
    """An entry of the header of safetensors gets another value or name."""
    try:
        size = struct.unpack("<Q", data[:8])[0]
        header, weights = json.loads(data[8 : 8 + size]), data[8 + size :]
    except (ValueError, RecursionError, struct.error):
        return data
    if not isinstance(header, dict) or not header:
        return data
    name = list(header)[rng.integers(len(header))]
    way = rng.integers(6)
    if way == 0:
        header[_one(NAMES, rng)] = header.pop(name)
    elif way == 1:
        header[name] = _one(VALUES, rng)
    elif way == 2:
        text = json.dumps(header)
        return modelfiles.with_header((text[:-1] + ", " + text[1:]).encode(), weights)
    elif way == 3:
        return modelfiles.with_header(_one([b"[" * 100_000, b'{"a":' * 5000, b"{}", b"null", b"{NaN}"], rng), weights)
    elif isinstance(header[name], dict):
        header[name] = {**header[name], _one(["dtype", "shape", "data_offsets", "more"], rng): _one(VALUES, rng)}
    return modelfiles.with_header(json.dumps(header).encode(), weights)


def _index(data, rng):
    """A file in the index has another name, or the index another form."""
    found = {"weight_map": {_one(NAMES, rng): _one(VALUES, rng), "wte": "m.safetensors"}}
    return json.dumps(_one([found, found, found, {"weight_map": _one(VALUES, rng)}, _one(VALUES, rng)], rng)).encode()


def _pickle(data, rng):
    """Some step of the pickle is another one."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        pickled = files["m/data.pkl"]
    except Exception:
        return data
    at, gone = int(rng.integers(2, len(pickled) + 1)), int(rng.integers(3))
    files["m/data.pkl"] = pickled[:at] + _one(STEPS, rng) + pickled[at + gone :]
    return modelfiles.zipped(files)


def _tensor(data, rng):
    """A tensor laid over a storage in a way that nobody expects."""
    numbers = [0, 1, 2, 5, *NUMBERS]
    sizes = [[_one(numbers, rng) for _ in range(rng.integers(4))] for _ in range(2)]
    storage = modelfiles.stored("float32", _one(["0", *NAMES[:9]], rng), _one(numbers, rng))
    one = modelfiles.laid(storage, _one(numbers, rng), *sizes)
    return modelfiles.torch_zip_of(b"\x80\x02" + modelfiles.mapped({"w": one}) + b".", {"0": bytes(24)})


def _laughs(data, rng):
    """Lists of lists of lists: a billion of them in a few bytes."""
    twice = b"".join(b"](h%ch%ceq%c" % (n, n, n + 1) for n in range(60))
    end = _one([b".", b"N\x86R.", b"Q.", b"}h\x3cN\x73.", b"ctorch\nSize\n(h\x3ctR."], rng)
    return modelfiles.torch_zip_of(b"\x80\x02]q\0" + twice + end)


def _head(data, rng):
    """An array with another head in an archive, or under another name."""
    shape = _one([(2**62,), (-1,), (10**30,), (3,), (0, 2**62), (1,) * 40, "x", (True,), (2**31, 2**31)], rng)
    words = _one(["<f4", "|O", "V2", "V99", "O8", "M8[s]", "f16", "c9", "(2,)f4", "f4,f4", "<U3", "i0", "?"], rng)
    text = f"{{'descr': '{words}', 'fortran_order': {_one([True, False], rng)}, 'shape': {shape}, }}"
    text = _one([text, text, "(" * 9000, "-" * 9000 + "1", "[" * 5000, "{}", text.replace("'", '"')], rng).encode()
    head = b"\x93NUMPY\x01\0" + struct.pack("<H", len(text)) + text
    name = _one(["a.npy", *(f"{name}.npy" for name in NAMES)], rng).replace("\ud800", "x").replace("\0", "x")
    return modelfiles.zipped({name: head + bytes(12), "b.npy": head}, _one([0, 8], rng))


def _bomb(data, rng):
    """An archive that unpacks to more than it says, or says more than it can unpack to."""
    data = bytearray(modelfiles.zipped({"a.npy": bytes(10**6)}, zipfile.ZIP_DEFLATED))
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", _one([2**32 - 2, 10**6 - 1, 0, 200], rng))
    return bytes(data)


def _packed(data, rng):
    """MessagePack with lengths, depths and extensions that flax does not write."""
    array = b"\x93\x91\xcf" + struct.pack(">Q", _one(NUMBERS, rng) % 2**64) + b"\xa7float32\xc4\x04" + bytes(4)
    extension = b"\xc7" + bytes([len(array), _one([1, 1, 1, 2, 3, 4, 255], rng)]) + array
    return _one([b"\x81\xa1a" * 200 + b"\xc0", b"\x81\xa1a" + b"\x91" * 5000, b"\x81\xa1a\xdd\xff\xff\xff\xff\xc0",
                 b"\x82\xa1a\x01\xa1a\x01", b"\x81\xa1a\xdb\xff\xff\xff\xff", b"\x81\xa1a" + extension,
                 b"\x81\xa1a\x82\xb9__msgpack_chunked_array__\xc3\xa6chunks\x81\xa10" + extension,
                 modelfiles.packed({_one(NAMES, rng).replace("\ud800", "x"): np.ones(2)})], rng)  # fmt: skip


SPECIAL = {
    "m.safetensors": [_header] * 3, "m.safetensors.index.json": [_index] * 3,
    "m.pt": [_pickle, _pickle, _tensor, _laughs], "m.npz": [_head, _bomb],
    "packed.npz": [_head, _bomb], "m.msgpack": [_packed],
}  # fmt: skip
"""Ways for a file of a format, beside those that know none."""
