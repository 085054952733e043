"""Numbers by the names that files have for them; what has no name here is refused before NumPy is asked."""

import jax.numpy as jnp
import numpy as np

FLOATS_8 = ("float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz", "float8_e8m0fnu",
            "float8_e3m4", "float8_e4m3", "float8_e4m3b11fnuz")  # fmt: skip
WHOLE = tuple(f"{sign}int{bits}" for bits in (8, 16, 32, 64) for sign in ("", "u"))
NAMED = {
    name: np.dtype(jnp.dtype(name))
    for name in ("bool", *WHOLE, "float16", "bfloat16", "float32", "float64", "complex64", "complex128", *FLOATS_8)
}
"""By NumPy's name, which flax and orbax write."""

SAFETENSORS = {
    name: NAMED[numpy]
    for name, numpy in {
        "BOOL": "bool", "C64": "complex64", "BF16": "bfloat16", "F16": "float16", "F32": "float32", "F64": "float64",
        "F8_E4M3": "float8_e4m3fn", "F8_E5M2": "float8_e5m2", "F8_E8M0": "float8_e8m0fnu",
        "F8_E4M3FNUZ": "float8_e4m3fnuz", "F8_E5M2FNUZ": "float8_e5m2fnuz",
        **{f"{name[0].upper()}{name.rpartition('int')[2]}": name for name in WHOLE},
    }.items()
}  # fmt: skip

TORCH = {
    name: NAMED[numpy]
    for name, numpy in {
        "bool": "bool", "uint8": "uint8", "int8": "int8", "int16": "int16", "int32": "int32", "int64": "int64",
        "float16": "float16", "bfloat16": "bfloat16", "float32": "float32", "float64": "float64",
        "complex64": "complex64", "complex128": "complex128",
        "float8_e4m3fn": "float8_e4m3fn", "float8_e5m2": "float8_e5m2", "float8_e4m3fnuz": "float8_e4m3fnuz",
        "float8_e5m2fnuz": "float8_e5m2fnuz", "uint16": "uint16", "uint32": "uint32", "uint64": "uint64",
    }.items()
}  # fmt: skip
"""By the name in the module torch."""

STORAGES = {
    f"{name}Storage": TORCH[dtype]
    for name, dtype in {
        "Bool": "bool", "Byte": "uint8", "Char": "int8", "Short": "int16", "Int": "int32", "Long": "int64",
        "Half": "float16", "BFloat16": "bfloat16", "Float": "float32", "Double": "float64",
        "ComplexFloat": "complex64", "ComplexDouble": "complex128",
    }.items()
}  # fmt: skip
"""By the class in torch that holds them."""
