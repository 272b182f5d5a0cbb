"""Runs the SQL of dunning: one function a query.

Which notices are asked for and where a page begins is put together here; such a question is planned
anew each time (`prepare=False`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

from psycopg import Connection, sql
from psycopg.rows import class_row, dict_row
from psycopg.types.json import Jsonb

from fleet.dunning.model import (
    SETTLED,
    BillDue,
    Customer,
    Delivery,
    LeaseDue,
    Made,
    Notice,
)
from fleet.lease_book import LateFee, Terms, rent_left_fen
from kit.sql import load_queries, where

_queries = load_queries(Path(__file__).with_name("queries.sql"))
AT_ONCE: Final = 1_000
"""Notices written by one statement."""


@dataclass(frozen=True, slots=True)
class Creditor:
    """The organisation whose bills they are; `seller` as its billing settings have it."""

    tenant_id: int
    code: str
    zone: str
    seller: dict[str, str] | None


def list_organisations(conn: Connection[Any]) -> list[int]:
    """Organisations of every tenant that have something to dun or to withdraw."""
    return [int(each) for (each,) in conn.execute(_queries.list_organisations)]


def list_organisations_below(conn: Connection[Any], organisation_id: int) -> list[int]:
    """Those in sight, the organisation or below it."""
    row = {"organisation_id": organisation_id}
    return [int(each) for (each,) in conn.execute(_queries.list_organisations_below, row)]


def find_organisation(conn: Connection[Any], organisation_id: int) -> Creditor | None:
    """Whose days and letters they are."""
    with conn.cursor(row_factory=class_row(Creditor)) as cursor:
        row = {"organisation_id": organisation_id}
        return cursor.execute(_queries.find_organisation, row).fetchone()


def list_open_bills(
    conn: Connection[Any], organisation_id: int, *, until_on: date
) -> list[BillDue]:
    """Open bills of an organisation that are due by that day."""
    row = {"organisation_id": organisation_id, "until_on": until_on}
    with conn.cursor(row_factory=dict_row) as cursor:
        return [_bill(each) for each in cursor.execute(_queries.list_open_bills, row)]


def _bill(row: dict[str, Any]) -> BillDue:
    agreed = row.pop("late_fee")
    clause = None
    if agreed is not None:
        clause = agreed.pop("clause", None)
        agreed = LateFee.model_validate(agreed)
    return BillDue(**row, late_fee=agreed, late_fee_clause=clause)


def list_made(
    conn: Connection[Any], organisation_id: int, *, zone: str
) -> dict[int, dict[str, Made]]:
    """By bill and stage: what was made of the open bills of an organisation."""
    row = {"organisation_id": organisation_id, "zone": zone, "settled": SETTLED}
    made: dict[int, dict[str, Made]] = {}
    with conn.cursor(row_factory=class_row(Made)) as cursor:
        for each in cursor.execute(_queries.list_made, row):
            made.setdefault(each.bill_id, {})[each.stage] = each
    return made


def list_leases(conn: Connection[Any], lease_ids: Sequence[int]) -> dict[int, LeaseDue]:
    """By id: what of leases decides on their notices."""
    found = {}
    with conn.cursor(row_factory=dict_row) as cursor:
        for row in cursor.execute(_queries.list_leases, {"lease_ids": list(lease_ids)}):
            terms = row.pop("terms")
            total = None
            if terms is not None:
                agreed = Terms.model_validate(terms)
                total = rent_left_fen(agreed, agreed.lines, agreed.starts_on)
            found[row["lease_id"]] = LeaseDue(**row, total_rent_fen=total)
    return found


def list_customers(conn: Connection[Any], ids: Sequence[int]) -> dict[int, Customer]:
    """By id: who owes."""
    with conn.cursor(row_factory=class_row(Customer)) as cursor:
        rows = cursor.execute(_queries.list_customers, {"ids": list(ids)})
        return {row.customer_id: row for row in rows}


def list_taken_numbers(conn: Connection[Any], numbers: Sequence[str]) -> set[str]:
    """Which of these numbers a notice in sight has."""
    row = {"numbers": list(numbers)}
    return {number for (number,) in conn.execute(_queries.list_taken_numbers, row)}


def insert_notices(
    conn: Connection[Any], rows: Iterable[Mapping[str, Any]], *, by: str, now: datetime
) -> Iterator[tuple[str, str]]:
    """Number and kind of each notice that is made now; a stage is made of a bill once."""
    rest = iter(rows)
    while chunk := [dict(each) for each in islice(rest, AT_ONCE)]:
        given = {"rows": Jsonb(chunk), "by": by, "now": now}
        yield from conn.execute(_queries.insert_notices, given).fetchall()


def withdraw_settled(conn: Connection[Any], organisation_id: int) -> int:
    """Withdraw what was not sent of bills that are settled; how many."""
    row = {"organisation_id": organisation_id, "settled": SETTLED}
    return conn.execute(_queries.withdraw_settled, row).rowcount


def list_notices(
    conn: Connection[Any],
    filters: Mapping[str, Any],
    *,
    after: tuple[datetime, int] | None = None,
    limit: int,
) -> list[Notice]:
    """Notices in sight, the last made first. `filters` are of FILTERS; `after` is when the last one
    of the page before was made, and its id.
    """
    conditions = [FILTERS[name] for name in filters]
    if after is not None:
        conditions.append(_AFTER)
    query = sql.Composed([sql.SQL(_queries.list_notices), where(conditions), _LAST_FIRST])
    place = dict(zip(("after_at", "after_id"), after or (), strict=False))
    with conn.cursor(row_factory=class_row(Notice)) as cursor:
        row = {**filters, **place, "limit": limit}
        return cursor.execute(query, row, prepare=False).fetchall()


def find_notice(conn: Connection[Any], notice_no: str) -> Notice | None:
    """The notice in sight with this number."""
    return next(iter(list_notices(conn, {"notice_no": notice_no}, limit=1)), None)


def find_content(conn: Connection[Any], notice_id: int) -> dict[str, Any]:
    """What a notice says."""
    row = conn.execute(_queries.find_content, {"id": notice_id}).fetchone()
    assert row is not None
    return dict(row[0])


def lock_notice(conn: Connection[Any], notice_no: str) -> None:
    """Keep others from taking the notice on until the commit."""
    conn.execute(_queries.lock_notice, {"notice_no": notice_no})


def mark_state(conn: Connection[Any], row: Mapping[str, Any]) -> None:
    """Write how a notice went on."""
    conn.execute(_queries.mark_state, row)


def insert_delivery(conn: Connection[Any], row: Mapping[str, Any]) -> None:
    """Write an attempt down."""
    conn.execute(_queries.insert_delivery, row)


def list_deliveries(conn: Connection[Any], notice_id: int) -> list[Delivery]:
    """The attempts to have a notice arrive, in their order."""
    with conn.cursor(row_factory=class_row(Delivery)) as cursor:
        return cursor.execute(_queries.list_deliveries, {"notice_id": notice_id}).fetchall()


def find_bill(conn: Connection[Any], bill_no: str) -> tuple[int, int] | None:
    """Id and organisation of the bill in sight with this number."""
    return conn.execute(_queries.find_bill, {"bill_no": bill_no}).fetchone()


FILTERS: Final[Mapping[str, sql.SQL]] = {
    "notice_no": sql.SQL("n.notice_no = %(notice_no)s"),
    "state": sql.SQL("n.state = %(state)s"),
    "kind": sql.SQL("n.kind = %(kind)s"),
    "stage": sql.SQL("n.stage = %(stage)s"),
    "bill": sql.SQL("b.bill_no = %(bill)s"),
    "lease": sql.SQL("l.lease_no = %(lease)s"),
    "customer": sql.SQL("k.customer_no = %(customer)s"),
    "settled": sql.SQL("(x.settled_on IS NOT NULL) = %(settled)s"),
    "organisation": sql.SQL(
        "n.organisation_id IN (SELECT c.descendant_id FROM organisation_closure c"
        " JOIN organisations a ON a.id = c.ancestor_id WHERE a.code = %(organisation)s)"
    ),
    "search": sql.SQL(
        "position(lower(%(search)s) IN lower(concat_ws(chr(31), n.notice_no, b.bill_no,"
        " l.lease_no, k.customer_no, k.name))) > 0"
    ),
}
_AFTER: Final = sql.SQL("(n.made_at, n.id) < (%(after_at)s, %(after_id)s)")
_LAST_FIRST: Final = sql.SQL(" ORDER BY n.made_at DESC, n.id DESC LIMIT %(limit)s")
