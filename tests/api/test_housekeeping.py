"""What a process of the API does by itself about money, and what it counts of it."""

from typing import Any

from fastapi.testclient import TestClient

from api import housekeeping
from tests.api.served import Served
from tests.api.test_bill_routes import (
    BILLS,
    V1,
    billing,
    customer_no,
    lease_no,
    manager,
    owner,
    sales,
    vin,
)

__all__ = ["billing", "customer_no", "lease_no", "manager", "owner", "sales", "vin"]


def counted(state: Any, kind: str) -> float:
    """How many papers of this kind this process made."""
    return float(state.metrics.money_papers_made.labels(kind)._value.get())


def test_leases_are_billed_once_and_reminders_made(
    api: Served, billing: TestClient, lease_no: str
) -> None:
    state = api.app.state.guanche
    bills, notices = counted(state, "bill"), counted(state, "notice")
    housekeeping.bill_leases(state)
    made = billing.get(BILLS, params={"lease": lease_no, "state": "issued"}).json()["items"]
    assert {each["kind"] for each in made} == {"rent", "deposit"}
    assert counted(state, "bill") >= bills + len(made)
    after = counted(state, "bill")
    housekeeping.bill_leases(state)
    again = billing.get(BILLS, params={"lease": lease_no, "state": "issued"}).json()["items"]
    assert ([each["bill_no"] for each in again], counted(state, "bill")) == (
        [each["bill_no"] for each in made],
        after,
    )
    housekeeping.make_notices(state)
    told = billing.get(f"{V1}/dunning-notices", params={"lease": lease_no}).json()["items"]
    assert {(each["stage"], each["made_by"]) for each in told} == {("due", "guanche")}
    assert counted(state, "notice") >= notices + len(told)
