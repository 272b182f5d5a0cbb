"""Runs the SQL of taking alerts on."""

from pathlib import Path
from typing import Any

from psycopg import Connection

from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def find_assignee(conn: Connection[Any], login: str, organisation_id: int) -> list[str] | None:
    """The roles of a person in sight who sees this organisation."""
    row = {"login": login, "organisation_id": organisation_id}
    found = conn.execute(_queries.find_assignee, row).fetchone()
    return None if found is None else list(found[0])
