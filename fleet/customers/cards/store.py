"""Runs the SQL of customers' cards: one function a query, and what its constraints stand for.

Which customers are asked for and where a page begins is put together here; such a question is
planned anew each time (`prepare=False`).
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from psycopg import Connection, sql
from psycopg.rows import class_row, scalar_row
from psycopg.types.json import Jsonb

from fleet.customers.errors import CustomerExists, CustomerReferenceTaken
from fleet.customers.model import StoredCustomer
from fleet.customers.typed import is_phone, normalise_phone
from kit.constraints import naming
from kit.sql import load_queries, where

_queries = load_queries(Path(__file__).with_name("queries.sql"))


class Same(NamedTuple):
    """A customer that has the ID number, or else the reference."""

    customer_no: str
    id: int
    same_number: bool


def list_customers(
    conn: Connection[Any],
    filters: Mapping[str, Any],
    *,
    after: tuple[datetime, str] | None = None,
    limit: int,
) -> list[StoredCustomer]:
    """Customers in sight, the last added first. `filters` are of FILTERS, of which `search` finds a
    part of a number or name, or a phone in full; `after` is when the last one of the page before
    was added, and its number.
    """
    conditions = [FILTERS[name] for name in filters]
    if after is not None:
        conditions.append(_AFTER)
    query = sql.Composed([sql.SQL(_queries.list_customers), where(conditions), _LAST_ADDED_FIRST])
    place = dict(zip(("after_at", "after_no"), after or (), strict=False))
    phone = normalise_phone(filters.get("search", ""))
    row = {**filters, **place, "phone": phone if is_phone(phone) else None, "limit": limit}
    with conn.cursor(row_factory=class_row(StoredCustomer)) as cursor:
        return cursor.execute(query, row, prepare=False).fetchall()


def find_customer(conn: Connection[Any], customer_no: str) -> StoredCustomer | None:
    """The customer in sight with this number, a tombstone, too."""
    return next(iter(list_customers(conn, {"customer_no": customer_no}, limit=1)), None)


def find_by_id(conn: Connection[Any], customer_id: int) -> StoredCustomer | None:
    """The customer in sight with this id, a tombstone, too."""
    return next(iter(list_customers(conn, {"id": customer_id}, limit=1)), None)


def lock_customer(conn: Connection[Any], customer_no: str) -> None:
    """Keep others from changing the customer until the commit."""
    conn.execute(_queries.lock_customer, {"customer_no": customer_no})


def insert_customer(conn: Connection[Any], row: Mapping[str, Any]) -> int | None:
    """The id of the new customer; None if a number of it is taken."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        new_id: int | None = cursor.execute(_queries.insert_customer, _as_json(row)).fetchone()
    return new_id


def update_customer(conn: Connection[Any], row: Mapping[str, Any]) -> bool:
    """Write what a card is to be; False if the version is not that any more."""
    taken = {
        "customers_id_digest_idx": CustomerExists("a customer has this ID number already"),
        "customers_reference_idx": CustomerReferenceTaken("another customer has this reference"),
    }
    with naming(taken):
        return conn.execute(_queries.update_customer, _as_json(row)).rowcount == 1


def find_same(
    conn: Connection[Any],
    *,
    organisation_id: int,
    id_digest: bytes | None,
    reference: str | None,
    except_id: int = 0,
) -> Same | None:
    """Who else of the organisation has the ID number, or else the reference. A merged one's are
    its survivor's.
    """
    row = {
        "organisation_id": organisation_id,
        "id_digest": id_digest,
        "reference": reference,
        "except_id": except_id,
    }
    with conn.cursor(row_factory=class_row(Same)) as cursor:
        return cursor.execute(_queries.find_same, row).fetchone()


def list_family(conn: Connection[Any], customer_id: int) -> list[int]:
    """The customer and all that were merged into it, itself first."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(_queries.list_family, {"customer_id": customer_id}).fetchall()


def list_merged_from(conn: Connection[Any], customer_id: int) -> list[str]:
    """The numbers of those that were merged into it, in that order."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(_queries.list_merged_from, {"customer_id": customer_id}).fetchall()


def _as_json(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "contacts": Jsonb(row["contacts"]), "addresses": Jsonb(row["addresses"])}


FILTERS: Final[Mapping[str, sql.SQL]] = {
    "id": sql.SQL("c.id = %(id)s"),
    "customer_no": sql.SQL("c.customer_no = %(customer_no)s"),
    "kind": sql.SQL("c.kind = %(kind)s"),
    "tier": sql.SQL("c.tier = %(tier)s"),
    "blacklisted": sql.SQL("b.blacklisted = %(blacklisted)s"),
    "merged": sql.SQL("(c.merged_into_id IS NOT NULL) = %(merged)s"),
    "organisation": sql.SQL(
        "c.organisation_id IN (SELECT y.descendant_id FROM organisation_closure y"
        " JOIN organisations x ON x.id = y.ancestor_id WHERE x.code = %(organisation)s)"
    ),
    "id_digest": sql.SQL(
        "c.id IN (SELECT coalesce(f.merged_into_id, f.id) FROM customers f"
        " WHERE f.id_digest = %(id_digest)s)"
    ),
    "licence_expires_before_on": sql.SQL(
        "EXISTS (SELECT FROM customers f JOIN customer_drivers d ON d.customer_id = f.id"
        " WHERE (f.id = c.id OR f.merged_into_id = c.id) AND d.removed_at IS NULL"
        " AND d.valid_to_on < %(licence_expires_before_on)s)"
    ),
    "search": sql.SQL(
        "(position(lower(%(search)s) IN lower(concat_ws(chr(31), c.customer_no, c.name,"
        " c.reference, c.tax_no))) > 0 OR c.phone = %(phone)s OR c.invoice_phone = %(phone)s"
        " OR (%(phone)s::text IS NOT NULL AND"
        " c.contacts @> jsonb_build_array(jsonb_build_object('phone', %(phone)s::text))))"
    ),
}
_AFTER = sql.SQL("(c.created_at, c.customer_no) < (%(after_at)s, %(after_no)s)")
_LAST_ADDED_FIRST = sql.SQL(" ORDER BY c.created_at DESC, c.customer_no DESC LIMIT %(limit)s")
