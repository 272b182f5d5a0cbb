"""A fleet with a model, its plan and a checklist."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from psycopg import Connection

from fleet.checklists.service import DEFAULT_CHECKLISTS, ChecklistDraft, publish_checklist
from fleet.identity.service import create_user
from fleet.maintenance.service import PlanItem, refresh_maintenance, set_plan
from fleet.models.service import ModelFacts, create_model
from fleet.registry.service import add_vehicle, assign_operator, change_vehicle
from fleet.service.service import NewWorkOrder, open_work_order
from fleet.work_orders.service import WorkOrderDetail
from schemas.access import SYSTEM
from tests.fleet.conftest import NOW, VIN_A

BATTERY: ChecklistDraft = next(one for one in DEFAULT_CHECKLISTS if one.code == "battery-check")
ITEMS = (
    PlanItem("annual-service", "年度保养", every_months=12, every_km=20_000),
    PlanItem("brake-fluid", "制动液", every_months=24),
)


def later(hours: float) -> datetime:
    """So many hours after the fleet was made."""
    return NOW + timedelta(hours=hours)


def opened(conn: Connection[Any], hours: float = 1, **given: Any) -> WorkOrderDetail:
    """A new order on vehicle A."""
    wanted = NewWorkOrder(**({"vin": VIN_A, "kind": "repair", "title": "制动异响"} | given))
    return open_work_order(conn, SYSTEM, wanted=wanted, now=later(hours))


@pytest.fixture
def shop(fleet: Connection[Any]) -> Connection[Any]:
    """The fleet; A is of a model with a plan, operated by east; a checklist; somebody of east."""
    facts = ModelFacts("瑞驰 EC35", "瑞驰", "微型封闭货车", battery_kwh=Decimal("41.86"))
    create_model(fleet, SYSTEM, code="ec35", facts=facts, head_code="head", now=NOW)
    set_plan(fleet, SYSTEM, model_code="ec35", version=0, items=ITEMS, now=NOW)
    change_vehicle(
        fleet,
        SYSTEM,
        vin=VIN_A,
        version=1,
        plate="粤BD12345",
        model=None,
        model_code="ec35",
        now=NOW,
    )
    assign_operator(fleet, SYSTEM, vin=VIN_A, organisation_code="east", at=later(-1), now=NOW)
    refresh_maintenance(fleet, vehicle_ids=None, now=NOW)
    publish_checklist(fleet, SYSTEM, draft=BATTERY, head_code="head", now=NOW)
    for organisation in ("head", "east", "west"):
        create_user(
            fleet,
            SYSTEM,
            login=f"{organisation}.ops",
            name="机务",
            organisation_code=organisation,
            roles=["ops"],
            key=None,
            now=NOW,
        )
    return fleet


__all__ = ["BATTERY", "ITEMS", "add_vehicle", "later", "opened", "shop"]
