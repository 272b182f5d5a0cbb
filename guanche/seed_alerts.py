"""The rules of the demo: as shipped, but in a hurry, and one of every kind that has to be set up.

Decides what makes something of each kind visible within a minute. What befalls which vehicle stands
in `demo_scenario.toml`, what is due in the books of the demo (`demo_assets.py`, `demo_matters.py`).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from psycopg import Connection

from alerts.geofences import service as geofences
from alerts.geofences.outline import circle
from alerts.groups import service as groups
from alerts.rules import service as rules
from guanche import store
from guanche.seed import PLATFORM
from schemas.access import SYSTEM

YARD: Final = "yard"
IN_THE_YARD: Final = 3
CHINA: Final = timedelta(hours=8)
SOON: Final = {"for_s": 10, "keep_s": 30}
YARD_ONLY: Final = {"groups": [YARD]}


class SeedRule(NamedTuple):
    """A rule as the head office of the demo sets it; its kind's own code unless one is given."""

    kind: str
    parameters: dict[str, Any]
    scope: dict[str, Any] | None = None
    code: str | None = None
    name: str | None = None


def seed_rules(now: datetime) -> tuple[SeedRule, ...]:
    """The rules, of a demo that runs at this time."""
    hour = (now + CHINA).hour
    return (
        SeedRule("offline", {"after_s": 20}),
        SeedRule("low_soc_parked", {"raise_at": 20, "clear_above": 25, **SOON}),
        SeedRule("cell_spread", {"raise_at": 0.3, "clear_below": 0.2, **SOON}),
        SeedRule("insulation_low", {"raise_at": 100, "clear_above": 150, **SOON}),
        SeedRule("over_speed", {"raise_at": 90, "clear_below": 85, **SOON}),
        SeedRule("towed", {"speed_kmh": 8, "distance_m": 200, **SOON}),
        SeedRule("power_cut", SOON),
        SeedRule("temperature_rise", {"raise_at_c_per_min": 2, "over_s": 20, **SOON}),
        SeedRule(
            "soc_implausible",
            {"window_s": 20, "raise_at_pct": 6, "clear_below_pct": 3, "for_s": 0, "keep_s": 60},
        ),
        SeedRule("moved_without_lease", SOON, YARD_ONLY),
        SeedRule(
            "moved_at_night", {**SOON, "from_hour": hour, "until_hour": (hour + 2) % 24}, YARD_ONLY
        ),
        SeedRule("no_charge", {"days": 0.0003}, YARD_ONLY),
        SeedRule("geofence", {"geofence": YARD, "when": "outside"}, YARD_ONLY),
        SeedRule(
            "custom",
            {"expression": "speed_kmh > 20.0 && soc_pct < 10.0", **SOON},
            code="fast_and_empty",
            name="低电量高速行驶",
        ),
    )


def seed_alerts(conn: Connection[Any], vins: Sequence[str], now: datetime) -> None:
    """A yard, some vehicles that belong there, and the rules. Run in one transaction.

    A fleet whose head office has the yard already is left as it is.
    """
    if store.has_vehicle_group(conn, YARD):
        return
    idle = store.list_vins_not_let(conn, vins)[-IN_THE_YARD:]
    given: dict[str, Any] = {"organisation": PLATFORM, "now": now}
    groups.create_group(conn, SYSTEM, code=YARD, name="停放场车辆", vins=idle, **given)
    geofences.create_geofence(
        conn, SYSTEM, code=YARD, name="龙华停放场", shape=circle(22.6920, 114.0440, 300), **given
    )
    for rule in seed_rules(now):
        rules.set_rule(
            conn,
            SYSTEM,
            code=rule.code or rule.kind,
            kind=rule.kind,
            enabled=True,
            severity=None,
            parameters=rule.parameters,
            scope=rule.scope or {},
            name=rule.name,
            version=None,
            **given,
        )
