"""Models of PyTorch, Equinox and Haiku pass by the recipe of their framework, and not once a tensor is scaled."""

import pytest
from builders import BUILDERS, OURS

from initviz.models import audit

RECIPES = {"PyTorch": "torch", "Equinox": "equinox", "Haiku": "haiku"}

OTHERS = {"PyTorch": "flax", "Equinox": "flax", "Haiku": "torch"}
"""Recipes that it is not drawn by; Equinox draws as PyTorch does."""


@pytest.mark.parametrize("which", [each for each in BUILDERS if each not in OURS], ids=" ".join)
def test_models_pass_by_the_recipe_of_their_framework_and_not_by_another(which):
    model = BUILDERS[which]().model
    found = audit(model, RECIPES[which[0]])
    assert not found.failed, str(found)
    assert not found.wrong
    assert not audit(model, OTHERS[which[0]])
