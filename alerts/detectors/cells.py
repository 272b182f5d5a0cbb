"""How it was a while ago: the first sample of each cell of time, and of the cells before it.

Time is cut into cells of equal length, the same for everybody, so that it does not matter how
samples came together. Leaves out what is compared.
"""

from dataclasses import dataclass
from typing import Final

import polars as pl

_V: Final = "vehicle_id"


@dataclass(frozen=True, slots=True)
class Compared:
    """Rows with columns `<name>_1` of the cell before, `<name>_2` of the one before that; and the
    cells that are kept."""

    rows: pl.DataFrame
    kept: pl.DataFrame


def compare(kept: pl.DataFrame, rows: pl.DataFrame, *, back: int) -> Compared:
    """Rows against earlier cells of their vehicle in which there was anything.

    `kept` has `vehicle_id`, `cell`, `at_us` and what is compared; `rows` as well, in order of
    vehicle and time, and more. Cells are those that are not empty.
    """
    names = [name for name in kept.columns if name not in {_V, "cell"}]
    vehicles = rows.select(_V).unique()
    firsts = (
        pl.concat([kept.join(vehicles, on=_V, how="semi"), rows.select(kept.columns)])
        .group_by(_V, "cell", maintain_order=True)
        .first()
        .sort(_V, "at_us", maintain_order=True)
    )
    earlier = firsts.select(
        _V,
        "cell",
        *(
            pl.when(pl.col(_V) == pl.col(_V).shift(n))
            .then(pl.col(name).shift(n))
            .alias(f"{name}_{n}")
            for n in range(1, back + 1)
            for name in names
        ),
    )
    newest = firsts.group_by(_V, maintain_order=True).tail(back + 1).select(kept.columns)
    return Compared(
        rows=rows.join(earlier, on=(_V, "cell"), how="left", maintain_order="left"),
        kept=pl.concat([kept.join(vehicles, on=_V, how="anti"), newest]),
    )
