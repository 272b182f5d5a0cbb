"""A vehicle goes out with inspection, 交强险 and a matching licence, or by who may override."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from psycopg import Connection

from fleet.audit import service as audit
from fleet.clearance.errors import HandOverBlocked, OverrideReasonMissing
from fleet.compliance import service as compliance
from fleet.customers.errors import CustomerBlacklisted, DriverNotFound
from fleet.customers.service import decide_blacklisting, propose_blacklisting
from fleet.hand_overs.service import Override, Record, hand_out, list_hand_overs
from fleet.leasing.refusals import VehicleOfAnotherOrganisation
from fleet.leasing.service import get_lease
from fleet.orgs.service import get_organisation
from fleet.periods import InstantInFuture
from fleet.registry.service import assign_operator
from schemas.access import SYSTEM, Actor, PermissionMissing, StepUpRequired
from tests.fleet.compliance.written import VAN
from tests.fleet.conftest import VIN_A, VIN_B, person, refused
from tests.fleet.leasing.conftest import SIGNED, day, signed

from .conftest import OUT_AT, driver_of, out, papers, ready, stages

Conn = Connection[Any]
pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)


def east(conn: Conn, *roles: Any, **given: Any) -> Actor:
    return person(get_organisation(conn, SYSTEM, code="east"), *roles, **given)


def blocks_of(conn: Conn, lease_no: str, record: Record, vin: str = VIN_A) -> list[dict[str, Any]]:
    """What forbids the hand-over, of which nothing is left behind."""
    with pytest.raises(HandOverBlocked) as raised, conn.transaction():
        out(conn, lease_no, record, vin)
    assert list_hand_overs(conn, SYSTEM, {}, now=OUT_AT) == []
    assert get_lease(conn, SYSTEM, lease_no=lease_no).state == "signed"
    told: list[dict[str, Any]] = raised.value.facts["blocks"]
    for block in told:
        assert block["rule"] in raised.value.message
        assert block["message_en"] in raised.value.message
        assert any(block["message_zh"] in why for why in raised.value.facts["why_zh"])
    return told


@pytest.mark.parametrize(
    ("missing", "kind", "paper", "law"),
    [
        ("inspection", "inspection_missing", "inspection", "道路交通安全法 §90"),
        ("compulsory", "compulsory_missing", "compulsory", "强制保险条例"),
    ],
)
def test_without_its_papers_it_does_not_go(
    office: Conn, missing: str, kind: str, paper: str, law: str
) -> None:
    papers(office, VIN_A, missing)
    lease_no, record = ready(office)
    [block] = blocks_of(office, lease_no, record)
    assert (block["kind"], block["paper"]) == (kind, paper)
    assert law in block["rule"]


def test_with_an_inspection_that_ran_out_it_does_not_go(desk: Conn) -> None:
    lease_no, record = ready(desk)
    with pytest.raises(HandOverBlocked) as raised, desk.transaction():
        out(desk, lease_no, record, at=day(91))
    [block] = raised.value.facts["blocks"]
    assert (block["kind"], block["since_on"]) == ("inspection_overdue", date(2026, 6, 1))


@pytest.mark.parametrize(
    ("classes", "valid_to_on", "vehicle_type", "since_on"),
    [
        (("C1",), date(2026, 3, 1), "微型厢式货车", date(2026, 3, 2)),
        (("C1",), date(2031, 1, 1), "重型厢式货车", None),
        (("C3", "D"), date(2031, 1, 1), "微型厢式货车", None),
    ],
    ids=["expired yesterday", "C1 for a heavy goods vehicle", "no class for it"],
)
def test_without_a_matching_licence_it_does_not_go(
    desk: Conn,
    classes: tuple[str, ...],
    valid_to_on: date,
    vehicle_type: str,
    since_on: date | None,
) -> None:
    licence = replace(VAN, vehicle_type=vehicle_type, version=1)
    compliance.put_licence(desk, SYSTEM, vin=VIN_A, licence=licence, now=OUT_AT)
    lease = signed(desk).lease
    key = driver_of(desk, lease, *classes, valid_to_on=valid_to_on)
    blocks = [
        block
        for block in blocks_of(desk, lease.lease_no, Record(driver=key))
        if block["kind"] == "driving_licence"
    ]
    [block] = blocks
    assert (block["paper"], block["since_on"]) == ("driving_licence", since_on)
    assert block["rule"] == "道路交通安全法 §19; 道路交通事故损害赔偿解释 §1"


def test_without_a_driver_it_does_not_go(desk: Conn) -> None:
    lease_no, _record = ready(desk)
    [block] = blocks_of(desk, lease_no, Record())
    assert (block["kind"], block["message_zh"]) == (
        "driving_licence",
        "未登记驾驶人，未核验驾驶证。",
    )


def test_another_customer_s_driver_is_none(desk: Conn) -> None:
    lease_no, _record = ready(desk)
    other = driver_of(desk, signed(desk).lease)
    with refused(desk, DriverNotFound):
        out(desk, lease_no, Record(driver=other))


def test_an_override_takes_its_verb_the_password_and_a_reason(office: Conn) -> None:
    papers(office, VIN_A, "compulsory")
    lease_no, record = ready(office)
    for actor, reason, fact in (
        (east(office, "ops"), "急用", PermissionMissing),
        (east(office, "manager", stepped_up=False), "急用", StepUpRequired),
        (east(office, "manager"), None, OverrideReasonMissing),
        (east(office, "manager"), " ", OverrideReasonMissing),
    ):
        with refused(office, fact):
            out(office, lease_no, record, actor=actor, override=Override(reason))
    assert stages(office, VIN_A) == ["in_stock"]


def test_what_was_overridden_stands_in_the_record_and_in_the_trail(office: Conn) -> None:
    papers(office, VIN_A, "compulsory")
    lease_no, record = ready(office)
    manager = east(office, "manager")
    gone = out(office, lease_no, record, actor=manager, override=Override("客户急用")).hand_over
    [block] = gone.overridden
    assert (block["kind"], block["paper"]) == ("compulsory_missing", "compulsory")
    assert (gone.override_reason, gone.recorded_by) == ("客户急用", "lin")
    [entry] = audit.list_entries(office, SYSTEM, {"action": "vehicle.override_block"})
    assert (entry.object_key, entry.after["reason"], entry.at) == (VIN_A, "客户急用", OUT_AT)
    assert [each["kind"] for each in entry.after["blocks"]] == ["compulsory_missing"]
    [entry] = audit.list_entries(office, SYSTEM, {"action": "hand_over.record"})
    assert (entry.object_key, entry.after["overridden"]) == (str(gone.key), ["compulsory_missing"])


def test_an_override_of_nothing_is_a_plain_hand_over(desk: Conn) -> None:
    lease_no, record = ready(desk)
    gone = out(desk, lease_no, record, actor=east(desk, "ops"), override=Override("急"))
    assert (gone.hand_over.overridden, gone.hand_over.override_reason) == ([], None)


@pytest.mark.parametrize("role", ["manager", "ops", "sales"])
def test_who_hands_over_needs_no_other_verb(desk: Conn, role: Any) -> None:
    lease_no, record = ready(desk)
    gone = out(desk, lease_no, record, actor=east(desk, role))
    assert gone.hand_over.vin == VIN_A
    assert stages(desk, VIN_A) == ["in_stock", "let"]


@pytest.mark.parametrize("role", ["finance", "viewer", "auditor"])
def test_others_hand_nothing_over(desk: Conn, role: Any) -> None:
    lease_no, record = ready(desk)
    with pytest.raises(PermissionMissing) as raised, desk.transaction():
        out(desk, lease_no, record, actor=east(desk, role))
    assert raised.value.facts == {"permission": "hand_over.record"}


def test_its_papers_are_those_of_when_it_was_handed_over(desk: Conn) -> None:
    lease_no, record = ready(desk)
    key = hand_out(
        desk,
        SYSTEM,
        lease_no=lease_no,
        line_no=1,
        vin=VIN_A,
        record=replace(record, handed_at=OUT_AT),
        now=day(200),
    )
    [gone] = list_hand_overs(desk, SYSTEM, {}, now=day(200))
    assert (gone.key, gone.handed_at, gone.recorded_at) == (key, OUT_AT, day(200))


def test_nothing_is_handed_over_ahead(desk: Conn) -> None:
    lease_no, record = ready(desk)
    with refused(desk, InstantInFuture):
        out(desk, lease_no, replace(record, handed_at=day(1)))


def test_a_vehicle_of_another_organisation_stays(desk: Conn) -> None:
    assign_operator(desk, SYSTEM, vin=VIN_B, organisation_code="west", at=SIGNED, now=OUT_AT)
    lease_no, record = ready(desk)
    with refused(desk, VehicleOfAnotherOrganisation):
        out(desk, lease_no, record, VIN_B)


def test_who_is_on_the_blacklist_gets_nothing(desk: Conn) -> None:
    lease = signed(desk).lease
    record = Record(driver=driver_of(desk, lease))
    about = {"customer_no": lease.customer_no, "now": OUT_AT}
    propose_blacklisting(desk, east(desk, "sales"), reason="拖欠", **about)
    boss = replace(east(desk, "manager"), name="boss")
    decide_blacklisting(desk, boss, approve=True, note=None, **about)
    with refused(desk, CustomerBlacklisted):
        out(desk, lease.lease_no, record)


def test_what_warns_does_not_forbid(desk: Conn) -> None:
    lease_no, record = ready(desk)
    kinds = [each.kind for each in out(desk, lease_no, record).hand_over.warnings]
    assert kinds == [
        "compulsory_use_unrecorded",
        "commercial_missing",
        "location_consent_missing",
        "no_telemetry",
    ]


def test_nobody_hands_out_what_another_organisation_had_then(desk: Conn) -> None:
    """A hand-over written down late would put that time, and its offences, into our lease."""
    lease_no, record = ready(desk)
    for to, at in (("west", day(-5)), ("east", day(0, 12))):
        assign_operator(desk, SYSTEM, vin=VIN_A, organisation_code=to, at=at, now=OUT_AT)
    early = replace(record, handed_at=day(0, 11))
    with pytest.raises(VehicleOfAnotherOrganisation) as raised, desk.transaction():
        out(desk, lease_no, early, now=OUT_AT)
    assert raised.value.facts["since_at"] == day(0, 12).isoformat()
    out(desk, lease_no, replace(record, handed_at=day(0, 12)), now=OUT_AT)
