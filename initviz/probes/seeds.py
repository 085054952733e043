"""Many seeds: how much the histogram and the singular values vary from draw to draw."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from initviz.answers.answer import Answer, answer
from initviz.probes.base import Probe, ignore
from initviz.settings.choices import LARGEST_SEED
from initviz.settings.knobs import Count

BAND = (0.05, 0.5, 0.95)
"""Quantiles over the draws: the ends of the band that holds most of them, and the median between."""
COVERAGE = BAND[-1] - BAND[0]
"""Share of the draws that the band holds."""


def spread(each: np.ndarray) -> np.ndarray:
    """Lower end of the band, median and upper end over the draws, which are the first axis: (3, ...)."""
    return np.quantile(each, BAND, axis=0)


def consecutive(result: Answer, draws: int, progress: Callable[[float], None] = ignore) -> Iterator[Answer]:
    """The answer and those to its question for the seeds after its own, one by one: `draws` in all.

    Raises:
        ValueError: there are no weights to draw.
    """
    if not result.plan.size:
        raise ValueError("many seeds need weights to draw, got none. Choose a shape without a size of 0.")
    question = replace(result.question, weights=None)  # weights that were given are compared with draws
    for done in range(draws):
        seed = (question.seed + done) % (LARGEST_SEED + 1)
        # the progress of a long draw is not shown, but lets it stop
        stop = lambda share, done=done: progress((done + share) / draws)  # noqa: E731
        yield answer(replace(question, seed=seed), stop) if done else result
        progress((done + 1) / draws)


@dataclass(frozen=True, eq=False)
class SeedsResult:
    """Draws of one question with consecutive seeds, the first of which is the draw on show."""

    result: Answer
    seeds: tuple[int, ...]
    counts: np.ndarray
    """Histogram of each draw over the bins of `result.summary.coarse()`: (draws, bins)."""
    singular_values: np.ndarray
    """Descending, of each draw: (draws, values); no columns where there are none."""

    @property
    def count_quantiles(self) -> np.ndarray:
        """Band and median of each bin's count: (3, bins)."""
        return spread(self.counts)

    @property
    def value_quantiles(self) -> np.ndarray:
        """The same of each singular value: (3, values)."""
        return spread(self.singular_values)


class Seeds(Probe):
    """The same question answered for many seeds."""

    title = "Many seeds"
    arguments = ("draws",)

    draws = Count(32, bounds=(2, 1000), softbounds=(2, 200), doc="How many seeds are drawn")

    def answer(self, result, progress=ignore):
        """Histogram and singular values of `draws` consecutive seeds, the first of them the one on show.

        Raises:
            ValueError: there are no weights to draw.
        """
        seeds, counts, values = [], [], []
        for draw in consecutive(result, self.draws, progress):
            seeds.append(draw.question.seed)
            counts.append(draw.summary.coarse()[1])
            values.append(draw.singular_values)
        if len({len(each) for each in counts}) > 1:
            raise ValueError("the draws have no common bins. Choose an initializer with a known law.")
        shortest = min(map(len, values))  # 0 if one of them has none
        return SeedsResult(result, tuple(seeds), np.array(counts), np.array([each[:shortest] for each in values]))
