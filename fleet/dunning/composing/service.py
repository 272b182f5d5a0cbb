"""Gathers what is open of an organisation and what is known beside it, and puts notices together.

Few questions, however many bills there are: one for the bills, one for what was made of them, one
for their leases; late fees of all that are claimed at once. Leaves out which are due (`making`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, Final

from psycopg import Connection

from fleet.dunning import store
from fleet.dunning.ladder import Known, Step
from fleet.dunning.letters import Fee, claim_of, claimed_bills, court_warning, unpaid_of
from fleet.dunning.model import BillDue, Claim, Customer, LeaseDue, Letter, Made
from fleet.dunning.texts import content_of, write
from fleet.lease_book import LateFee
from fleet.lease_figures import LateFeeMeasure, LeaseRescission, LoanPrimeRate
from fleet.local_days import local_day
from fleet.money_figures import DunningLadder
from fleet.parameters import service as parameters
from fleet.receivables import service as receivables
from kit.numbers import make_number
from schemas.access import Actor

__all__ = ["Standing", "make_notices", "stand"]

FOREVER: Final = date(9999, 12, 31)


@dataclass(frozen=True, slots=True)
class Standing:
    """All that is open of an organisation, and what is known beside it, on a day."""

    creditor: store.Creditor
    today: date
    ladder: DunningLadder
    bills: Sequence[BillDue]
    made: Mapping[int, Mapping[str, Made]]
    leases: Mapping[int, LeaseDue]
    of_lease: Mapping[int, Sequence[BillDue]]
    rescission: LeaseRescission

    def known(self, bill: BillDue) -> Known:
        """What is known beside a bill."""
        made = self.made.get(bill.bill_id, {})
        lease = None if bill.lease_id is None else self.leases.get(bill.lease_id)
        if lease is None:
            return Known(made)
        of_lease = self.of_lease.get(lease.lease_id, ())
        return Known(made, lease, unpaid_of(of_lease, self.today, self.rescission))


def stand(
    conn: Connection[Any], organisation_id: int, now: datetime, *, ahead: bool = False
) -> Standing:
    """What is open of an organisation; `ahead`: also what no stage has come of yet."""
    creditor = store.find_organisation(conn, organisation_id)
    if creditor is None:
        raise LookupError(f"no organisation {organisation_id} in sight")
    today, tenant_id = local_day(now, creditor.zone), creditor.tenant_id
    ladder = parameters.figures(conn, DunningLadder, tenant_id=tenant_id, on=today)
    until_on = FOREVER if ahead else today - timedelta(days=ladder.stages[0].day)
    bills = store.list_open_bills(conn, organisation_id, until_on=until_on)
    of_lease: dict[int, list[BillDue]] = {}
    for bill in bills:
        if bill.lease_id is not None:
            of_lease.setdefault(bill.lease_id, []).append(bill)
    return Standing(
        creditor,
        today,
        ladder,
        bills,
        store.list_made(conn, organisation_id, zone=creditor.zone) if bills else {},
        store.list_leases(conn, sorted(of_lease)) if bills else {},
        of_lease,
        parameters.figures(conn, LeaseRescission, tenant_id=tenant_id, on=today),
    )


def make_notices(
    conn: Connection[Any],
    actor: Actor,
    standing: Standing,
    due: Sequence[tuple[BillDue, Step]],
    *,
    now: datetime,
    rng: Random,
) -> list[tuple[str, str]]:
    """Number and kind of each notice that was made of these."""
    if not due:
        return []
    claimed = [
        claimed_bills(bill, step, _siblings(standing, bill), standing.made, standing.today)
        for bill, step in due
    ]
    fees = _fees(conn, {each.bill_id for bills in claimed for each in bills}, standing)
    customers = store.list_customers(conn, sorted({bill.customer_id for bill, _ in due}))
    numbers = _numbers(conn, len(due), standing.today, rng)
    warned = _Warner(conn, standing)

    def rows() -> Iterator[dict[str, Any]]:
        for (bill, step), bills, number in zip(due, claimed, numbers, strict=True):
            claims = [claim_of(each, fees.get(each.bill_id), standing.today) for each in bills]
            customer = customers[bill.customer_id]
            letter = _letter(standing, bill, step, claims=claims, number=number, customer=customer)
            yield _row(bill, step, letter, warned.of(bills))

    return list(store.insert_notices(conn, rows(), by=actor.name, now=now))


def _siblings(standing: Standing, bill: BillDue) -> Sequence[BillDue]:
    return () if bill.lease_id is None else standing.of_lease[bill.lease_id]


def _letter(
    standing: Standing,
    bill: BillDue,
    step: Step,
    *,
    claims: Sequence[Claim],
    number: str,
    customer: Customer,
) -> Letter:
    """All that its text is written from."""
    lease = None if bill.lease_id is None else standing.leases.get(bill.lease_id)
    demanded = None
    if step.stage.after is not None:
        before = standing.made.get(bill.bill_id, {}).get(step.stage.after)
        if before is not None and before.arrived_on is not None:
            demanded = (before.notice_no, before.arrived_on)
    return Letter(
        kind=step.stage.kind,
        made_on=standing.today,
        notice_no=number,
        customer=customer,
        seller=standing.creditor.seller or {},
        lease_no=None if lease is None else lease.lease_no,
        lease_kind=None if lease is None else lease.kind,
        claims=claims,
        clause=step.clause,
        deadline_days=step.stage.deadline_days,
        demanded=demanded,
    )


def _row(
    bill: BillDue, step: Step, letter: Letter, warnings: list[dict[str, str]]
) -> dict[str, Any]:
    written = write(letter)
    return {
        "tenant_id": bill.tenant_id,
        "organisation_id": bill.organisation_id,
        "notice_no": letter.notice_no,
        "customer_id": bill.customer_id,
        "lease_id": bill.lease_id,
        "bill_id": bill.bill_id,
        "stage": step.stage.code,
        "kind": step.stage.kind,
        "stage_on": step.stage_on.isoformat(),
        "open_fen": letter.open_fen,
        "late_fee_fen": letter.late_fee_fen,
        "clause": step.clause,
        "rule": written.rule,
        "content": content_of(letter, written, warnings),
    }


def _fees(conn: Connection[Any], bill_ids: Iterable[int], standing: Standing) -> dict[int, Fee]:
    """The late fees of bills to the day, by bill."""
    late = {b.bill_id for b in standing.bills if b.late_fee and b.due_on < standing.today}
    asked = sorted(late & set(bill_ids))
    if not asked:
        return {}
    found = receivables.late_fee_of(conn, bill_ids=asked, on=standing.today)
    return {key: Fee(due.amount_fen, due.days, due.capped) for key, due in found.items()}


def _numbers(conn: Connection[Any], count: int, on: date, rng: Random) -> list[str]:
    """So many numbers no notice in sight has, each another."""
    found: list[str] = []
    while len(found) < count:
        made = {make_number("D", on, rng) for _ in range(count - len(found))} - set(found)
        found += sorted(made - store.list_taken_numbers(conn, sorted(made)))
    return found


class _Warner:
    """Whether late fees are above what courts measure by; each rate is looked at once."""

    def __init__(self, conn: Connection[Any], standing: Standing) -> None:
        tenant_id, on = standing.creditor.tenant_id, standing.today
        self._measure = parameters.figures(conn, LateFeeMeasure, tenant_id=tenant_id, on=on)
        self._lpr = parameters.figures(conn, LoanPrimeRate, tenant_id=tenant_id, on=on)
        self._known: dict[LateFee, dict[str, str] | None] = {}

    def of(self, bills: Sequence[BillDue]) -> list[dict[str, str]]:
        """The warnings of these bills, each once."""
        found: list[dict[str, str]] = []
        for agreed in (bill.late_fee for bill in bills):
            if agreed is None:
                continue
            if agreed not in self._known:
                rate = agreed.rate_per_day
                self._known[agreed] = court_warning(rate, self._measure, self._lpr)
            warning = self._known[agreed]
            if warning is not None and warning not in found:
                found.append(warning)
        return found
