"""The shapes of a run of billing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple


class Part(NamedTuple):
    """Which of the organisations a run is for, where several runs share them out among themselves.

    Each organisation is in one part, so that runs beside one another never wait for one another.
    """

    number: int
    """From 0."""
    of: int


ALL: Final = Part(0, 1)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A lease whose billing is ours until the commit. Days are of `zone`."""

    lease_id: int
    tenant_id: int
    organisation_id: int
    organisation_code: str
    zone: str
    lease_no: str
    customer_id: int
    last_event_no: int


@dataclass(frozen=True, slots=True)
class RunCounts:
    """What a run did: leases looked at, drafts made and discarded, bills and credit notes issued.

    `faults`: by the number of a lease, why it could not be billed. `left`: leases that are still to
    be looked at.
    """

    leases: int = 0
    drafted: int = 0
    discarded: int = 0
    issued: int = 0
    issued_fen: int = 0
    credit_notes: int = 0
    credited_fen: int = 0
    faults: Mapping[str, str] = field(default_factory=dict)
    left: int = 0

    def plus(self, other: "RunCounts") -> "RunCounts":
        """Both together."""
        return RunCounts(
            self.leases + other.leases,
            self.drafted + other.drafted,
            self.discarded + other.discarded,
            self.issued + other.issued,
            self.issued_fen + other.issued_fen,
            self.credit_notes + other.credit_notes,
            self.credited_fen + other.credited_fen,
            {**self.faults, **other.faults},
            self.left + other.left,
        )


@dataclass(frozen=True, slots=True)
class BillingFault:
    """A lease that could not be billed, and why."""

    lease_no: str
    organisation_code: str
    customer_no: str
    fault: str
    looked_at: datetime
