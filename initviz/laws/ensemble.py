"""What is asked of every matrix ensemble."""

from typing import TYPE_CHECKING

from initviz.laws.base import Law
from initviz.laws.by_value import ByValue

if TYPE_CHECKING:
    from initviz.laws.haar import Haar


class EnsembleBase(ByValue):
    """What is asked of every ensemble, with the answers that most of them give."""

    law: Law | None
    """The law that independent entries are drawn from; None where the entries depend on each other or do not vary."""
    block: "Haar | None"
    """The orthogonal matrix in it; None where there is none."""
    complex: bool
    """Whether its entries are complex, so that each has two real parts."""
    fixed_norm = True
    """Whether the mean square of the entries is the same in every draw."""
    sparse = False
    """Whether entries are 0 by rule."""

    @property
    def independent(self) -> bool:
        """Whether the entries are drawn independently of each other."""
        return self.law is not None

    @property
    def parts(self) -> int:
        """Real parts of an entry: 2 if complex."""
        return 2 if self.complex else 1
