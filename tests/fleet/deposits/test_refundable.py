"""How much of a deposit may be given back on a day, and what stands against the rest."""

from datetime import date
from typing import Any

import pytest

from fleet.deposits.refundable import Facts, HeldBack, Owed, blocks_of, refundable_fen

HELD = 800_000
BACK = date(2026, 6, 30)


def facts(**given: Any) -> Facts:
    """A lease that has ended, its vehicle back since the end of June; nothing is owed."""
    usual: dict[str, Any] = {
        "today": date(2026, 9, 1),
        "is_over": True,
        "vehicles_out": 0,
        "returned_on": BACK,
        "violation_hold_fen": 200_000,
        "violation_hold_days": 30,
    }
    return Facts(**(usual | given))


def refundable(given: Facts) -> int:
    return refundable_fen(HELD, blocks_of(given))


@pytest.mark.parametrize(
    ("given", "fen"),
    [
        ({}, HELD),
        ({"is_over": False}, 0),
        ({"vehicles_out": 1}, 0),
        ({"today": date(2026, 7, 30)}, 600_000),
        ({"today": date(2026, 7, 31)}, HELD),
        ({"today": BACK, "violation_hold_fen": 0}, HELD),
        ({"today": BACK, "violation_hold_days": 0}, 600_000),
        ({"today": date(2026, 7, 1), "returned_on": None}, HELD),
        ({"violations": [Owed("V-1", "V-1", 20_000)]}, 780_000),
        ({"violations": [Owed("V-1", "V-1", None)]}, 0),
        ({"bills": [Owed("B1", "B1", 300_000)], "late_fees": [Owed("B1", "B1", 4_500)]}, 495_500),
        ({"bills": [Owed("B1", "B1", 900_000)]}, 0),
        ({"charges": [Owed("c", "补电费", 2_738)]}, 797_262),
        ({"charges": [Owed("c", "车损", None)]}, 0),
        ({"held_back": [HeldBack("k", 100_000, "定损", None)]}, 700_000),
        ({"held_back": [HeldBack("k", 100_000, "定损", date(2026, 9, 1))]}, 700_000),
        ({"held_back": [HeldBack("k", 100_000, "定损", date(2026, 8, 31))]}, HELD),
    ],
    ids=[
        *("nothing stands", "the lease runs", "a vehicle is out"),
        *("the last day held for violations", "the day after it", "terms that hold nothing"),
        *("held on the day of the return only", "no vehicle ever went out"),
        *("an open violation", "a violation whose fine nobody knows"),
        *("an open bill with its late fee", "more is owed than held"),
        *("a charge not billed", "a charge nobody has priced"),
        *("held back without an end", "held back until today", "held back until yesterday"),
    ],
)
def test_what_may_be_given_back(given: dict[str, Any], fen: int) -> None:
    assert refundable(facts(**given)) == fen


def test_the_sample_of_practice_holds_2000_for_30_days_after_the_return() -> None:
    [hold] = blocks_of(facts(today=date(2026, 7, 1)))
    assert (hold.key, hold.amount_fen, hold.until_on) == (
        *("violation_hold", 200_000),
        date(2026, 7, 30),
    )
    assert hold.zh == "按约定预留违章押金至 2026-07-30"


def test_what_a_person_released_stands_no_more() -> None:
    owed = facts(bills=[Owed("B1", "B1", 300_000)], violations=[Owed("V-1", "V-1", None)])
    assert refundable(owed) == 0
    released = {"bill:B1": 100_000, "violation:V-1": None}
    bill = next(
        each
        for each in blocks_of(
            facts(bills=owed.bills, violations=owed.violations, released=released)
        )
        if each.code == "bill"
    )
    assert (bill.amount_fen, bill.released_fen, bill.stands_fen) == (300_000, 100_000, 200_000)
    again = facts(bills=owed.bills, violations=owed.violations, released=released)
    assert refundable(again) == 600_000


def test_a_release_of_one_thing_releases_no_other() -> None:
    owed = facts(bills=[Owed("B2", "B2", 300_000)], released={"bill:B1": 300_000})
    assert refundable(owed) == 500_000
    grown = facts(bills=[Owed("B1", "B1", 310_000)], released={"bill:B1": 300_000})
    assert refundable(grown) == 790_000
