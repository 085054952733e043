"""Keras's own layers draw with the fans that their row says."""

import numpy as np
import pytest
from oracles import SIGMAS

from initviz.initializers import lecun_normal
from initviz.layers import AttentionProjection, ConvTranspose, DepthwiseConv, Einsum
from initviz.layers.advice import advise


def test_keras_layers_draw_with_the_fans_of_their_row(keras):
    init = {"kernel_initializer": "lecun_normal"}
    depthwise = keras.layers.DepthwiseConv2D(3, depthwise_initializer="lecun_normal")
    depthwise.build((None, 9, 9, 64))
    transposed = keras.layers.Conv2DTranspose(32, 4, strides=2, **init)
    transposed.build((None, 9, 9, 64))
    query = keras.layers.EinsumDense("btd,dhk->bthk", (None, 8, 64), **init)
    query.build((None, 5, 512))
    batched = keras.layers.EinsumDense("bei,eio->beo", (3, 40), **init)
    batched.build((None, 3, 30))
    drawn = [(Einsum(equation="bei,eio->beo", sizes="e=3, i=30, o=40"), batched.kernel),
             (DepthwiseConv(), depthwise.kernel), (ConvTranspose(), transposed.kernel),
             (AttentionProjection(), query.kernel), (Einsum(), query.kernel)]  # fmt: skip
    for layer, kernel in drawn:
        rule = {
            rule.framework: rule for rule in advise(lecun_normal(), lecun_normal().plan(layer.kernel), layer).rules
        }["Keras"]
        weights = np.asarray(kernel, np.float64)
        assert weights.shape == rule.shape
        assert weights.std() == pytest.approx(rule.std, rel=SIGMAS * (1 / (2 * weights.size)) ** 0.5)
