"""Counts what a run does, by organisation, for the trail and for whoever asked. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fleet.billing.issuing.model import Issued
from fleet.billing.running.model import Claimed, RunCounts


@dataclass(slots=True)
class Done:
    """What was done in an organisation."""

    tenant_id: int
    code: str
    leases: int = 0
    drafted: int = 0
    discarded: int = 0
    credit_notes: int = 0
    credited_fen: int = 0
    issued: list[Issued] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)

    def told(self) -> dict[str, Any] | None:
        """As the trail keeps it; None: nothing was changed."""
        changed = (self.drafted, self.discarded, self.credit_notes, self.issued, self.faults)
        if not any(changed):
            return None
        numbers = [each.bill_no for each in self.issued]
        return {
            "leases": self.leases,
            "drafted": self.drafted,
            "discarded": self.discarded,
            "issued": len(numbers),
            "issued_fen": sum(each.total_fen for each in self.issued),
            "bills": [numbers[0], numbers[-1]] if numbers else [],
            "credit_notes": self.credit_notes,
            "credited_fen": self.credited_fen,
            "faults": sorted(self.faults),
        }


class Tally:
    """What was done, by the id of the organisation."""

    def __init__(self) -> None:
        self.by_organisation: dict[int, Done] = {}

    def of(self, lease: Claimed) -> Done:
        """What was done in the organisation of a lease."""
        nothing = Done(lease.tenant_id, lease.organisation_code)
        return self.by_organisation.setdefault(lease.organisation_id, nothing)

    def counts(self) -> RunCounts:
        """Altogether."""
        every = self.by_organisation.values()
        return RunCounts(
            leases=_sum(each.leases for each in every),
            drafted=_sum(each.drafted for each in every),
            discarded=_sum(each.discarded for each in every),
            issued=_sum(len(each.issued) for each in every),
            issued_fen=_sum(bill.total_fen for each in every for bill in each.issued),
            credit_notes=_sum(each.credit_notes for each in every),
            credited_fen=_sum(each.credited_fen for each in every),
            faults=_together(each.faults for each in every),
        )


def _sum(counts: Iterable[int]) -> int:
    return sum(counts)


def _together(faults: Iterable[Mapping[str, str]]) -> dict[str, str]:
    return {lease_no: fault for each in faults for lease_no, fault in each.items()}
