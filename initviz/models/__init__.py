"""Audits of whole models: whether each tensor looks as if its initializer had drawn it."""
