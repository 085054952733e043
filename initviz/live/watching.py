"""Changes of parameters told to whoever is there to hear: watching keeps nothing alive."""

from collections.abc import Callable
from typing import Any
from weakref import WeakMethod

import param


def watch(owner: param.Parameterized, method: Callable, names: str | list[str]) -> Any:
    """Call a method after changes of parameters, as `owner.param.watch` does, for as long as its object lives."""
    forgotten = WeakMethod(method)

    def changed(*events: param.parameterized.Event) -> None:
        call = forgotten()
        if call is None:
            events[0].obj.param.unwatch(watcher)
        else:
            call(*events)

    watcher = owner.param.watch(changed, names)
    return watcher
