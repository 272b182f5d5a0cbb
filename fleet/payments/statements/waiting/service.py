"""Tells of receipts that are nobody's yet, and whose each may be by what is known now.

Proposals are made anew whenever they are asked for; that a receipt came from a customer's account
is known from when it came in, as of accounts only the last four are kept. Leaves out the claim
itself (`claiming`).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from psycopg import Connection

from fleet.payments.matching.service import Asked, Proposal, customers_by_account, propose_for
from fleet.payments.statements import store
from fleet.payments.statements.model import Unclaimed, UnclaimedRow
from schemas.access import Actor

__all__ = ["list_unclaimed"]


def list_unclaimed(
    conn: Connection[Any],
    actor: Actor,
    filters: Mapping[str, Any],
    *,
    after: tuple[date, int] | None = None,
    limit: int = 50,
    now: datetime,
) -> list[Unclaimed]:
    """Receipts in sight that are nobody's, the oldest first, with proposals.

    `filters`: channel, received_from, received_until, statement (its key), organisation (or below
    it), search.
    """
    actor.require("payment.read")
    rows = store.list_unclaimed(conn, filters, after=after, limit=limit)
    proposals = _proposals(conn, rows, now=now)
    return [Unclaimed(row, proposals[row.id]) for row in rows]


def _proposals(
    conn: Connection[Any], rows: Sequence[UnclaimedRow], *, now: datetime
) -> dict[int, tuple[Proposal, ...]]:
    """By receipt. Each organisation's are asked for at once."""
    by_account = {row.id: customers_by_account(row.proposal) for row in rows}
    numbers = sorted(set().union(*by_account.values()))
    ids = store.list_ids_of_customers(conn, numbers) if numbers else {}
    proposals: dict[int, tuple[Proposal, ...]] = {}
    for organisation_id in {row.organisation_id for row in rows}:
        some = [row for row in rows if row.organisation_id == organisation_id]
        asked = [
            Asked(
                row.amount_fen,
                row.received_on,
                row.payer_name,
                row.payer_account,
                row.remark,
                frozenset(ids[number] for number in by_account[row.id] if number in ids),
                by_statement=row.source == "statement",
            )
            for row in some
        ]
        made = propose_for(conn, asked, organisation_id=organisation_id, now=now)
        proposals |= {row.id: each for row, each in zip(some, made, strict=True)}
    return proposals
