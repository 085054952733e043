"""Scenes to open with a click, as data: a question, what to predict first, and what comes of it with its number."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from initviz.study.study import Study


@dataclass(frozen=True)
class Preset:
    """One scene. `reveal` has the number that `measure` finds in it."""

    title: str
    question: str
    predict: str
    """What to think about before looking on."""
    link: str
    """The settings, as a page has them in its address."""
    reveal: str
    """At most two lines; `{}` is where the number stands."""
    number: str
    """As it is written."""
    measure: Callable[[Study], float]
    source: str

    @property
    def answer(self) -> str:
        """What comes of it, in words."""
        return self.reveal.format(self.number)

    @property
    def study(self) -> Study:
        """The settings."""
        return Study.from_link(self.link)


def _std(study: Study) -> float:
    return study.answer().observation.summary.std


def _realized(study: Study) -> float:
    """What the weights' standard deviation is of the one that was meant, in their layer."""
    found = study.answer().advice
    return float("nan") if found is None else found.std_ratio


def _values(study: Study) -> float:
    """How many different weights there are."""
    return len(np.unique(study.answer().weights.astype(np.float64)))


def _finite(study: Study) -> float:
    """How many weights are numbers."""
    return float(np.isfinite(study.answer().weights.astype(np.float64)).sum())


def _not_as_declared(study: Study) -> float:
    """How many tensors of the model are not."""
    return len(study.model.answer().audit.failed)


def _largest(study: Study) -> float:
    values = study.answer().singular_values
    return float("nan") if values is None else values[0]


def _condition(study: Study) -> float:
    """Largest over smallest singular value."""
    values = study.answer().singular_values
    return float("nan") if values is None else values[0] / values[-1]


def _largest_found(study: Study) -> float:
    """By the closer look that is open."""
    return study.looks[study.look].answer(study.answer()).singular_values[0]


def _median_found(study: Study) -> float:
    return float(np.median(study.looks[study.look].answer(study.answer()).singular_values))


def _signal(study: Study) -> float:
    """Factor of the mean square of h from the first layer to the last, of the median network."""
    square = study.network.answer().measured.square
    return float(np.median(square[:, -1] / square[:, 0]))


def _gradient(study: Study) -> float:
    """Mean square of the gradient in the first layer, of the median network."""
    return float(np.median(study.network.answer().measured.gradient[:, 0]))


def _layers_alive(study: Study) -> float:
    """The last layer whose signal is no 0, of the median network."""
    return float(np.median((study.network.answer().measured.square > 0).sum(axis=1)))


def _alike(study: Study) -> float:
    """Correlation of two inputs in the last layer, of the median network."""
    return float(np.median(study.network.answer().measured.correlation[:, -1]))


_NETWORK = "&look=Network"
_NORMAL = "initializer=variance_scaling&mode=fan_in&distribution=normal"

PRESETS: dict[str, Preset] = {
    "zeros": Preset(
        "all zeros",
        "Why not begin with all weights 0?",
        "How large is the gradient that reaches the first of ten layers?",
        f"?v=1&initializer=zeros{_NETWORK}&network.depth=10&network.width=64",
        "Exactly {}. No signal passes, so no gradient comes back, and every unit of a layer would learn the same.",
        "0", _gradient, "Goodfellow, Bengio & Courville 2016, section 8.4",
    ),
    "small": Preset(
        "too small",
        "Is a small standard deviation safe? 0.01, as many tutorials have it, in layers of 256 units.",
        "After how many of 50 layers is nothing left of the signal?",
        f"?v=1&initializer=normal&stddev=0.01{_NETWORK}",
        "After layer {}: the mean square falls 78-fold a layer, below all that float32 can hold. "
        "σ = √(2/256) = 0.088 keeps it.",
        "20", _layers_alive, "He et al. 2015",
    ),
    "large": Preset(
        "too big",
        "And a large one? 0.12 in place of 0.088, in layers of 256 units.",
        "By what factor does the mean square grow over 50 layers?",
        f"?v=1&initializer=normal&stddev=0.12{_NETWORK}",
        "By {}: a factor of 1.84 a layer, 50 layers deep. A third more is far too much.",
        "7.0e12", _signal, "He et al. 2015",
    ),
    "he_relu": Preset(
        "He + relu",
        "What does he_normal do for relu, fifty layers deep?",
        "What is left of the mean square after 50 layers: all, half, a millionth?",
        f"?v=1&initializer=he_normal{_NETWORK}&network.width=512",
        "× {}, and that is only the width: 512 units are not infinitely many. "
        "Half of each signal is cut away, and twice the variance makes up for it.",
        "0.74", _signal, "He et al. 2015",
    ),
    "glorot_relu": Preset(
        "Glorot + relu",
        "The default of Keras, glorot_uniform, is made for tanh. What does relu make of it?",
        "What is left of the mean square after 50 layers?",
        f"?v=1&initializer=glorot_uniform{_NETWORK}&network.width=512",
        "{}: half of it in each layer, 2⁻⁴⁹ in all. Gradients vanish alike.",
        "1.3e-15", _signal, "Glorot & Bengio 2010; He et al. 2015",
    ),
    "xavier_tanh": Preset(
        "Xavier + tanh",
        "Weights of variance 1/n are said to suit tanh. For how deep a network?",
        "What is left of the mean square after 50 layers?",
        f"?v=1&initializer=glorot_normal{_NETWORK}&network.activation=tanh",
        "A factor of {}: it falls like 1/depth, not exponentially. It is the critical point of tanh without biases.",
        "0.0092", _signal, "Glorot & Bengio 2010; Schoenholz et al. 2017",
    ),
    "five_thirds": Preset(
        "tanh with 5/3",
        "PyTorch recommends the gain 5/3 for tanh. Does it keep gradients?",
        "By what factor have gradients grown after 50 layers?",
        f"?v=1&{_NORMAL}&scale=2.7777777777777777{_NETWORK}&network.activation=tanh",
        "To about {}: the signal stays, but the network is chaotic, with χ₁ = 1.21. The critical gain of tanh is 1.",
        "2,400", _gradient, "Schoenholz et al. 2017; PyTorch, calculate_gain",
    ),
    "gelu": Preset(
        "GELU + He",
        "GELU looks like relu. Does he_normal suit it as well?",
        "What is left of the mean square after 50 layers?",
        f"?v=1&initializer=he_normal{_NETWORK}&network.activation=gelu",
        "{}: near 0 GELU is x/2, so that what is small gets smaller, faster and faster.",
        "4.1e-11", _signal, "Hendrycks & Gimpel 2016; Schoenholz et al. 2017",
    ),
    "edge": Preset(
        "edge of chaos",
        "Two inputs that differ enter fifty layers of tanh. Can the last layer tell them apart?",
        "Their correlation is 0 at first. What is it at the end?",
        f"?v=1&{_NORMAL}&scale=1.761{_NETWORK}&network.activation=tanh&network.bias_std=0.2236068",
        "{}, slowly on its way to 1: the dot stands between order, where all inputs become one, and chaos, where none "
        "stay alike. Drag it to either side.",
        "0.90", _alike, "Poole et al. 2016; Schoenholz et al. 2017",
    ),
    "gpt2": Preset(
        "GPT-2, unscaled",
        "GPT-2 divides the weights of its branches by √(2L). What if one forgets that?",
        "By what factor does the stream grow over 24 residual layers?",
        f"?v=1&initializer=he_normal{_NETWORK}&network.depth=24&network.residual=1",
        "By {}: each layer adds more than the stream has. Choose 1/√(2L) under residual: 13-fold is left.",
        "2.3e10", _signal, "Radford et al. 2019; Hayou et al. 2021",
    ),
    "orthogonal_deep": Preset(
        "orthogonal, 50 deep",
        "Fifty matrices of normal numbers keep the mean square of a signal. Do they keep directions?",
        "What is the median singular value of their product? The root mean square is 1.",
        "?v=1&initializer=lecun_normal&shape=128,+128&look=Depth&looks.Depth.layers=50",
        "{}: nearly all directions are lost, and a few carry everything. Choose orthogonal: all are 1, at any depth.",
        "2.8e-08", _median_found, "Saxe, McClelland & Ganguli 2014",
    ),
    "mean": Preset(
        "a mean nobody wanted",
        "uniform(0.01) draws from 0 to 0.01. What does the mean of 0.005 do to a matrix of 256 × 256?",
        "Noise alone would have singular values up to 0.092. How large is the largest?",
        "?v=1&initializer=uniform&shape=256,+256",
        "{}: the mean is one direction, 14 times as strong as all the rest. Every layer pushes everything along it.",
        "1.28", _largest, "Benaych-Georges & Nadakuditi 2012",
    ),
    "truncated": Preset(
        "truncated, not normal",
        "truncated_normal(stddev=1) cuts at ± 2. Is its standard deviation 1?",
        "What is it: 1, 0.95, 0.88?",
        "?v=1&initializer=truncated_normal&stddev=1",
        "{}: what is cut is missing, and nobody makes up for it. variance_scaling and he_normal do.",
        "0.88", _std, "the reference of jax.nn.initializers",
    ),
    "attention": Preset(
        "attention fan bug",
        "A query projection has the kernel (512, 8, 64): 8 heads of 64. Which fan does jax take for it?",
        "The layer sums 512 terms. What becomes of the standard deviation?",
        "?v=1&initializer=glorot_uniform&layer=AttentionProjection",
        "{} of what is meant: jax takes the 8 heads for a receptive field. Logits get 36 times too small. "
        "The call in the first line mends it.",
        "0.167", _realized, "the reference of jax.nn.initializers",
    ),
    "experts": Preset(
        "experts share a fan",
        "Four experts lie stacked in one kernel of (4, 512, 2048). Does each get what it would get alone?",
        "What becomes of the standard deviation?",
        "?v=1&initializer=he_normal&layer=Experts&experts=4&inputs=512&outputs=2048",
        "{} of what is meant: the axis of experts is counted as inputs. batch_axis=0 mends it.",
        "0.5", _realized, "the reference of jax.nn.initializers",
    ),
    "transposed": Preset(
        "transposed convolution",
        "A transposed convolution of stride 2 spreads each input. How many terms does an output sum?",
        "jax counts 1,024. What becomes of the standard deviation?",
        "?v=1&initializer=he_normal&layer=ConvTranspose&kernel_size=4,+4&inputs=64&outputs=32&stride=2,+2",
        "{} of what is meant: only every second tap meets an input along each axis, 256 terms in all.",
        "0.5", _realized, "Dumoulin & Visin 2016",
    ),
    "orthogonal_convolution": Preset(
        "orthogonal convolution?",
        "orthogonal makes all singular values of a kernel 1. Of the convolution, too?",
        "What is the largest one of the convolution as a linear map?",
        "?v=1&initializer=orthogonal&shape=3,+3,+32,+32&look=Convolution",
        "{}: the matrix of a kernel is not the map. delta_orthogonal makes all of them 1.",
        "1.89", _largest_found, "Sedghi, Gupta & Long 2019; Xiao et al. 2018",
    ),
    "condition": Preset(
        "square and random",
        "A square matrix of normal numbers can be inverted. How well?",
        "How much larger is the largest singular value of 256 × 256 than the smallest?",
        "?v=1&initializer=lecun_normal&shape=256,+256",
        "{} times: typical is a few times the size. Choose orthogonal: 1.",
        "745", _condition, "Edelman 1988",
    ),
    "bfloat16": Preset(
        "bfloat16",
        "he_normal in bfloat16 draws 200,704 weights. How many different ones?",
        "A thousand, a hundred thousand?",
        "?v=1&initializer=he_normal&layer=Dense&dtype=bfloat16",
        "{}: jax draws a uniform number of 7 bits and bends it. Draw in float32 and cast, and there are thousands.",
        "128", _values, "the source of jax.random",
    ),
    "float8": Preset(
        "float8",
        "And the same in float8_e4m3fn, which has 3 bits of mantissa?",
        "How many of them are numbers?",
        "?v=1&initializer=he_normal&layer=Dense&dtype=float8_e4m3fn",
        "{}: none. The steps of jax.random leave the range of this dtype, and all are NaN. Draw in float32 and cast.",
        "0", _finite, "the source of jax.random",
    ),
    "model": Preset(
        "not as documented",
        "The paper of GPT-2 scales two matrices of each of 12 blocks by 1/√24. Was this model drawn so?",
        "The dashed lines are what is declared. How many of the 148 tensors are off, by what factor?",
        "?v=1&look=Model&model.alpha=0.001",
        "{} tensors, 4.9 times as large: the scaling was dropped, as a refactoring of public code did. "
        "Choose the model “as its paper says”: none.",
        "24", _not_as_declared, "Radford et al. 2019",
    ),
}  # fmt: skip
"""Scenes by name, in the order of a lesson."""
