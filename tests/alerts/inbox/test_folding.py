"""What findings and clearings make of the alerts of a rule and subject: tables read as stories."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alerts.inbox.raising.folding import Act, Book, Tally, fold, in_order
from alerts.inbox.raising.matter import Matter
from alerts.model import Clearing, Finding, Subject

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
FLAPS_S = 600.0


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def found(minutes: float, occurrence: str, *fires: str, **said: Any) -> Finding:
    """A rule holds since then."""
    finding = Finding(
        tenant_id=1,
        organisation_id=2,
        rule_code="offline",
        kind="offline",
        rule_version=None,
        severity="warning",
        subject=Subject("vehicle", 3, "VIN"),
        occurrence=occurrence,
        raised_at=at(minutes),
        facts={"minute": minutes},
        fire_keys=fires,
    )
    return replace(finding, **said)


def flap(minutes: float, occurrence: str, **said: Any) -> Finding:
    """As `found`, of a rule whose alerts are reopened."""
    return found(minutes, occurrence, reopen_within_s=FLAPS_S, **said)


def gone(minutes: float, occurrence: str | None = None) -> Clearing:
    """It holds no longer."""
    return Clearing(2, "offline", "vehicle", 3, at(minutes), occurrence)


def folded(*acts: Act, book: Book | None = None) -> tuple[Book, Tally]:
    book, tally = book or Book(), Tally()
    fold(book, in_order(acts), tally, now=at(60))
    return book, tally


def stored(book: Book) -> Book:
    """As it would be read again: written, nothing told and nothing changed."""
    for no, matter in enumerate(book.matters, 1):
        matter.id = no
        matter.changed = matter.settled = False
        matter.raising, matter.events, matter.new_fires = None, [], []
        matter.escalating = "kept"
    return book


def told(matter: Matter) -> str:
    """Purpose and occasion of what is told."""
    whats = [":".join(matter.raising)] if matter.raising else []
    return " ".join([*whats, *(["resolved"] if matter.settled else [])])


def counts(tally: Tally) -> dict[str, int]:
    return {name: count for name in Tally.__slots__ if (count := getattr(tally, name))}


STORIES: list[tuple[str, list[Act], dict[str, int], list[tuple[str, str, str, int]]]] = [
    (
        "what is found is an alert",
        [found(0, "a")],
        {"raised": 1},
        [("a", "open", "raised:a", 1)],
    ),
    (
        "the same twice is one alert",
        [found(0, "a"), found(0, "a")],
        {"raised": 1, "repeated": 1},
        [("a", "open", "raised:a", 1)],
    ),
    (
        "found and over resolves by itself",
        [found(0, "a"), gone(5, "a")],
        {"raised": 1, "cleared": 1},
        [("a", "resolved", "raised:a resolved", 1)],
    ),
    (
        "over at the instant it was found",
        [gone(0, "a"), found(0, "a")],
        {"raised": 1, "cleared": 1},
        [("a", "resolved", "raised:a resolved", 1)],
    ),
    (
        "a clearing of nothing",
        [gone(5, "a")],
        {},
        [],
    ),
    (
        "a clearing that names no occurrence",
        [found(0, "a"), found(1, "b"), gone(5)],
        {"raised": 2, "cleared": 2},
        [("a", "resolved", "raised:a resolved", 1), ("b", "resolved", "raised:b resolved", 1)],
    ),
    (
        "two occurrences are two alerts",
        [found(0, "a"), found(5, "b")],
        {"raised": 2},
        [("a", "open", "raised:a", 1), ("b", "open", "raised:b", 1)],
    ),
    (
        "it comes back soon: the same alert again",
        [flap(0, "a"), gone(5, "a"), flap(9, "b")],
        {"raised": 1, "cleared": 1, "reopened": 1},
        [("b", "open", "raised:b", 2)],
    ),
    (
        "it comes back later than that: another alert",
        [flap(0, "a"), gone(5, "a"), flap(16, "b")],
        {"raised": 2, "cleared": 1},
        [("a", "resolved", "raised:a resolved", 1), ("b", "open", "raised:b", 1)],
    ),
    (
        "its end was missed: the next one joins it",
        [flap(0, "a"), flap(30, "b")],
        {"raised": 1, "reminded": 1},
        [("b", "open", "raised:b", 2)],
    ),
    (
        "the end of an occurrence that is past ends nothing",
        [flap(0, "a"), gone(5, "a"), flap(9, "b"), gone(9.5, "a")],
        {"raised": 1, "cleared": 1, "reopened": 1},
        [("b", "open", "raised:b", 2)],
    ),
    (
        "of several reminders at once the last is told",
        [found(0, "d", "d/1", "d/2", "d/3", stage=3)],
        {"raised": 1},
        [("d", "open", "raised:d/3", 3)],
    ),
    (
        "found when it was over already",
        [found(0, "a", cleared_at=at(3))],
        {"raised": 1},
        [("a", "resolved", "raised:a resolved", 1)],
    ),
    (
        "of the past: for the record, nobody is told",
        [found(0, "a", historical=True, cleared_at=at(3))],
        {"raised": 1},
        [("a", "resolved", "", 1)],
    ),
    (
        "what is of the past is not reopened",
        [flap(0, "a", historical=True, cleared_at=at(3)), flap(5, "b")],
        {"raised": 2},
        [("a", "resolved", "", 1), ("b", "open", "raised:b", 1)],
    ),
]


@pytest.mark.parametrize(
    ("acts", "tally", "alerts"), [story[1:] for story in STORIES], ids=[s[0] for s in STORIES]
)
def test_a_story(
    acts: list[Act], tally: dict[str, int], alerts: list[tuple[str, str, str, int]]
) -> None:
    book, counted = folded(*acts)
    assert counts(counted) == tally
    made = [(m.occurrence, m.state, told(m), m.fires) for m in book.matters]
    assert made == alerts


@pytest.mark.parametrize("acts", [story[1] for story in STORIES], ids=[s[0] for s in STORIES])
def test_a_story_told_again_changes_nothing(acts: list[Act]) -> None:
    book, _ = folded(*acts)
    known = stored(book)
    before = [(m.occurrence, m.state, m.fires, m.reopened) for m in known.matters]
    _, again = folded(*acts, book=known)
    assert [(m.occurrence, m.state, m.fires, m.reopened) for m in known.matters] == before
    assert [m.raising for m in known.matters] == [None] * len(before)
    assert counts(again).keys() <= {"repeated"}


def test_an_hour_of_flapping_is_one_alert() -> None:
    acts: list[Act] = []
    for half_minute in range(120):
        begins = half_minute / 2
        acts += [flap(begins, f"{begins}"), gone(begins + 0.25, f"{begins}")]
    book, tally = folded(*acts)
    (matter,) = book.matters
    assert counts(tally) == {"raised": 1, "reopened": 119, "cleared": 120}
    assert (matter.reopened, matter.fires, matter.state) == (119, 120, "resolved")
    assert told(matter) == "raised:59.5 resolved"


def test_a_reminder_moves_its_alert_on() -> None:
    book = stored(folded(found(0, "d", "d/1", stage=1))[0])
    _, tally = folded(found(9, "d", "d/1", "d/2", stage=2, severity="critical"), book=book)
    (matter,) = book.matters
    assert counts(tally) == {"reminded": 1}
    assert (matter.stage, matter.severity, matter.fires) == (2, "critical", 2)
    assert (matter.raised_at, matter.last_raised_at) == (at(0), at(9))
    assert (matter.facts, told(matter)) == ({"minute": 9}, "reminded:d/2")
    assert [fire.fire_key for fire in matter.new_fires] == ["d/2"]


def test_fires_caught_up_are_marked_and_numbered() -> None:
    book, _ = folded(found(0, "d", "d/2", "d/3", "d/4", stage=4))
    fires = [(f.missed_keys, f.fire_key, f.stage, f.caught_up) for f in book.matters[0].new_fires]
    assert fires == [(("d/2", "d/3"), "d/4", 4, False)]
    assert book.matters[0].fires == 3


def by_hand(matter: Matter) -> None:
    matter.state, matter.resolution = "resolved", "已处理"
    matter.resolved_at, matter.resolved_by = at(1), "lin"
    matter.acknowledged_at, matter.acknowledged_by = at(1), "lin"


def test_the_next_reminder_opens_what_was_called_resolved() -> None:
    book = stored(folded(found(0, "d", "d/1"))[0])
    by_hand(book.matters[0])
    folded(found(0, "d", "d/1"), book=book)
    assert (book.matters[0].state, book.matters[0].changed) == ("resolved", False)
    _, tally = folded(found(9, "d", "d/1", "d/2"), book=book)
    (matter,) = book.matters
    assert counts(tally) == {"reopened": 1}
    assert (matter.state, matter.resolution, matter.acknowledged_by) == ("open", None, None)
    assert (matter.escalating, told(matter)) == ("begins", "reopened:d/2")


def test_what_was_resolved_by_hand_is_not_gone_on_with() -> None:
    book = stored(folded(flap(0, "a"))[0])
    by_hand(book.matters[0])
    _, tally = folded(gone(5, "a"), flap(6, "b"), book=book)
    assert counts(tally) == {"raised": 1}
    assert [(m.occurrence, m.state) for m in book.matters] == [("a", "resolved"), ("b", "open")]
    assert book.matters[0].cleared_at == at(5)


def test_who_had_it_has_it_again_when_it_comes_back() -> None:
    book = stored(folded(flap(0, "a"))[0])
    matter = book.matters[0]
    matter.state = "in_progress"
    matter.acknowledged_at, matter.acknowledged_by = at(1), "lin"
    folded(gone(5, "a"), flap(6, "b"), book=book)
    assert (matter.state, matter.acknowledged_by) == ("acknowledged", "lin")
    assert matter.escalating == "ends"


def test_a_clearing_ends_it_whatever_its_state() -> None:
    for state in ("open", "acknowledged", "in_progress"):
        book = stored(folded(found(0, "a"))[0])
        book.matters[0].state = state
        book.matters[0].snoozed_until = at(90)
        folded(gone(5, "a"), book=book)
        matter = book.matters[0]
        assert (matter.state, matter.resolved_by, matter.cleared_at) == (
            "resolved",
            "system",
            at(5),
        )
        assert (matter.snoozed_until, matter.escalating) == (None, "ends")


def test_a_fire_of_a_past_occurrence_is_only_recorded() -> None:
    book = stored(folded(flap(0, "a"), gone(5, "a"), flap(9, "b"))[0])
    _, tally = folded(flap(0, "a", fire_keys=("a", "a+1d")), book=book)
    (matter,) = book.matters
    assert counts(tally) == {"repeated": 1}
    assert (matter.occurrence, matter.raising) == ("b", None)
    assert [(f.fire_key, f.caught_up) for f in matter.new_fires] == [("a+1d", True)]
