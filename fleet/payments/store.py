"""Runs the SQL of payments, refunds and write-offs: one function a query.

Which of them are asked for and where a page begins is put together here; such a question is planned
anew each time (`prepare=False`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, LiteralString
from uuid import UUID

from psycopg import Connection, sql
from psycopg.rows import class_row, dict_row
from psycopg.types.json import Jsonb

from fleet.payments.model import Payer, Payment, Refund, Settled, WriteOff
from kit.sql import load_queries, where

_queries = load_queries(Path(__file__).with_name("queries.sql"))
After = tuple[datetime, UUID]


def lock_key(conn: Connection[Any], *, by: str, key: str) -> None:
    """Have the same request wait until the commit."""
    conn.execute(_queries.lock_key, {"by": by, "key": key})


def lock_reference(conn: Connection[Any], *, tenant_id: int, channel: str, reference: str) -> None:
    """Have the same number of a bank wait until the commit."""
    row = {"tenant_id": tenant_id, "channel": channel, "reference": reference}
    conn.execute(_queries.lock_reference, row)


def find_payer(conn: Connection[Any], customer_no: str) -> Payer | None:
    """The customer in sight with this number, or the one it was merged into."""
    with conn.cursor(row_factory=class_row(Payer)) as cursor:
        return cursor.execute(_queries.find_payer, {"customer_no": customer_no}).fetchone()


def find_by_key(conn: Connection[Any], *, by: str, key: str) -> tuple[str, bytes | None] | None:
    """The number of the payment recorded under this key, and the digest of its request."""
    return conn.execute(_queries.find_by_key, {"by": by, "key": key}).fetchone()


def find_by_reference(
    conn: Connection[Any], *, tenant_id: int, channel: str, reference: str
) -> str | None:
    """The number of the payment with this number of a bank."""
    row = {"tenant_id": tenant_id, "channel": channel, "reference": reference}
    found = conn.execute(_queries.find_by_reference, row).fetchone()
    return None if found is None else str(found[0])


def insert_payment(conn: Connection[Any], row: Mapping[str, Any]) -> int | None:
    """Add a payment; its id, None if its number is taken."""
    proposal = row["proposal"]
    values = {**row, "proposal": None if proposal is None else Jsonb(proposal)}
    found = conn.execute(_queries.insert_payment, values).fetchone()
    return None if found is None else int(found[0])


def list_payments(
    conn: Connection[Any], filters: Mapping[str, Any], *, after: After | None = None, limit: int
) -> list[Payment]:
    """Payments in sight, the last recorded first. `filters` are of PAYMENT_FILTERS."""
    query, row = _page(_PAYMENTS, filters, after, limit)
    with conn.cursor(row_factory=class_row(Payment)) as cursor:
        return cursor.execute(query, row, prepare=False).fetchall()


def find_payment(conn: Connection[Any], payment_no: str) -> Payment | None:
    """The payment in sight with this number."""
    return next(iter(list_payments(conn, {"payment_no": payment_no}, limit=1)), None)


def lock_payment(conn: Connection[Any], payment_no: str) -> None:
    """Keep others from taking the payment on until the commit."""
    conn.execute(_queries.lock_payment, {"payment_no": payment_no})


def mark_claimed(conn: Connection[Any], row: Mapping[str, Any]) -> None:
    """Write whose a payment is."""
    conn.execute(_queries.mark_claimed, row)


def mark_unclaimed(conn: Connection[Any], payment_id: int) -> None:
    """Write that nobody knows whose a payment is."""
    conn.execute(_queries.mark_unclaimed, {"id": payment_id})


def mark_reversed(conn: Connection[Any], row: Mapping[str, Any]) -> None:
    """Write that a payment never came."""
    conn.execute(_queries.mark_reversed, row)


def list_claims(conn: Connection[Any], payment_id: int) -> list[int]:
    """The ids of the credits a payment was, the last claim first."""
    return [key for (key,) in conn.execute(_queries.list_claims, {"payment_id": payment_id})]


def find_refunded(conn: Connection[Any], credit_id: int) -> int:
    """How much of a credit was given back, in fen."""
    found = conn.execute(_queries.find_refunded, {"credit_id": credit_id}).fetchone()
    assert found is not None
    return int(found[0])


def list_bills_numbered(
    conn: Connection[Any], bill_nos: Sequence[str], customer_ids: Sequence[int]
) -> dict[str, int]:
    """The ids of issued bills of these customers, by number."""
    asked = {"bill_nos": list(bill_nos), "customer_ids": list(customer_ids)}
    found = conn.execute(_queries.list_bills_numbered, asked)
    return {bill_no: key for key, bill_no in found}


def list_settled(conn: Connection[Any], payment_id: int) -> list[Settled]:
    """What a payment settles, by bill."""
    with conn.cursor(row_factory=class_row(Settled)) as cursor:
        return cursor.execute(_queries.list_settled, {"payment_id": payment_id}).fetchall()


def insert_refund(conn: Connection[Any], row: Mapping[str, Any]) -> UUID:
    """Add a refund; its key."""
    found = conn.execute(_queries.insert_refund, row).fetchone()
    assert found is not None
    key: UUID = found[0]
    return key


def list_refunds(
    conn: Connection[Any], filters: Mapping[str, Any], *, after: After | None = None, limit: int
) -> list[Refund]:
    """Refunds in sight, the last recorded first. `filters` are of REFUND_FILTERS."""
    query, row = _page(_REFUNDS, filters, after, limit)
    with conn.cursor(row_factory=class_row(Refund)) as cursor:
        return cursor.execute(query, row, prepare=False).fetchall()


def find_bill_to_write_off(conn: Connection[Any], bill_no: str) -> dict[str, Any] | None:
    """An issued bill in sight, with what a write-off of it is kept under."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_queries.find_bill_to_write_off, {"bill_no": bill_no}).fetchone()


def insert_write_off(conn: Connection[Any], row: Mapping[str, Any]) -> UUID | None:
    """Add a request; its key, None if there is one of the bill that is not decided."""
    found = conn.execute(_queries.insert_write_off, row).fetchone()
    return None if found is None else found[0]


def lock_write_off(conn: Connection[Any], key: UUID) -> str:
    """Keep others from deciding on the write-off until the commit; who asked for it."""
    found = conn.execute(_queries.lock_write_off, {"key": key}).fetchone()
    assert found is not None  # the caller has read it, and none is deleted
    return str(found[0])


def mark_decided(conn: Connection[Any], row: Mapping[str, Any]) -> None:
    """Write what was decided on a write-off."""
    conn.execute(_queries.mark_decided, row)


def list_write_offs(
    conn: Connection[Any], filters: Mapping[str, Any], *, after: After | None = None, limit: int
) -> list[WriteOff]:
    """Write-offs in sight, the last requested first. `filters` are of WRITE_OFF_FILTERS."""
    query, row = _page(_WRITE_OFFS, filters, after, limit)
    with conn.cursor(row_factory=class_row(WriteOff)) as cursor:
        return cursor.execute(query, row, prepare=False).fetchall()


def find_write_off(conn: Connection[Any], key: UUID) -> WriteOff | None:
    """The write-off in sight with this key."""
    return next(iter(list_write_offs(conn, {"key": key}, limit=1)), None)


def find_deposits_held(conn: Connection[Any], customer_ids: Sequence[int]) -> int:
    """What is held of deposits of these customers, in fen."""
    found = conn.execute(
        _queries.find_deposits_held, {"customer_ids": list(customer_ids)}
    ).fetchone()
    assert found is not None
    return int(found[0])


def _page(
    listed: tuple[LiteralString, Mapping[str, sql.SQL], sql.SQL, sql.SQL],
    filters: Mapping[str, Any],
    after: After | None,
    limit: int,
) -> tuple[sql.Composed, dict[str, Any]]:
    """A list narrowed, from a place on; and what it is asked with."""
    base, known, beyond, order = listed
    conditions = [known[name] for name in filters]
    if after is not None:
        conditions.append(beyond)
    place = dict(zip(("after_at", "after_key"), after or (), strict=False))
    query = sql.Composed([sql.SQL(base), where(conditions), order])
    return query, {**filters, **place, "limit": limit}


_BELOW: Final = (
    " IN (SELECT b.descendant_id FROM organisation_closure b"
    " JOIN organisations x ON x.id = b.ancestor_id WHERE x.code = %(organisation)s)"
)
_OF_FAMILY: Final = sql.SQL(
    "k.id IN (SELECT f.id FROM customers h JOIN customers f ON f.id = h.id"
    " OR f.merged_into_id = h.id WHERE h.customer_no = %(customer)s)"
)
PAYMENT_FILTERS: Final[Mapping[str, sql.SQL]] = {
    "payment_no": sql.SQL("p.payment_no = %(payment_no)s"),
    "state": sql.SQL("p.state = %(state)s"),
    "channel": sql.SQL("p.channel = %(channel)s"),
    "source": sql.SQL("p.source = %(source)s"),
    "statement": sql.SQL("p.statement_key = %(statement)s"),
    "customer": _OF_FAMILY,
    "received_from_on": sql.SQL("p.received_on >= %(received_from_on)s"),
    "received_until_on": sql.SQL("p.received_on <= %(received_until_on)s"),
    "organisation": sql.SQL("p.organisation_id" + _BELOW),
    "search": sql.SQL(
        "position(lower(%(search)s) IN lower(concat_ws(chr(31), p.payment_no, p.bank_reference,"
        " p.payer_name, p.remark, k.customer_no, k.name))) > 0"
    ),
}
REFUND_FILTERS: Final[Mapping[str, sql.SQL]] = {
    "keys": sql.SQL("r.key = ANY (%(keys)s)"),
    "customer": _OF_FAMILY,
    "organisation": sql.SQL("r.organisation_id" + _BELOW),
}
WRITE_OFF_FILTERS: Final[Mapping[str, sql.SQL]] = {
    "key": sql.SQL("w.key = %(key)s"),
    "state": sql.SQL("coalesce(w.decision, 'requested') = %(state)s"),
    "customer": _OF_FAMILY,
    "bill": sql.SQL("b.bill_no = %(bill)s"),
    "organisation": sql.SQL("w.organisation_id" + _BELOW),
}
_PAYMENTS = (
    _queries.list_payments,
    PAYMENT_FILTERS,
    sql.SQL("(p.recorded_at, p.key) < (%(after_at)s, %(after_key)s)"),
    sql.SQL(" ORDER BY p.recorded_at DESC, p.key DESC LIMIT %(limit)s"),
)
_REFUNDS = (
    _queries.list_refunds,
    REFUND_FILTERS,
    sql.SQL("(r.recorded_at, r.key) < (%(after_at)s, %(after_key)s)"),
    sql.SQL(" ORDER BY r.recorded_at DESC, r.key DESC LIMIT %(limit)s"),
)
_WRITE_OFFS = (
    _queries.list_write_offs,
    WRITE_OFF_FILTERS,
    sql.SQL("(w.requested_at, w.key) < (%(after_at)s, %(after_key)s)"),
    sql.SQL(" ORDER BY w.requested_at DESC, w.key DESC LIMIT %(limit)s"),
)
