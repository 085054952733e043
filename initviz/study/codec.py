"""A study as plain JSON: its initializer, its layer, what draws, how it is drawn, and the closer looks."""

from collections.abc import Callable
from typing import Any

from initviz.layers import LAYERS, RawShape
from initviz.models.study import OWN as OF_USER
from initviz.models.study import ModelStudy, usual
from initviz.networks.study import NetworkStudy
from initviz.networks.trial import Trial
from initviz.probes import PROBES
from initviz.settings.choices import device_names, one_of
from initviz.settings.codec import described, entries, from_dict, to_dict, unknown

VERSION = 1
OWN = ("dtype", "seed", "device", "generator", "partitionable", "weights_as", "spectrum_as", "look")
"""The settings that are the study's own."""

OF_NETWORKS = tuple(name for name in NetworkStudy.arguments if name != "seed")
"""The settings that a network has beside the study's own."""


def written(study) -> dict:
    """The study as plain JSON: what differs from the default, and the version."""
    if study.weights is not None:
        raise ValueError(
            f"weights must be drawn to be written, got an array of shape {study.shape}. "
            "Write the array by itself, for instance with numpy.save."
        )
    layer = {} if type(study.layer).__name__ == DEFAULT_LAYER else {"kind": type(study.layer).__name__}
    own = to_dict(study, OWN)
    if study.device == device_names()[0]:
        del own["device"]  # the best one of whoever reads it
    sections = {
        "initializer": to_dict(study, ["function"]) | to_dict(study.initializer, study.initializer.law_arguments()),
        "layer": layer | to_dict(study.layer, study.layer.arguments),
        **own,
        "network": to_dict(study.network, OF_NETWORKS),
        "trial": to_dict(study.network.trial, Trial.arguments),
        "model": _written_model(study.model),
        "looks": {name: texts for name, probe in study.looks.items() if (texts := to_dict(probe, probe.arguments))},
    }
    return {"version": VERSION} | {name: value for name, value in sections.items() if value}


DEFAULT_LAYER = RawShape.__name__


def _written_model(model: ModelStudy) -> dict[str, str]:
    """What is asked about an example; a model of the user's is none that others have."""
    if model.example == OF_USER:
        return {}
    own = [] if model.recipe == usual(model.example) else ["recipe"]
    return to_dict(model, [name for name in model.arguments if name != "recipe"]) | {
        name: getattr(model, name) for name in own
    }


def read(study, settings: Any, say: Callable[[str], None]) -> None:
    """Change a new study to what was written; `say` hears what cannot be read, which stays as it is."""
    if not isinstance(settings, dict):
        entries(settings, "", say)
        return
    found = dict(settings)
    version = found.pop("version", None)
    if type(version) not in (int, float) or version != VERSION:
        short = type(version) is float or (type(version) is int and abs(version) < 2**53)
        got = f"{version:g}" if short else described(version)
        say(f"version must be {VERSION}, got {got}. Write the settings again with this initviz.")
        return
    sections = {"initializer": _read_initializer, "layer": _read_layer, "network": _read_network, "trial": _read_trial,
                "model": _read_model, "looks": _read_looks}  # fmt: skip
    for name, section in sections.items():
        if name in found:
            section(study, found.pop(name), say)
    for name in [name for name in found if name not in OWN]:
        say(unknown(name, ["version", *sections, *OWN], ""))
        del found[name]
    from_dict(study, found, OWN, "", say)


def _chosen(section: dict, name: str, where: str, choices, default: str, say) -> str:
    """The choice that a section is about, taken out of it."""
    value = section.pop(name, default)
    if not isinstance(value, str):
        say(f"{where}.{name} must be a text, got {described(value)}. Write for instance {default!r}.")
        return default
    try:
        one_of(f"{where}.{name}", lambda: choices)(value)
    except ValueError as refusal:
        say(str(refusal))
        return default
    return value


def _read_initializer(study, texts: Any, say) -> None:
    texts = dict(entries(texts, "initializer", say))
    study.function = _chosen(texts, "function", "initializer", study.param.function.objects, study.function, say)
    from_dict(study.initializer, texts, study.initializer.law_arguments(), "initializer", say)


def _read_layer(study, texts: Any, say) -> None:
    texts = dict(entries(texts, "layer", say))
    study.layer = LAYERS[_chosen(texts, "kind", "layer", LAYERS, DEFAULT_LAYER, say)]()
    from_dict(study.layer, texts, study.layer.arguments, "layer", say)


def _read_network(study, texts: Any, say) -> None:
    from_dict(study.network, texts, OF_NETWORKS, "network", say)


def _read_trial(study, texts: Any, say) -> None:
    from_dict(study.network.trial, texts, Trial.arguments, "trial", say)


def _read_model(study, texts: Any, say) -> None:
    first = sorted(entries(texts, "model", say), key=lambda entry: entry[0] != "example")  # it brings its recipe
    from_dict(study.model, dict(first), ModelStudy.arguments, "model", say)


def _read_looks(study, looks: Any, say) -> None:
    for name, texts in entries(looks, "looks", say):
        if name in PROBES:
            from_dict(study.looks[name], texts, PROBES[name].arguments, f"looks.{name}", say)
        else:
            say(unknown(name, list(PROBES), "looks"))
