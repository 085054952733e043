"""The explorer: panel serve apps/explorer.py --show."""

import panel as pn

from initviz.explorer.page import page

pn.extension("mathjax")
page().servable()
