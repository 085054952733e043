"""Files of torch.save, without PyTorch: pickles are read as data, and say by name what else they hold."""

import pickle
import re

import modelfiles
import numpy as np
import pytest
from modelfiles import laid, mapped, stored, text, torch_zip_of, whole

from initviz.models.files import ModelFileError, tensors_in


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def write(data, path="m.pt"):
    with open(path, "wb") as file:
        file.write(data)


def model(items, storages=None):
    return torch_zip_of(b"\x80\x02" + mapped(items) + b".", storages)


@pytest.mark.parametrize("write_as", [modelfiles.torch_zip, modelfiles.torch_old])
@pytest.mark.parametrize("name", ["m.pt", "pytorch_model.bin", "m"])
def test_weights_are_those_that_were_written(name, write_as):
    expected = modelfiles.arrays()
    write(write_as(expected), name)
    found = modelfiles.loaded(name)
    assert list(found) == list(expected)
    assert all(modelfiles.same(found[path], array) for path, array in expected.items())


NUMBERS = np.arange(12, dtype="f4")
STORED = stored("float32", "0", 12)


@pytest.mark.parametrize(("offset", "shape", "steps", "expected"), [
    (0, (3, 4), (4, 1), NUMBERS.reshape(3, 4)),
    (0, (4, 3), (1, 4), NUMBERS.reshape(3, 4).T),
    (4, (2, 4), (4, 1), NUMBERS.reshape(3, 4)[1:]),
    (1, (3, 2), (4, 2), NUMBERS.reshape(3, 4)[:, 1::2]),
    (5, (), (), NUMBERS[5]),
    (0, (0, 3), (3, 1), np.zeros((0, 3), "f4")),
    (2, (1, 3), (0, 1), NUMBERS[None, 2:5]),
], ids=str)  # fmt: skip
def test_views_of_a_storage(offset, shape, steps, expected):
    write(model({"w": laid(STORED, offset, shape, steps)}, {"0": NUMBERS.tobytes()}))
    assert modelfiles.same(modelfiles.loaded("m.pt")["w"], np.asarray(expected))


def test_tied_weights_are_the_same():
    same, other = laid(STORED, 0, (3, 4), (4, 1)), laid(STORED, 0, (4, 3), (1, 4))
    write(model({"wte": same, "head": same, "turned": other}, {"0": NUMBERS.tobytes()}))
    wte, head, turned = tensors_in("m.pt")
    assert wte.same == head.same is not None
    assert turned.same != wte.same


def test_names_of_nested_maps_stand_between_slashes():
    one = laid(STORED, 0, (12,), (1,))
    write(model({"model": mapped({"h.0.w": one}), "list": b"](" + one + whole(3) + b"e", "epoch": whole(3)},
                {"0": NUMBERS.tobytes()}))  # fmt: skip
    assert [tensor.path for tensor in tensors_in("m.pt")] == ["model/h.0.w", "list/0"]


CONVERT = (
    "Where you trust it, load it in Python and save its weights: "
    "safetensors.torch.save_file(model.state_dict(), 'model.safetensors')."
)
COPY = "Copy or download it again."
TENSORS = "m.pt must hold nothing but tensors"
NAMED = f"{TENSORS}, since no code in it is run, got"
CUT = "m.pt cannot be read, it may be cut off: its pickle makes no sense,"


class Evil:
    def __reduce__(self):
        import os

        return os.system, ("touch evil",)


WRONG = {
    "system": (torch_zip_of(pickle.dumps(Evil(), 2)), f"{NAMED} posix.system. {CONVERT}"),
    "system, later": (torch_zip_of(pickle.dumps(Evil(), 4)), f"{NAMED} posix.system. {CONVERT}"),
    "eval": (torch_zip_of(b"\x80\x02cbuiltins\neval\n" + text("1") + b"\x85R."), f"{NAMED} builtins.eval. {CONVERT}"),
    "class": (torch_zip_of(b"\x80\x02c__main__\nNet\n)\x81."), f"{NAMED} __main__.Net. {CONVERT}"),
    "escape": (torch_zip_of(b"\x80\x02c\x1b[2J\nx\n."), f"{NAMED} \\x1b[2J.x. {CONVERT}"),
    "new": (torch_zip_of(b"\x80\x02)\x81."), f"{TENSORS}, got the step NEWOBJ in its pickle. {CONVERT}"),
    "instance": (torch_zip_of(b"(ios\nsystem\n."), f"{TENSORS}, got the step INST in its pickle. {CONVERT}"),
    "called": (torch_zip_of(b"\x80\x02ctorch\nFloatStorage\n)R."), f"{TENSORS}, got a Float32DType. {CONVERT}"),
    "no end": (torch_zip_of(b"\x80\x02}"), f"{CUT} pickle exhausted before seeing STOP. {CONVERT}"),
    "empty": (torch_zip_of(b"\x80\x02}."), "m.pt must hold tensors, got none. Name another file."),
    "underflow": (torch_zip_of(b"\x80\x02u."), f"{CUT} list index out of range. {CONVERT}"),
    "memo": (torch_zip_of(b"\x80\x02h\x05."), f"{CUT} 5. {CONVERT}"),
    "key": (torch_zip_of(b"\x80\x02})K\x01s."), f"m.pt must have texts or numbers as keys, got (). {CONVERT}"),
    "outside": (model({"w": laid(STORED, 4, (3, 4), (4, 1))}, {"0": NUMBERS.tobytes()}),
                f"m.pt must lay a tensor within its storage of 12 numbers, got (3, 4). {CONVERT}"),
    "spread": (model({"w": laid(STORED, 0, (2**30, 2**30), (0, 0))}, {"0": NUMBERS.tobytes()}),
               f"m.pt must lay a tensor within its storage of 12 numbers, got (1073741824, 1073741824). {CONVERT}"),
    "backward": (model({"w": laid(STORED, 4, (2,), (-1,))}, {"0": NUMBERS.tobytes()}),
                 f"m.pt must say how a tensor of (2,) lies in its storage, got (-1,). {COPY}"),
    "missing": (model({"w": laid(STORED, 0, (12,), (1,))}),
                f"m.pt must have 48 bytes as storage '0', got others or none. {COPY}"),
    "short": (model({"w": laid(STORED, 0, (12,), (1,))}, {"0": bytes(4)}),
              f"m.pt must have 48 bytes as storage '0', got others or none. {COPY}"),
    "path": (model({"w": laid(stored("float32", "../../m", 12), 0, (12,), (1,))}),
             f"m.pt must have 48 bytes as storage '../../m', got others or none. {COPY}"),
    "two": (modelfiles.zipped({"a/data.pkl": b"N.", "b/data.pkl": b"N."}),
            f"m.pt must have one pickle of at most 33,554,432 bytes, got 2 pickles in it. {CONVERT}"),
    "big": (modelfiles.zipped({"m/data.pkl": b"\x80\x02}.", "m/byteorder": b"big"}),
            f"m.pt must have numbers with the little end first, got the big end first. {CONVERT}"),
    "plain": (pickle.dumps({"w": [1.0, 2.0]}, 2),
              f"m.pt must be of torch.save, got a pickle, in which there may be any code. {CONVERT}"),
    "old system": (pickle.dumps(Evil(), 2), f"{NAMED} posix.system. {CONVERT}"),
    "old, cut": (modelfiles.torch_old({"w": NUMBERS})[:-1], "m.pt cannot be read, it may be cut off: its storages "),
    "no pickle": (b"hello", f"{CUT} "),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_is_told_and_nothing_is_run(wrong, folder, tmp_path):
    data, message = WRONG[wrong]
    write(data)
    with pytest.raises(ModelFileError, match=f"^{re.escape(message)}{'' if message.endswith('.') else '.*'}$"):
        tensors_in("m.pt")
    assert [file.name for file in tmp_path.iterdir()] == ["m.pt"]


def test_a_billion_lists_in_a_few_bytes_are_told():
    twice = b"".join(b"](h%ch%ceq%c" % (n, n, n + 1) for n in range(60))
    write(torch_zip_of(b"\x80\x02]q\0" + twice + b"."))
    with pytest.raises(
        ModelFileError, match=r"^m.pt must nest at most 64 deep, and have at most 1,000,000 items, got more"
    ):
        tensors_in("m.pt")


@pytest.mark.parametrize("end", [b"N\x93.", b"N\x86R.", b"Q.", b"ctorch\nSize\n\x86R.", b"}h\x3cNs."], ids=str)
def test_a_billion_lists_are_not_written_out_either(end):
    twice = b"".join(b"](h%ch%ceq%c" % (n, n, n + 1) for n in range(60))
    write(torch_zip_of(b"\x80\x02]q\0" + twice + end))
    with pytest.raises(ModelFileError, match=r"^m.pt .{1,300}$"):
        tensors_in("m.pt")


def test_a_long_name_is_not_repeated_for_all_that_it_holds():
    write(torch_zip_of(b"\x80\x02}" + text("x" * 2000) + b"](" + b"N" * 1000 + b"es."))
    message = r"^m.pt must have names of at most 1,000 characters, got 2,000. Copy or download it again.$"
    with pytest.raises(ModelFileError, match=message):
        tensors_in("m.pt")


def test_a_list_in_itself_is_told():
    write(torch_zip_of(b"\x80\x02]q\0h\0a."))
    with pytest.raises(ModelFileError, match=r"^m.pt must nest at most 64 deep"):
        tensors_in("m.pt")


def test_every_hundredth_number_of_a_storage_is_refused():
    write(model({"w": laid(stored("float32", "0", 10**6), 0, (10**4,), (100,))}, {"0": bytes(4 * 10**6)}))
    with pytest.raises(
        ModelFileError, match=rf"^m.pt must hold 'w' close together, got steps of \(100,\). {CONVERT[:30]}"
    ):
        tensors_in("m.pt")
