"""Findings and clearings in the database: alerts, fires, history, and who is told."""

import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from psycopg import Connection
from psycopg.rows import dict_row

from alerts.inbox.escalation.service import Step
from alerts.inbox.raising import service as raising
from alerts.inbox.raising import store
from alerts.inbox.reading import store as reading
from alerts.inbox.service import Applied, apply, get_alert, set_escalation
from alerts.model import Finding, Links, Subject
from kit import db
from schemas.access import SYSTEM
from tests.alerts.inbox.conftest import NOON, VIN_B, Land, at

pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)


def told(applied: Applied) -> list[str]:
    return [f"{each.kind} {each.purpose} {each.occasion}" for each in applied.told]


def rows(conn: Connection[Any], columns: str, order: str = "id") -> list[tuple[Any, ...]]:
    query = f"SELECT {columns} FROM alerts ORDER BY {order}"
    return conn.execute(query.encode()).fetchall()


def history(conn: Connection[Any], rule: str) -> list[str]:
    ids = conn.execute("SELECT id FROM alerts WHERE rule_code = %s ORDER BY id", [rule]).fetchall()
    return [event.kind for (alert_id,) in ids for event in reading.list_events(conn, alert_id)]


def test_an_alert_as_it_is_written(land: Land, conn: Connection[Any]) -> None:
    facts = {"soc_pct": 12.5, "since": at(-3), "odd": float("nan")}
    finding = land.finding("low_soc_parked", severity="critical", facts=facts, rule_version=7)
    applied = apply(conn, [finding], [], now=at(1))
    assert (applied.raised, told(applied)) == (1, ["low_soc_parked raised 0"])
    with conn.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute("SELECT * FROM alerts").fetchone()
    assert row is not None
    assert row["alert_no"].startswith("A2611-") and len(row["alert_no"]) == 14
    assert row["facts"] == {"soc_pct": 12.5, "since": "2026-11-22T11:57:00Z", "odd": None}
    expected = {
        "state": "open",
        "severity": "critical",
        "rule_version": 7,
        "raised_at": NOON,
        "recorded_at": at(1),
        "vehicle_id": finding.subject.id,
        "subject_key": finding.subject.key,
        "fires": 1,
        "version": 1,
        "escalate_at": None,
    }
    assert {name: row[name] for name in expected} == expected
    fires = conn.execute("SELECT alert_id, fire_key, fired_at, recorded_at FROM alert_fires")
    assert fires.fetchall() == [(row["id"], "0", NOON, at(1))]
    assert history(conn, "low_soc_parked") == ["raised"]


def test_coming_and_going_on_the_same_row(land: Land, conn: Connection[Any]) -> None:
    def found(minutes: float) -> Applied:
        finding = land.finding(minutes=minutes, reopen_within_s=600)
        return apply(conn, [finding], [], now=at(minutes))

    def gone(minutes: float, occurrence: str) -> Applied:
        return apply(conn, [], [land.clearing(minutes=minutes, occurrence=occurrence)], now=at(9))

    assert told(found(0)) == ["offline raised 0"]
    assert told(gone(5, "0")) == ["offline resolved resolved:0"]
    assert rows(conn, "state, resolved_by, resolution, cleared_at") == [
        ("resolved", "system", None, at(5))
    ]
    assert told(found(8)) == ["offline reopened 8"]
    assert told(gone(8, "0")) == [] == told(found(0))
    assert rows(conn, "occurrence, state, reopened, fires, resolved_at, cleared_at, version") == [
        ("8", "open", 1, 2, None, None, 3)
    ]
    assert told(gone(9, "8")) == ["offline resolved resolved:1"]
    assert history(conn, "offline") == ["raised", "cleared", "reopened", "cleared"]


def test_all_again_changes_no_row(land: Land, conn: Connection[Any]) -> None:
    findings = [
        land.finding(fire_keys=("1", "2"), stage=2),
        land.finding("towed", 1),
        land.finding("offline", 2, VIN_B, organisation="west", cleared_at=at(4)),
    ]
    clearings = [land.clearing("towed", 3)]
    first = apply(conn, findings, clearings, now=at(5))
    assert (first.raised, first.cleared) == (3, 1)
    before = rows(conn, "id, state, version, changed_in::text")
    events = conn.execute("SELECT count(*) FROM alert_events").fetchone()
    again = apply(conn, findings, clearings, now=at(6))
    assert (again.raised, again.repeated, again.cleared, again.told) == (0, 3, 0, [])
    assert rows(conn, "id, state, version, changed_in::text") == before
    assert conn.execute("SELECT count(*) FROM alert_events").fetchone() == events


def test_what_explains_another_keeps_it_silent(land: Land, conn: Connection[Any]) -> None:
    apply(conn, [land.finding("offline")], [], now=NOON)
    low = apply(conn, [land.finding("low_soc_parked", 1)], [], now=at(1))
    assert (low.raised, told(low)) == (1, [])
    other = land.finding("low_soc_parked", 1, VIN_B, organisation="west")
    assert told(apply(conn, [other], [], now=at(1))) == ["low_soc_parked raised 1"]
    back = apply(conn, [], [land.clearing("offline", 5)], now=at(5))
    assert told(back)[0] == "offline resolved resolved:0"
    assert [(each.kind, each.purpose) for each in back.told[1:]] == [("low_soc_parked", "released")]
    assert rows(conn, "inhibited_by_id") == [(None,)] * 3
    assert history(conn, "low_soc_parked") == ["raised", "inhibited", "released", "raised"]


def test_what_comes_just_before_is_explained_too(land: Land, conn: Connection[Any]) -> None:
    apply(conn, [land.finding("low_soc_parked")], [], now=NOON)
    apply(conn, [land.finding("offline", 1)], [], now=at(1))
    (low, _), (offline, _) = rows(conn, "id, kind")
    assert rows(conn, "id, inhibited_by_id") == [(low, offline), (offline, None)]


def test_what_was_told_is_not_held_back_afterwards(land: Land, conn: Connection[Any]) -> None:
    apply(conn, [land.finding("low_soc_parked")], [], now=NOON)
    conn.execute(
        """
        WITH channel AS (
            INSERT INTO notification_channels (tenant_id, organisation_id, name, kind,
                target_sealed, target_hint, created_by, created_at)
            SELECT tenant_id, organisation_id, 'x', 'email', '', 'x', 'x', now() FROM alerts
            RETURNING id, tenant_id, organisation_id),
        message AS (
            INSERT INTO notification_messages (tenant_id, organisation_id, channel_id,
                recipient_hint, kind, purpose, language, subject, body, payload, state, created_at,
                next_attempt_at)
            SELECT tenant_id, organisation_id, id, 'x', 'email', 'alerts', 'zh', 'x', 'x', '{}',
                'waiting', now(), now() FROM channel RETURNING id, channel_id)
        INSERT INTO notification_items (tenant_id, organisation_id, channel_id, alert_id, purpose,
            dedup_key, created_at, not_before, state, message_id)
        SELECT a.tenant_id, a.organisation_id, m.channel_id, a.id, 'raised', 'x', now(), now(),
            'gathered', m.id FROM alerts a, message m
        """
    )
    apply(conn, [land.finding("offline", 1)], [], now=at(1))
    assert rows(conn, "inhibited_by_id") == [(None,), (None,)]


def test_two_that_explain_it_both_have_to_go(land: Land, conn: Connection[Any]) -> None:
    """Offline explains low charge; power cut explains offline, and goes on explaining it."""
    apply(conn, [land.finding("power_cut"), land.finding("offline", 1)], [], now=at(1))
    assert rows(conn, "kind, inhibited_by_id IS NULL", "kind") == [
        ("offline", False),
        ("power_cut", True),
    ]
    gone = apply(conn, [], [land.clearing("offline", 2)], now=at(2))
    assert told(gone) == []
    assert told(apply(conn, [], [land.clearing("power_cut", 3)], now=at(3))) == [
        "power_cut resolved resolved:0"
    ]


def test_when_it_escalates(land: Land, conn: Connection[Any]) -> None:
    steps = [Step("warning", 30, role="manager"), Step("critical", 5, role="ops")]
    set_escalation(conn, SYSTEM, organisation="head", version=0, steps=steps, now=NOON)
    set_escalation(conn, SYSTEM, organisation="west", version=0, steps=[], now=NOON)
    apply(
        conn,
        [
            land.finding("offline"),
            land.finding("towed", severity="critical"),
            land.finding("no_charge", severity="info"),
            land.finding("towed", 0, VIN_B, organisation="west", severity="critical"),
        ],
        [],
        now=at(1),
    )
    found = rows(conn, "organisation_id, rule_code, escalate_at", "id")
    east, west = land.organisations["east"], land.organisations["west"]
    assert sorted(found, key=str) == sorted(
        [
            (east, "offline", at(31)),
            (east, "towed", at(6)),
            (east, "no_charge", None),
            (west, "towed", None),
        ],
        key=str,
    )
    apply(conn, [], [land.clearing("towed", 2)], now=at(2))
    assert (east, "towed", None) in rows(conn, "organisation_id, rule_code, escalate_at")


class Repeating(Random):
    """Gives each number twice."""

    def __init__(self) -> None:
        super().__init__(4)
        self._again: list[Any] | None = None

    def choices(self, population: Any, *_: Any, k: int = 1, **__: Any) -> list[Any]:
        if self._again is not None:
            given, self._again = self._again, None
            return given
        self._again = super().choices(population, k=k)
        return self._again


def test_a_number_that_is_taken_is_drawn_anew(land: Land, conn: Connection[Any]) -> None:
    findings = [land.finding("towed"), land.finding("offline")]
    assert raising.apply(conn, findings, [], now=NOON, rng=Repeating()).raised == 2
    later = raising.apply(conn, [land.finding("over_speed")], [], now=NOON, rng=Repeating())
    assert (later.raised, told(later)) == (1, ["over_speed raised 0"])
    numbers = [number for (number,) in rows(conn, "alert_no")]
    assert len(set(numbers)) == 3
    assert later.told[0].alert_no == numbers[-1]


def test_a_large_set_is_written_in_parts(land: Land, conn: Connection[Any]) -> None:
    """More than one statement takes."""
    bill = land.finding("rent_due", occurrence="2026-11-30", fire_keys=("a", "b"), links=Links())
    many = [replace(bill, subject=Subject("bill", no, f"B{no}")) for no in range(300)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "AT_ONCE", 128)
        assert apply(conn, many, [], now=NOON).raised == 300
        assert apply(conn, many, [], now=NOON).repeated == 300
    found = conn.execute("SELECT count(*), sum(1 + cardinality(missed_keys)) FROM alert_fires")
    assert found.fetchone() == (300, 600)


def test_what_is_of_the_past_can_be_recorded_by_the_application(
    land: Land, conn: Connection[Any], app_conn: Connection[Any]
) -> None:
    conn.commit()
    db.act_for(app_conn, [land.organisations["east"]])
    finding = land.finding("towed", historical=True, cleared_at=at(3))
    for raised, repeated in ((1, 0), (0, 1)):
        applied = apply(app_conn, [finding], [], now=at(60))
        assert (applied.raised, applied.repeated, applied.told) == (raised, repeated, [])
    assert rows(app_conn, "state, resolved_by, cleared_at, resolved_at, historical") == [
        ("resolved", "system", at(3), at(60), True)
    ]
    assert history(app_conn, "towed") == ["raised"]


# Two at once


@pytest.fixture
def two(database_url: str, conn: Connection[Any], land: Land) -> Iterator[list[Connection[Any]]]:
    """Two further connections to the world, which is committed."""
    conn.commit()
    with closing(db.connect(database_url)) as one, closing(db.connect(database_url)) as other:
        yield [one, other]


def test_two_appliers_at_once_make_each_alert_once(
    land: Land, conn: Connection[Any], two: list[Connection[Any]]
) -> None:
    """In orders that cross, twenty times over, half of it cleared by one of them."""
    kinds = ("offline", "towed", "over_speed", "power_cut", "moved_without_lease")
    rounds: list[list[Finding]] = [
        [land.finding(kind, minutes, occurrence=f"{minutes}") for kind in kinds]
        for minutes in range(20)
    ]
    done: list[list[Applied]] = [[], []]
    start = threading.Barrier(2)

    def run(place: int) -> None:
        for minutes, findings in enumerate(rounds):
            start.wait(30)
            ordered = findings[:: 1 if place else -1]
            clearings = [land.clearing("towed", minutes, f"{minutes}")] if place else []
            done[place].append(apply(two[place], ordered, clearings, now=at(minutes)))
            two[place].commit()

    threads = [threading.Thread(target=run, args=(place,)) for place in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [len(each) for each in done] == [20, 20]
    applied = [each for both in done for each in both]
    assert sum(each.raised for each in applied) == 100
    assert sum(each.repeated for each in applied) == 100
    assert sum(each.cleared for each in applied) == 20
    occasions = [(t.alert_id, t.occasion) for each in applied for t in each.told]
    assert len(occasions) == len(set(occasions))
    assert conn.execute("SELECT count(*) FROM alerts").fetchone() == (100,)
    assert conn.execute("SELECT count(*) FROM alert_fires").fetchone() == (100,)


def test_a_row_that_another_wrote_unseen_is_repeated(
    land: Land, conn: Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The unique keys hold without the lock: as if the other's alert came between."""
    apply(conn, [land.finding()], [], now=NOON)
    monkeypatch.setattr(store, "list_fires", lambda *_: [])
    monkeypatch.setattr(store, "lock_alerts", lambda *_: [])
    again = apply(conn, [land.finding()], [], now=at(1))
    assert (again.raised, again.repeated, again.told) == (0, 1, [])
    assert conn.execute("SELECT count(*) FROM alert_fires").fetchone() == (1,)


def test_what_was_noted_with_a_later_reminder_is_not_told_again(
    land: Land, conn: Connection[Any]
) -> None:
    """Whoever was late with the earlier one alone: it was there already."""
    due = land.finding(occurrence="d", fire_keys=("d#14", "d#7"), stage=2)
    apply(conn, [due], [], now=NOON)
    late = apply(conn, [replace(due, fire_keys=("d#14",), stage=1)], [], now=at(1))
    assert (late.repeated, late.told) == (1, [])
    assert rows(conn, "stage, fires, version") == [(2, 2, 1)]
    assert told(apply(conn, [replace(due, fire_keys=("d#3",), stage=3)], [], now=at(2))) == [
        "offline reminded d#3"
    ]


def test_the_fires_of_an_alert_as_they_are_shown(land: Land, conn: Connection[Any]) -> None:
    due = land.finding(occurrence="d", fire_keys=("d#30", "d#14", "d#7"), stage=3)
    apply(conn, [due], [], now=at(1))
    again = replace(due, fire_keys=("d#3",), stage=4, severity="critical", raised_at=at(5))
    apply(conn, [again], [], now=at(6))
    [(number,)] = rows(conn, "alert_no")
    shown = get_alert(conn, SYSTEM, alert_no=number).fires
    assert [(f.fire_key, f.stage, f.severity, f.fired_at, f.caught_up) for f in shown] == [
        ("d#30", 1, "warning", NOON, True),
        ("d#14", 2, "warning", NOON, True),
        ("d#7", 3, "warning", NOON, False),
        ("d#3", 4, "critical", at(5), False),
    ]
