"""What a page of a notebook needs: one widget brings the code of all."""

import panel as pn
import panel_material_ui as pmui
from bokeh.models import UIElement

from initviz.live import scripts

WAITS = scripts.WAIT


def code_of(root) -> list[str]:
    """The code that the widgets of a model bring along."""
    return [model.esm for model in root.select({"type": UIElement}) if hasattr(model, "esm")]


def test_one_widget_brings_the_code_of_all():
    assert scripts.bundle_apart()
    assert WAITS not in code_of(pn.Row(pmui.Button()).get_root())
    with scripts.bundle_expected():
        root = pn.Row(pmui.Button(), pmui.Button()).get_root()
    assert code_of(root) == [WAITS, WAITS]
    scripts.bring_bundle(root)
    first, second = code_of(root)
    assert first == scripts.bundle() + WAITS
    assert second == WAITS
    scripts.bring_bundle(root)
    assert code_of(root) == [first, second]
