"""A study as the query of an address: what is written is read, old links open, and nothing of another kind hurts."""

import json
import random
import string
import time
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from oracles import refused

from initviz.initializers import CLASSES
from initviz.layers import LAYERS
from initviz.models.study import ModelStudy
from initviz.networks import NetworkStudy
from initviz.probes import PROBES
from initviz.study import Study, codec
from initviz.study.links import BARE, LONGEST_JSON, MAIN, MOST, NESTED

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "links.json").read_text())
"""Links of every version, and the settings that they open with: never changed, only added to."""
SHORT = 300
"""Most characters of a link to the first room, however it is set."""


def all_set() -> Study:
    """A study of which every setting of the first room differs from its default."""
    study = Study(
        "variance_scaling", layer="Conv", scale=1.0 / 3, mode="fan_avg", distribution="truncated_normal",
        in_axis=(-2, -3), out_axis=-1, batch_axis=(0,), dtype="bfloat16", seed=2**32 - 1, generator="rbg",
        partitionable=False, weights_as="CDF − law", spectrum_as="sorted",
    )  # fmt: skip
    study.layer.param.update(kernel_size=(3, 3, 3), inputs=64, outputs=128)
    return study


def test_the_address_of_the_default_room_is_short():
    assert Study().to_link() == "?v=1"
    link = all_set().to_link()
    assert len(link) <= SHORT, link
    assert Study.from_link(link).to_dict() == all_set().to_dict()


@pytest.mark.parametrize("link", GOLDEN)
def test_links_that_were_given_away_open_as_they_did(link):
    assert Study.from_link(link).to_dict() == GOLDEN[link]


def test_every_room_and_layer_has_a_golden_link():
    opened = [Study.from_link(link) for link in GOLDEN]
    assert {type(study.layer).__name__ for study in opened} == set(LAYERS)
    assert {study.look for study in opened} == set(Study.param.look.objects)
    assert {name for link in GOLDEN for name in GOLDEN[link].get("looks", {})} == {
        name for name, probe in PROBES.items() if probe.arguments
    }
    names = {name for link in GOLDEN for name in GOLDEN[link].get("network", {})}
    assert names == set(NetworkStudy.arguments) - {"seed"}
    assert {name for link in GOLDEN for name in GOLDEN[link].get("model", {})} == set(ModelStudy.arguments)


@pytest.mark.parametrize(
    "around", ["{}", "http://localhost:5006/explorer{}", "https://somewhere.example:80/a/b{}#there"]
)
def test_a_link_is_an_address_or_its_query(around):
    study = Study("orthogonal", shape=(6, 4), seed=3)
    study.network.activation = "tanh(2 * x) + 0.1 * x"
    assert Study.from_link(around.format(study.to_link())).to_dict() == study.to_dict()


def test_an_address_without_settings_is_the_default():
    for link in ("", "?", "http://localhost:5006/explorer", "?v=1"):
        assert Study.from_link(link).to_dict() == Study().to_dict()


def test_an_argument_has_one_place():
    names = [name for name in BARE if name in codec.OWN or name in ("looks", *MAIN, *NESTED)]
    both = {name for kind in LAYERS.values() for name in kind.arguments} & {
        n for c in CLASSES.values() for n in c.arguments
    }
    assert (names, both) == ([], set())


def test_what_somebody_typed_needs_no_version():
    assert Study.from_link("?initializer=orthogonal&seed=3").to_link() == "?v=1&initializer=orthogonal&seed=3"


SETTINGS = "the settings of {} are {}, got {!r}. Leave it out."
OF_LOOKS = ", ".join(PROBES)
NO_LINKS = {
    "?v=2": "version must be 1, got 2. Write the settings again with this initviz.",
    "?v=abc": "version must be 1, got a text. Write the settings again with this initviz.",
    "?v=": "version must be 1, got a text. Write the settings again with this initviz.",
    "?v=" + 5000 * "9": "version must be 1, got a text. Write the settings again with this initviz.",
    "?foo=1": "a link must have settings of a study, got 'foo'. Leave them out.",
    "?foo.bar=1": "a link must have settings of a study, got 'foo.bar'. Leave them out.",
    "?looks=1&looks.Seeds.draws=3": SETTINGS.format("looks", OF_LOOKS, ""),
    "?looks.a.b=1": SETTINGS.format("looks", OF_LOOKS, "a"),
    "?looks.Seeds=1&looks.Seeds.draws=3": SETTINGS.format("looks.Seeds", "draws", ""),
    "?looks.Seeds.draws=3&looks.Seeds=1": SETTINGS.format("looks.Seeds", "draws", ""),
    "?seed=1&seed=2": "a link must have each setting once, got 'seed' twice. Leave one out.",
    "?v=1&v=1": "a link must have each setting once, got 'v' twice. Leave one out.",
    "?seed=x": "seed must be a whole number from 0 to 4294967295, got 'x'. Type for instance 0.",
    "?" + MOST * "a=1&" + "b=1": f"a link must have at most {MOST} settings, got 201. Copy it from the page again.",
    "?" + LONGEST_JSON * "a": "a link must have at most 100,000 characters, got 100,001. Copy it from the page again.",
}  # fmt: skip


@pytest.mark.parametrize("link", NO_LINKS, ids=lambda link: link[:40])
def test_what_cannot_be_read_is_refused_by_name(link):
    refused(ValueError, NO_LINKS[link], Study.from_link, link)
    assert NO_LINKS[link] in Study.salvage_link(link)[1]


def test_the_rest_of_a_link_is_read():
    study, notices = Study.salvage_link("?v=1&seed=7&foo=1&bar=1&network.depth=x&network.width=64&shape=6,4")
    assert study.to_link() == "?v=1&shape=6,+4&seed=7&network.width=64"
    assert len(notices) == 2
    assert notices[1] == "a link must have settings of a study, got 'foo', 'bar'. Leave them out."


def test_weights_that_were_given_are_in_no_link():
    weights = np.ones((3, 2), np.float32)
    message = (
        "weights must be drawn to be written, got an array of shape (3, 2). Write the array by itself, for instance "
    )
    refused(ValueError, message + "with numpy.save.", Study(weights).to_link)


def test_a_model_of_the_users_is_in_no_link_and_what_is_typed_has_no_order():
    study = Study(look="Model")
    study.model.take("mine", {"kernel": np.ones((3, 2))})
    assert study.to_link() == "?v=1&look=Model"
    typed = Study.from_link("?model.recipe=none&model.example=flax+layers+that+share+a+key").model
    assert (typed.recipe, typed.example) == ("none", "flax layers that share a key")
    nothing = Study.from_link("?model.example=a+model+of+your+own").model
    assert (nothing.own, nothing.question) == (None, None)


def mangled(random_: random.Random) -> str:
    """A golden link that something was done to, or anything at all."""
    link = random_.choice(list(GOLDEN))
    kinds = [
        lambda: "".join(random_.choices(string.printable, k=random_.randrange(200))),
        lambda: link[: random_.randrange(len(link))],
        lambda: link.replace(random_.choice(link), random_.choice("&=%?.,\0\n(é😀")),
        lambda: link + "&" + quote("".join(random_.choices(string.printable, k=9))) + "=" + random_.choice(VALUES),
        lambda: "?" + "&".join(f"{name}={random_.choice(VALUES)}" for name in random_.choices(NAMES, k=6)),
    ]
    return random_.choice(kinds)()


VALUES = [
    "", "1", "-1", "1e999", "nan", "9" * 400, "[" * 99, "__import__('os')", "%00", "%ff%fe", "0x10", "1,2,3", "()",
    "None", "True", "tanh(", "x" * 2000, "relu", "he_normal", "../../etc", "<script>alert(1)</script>",
]  # fmt: skip
NAMES = [part.split("=")[0] for link in GOLDEN for part in link[1:].split("&")]
NAMES += ["v.v", ".", "..", "looks..", "layer."]


@pytest.mark.slow(keeps=1)
@pytest.mark.parametrize("seed", range(10))
def test_ten_thousand_hostile_links_leave_a_study_and_words(seed):
    random_, slowest = random.Random(seed), 0.0
    for _ in range(1_000):
        link = mangled(random_)
        began = time.perf_counter()
        study, notices = Study.salvage_link(link)
        slowest = max(slowest, time.perf_counter() - began)
        assert all(isinstance(notice, str) and len(notice) < 1200 for notice in notices), (link, notices)
        assert isinstance(study, Study)
    assert slowest < 10, "a link that hangs"
