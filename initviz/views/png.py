"""Cells of a picture as an image of one pixel each."""

import struct
import zlib
from base64 import b64encode

import numpy as np

from initviz.views import theme


def png(share: np.ndarray, slot: theme.Slot) -> str:
    """Shares of a slot's colour as an image, in base 64."""
    places = np.rint(share * (theme.SHADES - 1)).astype(np.uint8)
    rows = np.pad(places, ((0, 0), (1, 0))).tobytes()  # each begins with the number of its filter, which is none
    colors = [bytes.fromhex(shade[1:]) for shade in theme.shades(slot)]
    chunks = {
        b"IHDR": struct.pack(">IIBBBBB", places.shape[1], places.shape[0], 8, 3, 0, 0, 0),  # 8 bits, of a palette
        b"PLTE": b"".join(color[:3] for color in colors),
        b"tRNS": b"".join(color[3:] for color in colors),
        b"IDAT": zlib.compress(rows),
        b"IEND": b"",
    }
    parts = [struct.pack(">I", len(held)) + name + held + struct.pack(">I", zlib.crc32(name + held))
             for name, held in chunks.items()]  # fmt: skip
    return b64encode(b"\x89PNG\r\n\x1a\n" + b"".join(parts)).decode()
