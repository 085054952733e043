"""The network lab: a pass beside the bare matrix products, a drag beside the same network in flax, phase diagrams.

`python -m benchmarks.network` prints three tables. A drag is from a key press on the slider of `bias_std` to the first
frame that shows the first seed; the same network in flax and eager jax is drawn and passed without a page.
"""

from dataclasses import replace
from itertools import count as counted
from statistics import median, quantiles

import jax
import jax.numpy as jnp
from flax import nnx
from playwright.sync_api import Page

from benchmarks.browser import chromium_page, served
from benchmarks.latency import EXPLORER, painted
from benchmarks.report import Contender, machine, measure, print_table, say
from initviz.networks import Network
from initviz.networks import measure as measured
from initviz.propagation import phase_diagram
from initviz.propagation.phases import table_of

DEEP = Network(depth=200, width=1024)
DRAGGED = Network(depth=50, width=256)
PRODUCTS = 1.5
"""Most that a pass may take of its bare matrix products."""
FIRST_SEED = 200
"""Most milliseconds from a press to the first frame of the first seed."""
FLAX = 4.0
"""How much longer the same network has to take in flax and eager jax."""
DIAGRAM = 2.0
"""Most seconds for a phase diagram of an activation that was not seen before."""
FIRST_FRAME = """
window.pressed = 0; window.painted = 0; window.changed = 0; window.shown = 0
addEventListener("keydown", () => { window.pressed = performance.now(); window.changed = window.shown = 0 }, true)
const save = CanvasRenderingContext2D.prototype.save
CanvasRenderingContext2D.prototype.save = function () {
  window.painted = performance.now()
  if (window.changed && !window.shown) window.shown = window.painted
  return save.call(this)
}
"""
FOLLOW = """() => {
  const models = [...Bokeh.documents[0]._all_models.values()]
  const figure = models.find(({type, name}) => type === "Figure" && name === "signal")
  for (const {data_source} of figure.renderers) {
    data_source.properties.data.change.connect(() => { window.changed ||= performance.now() })
  }
}"""


class Plain(nnx.Module):
    """A network as one writes it in flax."""

    def __init__(self, depth: int, width: int, rngs: nnx.Rngs):
        init = nnx.initializers.he_normal()
        self.layers = nnx.List([nnx.Linear(width, width, kernel_init=init, rngs=rngs) for _ in range(depth)])

    def __call__(self, x, shifts):
        squares = []
        for layer, shift in zip(self.layers, shifts, strict=True):
            h = layer(x) + shift
            squares.append(jnp.mean(h * h))
            x = jax.nn.relu(h)
        return jnp.sum(x * x) / 2, squares


def in_flax(network: Network):
    """Draw it, pass it forward and backward, and read the mean squares of signals and gradients, in eager jax."""
    model = Plain(network.depth, network.width, nnx.Rngs(0))
    x = jax.random.normal(jax.random.key(1), (network.batch, network.width))
    shifts = [jnp.zeros((network.batch, network.width))] * network.depth
    (_, squares), gradients = jax.value_and_grad(lambda shifts: model(x, shifts), has_aux=True)(shifts)
    return [float(each) for each in squares], [float(jnp.mean(each * each)) for each in gradients]


def afresh(network: Network):
    """Measure it with a seed that was not seen before, each time: weights that were drawn once are kept."""
    seeds = counted(1)
    return lambda: next(measured(replace(network, seed=next(seeds))))


def dragged(network: Network):
    """Measure it with biases of another size, each time: of the same weights."""
    sizes = counted(1)
    return lambda: next(measured(replace(network, bias_std=next(sizes) / 100)))


def products(network: Network):
    """The matrix products alone: one forward and one backward a layer."""
    weights = jax.random.normal(jax.random.key(0), (network.depth, network.width, network.width)) / network.width**0.5
    x = jax.random.normal(jax.random.key(1), (network.batch, network.width))

    @jax.jit
    def run(weights, x):
        forward = jax.lax.fori_loop(0, network.depth, lambda i, x: x @ weights[i], x)
        return jax.lax.fori_loop(0, network.depth, lambda i, x: x @ weights[i].T, forward)

    return lambda: run(weights, x).block_until_ready()


def presses(page: Page, count: int) -> list[float]:
    """Milliseconds from each press to the first frame of the first seed."""
    page.get_by_role("slider", name="bias_std").focus()
    times = []
    for _ in range(count):
        page.keyboard.press("ArrowRight")
        page.wait_for_function("shown > pressed", timeout=60_000)
        times.append(page.evaluate("shown - pressed"))
        painted(page)
    return times


def main(count: int = 30) -> None:
    """Print how long a pass, a drag and a phase diagram take."""
    say(f"\nNetworks at initialization\n{machine()}\n")
    deep = [
        Contender("initviz, a drag of the biases", dragged(DEEP)),
        Contender("the bare matrix products", products(DEEP), limit=PRODUCTS),
    ]
    print_table("200 layers of 1024 units, batch 16, relu: forward and backward, one seed", deep, measure(deep, 5))
    flax = Contender("flax and eager jax, drawn and passed", lambda: in_flax(DRAGGED), floor=FLAX)
    fresh = [Contender("initviz, another seed", afresh(DEEP))]  # alone: the weights of both are more than is kept
    print_table("The same, of weights that are drawn anew", fresh, measure(fresh, 5))
    wide = [Contender("initviz, a drag of the biases", dragged(DRAGGED)), flax,
            Contender("initviz, another seed", afresh(DRAGGED))]  # fmt: skip
    print_table("50 layers of 256 units, batch 16, relu: forward and backward, one seed", wide, measure(wide, 5))
    with served(EXPLORER, "--warm") as url, chromium_page() as page:
        page.add_init_script(FIRST_FRAME)
        page.goto(url)
        page.get_by_role("tab", name="Network").click()
        page.get_by_role("slider", name="bias_std").wait_for()
        page.wait_for_timeout(8_000)
        page.evaluate(FOLLOW)
        found = presses(page, count + 2)[2:]
    (eager,) = measure([flax], 3)
    say(f"\n  a press on bias_std, to the first frame of the first seed: median {median(found):.0f} ms "
        f"(<= {FIRST_SEED} ms), 95 % {quantiles(found, n=20)[-1]:.0f} ms")  # fmt: skip
    say(f"  flax and eager jax take {1000 * eager / median(found):.1f}x as long, without a page (>= {FLAX:g}x)")
    for name in ("relu", "tanh", "gelu", "sin(1.7 * x)"):

        def fresh(name=name):
            table_of.cache_clear()
            phase_diagram(name)

        (seconds,) = measure([Contender(name, fresh)], 3)
        say(f"  phase diagram of {name}, not seen before: {seconds:.2f} s (<= {DIAGRAM:g} s)")


if __name__ == "__main__":
    main()
