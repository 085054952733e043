"""Audits of whole models: whether every tensor looks as if the initializer that it is said to come from had drawn it."""
