"""The demo's money: something of everything, and every fen of it accounted for."""

from datetime import UTC, datetime
from typing import Any

import pytest
from psycopg import Connection

from alerts.obligations.service import sweep
from alerts.rules.service import all_rules
from fleet.compliance.service import find_drift
from fleet.kpis import service as kpis
from fleet.ledger.service import check_ledger
from fleet.maintenance.service import refresh_maintenance
from fleet.receivables.service import check_balances
from guanche.demo_assets import seed_assets
from guanche.demo_matters import seed_matters
from guanche.seed import seed_fleet
from kit.sealed import SealingKey, new_key_text
from schemas.access import SYSTEM
from simulators.roster import fleet_roster

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
Conn = Connection[Any]
on_one_storage = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)


def seeded(conn: Conn, vehicles: int) -> None:
    roster = fleet_roster(vehicles, 1)
    seed_fleet(conn, roster, NOW)
    seed_assets(conn, roster, NOW, key=SealingKey.from_text(new_key_text()))


def count(conn: Conn, query: str) -> dict[Any, int]:
    return dict(conn.execute(query.encode()).fetchall())


@pytest.mark.timeout(300)
@on_one_storage
def test_there_is_something_of_everything_and_it_adds_up(conn: Conn) -> None:
    seeded(conn, 200)
    ageing = kpis.ageing(conn, SYSTEM, organisation="qingfan", on=None, now=NOW)
    assert min(ageing.total.buckets_fen) > 0, ageing.total
    states = count(conn, "SELECT state, count(*) FROM payments GROUP BY 1")
    assert (states["reversed"], states["unclaimed"]) == (1, 2)
    assert states["claimed"] > 50
    kinds = count(conn, "SELECT kind, count(*) FROM bills WHERE state = 'issued' GROUP BY 1")
    assert {"rent", "deposit", "purchase", "late_fee", "opening"} <= set(kinds)
    stages = count(conn, "SELECT state, count(*) FROM dunning_notices GROUP BY 1")
    assert (stages["arrived"], stages["sent"]) == (1, 1)
    asked = count(conn, "SELECT state, count(*) FROM invoice_requests GROUP BY 1")
    assert asked == {"requested": 1, "issued": 2}
    for table, most in (("credit_notes", 1), ("write_offs", 1), ("share_settlements", 2)):
        assert count(conn, f"SELECT 'rows', count(*) FROM {table}")["rows"] >= most, table
    part = "SELECT 'bills', count(*) FROM bill_balances x JOIN bills b ON b.id = x.bill_id WHERE"
    assert count(conn, f"{part} x.open_fen BETWEEN 1 AND b.total_fen - 1")["bills"] > 0
    assert (check_ledger(conn), check_balances(conn)) == ([], [])
    # Hand-overs of the past derive what fell due then; afterwards it is today again.
    assert list(find_drift(conn, now=NOW)) == []
    assert refresh_maintenance(conn, vehicle_ids=None, now=NOW) == 0
    assert_rarer_matters_are_told(conn)


def assert_rarer_matters_are_told(conn: Conn) -> None:
    """With them, alerts of each kind about papers and bills are raised; it still adds up."""
    seed_matters(conn, [entry.vin for entry in fleet_roster(200, 1)], NOW)
    raised = sweep(conn, all_rules(conn), now=NOW).raised
    assert (raised["deposit_unpaid"], raised["service_life"], raised["battery_test_due"]) == (
        1,
        1,
        2,
    )
    papers = ("inspection_due", "compulsory_insurance", "insurance_gap", "permit_due", "rent_due")
    assert min(raised[kind] for kind in papers) > 0, raised
    assert (check_ledger(conn), check_balances(conn)) == ([], [])
    assert list(find_drift(conn, now=NOW)) == []


@on_one_storage
@pytest.mark.parametrize("vehicles", [1, 5])
def test_a_handful_of_vehicles_is_billed_too(conn: Conn, vehicles: int) -> None:
    seeded(conn, vehicles)
    assert (check_ledger(conn), check_balances(conn)) == ([], [])
