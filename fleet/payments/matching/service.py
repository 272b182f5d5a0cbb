"""Finds who receipts may be of, many at a time, and has `confidence.py` decide how sure that is.

Candidates are customers of the organisation whose receipt it is, or below: those that a remark
names, whose account or name the payer has, for whom the same payer paid before, or who owe just so
much. Nobody beside it, as whoever sees the receipt sees its proposals. Leaves out the claim itself.
Whoever calls has asked for its own permission.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from psycopg import Connection

from fleet.payments.matching import store
from fleet.payments.matching.confidence import AMOUNT_OF_TOO_MANY, propose, without_bills
from fleet.payments.matching.model import Because, Candidate, OpenBillSeen, Proposal, Receipt
from fleet.payments.matching.naming import core_name, likeness_of, named_in, plain_name

__all__ = [
    "Asked",
    "Because",
    "Proposal",
    "as_kept",
    "customers_by_account",
    "propose_for",
]

PLATES_SINCE: Final = timedelta(days=400)
"""A plate names who had the vehicle within that time."""
BY_HAND_AROUND_DAYS: Final = 3
NOBODY: Final = ("", "")
_EDGE: Final = 2


@dataclass(frozen=True, slots=True)
class Asked:
    """A receipt of which somebody asks whose it is. `payer_account` as it is kept, masked.

    `of_account`: customers with the account it came from. `by_statement`: somebody may have
    recorded the same money by hand.
    """

    amount_fen: int
    received_on: date
    payer_name: str | None
    payer_account: str | None
    remark: str | None
    of_account: frozenset[int] = field(default=frozenset())
    by_statement: bool = True


def propose_for(
    conn: Connection[Any],
    asked: Sequence[Asked],
    *,
    organisation_id: int,
    claims_from_pct: int = 101,
    now: datetime,
) -> list[tuple[Proposal, ...]]:
    """Whose each receipt may be, the most likely first.

    What comes to `claims_from_pct` counts as claimed for the receipts after it: the bills that its
    amount fits are open no longer.
    """
    if not asked:
        return []
    found = _Found(conn, asked, organisation_id, now)
    proposals = []
    for place in range(len(asked)):
        made = propose(found.receipts[place], found.candidates_of(place))
        if made and made[0].confidence_pct >= claims_from_pct:
            found.settle(made[0])
        proposals.append(made)
    return proposals


class _Found:
    """The receipts, and for each the customers that come into question."""

    def __init__(
        self, conn: Connection[Any], asked: Sequence[Asked], organisation_id: int, now: datetime
    ) -> None:
        since = now - PLATES_SINCE
        payers = sorted({_payer(each) for each in asked} - {NOBODY})
        before = store.list_paid_before(conn, payers) if payers else {}
        by_hand = store.list_recorded_by_hand(
            conn,
            [(each.received_on, each.amount_fen) for each in asked],
            organisation_id=organisation_id,
            days_around=BY_HAND_AROUND_DAYS,
        )
        self.receipts = [
            Receipt(
                each.amount_fen,
                each.received_on,
                each.payer_name,
                each.remark,
                each.of_account,
                frozenset(before.get(_payer(each), ())),
                by_hand.get(place) if each.by_statement else None,
            )
            for place, each in enumerate(asked)
        ]
        self._names = _Names(store.list_names(conn))
        self._owing = store.list_customers_owing(
            conn,
            [each.amount_fen for each in asked],
            most=AMOUNT_OF_TOO_MANY,
            organisation_id=organisation_id,
        )
        named = [named_in(each.remark) for each in asked]
        self._named = store.list_customers_named(conn, named, plates_since=since)
        self._by_name = {
            name: self._names.like(name)
            for name in {each.payer_name for each in asked if each.payer_name is not None}
        }
        self._candidates = self._load(conn, organisation_id, since)

    def _load(
        self, conn: Connection[Any], organisation_id: int, since: datetime
    ) -> dict[int, Candidate]:
        ids = sorted(self._named.union(*(self._ids_of(each) for each in self.receipts)))
        bills: dict[int, list[OpenBillSeen]] = {}
        for row in store.list_open_bills(conn, ids, organisation_id=organisation_id):
            seen = OpenBillSeen(row.bill_no, row.lease_no, row.due_on, row.open_fen)
            bills.setdefault(row.customer_id, []).append(seen)
        return {
            each.customer_id: Candidate(
                each.customer_id,
                each.customer_no,
                self._names.of(each.customer_id),
                frozenset(each.customer_nos),
                frozenset(each.lease_nos),
                frozenset(each.plates),
                tuple(bills.get(each.customer_id, ())),
            )
            for each in store.list_candidates(
                conn, ids, plates_since=since, organisation_id=organisation_id
            )
        }

    def _ids_of(self, receipt: Receipt) -> set[int]:
        by_name = self._by_name.get(receipt.payer_name or "", set())
        owing = self._owing.get(receipt.amount_fen, ())
        return {*receipt.of_account, *receipt.paid_before, *by_name, *owing}

    def candidates_of(self, place: int) -> Iterable[Candidate]:
        """Who comes into question; those a remark of any receipt names are few, and always do."""
        ids = self._ids_of(self.receipts[place]) | self._named
        return [self._candidates[key] for key in sorted(ids) if key in self._candidates]

    def settle(self, proposal: Proposal) -> None:
        """The bills that the amount fits are open no longer."""
        was = self._candidates[proposal.customer_id]
        self._candidates[was.customer_id] = without_bills(was, proposal.bill_nos)


class _Names:
    """Names of customers, found by equal and like ones without comparing all with all."""

    def __init__(self, rows: Sequence[tuple[int, str]]) -> None:
        self._of: dict[int, list[str]] = {}
        self._by_edge: dict[str, set[tuple[int, str]]] = {}
        self._short: dict[int, set[tuple[int, str]]] = {}
        for customer_id, name in rows:
            self._of.setdefault(customer_id, []).append(name)
            for edge in _edges(name):
                self._by_edge.setdefault(edge, set()).add((customer_id, name))
            self._short.setdefault(len(name), set()).add((customer_id, name))

    def of(self, customer_id: int) -> tuple[str, ...]:
        """All names of a customer."""
        return tuple(self._of.get(customer_id, ()))

    def like(self, payer: str) -> set[int]:
        """Customers with this name, or one like it."""
        near = (
            self._short.get(len(payer), set())
            if "*" in payer
            else set().union(*(self._by_edge.get(edge, set()) for edge in _edges(payer)))
        )
        return {customer_id for customer_id, name in near if likeness_of(payer, name)}


def _edges(name: str) -> set[str]:
    """Names that are alike begin or end alike, with or without the forms of companies."""
    texts = (plain_name(name), core_name(name))
    return {edge for text in texts for edge in ("^" + text[:_EDGE], text[-_EDGE:] + "$")}


def _payer(asked: Asked) -> tuple[str, str]:
    """By what a payer is known again."""
    if asked.payer_name is None or asked.payer_account is None or "*" in asked.payer_name:
        return NOBODY
    return asked.payer_name, asked.payer_account[-4:]


def as_kept(proposals: Sequence[Proposal]) -> list[dict[str, Any]]:
    """The proposals as a payment keeps them."""
    return [
        {
            "customer_no": each.customer_no,
            "bill_nos": list(each.bill_nos),
            "confidence_pct": each.confidence_pct,
            "because": [{"code": b.code, "en": b.en, "zh": b.zh} for b in each.because],
        }
        for each in proposals
    ]


def customers_by_account(kept: Iterable[Mapping[str, Any]] | None) -> set[str]:
    """Numbers of the customers with whose account a receipt came: of an account only the last four
    are kept, so that what was found when it came in is all that is known.
    """
    return {
        each["customer_no"]
        for each in kept or ()
        if any(reason["code"] == "account" for reason in each["because"])
    }
