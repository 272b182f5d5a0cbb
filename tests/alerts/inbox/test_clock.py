"""What comes by the clock: escalation, what was put off, what another alert held back; silences."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from alerts.inbox import service as inbox
from alerts.inbox.errors import (
    AlertKindUnknown,
    EscalationStepWrong,
    SilenceNamesUnknown,
    SilenceNotFound,
    SilenceOver,
    SilencePeriodWrong,
)
from alerts.inbox.service import (
    Matching,
    Silence,
    Step,
    apply,
    escalate_due,
    set_escalation,
    wake_due,
)
from alerts.inbox.silences.model import may_last
from alerts.model import Subject
from alerts.notify import service as notify
from alerts.rules.service import set_rule
from fleet.identity.service import create_user
from kit.errors import VersionChanged
from schemas.access import SYSTEM, Role
from tests.alerts.inbox.conftest import BEFORE, NOON, VIN_A, Land, at
from tests.api.world import KEY

one_storage = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
PEOPLE: tuple[tuple[str, str, Role], ...] = (
    ("east.ops", "east", "ops"),
    ("east.manager", "east", "manager"),
    ("head.manager", "head", "manager"),
    ("head.viewer", "head", "viewer"),
)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Purpose, occasion and log-ins of what notifications are told of."""
    seen: list[tuple[Any, ...]] = []

    def enqueue(_conn: Connection[Any], tolds: Sequence[inbox.Told], *, now: datetime) -> int:
        seen.extend((each.purpose, each.occasion, each.to_logins) for each in tolds)
        return len(tolds)

    monkeypatch.setattr(notify, "enqueue", enqueue)
    return seen


@pytest.fixture
def people(land: Land, conn: Connection[Any]) -> Land:
    for login, organisation, role in PEOPLE:
        create_user(
            conn,
            SYSTEM,
            login=login,
            name=login,
            organisation_code=organisation,
            roles=[role],
            phone=None,
            id_card=None,
            key=KEY,
            now=BEFORE,
        )
    return land


def taken(conn: Connection[Any]) -> list[tuple[int, datetime | None]]:
    return conn.execute("SELECT escalation, escalate_at FROM alerts ORDER BY id").fetchall()


@one_storage
def test_each_step_is_told_once_to_whom_it_names(
    people: Land, conn: Connection[Any], told: list[tuple[Any, ...]]
) -> None:
    steps = [
        Step("warning", 10, role="ops"),
        Step("warning", 30, role="manager", levels_up=1),
        Step("warning", 60, login="head.viewer"),
    ]
    set_escalation(conn, SYSTEM, organisation="head", version=0, steps=steps, now=NOON)
    apply(conn, [people.finding("offline")], [], now=NOON)
    told.clear()
    assert escalate_due(conn, now=at(9)) == 0
    assert escalate_due(conn, now=at(10)) == 1
    assert escalate_due(conn, now=at(10)) == 0
    assert taken(conn) == [(1, at(30))]
    assert escalate_due(conn, now=at(75)) == 1, "late, and one step at a time"
    assert taken(conn) == [(2, at(105))], "as long after it as it was to be"
    assert escalate_due(conn, now=at(104)) == 0
    assert escalate_due(conn, now=at(105)) == 1
    assert escalate_due(conn, now=at(199)) == 0
    assert told == [
        ("escalated", "escalated:0:warning:1", ("east.ops",)),
        ("escalated", "escalated:0:warning:2", ("head.manager",)),
        ("escalated", "escalated:0:warning:3", ("head.viewer",)),
    ]
    assert taken(conn) == [(3, None)]
    events = conn.execute("SELECT facts FROM alert_events WHERE kind = 'escalated' ORDER BY id")
    assert events.fetchall()[0] == ({"step": 1, "to": ["east.ops"]},)


@one_storage
def test_what_does_not_escalate(
    people: Land, conn: Connection[Any], told: list[tuple[Any, ...]]
) -> None:
    steps = [Step("info", 10, role="ops")]
    set_escalation(conn, SYSTEM, organisation="head", version=0, steps=steps, now=NOON)
    bill = people.finding("rent_due", subject=Subject("bill", 1, "B1"))
    rules = ("offline", "low_soc_parked", "towed", "over_speed", "cell_spread")
    applied = apply(conn, [*map(people.finding, rules), bill], [], now=NOON)
    numbers = {each.rule_code: each.alert_no for each in applied.told}
    inbox.acknowledge(conn, SYSTEM, alert_no=numbers["towed"], version=1, now=at(1))
    inbox.snooze(
        conn, SYSTEM, alert_no=numbers["over_speed"], version=1, until_at=at(20), now=at(1)
    )
    inbox.resolve(
        conn, SYSTEM, alert_no=numbers["cell_spread"], version=1, resolution="好", now=at(1)
    )
    told.clear()
    assert escalate_due(conn, now=at(15)) == 2
    assert told == [("escalated", "escalated:0:warning:1", ("east.ops",))], (
        "nobody of ops sees a bill"
    )
    told.clear()
    assert escalate_due(conn, now=at(21)) == 0, "put off until then"
    assert wake_due(conn, now=at(21)) == 1
    assert escalate_due(conn, now=at(31)) == 1


@one_storage
def test_an_escalation_is_inherited_and_checked(people: Land, conn: Connection[Any]) -> None:
    steps = [Step("critical", 15, role="manager")]
    none = inbox.get_escalation(conn, SYSTEM, organisation="east")
    assert (none.set_by, none.steps, none.version) == (None, (), 0)
    own = set_escalation(conn, SYSTEM, organisation="east", version=0, steps=steps, now=NOON)
    assert (own.set_by, own.steps, own.version) == ("east", tuple(steps), 1)
    with pytest.raises(VersionChanged):
        set_escalation(conn, SYSTEM, organisation="east", version=0, steps=[], now=NOON)
    after = set_escalation(conn, SYSTEM, organisation="east", version=1, steps=[], now=NOON)
    assert (after.set_by, after.steps, after.version) == ("east", (), 2)
    for wrong in (
        Step("info", 5),
        Step("info", 5, role="ops", login="east.ops"),
        Step("info", 5, login="nobody"),
    ):
        with pytest.raises(EscalationStepWrong):
            set_escalation(conn, SYSTEM, organisation="east", version=2, steps=[wrong], now=NOON)


@one_storage
def test_what_was_put_off_comes_back(
    land: Land, conn: Connection[Any], told: list[tuple[Any, ...]]
) -> None:
    no = apply(conn, [land.finding("rent_due", fire_keys=("1",))], [], now=NOON).told[0].alert_no
    inbox.snooze(conn, SYSTEM, alert_no=no, version=1, until_at=at(60), now=at(1))
    apply(conn, [land.finding("rent_due", fire_keys=("1", "2"))], [], now=at(2))
    assert told == [("raised", "1", ())], "a reminder while it is put off is not told"
    assert wake_due(conn, now=at(59)) == 0
    assert wake_due(conn, now=at(60)) == 1
    assert wake_due(conn, now=at(60)) == 0
    assert told[1:] == [("reminded", "woken:3", ())]
    alert = inbox.get_alert(conn, SYSTEM, alert_no=no)
    assert alert.alert.snoozed_until is None
    kinds = [event.kind for event in alert.events]
    assert kinds == ["raised", "snoozed", "reminded", "woken"]


@one_storage
def test_what_a_person_resolved_explains_no_longer(
    land: Land, conn: Connection[Any], told: list[tuple[Any, ...]]
) -> None:
    applied = apply(conn, [land.finding("offline"), land.finding("low_soc_parked")], [], now=NOON)
    (offline,) = applied.told
    told.clear()
    inbox.resolve(conn, SYSTEM, alert_no=offline.alert_no, version=1, resolution="换卡", now=at(1))
    assert told == [("resolved", "resolved:0", ())]
    assert wake_due(conn, now=at(2)) == 1
    assert told[1:] == [("released", "released:2", ())]
    assert wake_due(conn, now=at(3)) == 0


@one_storage
def test_a_silence_from_its_making_to_its_end(land: Land, conn: Connection[Any]) -> None:
    matching = Matching(kinds=("offline",), vins=(VIN_A,))
    given: dict[str, Any] = {"organisation": "east", "reason": "升级", "matching": matching}
    made = inbox.silence(conn, SYSTEM, **given, until_at=at(60), now=NOON)
    assert (made.from_at, made.until_at, made.organisation_code) == (NOON, at(60), "east")
    assert (made.matching, made.stand(at(1)), made.stand(at(60))) == (matching, "silent", "over")
    later = inbox.silence(conn, SYSTEM, **given, from_at=at(30), until_at=at(60), now=NOON)
    assert later.stand(at(1)) == "coming"
    with pytest.raises(VersionChanged):
        inbox.end_silence(conn, SYSTEM, key=made.key, version=2, now=at(5))
    for silence, from_at in ((made, NOON), (later, at(5) - timedelta(microseconds=1))):
        ended = inbox.end_silence(conn, SYSTEM, key=silence.key, version=1, now=at(5))
        assert (ended.from_at, ended.until_at, ended.ended_by) == (from_at, at(5), "guanche")
    with pytest.raises(SilenceOver):
        inbox.end_silence(conn, SYSTEM, key=made.key, version=2, now=at(6))
    with pytest.raises(SilenceNotFound):
        inbox.end_silence(conn, SYSTEM, key=KEY_OF_NOTHING, version=1, now=at(6))
    listed = inbox.list_silences(conn, SYSTEM, {"organisation": "head"}, limit=1, now=at(6))
    assert [each.key for each in listed] == [later.key]
    rest = inbox.list_silences(conn, SYSTEM, {"over": True}, after=listed[0].id, now=at(6))
    assert [each.key for each in rest] == [made.key]
    assert inbox.list_silences(conn, SYSTEM, {"over": False}, now=at(6)) == []
    with pytest.raises(AlertKindUnknown):
        inbox.silence(
            conn,
            SYSTEM,
            **given | {"matching": Matching(kinds=("nothing",))},
            until_at=at(60),
            now=NOON,
        )
    with pytest.raises(SilencePeriodWrong):
        inbox.silence(conn, SYSTEM, **given, until_at=NOON, now=NOON)


@one_storage
def test_a_silence_of_what_there_is_not_is_refused(land: Land, conn: Connection[Any]) -> None:
    """Else one would believe that nobody is told."""

    def silence(organisation: str, **matching: tuple[str, ...]) -> Silence:
        return inbox.silence(
            conn,
            SYSTEM,
            organisation=organisation,
            reason="升级",
            matching=Matching(**matching),  # type: ignore[arg-type]
            until_at=at(60),
            now=NOON,
        )

    own: dict[str, Any] = {"severity": None, "parameters": {}, "scope": {}, "name": None}
    own |= {"enabled": True, "now": NOON}
    set_rule(conn, SYSTEM, organisation="east", code="yard", kind="over_speed", version=0, **own)
    for organisation in ("head", "east"):
        made = silence(organisation, rules=("yard", "offline"), vins=(VIN_A,))
        assert made.matching.rules == ("yard", "offline")
    for organisation, matching, name in (
        ("east", {"rules": ("offlin",)}, "offlin"),
        ("west", {"rules": ("offline", "yard")}, "yard"),
        ("east", {"vins": (VIN_A, "LSGPC52U6AF000000")}, "LSGPC52U6AF000000"),
    ):
        with pytest.raises(SilenceNamesUnknown) as refused:
            silence(organisation, **matching)
        assert refused.value.facts == {"names": [name]}


KEY_OF_NOTHING: Any = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize(
    ("from_at", "until_at", "allowed"),
    [
        (NOON, at(1), True),
        (at(-60), at(1), True),
        (at(-60), at(-1), False),
        (at(5), at(5), False),
        (NOON, NOON + timedelta(days=90), True),
        (NOON, NOON + timedelta(days=90, seconds=1), False),
    ],
)
def test_how_long_a_silence_may_last(from_at: datetime, until_at: datetime, allowed: bool) -> None:
    assert may_last(from_at, until_at, NOON) is allowed
