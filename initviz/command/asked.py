"""Words of the command line as initializers, layers and studies, by the text form that each setting has."""

from argparse import Namespace
from typing import Any

from initviz.command.refusal import RefusedError
from initviz.initializers import CLASSES, Initializer
from initviz.layers import LAYERS, Layer
from initviz.layers import resolve as resolve_layer
from initviz.settings.choices import WIDE_DTYPES, dtypes, one_of
from initviz.settings.codec import unknown
from initviz.study import Study

OWN = ("seed", "dtype", "device", "generator")
"""Options that are settings of a study."""


def study_of(asked: Namespace) -> Study:
    """The study that was typed: initializer, layer or shape, and what draws.

    Raises:
        RefusedError, TypeError, ValueError, IndexError: a setting that cannot be used, with the fix.
    """
    one_of("initializer", lambda: CLASSES)(asked.name)
    kind = None if asked.layer is None else type(resolve_layer(asked.layer))
    texts = settings_of(asked.settings)
    arguments = {name: texts.pop(name) for name in list(texts) if name in CLASSES[asked.name].law_arguments()}
    sizes = {name: texts.pop(name) for name in list(texts) if kind and name in kind.arguments}
    if texts:
        raise RefusedError(_no_setting(next(iter(texts)), asked, kind))
    check_dtype(asked)
    layer = kind and kind(**parsed(kind, sizes))
    own = {name: text for name in OWN if (text := getattr(asked, name, None)) is not None}
    return Study(
        asked.name, layer=layer, shape=asked.shape,
        **parsed(Study, own) | parsed(CLASSES[asked.name], arguments),
    )  # fmt: skip


def initializer_asked(asked: Namespace) -> Initializer:
    """The initializer that was typed, with every argument that it needs.

    Raises:
        RefusedError, TypeError, ValueError: there is no such initializer or argument, or one is missing.
    """
    one_of("initializer", lambda: CLASSES)(asked.name)
    cls, texts = CLASSES[asked.name], settings_of(asked.settings)
    missing = [name for name in cls.required if name not in texts]
    if missing:
        needed = " ".join(f"{name}={cls.param[name].example}" for name in missing)
        raise RefusedError(
            f"{asked.name} needs {', '.join(missing)}, got none. Write for instance {asked.name} {needed}."
        )
    for name in texts:
        if name not in cls.law_arguments():
            raise RefusedError(_no_setting(name, asked, None))
    return cls(**parsed(cls, texts))


def settings_of(words: list[str]) -> dict[str, str]:
    """Settings from words such as stddev=0.02.

    Raises:
        RefusedError: a word is no such setting, or one comes twice.
    """
    texts: dict[str, str] = {}
    for word in words:
        name, equals, text = word.partition("=")
        if not equals or not name:
            digits = word.replace(",", "").replace(" ", "").isdigit()
            fix = "Write a shape as one word: --shape 3,3,64,128." if digits else "Write for instance stddev=0.02."
            raise RefusedError(f"settings must be name=value, got {word!r}. {fix}")
        if name in texts:
            raise RefusedError(f"settings must come once each, got {name} twice. Leave one out.")
        texts[name] = text
    return texts


def parsed(cls: Any, texts: dict[str, str]) -> dict[str, Any]:
    """The values of texts, by the declarations of a class."""
    return {name: cls.param[name].parse(text) for name, text in texts.items()}


def check_dtype(asked: Namespace) -> None:
    """Refuse a dtype of 64 bits where jax has them off, and say how a command has them on."""
    wanted = getattr(asked, "dtype", None)
    if wanted in WIDE_DTYPES and wanted not in dtypes():
        raise RefusedError(f"jax has no {wanted} unless it is told to. Set JAX_ENABLE_X64=1 in front of the command.")


def _no_setting(name: str, asked: Namespace, kind: type[Layer] | None) -> str:
    """What to say to a setting that neither the initializer nor the layer has."""
    if name in vars(asked):
        return f"{name} is an option, got it as a setting. Write --{name} in front of its value."
    layers = [each for each, cls in LAYERS.items() if cls.sums and name in cls.arguments]
    if layers and kind is None and hasattr(asked, "layer"):
        return f"{name} is of a layer, got it without one. Add for instance --layer {layers[0]}."
    if layers and kind:
        known = ", ".join(kind.arguments)
        return f"the sizes of {kind.__name__} are {known}, got {name}, which is of {' or '.join(layers)}."
    options = [each for each in vars(asked) if each not in ("name", "settings", "file")]
    names = [*CLASSES[asked.name].law_arguments(), *(kind.arguments if kind else ()), *options]
    having = " or ".join(each for each, cls in CLASSES.items() if name in cls.law_arguments())
    otherwise = f"Choose {having} for it." if having else "Leave it out."
    return unknown(name, names, asked.name).replace("Leave it out.", otherwise)
