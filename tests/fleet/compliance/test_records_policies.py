"""Policies written down on a real database: changes, voids, refusals, lists, cover."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from psycopg import Connection

from fleet.compliance import errors
from fleet.compliance import service as compliance
from fleet.compliance.model import InsuredSum
from fleet.local_days import begin_of
from fleet.registry import service as registry
from fleet.registry.errors import VehicleNotFound
from kit.errors import DomainError, VersionChanged
from schemas.access import SYSTEM
from tests.fleet.compliance.written import (
    NOW,
    YEAR,
    due,
    last_entry,
    record_year,
    spent,
)
from tests.fleet.conftest import VIN_A, VIN_B, refused

Conn = Connection[Any]
Action = Callable[[Conn], object]


def test_a_policy_covers_from_midnight_to_midnight(fleet: Conn) -> None:
    sums = (InsuredSum("third_party", 200_000_000),)
    made = record_year(
        fleet,
        " ｐdza 1",
        terms=replace(YEAR, covers=sums, use_nature="营业货车"),
        premium_fen=95_000,
    )
    assert (made.paper.policy_no, made.paper.version) == ("pdza1", 1)
    assert (made.paper.from_at, made.paper.until_at) == (
        datetime(2026, 6, 30, 16, tzinfo=UTC),
        datetime(2027, 6, 30, 16, tzinfo=UTC),
    )
    assert (made.paper.covers, made.paper.insured) == (sums, "青帆")
    assert spent(fleet) == [("insurance", 95_000, date(2026, 7, 1), "policy", "pdza1")]
    assert due(fleet)["compulsory"] == (date(2027, 6, 30), "ahead")
    entry = last_entry(fleet)
    assert (entry.object_key, entry.after["premium_fen"]) == ("pdza1", 95_000)
    assert entry.after["covers"] == [{"cover": "third_party", "sum_fen": 200_000_000}]
    assert "insured" not in entry.after


def test_a_policy_may_begin_at_once(fleet: Conn) -> None:
    begins = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)
    made = record_year(fleet, terms=replace(YEAR, covered_from=begins))
    assert made.paper.from_at == begins


@pytest.mark.parametrize(
    ("given", "fact"),
    [
        ({"policy_no": "P/1"}, errors.PolicyNumberMalformed),
        ({"policy_no": ".."}, errors.PolicyNumberMalformed),
        ({"policy_no": "x" * 65}, errors.PolicyNumberMalformed),
        (
            {"terms": replace(YEAR, covered_until=date(2026, 6, 30))},
            errors.PolicyEndsBeforeStart,
        ),
        (
            {"terms": replace(YEAR, covered_until=begin_of(date(2026, 7, 1)))},
            errors.PolicyEndsBeforeStart,
        ),
        ({"policy_no": "PDZA0"}, errors.PolicyExists),
        ({"policy_no": "PDZA0", "vin": VIN_B}, errors.PolicyExists),
        ({"vin": "LE4TG4DB1JL199517"}, VehicleNotFound),
    ],
)
def test_a_policy_that_cannot_be_is_refused(
    fleet: Conn, given: dict[str, Any], fact: type[DomainError]
) -> None:
    record_year(fleet, "PDZA0")
    with refused(fleet, fact):
        record_year(fleet, **{"policy_no": "PDZA1"} | given)


def test_a_policy_is_changed_at_its_version(fleet: Conn) -> None:
    record_year(fleet, premium_fen=95_000)
    terms = replace(YEAR, insurer="人保", covered_until=date(2027, 7, 31), insured=None)
    changed = compliance.change_policy(
        fleet, SYSTEM, policy_no="PDZA1", version=1, terms=terms, now=NOW
    )
    assert (changed.paper.insurer, changed.paper.insured, changed.paper.version) == (
        "人保",
        None,
        2,
    )
    assert due(fleet)["compulsory"] == (date(2027, 7, 31), "ahead")
    assert [cost[1] for cost in spent(fleet)] == [95_000]
    entry = last_entry(fleet)
    assert (entry.action, entry.before["insurer"], entry.after["insurer"]) == (
        "paper.change",
        "平安",
        "人保",
    )
    with refused(fleet, VersionChanged):
        compliance.change_policy(fleet, SYSTEM, policy_no="PDZA1", version=1, terms=YEAR, now=NOW)
    with refused(fleet, errors.PolicyNotFound):
        compliance.change_policy(fleet, SYSTEM, policy_no="P2", version=1, terms=YEAR, now=NOW)


def test_a_void_policy_never_counted(fleet: Conn) -> None:
    record_year(fleet)
    assert due(fleet)["compulsory"] == (date(2027, 6, 30), "ahead")
    voided = compliance.void_policy(fleet, SYSTEM, policy_no="PDZA1", reason="录错车辆", now=NOW)
    assert (voided.paper.voided_at, voided.paper.voided_because) == (NOW, "录错车辆")
    assert due(fleet)["compulsory"] == (None, "missing")
    entry = last_entry(fleet)
    assert (entry.action, entry.after["voided_because"]) == ("paper.void", "录错车辆")
    acts: list[Action] = [
        lambda c: compliance.void_policy(c, SYSTEM, policy_no="PDZA1", reason="x", now=NOW),
        lambda c: compliance.change_policy(
            c, SYSTEM, policy_no="PDZA1", version=2, terms=YEAR, now=NOW
        ),
    ]
    for act in acts:
        with refused(fleet, errors.PolicyVoided):
            act(fleet)


@pytest.mark.parametrize(
    ("filters", "numbers"),
    [
        ({}, ["P1", "P2", "P3"]),
        ({"kind": "commercial"}, ["P2"]),
        ({"insurer": "人"}, ["P3"]),
        ({"voided": True}, ["P3"]),
        ({"voided": False}, ["P1", "P2"]),
        ({"vin": VIN_B}, ["P3"]),
        ({"ends_before_at": begin_of(date(2026, 8, 1))}, ["P1"]),
        ({"ends_from_at": begin_of(date(2026, 8, 1))}, ["P2", "P3"]),
        ({"organisation": "east", "kind": "compulsory"}, ["P1"]),
    ],
)
def test_policies_are_found_by(fleet: Conn, filters: dict[str, Any], numbers: list[str]) -> None:
    registry.assign_operator(fleet, SYSTEM, vin=VIN_A, organisation_code="east", at=NOW, now=NOW)
    past = replace(YEAR, covered_from=date(2025, 8, 1), covered_until=date(2026, 7, 31))
    record_year(fleet, "P1", terms=replace(past, covered_until=date(2026, 7, 1)))
    record_year(fleet, "P2", kind="commercial", terms=past)
    record_year(fleet, "P3", vin=VIN_B, terms=replace(YEAR, insurer="人保"))
    compliance.void_policy(fleet, SYSTEM, policy_no="P3", reason="x", now=NOW)
    found = compliance.list_policies(fleet, SYSTEM, filters)
    assert [each.paper.policy_no for each in found] == numbers


def test_policies_are_read_on_by_their_end(fleet: Conn) -> None:
    for number in range(5):
        until = date(2027, 6, 30 - number % 2)
        record_year(fleet, f"P{number}", terms=replace(YEAR, covered_until=until))
    seen: list[str] = []
    after = None
    while page := compliance.list_policies(fleet, SYSTEM, {}, after=after, limit=2):
        seen += [each.paper.policy_no for each in page]
        after = page[-1].paper.until_at, page[-1].id
    assert seen == ["P1", "P3", "P0", "P2", "P4"]


def test_cover_tells_gaps_and_overlaps(fleet: Conn) -> None:
    record_year(
        fleet,
        "P1",
        terms=replace(YEAR, covered_from=date(2025, 7, 1), covered_until=date(2026, 6, 30)),
    )
    record_year(fleet, "P2", terms=replace(YEAR, covered_from=date(2026, 7, 3)))
    record_year(fleet, "P3", terms=replace(YEAR, covered_from=date(2027, 6, 30)))
    compulsory, commercial = compliance.list_cover(fleet, SYSTEM, vin=VIN_A, now=NOW)
    assert (compulsory.state.kind, commercial.state.kind) == ("compulsory", "commercial")
    assert [gap.hours for gap in compulsory.gaps] == [48.0]
    [double] = compulsory.overlaps
    assert (double.from_at, double.policy_nos) == (begin_of(date(2027, 6, 30)), ("P2", "P3"))
    assert [policy.policy_no for policy in compulsory.state.in_force] == ["P2"]
    assert (commercial.state.is_covered, commercial.gaps) == (False, [])
