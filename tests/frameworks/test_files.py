"""What PyTorch and safetensors themselves write is read back equal, and a whole module is not run."""

import numpy as np
import pytest

from initviz.models.files import ModelFileError, tensors_in


@pytest.fixture
def weights(torch):
    """A state of a model, with what makes pickles hard: shared storages, views, every dtype, nothing, one number."""
    kinds = [torch.bfloat16, torch.float16, torch.float64, torch.int64, torch.bool, torch.complex64, torch.uint16,
             torch.float8_e4m3fn]  # fmt: skip
    state = torch.nn.Sequential(torch.nn.Conv2d(2, 3, 3), torch.nn.BatchNorm2d(3)).state_dict()
    state |= {str(kind): torch.arange(4.0).to(kind) for kind in kinds}
    state |= {"turned": torch.arange(12.0).reshape(3, 4).T, "part": torch.arange(20)[3:9:2], "tied": state["0.weight"]}
    return state | {"parameter": torch.nn.Parameter(torch.ones(2)), "one": torch.tensor(3.0), "none": torch.zeros(0, 3)}


def equal(found, expected, torch):
    """Whether weights are these, in their own dtype."""
    assert (found.shape, str(found.dtype)) == (tuple(expected.shape), str(expected.dtype).removeprefix("torch."))
    wide = torch.complex128 if expected.is_complex() else torch.float64
    np.testing.assert_array_equal(found.astype(complex), expected.detach().to(wide).numpy())


@pytest.mark.parametrize("options", [{}, {"_use_new_zipfile_serialization": False}, {"pickle_protocol": 4}], ids=str)
def test_what_torch_saves_is_read(weights, torch, tmp_path, options):
    torch.save({"model": weights, "epoch": 3, "betas": (0.9, 0.99)}, tmp_path / "m.pt", **options)
    found = {tensor.path: tensor for tensor in tensors_in(tmp_path / "m.pt")}
    assert list(found) == [f"model/{name}" for name in weights]
    for name, expected in weights.items():
        equal(found[f"model/{name}"].read(), expected, torch)
    assert [path for path, tensor in found.items() if tensor.same == found["model/tied"].same] == [
        "model/0.weight", "model/tied"]  # fmt: skip


def test_what_safetensors_saves_is_read(weights, torch, tmp_path):
    from safetensors.torch import save_file

    weights = {name: tensor.detach().clone().contiguous() for name, tensor in weights.items()}
    save_file(weights, tmp_path / "m", metadata={"format": "pt"})
    found = {tensor.path: tensor.read() for tensor in tensors_in(tmp_path / "m")}
    assert sorted(found) == sorted(weights)
    for name, expected in weights.items():
        equal(found[name], expected, torch)


def test_a_whole_module_is_not_run(torch, tmp_path):
    torch.save(torch.nn.Linear(2, 3), tmp_path / "m.pt")
    with pytest.raises(
        ModelFileError, match=r"no code in it is run, got torch.nn.modules.linear.Linear. Where you trust"
    ):
        tensors_in(tmp_path / "m.pt")
