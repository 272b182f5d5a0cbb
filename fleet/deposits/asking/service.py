"""Tells what is held of leases, what became of it, and what stands against giving it back.

Leaves out how much may be given back by these facts (`refundable.py`).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from psycopg import Connection

from fleet.charges import service as charges
from fleet.deposits import store
from fleet.deposits.model import Deposit, DepositStanding, Movement, Total
from fleet.deposits.refundable import Facts, HeldBack, Owed, blocks_of, refundable_fen
from fleet.lease_book import OVER, Book
from fleet.leasing import service as leasing
from fleet.local_days import local_day
from fleet.orgs import service as orgs
from fleet.receivables import service as receivables
from schemas.access import Actor

__all__ = ["get_standing", "list_deposits", "standing_of", "total_deposits"]

WHOLE: Final = "#all"
"""Stands behind what is released whole, whatever it comes to."""


def list_deposits(
    conn: Connection[Any],
    actor: Actor,
    filters: Mapping[str, Any],
    *,
    after: tuple[datetime, int] | None = None,
    limit: int = 50,
) -> list[Deposit]:
    """Deposits in sight that were asked for or held, of the last drafted lease first.

    `filters`: lease (its number), customer (its number), organisation (or below it), held, running,
    search.
    """
    actor.require("deposit.read")
    return store.list_deposits(conn, {"had": True, **filters}, after=after, limit=limit)


def total_deposits(
    conn: Connection[Any], actor: Actor, *, organisation_code: str | None = None
) -> Total:
    """押金负债: what is held, of an organisation and those below it, or of all in sight.

    Raises:
        OrganisationNotFound: there is none in sight.
    """
    actor.require("deposit.read")
    if organisation_code is not None:
        orgs.get_organisation(conn, actor, code=organisation_code)
    return store.total_deposits(conn, organisation=organisation_code)


def get_standing(
    conn: Connection[Any], actor: Actor, *, lease_no: str, now: datetime
) -> DepositStanding:
    """All a clerk asks about the deposit of a lease, today.

    Raises:
        LeaseNotFound: there is no such signed lease in sight.
    """
    actor.require("deposit.read")
    return standing_of(conn, get_deposit(conn, lease_no), now=now)


def get_deposit(conn: Connection[Any], lease_no: str) -> Deposit:
    """The deposit of a signed lease. Whoever calls decides who may ask.

    Raises:
        LeaseNotFound: there is no such signed lease in sight.
    """
    found = store.find_deposit(conn, lease_no)
    if found is None:
        raise leasing.LeaseNotFound(f"no lease has the number {lease_no!r}", lease_no=lease_no[:40])
    return found


def standing_of(conn: Connection[Any], deposit: Deposit, *, now: datetime) -> DepositStanding:
    """The deposit with what became of it, and what may be given back today."""
    today = local_day(now, deposit.zone)
    movements = store.list_movements(conn, deposit.lease_id)
    facts = _facts(conn, deposit, movements, today)
    blocks = blocks_of(facts)
    return DepositStanding(
        deposit=deposit,
        on=today,
        returned_on=facts.returned_on,
        vehicles_out=facts.vehicles_out,
        refundable_fen=refundable_fen(deposit.held_fen, blocks),
        blocks=blocks,
        movements=tuple(movements),
    )


def _facts(
    conn: Connection[Any], deposit: Deposit, movements: Sequence[Movement], today: date
) -> Facts:
    book = leasing.find_books(conn, [deposit.lease_id])[deposit.lease_id]
    if not isinstance(book, Book):
        raise book
    back = [each.until_at for each in book.segments]
    returned = [local_day(at, deposit.zone) for at in back if at is not None]
    bills = [
        each
        for each in receivables.list_open(conn, lease_id=deposit.lease_id)
        if each.kind != "deposit"
    ]
    return Facts(
        today=today,
        is_over=book.state in OVER,
        vehicles_out=len(book.lines_out),
        returned_on=max(returned, default=None),
        violation_hold_fen=book.terms.violation_hold_fen,
        violation_hold_days=book.terms.violation_hold_days,
        violations=_violations(conn, deposit, book),
        bills=[Owed(each.bill_no, each.bill_no, each.open_fen) for each in bills],
        late_fees=_late_fees(conn, deposit, bills, today),
        charges=_charges(conn, deposit),
        held_back=[
            HeldBack(str(each.key), each.left_fen, each.reason, each.until_on)
            for each in movements
            if each.kind == "held_back" and each.left_fen
        ],
        released=_released(movements),
    )


def _violations(conn: Connection[Any], deposit: Deposit, book: Book) -> list[Owed]:
    """Those that the lessee bears by the terms of their day; one without a fine may be any sum."""
    return [
        Owed(each.violation_no, each.violation_no, each.fine_fen)
        for each in store.list_open_violations(conn, deposit.lease_id)
        if book.version_on(local_day(each.occurred_at, deposit.zone)).terms.violations_by
        == "lessee"
    ]


def _charges(conn: Connection[Any], deposit: Deposit) -> list[Owed]:
    """Charges on no bill yet; proposed for nothing: nobody knows yet for how much."""
    return [
        Owed(
            str(each.key),
            each.title,
            each.accepted_fen if each.state == "accepted" else each.amount_fen or None,
        )
        for each in charges.list_open(conn, lease_id=deposit.lease_id)
    ]


def _late_fees(
    conn: Connection[Any], deposit: Deposit, bills: Iterable[receivables.OpenBill], today: date
) -> list[Owed]:
    """Of open bills to date, and of those that were settled late; less what stands on bills."""
    numbers = {each.bill_id: each.bill_no for each in bills}
    numbers |= store.list_settled_late(conn, deposit.lease_id)
    due = receivables.late_fee_of(conn, bill_ids=list(numbers), on=today)
    billed = store.list_late_fees_billed(conn, deposit.lease_id)
    left = {no: due[key].amount_fen - billed.get(no, 0) for key, no in numbers.items()}
    return [Owed(no, no, fen) for no, fen in left.items() if fen > 0]


def _released(movements: Iterable[Movement]) -> dict[str, int | None]:
    """By what was released, how much of it; None: the whole. Of what people hold back, less is left
    instead.
    """
    released: dict[str, int | None] = {}
    for each in movements:
        if each.kind != "released" or each.releases is None or each.undoes_key is not None:
            continue
        key = each.releases.removesuffix(WHOLE)
        was = released.get(key, 0)
        whole = key != each.releases or was is None
        released[key] = None if whole or was is None else was + each.amount_fen
    return released
