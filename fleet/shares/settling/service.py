"""Looks at what a month of an agreement comes to, and settles it: once, when it is over.

What is settled is frozen, with its digest, and posted in the operator's book and the owner's.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from psycopg import Connection

from fleet.ledger import service as ledger
from fleet.local_days import DEFAULT_ZONE, local_day
from fleet.months import add_months, month_end
from fleet.shares import store
from fleet.shares.contents import canonical, content_of, digest_of
from fleet.shares.errors import ShareMonthNotOver, ShareMonthOutside, ShareMonthSettled
from fleet.shares.finding.service import agreement_of, locked, note, settlement_of
from fleet.shares.model import Agreement, Settlement, Statement
from fleet.shares.reckoning.service import statement_of
from schemas.access import Actor


def preview(
    conn: Connection[Any], actor: Actor, *, key: UUID, month_on: date, now: datetime
) -> Statement:
    """What a month comes to by what is known now, be it over or not; nothing is written.

    Raises:
        ShareAgreementNotFound: there is none in sight.
        ShareOperatorOutOfSight: what the operator earned is not in sight.
        ShareMonthOutside: the agreement is not of this month.
    """
    actor.require("share.read")
    agreement = agreement_of(conn, key)
    return statement_of(conn, agreement, _month_of(agreement, month_on), now=now)


def settle(
    conn: Connection[Any], actor: Actor, *, key: UUID, month_on: date, now: datetime
) -> Settlement:
    """The month is settled, for good, and posted in both books on its last day.

    Raises:
        ShareAgreementNotFound: there is none in sight.
        ShareNotYours: the operator asks.
        ShareOperatorOutOfSight: what the operator earned is not in sight.
        ShareMonthOutside: the agreement is not of this month.
        ShareMonthNotOver: the month is not over.
        ShareMonthSettled: it was settled before.
    """
    actor.require("share.settle")
    agreement = locked(conn, key)
    month = _month_of(agreement, month_on)
    today = local_day(now, agreement.operator_zone or DEFAULT_ZONE)
    if month_end(month) >= today:
        raise ShareMonthNotOver(f"{month:%Y-%m} is not over", month=f"{month:%Y-%m}")
    if store.list_settlements(conn, {"agreement_id": agreement.id, "month_on": month}, limit=1):
        raise ShareMonthSettled(f"{month:%Y-%m} is settled", month=f"{month:%Y-%m}")
    statement = statement_of(conn, agreement, month, now=now)
    settlement_key = uuid4()
    content = content_of(statement, key=settlement_key, settled_on=today)
    row = {
        "key": settlement_key,
        "tenant_id": agreement.tenant_id,
        "organisation_id": agreement.organisation_id,
        "operator_id": agreement.operator_id,
        "agreement_id": agreement.id,
        "month_on": month,
        "amount_fen": statement.amount_fen,
        "content": content,
        "content_sha256": digest_of(canonical(content)),
        "settled_by": actor.name,
        "settled_at": now,
    }
    store.insert_settlement(conn, row)
    ledger.post(conn, actor, _entries(statement, settlement_key), now=now)
    told = {"month": f"{month:%Y-%m}", "amount_fen": statement.amount_fen}
    note(conn, actor, "share.settle", agreement, now=now, after=told)
    return settlement_of(conn, settlement_key)


def _entries(statement: Statement, key: UUID) -> list[ledger.Entry]:
    """What the settlement does to the operator's book, and to the owner's."""
    agreed, amount_fen = statement.agreement, statement.amount_fen
    if amount_fen == 0:
        return []
    last = month_end(statement.month_on)
    title = f"分成结算 {statement.month_on:%Y-%m}"

    def entry(organisation_id: int, debit: ledger.Account, credit: ledger.Account) -> ledger.Entry:
        sides = (ledger.Posting(debit, amount_fen), ledger.Posting(credit, -amount_fen))
        return ledger.Entry(
            agreed.tenant_id, organisation_id, "share", str(key), last, title, sides
        )

    return [
        entry(agreed.operator_id, "share_expense", "share_payable"),
        entry(agreed.organisation_id, "share_receivable", "share_revenue"),
    ]


def _month_of(agreement: Agreement, month_on: date) -> date:
    month = month_on.replace(day=1)
    until_on = agreement.valid_until_on
    if month < agreement.valid_from_on or (until_on is not None and month >= until_on):
        last = None if until_on is None else f"{add_months(until_on, -1):%Y-%m}"
        begins = f"{agreement.valid_from_on:%Y-%m}"
        raise ShareMonthOutside(f"the agreement is not of {month:%Y-%m}", begins=begins, last=last)
    return month
