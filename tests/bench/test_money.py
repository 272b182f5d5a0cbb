"""A tiny bench of money on real servers: every fen is right, and a wrong one is found."""

from datetime import date, timedelta

import pytest

from bench.money_book import Agreed, make_leases, vat_of
from bench.money_cli import run_money_bench
from bench.money_figures import MONEY_FIGURES
from bench.money_running import measure_billing
from bench.money_server import running_money_rig
from bench.rig import SQL

TODAY = date(2026, 11, 22)


def test_a_running_lease_owes_its_rent_once_a_month() -> None:
    lease = Agreed(0, TODAY)
    assert (lease.corner_on, lease.starts_on) == (TODAY, date(2026, 5, 22))
    assert lease.billed(TODAY - timedelta(days=30)) == [200_000]
    assert lease.billed(TODAY - timedelta(days=31)) == [200_000, 200_000]


def test_a_new_one_owes_the_rest_of_its_month_and_its_deposit() -> None:
    lease = Agreed(58, TODAY)
    assert (lease.new, lease.starts_on, lease.rent_fen) == (True, date(2026, 11, 17), 209_302)
    assert lease.billed(date(2026, 10, 23)) == [97_674, 418_604]


def test_no_lease_begins_on_a_day_that_a_month_lacks() -> None:
    assert max(one.starts_on.day for one in make_leases(1_000, date(2026, 3, 31))) == 28


def test_vat_is_rounded_half_up() -> None:
    assert [vat_of(fen) for fen in (300_000, 113, 0)] == [34_513, 13, 0]


def test_all_is_billed_and_judged() -> None:
    results = run_money_bench(
        leases=260, runs=1, seed=1, storage="postgresql", say=lambda _words: None
    )
    assert (results.judged, results.wrong, results.sound) == (260, [], True)
    assert [set(run) for run in results.runs] == [{figure.name for figure in MONEY_FIGURES}]


def test_a_bill_that_is_missing_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        running_money_rig(leases=240, seed=1, storage="postgresql", say=lambda _w: None) as rig,
        rig.copied("wrong") as copy,
    ):
        with copy.connect() as conn:
            conn.execute(SQL.prepare_load_session)
            conn.execute(
                "UPDATE lease_events SET content = jsonb_set(content, '{terms,lines,0,rent_fen}',"
                " '100') WHERE no = 1 AND lease_id = (SELECT min(id) FROM leases)"
            )
        wrong = measure_billing(copy).wrong
    assert len(wrong) == 1
    assert "bills of 100, agreed: [" in wrong[0]
