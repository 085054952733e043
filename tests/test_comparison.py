"""What the site says of initviz, jax and flax in its comparison is so; of PyTorch and Keras: tests/frameworks."""

import jax
from compared import ARGUMENTS, NAMES, column, looked_up, table
from flax import nnx

import initviz
from initviz import initializers
from initviz.initializers import delta_orthogonal, he_normal
from initviz.networks import gains


def test_every_row_is_checked():
    assert set(table()) == NAMES.keys() | ARGUMENTS.keys()


def test_jax_and_flax_have_what_the_page_says():
    assert looked_up(jax.nn.initializers, jax.nn.initializers.variance_scaling) == column("jax and flax")
    assert looked_up(nnx.initializers, nnx.initializers.variance_scaling) == column("jax and flax")


def test_initviz_has_what_the_page_says():
    said = column("initviz")
    drawn = looked_up(initializers, initializers.variance_scaling)
    elsewhere = {
        "recommends a gain for an activation": gains("relu"),
        "tells the fans that it counted": he_normal().plan((3, 4)).steps[0].value,
        "tells whether given weights look as if it had drawn them": initviz.check,
        "reads calls of the others": initviz.translate,
    }
    assert said == drawn | dict.fromkeys(elsewhere, "yes")
    assert all(elsewhere.values())
    assert delta_orthogonal().plan((3, 3, 4, 4))
