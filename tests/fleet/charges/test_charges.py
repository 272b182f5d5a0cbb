"""Charges: proposed once for what they follow from, decided once."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from psycopg import Connection

from fleet.audit import service as audit
from fleet.charges import errors
from fleet.charges.service import (
    Charge,
    Proposal,
    decide,
    get_charge,
    list_charges,
    list_of_source,
    list_open,
    propose,
)
from fleet.hand_overs.errors import ChargeLineUnknown
from fleet.hand_overs.service import add_charge
from fleet.leasing.refusals import LeaseNotFound
from fleet.leasing.service import Lease
from fleet.orgs.service import get_organisation
from kit.errors import VersionChanged
from schemas.access import SYSTEM, PermissionMissing
from tests.fleet.conftest import VIN_A, person, refused
from tests.fleet.leasing.conftest import customer, day, office, signed

Conn = Connection[Any]
pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
__all__ = ["office"]


def proposal(lease: Lease, title: str = "右后门：凹陷", **given: Any) -> Proposal:
    usual: dict[str, Any] = {
        "lease_id": lease.id,
        "tenant_id": lease.tenant_id,
        "organisation_id": lease.organisation_id,
        "kind": "damage",
        "title": title,
        "amount_fen": 60_000,
        "incurred_on": date(2026, 3, 22),
        "source_kind": "hand_over",
        "source_key": "h-1",
        "basis": {"finding_no": 1},
    }
    return Proposal(**(usual | given))


def proposed(conn: Conn, lease: Lease | None = None, **given: Any) -> Charge:
    lease = lease or signed(conn).lease
    [made] = propose(conn, SYSTEM, proposals=[proposal(lease, **given)], now=day(20))
    return made


def settle(conn: Conn, charge: Charge, *, accept: bool, **given: Any) -> Charge:
    facts = {"version": charge.version, "now": day(21)} | given
    return decide(conn, SYSTEM, key=charge.key, accept=accept, **facts)


def test_the_same_source_kind_and_title_is_the_same_charge(office: Conn) -> None:
    lease = signed(office).lease
    first = proposed(office, lease)
    again = proposed(office, lease, amount_fen=99)
    assert (again.key, again.amount_fen, again.basis) == (first.key, 60_000, {"finding_no": 1})
    for given in ({"title": "顶棚"}, {"kind": "other"}, {"source_key": "h-2"}):
        assert proposed(office, lease, **given).key != first.key
    assert len(list_charges(office, SYSTEM, {"lease": lease.lease_no})) == 4
    entries = audit.list_entries(office, SYSTEM, {"action": "charge.propose"})
    assert len(entries) == 4
    assert entries[-1].after == {
        "lease_no": lease.lease_no,
        "kind": "damage",
        "source": "hand_over",
        "amount_fen": 60_000,
    }


def test_a_waived_charge_is_not_proposed_anew(office: Conn) -> None:
    lease = signed(office).lease
    waived = settle(office, proposed(office, lease), accept=False, note="旧伤")
    assert proposed(office, lease) == waived
    assert (waived.state, waived.accepted_fen, waived.decision_note) == ("waived", None, "旧伤")


@pytest.mark.parametrize(
    ("amount_fen", "note", "accepted_fen"),
    [
        (None, None, 60_000),
        (60_000, None, 60_000),
        (45_000, "协商", 45_000),
        (70_000, "实价", 70_000),
    ],
    ids=["as proposed", "the same said", "less", "more"],
)
def test_it_is_accepted_for_an_amount(
    office: Conn, amount_fen: int | None, note: str | None, accepted_fen: int
) -> None:
    accepted = settle(office, proposed(office), accept=True, amount_fen=amount_fen, note=note)
    assert (accepted.state, accepted.accepted_fen, accepted.amount_fen) == (
        *("accepted", accepted_fen),
        60_000,
    )
    assert (accepted.decided_by, accepted.decided_at) == ("guanche", day(21))
    assert accepted.version == 2
    [entry] = audit.list_entries(office, SYSTEM, {"action": "charge.decide"})
    assert entry.before == {"state": "proposed", "amount_fen": 60_000}
    assert entry.after == {"state": "accepted", "accepted_fen": accepted_fen}


@pytest.mark.parametrize(
    ("given", "fact"),
    [
        ({"accept": True, "amount_fen": 45_000}, errors.DecisionNoteMissing),
        ({"accept": False}, errors.DecisionNoteMissing),
        ({"accept": False, "amount_fen": 0, "note": "免"}, errors.WaivedHasNoAmount),
        ({"accept": True, "version": 2}, VersionChanged),
        ({"accept": True, "key": UUID(int=0)}, errors.ChargeNotFound),
    ],
    ids=["less without a word", "waived without a word", "waived for 0", "changed", "no such"],
)
def test_decisions_that_are_none(office: Conn, given: Any, fact: Any) -> None:
    charge = proposed(office)
    usual = {"key": charge.key, "version": 1, "now": day(21)}
    with refused(office, fact):
        decide(office, SYSTEM, **(usual | given))
    assert get_charge(office, SYSTEM, key=charge.key) == charge


def test_it_is_decided_once(office: Conn) -> None:
    accepted = settle(office, proposed(office), accept=True)
    with pytest.raises(errors.ChargeDecidedAlready) as raised, office.transaction():
        settle(office, accepted, accept=False, note="免")
    assert raised.value.facts["state"] == "accepted"


@pytest.mark.parametrize(("role", "may"), [("finance", True), ("manager", True), ("ops", False)])
def test_who_decides(office: Conn, role: Any, may: bool) -> None:
    charge = proposed(office)
    actor = person(get_organisation(office, SYSTEM, code="east"), role)
    about = {"key": charge.key, "version": 1, "accept": True, "now": day(21)}
    if may:
        assert decide(office, actor, **about).decided_by == "lin"
        return
    with refused(office, PermissionMissing):
        decide(office, actor, **about)


def test_what_is_open_is_neither_waived_nor_billed(office: Conn) -> None:
    lease = signed(office).lease
    kept = [proposed(office, lease, title=each) for each in ("甲", "乙", "丙", "丁")]
    settle(office, kept[0], accept=False, note="免")
    settle(office, kept[1], accept=True)
    settle(office, kept[2], accept=True)
    office.execute("UPDATE charges SET state = 'billed' WHERE key = %s", [kept[2].key])
    proposed(office)
    assert {each.title for each in list_open(office, lease_id=lease.id)} == {"乙", "丁"}
    of_it = list_of_source(office, source_kind="hand_over", source_key="h-1")
    assert len(of_it) == 5


def test_filters(office: Conn) -> None:
    lease = signed(office).lease
    other = signed(office, customer_no=customer(office, "远通快运")).lease
    vehicle = office.execute("SELECT id FROM vehicles WHERE vin = %s", [VIN_A]).fetchone()
    assert vehicle is not None
    damage = proposed(office, lease, vehicle_id=vehicle[0], line_no=1)
    energy = proposed(office, other, kind="energy", title="补电费")
    waived = settle(office, proposed(office, lease, title="清洁"), accept=False, note="免")
    for filters, found in (
        ({}, {damage.key, energy.key, waived.key}),
        ({"state": "waived"}, {waived.key}),
        ({"kind": "energy"}, {energy.key}),
        ({"lease": lease.lease_no}, {damage.key, waived.key}),
        ({"customer": other.customer_no}, {energy.key}),
        ({"vin": VIN_A}, {damage.key}),
        ({"organisation": "head"}, {damage.key, energy.key, waived.key}),
        ({"organisation": "west"}, set()),
        ({"search": "远通"}, {energy.key}),
        ({"search": "补电"}, {energy.key}),
        ({"search": VIN_A[-6:].lower()}, {damage.key}),
    ):
        assert {each.key for each in list_charges(office, SYSTEM, filters)} == found, filters


def test_pages_together_are_the_whole_list(office: Conn) -> None:
    lease = signed(office).lease
    whole = [proposed(office, lease, title=f"第{n}项") for n in range(5)]
    settle(office, whole[0], accept=True)
    listed = list_charges(office, SYSTEM, {})
    after, walked = None, []
    while page := list_charges(office, SYSTEM, {}, after=after, limit=2):
        walked += page
        after = (page[-1].proposed_at, page[-1].key)
    assert walked == listed
    assert len(walked) == 5


def test_a_charge_by_hand(office: Conn) -> None:
    lease = signed(office).lease
    facts: dict[str, Any] = {
        "lease_no": lease.lease_no,
        "kind": "other",
        "title": "遗失充电线",
        "amount_fen": 80_000,
        "incurred_on": date(2026, 3, 22),
        "now": day(20),
    }
    east = get_organisation(office, SYSTEM, code="east")
    made = add_charge(office, person(east, "sales"), **facts, line_no=1, note="按配件价")
    assert (made.source_kind, made.basis, made.line_no) == ("hand", {"note": "按配件价"}, 1)
    assert (made.proposed_by, made.state) == ("lin", "proposed")
    twice = add_charge(office, SYSTEM, **facts)
    assert (twice.key != made.key, twice.line_no, twice.basis) == (True, None, {})
    with refused(office, ChargeLineUnknown):
        add_charge(office, SYSTEM, **facts, line_no=2)
    with refused(office, LeaseNotFound):
        add_charge(office, SYSTEM, **{**facts, "lease_no": "L2603-AAAAAA"})
    auditor = replace(person(east, "auditor"), name="auditor")
    with refused(office, PermissionMissing):
        add_charge(office, auditor, **facts)
