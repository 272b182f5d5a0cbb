"""Decides what is asked for when a vehicle is wanted for a term, and whether it can be asked.

A term is [from_on, until_on), without an end where it is open. A vehicle comes back on its last day
and is driven then: its papers last through `until_on`, unless another day is said, such as that of
the hand-over for a long lease, in which papers are renewed. Leaves out how it is looked up.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from fleet.leasing.availability.errors import (
    NearIncomplete,
    WantedPeriodEmpty,
    WantedPeriodPast,
)
from fleet.leasing.terms import LeaseKind

Stage = Literal["in_stock", "let"]
"""Where a vehicle is that can be free: in stock, or with a lessee who brings it back in time."""


class Near(NamedTuple):
    """Around a place in WGS-84 [degrees]; `radius_m` None: however far."""

    lon: float
    lat: float
    radius_m: float | None


class Place(NamedTuple):
    """A place in the list: after the vehicle that far off [m], with this VIN."""

    distance_m: int | None
    vin: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Vehicles for [from_on, until_on); None for the rest is all.

    `organisation` is that of the present operator, or of one above it. `price_kind` says which
    price of the list is told. `search` is a part of the VIN, the plate or the model.
    """

    from_on: date
    until_on: date | None = None
    papers_through_on: date | None = None
    near: Near | None = None
    model_code: str | None = None
    body_type: str | None = None
    min_soc_pct: float | None = None
    organisation: str | None = None
    search: str | None = None
    price_kind: LeaseKind = "long"

    @property
    def papers_on(self) -> date:
        """The day its papers last through.

        >>> Wanted(date(2026, 12, 1), date(2027, 1, 1)).papers_on
        datetime.date(2027, 1, 1)
        >>> Wanted(date(2026, 12, 1)).papers_on
        datetime.date(2026, 12, 1)
        """
        return self.papers_through_on or self.until_on or self.from_on


def near_of(lon: float | None, lat: float | None, radius_km: float | None) -> Near | None:
    """The place that is meant; None: none.

    >>> near_of(114.06, 22.54, 5)
    Near(lon=114.06, lat=22.54, radius_m=5000.0)

    Raises:
        NearIncomplete: a part of it is missing.
    """
    if lon is None and lat is None and radius_km is None:
        return None
    if lon is None or lat is None:
        raise NearIncomplete("say near_lon and near_lat, and a radius only with both")
    return Near(lon, lat, None if radius_km is None else radius_km * 1_000.0)


def check_wanted(wanted: Wanted, *, today: date) -> None:
    """Let pass a term that can be asked for today.

    Raises:
        WantedPeriodPast: it begins before today.
        WantedPeriodEmpty: it ends before it begins.
    """
    if wanted.from_on < today:
        raise WantedPeriodPast(f"{wanted.from_on} is over", from_on=wanted.from_on, today=today)
    if wanted.until_on is not None and wanted.until_on <= wanted.from_on:
        raise WantedPeriodEmpty(
            f"nothing lies between {wanted.from_on} and {wanted.until_on}",
            from_on=wanted.from_on,
            until_on=wanted.until_on,
        )
