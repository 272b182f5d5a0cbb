"""In which sizes, and on which storage, a scenario runs."""

from typing import Any

import pytest

from guanche import embedded

ONE_STORAGE = "postgresql" if embedded.find_timescaledb() is None else "timescaledb"
"""Where scenarios run that are too long to run on both: TimescaleDB if it is there."""

on_one_storage = pytest.mark.parametrize("storage", [ONE_STORAGE], indirect=True)


def forms(*, short: Any, long: Any, long_timeout_s: int = 900) -> pytest.MarkDecorator:
    """Run a scenario in two sizes, the argument `size`; the long one in `make soak` only."""
    marks = [pytest.mark.soak, pytest.mark.timeout(long_timeout_s)]
    sizes = [pytest.param(short, id="short"), pytest.param(long, id="long", marks=marks)]
    return pytest.mark.parametrize("size", sizes)
