"""What is read beside a page: found or refused there, in a thread where a page is served, and only while wanted."""

import threading

import pytest

from initviz.live import aside as module
from initviz.live.aside import aside


class Told:
    """What came of a job, and on which thread it was done."""

    def __init__(self):
        self.found, self.refused, self.threads, self.ended = [], [], [], threading.Event()

    def job(self) -> str:
        self.threads.append(threading.current_thread())
        return "weights"

    def ask(self, job, **options) -> None:
        aside(job, self.found.append, self.refused.append, "mine.npz", **options)


@pytest.fixture
def told():
    """What is told."""
    return Told()


@pytest.fixture
def page(monkeypatch, told):
    """A page that is served, whose updates are done at once."""
    page = object()

    def update(change, document=None) -> None:
        assert document is page
        change()
        told.ended.set()

    monkeypatch.setattr(module, "served_page", lambda: page)
    monkeypatch.setattr(module, "update_page", update)


def fail():
    """Refuse."""
    raise ValueError("the file must be whole, got half of it.")


def test_without_a_page_it_is_there_at_once(told):
    told.ask(told.job)
    assert (told.found, told.refused) == (["weights"], [])
    assert told.threads == [threading.current_thread()]


def test_a_page_goes_on_meanwhile(told, page):
    held = threading.Event()
    told.ask(lambda: held.wait(60) and told.job())
    assert told.found == [], "whoever asked was not kept"
    held.set()
    assert told.ended.wait(60)
    assert told.found == ["weights"]
    assert told.threads != [threading.current_thread()]


def test_what_cannot_be_read_is_refused(told, page):
    told.ask(fail)
    assert told.ended.wait(60)
    assert (told.found, told.refused) == ([], ["the file must be whole, got half of it."])


def test_what_nobody_thought_of_is_in_the_log(told, caplog):
    told.ask(lambda: {}["no such key in a test"])
    assert told.refused == ["mine.npz cannot be read: KeyError, see the server's log."]
    assert "no such key in a test" in caplog.text


def test_of_what_is_not_wanted_nothing_is_told_and_nothing_read(told):
    told.ask(told.job, wanted=lambda: False)
    wanted = iter((True, False))
    told.ask(told.job, wanted=lambda: next(wanted))
    assert (told.found, told.refused, len(told.threads)) == ([], [], 1)
