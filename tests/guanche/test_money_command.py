"""`guanche money` on a real database."""

import json
from typing import Any

import pytest
from psycopg import Connection

from fleet.payments.service import Received, record_payment
from schemas.access import SYSTEM
from tests.fleet.conftest import fleet
from tests.fleet.leasing.conftest import START, customer, day, office
from tests.fleet.receivables.owed import owe
from tests.guanche.conftest import Run

__all__ = ["fleet", "office"]


@pytest.fixture
def books(office: Connection[Any]) -> Connection[Any]:
    """A bill that is paid in part, and nothing wrong with it."""
    owner = customer(office)
    owe(office, owner, 300_000)
    received = Received("bank", 200_000, START)
    record_payment(office, SYSTEM, received=received, customer_no=owner, now=day(3))
    office.commit()
    return office


@pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
def test_what_is_kept_is_what_follows_or_is_told(
    run: Run, books: Connection[Any], database_url: str
) -> None:
    whole = run("money", "check", GUANCHE_DATABASE_URL=database_url)
    assert (whole.exit_code, whole.stdout.strip()) == (0, "as it follows  nothing differs")
    books.execute("UPDATE bill_balances SET open_principal_fen = open_principal_fen - 1")
    books.commit()
    told = run("money", "check", "--json", GUANCHE_DATABASE_URL=database_url)
    assert told.exit_code == 1
    document = json.loads(told.stdout)
    assert (document["differ"], document["by_check"]) == (2, {"bill_balances": 1, "ledger_owed": 1})
    assert document["first"][0]["told"] == "kept 99999, follows 100000"
    shown = run("money", "check", GUANCHE_DATABASE_URL=database_url)
    assert shown.exit_code == 1
    assert "2 differ" in shown.stdout
    assert books.execute("SELECT open_fen FROM bill_balances").fetchall() == [(99_999,)]
