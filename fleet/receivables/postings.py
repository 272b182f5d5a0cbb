"""Decides what settling a bill does to the ledger.

A bill of rent or charges stands in `receivable`. A deposit stands in `deposit_receivable` against
`deposit_due` until it is paid; then it is owed back: `deposit_liability`. Leaves out what issuing
and crediting a bill post (`fleet/billing`), and the day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from fleet.receivables.model import Allocation

Touched = Literal[
    "receivable",
    "deposit_receivable",
    "deposit_due",
    "deposit_liability",
    "customer_credit",
    "bad_debt",
]
"""Accounts of the ledger, by name."""


@dataclass(frozen=True, slots=True)
class Side:
    """One side of an entry, in fen: a debit above zero, a credit below."""

    account: Touched
    amount_fen: int
    customer_id: int
    lease_id: int | None = None


SETTLED_FROM: Final[dict[str, Touched]] = {
    "credit": "customer_credit",
    "deposit": "deposit_liability",
    "write_off": "bad_debt",
}
"""Where the money comes from that settles a bill."""


def source_of(allocation: Allocation) -> str:
    """Out of what it was settled: credit, credit_note, deposit or write_off."""
    if allocation.credit_id is not None:
        return "credit"
    if allocation.credit_note_id is not None:
        return "credit_note"
    return "deposit" if allocation.deposit_movement_id is not None else "write_off"


def settling(allocations: Sequence[Allocation], payer_id: int) -> tuple[Side, ...]:
    """The postings of allocations out of one source that belongs to the customer `payer_id`.

    Those below zero go the other way. What a credit note settles is posted with the note: nothing.
    """
    postings: list[Side] = []
    for each in allocations:
        source = source_of(each)
        if source == "credit_note":
            continue
        fen, of = each.amount_fen, (each.customer_id, each.lease_id)
        if each.bill_kind != "deposit":
            postings.append(Side(SETTLED_FROM[source], fen, payer_id, each.lease_id))
            postings.append(Side("receivable", -fen, *of))
            continue
        postings.append(Side("deposit_receivable", -fen, *of))
        if source == "write_off":  # it was never earned, so nothing is lost
            postings.append(Side("deposit_due", fen, *of))
            continue
        postings.append(Side(SETTLED_FROM[source], fen, payer_id, each.lease_id))
        postings.append(Side("deposit_due", fen, *of))
        postings.append(Side("deposit_liability", -fen, *of))
    return _summed(postings)


def surplus(
    amount_fen: int, *, deposit: bool, customer_id: int, lease_id: int | None
) -> tuple[Side, ...]:
    """What a credit note took off beyond what was open of its bill becomes credit.

    The note itself takes all of it off `receivable`; of a deposit the other way round, too, and
    what is held of it becomes credit.
    """
    of = (customer_id, lease_id)
    credit = Side("customer_credit", -amount_fen, customer_id)
    if not deposit:
        return Side("receivable", amount_fen, *of), credit
    return (
        Side("deposit_receivable", amount_fen, *of),
        Side("deposit_due", -amount_fen, *of),
        Side("deposit_liability", amount_fen, *of),
        credit,
    )


def _summed(postings: Sequence[Side]) -> tuple[Side, ...]:
    """One posting for each account and subject; none of nothing."""
    sums: dict[tuple[Touched, int, int | None], int] = {}
    for each in postings:
        place = (each.account, each.customer_id, each.lease_id)
        sums[place] = sums.get(place, 0) + each.amount_fen
    return tuple(
        Side(account, fen, customer_id, lease_id)
        for (account, customer_id, lease_id), fen in sums.items()
        if fen
    )
