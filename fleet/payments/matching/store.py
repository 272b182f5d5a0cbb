"""Runs the SQL of matching: one function a query. It only reads."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from psycopg import Connection
from psycopg.rows import class_row

from fleet.payments.matching.naming import Named
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


class Known(NamedTuple):
    """A customer, by what a payment may name it."""

    customer_id: int
    customer_no: str
    customer_nos: list[str]
    lease_nos: list[str]
    plates: list[str]


class OpenRow(NamedTuple):
    """A bill with something open."""

    customer_id: int
    bill_no: str
    lease_no: str | None
    due_on: date
    open_fen: int


def list_customers_named(
    conn: Connection[Any], named: Sequence[Named], *, plates_since: datetime
) -> set[int]:
    """Customers that are named by a number of ours, or by a plate."""
    row = {
        "bill_nos": sorted({no for each in named for no in each.bill_nos}),
        "lease_nos": sorted({no for each in named for no in each.lease_nos}),
        "customer_nos": sorted({no for each in named for no in each.customer_nos}),
        "plates": sorted({plate for each in named for plate in each.plates}),
        "plates_since": plates_since,
    }
    return {int(found[0]) for found in conn.execute(_queries.list_customers_named, row)}


def list_customers_owing(
    conn: Connection[Any], amounts: Sequence[int], *, most: int, organisation_id: int
) -> dict[int, list[int]]:
    """By an amount, who of the organisation or below has a bill with just so much open."""
    row = {"amounts": sorted(set(amounts)), "most": most, "organisation_id": organisation_id}
    return {int(fen): list(ids) for fen, ids in conn.execute(_queries.list_customers_owing, row)}


def list_names(conn: Connection[Any]) -> list[tuple[int, str]]:
    """Customers in sight with each of their names."""
    return [(int(key), name) for key, name in conn.execute(_queries.list_names)]


def list_candidates(
    conn: Connection[Any],
    customer_ids: Sequence[int],
    *,
    plates_since: datetime,
    organisation_id: int,
) -> list[Known]:
    """Those of the customers that are of the organisation or below, with all that names them."""
    row = {
        "customer_ids": list(customer_ids),
        "plates_since": plates_since,
        "organisation_id": organisation_id,
    }
    with conn.cursor(row_factory=class_row(Known)) as cursor:
        return cursor.execute(_queries.list_candidates, row).fetchall()


def list_open_bills(
    conn: Connection[Any], customer_ids: Sequence[int], *, organisation_id: int
) -> list[OpenRow]:
    """What is open of their bills of the organisation or below, by due day."""
    with conn.cursor(row_factory=class_row(OpenRow)) as cursor:
        row = {"customer_ids": list(customer_ids), "organisation_id": organisation_id}
        return cursor.execute(_queries.list_open_bills, row).fetchall()


def list_paid_before(
    conn: Connection[Any], payers: Sequence[tuple[str, str]]
) -> Mapping[tuple[str, str], set[int]]:
    """By name and the last four of the account, for which customers the same payer paid before."""
    row = {"names": [name for name, _ in payers], "last_fours": [last for _, last in payers]}
    found: dict[tuple[str, str], set[int]] = {}
    for name, last_four, customer_id in conn.execute(_queries.list_paid_before, row):
        found.setdefault((name, last_four), set()).add(int(customer_id))
    return found


def list_recorded_by_hand(
    conn: Connection[Any],
    asked: Sequence[tuple[date, int]],
    *,
    organisation_id: int,
    days_around: int,
) -> dict[int, str]:
    """By the place in `asked`, a receipt that people recorded about that day for that amount."""
    row = {
        "days": [day for day, _ in asked],
        "amounts": [fen for _, fen in asked],
        "organisation_id": organisation_id,
        "days_around": days_around,
    }
    found = conn.execute(_queries.list_recorded_by_hand, row)
    return {int(place) - 1: payment_no for place, payment_no in found}
