"""An initializer by the order of axes that a tensor has."""

from initviz.initializers import Initializer
from initviz.initializers.orthogonal import DeltaOrthogonal, Orthogonal
from initviz.initializers.scaling import VarianceScaling
from initviz.models.tensor import Role

FANS = ("in_axis", "out_axis", "batch_axis")
AXES = (*FANS, "column_axis")
"""Arguments that say what an axis is for."""


def unplaced(initializer: Initializer) -> bool:
    """Whether its axes are the usual ones, so that nobody has said them."""
    return all(
        getattr(initializer, name) == type(initializer).param[name].default
        for name in AXES
        if name in initializer.arguments
    )


def counts_no_axis(initializer: VarianceScaling) -> bool:
    """Whether no axis counts for its fans, so that its scale alone is the variance, as `centred` writes it."""
    return initializer.in_axis == initializer.out_axis == ()


def pinned(initializer: Initializer, rank: int, role: Role | None) -> Initializer:
    """The same law with the axes of a role for those that it counts on; unchanged where it counts on none.

    Raises:
        ValueError: it counts fans or columns, and the role does not say of which axes.
    """
    if isinstance(initializer, DeltaOrthogonal):
        return _at_the_end(initializer, rank, role)
    if isinstance(initializer, VarianceScaling):
        return _by_fans(initializer, rank, role)
    if isinstance(initializer, Orthogonal):
        return _by_columns(initializer, rank, role)
    return initializer


def _by_fans(initializer: VarianceScaling, rank: int, role: Role | None) -> Initializer:
    taps = rank - len((*role.in_axes, *role.out_axes, *role.batch_axes)) if role else 0
    if role is None or not role.out_axes or not (role.in_axes or taps):  # rows of a table have no inputs
        what = f"a {role.kind}" if role else "weights of which nobody knows what they are for"
        raise ValueError(
            f"{initializer.function} must know which axes are inputs and outputs, got {what}. Name them, such as "
            f"{initializer.function}(…, in_axis=1, out_axis=0), or write a law without fans, such as zeros."
        )
    usual = {"in_axis": (rank - 2,), "out_axis": (rank - 1,), "batch_axis": ()}
    axes = dict(zip(FANS, (role.in_axes, role.out_axes, role.batch_axes), strict=True))
    changed = {name: _one(each) for name, each in axes.items() if each != usual[name]}
    own = {name: getattr(initializer, name) for name in initializer.arguments}
    return type(initializer)(**own | changed)


def _at_the_end(initializer: DeltaOrthogonal, rank: int, role: Role | None) -> Initializer:
    if role and (role.in_axes, role.out_axes) != ((rank - 2,), (rank - 1,)):
        raise ValueError(
            f"delta_orthogonal must have inputs and outputs as the last two axes, got inputs on {role.in_axes} and "
            f"outputs on {role.out_axes}. Move the axes of the weights."
        )
    return initializer


def _by_columns(initializer: Orthogonal, rank: int, role: Role | None) -> Initializer:
    """Outputs are the columns, or inputs, where those are several axes: the law of the transpose is the same."""
    for axes in (role.out_axes, role.in_axes) if role else ():
        if len(axes) == 1 and not role.batch_axes:
            axis = -1 if axes[0] == rank - 1 else axes[0]
            return initializer if axis == -1 else type(initializer)(initializer.scale, axis, initializer.dtype)
    got = "weights of which nobody knows what they are for" if role is None else f"{role}"
    raise ValueError(
        f"orthogonal must set one axis against all others, got {got}. Name it, such as orthogonal(column_axis=0), or "
        "check each matrix alone."
    )


def _one(axes: tuple[int, ...]) -> int | tuple[int, ...]:
    return axes[0] if len(axes) == 1 else axes
