"""Runs the SQL of people and keys: one function a query."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import Connection, sql
from psycopg.rows import class_row

from fleet.identity.errors import LoginTaken
from fleet.identity.model import ApiKey, StoredUser
from kit.constraints import naming
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))
_BY_LOGIN = sql.SQL(" ORDER BY u.login LIMIT %(limit)s")
_BY_KEY_ID = sql.SQL(" ORDER BY k.key_id LIMIT %(limit)s")
_USER_FILTERS = {
    "organisation": sql.SQL(
        "u.organisation_id IN (SELECT c.descendant_id FROM organisation_closure c"
        " JOIN organisations a ON a.id = c.ancestor_id WHERE a.code = %(organisation)s)"
    ),
    "search": sql.SQL(
        "(strpos(u.login, lower(%(search)s)) > 0 OR strpos(lower(u.name), lower(%(search)s)) > 0)"
    ),
    "after": sql.SQL("u.login > %(after)s"),
}


def insert_user(conn: Connection[Any], row: Mapping[str, Any]) -> None:
    """Add a person."""
    taken = LoginTaken("this log-in is taken", login=row["login"])
    with naming({"users_login_key": taken}):
        conn.execute(_queries.insert_user, row)


def find_user(conn: Connection[Any], login: str) -> StoredUser | None:
    """The person in sight with this log-in."""
    query = sql.SQL(_queries.list_users) + sql.SQL(" WHERE u.login = %(login)s")
    with conn.cursor(row_factory=class_row(StoredUser)) as cursor:
        return cursor.execute(query, {"login": login}).fetchone()


def list_users(
    conn: Connection[Any],
    *,
    organisation_code: str | None,
    search: str | None,
    after: str | None,
    limit: int,
) -> list[StoredUser]:
    """People in sight by log-in, those after `after`: of an organisation and all below it, with
    `search` as a part of log-in or name.
    """
    place = {"organisation": organisation_code, "search": search, "after": after}
    wanted = [_USER_FILTERS[name] for name, given in place.items() if given is not None]
    query = sql.SQL(_queries.list_users) + _where(wanted) + _BY_LOGIN
    with conn.cursor(row_factory=class_row(StoredUser)) as cursor:
        return cursor.execute(query, {**place, "limit": limit}).fetchall()


def update_user(conn: Connection[Any], row: Mapping[str, Any]) -> bool:
    """Write what became of a person; False if the version is not that any more."""
    return conn.execute(_queries.update_user, row).rowcount == 1


def clear_lock(conn: Connection[Any], user_id: int) -> None:
    """Forget failed log-ins."""
    conn.execute(_queries.clear_lock, {"user_id": user_id})


def end_sessions(
    conn: Connection[Any], *, user_id: int, now: datetime, except_id: int | None = None
) -> int:
    """End a person's sessions, but one; how many there were."""
    row = {"user_id": user_id, "now": now, "except_id": except_id}
    return conn.execute(_queries.end_sessions, row).rowcount


def use_up_resets(conn: Connection[Any], *, user_id: int, now: datetime) -> None:
    """Take back the one-time links that were not used."""
    conn.execute(_queries.use_up_resets, {"user_id": user_id, "now": now})


def insert_reset(conn: Connection[Any], row: Mapping[str, Any]) -> None:
    """Add a one-time link."""
    conn.execute(_queries.insert_reset, row)


def insert_api_key(conn: Connection[Any], row: Mapping[str, Any]) -> None:
    """Add a key."""
    conn.execute(_queries.insert_api_key, row)


def find_api_key(conn: Connection[Any], key_id: str) -> ApiKey | None:
    """The key in sight with this id."""
    query = sql.SQL(_queries.list_api_keys) + sql.SQL(" WHERE k.key_id = %(key_id)s")
    with conn.cursor(row_factory=class_row(ApiKey)) as cursor:
        return cursor.execute(query, {"key_id": key_id}).fetchone()


def find_key_maker(conn: Connection[Any], key_id: str) -> str | None:
    """Who made the key in sight with this id, also where the reader does not see them."""
    found = conn.execute(_queries.find_key_maker, {"key_id": key_id}).fetchone()
    return None if found is None else str(found[0])


def list_api_keys(conn: Connection[Any], *, after: str | None, limit: int) -> list[ApiKey]:
    """Keys in sight by id, those after `after`."""
    wanted = [] if after is None else [sql.SQL("k.key_id > %(after)s")]
    query = sql.SQL(_queries.list_api_keys) + _where(wanted) + _BY_KEY_ID
    with conn.cursor(row_factory=class_row(ApiKey)) as cursor:
        return cursor.execute(query, {"after": after, "limit": limit}).fetchall()


def mark_api_key_revoked(conn: Connection[Any], *, key_id: int, now: datetime) -> bool:
    """Take a key back; False if it was already."""
    return conn.execute(_queries.mark_api_key_revoked, {"id": key_id, "now": now}).rowcount == 1


def _where(conditions: list[sql.SQL]) -> sql.Composable:
    if not conditions:
        return sql.SQL("")
    return sql.SQL(" WHERE ") + sql.SQL(" AND ").join(conditions)
