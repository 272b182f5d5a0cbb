"""The figures a run of these tests prints at its end, and the seed all of them start from."""

import math
import os
from random import Random
from typing import Any

SEED = int(os.environ.get("RELIABILITY_SEED", "20261121"))
"""Another one gives other random points at which things are killed."""

REPORTED: list[str] = []


def rng_of(scenario: str) -> Random:
    """The random numbers of a scenario: the same for the same seed, whatever ran before."""
    return Random(f"{SEED}/{scenario}")


def report(scenario: str, **figures: Any) -> None:
    """Have a line of figures printed when all tests are done."""
    shown = " ".join(f"{name}={_shown(figure)}" for name, figure in figures.items())
    REPORTED.append(f"{scenario}: {shown}")


def percentile(durations_s: list[float], share: float) -> float:
    """The nearest-rank percentile.

    >>> percentile([3.0, 1.0, 2.0], 0.95)
    3.0
    """
    ranked = sorted(durations_s)
    return ranked[math.ceil(len(ranked) * share) - 1]


def _shown(figure: Any) -> str:
    if isinstance(figure, float):
        return f"{figure:.3g}"
    if isinstance(figure, dict):
        return ",".join(f"{name}:{count}" for name, count in sorted(figure.items())) or "none"
    return str(figure)
