"""The network lab: a pass beside the bare matrix products, a drag beside the same network in flax, phase diagrams, and
what a training costs the others.

`python -m benchmarks.network` takes four minutes. A drag is from a key press on the slider of `bias_std` to the first
frame that shows the first seed; the same network in flax and eager jax has as many weights and inputs, and no page.
While one session trains, over a websocket without a browser, another one moves a slider in the room of weights.
"""

import asyncio
import random
from dataclasses import replace
from itertools import count as counted
from statistics import median

import jax
import jax.numpy as jnp
from flax import nnx
from playwright.sync_api import Page

from benchmarks.browser import chromium_page, served
from benchmarks.classroom import ROWS, SLOWDOWN, late, row
from benchmarks.latency import EXPLORER, painted
from benchmarks.report import Contender, limited, load, machine, measure, print_table, say
from benchmarks.visitor import PATIENCE, Visitor
from initviz.networks import Network
from initviz.networks import measure as measured
from initviz.propagation import phase_diagram
from initviz.propagation.phases import table_of

DEEP = Network(depth=200, width=1024)
DRAGGED = Network(depth=50, width=256)
PRODUCTS = 1.5
"""Most that a pass may take of its bare matrix products."""
NEW_SEED = 1.0
"""Most seconds for a seed whose weights are not drawn yet, once there was another one."""
FIRST_SEED = 200
"""Most milliseconds from a press to the first frame of the first seed."""
FLAX = 4.0
"""How much longer the same network has to take in flax and eager jax."""
DIAGRAM = 2.0
"""Most seconds for a phase diagram of an activation that was not seen before."""
BESIDE = ("pytorch", "keras", "he")
"""What is trained beside the network itself."""
PAUSE, SETTLES = 0.25, 8.0
"""Seconds between an answer and the next move; until a network that was opened is measured."""
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
DRAWN = """() => [...Bokeh.documents[0]._all_models.values()].some(
  ({type, name}) => type === "Figure" && name === "signal"
)"""
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


def passed(model: Plain, network: Network):
    """Pass it forward and backward, and read the mean squares of signals and gradients, in eager jax."""
    x = jax.random.normal(jax.random.key(1), (network.batch, network.width))
    shifts = [jnp.zeros((network.batch, network.width))] * network.depth
    (_, squares), gradients = jax.value_and_grad(lambda shifts: model(x, shifts), has_aux=True)(shifts)
    return [float(each) for each in squares], [float(jnp.mean(each * each)) for each in gradients]


def in_flax(network: Network):
    """The same of a network that is drawn first."""
    return passed(Plain(network.depth, network.width, nnx.Rngs(0)), network)


def said(network: Network) -> str:
    """What is done with a network, as the title of a table."""
    sizes = f"{network.depth} layers of {network.width} units, batch {network.batch}"
    return f"{sizes}, {network.activation}: forward and backward, one seed"


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


def alone(network: Network) -> None:
    """Print how long a new seed of a network takes, without anything beside it: the weights of two are not kept."""
    fresh = afresh(network)
    (seconds,) = measure([Contender("initviz, another seed", fresh)], 5)
    say(f"\n  another seed of it, whose weights are drawn: {limited(seconds, NEW_SEED, ' s')}")


def first_frames(count: int) -> list[float]:
    """Milliseconds from presses on the slider of the biases to the first frames of the first seed."""
    with served(EXPLORER, "--warm") as url, chromium_page() as page:
        page.add_init_script(FIRST_FRAME)
        page.goto(url)
        page.get_by_role("tab", name="Network").click()
        page.wait_for_function(DRAWN, timeout=60_000)
        page.wait_for_timeout(1000 * SETTLES)
        page.evaluate(FOLLOW)
        return presses(page, count + 2)[2:]


def diagrams() -> None:
    """Print how long the phase diagrams of activations take that were not seen before."""
    for name in ("relu", "tanh", "gelu", "sin(1.7 * x)"):

        def unseen(name=name):
            table_of.cache_clear()
            phase_diagram(name)

        (seconds,) = measure([Contender(name, unseen)], 3)
        say(f"  phase diagram of {name}, not seen before: {limited(seconds, DIAGRAM, ' s')}")


async def drag(visitor: Visitor, count: int, seed: int) -> list[float]:
    """Seconds to the answers of so many moves of a slider in the room of weights."""
    choose, times = random.Random(seed), []
    for _ in range(count):
        times.append(await visitor.move(choose.choice([rows for rows in ROWS if rows != visitor.shown])))
        await asyncio.sleep(PAUSE)
    return times


async def beside_training(url: str, rounds: int, count: int) -> tuple[list[float], list[float], list[float]]:
    """Seconds to the answers of one session: while nobody trains, while another one does, and while that compiles."""
    trainer, other = [await Visitor.open(url) for _ in range(2)]
    await trainer.open_tab("Network", "train")
    await trainer.set("beside", "value", ", ".join(BESIDE))
    await drag(other, 5, seed=0)
    await asyncio.sleep(SETTLES)  # the network itself is looked at
    found: tuple[list[float], list[float]] = [], []
    first: list[float] = []
    for turn in range(rounds + 1):
        quiet = await drag(other, count, seed=2 * turn)
        await trainer.click("train")
        if not turn:
            first = await drag(other, count, seed=1)
            async with asyncio.timeout(2 * PATIENCE):
                await trainer.until(lambda before=trainer.news: trainer.news > before + len(BESIDE) + 1)
        else:
            found[0].extend(quiet)
            before = trainer.news
            found[1].extend(await drag(other, count, seed=2 * turn + 1))
            if trainer.news == before:
                raise RuntimeError("the other session must train meanwhile, got no news of it. Give it more steps.")
        await trainer.click("rewind")
        await asyncio.sleep(1)
    await asyncio.gather(trainer.close(), other.close())
    return *found, first


def neighbours(rounds: int = 3, count: int = 25) -> None:
    """Print how much later a session gets its answers while another one trains."""
    with served(EXPLORER, "--warm") as url:
        quiet, beside, first = asyncio.run(beside_training(url, rounds, count))
    say(f"\n  a drag in the room of weights {'answers':>9} {'median':>9} {'95 %':>11} {'longest':>11}")
    say(row("alone", quiet))
    say(row(f"another trains {1 + len(BESIDE)} networks", beside))
    say(row("it compiles them first", first))
    say(f"  95 % while another trains: {limited(late(beside) / late(quiet), SLOWDOWN, 'x')}")


def main(count: int = 30) -> None:
    """Print how long a pass, a drag and a phase diagram take, and what a training costs others."""
    say(f"\nNetworks at initialization\n{machine()}\n{load()}")
    deep = [
        Contender("initviz, a drag of the biases", dragged(DEEP)),
        Contender("the bare matrix products", products(DEEP), limit=PRODUCTS),
    ]
    print_table(said(DEEP), deep, measure(deep, 5))
    alone(DEEP)
    model = Plain(DRAGGED.depth, DRAGGED.width, nnx.Rngs(0))
    wide = [
        Contender("initviz, a drag of the biases", dragged(DRAGGED)),
        Contender("flax and eager jax, passed", lambda: passed(model, DRAGGED)),
        Contender("initviz, another seed", afresh(DRAGGED)),
        Contender("flax and eager jax, drawn and passed", lambda: in_flax(DRAGGED), floor=FLAX),
    ]
    medians = measure(wide, 5)
    print_table(said(DRAGGED), wide, medians)
    found = first_frames(count)
    shown, eager = median(found), 1000 * medians[-1]
    say(f"\n  a press on bias_std, to the first frame of the first seed: median {limited(shown, FIRST_SEED, ' ms')}, "
        f"95 % {late(found):.0f} ms")  # fmt: skip
    say(f"  flax and eager jax, drawn and passed without a page, take {limited(eager / shown, FLAX, 'x', least=True)}")
    diagrams()
    neighbours()


if __name__ == "__main__":
    main()
