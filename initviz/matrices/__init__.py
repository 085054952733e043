"""Weight tensors as matrices: how they unfold, their singular values, and those of a convolution as an operator."""
