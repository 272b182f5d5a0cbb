"""Alerts in the live feed: whose share is what, and how it is written. Streams: `test_live.py`."""

import json
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

from alerts.inbox.service import AlertChange, LiveAlert
from api.live_alerts import AlertNews, news_of
from api.live_events import STATES_AN_EVENT, Wording
from api.models.live import LiveAlert as DocumentedAlert
from fleet.live.model import Change, LiveState
from fleet.live.snapshots import parse_position

SINCE = parse_position("1-1:10:20:12,15")
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ALERT = LiveAlert(
    alert_no="A2611-AAAAAAAA",
    organisation="east",
    rule="offline",
    kind="offline",
    severity="warning",
    state="open",
    subject_kind="vehicle",
    subject="VIN",
    due_on=None,
    fires=1,
    raised_at=NOON,
    last_raised_at=NOON,
    assignee=None,
    snoozed_until=None,
    inhibited_by=None,
    cleared_at=None,
    resolved_at=None,
    reopened=0,
    version=1,
)


def change(number: int, changed_in: int, *seen_by: int, kind: str = "offline") -> AlertChange:
    alert = replace(ALERT, alert_no=f"A{number}", kind=kind)
    return AlertChange(changed_in, list(seen_by), frozenset(), alert)


def told(event: bytes) -> tuple[str, str | None, Any]:
    read = dict(line.split(": ", 1) for line in event.decode().splitlines() if line)
    return read["event"], read.get("id"), json.loads(read["data"])


def test_a_reader_is_told_of_its_own_kinds_and_what_it_has_not_seen() -> None:
    news = news_of(
        [
            change(1, 12, 7),
            change(2, 13, 7),
            change(3, 20, 7, 8),
            change(4, 21, 8),
            change(5, 22, 7, kind="rent_due"),
        ]
    )
    both = frozenset({"offline", "rent_due"})

    def numbers(organisation_id: int, kinds: frozenset[str]) -> list[str]:
        return [each.alert_no for each in news.share(organisation_id, kinds, SINCE)]

    assert numbers(7, both) == ["A1", "A3", "A5"], "13 had ended then, 12 had not"
    assert numbers(7, frozenset({"offline"})) == ["A1", "A3"]
    assert numbers(8, both) == ["A3", "A4"]
    assert numbers(9, both) == [] == numbers(7, frozenset())
    assert news.share(7, both, None) == [] == AlertNews().share(7, both, SINCE)


def test_whom_an_alert_is_given_to_is_told_to_who_sees_them() -> None:
    given = AlertChange(12, [7, 8], frozenset({7}), replace(ALERT, assignee="lin"))
    news, nobodys = news_of([given]), news_of([change(1, 12, 8)])
    both = frozenset({"offline"})
    assert [each.assignee for each in news.share(7, both, SINCE)] == ["lin"]
    assert news.share(8, both, SINCE) == [ALERT]
    assert nobodys.share(8, both, SINCE) == [replace(ALERT, alert_no="A1")]


def test_only_the_very_last_event_has_the_id() -> None:
    alerts = [replace(ALERT, alert_no=f"A{no}") for no in range(STATES_AN_EVENT + 1)]
    unknown = {field.name: None for field in fields(LiveState)}
    state = LiveState(**{**unknown, "vin": "V", "online": True})  # type: ignore[arg-type]
    for states, expected in (
        ([], [("alerts", None), ("alerts", "1-1:3:3:")]),
        ([Change(1, [7], state)], [("alerts", None), ("alerts", None), ("states", "1-1:3:3:")]),
    ):
        events = [told(each) for each in Wording().changes(states, alerts, "1-1:3:3:", exact=True)]
        assert [(name, event_id) for name, event_id, _ in events] == expected
    assert Wording().changes([], [], "1-1:3:3:", exact=True) == ()


def test_the_document_tells_what_is_sent() -> None:
    [event] = Wording().alerts([ALERT], None)
    [sent] = told(event)[2]
    assert list(sent) == list(DocumentedAlert.model_fields)
    assert DocumentedAlert.model_validate(sent).raised_at == NOON
