"""Decides what is to be done for many leases: plans bills, looks up VAT, compares with drafts.

What is wrong with one lease stays with it. Leaves out doing it: `running`.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from psycopg import Connection

from fleet.billing.changes import Wanted, changes
from fleet.billing.deciding.model import Decided
from fleet.billing.drafting import digest, with_vat
from fleet.billing.gathering.model import Known
from fleet.billing.issuing.model import NewDraft, Whose
from fleet.billing.model import BillDraft, Plan
from fleet.billing.plan import plan
from fleet.billing.running.model import Claimed
from fleet.vat import service as vat
from kit.errors import DomainError

Rates = dict[tuple[int, date], vat.VatTable]
"""VAT of an organisation on a day, kept for the time of a run."""


def decide(
    conn: Connection[Any],
    leases: Sequence[Claimed],
    known: Mapping[int, Known | DomainError | ValueError],
    *,
    rates: Rates,
) -> tuple[list[Decided], dict[int, Exception]]:
    """What is to be done for each lease, and by its id what is wrong with those nobody can bill."""
    plans: list[tuple[Claimed, Known, Plan]] = []
    faults: dict[int, Exception] = {}
    for lease in leases:
        found = known.get(lease.lease_id)
        if isinstance(found, Exception):
            faults[lease.lease_id] = found
        elif found is not None:
            try:
                plans.append((lease, found, plan(found.context)))
            except Exception as fault:  # whatever it is, it is this lease's: the others are billed
                faults[lease.lease_id] = fault
    wanted = {
        (lease.organisation_id, lease.tenant_id, draft.due_on)
        for lease, _known, planned in plans
        for draft in planned.drafts
        if (lease.organisation_id, draft.due_on) not in rates
    }
    if wanted:
        rates |= vat.rates_of(conn, wanted)
    decided = []
    for lease, found, planned in plans:
        try:
            decided.append(_compared(lease, found, planned, rates))
        except Exception as fault:
            faults[lease.lease_id] = fault
    return decided, faults


def _compared(lease: Claimed, known: Known, planned: Plan, rates: Rates) -> Decided:
    shall = dict(_priced(lease, known, planned, rates))
    wanted = [Wanted(purpose, new.draft.issue_on, new.digest) for purpose, new in shall.items()]
    found = changes(known.drafts, wanted, today=known.context.today)
    return Decided(lease, known, planned, found, tuple(shall[each] for each in found.come))


def _priced(
    lease: Claimed, known: Known, planned: Plan, rates: Rates
) -> Iterator[tuple[str, NewDraft]]:
    """Each draft with its VAT, by its purpose."""
    whose = Whose(lease.tenant_id, lease.organisation_id, lease.customer_id, lease.lease_id)
    for draft in planned.drafts:
        table = rates[lease.organisation_id, draft.due_on]
        yield draft.purpose, new_draft(whose, draft, table, clause=_clause(known, draft))


def new_draft(
    whose: Whose, draft: BillDraft, table: vat.VatTable, *, clause: str | None
) -> NewDraft:
    """A draft ready to be written. `clause`: which of the contract its late fee stands on."""
    lines = with_vat(draft, table.pct, vat.split)
    late_fee = None
    if draft.late_fee is not None:
        late_fee = {
            "rate_per_day": str(draft.late_fee.rate_per_day),
            "grace_days": draft.late_fee.grace_days,
            "cap_pct": draft.late_fee.cap_pct,
            "clause": clause,
        }
    told = digest(draft, lines, late_fee, customer_id=whose.customer_id)
    return NewDraft(whose, draft, lines, late_fee, told)


def _clause(known: Known, draft: BillDraft) -> str | None:
    terms = known.context.book.version_on(draft.from_on or draft.due_on).terms
    return terms.clauses.get("late_fee")
