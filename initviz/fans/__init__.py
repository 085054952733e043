"""Fans: by the shape of a kernel, as jax counts them, and by the operation, as they are."""
