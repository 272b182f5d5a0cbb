"""Whatever happens in the life of a customer: the ledger balances, no fen is lost, and what was
issued stays as it is."""

from collections import Counter
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from kit.errors import DomainError
from tests.fleet.billing.money_invariants import Seen, earned_faults, faults
from tests.fleet.billing.money_life import ACTS, DOINGS, Step, begin, live
from tests.fleet.leasing.conftest import office

__all__ = ["office"]
Conn = Connection[Any]
on_one_storage = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
STEPS = st.lists(
    st.builds(
        Step,
        st.sampled_from(ACTS),
        st.sampled_from([0, 0, 1, 2, 5, 10, 20, 40]),
        st.integers(0, 12),
        st.integers(1, 1_000),
    ),
    min_size=8,
    max_size=25,
)


def lived_through(conn: Conn, steps: list[Step]) -> list[str]:
    """What was done of it; after every step all holds."""
    with conn.transaction(force_rollback=True):
        life, seen = begin(conn), Seen()
        for at, step in enumerate([Step("bill", 0, 0, 1), *steps]):
            with suppress(DomainError), conn.transaction():
                live(life, step)
            wrong = faults(conn, seen)
            assert wrong == [], "\n".join([*wrong, "after", *map(str, steps[:at])])
        assert [*earned_faults(conn)] == []
        return life.done


def many(conn: Conn, examples: int) -> Counter[str]:
    """So many lives; what was done in them."""
    done: Counter[str] = Counter()

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],  # to shrink takes longer than to read the steps
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(STEPS)
    def lives(steps: list[Step]) -> None:
        done.update(lived_through(conn, steps))

    lives()
    return done


@pytest.mark.timeout(900)
@on_one_storage
def test_no_fen_is_lost_and_no_bill_changes_in_any_life(office: Conn) -> None:
    done = many(office, 200)
    assert done["pay"] > 100, "hardly anything came about"


@on_one_storage
def test_all_that_is_tried_comes_about(office: Conn) -> None:
    """A path through every act, so that the lives above are not refusals only."""
    path = [
        Step("bill", 0, 0, 1),
        Step("pay", 1, 0, 1_000),
        Step("refund", 0, 0, 500),
        Step("swap", 3, 0, 2),
        Step("suspend", 2, 0, 1),
        Step("resume", 3, 0, 1),
        Step("hand_out", 0, 1, 3),
        Step("amend", 1, 0, 700),
        Step("charge", 1, 0, 500),
        Step("bill_now", 25, 0, 1),
        Step("bill", 0, 0, 1),
        Step("apply_deposit", 1, 0, 1),
        Step("unapply_deposit", 1, 0, 1),
        Step("write_off", 1, 0, 100),
        Step("undo_write_off", 1, 0, 1),
        Step("pay_named", 2, 0, 400),
        Step("unclaimed", 1, 0, 300),
        Step("claim", 1, 0, 1),
        Step("bounce", 1, 0, 1),
        Step("credit", 1, 0, 300),
        Step("close_month", 30, 0, 1),
        Step("take_back", 0, 0, 2),
        Step("terminate", 1, 1, 100),
        Step("bill", 1, 0, 1),
        Step("pay", 1, 0, 1_000),
        Step("release", 1, 1, 1),
        Step("refund_deposit", 40, 0, 1),
    ]
    assert {step.act for step in path} == set(ACTS) == set(DOINGS)
    life, seen = begin(office), Seen()
    for step in path:
        before = len(life.done)
        live(life, step)
        assert len(life.done) == before + 1, f"{step} came to nothing"
        assert [*faults(office, seen), *earned_faults(office)] == []


@pytest.mark.soak
@pytest.mark.timeout(4 * 3_600)
@on_one_storage
def test_no_fen_is_lost_and_no_bill_changes_in_ten_thousand_lives(office: Conn) -> None:
    done = many(office, 10_000)
    assert min(done[act] for act in done) > 10
