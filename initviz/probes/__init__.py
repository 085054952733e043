"""Closer looks at an answer, each computed only while somebody looks."""
