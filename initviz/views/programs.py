"""Python to take along: programs that draw the very weights on show, or find again what a closer look found."""

import math
import platform
from collections.abc import Callable, Iterable
from typing import Any

import jax
import numpy as np

import initviz
from initviz.answers.answer import Answer
from initviz.layers import Kept, Layer, RawShape
from initviz.layers.translations import Translation, kept_by_torch, translations


def program(answer: Answer, framework: str = "jax") -> str:
    """The draw itself in Python: run, `weights` equals the answer's, within 4 ulp.

    >>> from initviz.study import Study
    >>> print(program(Study("orthogonal", shape=(4, 3), seed=2).answer()))  # doctest: +ELLIPSIS
    # orthogonal() · 4 × 3 · float32 · seed 2 · cpu:0, drawn with jax ...
    import jax
    <BLANKLINE>
    with jax.threefry_partitionable(True), jax.default_device(jax.local_devices(backend="cpu")[0]):
        key = jax.random.key(2, impl="threefry2x32")
        weights = jax.nn.initializers.orthogonal()(key, (4, 3), jax.numpy.float32)
    <BLANKLINE>

    Args:
        answer: what was drawn.
        framework: "jax" or "flax", whose initializers draw it.

    Raises:
        ValueError: the weights were given, or the initializer cannot be written out; with the fix.
    """
    question, plan = answer.question, answer.plan
    _drawn(answer, "its program")
    whole = RawShape(shape=plan.shape)  # for which flax's code, too, draws these weights
    code = _code(translations(question.initializer, plan, whole), framework)
    backend, _, place = question.device.partition(":")
    is_wide = np.dtype(plan.dtype).itemsize // (2 if plan.dtype.kind == "c" else 1) == 8
    modules = ["flax.nnx", "jax"] if framework == "flax" else ["jax"]
    return (
        f"# {plan.initializer} · {_sizes(plan.shape)} · {plan.dtype} · seed {question.seed} · {question.device}, "
        f"drawn with jax {jax.__version__}\n"
        + "".join(f"import {module}\n" for module in modules)
        + 'jax.config.update("jax_enable_x64", True)\n' * is_wide
        + f"\nwith jax.threefry_partitionable({question.partitionable}), "
        f'jax.default_device(jax.local_devices(backend="{backend}")[{place or 0}]):\n'
        f'    key = jax.random.key({question.seed}, impl="{question.generator}")\n'
        f"    weights = {code}(key, {plan.shape}, jax.numpy.{plan.dtype})\n"
    )


def program_of_law(answer: Answer, framework: str) -> str:
    """The same law in PyTorch or Keras, on a weight as the framework's own layer keeps it: other numbers, of that law.

    >>> from initviz.study import Study
    >>> print(program_of_law(Study("constant", layer="Dense").answer(), "PyTorch"))
    # constant(value=0.5) · 784 × 256 · float32: the same law in PyTorch, of which each seed draws other weights
    import torch
    <BLANKLINE>
    torch.manual_seed(0)
    weight = torch.empty((256, 784))
    torch.nn.init.constant_(weight, 0.5)
    <BLANKLINE>

    Raises:
        ValueError: the weights were given, or the framework has no such law; with the reason.
    """
    question, plan = answer.question, answer.plan
    _drawn(answer, "a program with its law")
    layer = question.layer.layer
    here = layer if layer.kernel == plan.shape else RawShape(shape=plan.shape)
    code = _code(answer.translations, framework)
    module, kept, body = LAWS[framework](here, code, question.seed)
    return (
        f"# {plan.initializer} · {_sizes(plan.shape)} · {plan.dtype}: the same law in {framework}, "
        f"of which each seed draws other weights\nimport {module}\n\n"
        + body.replace("SHAPE", str(kept.shape if kept else plan.shape))
        + "\n"
    )


def _torch(layer: Layer, code: str, seed: int) -> tuple[str, Kept | None, str]:
    one = "torch.empty(SHAPE)"
    several = code.count("(weights[")  # of slices that are weights of their own there
    made = f"weights = [{one} for _ in range({several})]" if several else f"weight = {one}"
    kept = kept_by_torch(layer.kernel, layer.layouts(), layer.sums)
    return "torch", kept, f"torch.manual_seed({seed})\n{made}\n{code}"


def _keras(layer: Layer, code: str, seed: int) -> tuple[str, Kept | None, str]:
    made = f"weights = [draw(SHAPE) for draw in {code}]" if code.startswith("[") else f"weights = {code}(SHAPE)"
    return "keras", layer.layouts().keras, f"keras.utils.set_random_seed({seed})\n{made}"


LAWS: dict[str, Callable[[Layer, str, int], tuple[str, Kept | None, str]]] = {"PyTorch": _torch, "Keras": _keras}
"""By framework: what is imported, how it keeps the weights, and the statements, with SHAPE for the shape there."""


def _drawn(answer: Answer, what: str) -> None:
    if answer.question.weights is not None:
        raise ValueError(f"there must be a draw to write {what}, got weights of yours. Choose draw instead.")


def _code(found: Iterable[Translation], framework: str) -> str:
    (one,) = (each for each in found if each.framework == framework)
    if not one.code:
        raise ValueError(f"the initializer must be a call to write its program, got none. {one.note}")
    return one.code


def again(settings: Any, view: str) -> str:
    """What a view shows, found again with initviz: run, `found` has all of it.

    >>> from initviz.study import Study
    >>> print(again(Study("orthogonal", shape=(8, 4)).to_link(), "Seeds"))
    from initviz import Study
    <BLANKLINE>
    study = Study.from_link("?v=1&initializer=orthogonal&shape=8,+4")
    found = study.looks["Seeds"].answer(study.answer())
    <BLANKLINE>

    Args:
        settings: a study as a link, or a comparison as a dictionary.
        view: the name that `Study.look` has for what is open.
    """
    if isinstance(settings, dict):
        return f"from initviz.compare import Comparison\n\nfound = Comparison.from_dict({settings!r}).answer()\n"
    ways = {"": "study.answer()", "Layer": "study.answer().advice", "Network": "study.network.answer()",
            "Model": "study.model.answer().audit"}  # fmt: skip
    way = ways.get(view, f'study.looks["{view}"].answer(study.answer())')
    return f'from initviz import Study\n\nstudy = Study.from_link("{settings}")\nfound = {way}\n'


def _sizes(shape: tuple[int, ...]) -> str:
    return " × ".join(f"{size:,}" for size in shape) if math.prod(shape) else str(shape)


def versions() -> str:
    """What drew it: on other versions or machines a draw may differ in its last digits, or altogether."""
    return (
        f"initviz {initviz.__version__}, jax {jax.__version__}, NumPy {np.__version__}, "
        f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    )
