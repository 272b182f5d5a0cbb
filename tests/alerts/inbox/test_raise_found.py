"""Alerts of very many findings, which never leave the database: the same as one by one."""

from dataclasses import replace
from typing import Any

import pytest
from psycopg import Connection

from alerts.inbox.escalation.service import Step
from alerts.inbox.inhibition import service as inhibition
from alerts.inbox.model import AlertEvent
from alerts.inbox.raising import store
from alerts.inbox.raising.service import raise_found
from alerts.inbox.reading import store as reading
from alerts.inbox.service import apply, set_escalation
from alerts.model import Finding, Links
from alerts.rules.obligation_kinds import OBLIGATION_KINDS
from schemas.access import SYSTEM
from tests.alerts.inbox.conftest import NOON, VIN_B, Land, at
from tests.alerts.inbox.test_apply import rows, told

ONE_STORAGE = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)


def stage(conn: Connection[Any], *findings: Finding) -> None:
    """As a sweep leaves them to the inbox."""
    conn.execute(store._queries.make_alert_findings)
    for no, each in enumerate(findings, 1):
        conn.execute(
            "INSERT INTO alert_findings (no, tenant_id, organisation_id, rule_code, kind, severity,"
            " subject_kind, subject_id, subject_key, occurrence, facts, due_on, stage, raised_at,"
            " fire_keys) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, '{}', %s, %s, %s, %s)",
            [no, each.tenant_id, each.organisation_id, each.rule_code, each.kind, each.severity,
             each.subject.kind, each.subject.id, each.subject.key, each.occurrence, each.due_on,
             each.stage, each.raised_at, list(each.fire_keys)],
        )  # fmt: skip


def lately_due(land: Land) -> list[Finding]:
    """Two inspections of east and west."""
    first = land.finding("inspection_due", occurrence="d", fire_keys=("d#7", "d#3"), stage=2)
    keys = {"severity": "critical", "fire_keys": ("e#3",), "stage": 1}
    return [
        first,
        land.finding("inspection_due", 1, VIN_B, organisation="west", occurrence="e", **keys),
    ]


COLUMNS = (
    "tenant_id, organisation_id, rule_code, kind, rule_version, subject_kind, subject_id,"
    " subject_key, occurrence, severity, state, facts, due_on, stage, fires, raised_at,"
    " last_raised_at, recorded_at, historical, escalation, escalate_at, cleared_at, reopened,"
    " version"
)
WRITTEN = (
    "SELECT f.rule_code, f.fire_key, f.missed_keys, f.stage, f.severity, f.fired_at, f.recorded_at,"
    " f.caught_up FROM alert_fires f ORDER BY f.id"
)


def happened(conn: Connection[Any]) -> list[AlertEvent]:
    """The history of each alert, in order."""
    ids = conn.execute("SELECT id FROM alerts ORDER BY id").fetchall()
    return [event for (alert_id,) in ids for event in reading.list_events(conn, alert_id)]


@ONE_STORAGE
def test_in_sets_the_same_is_written_as_one_by_one(land: Land, conn: Connection[Any]) -> None:
    steps = [Step("critical", 5, role="ops")]
    set_escalation(conn, SYSTEM, organisation="west", version=0, steps=steps, now=NOON)
    findings = [replace(each, links=Links()) for each in lately_due(land)]
    found = []
    for in_sets in (False, True):
        conn.execute("TRUNCATE alerts CASCADE")
        if in_sets:
            stage(conn, *findings)
            applied = raise_found(conn, first=1, last=2, now=at(3))
        else:
            applied = apply(conn, findings, [], now=at(3))
        assert told(applied) == ["inspection_due raised d#3", "inspection_due raised e#3"]
        numbers = [number for (number,) in rows(conn, "alert_no")]
        assert [each.alert_no for each in applied.told] == numbers
        fires = conn.execute(WRITTEN.encode()).fetchall()
        found.append((rows(conn, COLUMNS), fires, happened(conn)))
    assert found[0] == found[1]
    assert (found[1][0][0][-4], found[1][0][1][-4]) == (None, at(8)), "when each escalates"
    assert found[1][2] == [
        AlertEvent(0, at(3), "system", "raised", None, {"fire_key": key}) for key in ("d#3", "e#3")
    ]


@ONE_STORAGE
def test_in_sets_what_is_there_is_not_written_again(land: Land, conn: Connection[Any]) -> None:
    stage(conn, *lately_due(land))
    assert raise_found(conn, first=2, last=2, now=NOON).raised == 1
    again = raise_found(conn, first=1, last=2, now=at(1))
    assert (again.raised, again.repeated, told(again)) == (1, 1, ["inspection_due raised d#3"])
    assert rows(conn, "occurrence, fires, recorded_at") == [("e", 1, NOON), ("d", 2, at(1))]
    assert [(event.kind, event.at) for event in happened(conn)] == [
        ("raised", NOON),
        ("raised", at(1)),
    ]


@ONE_STORAGE
def test_one_that_has_a_row_of_being_raised_says_so_once(land: Land, conn: Connection[Any]) -> None:
    """As older alerts have."""
    stage(conn, *lately_due(land))
    raise_found(conn, first=1, last=1, now=NOON)
    conn.execute(
        "INSERT INTO alert_events (tenant_id, organisation_id, alert_id, at, actor, kind, facts)"
        " SELECT tenant_id, organisation_id, id, recorded_at, 'system', 'raised',"
        ' \'{"fire_key": "d#3"}\' FROM alerts'
    )
    found = [(event.kind, event.at, event.facts) for event in happened(conn)]
    assert found == [("raised", NOON, {"fire_key": "d#3"})]


@ONE_STORAGE
def test_only_what_somebody_hears_of_leaves_the_database(land: Land, conn: Connection[Any]) -> None:
    stage(conn, *lately_due(land))
    west = [land.organisations["west"]]
    done = raise_found(conn, first=1, last=2, hearing=west, now=NOON)
    assert (done.raised, told(done)) == (2, ["inspection_due raised e#3"])
    again = raise_found(conn, first=1, last=2, hearing=[], now=NOON)
    assert (again.raised, again.repeated, again.told) == (0, 2, [])


def test_nothing_explains_what_is_due() -> None:
    """Raising in sets asks for no explanation."""
    due = {kind.name for kind in OBLIGATION_KINDS}
    assert not due & (inhibition.INHIBITED | inhibition.INHIBITORS)
