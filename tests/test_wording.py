"""Numbers as people write them."""

import pytest

from initviz.wording import apart, percent, plain


@pytest.mark.parametrize(("x", "text"), [
    (0.0, "0"), (-0.0, "0"), (1.0, "1"), (0.08838834, "0.08839"), (-0.25, "−0.25"), (1e-7, "1e−07"), (1234.56, "1,235"),
    (9999.96, "10,000"), (16384.3, "16,384"), (123456.0, "123,456"), (1048576, "1,048,576"), (-16384, "−16,384"),
    (1e9, "1e+09"), (-1.5e12, "−1.5e+12"), (None, "–"), (float("nan"), "–"), (float("inf"), "∞"),
    (float("-inf"), "−∞"),
])  # fmt: skip
def test_a_number_has_four_digits_or_all_of_its_whole_part(x, text):
    assert plain(x) == text


def test_digits_and_signs_where_they_are_asked_for():
    assert plain(16384.3, 7) == "16,384.3"
    assert plain(2 / 3, 2) == "0.67"
    assert [plain(x, sign="+") for x in (0.5, -0.5)] == ["+0.5", "−0.5"]


def test_ends_of_a_range_are_told_apart():
    assert apart(-0.5, 0.5) == ("−0.5", "0.5")
    assert apart(0.99997, 1.00004) == ("0.99997", "1")
    assert apart(16384.2, 16384.4) == ("16,384.2", "16,384.4")
    assert apart(1.0, 1.0) == ("1", "1")


def test_shares_are_per_cent():
    assert [percent(share) for share in (0.99, 0.95 - 0.05)] == ["99 %", "90 %"]
