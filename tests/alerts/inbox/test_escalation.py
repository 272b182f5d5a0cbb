"""How an escalation goes on: of what becomes graver, of what rested; and whose it is."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from psycopg import Connection

from alerts.inbox import service as inbox
from alerts.inbox.service import Step, apply, escalate_due, set_escalation, wake_due
from fleet.identity.service import create_user
from kit.errors import VersionChanged
from schemas.access import SYSTEM, Role
from tests.alerts.inbox.conftest import BEFORE, NOON, Land, at
from tests.api.world import KEY

pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
STEPS = (
    Step("warning", 10, role="ops"),
    Step("warning", 30, role="manager"),
    Step("warning", 60, role="owner"),
)


@pytest.fixture
def stepped(land: Land, conn: Connection[Any]) -> Land:
    staff(land)
    set_escalation(conn, SYSTEM, organisation="head", version=0, steps=STEPS, now=NOON)
    return land


def standing(conn: Connection[Any], rule: str) -> tuple[int, datetime | None]:
    row = conn.execute(
        "SELECT escalation, escalate_at FROM alerts WHERE rule_code = %s", [rule]
    ).fetchone()
    assert row is not None
    return row[0], row[1]


def person(land: Land, login: str, organisation: str, role: Role) -> None:
    """Somebody with a channel of their own."""
    conn = land.conn
    given: dict[str, Any] = {"organisation_code": organisation, "roles": [role], "now": BEFORE}
    create_user(conn, SYSTEM, login=login, name=login, phone=None, id_card=None, key=KEY, **given)
    conn.execute(
        "INSERT INTO notification_channels (tenant_id, organisation_id, owner, name, kind,"
        " target_sealed, target_hint, created_by, created_at)"
        " SELECT tenant_id, organisation_id, login, login, 'email', 'x', 'x', login, %s"
        " FROM users WHERE login = %s",
        [BEFORE, login],
    )


def staff(land: Land) -> None:
    """Somebody for each step."""
    roles: tuple[Role, ...] = ("ops", "manager", "owner")
    for role in roles:
        person(land, f"east.{role}", "east", role)


def reached(conn: Connection[Any]) -> list[tuple[int, list[str], datetime]]:
    """By step: who was told, and when; the same stands in the outbox."""
    found = conn.execute(
        "SELECT (facts ->> 'step')::integer,"
        " ARRAY(SELECT jsonb_array_elements_text(facts -> 'to')), at"
        " FROM alert_events WHERE kind = 'escalated' ORDER BY id"
    ).fetchall()
    told = conn.execute(
        "SELECT c.owner FROM notification_items i"
        " JOIN notification_channels c ON c.id = i.channel_id"
        " WHERE i.purpose = 'escalated' ORDER BY i.id"
    ).fetchall()
    assert [login for _, logins, _ in found for login in logins] == [login for (login,) in told]
    return found


def test_a_step_at_which_there_is_nobody_is_passed_over(land: Land, conn: Connection[Any]) -> None:
    """Neither who was disabled nor who is of another organisation can be told: the next one is."""
    person(land, "east.ops", "east", "ops")
    person(land, "west.ops", "west", "ops")
    person(land, "boss", "head", "manager")
    person(land, "owner", "head", "owner")
    conn.execute("UPDATE users SET disabled_at = %s WHERE login = 'east.ops'", [NOON])
    steps = (
        Step("warning", 10, role="ops"),
        Step("warning", 20, login="west.ops"),
        Step("warning", 600, role="manager", levels_up=1),
        Step("warning", 660, role="owner", levels_up=1),
    )
    set_escalation(conn, SYSTEM, organisation="head", version=0, steps=steps, now=NOON)
    apply(conn, [land.finding()], [], now=NOON)
    assert [escalate_due(conn, now=at(minute)) for minute in (9, 10, 11, 12, 13, 72)] == [
        0, 1, 1, 1, 0, 1,
    ]  # fmt: skip
    assert reached(conn) == [
        (1, [], at(10)),
        (2, [], at(11)),
        (3, ["boss"], at(12)),
        (4, ["owner"], at(72)),
    ]
    assert standing(conn, "offline") == (4, None)


def number(conn: Connection[Any], rule: str) -> str:
    row = conn.execute("SELECT alert_no FROM alerts WHERE rule_code = %s", [rule]).fetchone()
    assert row is not None
    return str(row[0])


def told(conn: Connection[Any]) -> list[int]:
    found = conn.execute(
        "SELECT (facts ->> 'step')::integer FROM alert_events WHERE kind = 'escalated' ORDER BY id"
    )
    return [step for (step,) in found]


def test_what_becomes_graver_takes_the_steps_of_its_severity(
    land: Land, conn: Connection[Any]
) -> None:
    staff(land)
    steps = [Step("warning", 10, role="ops"), Step("critical", 15, role="manager")]
    set_escalation(conn, SYSTEM, organisation="head", version=0, steps=steps, now=NOON)
    first = land.finding("inspection_due", fire_keys=("d#7",), occurrence="d")
    apply(conn, [first], [], now=NOON)
    assert escalate_due(conn, now=at(11)) == 1
    assert standing(conn, "inspection_due") == (1, None)
    graver: dict[str, Any] = {
        "severity": "critical",
        "fire_keys": ("d#-1",),
        "occurrence": "d",
        "stage": 2,
    }
    apply(conn, [land.finding("inspection_due", 60, **graver)], [], now=at(60))
    assert standing(conn, "inspection_due") == (0, at(70))
    assert [escalate_due(conn, now=at(minute)) for minute in (69, 70, 74, 75)] == [0, 1, 0, 1]
    assert standing(conn, "inspection_due") == (2, None)
    assert told(conn) == [1, 1, 2]


def test_a_step_of_each_severity_is_an_occasion_of_its_own(
    land: Land, conn: Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else notifications would take the first critical step for the first of before."""
    occasions: list[str] = []

    def enqueue(_conn: Connection[Any], tolds: Any, *, now: datetime) -> int:
        occasions.extend(each.occasion for each in tolds if each.purpose == "escalated")
        return len(tolds)

    monkeypatch.setattr("alerts.notify.service.enqueue", enqueue)
    monkeypatch.setattr(
        "alerts.inbox.escalation.service._people", lambda _conn, _stepping: {0: ("boss",)}
    )
    set_escalation(
        conn, SYSTEM, organisation="head", version=0, steps=[Step("info", 10, role="ops")], now=NOON
    )
    apply(conn, [land.finding(fire_keys=("1",), occurrence="d")], [], now=NOON)
    escalate_due(conn, now=at(10))
    graver = land.finding("offline", 20, severity="critical", fire_keys=("2",), occurrence="d")
    apply(conn, [graver], [], now=at(20))
    escalate_due(conn, now=at(30))
    assert occasions == ["escalated:0:warning:1", "escalated:0:critical:1"]


def test_what_somebody_has_does_not_escalate_when_it_becomes_graver(
    stepped: Land, conn: Connection[Any]
) -> None:
    apply(conn, [stepped.finding(fire_keys=("1",), occurrence="d")], [], now=NOON)
    inbox.acknowledge(conn, SYSTEM, alert_no=number(conn, "offline"), version=1, now=at(1))
    graver = stepped.finding("offline", 20, severity="critical", fire_keys=("2",), occurrence="d")
    assert apply(conn, [graver], [], now=at(20)).reminded == 1
    assert standing(conn, "offline") == (0, None)


def test_what_becomes_less_grave_begins_anew_only_while_steps_were_left(
    stepped: Land, conn: Connection[Any]
) -> None:
    grave: dict[str, Any] = {"severity": "critical", "occurrence": "d"}
    apply(conn, [stepped.finding(fire_keys=("1",), **grave)], [], now=NOON)
    apply(conn, [stepped.finding("towed", fire_keys=("1",), **grave)], [], now=NOON)
    conn.execute("UPDATE alerts SET escalation = 3, escalate_at = NULL WHERE kind = 'towed'")
    assert escalate_due(conn, now=at(10)) == 1
    for rule in ("offline", "towed"):
        lesser = stepped.finding(rule, 20, fire_keys=("2",), occurrence="d")
        apply(conn, [lesser], [], now=at(20))
    assert standing(conn, "offline") == (0, at(30))
    assert standing(conn, "towed") == (3, None)


def test_steps_missed_while_nothing_ran_are_told_in_their_distance(
    stepped: Land, conn: Connection[Any]
) -> None:
    apply(conn, [stepped.finding()], [], now=NOON)
    minutes = (300, 300.25, 319, 320, 320.25, 350)
    assert [escalate_due(conn, now=at(minute)) for minute in minutes] == [1, 0, 0, 1, 0, 1]


def put_off(conn: Connection[Any], land: Land) -> None:
    alert_no = number(conn, "towed")
    inbox.snooze(conn, SYSTEM, alert_no=alert_no, version=2, until_at=at(300), now=at(20))


def woken(conn: Connection[Any], land: Land) -> None:
    assert wake_due(conn, now=at(300)) == 1


def woken_by_hand(conn: Connection[Any], land: Land) -> None:
    alert_no = number(conn, "towed")
    inbox.snooze(conn, SYSTEM, alert_no=alert_no, version=3, until_at=None, now=at(300))


def explained(conn: Connection[Any], land: Land) -> None:
    apply(conn, [land.finding("offline", 20, severity="info")], [], now=at(20))
    conn.execute(
        "UPDATE alerts SET inhibited_by_id = (SELECT id FROM alerts WHERE kind = 'offline')"
        " WHERE kind = 'towed'"
    )


def released(conn: Connection[Any], land: Land) -> None:
    assert apply(conn, [], [land.clearing("offline", 300)], now=at(300)).cleared == 1


RESTS = [(put_off, woken), (put_off, woken_by_hand), (explained, released)]


@pytest.mark.parametrize(
    ("rests", "wakes"), RESTS, ids=[f"{a.__name__}-{b.__name__}" for a, b in RESTS]
)
def test_a_rest_takes_no_step_and_the_next_begins_to_count_after_it(
    stepped: Land,
    conn: Connection[Any],
    rests: Callable[[Connection[Any], Land], None],
    wakes: Callable[[Connection[Any], Land], None],
) -> None:
    apply(conn, [stepped.finding("towed")], [], now=NOON)
    assert escalate_due(conn, now=at(10)) == 1
    rests(conn, stepped)
    assert escalate_due(conn, now=at(90)) == 0
    assert escalate_due(conn, now=at(300)) == 0, "it is not woken yet"
    wakes(conn, stepped)
    assert standing(conn, "towed") == (1, at(320))
    minutes = (300.25, 319, 320, 320.25, 349, 350)
    assert [escalate_due(conn, now=at(minute)) for minute in minutes] == [0, 0, 1, 0, 0, 1]


def test_what_somebody_had_seen_does_not_escalate_after_its_rest(
    stepped: Land, conn: Connection[Any]
) -> None:
    apply(conn, [stepped.finding("towed")], [], now=NOON)
    alert_no = number(conn, "towed")
    inbox.acknowledge(conn, SYSTEM, alert_no=alert_no, version=1, now=at(1))
    inbox.snooze(conn, SYSTEM, alert_no=alert_no, version=2, until_at=at(300), now=at(2))
    assert wake_due(conn, now=at(300)) == 1
    assert standing(conn, "towed") == (0, None)


def test_an_escalation_of_its_own_is_given_up(stepped: Land, conn: Connection[Any]) -> None:
    def given(version: int, steps: list[Step] | None) -> tuple[str | None, int, int]:
        after = set_escalation(
            conn, SYSTEM, organisation="east", version=version, steps=steps, now=at(1)
        )
        return after.set_by, len(after.steps), after.version

    assert given(0, None) == ("head", 3, 0), "it had none"
    assert given(0, []) == ("east", 0, 1)
    apply(conn, [stepped.finding("towed")], [], now=NOON)
    assert standing(conn, "towed") == (0, None)
    with pytest.raises(VersionChanged):
        given(2, None)
    assert given(1, None) == ("head", 3, 0)
    apply(conn, [stepped.finding("offline")], [], now=NOON)
    assert standing(conn, "offline") == (0, at(10))
    assert escalate_due(conn, now=at(10)) == 1
    with pytest.raises(VersionChanged):
        given(1, [])
    assert given(0, list(STEPS[:1])) == ("east", 1, 3)
    entries = conn.execute(
        "SELECT before, after FROM audit_entries WHERE object_key = 'east'"
        " AND action = 'alert_escalation.set' ORDER BY no"
    ).fetchall()
    assert [len(entries), entries[0], entries[1]] == [
        3,
        (None, {"steps": []}),
        ({"steps": []}, {"steps": None}),
    ]
