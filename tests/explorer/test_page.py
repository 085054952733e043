"""The whole page, without a browser."""

import gc
import weakref

from initviz.explorer.page import _spare_what_lives, page


def test_a_page_that_nobody_serves_is_full_at_once():
    whole = page()
    assert len(whole.sidebar) == 1
    assert len(whole.main) == 3


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
