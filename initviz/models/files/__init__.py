"""Models in files that anybody may have written: nothing in them is executed, and one tensor at a time is in memory."""

from initviz.models.files.recognized import tensors_in
from initviz.models.files.refusal import ModelFileError

__all__ = ["ModelFileError", "tensors_in"]
