"""The number of layers is read from paths, and fans from roles, those of biases from the weights beside them."""

import pytest
from tensors import BIAS, INPUTS_FIRST, OUTPUTS_FIRST, tensor

from initviz.models.quantities import quantities
from initviz.models.tensor import Role

PATHS = [
    [f"transformer.h.{layer}.{name}" for layer in range(12) for name in ("ln_1.weight", "attn.c_proj.weight")],
    [f"params/encoderblock_{layer}/MlpBlock_0/Dense_{i}/kernel" for layer in range(12) for i in range(2)],
    [f"model/h{layer}/ln_{i}/g" for layer in range(12) for i in (1, 2)],
    [f"layers.{layer}.experts.{expert}.w1" for layer in range(12) for expert in range(64)],
]


@pytest.mark.parametrize("paths", PATHS, ids=lambda paths: paths[0])
def test_layers_are_counted_where_names_are_first_numbered(paths):
    found = quantities([tensor("wte/embedding"), *map(tensor, paths)])
    assert {each["layers"] for each in found.values()} == {12}
    assert "layer" not in found["wte/embedding"]
    assert [found[path]["layer"] for path in (paths[0], paths[-1])] == [0, 11]


def test_encoder_and_decoder_have_each_their_own():
    paths = [f"encoder.{i}.w" for i in range(6)] + [f"decoder.{i}.w" for i in range(3)]
    found = quantities([*map(tensor, paths), tensor("embed")])
    assert [found[path]["layers"] for path in ("encoder.0.w", "decoder.0.w", "embed")] == [6, 3, 6]


def test_stacked_layers_are_counted_by_their_axis():
    stacked = Role("Stack", (1,), (2,), (0,))
    found = quantities([tensor("blocks/kernel", (7, 4, 8), stacked), tensor("embedding")])
    assert found["embedding"]["layers"] == found["blocks/kernel"]["layers"] == 7
    assert found["blocks/kernel"]["fan_in"] == 4


def test_rows_and_experts_are_no_layers():
    rows, experts = Role("Embedding", (), (1,), (0,)), Role("Experts", (1,), (2,), (0,))
    found = quantities([tensor("wte", (100, 4), rows), tensor("moe/w", (8, 4, 4), experts)])
    assert all("layers" not in each for each in found.values())


def test_a_model_without_numbers_has_no_layers():
    assert quantities([tensor("a/kernel")]) == {"a/kernel": {"size": 16}}


def test_a_bias_has_the_fans_of_the_weights_beside_it():
    conv = Role("Conv", (1,), (0,))
    found = quantities(
        [tensor("a.weight", (8, 3, 5, 5), conv), tensor("a.bias", (8,), BIAS), tensor("b.bias", (8,), BIAS)]
    )
    assert (found["a.bias"]["fan_in"], found["a.weight"]["fan_in"]) == (75, 75)
    assert "fan_in" not in found["b.bias"]


def test_of_two_weights_a_bias_has_those_of_its_name_or_none():
    lstm = [tensor("l.weight_ih_l0", (32, 5), OUTPUTS_FIRST), tensor("l.weight_hh_l0", (32, 8), OUTPUTS_FIRST)]
    found = quantities([*lstm, tensor("l.bias_ih_l0", (32,), BIAS), tensor("l.bias_hh_l0", (32,), BIAS)])
    assert (found["l.bias_ih_l0"]["fan_in"], found["l.bias_hh_l0"]["fan_in"]) == (5, 8)
    other = [tensor("m/i/kernel", (5, 32), INPUTS_FIRST), tensor("m/kernel", (5, 32), INPUTS_FIRST)]
    assert "fan_in" in quantities([*other, tensor("m/bias", (32,), BIAS)])["m/bias"]
    two = [tensor("m/u", (5, 32), INPUTS_FIRST), tensor("m/v", (6, 32), INPUTS_FIRST)]
    assert "fan_in" not in quantities([*two, tensor("m/bias", (32,), BIAS)])["m/bias"]


def test_a_recurrent_cell_has_its_hidden_units():
    lstm = [
        tensor("l.weight_ih_l0", (32, 5), OUTPUTS_FIRST),
        tensor("l.weight_hh_l0", (32, 8), Role("Recurrent", (1,), (0,))),
    ]
    found = quantities([*lstm, tensor("l.bias_ih_l0", (32,), BIAS), tensor("other.bias", (8,), BIAS)])
    assert {each.get("hidden") for path, each in found.items() if path != "other.bias"} == {8}
    assert "hidden" not in found["other.bias"]


def test_pytorch_counts_all_axes_but_the_first():
    transposed = Role("ConvTranspose", (0,), (1,))
    found = quantities([tensor("up.weight", (6, 4, 3, 3), transposed), tensor("up.bias", (4,), BIAS)])
    assert {(each["torch_fan_in"], each["fan_in"]) for each in found.values()} == {(36, 54)}


def test_a_transposed_convolution_known_by_name_alone_has_what_pytorch_counts():
    guessed = Role("Conv", (1,), (0,))  # of which the bias is as long as the wrong axis
    found = quantities([tensor("up.weight", (6, 4, 3, 3), guessed), tensor("up.bias", (4,), BIAS)])["up.bias"]
    assert found == {"size": 4, "torch_fan_in": 36}


def test_rows_of_a_table_have_no_inputs():
    found = quantities([tensor("wte", (100, 16), Role("Embedding", (), (1,), (0,)))])["wte"]
    assert (found["out_size"], found["in_size"], found["fan_in"]) == (16, 1, 1)
