"""Every preset has its picture in the site's gallery, small, and there are no others."""

from pathlib import Path

import pytest

from initviz.study.presets import PRESETS

GALLERY = Path(__file__).parents[1] / "docs" / "gallery"


def test_every_preset_has_its_picture():
    assert {path.name for path in GALLERY.iterdir()} == {f"{name}.webp" for name in PRESETS}


@pytest.mark.parametrize("name", PRESETS)
def test_the_picture_is_small(name):
    assert (GALLERY / f"{name}.webp").stat().st_size < 60 * 1024
