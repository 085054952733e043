"""The palette: what is told apart, and how."""

import numpy as np
from contrast import brightness, contrast

from initviz.initializers.plan import role_words
from initviz.views import theme
from initviz.views.picture import MARKS


def test_roles_of_initializers_without_fans():
    assert role_words("free") == "in no fan"
    assert role_words("in+out") == "input and output"
    colours = set(theme.ROLES.values())
    assert len(colours | {theme.DATA, theme.THEORY}) == len(colours) + 2


def test_compared_draws_differ_in_colour_and_in_line_style():
    laws = [theme.SLOTS[f"law {place}"] for place in range(1, 7)]
    assert len({law.color for law in laws}) == len({str(law.dash) for law in laws}) == 6
    assert {theme.SLOTS[f"draw {place}"].color for place in range(1, 7)} == {law.color for law in laws}


def test_every_mark_has_a_style_in_every_slot():
    for mark in MARKS.values():
        for slot in theme.SLOTS.values():
            style = mark.style(slot)
            own = mark.style is theme.boxes or (mark.style is theme.labels and slot.color in theme.GROUNDS)
            assert slot.color in style.values() or own or style["cmap"][-1].startswith(slot.color)


def test_words_in_plots_and_bars_stand_out_on_white_and_on_black():
    for ground in theme.GROUNDS.values():
        assert contrast(brightness("#ffffff"), brightness(ground)) >= 4.5
    for color in theme.ROLES.values():  # boxes have their words in them
        assert contrast(brightness(theme.SLOTS["ink"].color), brightness(color)) >= 4.5
    bars = theme.SLOTS["data"]
    for page in ("#ffffff", "#121212"):
        assert contrast(brightness(bars.color, bars.fill, page), brightness(page)) >= 3


def test_cells_are_told_apart_on_white_and_on_black():
    for name in ("often", "deep"):
        slot = theme.SLOTS[name]
        assert theme.shades(slot)[0] == f"{slot.color}00"
        for page in ("#ffffff", "#121212"):
            shades = [brightness(shade[:7], int(shade[7:], 16) / 255, page) for shade in theme.shades(slot)]
            assert contrast(shades[-1], brightness(page)) >= 2.5
            steps = np.diff(shades)
            assert (steps <= 0).all() or (steps >= 0).all()


def test_a_legend_stands_above_what_the_limits_held():
    assert theme.with_legend((0, 1), 2) == theme.with_legend((0, 1), 1)
    heights = [theme.with_legend((-1, 3), names)[1] for names in (2, 4, 6)]
    assert 3 < heights[0] < heights[1] < heights[2]
    assert theme.with_legend((-1, 3), 6)[0] == -1
