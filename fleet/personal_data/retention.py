"""Decides from which day a person's data may be erased.

Claims from a lease fall under limitation three years after it ended (民法典 §188), and trade data
are kept that long at least (电子商务法 §31); how many years is a figure, `customer.retention`.
Until then the data serve a purpose (PIPL §47); afterwards they go when the person asks.
"""

from datetime import date, timedelta

from fleet.months import add_months
from fleet.personal_data.errors import (
    BillsOpen,
    ChargesUndecided,
    CustomerHasLeases,
    MoneyHeld,
    RetentionRuns,
)
from fleet.personal_data.model import Standing

SHOWN_AT_MOST = 20


def erasable_from(last_ended_on: date, years: int) -> date:
    """The day after the last one of so many years, counted as Civil Code §201–202 has it.

    >>> str(erasable_from(date(2026, 3, 1), 3)), str(erasable_from(date(2024, 2, 29), 3))
    ('2029-03-02', '2027-03-01')
    """
    return add_months(last_ended_on, 12 * years) + timedelta(days=1)


def check_unbound(standing: Standing) -> None:
    """Let pass what is over: no lease, no charge, no bill, no money of theirs with us.

    Raises:
        CustomerHasLeases, ChargesUndecided, BillsOpen, MoneyHeld: something binds.
    """
    if standing.lease_nos:
        shown = standing.lease_nos[:SHOWN_AT_MOST]
        raise CustomerHasLeases(f"leases run: {', '.join(shown)}", lease_nos=shown)
    if standing.undecided_charges:
        raise ChargesUndecided(
            f"{standing.undecided_charges} charges are undecided", count=standing.undecided_charges
        )
    if standing.open_bill_nos:
        shown = standing.open_bill_nos[:SHOWN_AT_MOST]
        raise BillsOpen(f"bills are open: {', '.join(shown)}", bill_nos=shown)
    if standing.credit_fen or standing.deposit_fen:
        raise MoneyHeld(
            f"{standing.credit_fen} fen of credit and {standing.deposit_fen} fen of deposits are"
            " theirs",
            credit_fen=standing.credit_fen,
            deposit_fen=standing.deposit_fen,
        )


def check_erasable(
    standing: Standing, *, last_ended_on: date | None, today: date, years: int
) -> None:
    """Let pass an erasure that nothing stands against.

    `last_ended_on` is the day of `standing.last_ended_at`, where the customer's organisation is.

    Raises:
        CustomerHasLeases, ChargesUndecided, BillsOpen, MoneyHeld, RetentionRuns: something does.
    """
    check_unbound(standing)
    if last_ended_on is None:
        return
    allowed = erasable_from(last_ended_on, years)
    if today < allowed:
        raise RetentionRuns(
            f"the data are kept until {allowed - timedelta(days=1)}, for {years} years after the"
            " last lease",
            allowed_from_on=allowed,
            last_ended_on=last_ended_on,
            years=years,
        )
