"""What a page and its server tell one another of its address; in a real browser in `tests/ui/test_address.py`."""

from initviz.live.address import NAME, Address, follow_address, opened


def test_an_address_is_asked_for_each_time_a_user_goes_there():
    asked = []
    address = Address(asked.append)
    for value in ("1 ?v=1&seed=2", "2 ", "3 ?v=1&seed=2"):
        address.layout.value = value
    assert asked == ["?v=1&seed=2", "", "?v=1&seed=2"]


def test_the_page_is_told_what_to_keep():
    address = Address(lambda query: None)
    assert address.layout.tags == [NAME, None, 0]  # as it is
    address.keep("?v=1")
    assert address.layout.tags == [NAME, "?v=1", 0]
    assert not address.layout.visible


def test_the_page_is_told_how_far_it_was_heard():
    address = Address(lambda query: address.keep(query + "&seed=1"))
    address.layout.value = "1 ?v=1"
    assert address.layout.tags == [NAME, "?v=1&seed=1", 0]  # so that the page leaves the address it has
    address.keep("?v=1&seed=2")
    assert address.layout.tags == [NAME, "?v=1&seed=2", 1]


def test_without_a_page_there_is_no_address():
    follow_address(None)
    assert opened() == ""
