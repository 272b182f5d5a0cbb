"""Runs the SQL of revenue shares: one function a query; filters are put together here."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from psycopg import Connection, sql
from psycopg.rows import class_row, scalar_row
from psycopg.types.json import Jsonb

from fleet.shares.errors import ShareAgreedAlready, ShareMonthSettled
from fleet.shares.model import Agreement, HeldVehicle, SettledShare, Settlement, UnsettledMonth
from kit.constraints import naming
from kit.sql import load_queries, where

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def list_agreements(
    conn: Connection[Any],
    filters: Mapping[str, Any],
    *,
    after: tuple[datetime, UUID] | None = None,
    limit: int,
) -> list[Agreement]:
    """Agreements in sight, the last recorded first."""
    query = _composed(_queries.list_agreements, filters, AGREEMENT_FILTERS, after, _AGREED)
    with conn.cursor(row_factory=class_row(Agreement)) as cursor:
        return cursor.execute(query, _row(filters, after, limit), prepare=False).fetchall()


def find_agreement(conn: Connection[Any], key: UUID) -> Agreement | None:
    """The agreement in sight with this key."""
    return next(iter(list_agreements(conn, {"key": key}, limit=1)), None)


def insert_agreement(conn: Connection[Any], row: Mapping[str, Any]) -> UUID:
    """The key of a new agreement."""
    again = ShareAgreedAlready("the two have an agreement for some of these months")
    with (
        naming({"share_agreements_one_at_a_time": again}),
        conn.cursor(row_factory=scalar_row) as cursor,
    ):
        key: UUID | None = cursor.execute(_queries.insert_agreement, row).fetchone()
    assert key is not None
    return key


def has_agreement_beside(conn: Connection[Any], row: Mapping[str, Any]) -> bool:
    """Whether the owner shares some of these months with somebody above or below the operator."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(_queries.has_agreement_beside, row).fetchone() is True


def lock_agreement(conn: Connection[Any], key: UUID) -> bool:
    """Keep others from ending or settling it until the commit; False if it is not one's own."""
    return conn.execute(_queries.lock_agreement, {"key": key}).fetchone() is not None


def is_ended(conn: Connection[Any], agreement_id: int) -> bool:
    """Whether its end was said, by somebody in sight or not."""
    row = conn.execute(_queries.is_ended, {"id": agreement_id}).fetchone()
    return row is not None and bool(row[0])


def mark_ended(
    conn: Connection[Any], agreement_id: int, *, valid_until_on: date, ended_by: str
) -> None:
    """Write its end."""
    row = {"id": agreement_id, "valid_until_on": valid_until_on, "ended_by": ended_by}
    conn.execute(_queries.mark_ended, row)


def list_below(conn: Connection[Any], organisation_id: int) -> list[int]:
    """The organisation and those below it, as far as in sight."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(_queries.list_below, {"organisation_id": organisation_id}).fetchall()


def list_held(conn: Connection[Any], row: Mapping[str, Any]) -> list[HeldVehicle]:
    """Vehicles of the owner and their days with the operator, by VIN."""
    with conn.cursor(row_factory=class_row(HeldVehicle)) as cursor:
        return cursor.execute(_queries.list_held, row, prepare=False).fetchall()


def list_settlements(
    conn: Connection[Any],
    filters: Mapping[str, Any],
    *,
    after: tuple[datetime, UUID] | None = None,
    limit: int,
) -> list[Settlement]:
    """Settlements in sight, the last first."""
    query = _composed(_queries.list_settlements, filters, SETTLEMENT_FILTERS, after, _SETTLED)
    with conn.cursor(row_factory=class_row(Settlement)) as cursor:
        return cursor.execute(query, _row(filters, after, limit), prepare=False).fetchall()


def insert_settlement(conn: Connection[Any], row: Mapping[str, Any]) -> None:
    """Write a settlement."""
    again = ShareMonthSettled("the month is settled", month=row["month_on"].isoformat()[:7])
    values = {**row, "content": Jsonb(row["content"])}
    with naming({"share_settlements_once": again}):
        conn.execute(_queries.insert_settlement, values)


def list_settled(
    conn: Connection[Any],
    *,
    scope: Sequence[int],
    from_on: date,
    until_on: date,
    known_at: datetime,
) -> list[SettledShare]:
    """What was settled with others of months that end in [from_on, until_on), by vehicle."""
    row = _span(scope, from_on, until_on, known_at)
    with conn.cursor(row_factory=class_row(SettledShare)) as cursor:
        return cursor.execute(_queries.list_settled, row, prepare=False).fetchall()


def list_unsettled(
    conn: Connection[Any],
    *,
    scope: Sequence[int],
    from_on: date,
    until_on: date,
    known_at: datetime,
) -> list[UnsettledMonth]:
    """Months of agreements with others that end in [from_on, until_on) and are not settled."""
    row = _span(scope, from_on, until_on, known_at)
    with conn.cursor(row_factory=class_row(UnsettledMonth)) as cursor:
        return cursor.execute(_queries.list_unsettled, row, prepare=False).fetchall()


def _span(
    scope: Sequence[int], from_on: date, until_on: date, known_at: datetime
) -> dict[str, Any]:
    return {"scope": list(scope), "from_on": from_on, "until_on": until_on, "known_at": known_at}


def _composed(
    query: Any,
    filters: Mapping[str, Any],
    known: Mapping[str, sql.SQL],
    after: tuple[datetime, UUID] | None,
    place: str,
) -> sql.Composed:
    at, key = (sql.Identifier(*name.split(".")) for name in place.split(", "))
    conditions: list[sql.Composable] = [known[name] for name in filters]
    if after is not None:
        conditions.append(sql.SQL("({}, {}) < (%(after_at)s, %(after_key)s)").format(at, key))
    ordered = sql.SQL(" ORDER BY {} DESC, {} DESC LIMIT %(limit)s").format(at, key)
    return sql.Composed([sql.SQL(query), where(conditions), ordered])


def _row(
    filters: Mapping[str, Any], after: tuple[datetime, UUID] | None, limit: int
) -> dict[str, Any]:
    place = dict(zip(("after_at", "after_key"), after or (), strict=False))
    return {**filters, **place, "limit": limit}


_AGREED: Final = "a.recorded_at, a.key"
_SETTLED: Final = "s.settled_at, s.key"
_BELOW: Final = (
    " IN (SELECT b.descendant_id FROM organisation_closure b"
    " JOIN organisations x ON x.id = b.ancestor_id WHERE x.code = %(organisation)s)"
)
AGREEMENT_FILTERS: Final[Mapping[str, sql.SQL]] = {
    "key": sql.SQL("a.key = %(key)s"),
    "organisation": sql.SQL(f"(a.organisation_id{_BELOW} OR a.operator_id{_BELOW})"),
    "in_force_on": sql.SQL("daterange(a.valid_from_on, a.valid_until_on) @> %(in_force_on)s::date"),
}
SETTLEMENT_FILTERS: Final[Mapping[str, sql.SQL]] = {
    "key": sql.SQL("s.key = %(key)s"),
    "agreement_id": sql.SQL("s.agreement_id = %(agreement_id)s"),
    "agreement": sql.SQL("a.key = %(agreement)s"),
    "month_on": sql.SQL("s.month_on = %(month_on)s"),
    "organisation": sql.SQL(f"(s.organisation_id{_BELOW} OR s.operator_id{_BELOW})"),
}
