"""What is said of a network, as HTML: the verdict with its mend, what theory has nothing to say of, and gains."""

from collections.abc import Sequence
from html import escape

import numpy as np

from initviz.engine.passes import FLAT
from initviz.networks.answer import NetworkAnswer
from initviz.networks.gains import Gain
from initviz.networks.lsuv import Lsuv
from initviz.networks.network import Network
from initviz.networks.predicted import COVERAGE, Predicted
from initviz.networks.recipes import Recipe
from initviz.networks.spread import HIGH
from initviz.networks.study import NORM_CHOICES
from initviz.networks.training import Trained
from initviz.propagation.series import TOLERANCE
from initviz.views import theme
from initviz.views.copying import copied
from initviz.views.text import HEADING, PROSE, key, paragraph, table, wide_table
from initviz.wording import percent, plain, several, short

NORM_NAMES = {kind: name for name, kind in NORM_CHOICES.items()}
TOLD = {
    "Signal": "h = W x + b is what a layer gives before its activation: its mean square, over all units and inputs. "
    "A straight line that rises or falls multiplies it by the same factor in every layer.",
    "Gradient": "with respect to h, of a random sum of the outputs, sent back from the last layer to the first.",
    "Densities": "in every layer how often each value comes, in units of the root of the mean square. Lines: "
    f"{percent(1 - HIGH)} of all values lie above the upper one, and as many below the lower one.",
    "Dead": "units that give 0 for every input that is shown, so that they pass no gradient and learn nothing.",
    "Saturated": f"values at which the activation is flat: its slope is at most {percent(FLAT)} of its largest.",
    "Correlation": "of h for two inputs. At 1 the network cannot tell them apart any more.",
    "Order and chaos": "each point is a network of many wide layers. Ordered: inputs become alike, and gradients "
    "vanish. Chaotic: the least difference grows, and so do gradients. Colors: over how many layers. Signals pass deep "
    "networks near the border. Drag the blue dot, or set the scale and bias_std.",
    "Jacobian": "by which factors small changes of an input come out, in all directions. At best all are near 1.",
}
"""Of each picture, what it shows."""
PICTURES = "What the pictures show"
GAINS = "Gains for this activation"
CALLS = "Gains as code"


def heading(found: NetworkAnswer) -> str:
    """The network in one line."""
    return f"<h2 style='font-size: 1.05rem; margin: 0.4rem 0'>{escape(title(found.network))}</h2>"


def verdict(found: NetworkAnswer) -> str:
    """What happens in it, and why."""
    colour, mark = (theme.ROLES["in"], "✓") if found.verdict.steady else (theme.THEORY, "✗")
    first, *why = map(escape, found.verdict.words)
    wanted = found.question.seeds
    if found.measured.seeds < wanted:
        why.append(f"Of {found.measured.seeds} of {several(wanted, 'network')} so far: this may change.")
    said = "".join(f"<p style='{LINE}'>{words}</p>" for words in (f"<b>{mark}</b> {first}", *why))
    return f"<div role='note' style='border-left: 4px solid {colour}; padding: 0.1rem 0.7rem'>{said}</div>"


def mend(found: NetworkAnswer) -> str:
    """What to do about it, with the call to copy where there is another one; what else changes is named."""
    of = found.verdict.mend
    if of is None:
        known = NONE_KNOWN if found.has_theory else NOT_YET
        return f"<p style='{LINE}'>{NOTHING if found.verdict.steady else known}</p>"
    call = copied(of.call, "the call that mends it") if of.call else ""
    changes = f"It has {' and '.join(of.changes)}{', and this initializer:' if call else '.'}" if of.changes else ""
    return f"<p style='{LINE}'>{' '.join(filter(None, (escape(of.words), escape(changes), call)))}</p>"


def legend(found: NetworkAnswer) -> str:
    """What colors mean, and what is not shown."""
    missing = _missing(found)
    return f"<p style='margin: 0.3rem 0'>{key(_marks(found))}</p>" + (paragraph(missing) if missing else "")


LINE = "margin: 0.2rem 0"
NOTHING = "Nothing to mend."
NONE_KNOWN = "No mend is known."
NOT_YET = "A mend is looked for."


def _marks(found: NetworkAnswer) -> list[tuple[str, str, str]]:
    """What colours mean in the pictures there are."""
    marks = [
        (theme.DATA, "━", f"median of {several(found.measured.seeds, 'network')}"),
        (theme.DATA, "▒", "all of them"),
    ]
    if found.predicted is not None:
        marks.append((theme.THEORY, "┅", "theory of wide layers"))
        if found.predicted.square_band is not None:
            most = percent(COVERAGE)
            marks.append((theme.THEORY, "▒", f"where {most} of networks of this width stay, for one input"))
    return marks


def _missing(found: NetworkAnswer) -> str:
    """What is not shown, and why."""
    no_band = found.predicted is not None and found.predicted.square_band is None
    words = [
        _of_lsuv(found.rescaled),
        found.no_theory and f"Without theory: {found.no_theory}",
        NO_BAND * no_band,
        _without_correlation(found.predicted),
        found.no_jacobian and f"Without singular values: {found.no_jacobian}",
        found.no_law and not found.no_jacobian and f"Without their law: {found.no_law}",
    ]
    return " ".join(filter(None, words))


def _without_correlation(found: Predicted | None) -> str:
    """Why theory ends before the last layer; empty where it does not."""
    unknown = np.isnan(found.correlation) if found is not None and found.correlation is not None else np.array([])
    if not unknown.any():
        return ""
    return (
        f"Without a limit of correlations from layer {unknown.argmax() + 1} on: the activation turns too often there "
        f"for E φ(u₁) φ(u₂) to be known to {plain(TOLERANCE)} of E φ²."
    )


def _of_lsuv(found: Lsuv | None) -> str:
    """How layers were rescaled, in words; empty where they were not."""
    if found is None:
        return ""
    factors, times = found.network.factors, found.times
    layers = several(len(times), "layer")
    rescaled = f"LSUV rescaled {sum(map(bool, times))} of {layers}, each at most {several(max(times), 'time')}."
    before = _range([each[0] for each in found.variances])
    return f"{rescaled} Variances of h were {before} before; the factors are {_range(factors)}."


def _range(numbers: Sequence[float]) -> str:
    return f"{plain(min(numbers), 2)} to {plain(max(numbers), 2)}"


NO_BAND = "How far narrow networks of this kind stray from the theory of wide ones is not known: there is no band."


def title(network: Network) -> str:
    """The network in one line."""
    units = f"{network.width:,} " + (f"channels of 3 × 3 taps ({network.kind})" if network.padding else "units")
    parts = [
        short(str(network.initializer)), network.activation, f"{several(network.depth, 'layer')} of {units}",
        network.bias_std and f"biases of std {plain(network.bias_std)}",
        network.branch is not None and f"x + {plain(network.branch)} φ(h)",
        NORM_NAMES[network.norm, network.norm_after] if network.norm else "",
        network.factors and "rescaled",
        network.inputs != "gaussian" and f"{network.inputs} inputs",
        network.input_std != 1 and f"inputs of size {plain(network.input_std)}",
    ]  # fmt: skip
    return " · ".join(map(str, filter(None, parts)))


def pictures() -> str:
    """What each picture shows, folded away."""
    name, words = "float: left; margin-right: 0.5em; font-weight: 600", "margin: 0 0 0.3rem"
    told = (f"<dt style='{name}'>{each}:</dt><dd style='{words}'>{escape(TOLD[each])}</dd>" for each in TOLD)
    listed = f"<dl style='margin: 0.3rem 0; max-width: 75rem'>{''.join(told)}</dl>"
    return f"<details><summary>{PICTURES}</summary>{listed}</details>"


def recipe(found: Recipe, depth: int, width: int) -> str:
    """A recipe in words: what it is known for and what is not shown of it, formula, source, and the number here."""
    left_out = f" Here: {found.leaves_out}" if found.leaves_out else ""
    std = f"a weight here has the standard deviation {plain(found.std(depth, width))}"
    before = ", before it is rescaled" * found.rescales
    return (
        f"<p style='margin: 0.2rem 0'>{escape(found.known_for)}{escape(left_out)}</p>"
        f"<p style='margin: 0.2rem 0'>\\({escape(found.formula)}\\) · {escape(found.source)} · {std}{before}</p>"
    )


def gains_table(name: str, found: tuple[Gain, ...]) -> str:
    """Every gain of the activation of this name, what it keeps and what comes of it; and each as a call."""
    if not found:
        return paragraph(f"No gains are known for {name}: the slope has no finite mean square.")
    rows = [
        [each.name, plain(each.gain), plain(each.bias_std) if each.bias_std else "0", plain(each.chi), each.state,
         each.meant]
        for each in found
    ]  # fmt: skip
    heads = ["gain", "σ_w", "σ_b", "χ₁", "in the end", "what it is for"]
    calls = (
        f"<tr><th scope='row'>{each.name}</th><td style='{PROSE}'>{framework}</td>"
        f"<td style='{PROSE}'>{copied(call, f'the call for {framework}, {each.name} gain')}</td></tr>"
        for each in found
        for framework, call in each.calls.items()
    )
    return (
        f"<h2 style='{HEADING}'>{GAINS}: {escape(name)}</h2>"
        + table(GAINS, heads, rows, (4, 5))
        + paragraph("σ_w multiplies weights of variance 1 / fan in; χ₁ is the growth of gradients a layer far down.")
        + f"<details><summary>{CALLS}</summary>{wide_table(CALLS, calls)}</details>"
    )


def training() -> str:
    """What the training does."""
    return f"<h2 style='{HEADING}'>Does it train?</h2>" + paragraph(
        "Train this network beside recipes, on the same handwritten digits in the same order, each from the very "
        "weights that are drawn above. Rewind, and train again: every number is the same."
    )


def trained(found: Trained, names: tuple[str, ...]) -> str:
    """How far each network is, as a table."""
    rows = [
        [name, title(network), plain(losses[-1], 3), percent(right[-1])]
        for name, network, losses, right in zip(names, found.networks, found.loss, found.accuracy, strict=True)
    ]
    heads = ["network", "what it is", "loss", "told right"]
    return table(f"After {several(found.steps[-1], 'step')}", heads, rows, (1,))
