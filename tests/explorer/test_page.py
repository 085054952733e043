"""The whole page, without a browser."""

import gc
import weakref

import pytest

from initviz.explorer.page import TOGETHER, _session_ended, _spare_what_lives, page


def test_a_page_that_nobody_serves_is_full_at_once():
    whole = page()
    assert len(whole.sidebar) == 1
    assert len(whole.main) == 6


def test_garbage_goes_before_what_lives_is_spared():
    class Knot:
        pass

    knot = Knot()
    knot.itself = knot
    gone = weakref.ref(knot)
    gc.unfreeze()
    try:
        del knot
        _spare_what_lives()
        assert gone() is None
        assert gc.get_freeze_count()
    finally:
        gc.unfreeze()


@pytest.mark.slow(keeps=0)
def test_what_lives_is_looked_through_once_for_several_sessions_that_ended():
    try:
        frozen = []
        for _ in range(2 * TOGETHER):
            _spare_what_lives()
            _session_ended(None)
            frozen.append(bool(gc.get_freeze_count()))
        assert frozen.count(False) == 2
    finally:
        gc.unfreeze()
