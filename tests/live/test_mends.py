from bokeh.document import Document

from initviz.live.mends import mend_echo


def test_a_page_is_mended_once():
    document = Document()
    mend_echo(document)
    mend_echo(document)
    assert len(document.callbacks._js_event_callbacks["document_ready"]) == 1


def test_where_nothing_is_served_nothing_is_mended():
    mend_echo(None)
