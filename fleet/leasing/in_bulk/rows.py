"""Decides how the rows of a sheet become the terms of a lease, and a lease its rows.

A row is one line of a lease: one vehicle. What is agreed on for the whole lease stands in each of
its rows, or in some. Leaves out what may stand in a cell (`fleet/sheets`) and what crosses other
leases (`crossings.py`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from fleet.leasing.term_dates import last_day, term_until
from fleet.leasing.terms import BuyOut, LateFee, Line, Mileage, Term, Terms
from fleet.local_days import local_day

Row = Mapping[str, Any]
OF_THE_LEASE: Final = (
    *("customer", "kind", "starts_on", "ends_on", "months", "billing", "late_fee_pct"),
    *("grace_days", "down_payment_fen", "buy_out_fen", "remarks"),
)
"""What all rows of a lease say alike, or leave to another one."""
OPEN_ENDED: Final = 0
"""As months: without an end."""


@dataclass(frozen=True, slots=True)
class KnownLine:
    """A line of a lease that is there, as the tables have it."""

    reference: str
    """What it is asked for by: its number elsewhere, or here."""
    lease_no: str
    organisation_code: str
    zone: str
    customer_no: str
    state: str
    terms: dict[str, Any]
    line_no: int
    vin: str
    delivered_at: datetime | None
    odometer_km: Decimal | None


def agreed(rows: Iterable[Row]) -> dict[str, Any]:
    """What the rows of a lease say for all of it: of each field the first that is told.

    >>> agreed([{"kind": "long", "remarks": None}, {"remarks": "续签"}])["remarks"]
    '续签'
    """
    rows = list(rows)
    return {
        name: next((row[name] for row in rows if row.get(name) is not None), None)
        for name in OF_THE_LEASE
    }


def terms_of(rows: Sequence[Row]) -> Terms:
    """The terms that the rows of a lease tell together.

    Raises:
        ValueError: they make no lease.
    """
    told = agreed(rows)
    late_fee = None
    if told["late_fee_pct"] is not None:
        rate = told["late_fee_pct"] / 100
        late_fee = LateFee(rate_per_day=rate, grace_days=told["grace_days"] or 0)
    buy_out = None
    if told["kind"] == "lease_to_own":
        price = told["buy_out_fen"] or 0
        buy_out = BuyOut(down_payment_fen=told["down_payment_fen"] or 0, price_fen=price)
    return Terms(
        kind=told["kind"],
        starts_on=told["starts_on"],
        term=term_told(told["starts_on"], told["ends_on"], told["months"]),
        rent_begins="start_day",
        billing=told["billing"] or "anchor_month",
        lines=tuple(_line(no, row) for no, row in enumerate(rows, start=1)),
        late_fee=late_fee,
        buy_out=buy_out,
        remarks=told["remarks"],
    )


def term_told(starts_on: date, ends_on: date | None, months: int | None) -> Term:
    """The term by its last day, else by its months; in whole months where it can be said so.

    >>> str(term_told(date(2026, 3, 18), date(2027, 3, 18), None))
    "count=12 unit='month' end='corresponding_day'"
    >>> str(term_told(date(2026, 3, 18), None, 12)), term_told(date(2026, 3, 18), None, 0).count
    ("count=12 unit='month' end='day_before'", None)

    Raises:
        ValueError: it ends before it begins, or after twenty years.
    """
    if ends_on is None:
        return Term(count=months or None)
    if ends_on < starts_on:
        raise ValueError("it ends before it begins")
    day_before = term_until(starts_on, ends_on, Term(end="day_before"))
    if day_before.unit == "month":
        return day_before
    corresponding = term_until(starts_on, ends_on, Term(end="corresponding_day"))
    return corresponding if corresponding.unit == "month" else day_before


def told(line: KnownLine) -> dict[str, Any]:
    """A line that is there by the fields of a sheet."""
    terms = Terms.model_validate(line.terms)
    here = terms.line(line.line_no)
    mileage, fee = here and here.mileage, terms.late_fee
    months = terms.term.count if terms.term.unit == "month" else None
    at = line.delivered_at
    return {
        "reference": line.reference,
        "vin": line.vin,
        "customer": line.customer_no,
        "kind": terms.kind,
        "starts_on": terms.starts_on,
        "ends_on": last_day(terms.starts_on, terms.term),
        "months": OPEN_ENDED if terms.term.count is None else months,
        "rent_fen": here and here.rent_fen,
        "per": here and here.per,
        "deposit_fen": here and here.deposit_fen,
        "billing": terms.billing,
        "included_km": mileage and mileage.included_km,
        "extra_fen": mileage and mileage.extra_fen_per_km,
        "late_fee_pct": None if fee is None else (fee.rate_per_day * 100).normalize(),
        "grace_days": fee and fee.grace_days,
        "down_payment_fen": terms.buy_out and terms.buy_out.down_payment_fen,
        "buy_out_fen": terms.buy_out and terms.buy_out.price_fen,
        "delivered_on": None if at is None else local_day(at, line.zone),
        "odometer_km": line.odometer_km,
        "remarks": terms.remarks,
    }


def _line(no: int, row: Row) -> Line:
    mileage = None
    if row.get("included_km") is not None:
        extra = row.get("extra_fen") or 0
        mileage = Mileage(included_km=row["included_km"], extra_fen_per_km=extra)
    return Line(
        no=no,
        vin=row["vin"],
        rent_fen=row["rent_fen"],
        per=row.get("per") or "month",
        deposit_fen=row.get("deposit_fen") or 0,
        mileage=mileage,
    )
