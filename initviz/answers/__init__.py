"""A question about weights, and its answer."""
