"""Whose a violation is: who held the vehicle at that minute, and nobody else sees it."""

from datetime import date, datetime, timedelta

import pytest

from fleet.registry.errors import VehicleNotFound
from fleet.violations.errors import ViolationNotFound, ViolationOfAnotherOperator
from fleet.violations.service import (
    get_violation,
    list_violations,
    record_violations,
    rematch_violations,
    tell_violation,
)
from schemas.access import SYSTEM

from ..let import Leases
from ..seen import VINS, Fleet
from .conftest import ASKED_AT, Recorded, offence, on, whose

OUT, BACK = on(5, 9), on(9, 18)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("at", "held"),
    [
        pytest.param(OUT - MINUTE, False, id="the minute before the hand-over"),
        pytest.param(OUT, True, id="at the hand-over"),
        pytest.param(BACK - MINUTE, True, id="the last minute before the return"),
        pytest.param(BACK, False, id="at the return"),
        pytest.param(BACK + MINUTE, False, id="after the return"),
    ],
)
def test_it_is_of_the_lease_from_the_hand_over_until_the_return(
    leases: Leases, recorded: Recorded, at: datetime, held: bool
) -> None:
    lease = leases.of("west")
    leases.had(lease, "A", OUT, BACK)
    told = recorded("west", offence("V1", "A", at)).violations[0]
    assert whose(told) == ("west", lease.lease_no if held else None)
    assert told.row.customer_no == (lease.customer_no if held else None)
    assert told.row.line_no == (1 if held else None)


def test_the_minute_of_a_swap_is_of_the_vehicle_that_went_out_then(
    leases: Leases, recorded: Recorded
) -> None:
    lease = leases.of("west")
    swapped = on(7, 12)
    leases.had(lease, "A", OUT, swapped)
    leases.had(lease, "B", swapped, None)
    told = recorded(
        "west",
        offence("V1", "A", swapped - MINUTE),
        offence("V2", "A", swapped),
        offence("V3", "B", swapped - MINUTE),
        offence("V4", "B", swapped),
    )
    assert [each.row.lease_no for each in told.violations] == [
        lease.lease_no,
        None,
        None,
        lease.lease_no,
    ]


def test_between_two_leases_it_is_the_organisations_own(leases: Leases, recorded: Recorded) -> None:
    first, second = leases.of("west"), leases.of("west")
    leases.had(first, "B", on(2, 9), on(4, 9))
    leases.had(second, "B", on(6, 9), None)
    told = recorded(
        "west",
        offence("V1", "B", on(3, 9)),
        offence("V2", "B", on(5, 9)),
        offence("V3", "B", on(6, 9)),
    )
    assert [whose(each) for each in told.violations] == [
        ("west", first.lease_no),
        ("west", None),
        ("west", second.lease_no),
    ]


SEEN_BY = [("head", True), ("east", True), ("west", False), ("other", False)]


@pytest.mark.parametrize(("code", "seen"), SEEN_BY)
def test_of_the_time_before_a_transfer_the_operator_of_that_time_alone_sees_it(
    fleet: Fleet, leases: Leases, recorded: Recorded, code: str, seen: bool
) -> None:
    lease = leases.of("east")
    leases.had(lease, "A", on(1, 8), on(1, 19))
    told = recorded("east", offence("V1", "A", on(1, 18)), now=ASKED_AT).violations[0]
    assert whose(told) == ("east", lease.lease_no)
    with fleet.as_member(code) as conn:
        actor = fleet.actor(code)
        listed = list_violations(conn, actor, {}, now=ASKED_AT)
        assert [each.row.violation_no for each in listed] == (["V1"] if seen else [])
        if not seen:
            with pytest.raises(ViolationNotFound):
                get_violation(conn, actor, violation_no="V1", now=ASKED_AT)


def test_the_present_operator_does_not_write_down_what_was_before(
    fleet: Fleet, recorded: Recorded
) -> None:
    with pytest.raises(ViolationOfAnotherOperator) as raised:
        recorded("west", offence("V1", "A", on(1, 18)))
    assert raised.value.facts == {"vin": VINS["A"], "violation_no": "V1"}
    told = recorded("west", offence("V1", "A", on(1, 20))).violations[0]
    assert whose(told) == ("west", None)


def test_the_head_writes_down_for_whoever_operated_the_vehicle_then(recorded: Recorded) -> None:
    told = recorded("head", offence("V1", "A", on(1, 18)), offence("V2", "A", on(1, 20)))
    assert [whose(each) for each in told.violations] == [("east", None), ("west", None)]


def test_a_plate_is_told_to_who_has_the_vehicle_now(fleet: Fleet, recorded: Recorded) -> None:
    recorded("head", offence("V1", "A", on(1, 18)))
    plates = {}
    for code in ("head", "east"):
        with fleet.as_member(code) as conn:
            (told,) = list_violations(conn, fleet.actor(code), {}, now=ASKED_AT)
            plates[code] = told.row.plate
    assert plates == {"head": "粤BD12341", "east": None}


def test_a_vehicle_out_of_sight_is_told_as_unknown(recorded: Recorded) -> None:
    with pytest.raises(VehicleNotFound):
        recorded("west", offence("V1", "X", on(5, 9)))


def test_matched_anew_once_the_hand_over_was_written_down(
    fleet: Fleet, leases: Leases, recorded: Recorded
) -> None:
    recorded("west", offence("V1", "A", on(6, 9)), offence("V2", "B", on(6, 9)))
    lease = leases.of("west")
    leases.had(lease, "A", OUT, BACK)
    with fleet.as_member("west") as conn:
        actor = fleet.actor("west")
        (moved,) = rematch_violations(conn, actor, now=ASKED_AT)
        assert (moved.row.violation_no, moved.row.lease_no) == ("V1", lease.lease_no)
        assert moved.row.version == 2
        assert rematch_violations(conn, actor, now=ASKED_AT) == []


def test_matched_anew_to_another_lessee_it_is_not_told_yet(
    fleet: Fleet, leases: Leases, recorded: Recorded
) -> None:
    """Who was told was another one."""
    first, second = leases.of("west"), leases.of("west")
    leases.had(first, "A", OUT, None)
    recorded("west", offence("V1", "A", on(6, 9)), offence("V2", "A", on(5, 10)))
    with fleet.as_member("west") as conn:
        for number in ("V1", "V2"):
            tell_violation(conn, fleet.actor("west"), violation_no=number, now=ASKED_AT)
    until = "tstzrange(lower(let_period), %s)"
    fleet.conn.execute(f"UPDATE lease_segments SET let_period = {until}", [on(5, 18)])
    leases.had(second, "A", on(5, 20), None)
    with fleet.as_member("west") as conn:
        (moved,) = rematch_violations(conn, fleet.actor("west"), now=ASKED_AT)
        assert (moved.row.violation_no, moved.row.lease_no) == ("V1", second.lease_no)
        assert (moved.row.state, moved.row.told_at) == ("open", None)
        stayed = get_violation(conn, fleet.actor("west"), violation_no="V2", now=ASKED_AT)
        assert (stayed.row.state, stayed.row.told_at) == ("told", ASKED_AT)


@pytest.mark.parametrize("bears", ["lessee", "lessor"])
def test_handed_out_before_the_lease_starts_the_first_terms_say_who_bears_it(
    leases: Leases, recorded: Recorded, bears: str
) -> None:
    lease = leases.of("west", starts_on=date(2026, 3, 7), violations_by=bears)
    leases.had(lease, "A", OUT, None)
    told = recorded("west", offence("V1", "A", on(6, 9))).violations[0]
    assert whose(told) == ("west", lease.lease_no)
    assert told.row.charged_to_lessee is (bears == "lessee")


def test_matched_anew_of_these_vehicles_only(
    fleet: Fleet, leases: Leases, recorded: Recorded
) -> None:
    recorded("west", offence("V1", "A", on(6, 9)), offence("V2", "B", on(6, 9)))
    for vehicle in "AB":
        leases.had(leases.of("west"), vehicle, OUT, BACK)
    with fleet.as_member("west") as conn:
        actor = fleet.actor("west")
        moved = rematch_violations(conn, actor, vins=[VINS["B"]], now=ASKED_AT)
        assert [each.row.violation_no for each in moved] == ["V2"]
        with pytest.raises(VehicleNotFound):
            rematch_violations(conn, actor, vins=[VINS["X"]], now=ASKED_AT)


def test_a_lease_of_another_organisation_takes_none_over(
    fleet: Fleet, leases: Leases, recorded: Recorded
) -> None:
    recorded("west", offence("V1", "A", on(6, 9)))
    leases.had(leases.of("east"), "A", OUT, BACK)
    assert rematch_violations(fleet.conn, SYSTEM, now=ASKED_AT) == []


def test_a_vehicle_that_nobody_operated_then_is_its_owners(
    fleet: Fleet, recorded: Recorded
) -> None:
    fleet.conn.execute(
        "DELETE FROM vehicle_operators WHERE vehicle_id = %s", [fleet.vehicle_ids["B"]]
    )
    told = recorded("head", offence("V1", "B", on(6, 9))).violations[0]
    assert whose(told) == ("head", None)


def test_who_may_not_read_leases_is_not_told_of_them(
    fleet: Fleet, leases: Leases, recorded: Recorded
) -> None:
    leases.had(leases.of("west"), "A", OUT, BACK)
    recorded("west", offence("V1", "A", OUT))
    with fleet.as_member("west") as conn:
        actor = fleet.actor("west", ["violation.read"])
        (told,) = list_violations(conn, actor, {}, now=ASKED_AT)
    row = told.row
    assert (row.lease_no, row.line_no, row.customer_no, row.customer_name) == (None,) * 4


def test_the_system_writes_down_for_any_tenant(fleet: Fleet) -> None:
    entries = [offence("V1", "X", on(6, 9)), offence("V2", "B", on(6, 9))]
    told = record_violations(fleet.conn, SYSTEM, entries=entries, now=ASKED_AT)
    assert [whose(each) for each in told.violations] == [("other", None), ("west", None)]
