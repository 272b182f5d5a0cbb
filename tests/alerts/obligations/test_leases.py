"""Leases that end, vehicles that do not come back, contracts, work orders, kilometres."""

from datetime import date
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from tests.alerts.obligations.world import OTHER_VIN, VIN, World, at, day, days_told

pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True, scope="module")


def only(world: World, kind: str, days: list[str]) -> dict[str, list[str]]:
    """What is told by one kind of rule."""
    told = days_told(world, days)
    mine = {on: [name for name in names if name.startswith(kind)] for on, names in told.items()}
    return {on: names for on, names in mine.items() if names}


# The end of a lease


def test_a_lease_from_two_months_before_its_end_to_its_last_day(world: World) -> None:
    world.lease(day("12-31"))
    days = ["10-31", "11-01", "12-01", "12-17", "12-24", "12-28", "12-30", "12-31", "2027-01-01"]
    assert only(world, "lease_ending", days) == {
        "11-01": ["lease_ending 2026-12-31#60"],
        "12-01": ["lease_ending 2026-12-31#30"],
        "12-17": ["lease_ending 2026-12-31#14"],
        "12-24": ["lease_ending 2026-12-31#7"],
        "12-28": ["lease_ending 2026-12-31#3"],
        "12-30": ["lease_ending 2026-12-31#1"],
        "12-31": ["lease_ending 2026-12-31#0"],
    }


def test_what_is_out_after_the_last_day_takes_over_from_the_end(world: World) -> None:
    lease_id = world.lease(day("11-20"), out=(VIN, OTHER_VIN))
    world.insured(at("01-01"), at("2027-01-01"))
    world.insured(at("01-01"), at("2027-01-01"), OTHER_VIN)
    days = ["11-20", "11-21", "11-22", "11-23", "11-27", "12-04"]
    assert days_told(world, days) == {
        "11-20": ["lease_ending 2026-11-20#0"],
        "11-21": ["use_after_expiry 2026-11-20#-1"],
        "11-23": ["use_after_expiry 2026-11-20#-3"],
        "11-27": ["use_after_expiry 2026-11-20#-7"],
        "12-04": ["use_after_expiry 2026-11-20#-14"],
    }
    facts = world.facts()
    assert (facts["vehicles"], facts["vins"]) == (2, [OTHER_VIN, VIN])
    world.come_back(lease_id, at("12-05"))
    world.sweep(at("12-05", 12))
    assert world.alerts() == [
        ("east", "2026-11-20", "info", "resolved"),
        ("east", "2026-11-20", "critical", "resolved"),
    ]


@pytest.mark.parametrize(
    ("state", "told"),
    [("active", ["lease_ending"]), ("suspended", ["lease_ending"]), ("draft", []), ("signed", [])],
)
def test_only_a_lease_that_runs_ends(world: World, state: str, told: list[str]) -> None:
    world.lease(day("11-28"), state=state, out=())
    assert [name.split()[0] for name in world.told(at("11-21"))] == told


def test_an_open_ended_lease_does_not_end(world: World) -> None:
    world.lease(None, out=())
    assert world.told(at("11-21")) == []


def test_an_extension_moves_the_end(world: World) -> None:
    lease_id = world.lease(day("11-28"), out=())
    world.sweep(at("11-21"))
    world.conn.execute("UPDATE leases SET ends_on = '2027-11-28' WHERE id = %s", [lease_id])
    world.sweep(at("11-22"))
    assert world.because() == [("moved", "2027-11-28")]


def test_a_renewal_settles_it_once_it_is_signed(world: World) -> None:
    lease_id = world.lease(day("11-28"), out=())
    world.sweep(at("11-21"))
    world.lease(day("2027-11-28"), out=(), state="draft", renews_id=lease_id)
    assert world.sweep(at("11-22")).counts() == {}
    world.conn.execute("UPDATE leases SET state = 'signed' WHERE renews_id = %s", [lease_id])
    assert world.sweep(at("11-22", 12)).counts() == {"cleared": 1}


def test_a_lease_that_was_terminated_counts_from_that_day(world: World) -> None:
    world.insured(at("01-01"), at("2027-01-01"))
    world.lease(day("2027-11-28"), starts_on=day("01-31"), state="terminated", ended_at=at("11-20"))
    assert world.told(at("11-21")) == ["use_after_expiry 2026-11-20#-1"]


# Contracts and work orders


def test_a_changed_contract_is_critical_until_it_is_whole_again(world: World) -> None:
    lease_id = world.lease(None, out=())
    contract_id = world.insert(
        "contracts",
        **world.of("east"),
        contract_no="L2601-AAAAAB/1",
        lease_id=lease_id,
        edition=1,
        origin="signed",
        file_name="contract.pdf",
        media_type="application/pdf",
        size_bytes=1,
        sha256=bytes(32),
        state="signed",
        created_by="lin",
        created_at=at("01-31"),
        verify_next_at=at("12-01"),
    )
    assert world.told(at("11-20")) == []
    for on in ("11-20", "11-24"):
        world.conn.execute(
            "UPDATE contracts SET fault = 'files: changed' WHERE id = %s", [contract_id]
        )
        world.insert(
            "contract_events",
            **world.of("east"),
            contract_id=contract_id,
            kind="changed",
            happened_at=at(on, 12),
            clock="installation",
            recorded_by="lin",
            recorded_at=at(on, 12),
        )
        told = world.told(at(on, 13))
        assert told == [f"contract_changed {at(on, 12):%Y-%m-%dT%H:%M:%SZ}"]
        assert world.told(at(on, 14)) == []
        world.conn.execute("UPDATE contracts SET fault = NULL WHERE id = %s", [contract_id])
        world.sweep(at(on, 15))
    assert [(severity, state) for _, _, severity, state in world.alerts()] == [
        ("critical", "resolved"),
        ("critical", "resolved"),
    ]
    assert world.facts()["fault"] == "files: changed"


def order(world: World, due_on: date | None, state: str = "open") -> int:
    return world.insert(
        "work_orders",
        **world.of("east"),
        number=world.number("W"),
        vehicle_id=world.vehicles[VIN],
        kind="repair",
        state=state,
        priority="normal",
        title="更换刹车片",
        due_on=due_on,
        opened_by="lin",
        opened_at=at("11-01"),
    )


def test_a_work_order_past_its_day(world: World) -> None:
    order_id = order(world, day("11-20"))
    order(world, None)
    days = ["11-20", "11-21", "11-22", "11-23", "11-27", "12-04"]
    assert days_told(world, days) == {
        "11-21": ["work_order_late 2026-11-20#-1"],
        "11-23": ["work_order_late 2026-11-20#-3"],
        "11-27": ["work_order_late 2026-11-20#-7"],
        "12-04": ["work_order_late 2026-11-20#-14"],
    }
    assert world.alerts() == [("east", "2026-11-20", "critical", "open")]
    assert (world.facts()["vin"], world.facts()["title"]) == (VIN, "更换刹车片")
    world.conn.execute("UPDATE work_orders SET state = 'done' WHERE id = %s", [order_id])
    world.sweep(at("12-05"))
    assert world.because() == [("settled", None)]


def test_a_late_work_order_names_only_whom_its_organisation_sees(world: World) -> None:
    for code in ("head", "east"):
        world.conn.execute(
            "INSERT INTO users (tenant_id, organisation_id, login, name, roles, created_at)"
            " SELECT tenant_id, id, %s, '人', '{ops}', now() FROM organisations WHERE code = %s",
            [f"{code}.lin", code],
        )
    order_id, named = order(world, day("11-20")), []
    for login in ("east.lin", "head.lin"):
        world.conn.execute(
            "UPDATE work_orders SET assignee = %s, due_on = due_on + 1 WHERE id = %s",
            [login, order_id],
        )
        world.sweep(at("11-27"))
        named.append(world.facts().get("assignee"))
    assert named == ["east.lin", None]


def test_a_work_order_put_off_is_late_from_its_new_day(world: World) -> None:
    order_id = order(world, day("11-20"), "waiting")
    world.sweep(at("11-21"))
    world.conn.execute("UPDATE work_orders SET due_on = '2026-11-25' WHERE id = %s", [order_id])
    assert days_told(world, ["11-22", "11-25", "11-26"]) == {
        "11-26": ["work_order_late 2026-11-25#-1"]
    }
    assert world.because() == [("moved", "2026-11-25")]


# Kilometres


def terms(km: int, *, per: str = "month", carry_over: bool = True) -> dict[str, Any]:
    mileage = {"included_km": km, "extra_fen_per_km": 100, "carry_over": carry_over}
    return {"lines": [{"no": 1, "per": per, "rent_fen": 1, "mileage": mileage}]}


def driving(world: World, *, read: dict[str, float], **given: Any) -> None:
    """A lease from 2026-01-31 on, whose odometer was read at nine on these days."""
    world.insured(at("01-01"), at("2027-12-31"))
    world.lease(None, terms=terms(**given))
    world.read(at("01-30"), 10_000)
    for on, km in read.items():
        world.read(at(on, 8), km)


def test_kilometres_of_a_month_each_share_once(world: World) -> None:
    """2026-02-28 is the second month of a lease from 01-31: the anchor stays, the month is cut."""
    driving(
        world,
        km=3_000,
        carry_over=False,
        read={"02-20": 12_399, "02-21": 12_400, "02-25": 12_900, "02-28": 13_500, "03-05": 16_500},
    )
    assert days_told(world, ["02-20", "02-21", "02-25", "02-27", "02-28", "03-05"]) == {
        "02-21": ["mileage_allowance 2026-01-31/line-1#80pct"],
        "02-25": ["mileage_allowance 2026-01-31/line-1#95pct"],
        "03-05": ["mileage_allowance 2026-02-28/line-1#100pct"],
    }
    facts = world.facts()
    assert (facts["from_on"], facts["driven_km"], facts["included_km"]) == (
        "2026-02-28", 3_600, 3_000,
    )  # fmt: skip
    assert [state for *_, state in world.alerts()] == ["resolved", "open"]


def test_what_is_carried_over_counts_from_the_first_day(world: World) -> None:
    driving(world, km=3_000, read={"02-27": 10_500, "03-30": 15_200, "03-31": 15_300})
    assert days_told(world, ["02-27", "03-30", "03-31"]) == {
        "03-30": ["mileage_allowance 2026-02-28/line-1#80pct"]
    }
    assert (world.facts()["driven_km"], world.facts()["included_km"]) == (5_200, 6_000)


def test_by_the_day_the_whole_term_counts(world: World) -> None:
    world.insured(at("01-01"), at("2027-12-31"))
    world.lease(day("02-09"), terms=terms(100, per="day"))
    world.read(at("01-31", 0), 10_000)
    world.read(at("02-05", 8), 10_950)
    assert world.told(at("02-05"))[-1] == "mileage_allowance 2026-01-31/line-1#95pct"
    assert (world.facts()["driven_km"], world.facts()["included_km"]) == (950, 1_000)


def test_a_swap_adds_what_each_vehicle_drove_and_the_terminal_may_be_newer(world: World) -> None:
    world.insured(at("01-01"), at("2027-12-31"))
    world.insured(at("01-01"), at("2027-12-31"), OTHER_VIN)
    lease_id = world.lease(None, terms=terms(3_000, carry_over=False))
    world.read(at("01-31", 0), 10_000)
    world.come_back(lease_id, at("02-10"))
    world.read(at("02-10"), 11_000)
    world.read(at("02-15"), 19_000)  # driven by somebody else since
    world.insert(
        "lease_segments",
        **world.of("east"),
        lease_id=lease_id,
        line_no=1,
        vehicle_id=world.vehicles[OTHER_VIN],
        let_period=f"[{at('02-10').isoformat()},)",
        from_event_no=2,
    )
    world.read(at("02-10"), 50_000, OTHER_VIN)
    assert world.told(at("02-20")) == []
    world.heard(at("02-20"), OTHER_VIN, odometer_km=51_400.0)
    assert world.told(at("02-20", 12)) == ["mileage_allowance 2026-01-31/line-1#80pct"]
    assert world.facts()["driven_km"] == 2_400


def test_without_an_agreement_or_a_reading_nothing_is_told(world: World) -> None:
    world.insured(at("01-01"), at("2027-12-31"))
    lease_id = world.lease(None, terms={"lines": [{"no": 1, "rent_fen": 1, "mileage": None}]})
    world.read(at("01-31", 0), 10_000)
    world.read(at("02-05", 8), 99_000)
    assert world.told(at("02-06")) == []
    world.conn.execute("DELETE FROM odometer_readings")
    world.conn.execute("UPDATE leases SET terms = %s WHERE id = %s", [Jsonb(terms(100)), lease_id])
    assert world.told(at("02-07")) == []
