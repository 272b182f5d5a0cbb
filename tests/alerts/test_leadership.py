"""A process knows that its turn is over before another can have it."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from psycopg import Connection

from alerts.leadership import Leadership
from alerts.scheduling.service import Turn
from kit import clock, db

pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)


@pytest.fixture
def line(database_url: str, conn: Connection[Any]) -> Iterator[Connection[Any]]:
    """A connection as a worker has it."""
    with closing(db.connect(database_url, autocommit=True)) as made:
        yield made


def test_the_turn_lapses_by_itself(line: Connection[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    at_s = [1_000.0]
    monkeypatch.setattr(clock, "monotonic", lambda: at_s[-1])
    leadership = Leadership("a", lease_s=10)
    assert (leadership.turn, leadership.every_s) == (None, 10 / 3)
    leadership.renew(line)
    assert leadership.turn == Turn("engine", "a", 1)
    at_s.append(1_009.9)
    turns = [leadership.turn]
    at_s.append(1_010.0)
    turns.append(leadership.turn)
    leadership.renew(line)
    turns.append(leadership.turn)
    held = Turn("engine", "a", 1)
    assert turns == [held, None, held]


def test_one_of_two_has_it_and_hands_it_on(line: Connection[Any]) -> None:
    first, second = Leadership("a", lease_s=60), Leadership("b", lease_s=60)
    first.renew(line)
    second.renew(line)
    assert (first.turn, second.turn) == (Turn("engine", "a", 1), None)
    first.release(line)
    second.renew(line)
    assert (first.turn, second.turn) == (None, Turn("engine", "b", 2))


def test_who_never_had_it_gives_nothing_back(line: Connection[Any]) -> None:
    first, second = Leadership("a", lease_s=60), Leadership("b", lease_s=60)
    first.renew(line)
    second.renew(line)
    second.release(line)
    second.renew(line)
    assert second.turn is None
