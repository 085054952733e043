"""Events of HTML that the server is told of; in a real browser in `tests/ui/test_models.py`."""

from initviz.live.asked import Asked, follow_asked


def test_each_click_is_heard_the_same_one_again_too():
    heard = []
    asked = Asked("initviz-open", heard.append)
    for value in ("12.5 h/0/kernel", "13.5 h/0/kernel", "14 a path with spaces", "15 <script>'\"", "16 "):
        asked.layout.value = value
    assert heard == ["h/0/kernel", "h/0/kernel", "a path with spaces", "<script>'\"", ""]


def test_it_shows_nothing_and_the_page_finds_it_by_the_name_of_the_event():
    asked = Asked("initviz-open", print)
    assert not asked.layout.visible
    assert asked.layout.tags == ["initviz-open"]
    follow_asked(None, "initviz-open")
