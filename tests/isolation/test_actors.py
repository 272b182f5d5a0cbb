"""Who wrote something is told to nobody who does not see them, whichever row and question it is.

Everything a tenant's rows say of people is made to say people of its head office, another one in
each column that the catalogue knows; then a branch asks everything there is to ask of its own
things. Head office asks the same, and reads them: what it does not read proves nothing of a column.
Leaves out the live feed: `tests/api/test_live_alerts.py`.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any, Final

import pypdfium2 as pdfium
import pytest
from httpx2 import Response
from psycopg import Connection, sql

from kit import db
from tests.isolation.crawl import Route, prepare
from tests.isolation.crawl_client import Caller, Crawl
from tests.isolation.crawl_operations import OPERATIONS
from tests.isolation.crawl_world import Organisation, World

pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
Conn = Connection[Any]
Column = tuple[str, str]

MARK: Final = "zqabove"
_LOGIN: Final = re.compile(rf"{MARK}\.([a-z_]+)\.([a-z_]+)")
ASKED: Final = [name for name, one in OPERATIONS.items() if not one.apart]
KINDS: Final = {
    "customer_no": ("customer_proposed", "customer_listed"),
    "lease_no": ("lease_asked",),
}
"""What else a path may name: things of which more was done."""
NOBODY: Final[dict[Column, str]] = {
    ("audit_entries", "actor_name"): "an entry stands in the chain of its actor's organisation",
    ("idempotent_answers", "actor"): "whose answer it is, which is theirs alone",
    ("customer_consents", "given_by"): "the customer, as it was told",
    ("hand_overs", "received_by"): "whoever took the vehicle, as it was told",
    ("violations", "handled_by"): "lessee or lessor",
    ("notification_messages", "claimed_by"): "a process",
}
"""Columns named like those of actors that name nobody of the organisation."""
NOT_SHOWN: Final[frozenset[Column]] = frozenset(
    {
        ("alert_escalations", "changed_by"),
        ("alert_rules", "changed_by"),
        ("bills", "drafted_by"),
        ("checklist_templates", "published_by"),
        ("contract_templates", "published_by"),
        ("customer_drivers", "added_by"),
        ("maintenance_done", "recorded_by"),
        ("notification_messages", "payload"),
        ("password_resets", "created_by"),
        ("vehicle_costs", "recorded_by"),
        ("vehicle_transfers", "recorded_by"),
    }
)
"""Written, and in no answer."""

OF_OWNERS: Final = frozenset({"get_purchase"})
"""What the branch may not ask of its vehicles: head office owns them."""


@dataclass(frozen=True, slots=True)
class Above:
    """Where somebody of head office was written in."""

    written: frozenset[Column]
    empty: frozenset[Column]
    """Columns of actors of which the world has no row."""


@pytest.fixture(scope="module")
def above(land_url: str, world: World) -> Above:
    """The world, with head office's people in every place of tenant a."""
    root = world.organisations["a-root"]
    with closing(db.connect(land_url, application_name="test actors")) as conn:
        conn.execute("SET session_replication_role = replica")  # or what is frozen stays so
        actors = [each for each in _columns(conn, _ACTORS) if each not in NOBODY]
        names = _names(conn, root, actors)
        conn.execute(_A_FIGURE, [root.id])
        conn.execute("UPDATE work_orders SET due_on = current_date")
        documents = [each for each in _columns(conn, _DOCUMENTS) if each[0] != "audit_entries"]
        written = {each for each in actors if _write(conn, root, each, _IN_A_COLUMN, names)}
        for each in set(actors) - written:  # what has not happened yet in this world
            _allow(conn, each)
            if _write(conn, root, each, _IN_ANY_COLUMN, names):
                written.add(each)
        empty = frozenset(actors) - written
        written |= {each for each in documents if _write(conn, root, each, _IN_A_DOCUMENT, names)}
        conn.commit()
    return Above(frozenset(written), empty)


_A_FIGURE: Final = """
INSERT INTO parameters (tenant_id, organisation_id, name, valid_from_on, content, source,
    recorded_by, recorded_at)
SELECT o.tenant_id, o.id, p.name, p.valid_from_on, p.content, p.source, 'head', now()
FROM parameters p, organisations o
WHERE o.id = %s AND p.name = 'calendar.rest_days' ORDER BY p.id LIMIT 1
"""
_COLUMNS: Final = """
SELECT c.table_name, c.column_name
FROM information_schema.columns c
JOIN information_schema.tables t USING (table_schema, table_name)
WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND {}
  AND EXISTS (SELECT FROM information_schema.columns o
              WHERE o.table_schema = 'public' AND o.table_name = c.table_name
                AND o.column_name = 'organisation_id')
ORDER BY 1, 2
"""
_ACTORS: Final = (
    "c.data_type = 'text' AND c.column_name ~ '(^|_)by(_name)?$|^actor(_name)?$|^assignee$'"
)
_DOCUMENTS: Final = "c.data_type = 'jsonb'"
_OF_THE_TENANT: Final = (
    "organisation_id IN (SELECT descendant_id FROM organisation_closure WHERE ancestor_id = {})"
)
_IN_A_COLUMN: Final = "UPDATE {table} SET {column} = {login} WHERE {column} IS NOT NULL AND "
_IN_ANY_COLUMN: Final = "UPDATE {table} SET {column} = {login} WHERE "
_IN_A_DOCUMENT: Final = (
    "UPDATE {table} SET {column} = regexp_replace({column}::text, {names}, {quoted}, 'g')::jsonb"
    " WHERE {column}::text ~ {names} AND "
)


def _columns(conn: Conn, wanted: str) -> list[Column]:
    return conn.execute(_COLUMNS.replace("{}", wanted)).fetchall()


def _names(conn: Conn, root: Organisation, actors: list[Column]) -> str:
    """A pattern of every name that is written in a column of actors, as documents quote it."""
    each_of = sql.SQL(" UNION ").join(
        sql.SQL("SELECT {column} FROM {table} WHERE " + _OF_THE_TENANT).format(
            root.id, table=sql.Identifier(table), column=sql.Identifier(column)
        )
        for table, column in actors
    )
    found = conn.execute(sql.SQL("{} UNION SELECT login FROM users").format(each_of)).fetchall()
    return '"(' + "|".join(re.escape(name) for (name,) in found if name is not None) + ')"'


def _allow(conn: Conn, where: Column) -> None:
    """Let a column say who did what was not done: what forbids it is taken away."""
    table, column = where
    found = conn.execute(
        "SELECT k.conname FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid"
        " AND a.attnum = ANY (k.conkey) WHERE k.contype = 'c' AND k.conrelid = %s::regclass"
        " AND a.attname = %s",
        [table, column],
    ).fetchall()
    for (name,) in found:
        drop = sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}")
        conn.execute(drop.format(sql.Identifier(table), sql.Identifier(name)))


def _write(conn: Conn, root: Organisation, where: Column, statement: str, names: str) -> bool:
    """Write a person of head office in a column; whether there was a row."""
    table, column = where
    login = f"{MARK}.{table}.{column}"
    made = conn.execute(
        sql.SQL(statement + _OF_THE_TENANT).format(
            root.id,
            table=sql.Identifier(table),
            column=sql.Identifier(column),
            login=login,
            names=names,
            quoted=f'"{login}"',
        )
    )
    if made.rowcount > 0:
        conn.execute(
            "INSERT INTO users (tenant_id, organisation_id, login, name, roles, created_at)"
            " VALUES (%s, %s, %s, '上', '{viewer}', now())",
            [root.id, root.id, login],
        )
    return made.rowcount > 0


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking everything."""

    named: frozenset[Column]
    """Where whom an answer named is written."""
    told: tuple[str, ...]
    """The same, in words, with the operations that named them."""
    failed: tuple[str, ...]


def _ask(
    crawl: Crawl, caller: Caller, about: Organisation, *, leave_out: frozenset[str] = frozenset()
) -> Asked:
    """Everything that only reads, of these things and, where it is a list, of all in sight."""
    named: dict[Column, set[str]] = {}
    failed = []
    for operation_id in ASKED:
        route = crawl.routes[operation_id]
        if route.method != "GET" or operation_id in leave_out:
            continue
        own = crawl.send(prepare(route, about), caller.token)
        if own.status_code != route.operation.status and operation_id not in OF_OWNERS:
            failed.append(f"{operation_id}: {own.status_code} {own.text[:200]}")
        for answer in (own, *_others(crawl, caller, route, about)):
            for table, column in _LOGIN.findall(_text(answer)):
                named.setdefault((table, column), set()).add(operation_id)
    told = [f"{table}.{column}: {sorted(by)}" for (table, column), by in sorted(named.items())]
    return Asked(frozenset(named), tuple(told), tuple(failed))


def _others(crawl: Crawl, caller: Caller, route: Route, about: Organisation) -> Iterator[Response]:
    """The whole list; and the same of other things."""
    places, request = route.operation.places(), prepare(route, about)
    if not route.operation.path and places and "limit" in route.parameters:
        named = {name for _, name in places}
        fixed = {name: each for name, each in request.params.items() if name not in named}
        yield crawl.send(replace(request, params={**fixed, "limit": "200"}), caller.token)
    for place, given in places.items():
        for kind in KINDS.get(place[1], ()) if place[0] == "path" else ():
            other = prepare(route, about, {place: {given.kind: about.ids[kind]}})
            yield crawl.send(other, caller.token)


def _text(answer: Response) -> str:
    """What an answer says; of workbooks, archives and papers what is in them."""
    content = answer.content
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = [packed.read(each).decode(errors="ignore") for each in packed.namelist()]
        return "\n".join(parts)
    if content[:5] == b"%PDF-":
        with closing(pdfium.PdfDocument(content)) as paper:
            return "\n".join(page.get_textpage().get_text_range() for page in paper)
    return answer.text


def test_a_branch_is_told_of_nobody_at_head_office(
    crawl: Crawl, above: Above, world: World
) -> None:
    south = world.organisations["a-south"]
    asked = _ask(crawl, Caller(south, "owner"), south)
    assert asked.failed == ()
    assert asked.told == ()


def test_head_office_reads_who_of_its_people_it_was(
    crawl: Crawl, above: Above, world: World
) -> None:
    """Else the test above proves nothing of a column. That there are such people is told anyway."""
    root, south = world.organisations["a-root"], world.organisations["a-south"]
    asked = _ask(crawl, Caller(root, "owner"), south, leave_out=frozenset({"list_users"}))
    assert asked.failed == ()
    assert sorted(above.empty) == []
    assert sorted(above.written - asked.named) == sorted(NOT_SHOWN)


@pytest.mark.parametrize(
    ("listed", "query"),
    [
        ("list_quotes", {"created_by": f"{MARK}.quotes.created_by"}),
        ("list_alerts", {"assignee": f"{MARK}.alerts.assignee"}),
    ],
)
def test_no_list_is_narrowed_by_somebody_out_of_sight(
    crawl: Crawl, above: Above, world: World, listed: str, query: dict[str, str]
) -> None:
    """Or whoever guesses a log-in of head office learns where it wrote."""
    route, found = crawl.routes[listed], {}
    for part in ("south", "root"):
        one = world.organisations[f"a-{part}"]
        request = replace(prepare(route, one), params=query)
        answer = crawl.send(request, Caller(one, "owner").token)
        assert answer.status_code == 200
        found[part] = len(answer.json()["items"])
    assert found["south"] == 0 < found["root"]
