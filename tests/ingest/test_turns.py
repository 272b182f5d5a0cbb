"""Acknowledgements in receive order, whoever is ready first."""

from threading import Event, Thread

import pytest

from ingest.turns import Turns

from .conftest import DEADLINE_S


def test_tickets_count_from_0() -> None:
    turns = Turns()
    assert [turns.draw() for _ in range(3)] == [0, 1, 2]


def test_the_first_need_not_wait() -> None:
    assert Turns().wait_for(0) is True


@pytest.mark.parametrize("ready", [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]], ids=str)
def test_turns_come_in_order_however_they_are_ready(ready: list[int]) -> None:
    turns, done = Turns(), list[int]()
    for _ in ready:
        turns.draw()

    def serve(ticket: int, about: Event) -> None:
        about.set()
        if turns.wait_for(ticket):
            done.append(ticket)
            turns.finish(ticket)

    threads = []
    for ticket in ready:
        about = Event()
        thread = Thread(target=serve, args=(ticket, about))
        thread.start()
        assert about.wait(DEADLINE_S)
        threads.append(thread)
    for thread in threads:
        thread.join(DEADLINE_S)
    assert done == [0, 1, 2, 3]


def test_a_finished_turn_stays_up() -> None:
    turns = Turns()
    turns.draw()
    assert turns.wait_for(0) is True
    assert turns.wait_for(0) is True
    turns.finish(0)
    assert turns.wait_for(1) is True


def test_who_waits_behind_an_abandoned_ticket_is_told() -> None:
    turns, answers = Turns(), list[bool]()
    first, second = turns.draw(), turns.draw()
    waiter = Thread(target=lambda: answers.append(turns.wait_for(second)))
    waiter.start()
    turns.abandon()
    waiter.join(DEADLINE_S)
    assert answers == [False]
    assert turns.wait_for(first) is True  # its own turn it had already


def test_who_comes_later_is_told_at_once() -> None:
    turns = Turns()
    turns.draw()
    turns.abandon()
    assert turns.wait_for(turns.draw()) is False
