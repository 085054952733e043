"""What can be set: the choices there are, and how text becomes them."""
