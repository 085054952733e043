"""What is asked of every matrix ensemble."""

from typing import TYPE_CHECKING, Any

from initviz.laws.base import Law
from initviz.laws.by_value import ByValue

if TYPE_CHECKING:
    from initviz.laws.haar import Haar


class EnsembleBase(ByValue):
    """What is asked of every ensemble, with the answers that most of them give."""

    law: Law | None
    """The one law that independent entries are drawn from; None where the entries depend on each other, do not vary,
    or have several laws."""
    block: "Haar | None"
    """The orthogonal matrix in it; None where there is none."""
    complex: bool
    """Whether its entries are complex, so that each has two real parts."""
    fixed_norm = True
    """Whether the mean square of the entries is the same in every draw."""
    not_finite: float = 0.0
    """Share of the real parts that are NaN or infinite by rule."""
    sparse = False
    """Whether entries are 0 by rule."""

    @property
    def independent(self) -> bool:
        """Whether the entries are drawn independently of each other."""
        return self.law is not None

    @property
    def laws(self) -> tuple[Law, ...]:
        """The laws that entries are drawn from, by growing scale; none where there is no such law; of several those at
        the ends: of the smallest scale, of the smallest but 0, and of the largest."""
        return (self.law,) if self.law is not None else ()

    @property
    def standard(self) -> tuple[Any, float]:
        """The ensemble of scale 1, and the number its weights are multiplied by; itself and 1 where there is none."""
        return self, 1.0

    def first(self, batch: tuple[int, ...]) -> Any:
        """The ensemble of the first slice along these axes."""
        return self

    @property
    def apart(self) -> tuple[int, ...]:
        """The axes along which the law differs."""
        return ()

    @property
    def parts(self) -> int:
        """Real parts of an entry: 2 if complex."""
        return 2 if self.complex else 1
