"""The explorer of a server that has named a folder of models, whose path is in the environment."""

import os

import panel as pn

from initviz.explorer.page import page
from initviz.models.places import open_folder

pn.extension("mathjax")
open_folder(os.environ.get("FOLDER"))  # none where pytest looks for examples in it
page().servable()
