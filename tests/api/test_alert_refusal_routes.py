"""What could not be taken of alerts, over HTTP: a list with pages, a table, one of it."""

import csv
from datetime import timedelta
from typing import Any, Final

import pytest
from fastapi.testclient import TestClient

from alerts.model import Finding, Links, Subject
from alerts.refusals.service import refuse
from kit import clock, db
from tests.api.served import Served, code_of
from tests.api.world import VINS

REFUSALS: Final = "/api/v1/alert-refusals"
NOW: Final = clock.now()
pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True, scope="module")


@pytest.fixture(scope="module")
def keeper(api: Served) -> TestClient:
    """Who keeps the rules of the depot, whose seven findings were refused."""
    vin = VINS["alpha-depot"]
    with db.connect(api.owner_url, application_name="test owner") as conn:
        for number in range(7):
            finding = Finding(
                tenant_id=api.world.organisation_ids["alpha"],
                organisation_id=api.world.organisation_ids["alpha-depot"],
                rule_code="towed",
                kind="towed",
                rule_version=None,
                severity="warning",
                subject=Subject("vehicle", api.world.vehicle_ids["alpha-depot"], vin),
                occurrence=f"{number}",
                raised_at=NOW,
                facts={"lat": 22.5, "speed_kmh": 31, "note": "王芳"},
                links=Links(),
            )
            refuse(
                conn,
                finding,
                source="telemetry",
                reason="constraint",
                message=f"ForeignKeyViolation: {VINS['omega-depot']}",
                now=NOW + timedelta(minutes=number // 2),
            )
        conn.commit()
    return api.person("alpha-depot.manager")


def test_walked_and_told_as_a_table(keeper: TestClient) -> None:
    seen: list[dict[str, Any]] = []
    after: dict[str, str] = {}
    while True:
        page = keeper.get(REFUSALS, params={"limit": "3", "rule": "towed"} | after).json()
        seen += page["items"]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert seen == keeper.get(REFUSALS).json()["items"]
    assert len({each["id"] for each in seen}) == 7
    assert (seen[0]["subject"], seen[0]["fault"], seen[0]["times"]) == (
        VINS["alpha-depot"],
        "ForeignKeyViolation",
        1,
    )
    asked = {"form": "csv", "what": "finding"}
    table = keeper.get(f"{REFUSALS}/export", params=asked, headers={"Accept-Language": "zh"})
    head, *rows = csv.reader(table.content.decode("utf-8-sig").splitlines())
    told = dict(zip(head, rows[0], strict=True))
    assert (len(rows), told["拒收内容"], told["来源"]) == (7, "发现", "遥测")
    assert told["对象"] == VINS["alpha-depot"]
    assert keeper.get(REFUSALS, params={"settled": "true"}).json()["items"] == []


def test_one_of_it_without_words_of_others(api: Served, keeper: TestClient) -> None:
    first = keeper.get(REFUSALS).json()["items"][0]
    answer = keeper.get(f"{REFUSALS}/{first['id']}")
    assert answer.json() == first | {
        "occurrence": "6",
        "facts": {"lat": 22.5, "speed_kmh": 31},
    }
    assert "王芳" not in answer.text and VINS["omega-depot"] not in answer.text
    assert api.person("alpha.owner").get(f"{REFUSALS}/{first['id']}").json() == answer.json()
    machine = api.machine("alert_rule.change", "alert.read", "vehicle.read")
    assert machine.get(f"{REFUSALS}/{first['id']}").json()["facts"] == {"speed_kmh": 31}


def test_who_does_not_see_it(api: Served, keeper: TestClient) -> None:
    number = keeper.get(REFUSALS).json()["items"][0]["id"]
    for login in ("alpha-north.owner", "omega.owner"):
        answer = api.person(login).get(f"{REFUSALS}/{number}")
        assert (answer.status_code, code_of(answer)) == (404, "alert_refusal_not_found")
        assert api.person(login).get(REFUSALS).json()["items"] == []
    for login in ("alpha-depot.ops", "alpha-depot.viewer"):
        answer = api.person(login).get(REFUSALS)
        assert (answer.status_code, code_of(answer)) == (403, "permission_missing")


def test_a_cursor_that_is_none(keeper: TestClient) -> None:
    answer = keeper.get(REFUSALS, params={"after": "W251bGwsbnVsbF0"})
    assert (answer.status_code, code_of(answer)) == (422, "cursor_invalid")
