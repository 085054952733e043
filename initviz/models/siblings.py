"""What the tensors of a model tell about each other: which are stacked, how wide the model is, which axis is an output.

The order of the axes of a matrix that only has a name follows, in this order, from
1. its bias, if only one axis is as long;
2. the width of the model, if its name says that it reads or writes the residual stream and only one axis is as wide;
3. what 1 and 2 say of most others that are called the same, those of GPT-2's own layers apart from the rest;
4. its last name: "weight" keeps outputs first, as in PyTorch and Equinox, any other keeps them last, as in flax.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from initviz.models import names
from initviz.models.names import is_named, words
from initviz.models.tensor import Tensor

Shape = tuple[int, ...]
DEEPEST = 12
"""Names from the root below which stacked layers are looked for."""


@dataclass(frozen=True)
class Siblings:
    """The tensors of one model, by path: shapes of one copy, axes that hold copies, and what both tell."""

    shapes: Mapping[str, Shape]
    """Without the axes of copies."""
    copies: Mapping[str, int]
    """The axis of a tensor along which layers are stacked; no entry where none are."""
    width: int | None
    """Features of the residual stream, where there is one."""
    outputs_last: dict[str, bool] = field(default_factory=dict)
    """Whether most of a family of matrices keep outputs last."""

    @cached_property
    def _layers(self) -> dict[str, list[str]]:
        """Paths by the name of what holds them."""
        found: dict[str, list[str]] = {}
        for path in self.shapes:
            found.setdefault(path.rpartition("/")[0], []).append(path)
        return found

    def bias_of(self, path: str) -> Shape | None:
        """Shape of the bias that belongs to a weight; None without one."""
        parent, _, last = path.rpartition("/")
        root = f"{parent}/" if parent else ""
        own = [last.replace("weight", "bias"), f"{last}_bias", *([f"b{last[1:]}"] if last.startswith("w") else [])]
        own += ["bias", "b"] if last in names.KERNELS else []
        return next((self.shapes[root + each] for each in own if each != last and root + each in self.shapes), None)

    @cached_property
    def _above_layers(self) -> set[str]:
        return {name.rpartition("/")[0] for name in self._layers}

    def holds_layers(self, path: str) -> bool:
        """Whether there are layers below what holds a tensor, which is therefore none itself."""
        return path.rpartition("/")[0] in self._above_layers

    def is_beside_scale(self, path: str) -> bool:
        """Whether the same layer has the factors of a normalization."""
        root = path[: len(path) - len(path.rpartition("/")[2])]
        return f"{root}scale" in self.shapes or len(self.shapes.get(f"{root}weight", ())) == 1

    def is_beside_matrix(self, path: str) -> bool:
        """Whether a vector is as long as the last axis of the only matrix or convolution beside it."""
        beside = [self.shapes[each] for each in self._layers[path.rpartition("/")[0]] if each != path]
        return len(beside) == 1 and len(beside[0]) > 1 and beside[0][-1:] == self.shapes[path]

    def decided(self, path: str, first: int, last: int) -> bool | None:
        """Whether the last of two axes of these sizes is the output, by bias or width; None if neither tells."""
        if first == last:
            return None
        bias = (self.bias_of(path) or ())[-1:]
        if bias in ((first,), (last,)):
            return bias == (last,)
        reads, writes = (is_named(each, *words(path)[-2:]) for each in (names.READS_WIDTH, names.WRITES_WIDTH))
        if reads != writes and (self.width == first) != (self.width == last):
            return (self.width == first) == reads
        return None

    def is_output_last(self, path: str, first: int, last: int) -> bool:
        """Whether the last of two axes of a weight is the output."""
        found = self.decided(path, first, last)
        if found is None:
            found = self.outputs_last.get(family(path))
        return not names.OUTPUTS_FIRST.fullmatch(words(path)[-1]) if found is None else found


def family(path: str) -> str:
    """Matrices that keep their axes in the same order."""
    *above, last = words(path)
    return f"{'c_*/' if is_named(names.CONV1D, *above[-1:]) else ''}{names.unnumbered(last)}"


def siblings(tensors: Sequence[Tensor]) -> Siblings:
    """What the tensors of a model tell about each other."""
    whole = {tensor.path: tensor.shape for tensor in tensors}
    copies = _stacked(whole)
    shapes = {path: without(shape, copies.get(path)) for path, shape in whole.items()}
    found = Siblings(shapes, copies, _width(shapes))
    votes: dict[str, list[bool]] = {}
    for path, shape in shapes.items():
        decided = found.decided(path, *shape) if len(shape) == 2 else None
        if decided is not None:
            votes.setdefault(family(path), []).append(decided)
    for name, each in votes.items():
        found.outputs_last[name] = 2 * sum(each) > len(each)
    return found


def without(shape: Shape, axis: int | None) -> Shape:
    """A shape without one of its axes."""
    return shape if axis is None else shape[:axis] + shape[axis + 1 :]


def _is_scale(path: str) -> bool:
    *above, last = words(path)
    return last in names.SCALE or (last == "weight" and is_named(names.NORM, *above[-1:]))


def _width(shapes: Mapping[str, Shape]) -> int | None:
    """The length that three of five norms have, or else the features of every table; None without table and attention.

    A stack of dense layers has norms too, but no residual stream that its first layer reads.
    """
    norms = Counter(shape[0] for path, shape in shapes.items() if len(shape) == 1 and _is_scale(path))
    tables = Counter(shape[-1] for path, shape in shapes.items() if len(shape) > 1 and is_table(path))
    if not tables and not any(is_named(names.HEADS_SPLIT, *words(path)[-2:]) for path in shapes):
        return None
    for counted, share in ((norms, 0.6), (tables, 1.0)):
        if counted:
            [(size, times)] = counted.most_common(1)
            return size if times >= share * counted.total() else None
    return None


def is_table(path: str) -> bool:
    """Whether a name says that tokens or positions pick rows of it."""
    *above, last = words(path)
    held = above[-1:] if last in names.KERNELS - {"kernel"} else []
    return is_named(names.TABLE, last, *held) and not is_named(names.NO_TABLE, last, *held)


def _stacked(shapes: Mapping[str, Shape]) -> dict[str, int]:
    """The axis of copies of every tensor below a name all of whose tensors have one, the topmost such name first.

    That is where all share the size of one axis, and a norm or a bias has an axis more than it can have alone; without
    norm and bias where the name is one of layers in a row, and some weight has three axes.
    """
    below: dict[str, list[str]] = {}
    for path in shapes:
        parts = path.split("/")
        for depth in range(min(len(parts), DEEPEST)):
            below.setdefault("/".join(parts[:depth]), []).append(path)
    found: dict[str, int] = {}
    for prefix, paths in below.items():  # a name comes before those below it
        if paths[0] in found or any(not shapes[path] for path in paths):
            continue
        for axis in (0, 1):
            if _share_axis(axis, paths, shapes) and _shows_copies(axis, prefix, paths, shapes):
                found.update(dict.fromkeys(paths, axis))
                break
    return found


def _share_axis(axis: int, paths: Iterable[str], shapes: Mapping[str, Shape]) -> bool:
    sizes = {shapes[path][axis] if len(shapes[path]) > axis else None for path in paths}
    return len(sizes) == 1 and None not in sizes


def _shows_copies(axis: int, prefix: str, paths: Sequence[str], shapes: Mapping[str, Shape]) -> bool:
    rest = {path: without(shapes[path], axis) for path in paths}
    alone = Siblings(rest, {}, None)
    for path, shape in rest.items():
        if len(shape) == 1 and _is_scale(path):
            return True
        bias = alone.bias_of(path)
        if bias and len(bias) == 1 and len(shape) == 2 and bias[0] in shape:
            return True
    ranks = {len(shape) for shape in rest.values()}
    return axis == 0 and is_named(names.STACK, *words(prefix)[-1:]) and not prefix[-1:].isdigit() and max(ranks) > 1
