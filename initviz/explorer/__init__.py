"""The interactive explorer: widgets and layout over `Study`, and pictures from `views`. No arithmetic."""

from initviz.explorer.explorer import Explorer, explore
from initviz.explorer.page import page

__all__ = ["Explorer", "explore", "page"]
