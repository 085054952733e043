"""The settings of a page, to be changed at will and watched."""

from initviz.study.study import SPECTRUM_AS, WEIGHTS_AS, Study

__all__ = ["SPECTRUM_AS", "WEIGHTS_AS", "Study"]
