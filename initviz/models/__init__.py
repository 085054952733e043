"""Audits of whole models: whether each tensor looks as if its initializer had drawn it.

`audit` judges the tensors of a model by a `Recipe`, which says what each is initialized as, and by what they have to do
with each other; without a recipe it says what each looks like.
"""

from initviz.models.auditing import Audit, Row, audit
from initviz.models.recipe import Recipe, Rule
from initviz.models.roles import role_of
from initviz.models.shipped import get_recipe, known_recipes
from initviz.models.tensor import Role, Tensor
from initviz.models.toml import from_toml, to_toml
from initviz.models.trees import tensors_of

__all__ = ["Audit", "Recipe", "Role", "Row", "Rule", "Tensor", "audit", "from_toml", "get_recipe", "known_recipes",
           "role_of", "tensors_of", "to_toml"]  # fmt: skip
