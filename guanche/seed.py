"""Demo organisations and the vehicles of a simulated fleet; the same every time.

Also used by the bench and the tests. Safe to run again: what exists stays as it is. Leaves out
which vehicles there are (`simulators.fleet`).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

from psycopg import Connection

from fleet.devices.model import FleetEntry
from fleet.devices.service import add_fleet
from fleet.orgs.service import create_organisation, find_organisation
from guanche.seed_models import model_of
from schemas.access import SYSTEM

JOINED_AGO = timedelta(days=90)
"""Demo vehicles joined this long ago, so that backlogs and replayed history find their vehicle."""


class SeedOrganisation(NamedTuple):
    """An organisation of the demo and the one it stands below."""

    code: str
    name: str
    parent_code: str | None


class RosterEntry(Protocol):
    """A simulated vehicle, as `simulators.fleet.fleet_roster` lists it."""

    @property
    def device_id(self) -> str: ...
    @property
    def vin(self) -> str: ...
    @property
    def plate(self) -> str | None: ...


PLATFORM = "qingfan"
ORGANISATIONS = (
    SeedOrganisation(PLATFORM, "青帆新能源物流车平台", None),
    SeedOrganisation("south", "华南区域中心", PLATFORM),
    SeedOrganisation("east", "华东区域中心", PLATFORM),
    SeedOrganisation("shenzhen-qianxing", "深圳前行运力", "south"),
    SeedOrganisation("guangzhou-shunjie", "广州顺捷物流车", "south"),
    SeedOrganisation("hangzhou-jiangnan", "杭州江南车服", "east"),
    SeedOrganisation("shenzhen-nanshan", "南山车场", "shenzhen-qianxing"),
    SeedOrganisation("shenzhen-longgang", "龙岗车场", "shenzhen-qianxing"),
    SeedOrganisation("guangzhou-baiyun", "白云车场", "guangzhou-shunjie"),
    SeedOrganisation("guangzhou-panyu", "番禺车场", "guangzhou-shunjie"),
    SeedOrganisation("hangzhou-yuhang", "余杭车场", "hangzhou-jiangnan"),
    SeedOrganisation("hangzhou-xiaoshan", "萧山车场", "hangzhou-jiangnan"),
)
DEPOTS = tuple(
    organisation.code
    for organisation in ORGANISATIONS
    if organisation.code not in {other.parent_code for other in ORGANISATIONS}
)
"""Who operates the demo's vehicles: the leaves of the tree."""


def seed_organisations(conn: Connection[Any], now: datetime) -> int:
    """The demo's tree: platform, regional centres, operators, depots. How many were new."""
    new = 0
    for organisation in ORGANISATIONS:
        if find_organisation(conn, SYSTEM, code=organisation.code) is None:
            create_organisation(
                conn,
                SYSTEM,
                code=organisation.code,
                name=organisation.name,
                parent_code=organisation.parent_code,
                now=now,
            )
            new += 1
    return new


def seed_fleet(conn: Connection[Any], roster: Iterable[RosterEntry], now: datetime) -> int:
    """The roster's vehicles with devices, bindings and depots; how many were new.

    The platform owns them; the depots operate them in turn. Run in one transaction.
    """
    seed_organisations(conn, now)
    entries = [
        FleetEntry(
            vin=vehicle.vin,
            plate=vehicle.plate,
            serial=vehicle.device_id,
            owner_code=PLATFORM,
            operator_code=DEPOTS[place % len(DEPOTS)],
            model=model_of(vehicle.vin).name,
        )
        for place, vehicle in enumerate(roster)
    ]
    return add_fleet(conn, SYSTEM, entries, at=now - JOINED_AGO)
