"""A question about a network, as plain frozen data: compared by value, and answered in a thread."""

from dataclasses import dataclass
from typing import Any

from initviz.initializers import CLASSES
from initviz.laws.by_value import ByValue
from initviz.networks.network import Network


@dataclass(frozen=True, eq=False)
class NetworkQuestion(ByValue):
    """The settings of a network frozen: what is asked."""

    function: str
    arguments: tuple[tuple[str, Any], ...]
    """Of the initializer."""
    fields: tuple[tuple[str, Any], ...]
    """Of the network, but for its initializer."""
    seeds: int
    lsuv: bool = False
    """Whether its layers are rescaled by LSUV."""

    @property
    def seed(self) -> int:
        """Of the first network."""
        return dict(self.fields)["seed"]

    @property
    def network(self) -> Network:
        """The network, before its layers are rescaled.

        Raises:
            TypeError, ValueError: the initializer draws no such layers; with the fix.
        """
        return Network(CLASSES[self.function](**dict(self.arguments)), **dict(self.fields))
