"""Laws of one entry, real, complex or sparse, and of a whole matrix of them."""
