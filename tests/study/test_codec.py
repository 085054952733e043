"""A study as JSON: what is written is read, what was not written by it is read or refused by name, and quickly."""

import json
import math
import random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oracles import refused

from initviz.initializers import CLASSES, knobs
from initviz.layers import LAYERS
from initviz.layers.base import LetterSizes
from initviz.models.examples import EXAMPLES
from initviz.models.study import OWN as OF_USER
from initviz.models.study import RULES
from initviz.probes import PROBES
from initviz.settings.choices import device_names, dtypes, generators
from initviz.settings.codec import from_dict
from initviz.settings.knobs import Choice, Count, Flag, Seed, Shape, Size, Sizes, Text
from initviz.study import SPECTRUM_AS, WEIGHTS_AS, Study

NUMBERS = st.floats(allow_nan=True, allow_infinity=True)
COMPLEX = st.complex_numbers(allow_nan=False)
ONE_AXIS = st.integers(-99, 99)
VALUES = {
    knobs.Scalar: lambda knob: st.just(0.0) | st.floats(knobs.SMALLEST_SCALE, 1e75) if knob.bounds
    else st.floats(allow_nan=False),
    knobs.Value: lambda knob: NUMBERS | COMPLEX | st.lists(NUMBERS | COMPLEX, min_size=1, max_size=4).map(np.array)
    | st.lists(st.lists(NUMBERS, min_size=2, max_size=2), min_size=1, max_size=3).map(np.array),
    knobs.ColumnAxis: lambda knob: ONE_AXIS,
    knobs.Axes: lambda knob: ONE_AXIS | st.lists(ONE_AXIS, max_size=4).map(tuple),
    Choice: lambda knob: st.sampled_from(knob.objects),
    Flag: lambda knob: st.booleans(),
    Count: lambda knob: st.integers(*knob.bounds),
    Size: lambda knob: st.integers(1, 2**40),
    Seed: lambda knob: st.integers(*knob.bounds),
    Sizes: lambda knob: st.lists(st.integers(1, 999), min_size=1, max_size=3).map(tuple),
    Shape: lambda knob: st.lists(st.integers(0, 84), min_size=2, max_size=5).map(tuple),
    LetterSizes: lambda knob: st.sampled_from(["d=5, h=2, k=3", "d=1;h=1 k=1", "a=3"]),
    Text: lambda knob: st.text(max_size=30).map(str.strip),
}  # fmt: skip
"""Kind of setting -> any value of it."""


def arguments(owner):
    """Any arguments of an initializer, a layer or a closer look."""
    kinds = {name: owner.param[name] for name in owner.arguments if not isinstance(owner.param[name], knobs.Dtype)}
    drawn = {}
    for name, knob in kinds.items():
        kind = next(cls for cls in type(knob).__mro__ if cls in VALUES)
        drawn[name] = VALUES[kind](knob)
    return st.fixed_dictionaries({}, optional=drawn)


OWN = {
    "dtype": st.sampled_from(dtypes()),
    "seed": st.integers(0, 2**32 - 1),
    "generator": st.sampled_from(generators()),
    "partitionable": st.booleans(),
    "weights_as": st.sampled_from(WEIGHTS_AS),
    "spectrum_as": st.sampled_from(SPECTRUM_AS),
    "look": st.sampled_from(Study.param.look.objects),
}


@given(st.data())
@settings(max_examples=2, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("function", CLASSES)
def test_what_is_written_is_read(function, layer, data):
    study = Study()
    study.function, study.layer = function, LAYERS[layer]()
    owners = study.initializer, study.layer, *study.looks.values()
    for owner in owners:
        owner.param.update(data.draw(arguments(type(owner))))
    study.param.update(data.draw(st.fixed_dictionaries(OWN)))
    text = study.to_json()
    json.loads(text, parse_constant=pytest.fail)
    again = Study.from_json(text)
    assert again.to_json() == text
    assert again.function == function
    for mine, theirs in zip(owners, (again.initializer, again.layer, *again.looks.values()), strict=True):
        assert type(mine) is type(theirs)
        for name in mine.arguments:
            np.testing.assert_array_equal(getattr(mine, name), getattr(theirs, name))
    for name in OWN:
        assert getattr(study, name) == getattr(again, name)


def test_a_new_study_needs_no_more_than_a_version():
    assert Study().to_dict() == {"version": 1}
    assert Study.from_dict({"version": 1}).question == Study().question


WHOLE = {
    "version": 1,
    "initializer": {"function": "truncated_normal", "stddev": "0.5", "lower": "-inf"},
    "layer": {"kind": "Conv", "kernel_size": "5, 5", "inputs": "32"},
    "dtype": "bfloat16", "seed": "7", "generator": "rbg", "partitionable": "false",
    "weights_as": "CDF", "spectrum_as": "sorted", "look": "Depth",
    "model": {"rules": '"**" = "zeros"', "alpha": "0.05", "recipe": "none"}, "looks": {"Depth": {"layers": "9"}},
}  # fmt: skip


def test_a_written_study_is_read_by_people_too():
    study = Study("truncated_normal", stddev=0.5, lower=-math.inf, layer=LAYERS["Conv"](kernel_size=(5, 5), inputs=32),
                  dtype="bfloat16", seed=7, generator="rbg", partitionable=False, weights_as="CDF",
                  spectrum_as="sorted", look="Depth")  # fmt: skip
    study.looks["Depth"].layers = 9
    study.model.param.update(recipe="none", rules='"**" = "zeros"', alpha=0.05)
    assert study.to_dict() == WHOLE
    assert Study.from_dict(WHOLE).question == study.question
    defaults = {"dtype": "float32", "layer": {"kind": "RawShape", "shape": "256, 256"}, "device": device_names()[0]}
    assert Study.from_dict({"version": 1} | defaults).to_dict() == {"version": 1}


def test_what_is_asked_about_an_example_is_written():
    study, (_, other, *_) = Study(), EXAMPLES
    study.model.example = other
    assert study.to_dict() == {"version": 1, "model": {"example": other}}  # its recipe comes with it
    study.model.param.update(recipe=RULES, rules='"**/bias" = "zeros"\n"**" = "ones"', alpha=0.05)
    section = {"example": other, "recipe": RULES, "rules": '"**/bias" = "zeros"\n"**" = "ones"', "alpha": "0.05"}
    assert study.to_dict() == {"version": 1, "model": section}
    for written in (section, dict(reversed(section.items()))):  # in any order, as somebody types it
        assert Study.from_dict({"version": 1, "model": written}).model.question == study.model.question
    study.model.recipe = "none"
    assert Study.from_json(study.to_json()).model.question == study.model.question


def test_a_model_of_the_users_is_not_written():
    study = Study(seed=3)
    study.model.take("mine", {"kernel": np.zeros((3, 2))})
    study.model.declare("flax")
    assert study.model.example == OF_USER
    assert study.to_dict() == {"version": 1, "seed": "3"}


def test_settings_that_contradict_each_other_are_read_and_say_so_when_asked():
    study = Study("truncated_normal", layer="Conv")
    study.initializer.lower = 3.0
    study.layer.groups = 3
    again = Study.from_json(study.to_json())
    assert (again.initializer.lower, again.layer.groups) == (3.0, 3)
    refused(
        ValueError,
        "lower must be less than upper, got lower = 3.0 and upper = 2.0. Pass for instance lower=-2.0, upper=2.0.",
        again.answer,
    )


LONG = "x" * 50
MODELS = Study().model.param.example.objects
RECIPES = Study().model.param.recipe.objects
SHORT = f"'{'x' * 37}...'"
WRONG = [
    ([], "settings must be an object, got []. Write for instance {}."),
    ({}, "version must be 1, got null. Write the settings again with this initviz."),
    ({"version": 2}, "version must be 1, got 2. Write the settings again with this initviz."),
    ({"version": True}, "version must be 1, got a truth value. Write the settings again with this initviz."),
    ({"version": "1"}, "version must be 1, got a text. Write the settings again with this initviz."),
    ({"version": 1, "sed": "3"}, "the settings of a study are version, initializer, layer, network, trial, model, "
     "looks, dtype, seed, device, generator, partitionable, weights_as, spectrum_as, look, got 'sed'. "
     "Did you mean seed?"),
    ({"version": 1, "seed": 3}, "seed must be a text, got 3. Write for instance '0'."),
    ({"version": 1, "seed": "-3"}, "seed must be a whole number from 0 to 4294967295, got -3. Type for instance 0."),
    ({"version": 1, "device": "tpu:9"}, f"device must be one of {', '.join(device_names())}, got 'tpu:9'. "
     "Choose one of them."),
    ({"version": 1, "layer": "Conv"}, "layer must be an object, got a text. Write for instance {}."),
    ({"version": 1, "layer": {"kind": ["Conv"]}}, "layer.kind must be a text, got ['Conv']. "
     "Write for instance 'RawShape'."),
    ({"version": 1, "layer": {"kind": LONG}}, f"layer.kind must be one of {', '.join(LAYERS)}, got {SHORT}. "
     "Choose one of them."),
    ({"version": 1, "layer": {"kind": "Dense", "inputs": LONG}}, "layer.inputs must be a whole number of at least 1, "
     f"got {SHORT}. Type for instance 784."),
    ({"version": 1, "layer": {"kind": "Dense", "inputs": "0"}}, "layer.inputs must be a whole number of at least 1, "
     "got 0. Type for instance 784."),
    ({"version": 1, "layer": {"kind": "Einsum", "sizes": "d"}}, "layer.sizes must be letter=size, got 'd'. "
     "Type for instance d=512, h=8, k=64."),
    ({"version": 1, "layer": {"shape": "3"}}, "layer.shape must have 2 to 5 axes, got 1 in (3,). "
     "Type for instance 256, 256."),
    ({"version": 1, "initializer": {"function": "he"}}, f"initializer.function must be one of {', '.join(CLASSES)}, "
     "got 'he'. Choose one of them."),
    ({"version": 1, "initializer": {"in_axs": "0"}}, "the settings of initializer are in_axis, out_axis, batch_axis, "
     "got 'in_axs'. Did you mean in_axis?"),
    ({"version": 1, "initializer": {"function": "zeros", "value": "0"}}, "the settings of initializer are none, "
     "got 'value'. Leave it out."),
    ({"version": 1, "initializer": {"in_axis": None}}, "initializer.in_axis must be a text, got null. "
     "Write for instance '-2, or (0, 1), or ()'."),
    ({"version": 1, "initializer": {"function": "normal", "stddev": "-1"}}, "initializer.stddev must be a number of at "
     "least 0, got -1.0. Pass for instance 0.01."),
    ({"version": 1, "looks": {"Depth": {"layers": "0"}}}, "looks.Depth.layers must be a whole number from 1 to 100, "
     "got 0. Type for instance 5."),
    ({"version": 10**400}, f"version must be 1, got 1{'0' * 36}.... Write the settings "
     "again with this initviz."),
    ({"version": 1, "layer": {3: "3"}}, "the settings of layer are shape, got 3. Leave it out."),
    ({"version": 1, "layer": {"kind": "dense"}}, f"layer.kind must be one of {', '.join(LAYERS)}, got 'dense'. "
     "Did you mean Dense?"),
    ({"version": 1, "initializer": {"function": "constant", "value": f"[{'1,' * 4_900}1]"}}, "initializer.value must "
     "have a text of at most 9,999 characters to be written, got 14,703. Choose a smaller array."),
    ({"version": 1, "model": "gpt2"}, "model must be an object, got a text. Write for instance {}."),
    ({"version": 1, "model": {"example": "GPT-2"}}, f"model.example must be one of {', '.join(MODELS)}, got 'GPT-2'. "
     "Choose one of them."),
    ({"version": 1, "model": {"recipe": ["gpt2"]}}, "model.recipe must be a text, got ['gpt2']. "
     "Write for instance 'none'."),
    ({"version": 1, "model": {"recipe": "gtp2"}}, f"model.recipe must be one of {', '.join(RECIPES)}, got 'gtp2'. "
     "Did you mean gpt2?"),
    ({"version": 1, "model": {"alpha": "2"}}, "model.alpha must be a number from 1e-06 to 0.999, got 2.0. "
     "Pass for instance 0.01."),
    ({"version": 1, "model": {"rules": "x" * 10_000}}, "model.rules must be lines of at most 9,999 characters "
     f"in all, got {SHORT}. Type for instance \"**/bias\" = \"zeros\"."),
    ({"version": 1, "model": {"own": "x"}}, "the settings of model are example, recipe, rules, alpha, got 'own'. "
     "Leave it out."),
    ({"version": 1, "looks": {"Dept": {}}}, f"the settings of looks are {', '.join(PROBES)}, got 'Dept'. "
     "Did you mean Depth?"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "message"), WRONG, ids=lambda x: str(x)[:40])
def test_what_cannot_be_read_is_refused_by_name_or_left_at_its_default_with_a_notice(written, message):
    refused(ValueError, message, Study.from_dict, written)
    study, notices = Study.salvage(written)
    assert notices == (message,)
    assert study.question.initializer
    assert set(study.to_dict()) <= {"version", "layer", "initializer"}  # the section's own choice may be read


def test_the_rest_of_a_broken_link_is_read():
    broken = WHOLE | {"seed": "x", "device": "tpu:9", "layer": WHOLE["layer"] | {"inputs": "-1"}, "new": "1"}
    study, notices = Study.salvage(broken)
    assert [notice.split()[0] for notice in notices] == ["layer.inputs", "the", "seed", "device"]
    assert (study.seed, study.device, study.layer.inputs) == (0, device_names()[0], 64)
    assert (study.layer.kernel_size, study.initializer.stddev, study.looks["Depth"].layers) == ((5, 5), 0.5, 9)


def test_a_value_without_a_short_text_is_not_written():
    study = Study("constant", value=np.zeros(9_999))
    refused(ValueError, "value must have a text of at most 9,999 characters to be written, got 29,997. "
            "Choose a smaller array.", study.to_json)  # fmt: skip


def test_a_value_that_its_text_does_not_give_back_is_not_written():
    study = Study("constant", value=np.zeros((0, 3)))
    refused(ValueError, "value must be what its text says to be written, got array([], shape=(0, 3), dtype=float64) "
            "and '[]'. Choose another value.", study.to_json)  # fmt: skip


@pytest.mark.parametrize("value", [2**60 + 1, math.nan, complex(math.nan, 1), np.array([1, math.nan])], ids=repr)
def test_the_question_is_read_back(value):
    study = Study("constant", value=value, dtype="complex64")
    assert Study.from_json("\ufeff" + study.to_json()).question == study.question
    assert Study.from_json(("\ufeff" + study.to_json()).encode()).question == study.question


@pytest.mark.parametrize(("given", "message"), [
    ({}, "from_json needs a text, got a dict. Use from_dict."),
    *((given, f"from_json needs a text, got {given!r}. Pass what to_json has written.") for given in (3, None, [1])),
])  # fmt: skip
def test_what_is_no_text_is_refused(given, message):
    refused(ValueError, message, Study.from_json, given)


@pytest.mark.parametrize(("text", "message"), [
    ("", "settings must be JSON, got '': Expecting value at character 0. Pass what to_json has written."),
    ("{", "settings must be JSON, got '{': Expecting property name enclosed in double quotes at character 1. "
     "Pass what to_json has written."),
    (b"\xff", "settings must be JSON, got \"b'\\\\xff'\": it is no UTF-8. Pass what to_json has written."),
    ("[" * 50_000, f"settings must be JSON, got '{'[' * 37}...': it is nested too deeply. "
     "Pass what to_json has written."),
    (" " * 10**6, "JSON must have at most 100,000 characters, got 1,000,000. Pass what to_json has written."),
    ('{"version": 1, "version": 1}', "JSON must name each setting once, got 'version' twice. Leave one out."),
    ('{"version": NaN}', "JSON must have finite numbers, got NaN. Pass what to_json has written."),
    ('{"version": ' + "9" * 10_000 + "}", "version must be 1, got inf. Write the settings again with this initviz."),
    ("[1]", "settings must be an object, got [1.0]. Write for instance {}."),
])  # fmt: skip
def test_what_is_no_json_is_refused(text, message):
    refused(ValueError, message, Study.from_json, text)


def anything(random, depth=0):
    """Any JSON value, most of it no setting."""
    leaves = [None, True, 0, -1, 1e308, 10**400, "", "0", "x" * 99, "\ud800", "__import__('os').abort()", "-1", "nan",
              "1, 2", "()", [], {}, "[" * 99, "9" * 5000]  # fmt: skip
    if depth > 2 or random.random() < 0.5:
        return random.choice(leaves)
    if random.random() < 0.5:
        return [anything(random, depth + 1) for _ in range(random.randrange(4))]
    return {random.choice(NAMES): anything(random, depth + 1) for _ in range(random.randrange(4))}


NAMES = ["version", "initializer", "layer", "looks", "example", "recipe", "rules", "alpha", "own", "kind",
         "function", "__class__", "param", "question", "shape", "inputs", "scale", "in_axis", "seed", "device",
         "Depth", "layers", "", "\ud800", *WHOLE]  # fmt: skip


def mutated(random):
    """A study as JSON, of which something was changed: a value, a section, or characters."""
    written = json.loads(json.dumps(WHOLE))
    for _ in range(random.randrange(1, 4)):
        section = random.choice([written, *(each for each in written.values() if isinstance(each, dict))])
        section[random.choice([*section, *NAMES])] = anything(random)
    text = json.dumps(written)
    if random.random() < 0.5:
        start = random.randrange(len(text))
        added = random.choice(['"', "{", "[", ",", "NaN", "1e999", "\\ud800", "9" * 5000, "", "\0"])
        text = text[:start] + added + text[start + random.randrange(9) :]
    return text


HOSTILE = {
    "bytes": lambda random: random.randbytes(random.randrange(200)),
    "characters": lambda random: "".join(chr(random.randrange(0x11000)) for _ in range(random.randrange(99))),
    "JSON": lambda random: json.dumps(anything(random)),
    "a study, mutated": mutated,
    "a study, in part": lambda random: json.dumps({name: WHOLE[name] for name in WHOLE if random.random() < 0.9}),
    "cut": lambda random: json.dumps(WHOLE)[: random.randrange(300)],
    "nested": lambda random: random.choice(["[", '{"version":', '{"layer":{"kind":']) * random.randrange(1, 2000),
    "nested within": lambda random: json.dumps(WHOLE)[:-1] + f', "looks": {"[" * 800 + "]" * 800}}}',
    "twice": lambda random: json.dumps(WHOLE)[:-1] + f', "{random.choice(list(WHOLE))}": "1"}}',
    "constants": lambda random: json.dumps(WHOLE).replace('"7"', random.choice(["NaN", "Infinity", "-Infinity"])),
    "large": lambda random: json.dumps(WHOLE | {"seed": "9" * random.choice([9_999, 99_000, 10**6])}),
}  # fmt: skip


@pytest.mark.slow(keeps=1)
@pytest.mark.parametrize("seed", range(10))
def test_ten_thousand_hostile_texts_are_read_or_refused_with_a_message(seed):
    chance, read = random.Random(seed), 0
    for _ in range(1_000 // len(HOSTILE) + 1):
        for kind, make in HOSTILE.items():
            text = make(chance)
            try:
                Study.from_json(text)
            except ValueError as refusal:
                said = str(refusal)
            else:
                said, read = "", read + 1
            assert len(said) < 700, kind
            assert not said or said.endswith((".", "?")), (kind, said)
    assert 50 < read < 200


def test_what_cannot_be_read_leaves_the_setting_as_it_was():
    study, said = Study(seed=5), []
    from_dict(study, {"seed": "x"}, ["seed"], "", said.append)
    assert study.seed == 5
    assert said == ["seed must be a whole number from 0 to 4294967295, got 'x'. Type for instance 0."]
