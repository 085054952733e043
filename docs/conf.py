"""The site: `nox -s docs` builds it, and it opens from a folder. Nothing on it is asked of a network.

Formulas become MathML when it is built, notebooks are executed then, and pages that stand elsewhere in the repository
are copied here (pages.py).
"""

import builtins
import os
import re
import sys
from html import unescape
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from jax.typing import ArrayLike, DTypeLike
from numpy.typing import ArrayLike as ArraysLike
from sphinx.addnodes import pending_xref
from sphinx.errors import PycodeError
from sphinx.pycode import ModuleAnalyzer
from sphinx.util import logging
from sphinx.util.typing import stringify_annotation

sys.path.insert(0, str(Path(__file__).parent))
import pages

import initviz

EXECUTED = os.environ.get("INITVIZ_EXECUTED")
"""A folder with the notebooks, executed; without one they are executed here."""

project, release, author = "initviz", initviz.__version__, "the initviz developers"
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_llm.txt"]
exclude_patterns = ["_build", "pages.py"]

html_theme = "sphinx_book_theme"
html_title = "initviz"
html_static_path = ["_static"]
html_css_files, html_js_files = ["site.css"], ["site.js"]
html_context = {"default_mode": "auto"}
html_show_copyright = False
html_theme_options = {"home_page_in_toc": True, "navbar_persistent": [], "show_toc_level": 2}
html_math_renderer = "mathml"

myst_enable_extensions = ["dollarmath", "amsmath"]
myst_heading_anchors = 3
myst_update_mathjax = False
nb_execution_mode = "off" if EXECUTED else "cache"
nb_execution_cache_path = str(Path(__file__).parent / "_build" / "executed")
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_ipywidgets_js = {}  # of another host
nb_merge_streams, nb_render_markdown_format = True, "myst"  # with formulas
suppress_warnings = ["mystnb.unknown_mime_type"]  # what only a live notebook reads stands beside the HTML

autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "undoc-members": True}
autodoc_typehints_format = "short"
default_role = "literal"
napoleon_use_rtype = False
UNIONS = {"ArrayLike": (ArrayLike, ArraysLike), "DTypeLike": (DTypeLike,)}
ALIASES = {stringify_annotation(union, "smart"): name for name, unions in UNIONS.items() for union in unions}
toc_object_entries_show_parents = "hide"

llms_txt_build_parallel = False  # from what the pages were made of: no notebook is executed twice
llms_txt_suffix_mode = "append"
llms_txt_full_build = True
llms_txt_nested_enabled = False
llms_txt_description = initviz.__doc__.splitlines()[0]

pages.write(Path(EXECUTED) if EXECUTED else pages.ROOT / "notebooks")


def formula(writer, node):
    """Writes a formula as MathML, which browsers draw themselves."""
    tex = re.sub(r"(\\[dt]?frac)(\d)(\d)", r"\1{\2}{\3}", node.astext())  # which docutils reads as one number
    tex = re.sub(r"\\dots\b", r"\\ldots", tex)  # which it does not know
    block = isinstance(node, nodes.math_block)
    try:
        written = tex2mathml(tex, as_block=block)
    except MathError as error:
        logging.getLogger("initviz").warning("formula %s: %s", tex, error, location=node)
        raise nodes.SkipNode from None
    writer.body.append(
        f'<div class="formula" tabindex="0" role="group" aria-label="formula">{written}</div>' if block else written
    )
    raise nodes.SkipNode


def written_beside(app, what, name, value, options, lines):
    """Gives a constant the text under it where it is defined, which need not be where it is told of."""
    if lines[:1] and lines[0].startswith("Alias for field number"):  # Python's own, of a named tuple
        lines.clear()
    elif what == "data":
        package, _, own = name.rpartition(".")
        of_its_type = [] if type(value).__module__ == "builtins" else lines
        lines[:] = next((texts[own] for texts in map(attribute_texts, modules(package)) if own in texts), of_its_type)


def modules(package):
    """Names of a package and of all modules in it."""
    return [package, *(found.name for found in walk_packages(import_module(package).__path__, f"{package}."))]


def attribute_texts(module):
    """Lines of the text under each name that a module assigns."""
    try:
        analyzer = ModuleAnalyzer.for_module(module)
        analyzer.analyze()
    except PycodeError:
        return {}
    return {name: lines for (scope, name), lines in analyzer.attr_docs.items() if not scope}


def local_links(app, name, source):
    """Lets links between files of the repository lead to their pages."""
    source[0] = pages.relinked(source[0], pages.ROOT / "docs" / name, pages.ROOT / "docs" / name)


def short(app, what, name, value, options, signature, returned):
    """Writes names of jax's and NumPy's long unions in signatures, not the unions."""
    for union, alias in ALIASES.items():
        signature, returned = (text and text.replace(union, alias) for text in (signature, returned))
    return signature, returned


def plain(app, doctree):
    """Lets no builtin type lead to an attribute of its name, and signatures have signs that Markdown has, too."""
    named = [each for each in doctree.findall(pending_xref) if hasattr(builtins, each["reftarget"])]
    for node in [*named, *doctree.findall(nodes.abbreviation)]:
        node.replace_self(node.children)


def readable(app, failure):
    """Writes the descriptions in llms.txt as text: the extension has `&#96;` in place of a backquote."""
    listed = Path(app.outdir) / "llms.txt"
    if failure is None and listed.exists():
        listed.write_text(unescape(listed.read_text()))


def setup(app):
    """Adds what stands above."""
    app.add_html_math_renderer("mathml", (formula, None), (formula, None))
    app.connect("autodoc-process-docstring", written_beside)
    app.connect("autodoc-process-signature", short)
    app.connect("doctree-read", plain)
    app.connect("source-read", local_links)
    app.connect("build-finished", readable, priority=200)  # after the extension, at 101
