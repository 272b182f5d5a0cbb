"""Every state and every verb, in one table."""

from datetime import UTC, datetime, timedelta

import pytest

from alerts.inbox.acts.lifecycle import VERBS, Verb, may_snooze, next_state
from alerts.inbox.model import STATES, State

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TABLE = """
                  open          acknowledged  in_progress   resolved
acknowledge       acknowledged  -             -             -
start             in_progress   in_progress   -             -
assign            acknowledged  acknowledged  in_progress   -
comment           open          acknowledged  in_progress   resolved
snooze            open          acknowledged  in_progress   -
resolve           resolved      resolved      resolved      -
reopen            -             -             -             open
link_work_order   in_progress   in_progress   in_progress   -
"""


def rows() -> dict[str, dict[str, str | None]]:
    first, *others = TABLE.strip().splitlines()
    states = first.split()
    return {
        verb: {state: None if to == "-" else to for state, to in zip(states, leads, strict=True)}
        for verb, *leads in (line.split() for line in others)
    }


def test_the_table_is_whole() -> None:
    assert list(rows()) == list(VERBS)
    assert {tuple(row) for row in rows().values()} == {STATES}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("verb", VERBS)
def test_where_a_verb_leads(verb: Verb, state: State) -> None:
    assert next_state(state, verb) == rows()[verb][state]


@pytest.mark.parametrize("verb", VERBS)
def test_what_is_of_the_past_is_only_spoken_of(verb: Verb) -> None:
    after = next_state("resolved", verb, historical=True)
    assert after == ("resolved" if verb == "comment" else None)


@pytest.mark.parametrize(
    ("ahead", "allowed"),
    [
        (timedelta(0), False),
        (timedelta(seconds=-1), False),
        (timedelta(seconds=1), True),
        (timedelta(days=30), True),
        (timedelta(days=30, seconds=1), False),
    ],
)
def test_until_when_it_can_be_put_off(ahead: timedelta, allowed: bool) -> None:
    assert may_snooze(NOW + ahead, NOW) is allowed


def test_it_can_be_woken() -> None:
    assert may_snooze(None, NOW)
