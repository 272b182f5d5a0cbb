"""Operations of rules, vehicle groups and places, as `crawl_operations.py` describes them."""

from collections.abc import Callable
from typing import Any, Final

from tests.isolation.crawl import Id, Operation

VERSION_1: Final = {"If-Match": '"1"'}
CSV: Final = {"form": "csv"}
OF_YARD: Final = {"organisation": Id("child")}
RULE: Final = {"code": Id("rule")}
OF: Final = {"organisation": Id("code")}
LIST: Final = OF | {"q": Id("text")}
GROUP: Final = {"code": Id("group")}
GEOFENCE: Final = {"code": Id("geofence")}
MAP: Final = {"crs": "bd09"}
CIRCLE: Final[dict[str, Any]] = {
    "name": "新",
    "shape": "circle",
    "lat": 22.5,
    "lon": 114.0,
    "radius_m": 300.0,
    "points": None,
    "crs": "gcj02",
}
RULES: Final[dict[str, Operation]] = {
    "list_alert_kinds": Operation(shows=False),
    "get_alert_expression_fields": Operation(shows=False),
    "list_alert_rules": Operation(query=OF_YARD),
    "export_alert_rules": Operation(query=OF_YARD | CSV),
    "check_alert_expression": Operation(body={"expression": "soc_pct < 15.0"}, shows=False),
    "rehearse_alert_rule": Operation(
        query=OF_YARD,
        body={
            "code": "over_speed",
            "kind": None,
            "severity": None,
            "parameters": None,
            "scope": None,
            "days": 1,
            "record": False,
        },
        shows=False,
    ),
    "get_alert_rule": Operation(path=RULE, query=OF_YARD),
    "set_alert_rule": Operation(
        path=RULE,
        query=OF_YARD,
        body={
            "kind": "over_speed",
            "name": None,
            "enabled": False,
            "severity": None,
            "parameters": {},
            "scope": {},
        },
        headers=VERSION_1,
    ),
    "list_alert_rule_versions": Operation(path=RULE, query=OF_YARD),
    "retire_alert_rule": Operation(
        204,
        path={"code": Id("rule_to_retire")},
        query=OF_YARD,
        headers=VERSION_1,
        shows=False,
    ),
}
GROUPS: Final[dict[str, Operation]] = {
    "list_vehicle_groups": Operation(query=LIST),
    "export_vehicle_groups": Operation(query=LIST | CSV),
    "create_vehicle_group": Operation(
        201, body={"code": "new_group", "name": "新", "vins": [], "organisation": Id("code")}
    ),
    "get_vehicle_group": Operation(path=GROUP, query=OF),
    "list_vehicle_group_vehicles": Operation(path=GROUP, query=OF),
    "export_vehicle_group_vehicles": Operation(path=GROUP, query=OF | CSV),
    "add_vehicle_group_vehicles": Operation(path=GROUP, query=OF, body={"vins": []}),
    "remove_vehicle_group_vehicles": Operation(path=GROUP, query=OF, body={"vins": []}),
    "rename_vehicle_group": Operation(
        path=GROUP, query=OF, body={"name": "改"}, headers={"If-Match": '"2"'}
    ),
    "retire_vehicle_group": Operation(
        path={"code": Id("group_to_retire")}, query=OF, headers=VERSION_1
    ),
}
GEOFENCES: Final[dict[str, Operation]] = {
    "list_geofences": Operation(query=LIST | MAP),
    "export_geofences": Operation(query=LIST | MAP | CSV),
    "create_geofence": Operation(
        201, body={"code": "new_place", "organisation": Id("code"), **CIRCLE}
    ),
    "get_geofence": Operation(path=GEOFENCE, query=OF | MAP),
    "change_geofence": Operation(path=GEOFENCE, query=OF, body=CIRCLE, headers=VERSION_1),
    "retire_geofence": Operation(
        path={"code": Id("geofence_to_retire")}, query=OF, headers=VERSION_1
    ),
}
OPERATIONS: Final[dict[str, Operation]] = RULES | GROUPS | GEOFENCES
NO_IDENTIFIER: Final[dict[str, str]] = {
    "enabled": "yes or no",
    "severity": "a word",
    "retired": "yes or no",
    "parameters": "figures; a geofence's code: tests/alerts/rules/test_rules.py",
    "scope": "names within it are tried with others': tests/alerts/rules/test_rules.py",
    "vins": "tried with others': tests/alerts/groups/test_groups.py",
}
NOWHERE: Final[dict[str, Callable[[int], Any]]] = {
    kind: lambda number: f"nowhere_{number}"
    for kind in (
        "rule",
        "rule_to_retire",
        "group",
        "group_to_retire",
        "geofence",
        "geofence_to_retire",
    )
}
"""Identifiers of nothing that exists, by kind, from a number."""
