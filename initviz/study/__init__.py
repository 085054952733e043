"""The settings, to be changed at will and watched."""

from initviz.study.study import RAW, Study

__all__ = ["RAW", "Study"]
