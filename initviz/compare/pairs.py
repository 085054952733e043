"""What tells most beside a study, for who has pinned nothing yet."""

from initviz.study import Study

TELLING = ("he_normal", "lecun_normal")
"""What to look at beside another initializer, and beside the first of these."""


def beside(study: Study) -> Study:
    """Another initializer with the same key, shape and dtype; of weights that were given, a draw of their law."""
    if study.weights is not None:
        return Study(study.initializer, shape=study.shape, dtype=study.dtype, seed=study.seed)
    other = Study.from_dict(study.to_dict())
    other.function = TELLING[study.function == TELLING[0]]
    return other
