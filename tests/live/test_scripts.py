"""What a page of a notebook needs: one widget brings the code of all."""

import weakref

import panel as pn
import panel_material_ui as pmui
from bokeh.document import Document
from bokeh.models import UIElement
from bokeh.server.contexts import BokehSessionContext

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


def previewed(kind=BokehSessionContext):
    """A document of a page that Jupyter's server previews."""
    document = Document()
    context = kind("identity", None, document)
    document._session_context = weakref.ref(context)
    return document, context


def test_a_page_that_jupyter_previews_has_the_code_of_widgets_from_there(said):
    document, context = previewed()
    scripts.serve_preview(document)
    assert pmui.Button().get_root(document).esm.startswith("./static/extensions/panel-material-ui/")
    assert not said.messages
    assert context is not None
    scripts.serve_preview(None)
    scripts.serve_preview(Document())


def test_without_the_server_of_a_preview_it_is_said(said):
    class Other(BokehSessionContext):
        server_context = None

    document, context = previewed(Other)
    scripts.serve_preview(document)
    assert said.messages == [
        "The server of a preview: not as it was in the versions tried. "
        "The page asks a foreign host for the code of Material widgets."
    ]
    assert context is not None
