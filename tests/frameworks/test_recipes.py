"""The recipes of Equinox, Haiku and PyTorch say what their layers draw: tensors of real models look like their law."""

from dataclasses import replace

import pytest
from builders import BUILDERS, OURS

from initviz import check
from initviz.models.fitting import fitting
from initviz.models.roles import roles_of
from initviz.models.shipped import get_recipe
from initviz.models.trees import tensors_of

NAMES = {"Equinox": "equinox", "Haiku": "haiku", "PyTorch": "torch"}
OTHERS = [which for which in BUILDERS if which not in OURS]


@pytest.mark.parametrize("which", OTHERS, ids=" ".join)
def test_tensors_of_real_models_look_like_their_law(which):
    pytest.importorskip(NAMES[which[0]])
    listed = tensors_of(BUILDERS[which](seed=1, width=64).model)
    tensors = [replace(each, role=role) for each, role in zip(listed, roles_of(listed), strict=True)]
    known = get_recipe(NAMES[which[0]])
    assert fitting(known, tensors), str(fitting(known, tensors))
    laws = known.laws(tensors)
    drawn = [(each, laws[each.path]) for each in tensors if laws[each.path] is not None]
    unlike = [each.path for each, law in drawn if not check(each.read(), law)]
    assert len(unlike) <= 2, unlike  # at a level of 1 % each
