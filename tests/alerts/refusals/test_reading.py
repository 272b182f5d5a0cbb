"""Who keeps the rules sees what could not be taken, and nothing of others through it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from typing import Any, Final

import pytest

from alerts.model import Subject
from alerts.refusals.errors import AlertRefusalNotFound
from alerts.refusals.service import (
    ShownRefusal,
    get_refusal,
    list_refusals,
    refuse,
    refuse_rules,
    settle_rules,
)
from kit import db
from schemas.access import Actor, PermissionMissing, permissions_of
from tests.alerts.inbox.conftest import NOON, VIN_A, VIN_B, Land, at

Seen = list[ShownRefusal]
pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
MANAGER: Final = permissions_of({"manager"})
FACTS: Final = {"lat": 22.5, "speed_kmh": 31, "note": "王芳", "last": {"lon": 114.0, "soc_pct": 9}}


@contextmanager
def acting(land: Land, code: str = "east", may: frozenset[str] = MANAGER) -> Iterator[Actor]:
    """Somebody of the organisation; meanwhile the connection is the application's."""
    organisation_id = land.organisations[code]
    land.conn.execute("SET LOCAL ROLE guanche_app")
    db.act_for(land.conn, [organisation_id])
    try:
        yield Actor("machine", "key:abc", organisation_id, code, may)
    finally:
        land.conn.execute("RESET ROLE")


def seen(land: Land, code: str = "east", may: frozenset[str] = MANAGER, **filters: Any) -> Seen:
    """What somebody of the organisation sees, the last refused first."""
    with acting(land, code, may) as actor:
        return list_refusals(land.conn, actor, filters)


def refused(
    land: Land, minutes: float = 0, message: str = "RaiseException: no", **said: Any
) -> None:
    """A finding of vehicle A is refused, so many minutes after noon."""
    told = {"facts": FACTS} | said
    refuse(
        land.conn,
        land.finding(minutes=minutes, **told),
        source="telemetry",
        reason="raised",
        message=message,
        now=at(minutes),
    )


def test_a_finding_with_its_figures(land: Land) -> None:
    refused(land)
    refused(land)
    [found] = seen(land, settled=False)
    assert found == ShownRefusal(
        id=found.id,
        what="finding",
        source="telemetry",
        organisation_code="east",
        rule_code="offline",
        reason="raised",
        fault="RaiseException",
        subject_kind="vehicle",
        subject_key=VIN_A,
        occurrence="0",
        facts={"lat": 22.5, "speed_kmh": 31, "last": {"lon": 114.0, "soc_pct": 9}},
        times=2,
        refused_at=NOON,
        last_refused_at=NOON,
        settled_at=None,
    )
    with acting(land, "head") as boss:
        assert get_refusal(land.conn, boss, refusal_id=found.id) == found


def test_places_are_for_who_may_know_them(land: Land) -> None:
    refused(land)
    [found] = seen(land, may=MANAGER - {"location.read"})
    assert found.facts == {"speed_kmh": 31, "last": {"soc_pct": 9}}


def test_a_rule_and_what_is_wrong_with_it(land: Land) -> None:
    east, mistake = land.organisations["east"], "line 1, column 11: there is no x"
    faults = {(east, "cold"): mistake, (east, "towed"): f"ComputeError: {VIN_B} at 22.5"}
    refuse_rules(land.conn, faults, source="telemetry", now=NOON)
    told = {
        each.rule_code: (each.what, each.fault, each.subject_kind, each.subject_key, each.facts)
        for each in seen(land)
    }
    assert told == {
        "cold": ("rule", mistake, None, None, {}),
        "towed": ("rule", "ComputeError", None, None, {}),
    }


def test_what_is_not_ones_own_is_not_named(land: Land) -> None:
    """A finding of east that, wrongly, is about a vehicle of west; and one about nothing."""
    refused(land, vin=VIN_B)
    refused(land, 1, subject=Subject("vehicle", 2**80, "LTX"))
    refused(land, 2, subject=Subject("vehicle", land.vehicles[VIN_A], VIN_B))
    for each in seen(land):
        assert (each.subject_kind, each.subject_key) == (None, None)
        assert (each.occurrence, each.facts) == (None, {})
    subjects = [each.subject_key for each in seen(land, "head")]
    assert subjects == [None, None, VIN_B]


def test_words_that_may_name_anybody_are_not_told(land: Land) -> None:
    refused(land, message="wang.lei at 22.5, 114.0")
    refused(land, 1, message="UniqueViolation: Key (vin)=(LNBYGYFJ1SS000001) exists")
    faults = [each.fault for each in seen(land)]
    assert faults == ["UniqueViolation", None]


def test_a_clearing_is_of_what_it_clears(land: Land) -> None:
    for clearing in (land.clearing(occurrence="7"), land.clearing(vin=VIN_B)):
        refuse(land.conn, clearing, source="sweep", reason="raised", message="No: x", now=at(1))
    told = {(each.subject_key, each.occurrence) for each in seen(land, what="clearing")}
    assert told == {(VIN_A, "7"), (None, None)}


def test_of_another_organisation_there_is_none(land: Land) -> None:
    refused(land)
    refused(land, vin=VIN_B, organisation="west")
    [own] = seen(land)
    assert own.subject_key == VIN_A
    [other] = seen(land, "west")
    with acting(land) as actor, pytest.raises(AlertRefusalNotFound):
        get_refusal(land.conn, actor, refusal_id=other.id)
    both = seen(land, "head", organisation="west")
    assert [each.id for each in both] == [other.id]
    refuse(
        land.conn,
        replace(land.finding(), organisation_id=999_999),
        source="telemetry",
        reason="program",
        message="KeyError: 999999",
        now=NOON,
    )
    assert len(seen(land, "head")) == 2


def test_of_a_kind_one_does_not_see_there_is_none(land: Land) -> None:
    refused(land, rule="rent_due")
    refused(land, 1)
    refuse_rules(
        land.conn,
        {(land.organisations["east"], "rent_due"): "Odd: x"},
        source="sweep",
        now=at(2),
    )
    found = seen(land, may=MANAGER - {"bill.read"})
    told = [(each.what, each.rule_code) for each in found]
    assert told == [("rule", "rent_due"), ("finding", "offline")]
    [only] = seen(land, may=frozenset({"alert_rule.change"}))
    assert only.what == "rule"


@pytest.mark.parametrize("role", ["ops", "viewer", "auditor"])
def test_who_does_not_keep_rules_sees_none(land: Land, role: str) -> None:
    with pytest.raises(PermissionMissing):
        seen(land, may=permissions_of({role}))


@pytest.mark.parametrize(
    ("filters", "minutes"),
    [
        pytest.param({}, [4, 2, 0], id="all, the last first"),
        pytest.param({"settled": False}, [2, 0], id="open"),
        pytest.param({"settled": True}, [4], id="settled"),
        pytest.param({"what": "rule"}, [4], id="rules"),
        pytest.param({"source": "telemetry", "reason": "raised"}, [2, 0], id="raised"),
        pytest.param({"rule": "towed"}, [2], id="of a rule"),
        pytest.param({"from_at": at(2)}, [4, 2], id="from"),
        pytest.param({"until_at": at(2)}, [0], id="until"),
    ],
)
def test_narrowed_and_in_order(land: Land, filters: dict[str, Any], minutes: list[int]) -> None:
    refused(land)
    refused(land, 2, rule="towed")
    refuse_rules(
        land.conn, {(land.organisations["east"], "cold"): "Odd: x"}, source="sweep", now=at(4)
    )
    settle_rules(land.conn, "sweep", [], now=at(5))
    found = seen(land, **filters)
    assert [each.last_refused_at for each in found] == [at(minute) for minute in minutes]
    with acting(land) as actor:
        for before, each in pairwise(found):
            place = before.last_refused_at, before.id
            assert list_refusals(land.conn, actor, filters, after=place)[0] == each
