"""The shapes of what is to be done for a lease."""

from dataclasses import dataclass
from datetime import date

from fleet.billing.changes import Changes
from fleet.billing.gathering.model import Known
from fleet.billing.issuing.model import NewDraft
from fleet.billing.model import BillDraft, Plan
from fleet.billing.running.model import Claimed


@dataclass(frozen=True, slots=True)
class Decided:
    """What is to be done for a lease: drafts that stay, go and come, and what is taken off."""

    lease: Claimed
    known: Known
    plan: Plan
    changes: Changes
    come: tuple[NewDraft, ...]

    @property
    def next_on(self) -> date | None:
        """When to look again though nothing happens."""
        days = (self.plan.next_on, self.known.package_on)
        return min((day for day in days if day is not None), default=None)

    def draft(self, purpose: str) -> BillDraft:
        """The draft of this purpose, as it shall be."""
        return next(each for each in self.plan.drafts if each.purpose == purpose)
