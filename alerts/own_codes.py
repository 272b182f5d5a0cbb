"""What an organisation has under codes of its own: groups of vehicles, places on the map.

Decides how such things are asked for a page at a time, and how the trail calls them. Leaves
out what each of them is (`alerts/groups`, `alerts/geofences`).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, LiteralString

from psycopg import Connection, sql

from alerts.rules import service as rules
from alerts.rules.model import Acted
from schemas.access import Actor
from schemas.audit import record

ASKED_BY: Final = frozenset({"organisation", "retired", "search"})
FILTERS: Final[Mapping[str, sql.SQL]] = {
    "organisation_id": sql.SQL(
        "g.organisation_id IN (SELECT descendant_id FROM organisation_closure"
        " WHERE ancestor_id = %(organisation_id)s)"
    ),
    "own_id": sql.SQL("g.organisation_id = %(own_id)s"),
    "code": sql.SQL("g.code = %(code)s"),
    "retired": sql.SQL("(g.retired_at IS NOT NULL) = %(retired)s"),
    "search": sql.SQL("strpos(lower(g.code || ' ' || g.name), lower(%(search)s)) > 0"),
    "after_code": sql.SQL("(g.code, g.id) > (%(after_code)s, %(after_id)s)"),
}


def asked_for(conn: Connection[Any], actor: Actor, filters: Mapping[str, Any]) -> dict[str, Any]:
    """What a list is narrowed to, of what is asked for: of ASKED_BY.

    Raises:
        OrganisationNotFound: nobody in sight has the code.
    """
    actor.require("alert_rule.read")
    assert filters.keys() <= ASKED_BY
    return rules.asked_in(conn, actor, filters)


def new_row(actor: Actor, acted: Acted, *, code: str, name: str, now: datetime) -> dict[str, Any]:
    """What is kept of anything new under a code.

    Raises:
        AlertCodeMalformed, CodeReserved: it cannot be called so.
    """
    return {
        "tenant_id": acted.tenant_id,
        "organisation_id": acted.id,
        "code": rules.check_code(code),
        "name": name,
        "created_by": actor.name,
        "now": now,
    }


def page_of(
    query: LiteralString,
    filters: Mapping[str, Any],
    *,
    after: tuple[str, int] | None,
    limit: int,
) -> tuple[sql.Composed, dict[str, Any]]:
    """The question over a table `g` narrowed to one page by code, and its parameters.

    `after`: code and id of the last one of the page before.
    """
    given = {**filters, "limit": limit}
    if after is not None:
        given |= {"after_code": after[0], "after_id": after[1]}
    clauses = [sql.SQL(" AND ") + clause for name, clause in FILTERS.items() if name in given]
    begin, end = sql.SQL(" WHERE true"), sql.SQL(" ORDER BY g.code, g.id LIMIT %(limit)s")
    return sql.Composed([sql.SQL(query), begin, *clauses, end]), given


def record_of(
    conn: Connection[Any],
    actor: Actor,
    acted: Acted,
    action: str,
    code: str,
    *,
    now: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Write down what was done to the thing of this code; the action's first word says its kind."""
    record(
        conn,
        actor,
        action,
        object_kind=action.partition(".")[0],
        object_key=f"{acted.code}/{code}",
        now=now,
        before=before,
        after=after,
        organisation_id=acted.tenant_id,
    )
