"""Products at many correlations at once are those that quadrature gives one by one."""

import numpy as np
import pytest

from initviz.propagation import activation
from initviz.propagation.series import products


@pytest.mark.parametrize("name", ["tanh", "gelu", "elu", "relu", "sin"])
@pytest.mark.parametrize("q", [0.1, 1.0, 4.0])
def test_products_are_those_of_quadrature(name, q):
    function, c = activation(name), np.array([-0.9, -0.3, 0.0, 0.4, 0.8, 0.99, 1.0])
    expected = [function.moments.product(q, each) for each in c.tolist()]
    np.testing.assert_allclose(products(function, q, c), expected, atol=1e-6 * function.moments.square(q))
