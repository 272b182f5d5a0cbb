"""Runs the SQL of contracts: one function a query, and the facts its constraints stand for.

Which contracts are asked for and where a page begins is put together here; such a question is
planned anew each time (`prepare=False`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, LiteralString, TypeVar

from psycopg import Connection, sql
from psycopg.rows import class_row, dict_row, scalar_row
from psycopg.types.json import Jsonb

from fleet.contracts.errors import TemplatePublishedMeanwhile
from fleet.contracts.model import (
    Clause,
    Contract,
    ContractEvent,
    Copy,
    LeaseFacts,
    Signatory,
    Template,
    VehicleFacts,
)
from kit.constraints import naming
from kit.sql import load_queries, where

_queries = load_queries(Path(__file__).with_name("queries.sql"))
Shape = TypeVar("Shape")


def list_templates(
    conn: Connection[Any], filters: Mapping[str, Any], *, limit: int
) -> list[Template]:
    """The latest edition of every text by code. `filters` are of TEMPLATE_FILTERS."""
    conditions = [sql.SQL(" AND ") + TEMPLATE_FILTERS[name] for name in filters]
    query = sql.Composed([sql.SQL(_queries.list_templates), *conditions, _BY_CODE])
    return _templates(conn, query, {**filters, "limit": limit})


def list_template_editions(conn: Connection[Any], code: str) -> list[Template]:
    """Every edition of a text, the latest first."""
    return _templates(conn, _queries.list_template_editions, {"code": code})


def insert_template(conn: Connection[Any], row: Mapping[str, Any]) -> Template:
    """Add an edition; it takes the next number."""
    meanwhile = TemplatePublishedMeanwhile(
        f"somebody else has just published {row['code']}", template=row["code"]
    )
    with naming({"contract_templates_edition_key": meanwhile}):
        values = {**row, "clauses": Jsonb([asdict(one) for one in row["clauses"]])}
        return _templates(conn, _queries.insert_template, values)[0]


def _templates(
    conn: Connection[Any], query: LiteralString | sql.Composed, row: Mapping[str, Any]
) -> list[Template]:
    with conn.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(query, row).fetchall()
    return [
        Template(**{**one, "clauses": [Clause(**clause) for clause in one["clauses"]]})
        for one in found
    ]


def find_lease(conn: Connection[Any], lease_no: str) -> LeaseFacts | None:
    """The lease in sight with this number."""
    with conn.cursor(row_factory=class_row(LeaseFacts)) as cursor:
        return cursor.execute(_queries.find_lease, {"lease_no": lease_no}).fetchone()


def list_lease_vehicles(
    conn: Connection[Any], lease_id: int, named: Mapping[int, str]
) -> list[VehicleFacts]:
    """The vehicles of a lease by line; `named` are those the terms name, by line."""
    with conn.cursor(row_factory=class_row(VehicleFacts)) as cursor:
        placed = cursor.execute(_queries.list_lease_vehicles, {"lease_id": lease_id}).fetchall()
    rest = {no: vin for no, vin in named.items() if no not in {one.line_no for one in placed}}
    with conn.cursor(row_factory=dict_row) as rows:
        found = rows.execute(_queries.list_vehicles_by_vin, {"vins": list(rest.values())})
        known = {row["vin"]: row for row in found}
    return placed + [VehicleFacts(no, **known.get(vin, {"vin": vin})) for no, vin in rest.items()]


def lock_lease_contracts(conn: Connection[Any], lease_id: int) -> None:
    """Wait for whoever makes another edition for the same lease."""
    conn.execute(_queries.lock_lease_contracts, {"subject": f"contracts of {lease_id}"})


def next_edition(conn: Connection[Any], lease_id: int) -> tuple[int, int | None]:
    """The next number, and the id of the edition it follows; void ones are not followed."""
    row = conn.execute(_queries.next_edition, {"lease_id": lease_id}).fetchone()
    assert row is not None
    return row[0], row[1]


def insert_contract(conn: Connection[Any], row: Mapping[str, Any]) -> int:
    """The id of the new edition."""
    values = {**row, "certificate": row["certificate"] and Jsonb(row["certificate"])}
    with conn.cursor(row_factory=scalar_row) as cursor:
        contract_id: int | None = cursor.execute(_queries.insert_contract, values).fetchone()
    assert contract_id is not None
    return contract_id


def list_contracts(
    conn: Connection[Any],
    filters: Mapping[str, Any],
    *,
    after: tuple[datetime, str] | None = None,
    limit: int,
) -> list[Contract]:
    """Editions in sight, the last made first. `filters` are of FILTERS; `after` is when the last
    one of the page before was made, and its number.
    """
    conditions = [FILTERS[name] for name in filters]
    if after is not None:
        conditions.append(_AFTER)
    query = sql.Composed([sql.SQL(_queries.list_contracts), where(conditions), _LAST_MADE_FIRST])
    place = dict(zip(("after_at", "after_no"), after or (), strict=False))
    with conn.cursor(row_factory=class_row(Contract)) as cursor:
        return cursor.execute(query, {**filters, **place, "limit": limit}, prepare=False).fetchall()


def find_contract(conn: Connection[Any], filters: Mapping[str, Any]) -> Contract | None:
    """The one edition these filters name."""
    return next(iter(list_contracts(conn, filters, limit=1)), None)


def lock_contract(conn: Connection[Any], contract_no: str) -> None:
    """Keep others from taking the contract on until the commit."""
    conn.execute(_queries.lock_contract, {"contract_no": contract_no})


def lock_due_contract(
    conn: Connection[Any], contract_no: str, organisation_id: int, *, at: datetime
) -> int | None:
    """The id of a contract that is due; None where somebody is at it."""
    row = {"contract_no": contract_no, "organisation_id": organisation_id, "at": at}
    with conn.cursor(row_factory=scalar_row) as cursor:
        contract_id: int | None = cursor.execute(_queries.lock_due_contract, row).fetchone()
    return contract_id


def mark_contract(conn: Connection[Any], row: Mapping[str, Any]) -> None:
    """Write how a contract stands now."""
    conn.execute(_queries.mark_contract, row)


def mark_verified(
    conn: Connection[Any],
    contract_id: int,
    *,
    verified_at: datetime | None,
    verify_next_at: datetime,
    fault: str | None,
    retain_until_on: date | None,
) -> None:
    """Write what reading the bytes again found; `verified_at` None: they were not whole."""
    row = {
        "id": contract_id,
        "verified_at": verified_at,
        "verify_next_at": verify_next_at,
        "fault": fault,
        "retain_until_on": retain_until_on,
    }
    conn.execute(_queries.mark_verified, row)


def insert_signatory(conn: Connection[Any], contract: Contract, signatory: Signatory) -> None:
    """Write down who signs, or signed."""
    conn.execute(_queries.insert_signatory, asdict(signatory) | _of(contract))


def list_signatories(conn: Connection[Any], contract_id: int) -> list[Signatory]:
    """Who signs, or signed."""
    return _of_contract(conn, _queries.list_signatories, Signatory, contract_id)


def insert_event(conn: Connection[Any], contract: Contract, row: Mapping[str, Any]) -> None:
    """Write how a contract went on."""
    values = {**row, **_of(contract), "content": Jsonb(row["content"])}
    conn.execute(_queries.insert_event, values)


def list_events(conn: Connection[Any], contract_id: int) -> list[ContractEvent]:
    """How a contract went on, from its making."""
    return _of_contract(conn, _queries.list_events, ContractEvent, contract_id)


def insert_copy(conn: Connection[Any], contract: Contract, store: str, *, now: datetime) -> None:
    """Write down where the bytes lie, too."""
    conn.execute(_queries.insert_copy, {**_of(contract), "store": store, "stored_at": now})


def mark_copy(
    conn: Connection[Any],
    contract_id: int,
    store: str,
    *,
    verified_at: datetime | None,
    fault: str | None,
) -> None:
    """Write what reading a copy again found."""
    row = {"contract_id": contract_id, "store": store, "verified_at": verified_at, "fault": fault}
    conn.execute(_queries.mark_copy, row)


def list_copies(conn: Connection[Any], contract_id: int) -> list[Copy]:
    """Where the bytes lie."""
    return _of_contract(conn, _queries.list_copies, Copy, contract_id)


def list_to_verify(conn: Connection[Any], *, at: datetime, limit: int) -> Sequence[tuple[str, int]]:
    """(contract_no, organisation) of those to be read again by then, of any tenant."""
    return conn.execute(_queries.list_to_verify, {"at": at, "limit": limit}).fetchall()


def _of(contract: Contract) -> dict[str, Any]:
    return {
        "contract_id": contract.id,
        "tenant_id": contract.tenant_id,
        "organisation_id": contract.organisation_id,
    }


def _of_contract(
    conn: Connection[Any], query: Any, shape: type[Shape], contract_id: int
) -> list[Shape]:
    with conn.cursor(row_factory=class_row(shape)) as cursor:
        return cursor.execute(query, {"contract_id": contract_id}).fetchall()


TEMPLATE_FILTERS: Final[Mapping[str, sql.SQL]] = {
    "lease_kind": sql.SQL("t.lease_kind = %(lease_kind)s"),
    "tenant_id": sql.SQL("t.tenant_id = %(tenant_id)s"),
    "code": sql.SQL("t.code = %(code)s"),
    "after": sql.SQL("t.code > %(after)s"),
}
_BY_CODE = sql.SQL(" ORDER BY t.code LIMIT %(limit)s")
FILTERS: Final[Mapping[str, sql.SQL]] = {
    "id": sql.SQL("c.id = %(id)s"),
    "lease_id": sql.SQL("c.lease_id = %(lease_id)s"),
    "lease": sql.SQL("l.lease_no = %(lease)s"),
    "edition": sql.SQL("c.edition = %(edition)s"),
    "state": sql.SQL("c.state = %(state)s"),
    "origin": sql.SQL("c.origin = %(origin)s"),
    "faulty": sql.SQL("(c.fault IS NOT NULL) = %(faulty)s"),
    "organisation": sql.SQL(
        "c.organisation_id IN (SELECT b.descendant_id FROM organisation_closure b"
        " JOIN organisations x ON x.id = b.ancestor_id WHERE x.code = %(organisation)s)"
    ),
}
_AFTER = sql.SQL("(c.created_at, c.contract_no) < (%(after_at)s, %(after_no)s)")
_LAST_MADE_FIRST = sql.SQL(" ORDER BY c.created_at DESC, c.contract_no DESC LIMIT %(limit)s")
