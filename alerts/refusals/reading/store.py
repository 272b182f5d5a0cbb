"""Runs the SQL of looking at refusals.

Which are asked for and where a page begins is put together here; such a question is planned anew
each time (`prepare=False`).
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from psycopg import Connection, sql
from psycopg.rows import class_row

from alerts.refusals.reading.model import RefusalFound
from kit.sql import load_queries, where

_queries = load_queries(Path(__file__).with_name("queries.sql"))
FILTERS: Final[Mapping[str, sql.SQL]] = {
    "id": sql.SQL("r.id = %(id)s"),
    "settled": sql.SQL("(r.settled_at IS NOT NULL) = %(settled)s"),
    "what": sql.SQL("r.what = %(what)s"),
    "source": sql.SQL("r.source = %(source)s"),
    "reason": sql.SQL("r.reason = %(reason)s"),
    "rule": sql.SQL("r.rule_code = %(rule)s"),
    "from_at": sql.SQL("r.last_refused_at >= %(from_at)s"),
    "until_at": sql.SQL("r.last_refused_at < %(until_at)s"),
    "organisation": sql.SQL(
        "r.organisation_id IN (SELECT c.descendant_id FROM organisation_closure c"
        " JOIN organisations a ON a.id = c.ancestor_id WHERE a.code = %(organisation)s)"
    ),
}
_NOT_HIDDEN: Final = sql.SQL(
    "(r.what = 'rule' OR coalesce(r.matter ->> 'kind', r.rule_code) <> ALL (%(hidden)s::text[]))"
)
_AFTER: Final = sql.SQL("(r.last_refused_at, r.id) < (%(after_at)s, %(after_id)s)")
_LAST_FIRST: Final = sql.SQL(" ORDER BY r.last_refused_at DESC, r.id DESC LIMIT %(limit)s")


def list_refusals(
    conn: Connection[Any],
    filters: Mapping[str, Any],
    *,
    kinds: Collection[str],
    hidden: Collection[str],
    after: tuple[datetime, int] | None = None,
    limit: int,
) -> list[RefusalFound]:
    """Refusals in sight, the last refused first. `filters` are of FILTERS.

    `kinds`: of alerts, whose subjects may be told. `hidden`: of which none are listed at all.
    """
    row = {**filters, "kinds": sorted(kinds), "hidden": sorted(hidden), "limit": limit}
    conditions = [_NOT_HIDDEN, *(FILTERS[name] for name in filters)]
    if after is not None:
        conditions.append(_AFTER)
        row["after_at"], row["after_id"] = after
    query = sql.Composed([sql.SQL(_queries.list_refusals), where(conditions), _LAST_FIRST])
    with conn.cursor(row_factory=class_row(RefusalFound)) as cursor:
        return cursor.execute(query, row, prepare=False).fetchall()
