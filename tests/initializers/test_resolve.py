"""An initializer as object, as name, and what is said to everything else."""

import jax
import numpy as np
import pytest
from oracles import refused

from initviz import initializers
from initviz.initializers import (
    CLASSES,
    THEMSELVES,
    HeNormal,
    Initializer,
    constant,
    he_normal,
    jax_name,
    ones_init,
    zeros,
)
from initviz.initializers.resolve import resolve


def test_an_initializer_is_itself():
    given = he_normal(in_axis=0)
    assert resolve(given) is given
    assert resolve(zeros) is zeros


def test_which_names_are_initializers_themselves():
    assert {name for name in CLASSES if isinstance(getattr(initializers, name), Initializer)} == set(THEMSELVES)
    assert {name: jax_name(name) for name in CLASSES if jax_name(name) != name} == {
        "zeros_init": "zeros",
        "ones_init": "ones",
    }
    assert all(hasattr(jax.nn.initializers, jax_name(name)) for name in CLASSES)


@pytest.mark.parametrize("name", CLASSES)
def test_a_name_is_its_initializer_if_it_needs_no_arguments(name):
    cls = CLASSES[name]
    if cls.required:
        missing = ", ".join(cls.required)
        refused(
            ValueError,
            f"{name} has arguments without a default: {missing}. Pass {name}({missing}).",
            lambda: resolve(name),
        )
    else:
        assert type(resolve(name)) is cls


@pytest.mark.parametrize("name", [name for name in CLASSES if name not in THEMSELVES])
def test_a_function_that_was_not_called_says_how(name):
    function = getattr(initializers, name)
    first = next(other for other in CLASSES if getattr(initializers, other) is function)
    call = f"{first}({', '.join(CLASSES[name].required)})"
    refused(TypeError, f"{first} was not called. Pass {call}.", lambda: resolve(function))


WRONG = {
    "class": (HeNormal, "he_normal was not called. Pass he_normal()."),
    "ones": (ones_init, "ones_init was not called. Pass ones_init()."),
    "required": (constant, "constant was not called. Pass constant(value)."),
    "jax function": (
        jax.nn.initializers.glorot_uniform,
        "initializer must be one of initviz, got one of jax, which does not tell its arguments. "
        "Import the same name from initviz.initializers and pass for instance glorot_uniform().",
    ),
    "jax zeros": (
        jax.nn.initializers.zeros,
        "initializer must be one of initviz, got one of jax, which does not tell its arguments. "
        "Import the same name from initviz.initializers and pass for instance zeros.",
    ),
    "jax initializer": (
        jax.nn.initializers.he_normal(),
        "initializer must be one of initviz, got one of jax, which does not tell its arguments. "
        "Import the same name from initviz.initializers and pass for instance he_normal().",
    ),
    "array": (
        np.ones(3),
        "initializer must be an initializer or the name of one, got ndarray. "
        "Pass for instance he_normal() of initviz.initializers.",
    ),
    "key": (
        jax.random.key(0),
        "initializer must be an initializer or the name of one, got PRNGKeyArray. "
        "Pass for instance he_normal() of initviz.initializers.",
    ),
    "nothing": (
        None,
        "initializer must be an initializer or the name of one, got NoneType. "
        "Pass for instance he_normal() of initviz.initializers.",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_no_initializer_is_refused_with_the_fix(what):
    value, message = WRONG[what]
    refused(TypeError, message, lambda: resolve(value))


def test_an_unknown_name_is_refused():
    refused(
        ValueError,
        f"initializer must be one of {', '.join(CLASSES)}, got 'he'. Choose one of them.",
        lambda: resolve("he"),
    )
