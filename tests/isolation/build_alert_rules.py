"""Makes rules, vehicle groups and places of one organisation, every text with its mark.

Rules are set for its yard: what it set for itself would be told below it, as it should.
"""

from dataclasses import replace
from typing import Any

from psycopg import Connection

from alerts.geofences.service import circle, create_geofence
from alerts.groups.service import create_group
from alerts.rules.service import set_rule
from schemas.access import Actor
from tests.isolation.crawl_world import NOW, Identifiers, Organisation


def build(
    conn: Connection[Any], one: Organisation, known: Identifiers, *, owner: Organisation, by: Actor
) -> None:
    """As in `build_service.py`: `rule` and `rule_to_retire` of the yard; `group` and `geofence`,
    and those to retire, of the organisation that `code` names.
    """
    own = replace(
        by, name=f"watch.{one.mark}", organisation_id=one.id, organisation_code=one.ids["code"]
    )
    letter = "s" if known is one.spare else "i"
    for kind in ("rule", "rule_to_retire"):
        known[kind] = f"{letter}_{kind}_{one.mark}"
        set_rule(
            conn,
            own,
            organisation=known["child"],
            code=known[kind],
            kind="over_speed",
            enabled=True,
            severity=None,
            parameters={},
            scope={"vins": [known["vin"]]},
            name=f"规{one.mark}",
            version=None,
            now=NOW,
        )
    place: dict[str, Any] = {"organisation": known["code"], "now": NOW}
    for kind in ("group", "group_to_retire"):
        known[kind] = f"{letter}_{kind}_{one.mark}"
        vins = [known["vin"]] if kind == "group" else []
        create_group(conn, own, code=known[kind], name=f"组{one.mark}", vins=vins, **place)
    for kind in ("geofence", "geofence_to_retire"):
        known[kind] = f"{letter}_{kind}_{one.mark}"
        shape = circle(22.5, 114.0, 500 + one.number)
        create_geofence(conn, own, code=known[kind], name=f"域{one.mark}", shape=shape, **place)
