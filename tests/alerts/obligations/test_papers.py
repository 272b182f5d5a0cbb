"""Inspections, insurance, permits: what is told on which day, and what ends it."""

from typing import Any

import pytest

from tests.alerts.obligations.world import OTHER_VIN, VIN, World, at, day, days_told

pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True, scope="module")


def test_an_inspection_from_a_month_before_to_the_weeks_after(world: World) -> None:
    world.paper("inspection", day("11-30"), facts={"printed_month": "2026-11"})
    days = ["10-30", "10-31", "11-16", "11-23", "11-27", "11-29", "11-30", "12-01", "12-06"]
    days += ["12-07", "12-14"]
    assert days_told(world, days) == {
        "10-31": ["inspection_due 2026-11-30#30"],
        "11-16": ["inspection_due 2026-11-30#14"],
        "11-23": ["inspection_due 2026-11-30#7"],
        "11-27": ["inspection_due 2026-11-30#3"],
        "11-29": ["inspection_due 2026-11-30#1"],
        "11-30": ["inspection_due 2026-11-30#0"],
        "12-01": ["inspection_due 2026-11-30#-1"],
        "12-07": ["inspection_due 2026-11-30#-7"],
        "12-14": ["inspection_due 2026-11-30#-14"],
    }
    assert world.alerts() == [("east", "2026-11-30", "critical", "open")]


def test_the_inspection_of_the_worked_case_is_174_days_overdue(world: World) -> None:
    """Valid to 2026-05, not renewed, today 2026-11-21 (LEASING.md case 2)."""
    world.paper("inspection", day("05-31"), facts={"printed_month": "2026-05"})
    assert world.told(at("11-21")) == ["inspection_due 2026-05-31#-168"]
    assert world.alerts() == [("east", "2026-05-31", "critical", "open")]
    assert world.facts() == {
        "obligation": "inspection",
        "printed_month": "2026-05",
        "due_on": "2026-05-31",
        "days_left": -174,
        "stage": 30,
    }


def test_a_renewed_inspection_ends_it_and_begins_anew_next_year(world: World) -> None:
    """Passed: valid to 2027-05 (LEASING.md case 1)."""
    world.paper("inspection", day("2026-05-31"))
    world.sweep(at("05-20"))
    world.paper("inspection", day("2027-05-31"))
    assert world.sweep(at("05-21")).counts() == {"cleared": 1}
    assert world.because() == [("moved", "2027-05-31")]
    assert days_told(world, ["06-01", "2027-04-30", "2027-05-01"]) == {
        "2027-05-01": ["inspection_due 2027-05-31#30"]
    }


def test_a_correction_to_another_day_is_told_for_that_day(world: World) -> None:
    world.paper("inspection", day("11-30"))
    world.sweep(at("11-21"))
    world.paper("inspection", day("11-25"))
    assert world.told(at("11-21", 12)) == ["inspection_due 2026-11-25#7"]
    assert world.because() == [("moved", "2026-11-25")]
    assert [state for *_, state in world.alerts()] == ["resolved", "open"]


def test_what_falls_due_no_longer_is_settled(world: World) -> None:
    world.paper("inspection", day("11-30"))
    world.sweep(at("11-21"))
    world.withdraw_paper("inspection")
    world.sweep(at("11-22"))
    assert world.because() == [("settled", None)]


@pytest.mark.parametrize(
    ("kind", "told", "severity"),
    [
        pytest.param(
            "compulsory", "compulsory_insurance 2026-11-20#-1", "critical", id="lapsed: critical"
        ),
        pytest.param(
            "commercial", "commercial_insurance 2026-11-20#0", "warning", id="commercial: warning"
        ),
        pytest.param("permit", "permit_due 2026-11-20/permit#-1", "critical", id="permit"),
        pytest.param(
            "permit_review", "permit_due 2026-11-20/permit_review#-1", "critical", id="review"
        ),
        pytest.param(
            "permit_technical",
            "permit_due 2026-11-20/permit_technical#-1",
            "critical",
            id="technical check",
        ),
        pytest.param(
            "service_life", "service_life 2026-11-20/service_life#0", "critical", id="life by law"
        ),
        pytest.param(
            "scrap_risk", "service_life 2026-11-20/scrap_risk#0", "critical", id="near scrapping"
        ),
        pytest.param("battery_test", "battery_test_due 2026-11-20#0", "info", id="battery test"),
    ],
)
def test_the_day_after_each_paper_ended(world: World, kind: str, told: str, severity: str) -> None:
    world.paper(kind, day("11-20"))
    assert world.told(at("11-21")) == [told]
    assert [found for _, _, found, _ in world.alerts()] == [severity]


def test_a_lapsed_compulsory_insurance_is_told_every_day(world: World) -> None:
    """Ended on 2026-06-30 at 24:00 (LEASING.md case 6); critical from its last day on."""
    world.paper(
        "compulsory",
        day("06-30"),
        due_at=at("07-01", 0),
        facts={"policy_no": "PDZA1", "insurer": "人保"},
    )
    days = ["06-23", "06-29", "06-30", "07-01", "07-02", "07-03"]
    assert days_told(world, days) == {
        "06-23": ["compulsory_insurance 2026-06-30#7"],
        "06-29": ["compulsory_insurance 2026-06-30#1"],
        "06-30": ["compulsory_insurance 2026-06-30#0"],
        "07-01": ["compulsory_insurance 2026-06-30#-1"],
        "07-02": ["compulsory_insurance 2026-06-30#-2"],
        "07-03": ["compulsory_insurance 2026-06-30#-3"],
    }
    facts = world.facts()
    assert (facts["policy_no"], facts["insurer"], facts["days_left"]) == ("PDZA1", "人保", -3)


def test_two_papers_of_a_kind_are_two_matters(world: World) -> None:
    for kind in ("permit", "permit_review", "permit_technical"):
        world.paper(kind, day("11-30"))
    assert world.told(at("11-30")) == [
        "permit_due 2026-11-30/permit#0",
        "permit_due 2026-11-30/permit_review#0",
        "permit_due 2026-11-30/permit_technical#0",
    ]
    world.paper("permit_review", day("2027-11-30"))
    world.sweep(at("11-30", 12))
    assert [state for *_, state in world.alerts()] == ["open", "resolved", "open"]


def test_a_paper_that_was_never_recorded_is_overdue_since_that_is_known(world: World) -> None:
    world.paper("inspection", None, known_at=at("11-20"), facts={"predicted_month": "2027-03"})
    assert days_told(world, ["11-20", "11-21", "11-26"]) == {
        "11-20": ["inspection_due missing#-1"],
        "11-26": ["inspection_due missing#-7"],
    }
    assert world.alerts() == [("east", "missing", "critical", "open")]
    assert world.facts() == {
        "obligation": "inspection",
        "missing": True,
        "missing_since_on": "2026-11-20",
        "predicted_month": "2027-03",
        "stage": 7,
    }


def test_a_record_that_comes_ends_it_and_one_that_is_lost_again_is_told_again(
    world: World,
) -> None:
    world.paper("compulsory", None, known_at=at("11-20"))
    world.sweep(at("11-20"))
    world.paper("compulsory", None, known_at=at("11-21"), facts={"next_policy_no": "P2"})
    assert world.told(at("11-20", 12)) == []  # other facts of the same matter
    world.paper("compulsory", day("2027-11-20"))
    world.sweep(at("11-21"))
    assert world.because() == [("settled", None)]
    world.paper("compulsory", None, known_at=at("11-25"))
    assert world.told(at("11-25")) == ["compulsory_insurance missing#-1@1"]
    assert [state for *_, state in world.alerts()] == ["open"]


def test_a_vehicle_that_never_said_anything_is_told_of_all_the_same(world: World) -> None:
    """No device, no telemetry, no latest state."""
    found = world.conn.execute("SELECT count(*) FROM vehicle_state").fetchone()
    assert found == (0,)
    world.paper("inspection", day("11-30"))
    world.paper("compulsory", day("11-30"))
    assert world.told(at("11-30")) == [
        "compulsory_insurance 2026-11-30#0",
        "inspection_due 2026-11-30#0",
    ]


def test_the_next_operator_is_told_and_the_last_is_rid_of_it(world: World) -> None:
    world.paper("inspection", day("11-30"))
    world.sweep(at("11-21"))
    world.hand_to("west", at("11-22"))
    assert world.told(at("11-22", 12)) == ["inspection_due 2026-11-30#14"]
    assert world.alerts() == [
        ("east", "2026-11-30", "warning", "resolved"),
        ("west", "2026-11-30", "warning", "open"),
    ]
    assert world.because() == [("operator_changed", None)]
    world.hand_to("east", at("11-23"))
    assert world.told(at("11-23", 12)) == ["inspection_due 2026-11-30#7@1"]


def test_a_vehicle_without_an_operator_is_its_owners(world: World) -> None:
    world.conn.execute("DELETE FROM vehicle_operators WHERE vehicle_id = %s", [world.vehicles[VIN]])
    world.paper("inspection", day("11-30"))
    world.sweep(at("11-30"))
    assert [code for code, *_ in world.alerts()] == ["head"]


# Let without insurance


def let(world: World, **given: Any) -> int:
    return world.lease(day("2027-12-31"), starts_on=day("01-31"), **given)


def test_a_gap_of_48_hours_while_let_is_critical_for_48_hours(world: World) -> None:
    """交强险 ends 2026-06-30 24:00, the next begins 07-03 00:00 (LEASING.md case 6)."""
    lease_id = let(world)
    world.insured(at("2025-07-01", 0), at("07-01", 0))
    world.insured(at("07-03", 0), at("2027-07-03", 0))
    days = ["06-29", "06-30", "07-01", "07-02", "07-03", "07-04"]
    told = days_told(world, days)
    assert told == {"07-01": ["insurance_gap 2026-07-01"]}
    assert world.alerts() == [("east", "2026-07-01", "critical", "resolved")]
    assert world.because() == [("settled", None)]
    [(raised_at, found)] = world.conn.execute("SELECT raised_at, lease_id FROM alerts").fetchall()
    assert (raised_at, found) == (at("07-01", 0), lease_id)


def test_without_a_gap_nothing_is_told(world: World) -> None:
    let(world)
    world.insured(at("2025-07-01", 0), at("07-01", 0))
    world.insured(at("07-01", 0), at("2027-07-01", 0))
    assert days_told(world, ["06-30", "07-01", "07-02"]) == {}


def test_a_vehicle_that_is_not_let_has_no_gap_and_one_given_out_has(world: World) -> None:
    world.insured(at("2025-07-01", 0), at("07-01", 0))
    assert world.told(at("07-05")) == []
    let(world, out_at=at("07-06"))
    assert world.told(at("07-06", 12)) == ["insurance_gap 2026-07-06"]
    assert world.facts()["policy_no"] == "P1"


def test_of_another_s_lease_the_operator_is_told_that_there_is_one(world: World) -> None:
    world.lease(None, code="west", out=(VIN,))
    assert world.told(at("11-22")) != []
    facts = world.facts()
    assert "lease_no" not in facts
    assert "customer_no" not in facts
    found = world.conn.execute(
        "SELECT o.code, a.lease_id, a.customer_id FROM alerts a"
        " JOIN organisations o ON o.id = a.organisation_id WHERE a.kind = 'insurance_gap'"
    ).fetchall()
    assert found == [("east", None, None)]


def test_a_vehicle_that_never_was_insured_and_one_whose_policy_is_void(world: World) -> None:
    let(world, out=(VIN, OTHER_VIN), out_at=at("07-01", 8))
    world.insured(at("01-01", 0), at("2027-01-01", 0), OTHER_VIN)
    assert world.told(at("07-01")) == ["insurance_gap 2026-07-01"]
    world.conn.execute(
        "UPDATE insurance_policies SET voided_at = now(), voided_because = 'typed wrongly'"
    )
    assert world.told(at("07-02")) == ["insurance_gap 2026-07-01"]
    assert [code for code, *_ in world.alerts()] == ["east", "west"]


def test_a_vehicle_that_comes_back_is_settled(world: World) -> None:
    lease_id = let(world, out_at=at("07-01", 8))
    world.sweep(at("07-01"))
    world.come_back(lease_id, at("07-02", 8))
    world.sweep(at("07-02"))
    assert [state for *_, state in world.alerts()] == ["resolved"]
