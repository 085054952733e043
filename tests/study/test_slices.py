"""A study with a number for each slice of a stack: spread by its layer, written and read again, kept or left."""

import numpy as np
import pytest
from oracles import refused

from initviz import Study, initializers
from initviz.initializers import PerSlice
from initviz.layers import Dense, Einsum, Experts, RawShape, Stack
from initviz.probes import PROBES

STACK = Stack(depth=3, inputs=12, outputs=8)
THIRDS = PerSlice(1, 1 / 2, 1 / 3)
NO_STACK = (
    "stddev must be one number for a shape without a stacked axis, got 3 numbers. Choose a layer with one, such as "
    "Scanned stack or Experts, or name the batch_axis of an initializer that has one."
)
WRONG = (
    "stddev must be one number, or as many as the stacked axis is long, 4 (axis 0), got 3 numbers. "
    "Give each slice its number, or change the size of the axis."
)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (STACK, (3, 1, 1)),
        (Experts(experts=3, inputs=4, outputs=5), (3, 1, 1)),
        (Einsum(equation="bei,ieo->beo", sizes="e=3, i=20, o=30"), (3, 1)),
    ],
    ids=repr,
)
def test_the_layer_says_which_axis_is_stacked(layer, shape):
    study = Study("normal", layer=layer, stddev=THIRDS)
    assert np.shape(study.question.initializer.stddev) == shape
    found = study.answer()
    assert found.likely
    assert f"flattened to {found.unfolding.full[0]}" in str(found.unfolding)
    assert found.unfolding.batch == (layer.kernel.index(3),)
    assert study.initializer.stddev == THIRDS


def test_without_a_layer_the_initializer_says_it():
    study = Study("variance_scaling", shape=(5, 3, 6), scale=THIRDS, batch_axis=1)
    assert np.shape(study.question.initializer.scale) == (3, 1)


def test_nothing_is_lost_where_it_does_not_fit():
    study = Study("normal", layer=STACK, stddev=THIRDS)
    first = study.answer()
    study.layer.depth = 4
    refused(ValueError, WRONG, study.answer)
    study.layer = Dense()
    refused(ValueError, NO_STACK, study.answer)
    study.layer = RawShape(shape=(3, 8, 8))
    refused(ValueError, NO_STACK, study.answer)
    study.layer = STACK
    study.layer.depth = 3
    assert study.answer().plan == first.plan


def test_it_is_written_and_read_again():
    study = Study("uniform", layer=STACK, scale=THIRDS)
    written = study.to_dict()
    assert written["initializer"] == {"function": "uniform", "scale": "1, 0.5, 0.3333333333333333"}
    again = Study.from_json(study.to_json())
    assert again.question == study.question
    assert hash(again.question) == hash(study.question)
    for array in (np.array([1, 0.5, 0.25]).reshape(3, 1, 1), np.linspace(0, 1, 8)):
        study.initializer.scale = array
        assert np.array_equal(Study.from_json(study.to_json()).initializer.scale, array)
    found, notices = Study.salvage({"version": 1, "initializer": {"function": "normal", "stddev": "1, nan"}})
    assert found.initializer.stddev == 0.01
    assert notices == ("initializer.stddev must be a number of at least 0, got nan. Pass for instance 0.01.",)


def test_another_initializer_keeps_it_where_it_can():
    study = Study("uniform", layer=STACK, scale=THIRDS)
    study.function = "variance_scaling"
    assert study.initializer.scale == THIRDS
    study.function = "orthogonal"
    assert study.initializer.scale == 1
    study = Study("uniform", layer=STACK, scale=np.ones((3, 1, 1)) / 2)
    study.function = "orthogonal"
    study.function = "variance_scaling"
    assert study.initializer.scale == 1


def test_constants_have_a_number_for_each_slice_too():
    found = Study("constant", layer=STACK, value=PerSlice(0.0, 1.0, 2.0)).answer()
    assert found.weights[:, 0, 0].tolist() == [0, 1, 2]
    assert found.likely


@pytest.mark.parametrize("look", sorted(PROBES))
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_closer_looks_show_it_or_say_why_not(look, dtype):
    result = Study("normal", layer=STACK, stddev=THIRDS, dtype=dtype).answer()
    if look == "Depth":
        with pytest.raises(ValueError, match=r"^a product needs square layers, got .* stddev must broadcast over"):
            PROBES[look]().answer(result)
    elif look == "Convolution":
        with pytest.raises(ValueError, match=r"^this view needs a convolution, got Scanned stack"):
            PROBES[look]().answer(result)
    else:
        found = PROBES[look]().answer(result)
        if look == "Parity":
            assert found.ulps <= 4
        if look == "Randomness":
            own = next(row for row in found.rows if row.in_force)
            np.testing.assert_allclose(own.first, result.weights.ravel()[:3].astype(float), rtol=1e-2)


def test_a_complex_stack_has_its_law():
    assert Study("normal", layer=STACK, stddev=THIRDS, dtype="complex64").answer().likely
    assert initializers.normal(THIRDS).stddev == THIRDS
