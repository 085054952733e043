"""What a page has early: a mend before its first plot, and while the server still fills it Material's script."""

from functools import cache

import panel_material_ui as pmui
from bokeh.document import Document
from jinja2 import Template
from panel.io.resources import BASE_TEMPLATE

from initviz.live.internals import script_of
from initviz.live.mends import SHEETS

SCRIPT = "initviz_script"
"""The variable of a page's template that has its address."""
EARLY = """{% extends base %}
{% block preamble %}{% if initviz_ground %}<script>{{ initviz_ground }}</script>
{% endif %}{% if initviz_script %}
<link rel="preload" as="fetch" crossorigin="anonymous" href="{{ initviz_script }}">
{% endif %}{{ super() }}{% endblock %}
{% block postamble %}{{ super() }}
<script>({{ sheets }})(Bokeh)</script>{% if initviz_script %}
<script>importShim("{{ initviz_script }}").catch(error => console.debug("loaded later", error))</script>
{% endif %}{% endblock %}
"""
"""Panel asks for that script once the whole document is there: a quarter of a second later."""


@cache
def template() -> Template:
    """The template of a page that loads it early, to be prepared by `load_early`."""
    return BASE_TEMPLATE.environment.from_string(EARLY, globals={"base": BASE_TEMPLATE, "sheets": SHEETS})


def load_early(document: Document | None) -> None:
    """Have a served page with this template load the script."""
    if document is not None:
        document.template_variables[SCRIPT] = script_of(pmui.Page)
