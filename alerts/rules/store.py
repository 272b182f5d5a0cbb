"""Runs the SQL of rules: one function a query."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row, dict_row, scalar_row
from psycopg.types.json import Jsonb

from alerts.geofences.model import Shape
from alerts.geofences.outline import shape_of
from alerts.rules.book import OrganisationFacts
from alerts.rules.model import Acted, RuleVersion
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class OwnRule:
    """An organisation's own row of a code, live or retired."""

    id: int
    kind: str
    name: str | None
    enabled: bool
    severity: str
    parameters: Row
    scope: Row
    retired_at: datetime | None
    version: int

    def content(self) -> Row:
        """What it says, as `RuleDraft.content`."""
        names = ("kind", "name", "enabled", "severity", "parameters", "scope")
        return {name: getattr(self, name) for name in names}


def find_organisation(
    conn: Connection[Any], *, code: str | None, organisation_id: int | None
) -> Acted | None:
    """The organisation with this code or id, if it is in sight."""
    with conn.cursor(row_factory=class_row(Acted)) as cursor:
        given = {"code": code, "id": organisation_id}
        return cursor.execute(_queries.find_organisation, given).fetchone()


def list_reaching(conn: Connection[Any], organisation_id: int) -> list[Row]:
    """Live rules of the organisation and of those above it, of each code the nearest first."""
    with conn.cursor(row_factory=dict_row) as cursor:
        given = {"organisation_id": organisation_id}
        return cursor.execute(_queries.list_rules_reaching, given).fetchall()


def list_codes_in_sight(conn: Connection[Any], codes: Collection[str]) -> set[str]:
    """Those of the organisations that are in sight."""
    return _texts(conn, _queries.list_codes_in_sight, {"codes": list(codes)})


def list_own_versions(conn: Connection[Any], organisation_id: int) -> dict[str, int]:
    """The version of each rule that the organisation has ever set itself, by code."""
    given = {"organisation_id": organisation_id}
    return dict(conn.execute(_queries.list_own_versions, given).fetchall())


def count_further_rules(conn: Connection[Any], organisation_id: int) -> int:
    """How many rules the organisation has beside the shipped ones."""
    given = {"organisation_id": organisation_id}
    with conn.cursor(row_factory=scalar_row) as cursor:
        return int(cursor.execute(_queries.count_further_rules, given).fetchone() or 0)


def find_own(conn: Connection[Any], organisation_id: int, code: str) -> OwnRule | None:
    """What the organisation has set itself under a code, retired or not."""
    with conn.cursor(row_factory=class_row(OwnRule)) as cursor:
        given = {"organisation_id": organisation_id, "code": code}
        return cursor.execute(_queries.find_own_rule, given).fetchone()


def insert_rule(conn: Connection[Any], row: Mapping[str, Any]) -> tuple[int, int] | None:
    """Id and version of the new rule; None if somebody was faster."""
    return _written(conn.execute(_queries.insert_rule, _packed(row)).fetchone())


def update_rule(
    conn: Connection[Any], rule_id: int, version: int, row: Mapping[str, Any]
) -> tuple[int, int] | None:
    """Id and new version; None if somebody changed it since `version`."""
    given = _packed(row) | {"id": rule_id, "version": version}
    return _written(conn.execute(_queries.update_rule, given).fetchone())


def mark_retired(
    conn: Connection[Any], rule_id: int, version: int, *, changed_by: str, now: datetime
) -> tuple[int, int] | None:
    """Id and new version; None if somebody changed it since `version`, or it is retired."""
    given = {"id": rule_id, "version": version, "changed_by": changed_by, "now": now}
    return _written(conn.execute(_queries.mark_retired, given).fetchone())


def insert_version(
    conn: Connection[Any],
    acted: Acted,
    *,
    rule_id: int,
    no: int,
    content: Mapping[str, Any],
    changed_by: str,
    now: datetime,
) -> None:
    """Write down what a rule says from now on."""
    row = {
        "rule_id": rule_id,
        "no": no,
        "tenant_id": acted.tenant_id,
        "organisation_id": acted.id,
        "content": Jsonb(dict(content)),
        "changed_by": changed_by,
        "now": now,
    }
    conn.execute(_queries.insert_version, row)


def list_versions(
    conn: Connection[Any], organisation_id: int, code: str, *, before: int | None, limit: int
) -> list[RuleVersion]:
    """What the organisation's rule said, the last first."""
    given = {
        "organisation_id": organisation_id,
        "code": code,
        "before": before,
        "limit": limit,
    }
    with conn.cursor(row_factory=class_row(RuleVersion)) as cursor:
        return cursor.execute(_queries.list_versions, given).fetchall()


def list_known_groups(
    conn: Connection[Any], organisation_id: int, codes: Collection[str]
) -> set[str]:
    """Those of the codes that name a group for the organisation."""
    given = {"organisation_id": organisation_id, "codes": list(codes)}
    return _texts(conn, _queries.list_known_groups, given)


def list_known_geofences(
    conn: Connection[Any], organisation_id: int, codes: Collection[str]
) -> set[str]:
    """Those of the codes that name a place for the organisation."""
    given = {"organisation_id": organisation_id, "codes": list(codes)}
    return _texts(conn, _queries.list_known_geofences, given)


def list_known_models(conn: Connection[Any], tenant_id: int, names: Collection[str]) -> set[str]:
    """Those of the names that are models."""
    given = {"tenant_id": tenant_id, "names": list(names)}
    return _texts(conn, _queries.list_known_models, given)


def list_known_vins(conn: Connection[Any], tenant_id: int, vins: Collection[str]) -> set[str]:
    """Those of the VINs that are vehicles."""
    given = {"tenant_id": tenant_id, "vins": list(vins)}
    return _texts(conn, _queries.list_known_vins, given)


def has_lease(conn: Connection[Any], tenant_id: int, lease_no: str) -> bool:
    """Whether there is such a lease in sight."""
    given = {"tenant_id": tenant_id, "lease_no": lease_no}
    return conn.execute(_queries.find_lease, given).fetchone() is not None


def list_rules_naming_group(
    conn: Connection[Any], organisation_id: int, code: str
) -> list[tuple[str, str]]:
    """(organisation, rule) of live rules, here and below, whose scope names the group."""
    given = {"organisation_id": organisation_id, "code": code}
    return conn.execute(_queries.list_rules_naming_group, given).fetchall()


def list_rules_naming_geofence(
    conn: Connection[Any], organisation_id: int, code: str
) -> list[tuple[str, str]]:
    """(organisation, rule) of live rules, here and below, that are about the place."""
    given = {"organisation_id": organisation_id, "code": code}
    return conn.execute(_queries.list_rules_naming_geofence, given).fetchall()


def read_revision(conn: Connection[Any]) -> str:
    """What changes with any rule, group, place or organisation."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        return str(cursor.execute(_queries.read_revision).fetchone())


def list_organisations(conn: Connection[Any]) -> list[OrganisationFacts]:
    """Every organisation."""
    rows = conn.execute(_queries.list_organisations).fetchall()
    return [
        OrganisationFacts(each_id, tenant_id, code, time_zone, tuple(above))
        for each_id, tenant_id, code, time_zone, above in rows
    ]


def list_live_rules(conn: Connection[Any]) -> list[Row]:
    """Every rule that is set."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_queries.list_live_rules).fetchall()


def list_live_geofences(conn: Connection[Any]) -> dict[tuple[int, str], Shape]:
    """Every place by organisation and code."""
    rows = conn.execute(_queries.list_live_geofences).fetchall()
    return {(row[0], row[1]): shape_of(*row[2:]) for row in rows}


def list_live_groups(conn: Connection[Any]) -> dict[tuple[int, str], frozenset[int]]:
    """Ids of the vehicles of every group by organisation and code."""
    rows = conn.execute(_queries.list_live_groups).fetchall()
    return {(organisation, code): frozenset(ids) for organisation, code, ids in rows}


def _packed(row: Mapping[str, Any]) -> Row:
    return {
        **row,
        "parameters": Jsonb(row["parameters"]),
        "scope": Jsonb(row["scope"]),
    }


def _written(row: Sequence[Any] | None) -> tuple[int, int] | None:
    return None if row is None else (row[0], row[1])


def _texts(conn: Connection[Any], query: Any, given: Mapping[str, Any]) -> set[str]:
    with conn.cursor(row_factory=scalar_row) as cursor:
        return set(cursor.execute(query, given).fetchall())
