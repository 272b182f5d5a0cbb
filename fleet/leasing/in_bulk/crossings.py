"""Decides whether a lease of a sheet would cross what a vehicle is promised or held for already.

The same two rules as the tables have: a vehicle is promised once, and held once. Leaves out leases
within one sheet (`fleet/sheets`), and those out of sight: the database has the last word.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Taken:
    """When a vehicle is promised (not `held`) or with a lessee; until None: without an end."""

    vin: str
    lease_no: str
    held: bool
    from_at: datetime
    until_at: datetime | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a row would take: promised until `until_at`; from `held_from_at` on with a lessee."""

    vin: str
    from_at: datetime
    until_at: datetime | None
    held_from_at: datetime | None


def crossed(wanted: Wanted, taken: Taken) -> bool:
    """Whether there is no room for both."""
    if taken.vin != wanted.vin:
        return False
    if taken.held:
        at = wanted.held_from_at
        return at is not None and (taken.until_at is None or at < taken.until_at)
    starts_before_end = taken.until_at is None or wanted.from_at < taken.until_at
    return starts_before_end and (wanted.until_at is None or taken.from_at < wanted.until_at)
