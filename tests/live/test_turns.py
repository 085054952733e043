"""Turns: work of one kind keeps to its share of the time."""

import time

from initviz.live.turns import Turns


def test_work_in_turns_rests_for_as_long_as_its_share_demands(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    turns = Turns(0.1)
    assert turns.granted()
    assert not turns.granted()
    with turns.taken():
        now[0] += 2
        assert not turns.granted()
    now[0] += 17.9
    assert not turns.granted()
    now[0] += 0.2
    assert turns.granted()
