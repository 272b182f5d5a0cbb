"""In whatever life of a customer a statement adds up, on its last day and on every day before."""

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from fleet.statements.service import statement
from kit.errors import DomainError
from schemas.access import SYSTEM
from tests.fleet.billing.money_life import ACTS, Life, Step, begin, live
from tests.fleet.leasing.conftest import START, office

__all__ = ["office"]
pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
STEPS = st.lists(
    st.builds(
        Step,
        st.sampled_from(ACTS),
        st.sampled_from([0, 0, 1, 2, 5, 10, 20, 40]),
        st.integers(0, 12),
        st.integers(1, 1_000),
    ),
    min_size=6,
    max_size=20,
)


def faults(life: Life) -> list[str]:
    """What of the customer's statements does not add up, of today and of days before."""
    found = []
    for back in (0, 1, 3, 10, 25, 60):
        until_on = life.on + timedelta(days=1 - back)
        from_on = min(START - timedelta(days=400), until_on - timedelta(days=1))
        for begin_on in (from_on, until_on - timedelta(days=7)):
            told = statement(
                life.conn,
                SYSTEM,
                customer_no=life.customer_no,
                from_on=begin_on,
                until_on=until_on,
                now=life.now,
            )
            if told.opening_fen + told.debits_fen - told.credits_fen != told.closing_fen:
                found.append(f"{until_on}: rows do not sum to {told.closing_fen}")
            if told.open_fen - told.credit_fen != told.closing_fen:
                found.append(
                    f"{until_on}: {told.closing_fen} is not {told.open_fen} open less"
                    f" {told.credit_fen} credit"
                )
            if sum(bucket.open_fen for bucket in told.ageing) != told.open_fen:
                found.append(f"{until_on}: the ages do not sum to {told.open_fen}")
            if told.rows and told.rows[-1].balance_fen != told.closing_fen:
                found.append(f"{until_on}: the last row says {told.rows[-1].balance_fen}")
            if min((bill.open_fen for bill in told.open_bills), default=1) <= 0:
                found.append(f"{until_on}: a bill is open for nothing or less")
            if "other" in {row.kind for row in told.rows}:
                found.append(f"{until_on}: a row that nobody can name")
    return found


def stands(life: Life) -> tuple[int, int, int]:
    """What is open, what is credit, and what is held of deposits, as it is kept."""
    [(open_fen,)] = life.rows("SELECT coalesce(sum(open_fen), 0) FROM bill_balances")
    [(left_fen,)] = life.rows("SELECT coalesce(sum(left_fen), 0) FROM credits")
    [(held_fen,)] = life.rows("SELECT coalesce(sum(held_fen), 0) FROM deposit_balances")
    return int(open_fen), int(left_fen), int(held_fen)


@pytest.mark.timeout(600)
def test_a_statement_adds_up_in_every_life_on_every_day(office: Connection) -> None:
    seen: set[str] = set()

    @settings(
        max_examples=30,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(STEPS)
    def lives(steps: list[Step]) -> None:
        with office.transaction(force_rollback=True):
            life = begin(office)
            for step in [Step("bill", 0, 0, 1), *steps]:
                with suppress(DomainError), office.transaction():
                    live(life, step)
            assert faults(life) == []
            told = statement(
                life.conn, SYSTEM, customer_no=life.customer_no, from_on=START, now=life.now
            )
            assert (told.open_fen, told.credit_fen, told.deposits_held_fen) == stands(life)
            seen.update(row.kind for row in told.rows)

    lives()
    assert seen >= {"bill", "payment"}, "nothing came about"
