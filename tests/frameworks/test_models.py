"""Whole models in PyTorch, Equinox and Haiku: each is read as its framework draws it, with what it really sums."""

import copy
import subprocess
import sys
from collections import OrderedDict

import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np
import pytest
from builders import BUILDERS, OURS
from laws import same_law
from oracles import refused

from initviz.models.holders import HOLDERS, known_as
from initviz.models.roles import contraction, roles_of
from initviz.models.tensor import BY_MODULE, BY_NAME, BY_SHAPE, Tensor
from initviz.models.trees import tensors_of

OTHERS = [each for each in BUILDERS if each not in OURS]
KEY = jax.random.key(0)


@pytest.mark.parametrize("which", OTHERS, ids=" ".join)
def test_a_model_is_read_whole_and_as_its_framework_draws_it(which):
    built = BUILDERS[which]()
    tensors = tensors_of(built.model)
    leaves = jax.tree.leaves(built.model) if which[0] != "PyTorch" else list(built.model.parameters())
    sizes = [each.size if which[0] != "PyTorch" else each.numel() for each in leaves if hasattr(each, "shape")]
    assert len({each.path for each in tensors}) == len(sizes)
    assert sum(np.size(tensor.read()) for tensor in tensors) == sum(sizes)
    for tensor in tensors:
        array = tensor.read()
        assert (array.shape, array.dtype) == (tensor.shape, tensor.dtype)
        assert same_law(array.astype(float), built.law(tensor.path).plan(array.shape)), tensor.path


@pytest.mark.parametrize("which", OTHERS, ids=" ".join)
def test_names_and_shapes_tell_what_modules_say(which):
    listed = tensors_of(BUILDERS[which]().model)
    names_alone = [Tensor(each.path, each.shape, each.dtype, each.read) for each in listed]
    for tensor, said, guessed in zip(listed, roles_of(listed), roles_of(names_alone), strict=True):
        assert said.known_by == (BY_MODULE if which[0] != "Haiku" else guessed.known_by), tensor.path
        assert guessed.known_by in (BY_NAME, BY_SHAPE)
        axes = [(role.in_axes, role.out_axes, role.batch_axes) for role in (said, guessed)]
        assert axes[0] == axes[1], tensor.path
        alike = {said.kind, guessed.kind}
        assert len(alike) == 1 or alike in (
            {"Conv", "DepthwiseConv"}, {"Dense", "AttentionProjection"}, {"Dense", "AttentionOutput"})  # fmt: skip


def torch_cases(nn):
    circular = {"padding_mode": "circular"}
    return {
        "linear": (nn.Linear(6, 10), (2, 6), "Dense", (6, 10)),
        "conv": (nn.Conv2d(6, 10, (3, 5), padding=(1, 2), **circular), (1, 6, 16, 16), "Conv", (90, 150)),
        "stride": (nn.Conv2d(6, 10, 3, 2, 1, **circular), (1, 6, 16, 16), "Conv", (54, 22.5)),
        "grouped": (nn.Conv1d(6, 10, 3, padding=1, groups=2, **circular), (1, 6, 16), "Conv", (9, 15)),
        "grouped, 3 axes": (nn.Conv3d(6, 4, 3, padding=1, groups=2, **circular), (1, 6, 8, 8, 8), "Conv", (81, 54)),
        "depthwise": (nn.Conv2d(6, 12, 3, padding=1, groups=6, **circular), (1, 6, 16, 16), "DepthwiseConv", (9, 18)),
        "transposed": (nn.ConvTranspose2d(6, 10, 4, 2, 1), (1, 6, 16, 16), "ConvTranspose", (24, 160)),
        "grouped transposed": (nn.ConvTranspose1d(6, 10, 4, 2, 1, groups=2), (1, 6, 32), "ConvTranspose", (6, 20)),
    }  # fmt: skip


def equinox_cases(nn):
    circular = {"padding_mode": "CIRCULAR", "key": KEY}
    return {
        "linear": (nn.Linear(6, 10, key=KEY), (6,), "Dense", (6, 10)),
        "conv": (nn.Conv2d(6, 10, 3, padding=1, **circular), (6, 16, 16), "Conv", (54, 90)),
        "grouped": (nn.Conv1d(6, 10, 3, padding=1, groups=2, **circular), (6, 16), "Conv", (9, 15)),
        "depthwise": (nn.Conv2d(6, 12, 3, padding=1, groups=6, **circular), (6, 16, 16), "DepthwiseConv", (9, 18)),
        "transposed": (nn.ConvTranspose2d(6, 10, 4, 2, padding=1, key=KEY), (6, 16, 16), "ConvTranspose", (24, 160)),
        "grouped transposed": (nn.ConvTranspose1d(6, 10, 4, 2, padding=1, groups=2, key=KEY), (6, 32),
                               "ConvTranspose", (6, 20)),
    }  # fmt: skip


def interior(array, channels: int) -> float:
    """The mean over what is not within two of a border; of everything where there are no taps."""
    inner = (slice(None),) * channels + (slice(2, -2),) * (array.ndim - channels)
    return float(array[inner].mean())


def counted_in_torch(torch, module, inputs):
    for parameter in module.parameters():
        torch.nn.init.constant_(parameter, float(parameter.ndim > 1))
    x = torch.ones(inputs, requires_grad=True)
    y = module(x)
    y.sum().backward()
    return interior(y.detach(), 2), interior(x.grad, 2)


def counted_in_equinox(equinox, module, inputs):
    ones = jnp.ones_like(module.weight), jnp.zeros_like(module.bias)
    y, pull = jax.vjp(equinox.tree_at(lambda each: (each.weight, each.bias), module, ones), jnp.ones(inputs))
    return interior(y, 1), interior(pull(jnp.ones_like(y))[0], 1)


@pytest.mark.parametrize("framework", ["PyTorch", "Equinox"])
def test_fans_are_what_the_module_sums(framework, torch, equinox):
    cases, count, library = {
        "PyTorch": (torch_cases, counted_in_torch, torch),
        "Equinox": (equinox_cases, counted_in_equinox, equinox),
    }[framework]
    for name, (module, inputs, kind, fans) in cases(library.nn).items():
        tensor = next(each for each in tensors_of(module) if each.path == "weight")
        assert (tensor.role.kind, tensor.role.known_by) == (kind, BY_MODULE), name
        found = contraction(tensor, tensor.role)
        assert (found.fan_in, found.fan_out) == fans, name
        assert count(library, module, inputs) == pytest.approx(fans), name


def test_recurrent_layers_attention_and_embeddings_of_torch(torch):
    nn = torch.nn
    model = nn.ModuleDict({
        "lstm": nn.LSTM(6, 5, proj_size=3, bidirectional=True), "cell": nn.GRUCell(6, 5), "table": nn.Embedding(9, 4),
        "whole": nn.MultiheadAttention(8, 2, add_bias_kv=True), "parts": nn.MultiheadAttention(8, 2, kdim=6, vdim=4),
        "two": nn.Bilinear(3, 4, 5), "slopes": nn.PReLU(3), "norm": nn.InstanceNorm1d(3, affine=True),
    })  # fmt: skip
    kinds = {each.path: (each.role.kind, each.role.in_axes, each.role.out_axes) for each in tensors_of(model)}
    assert len(kinds) == len(list(model.parameters()))
    expected = {
        "lstm/weight_ih_l0": ("Dense", (1,), (0,)), "lstm/weight_hh_l0_reverse": ("Recurrent", (1,), (0,)),
        "lstm/weight_hr_l0": ("Dense", (1,), (0,)), "lstm/bias_hh_l0": ("bias", (), ()),
        "cell/weight_hh": ("Recurrent", (1,), (0,)), "table/weight": ("Embedding", (), (1,)),
        "whole/in_proj_weight": ("AttentionProjection", (1,), (0,)), "whole/bias_k": ("Embedding", (), (2,)),
        "whole/out_proj/weight": ("AttentionOutput", (1,), (0,)),
        "parts/k_proj_weight": ("AttentionProjection", (1,), (0,)), "two/weight": ("Einsum", (1, 2), (0,)),
        "slopes/weight": ("slope", (), ()), "norm/weight": ("norm scale", (), ()),
    }  # fmt: skip
    assert {path: kinds[path] for path in expected} == expected


def test_a_state_dict_is_read_as_its_module_is(torch):
    model = BUILDERS["PyTorch", "CNN"]().model
    state_dict = model.state_dict()
    assert isinstance(state_dict, OrderedDict)
    by_path = {each.path: each for each in tensors_of(state_dict)}
    for tensor in tensors_of(model):
        assert np.array_equal(by_path.pop(tensor.path).read(), tensor.read())
    assert sorted(by_path) == ["1/num_batches_tracked", "1/running_mean", "1/running_var"]
    kinds = {role.kind for tensor, role in zip(tensors_of(state_dict), roles_of(tensors_of(state_dict)), strict=True)
             if tensor.path in by_path}  # fmt: skip
    assert kinds == {"state"}


@pytest.mark.parametrize("name", ["bfloat16", "float8_e4m3fn", "float8_e5m2"])
def test_short_numbers_of_torch_keep_their_bits(torch, name):
    bits = {"bfloat16": torch.int16}.get(name, torch.uint8)
    every = torch.arange(2 ** (8 * bits.itemsize)).to(bits).view(getattr(torch, name)).reshape(-1, 16)
    for tensor in (every, every.T, every[::2], every[:, 3:5]):
        [found] = tensors_of({"w": tensor})
        array = found.read()
        assert (found.dtype, array.dtype) == (getattr(ml_dtypes, name),) * 2
        assert array.shape == tuple(tensor.shape)
        unsigned = tensor.contiguous().view(bits).numpy().view(f"uint{8 * bits.itemsize}")
        assert np.array_equal(array.view(unsigned.dtype), unsigned)


def test_torch_is_read_apart_from_gradients_and_without_a_copy(torch):
    layer = torch.nn.Linear(3, 2)
    layer(torch.ones(1, 3)).sum().backward()
    weight, bias = (each.read() for each in tensors_of(layer))
    assert weight.ctypes.data == layer.weight.data_ptr()
    assert np.array_equal(bias, layer.bias.detach().numpy())
    conjugated, half = tensors_of({"c": torch.ones(2, 3, dtype=torch.complex64).conj().mH, "h": torch.ones(1).half()})
    assert (conjugated.read().dtype, half.read().dtype) == (np.complex64, np.float16)
    sparse = torch.eye(3).to_sparse()
    [found] = tensors_of([sparse])
    assert np.array_equal(found.read(), np.eye(3))


def test_tied_weights_of_torch_are_known(torch):
    nn = torch.nn
    model = nn.ModuleDict({"tokens": nn.Embedding(5, 3), "head": nn.Linear(3, 5, bias=False), "other": nn.Linear(3, 5)})
    model["head"].weight = model["tokens"].weight
    model["again"] = model["other"]
    for tensors in (tensors_of(model), tensors_of(model.state_dict())):
        same = {each.path: each.same for each in tensors}
        assert same["tokens/weight"] == same["head/weight"] != same["other/weight"]
        assert same["other/weight"] == same["again/weight"]
    apart = tensors_of(copy.deepcopy(model)) + tensors_of(model)
    assert len({each.same for each in apart}) == 6
    shared = nn.Linear(3, 3)
    assert [each.path for each in tensors_of(nn.Sequential(shared, shared))] == [
        "0/weight", "0/bias", "1/weight", "1/bias",
    ]  # fmt: skip


def test_weights_of_torch_that_do_not_exist_yet_are_refused_in_words(torch):
    with torch.device("meta"):
        described = torch.nn.Linear(3, 2)
    refused(ValueError, "model must have weights, got none yet at weight: a tensor on the meta device. "
            "Build the model outside torch.device('meta') and initialize it.", tensors_of, described)  # fmt: skip
    lazy = torch.nn.Sequential(torch.nn.LazyLinear(3))
    refused(ValueError, "model must have weights, got none yet at 0/weight: an UninitializedParameter. "
            "Run one batch through the lazy module first.", tensors_of, lazy)  # fmt: skip
    refused(TypeError, "model must be a module or a tree of arrays, got one array, a Tensor. "
            "Pass it to initviz.check(weights, initializer) instead.", tensors_of, torch.ones(2))  # fmt: skip


def test_layers_of_equinox_under_vmap_are_copies(equinox):
    layers = equinox.filter_vmap(lambda key: equinox.nn.Linear(6, 10, key=key))(jax.random.split(KEY, 4))
    weight, bias = tensors_of(layers)
    assert (weight.shape, weight.role.in_axes, weight.role.out_axes, weight.role.batch_axes) == (
        (4, 10, 6),
        (2,),
        (1,),
        (0,),
    )
    assert (bias.role.kind, weight.holder) == ("bias", "equinox.nn.Linear")


def test_cells_and_tables_of_equinox(equinox):
    nn = equinox.nn
    model = {"cell": nn.LSTMCell(6, 5, key=KEY), "table": nn.Embedding(9, 4, key=KEY), "slope": nn.PReLU()}
    kinds = {each.path: each.role.kind for each in tensors_of(model)}
    assert kinds == {"cell/weight_ih": "Dense", "cell/weight_hh": "Recurrent", "cell/bias": "bias",
                     "table/weight": "Embedding", "slope/negative_slope": "slope"}  # fmt: skip


def test_the_table_has_classes_that_there_are(torch, equinox):
    rooms = {"torch.nn": (torch.nn, torch.nn.modules.rnn), "equinox.nn": (equinox.nn,)}
    for room, modules in rooms.items():
        for cls in (name.removeprefix(f"{room}.") for name in HOLDERS if name.startswith(f"{room}.")):
            assert any(known_as(getattr(module, cls, int)) == f"{room}.{cls}" for module in modules), cls


def test_reading_a_tree_imports_no_framework():
    code = (
        "import sys, numpy as np; from initviz.models.trees import tensors_of;"
        "from initviz.models.roles import roles_of;"
        "roles_of(tensors_of({'w': np.ones((2, 2))}));"
        "print([name for name in ('torch', 'flax', 'equinox', 'haiku', 'keras') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
