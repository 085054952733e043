"""What is pinned in an address: short, read as it was written, and nothing of another kind hurts."""

import random
import string
import time
from urllib.parse import quote_plus

import numpy as np
import pytest

from initviz.compare import MOST, Comparison
from initviz.compare.links import LONG, lost, read, to_query
from initviz.study import Study

GOLDEN = {
    "?v=1&pin=": [("he_normal()", 1, (256, 256), 0)],
    "?v=1&look=Compare&compare.keys=independent&compare.look=networks&pin=seed=1&pin=initializer=orthogonal%26scale=2"
    "%26shape=6,%2B4%26network.depth=9": [
        ("he_normal()", 1, (256, 256), 1), ("orthogonal(scale=2.0)", 2, (6, 4), 0)
    ],
    "?v=1&pin=name=Saxe%26color=5%26initializer=orthogonal%26layer=Dense&pin=dtype=bfloat16": [
        ("Saxe", 5, (784, 256), 0), ("he_normal()", 2, (256, 256), 0)
    ],
}  # fmt: skip
"""Links that were given away, and what they pin: never changed, only added to."""


def opened(link):
    """What a link pins, and what is said of it."""
    comparison, said = Comparison(), []
    read(comparison, link, said.append)
    return comparison, said


def asked(comparison):
    return [(each.name, each.slot, each.question, each.network) for each in comparison.entries]


def pinned(comparison):
    return [(each.name, each.slot, each.question.shape, each.question.seed) for each in comparison.entries]


@pytest.mark.parametrize("link", GOLDEN)
def test_links_that_were_given_away_pin_what_they_did(link):
    comparison, said = opened(link)
    assert (pinned(comparison), said) == (GOLDEN[link], [])
    Study.from_link(link)  # which has nothing to say of pins


def test_what_is_written_is_read():
    comparison = Comparison(keys="independent", look="training", steps=9)
    assert to_query(comparison) == "", "of nothing that is pinned nothing is told"
    first = Study("he_normal", shape=(6, 4), look="Compare", weights_as="CDF")
    first.network.param.update(depth=9, activation="tanh(2 * x) + 0.1 * x")
    for study in (first, Study("variance_scaling", layer="Conv", scale=1 / 3, mode="fan_avg"), Study(seed=4)):
        comparison.pin(study)
    comparison.rename("he_normal()", "mine & 'yours' = √2, 100 %")
    comparison.recolor(comparison.entries[2].name, 6)
    query = to_query(comparison)
    again, said = opened(Study().to_link() + query)
    assert said == []
    assert asked(again) == asked(comparison)
    assert again.values() == comparison.values()
    assert to_query(again) == query
    assert len(query) < 500, query


def test_six_are_no_long_link():
    comparison = Comparison()
    study = Study(shape=(512, 512))
    for seed in range(MOST):
        study.seed = seed
        comparison.pin(study)
    assert len(to_query(comparison)) < 250
    assert lost(comparison, to_query(comparison)) == []
    assert lost(comparison, "x" * (LONG + 1)) == [
        "The link to this page has 2,001 characters, and some programs cut links at 2,000. Remove something that is "
        "pinned before you share it."
    ]


def test_given_weights_are_left_out_and_that_is_said():
    comparison = Comparison(np.ones((3, 2)), Study(shape=(3, 2)))
    assert [name for name, *_ in pinned(opened("?v=1" + to_query(comparison))[0])] == ["he_normal()"]
    assert lost(comparison, "") == [
        "'weights, he_normal': weights that were given are in no link, and gone when the page opens anew."
    ]


MESSAGES = {
    "?pin=seed=x": "pin 1: seed must be a whole number from 0 to 4294967295, got 'x'. Type for instance 0.",
    "?pin=&pin=foo=1": "pin 2: a link must have settings of a study, got 'foo'. Leave them out.",
    "?pin=name=a%26name=b": "pin 1: a link must have each setting once, got 'name' twice. Leave one out.",
    "?pin=seed=1%26seed=2": "pin 1: a link must have each setting once, got 'seed' twice. Leave one out.",
    "?pin=&compare.keys=same&compare.keys=independent":
    "a link must have each setting once, got 'compare.keys' twice. Leave one out.",
    "?pin=color=9": "pin 1: the color must be a place from 1 to 6, got '9'. Choose one of them.",
    "?pin=name=": "pin 1: the name must have 1 to 40 characters, got ''. Choose another.",
    "?pin=name=a&pin=name=a":
        "pin 2: the name must be one that no other has, got 'a' again. Choose another.",
    "?pin=v=2": "pin 1: version must be 1, got 2. Write the settings again with this initviz.",
    "?compare.keys=x": "compare.keys must be one of as pinned, same, independent, got 'x'. Choose one of them.",
    "?compare.x=1": "the settings of compare are look, keys, weights_as, spectrum_as, steps, learning_rate, got 'x'. "
                    "Leave it out.",
    "?" + "&".join(["pin="] * 7): "a link must pin at most 6, got 7. The first 6 are pinned.",
}  # fmt: skip


@pytest.mark.parametrize("link", MESSAGES)
def test_what_cannot_be_read_is_told_and_the_rest_pinned(link):
    comparison, said = opened(link)
    assert said == [MESSAGES[link]]
    assert len(comparison.entries) == min(link.count("pin="), MOST)


def test_another_version_pins_nothing():
    assert pinned(opened("?v=2&pin=")[0]) == []


def test_hostile_links_pin_six_at_most(request):
    random_, slowest = random.Random(0), 0.0
    values = ["", "1", "nan", "9" * 400, "[" * 99, "%00", "%ff%fe", "x" * 2000, "<b>", "é😀", "..",
              "pin=pin=pin=", "name=%26color", "seed=1%26seed=2", "layer=Conv%26inputs=0", "v=1%26pin="]  # fmt: skip
    names = ["pin", "pin", "pin", "compare", "compare.", "compare.look", "compare.steps", "v", "seed"]
    for _ in range(request.config.getoption("--fuzz")):
        link = random_.choice(list(GOLDEN))
        if random_.random() < 0.4:
            link = link.replace(random_.choice(link), random_.choice("&=%?.,\0\n(é😀"))
        for _ in range(random_.randrange(4)):
            value = random_.choice([*values, quote_plus("".join(random_.choices(string.printable, k=30)))])
            link += f"&{random_.choice(names)}={value}"
        began = time.perf_counter()
        comparison, said = opened(link)
        slowest = max(slowest, time.perf_counter() - began)
        assert len(comparison.entries) <= MOST
        assert all(isinstance(each, str) and len(each) < 1200 for each in said), (link, said)
    assert slowest < 10, "a link that hangs"
