"""What one writes first: jax's own initializer, an SVD and new plots on every change. The peer of the benchmarks.

The plot of the singular values has the title that tells a `Visitor` how many rows it is of.
"""

import holoviews as hv
import jax
import jax.numpy as jnp
import numpy as np
import panel as pn

pn.extension()
hv.extension("bokeh")

scale = pn.widgets.FloatSlider(name="scale", value=1.0, start=0.0, end=4.0, step=0.05)
rows = pn.widgets.IntSlider(name="size of axis 0", value=256, start=1, end=1024)


def plots(scale, rows):
    """Histogram, singular values and fans of a draw."""
    initializer = jax.nn.initializers.variance_scaling(scale, "fan_in", "truncated_normal")
    weights = initializer(jax.random.key(0), (rows, 256))
    values = jnp.linalg.svd(weights, compute_uv=False)
    histogram = hv.Histogram(np.histogram(np.asarray(weights).ravel(), 64, density=True))
    spectrum = hv.Histogram(np.histogram(np.asarray(values), 12, density=True))
    spectrum = spectrum.opts(title=f"Singular values: {len(values)} of a {rows:,} \N{MULTIPLICATION SIGN} 256 matrix")
    fans = hv.Bars([("fan_in", rows), ("fan_out", 256)])
    return pn.Column(histogram, spectrum, fans)


pn.Column(scale, rows, pn.bind(plots, scale, rows)).servable()
