"""What happens to leases, and what follows: promises, approvals, renewals, a vehicle bought out."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from psycopg import Connection

from fleet.customers.errors import CustomerBlacklisted
from fleet.customers.service import decide_blacklisting, propose_blacklisting
from fleet.leasing import errors, refusals
from fleet.leasing import service as leasing
from fleet.leasing.terms import BuyOut, Term
from fleet.registry.service import assign_operator, get_vehicle, list_stages
from kit.errors import VersionChanged
from schemas.access import SYSTEM
from tests.fleet.conftest import VIN_A, VIN_B, refused
from tests.fleet.leasing.conftest import (
    SIGNED,
    START,
    VIN_C,
    back,
    customer,
    day,
    drafted,
    line,
    out,
    signed,
    swapped,
    terms,
)

Conn = Connection[Any]
SALES = replace(SYSTEM, name="sales")
MANAGER = replace(SYSTEM, name="manager")


def told(conn: Conn, lease_no: str, **asked: Any) -> leasing.LeaseDetail:
    return leasing.get_lease_detail(conn, SYSTEM, lease_no=lease_no, **{"now": day(1)} | asked)


def promised(conn: Conn, vin: str = VIN_A) -> bool:
    vehicle = get_vehicle(conn, SYSTEM, vin=vin)
    return leasing.is_held_or_promised(conn, vehicle.id, day(1))


def test_a_signature_promises_and_a_cancellation_gives_back(office: Conn) -> None:
    lease_no = signed(office, terms(line(vin=VIN_A))).lease.lease_no
    assert promised(office)
    other = drafted(office, terms(line(vin=VIN_A))).lease.lease_no
    with refused(office, refusals.VehiclePromised):
        leasing.sign_lease(office, SYSTEM, lease_no=other, now=SIGNED)
    leasing.cancel_lease(office, SYSTEM, lease_no=lease_no, reason="取消", now=day(0))
    assert not promised(office)
    signed_now = leasing.sign_lease(office, SYSTEM, lease_no=other, now=day(0)).lease
    assert signed_now.state == "signed"


def test_unusual_terms_are_approved_by_another_and_exactly_as_they_stand(office: Conn) -> None:
    lease = drafted(office, terms(line(model_code="ec35", rent_fen=100_000))).lease
    asked: dict[str, Any] = {"lease_no": lease.lease_no, "now": SIGNED}
    with pytest.raises(refusals.LeaseNeedsApproval) as needed, office.transaction():
        leasing.sign_lease(office, SALES, **asked)
    assert [reason["code"] for reason in needed.value.facts["reasons"]] == ["rent_below_list"]
    with refused(office, refusals.ApprovalNotAsked):
        leasing.decide_approval(office, MANAGER, approve=True, **asked)
    leasing.request_approval(office, SALES, **asked)
    with refused(office, refusals.ApprovalPending):
        leasing.request_approval(office, SALES, **asked)
    with refused(office, refusals.ApprovalByAnother):
        leasing.decide_approval(office, SALES, approve=True, **asked)
    leasing.decide_approval(office, MANAGER, approve=True, note="大客户", **asked)
    change: dict[str, Any] = {"version": 1, "customer_no": lease.customer_no}
    cheaper = terms(line(model_code="ec35", rent_fen=99_999))
    leasing.change_draft(office, SALES, terms=cheaper, **change, **asked)
    with refused(office, refusals.LeaseNeedsApproval):
        leasing.sign_lease(office, SALES, **asked)
    with refused(office, VersionChanged):
        leasing.change_draft(office, SALES, terms=lease.terms, **change, **asked)
    leasing.change_draft(office, SALES, terms=lease.terms, **change | {"version": 2}, **asked)
    assert leasing.sign_lease(office, SALES, **asked).lease.state == "signed"
    approvals = told(office, lease.lease_no).approvals
    assert [(each.decision, each.decided_by, each.current) for each in approvals] == [
        ("approved", "manager", True)
    ]


def test_what_was_refused_is_asked_for_again(office: Conn) -> None:
    lease_no = drafted(office, terms(term=Term(count=60))).lease.lease_no
    asked: dict[str, Any] = {"lease_no": lease_no, "now": SIGNED}
    for _ in range(2):
        leasing.request_approval(office, SALES, **asked)
        leasing.decide_approval(office, MANAGER, approve=False, **asked)
    with refused(office, refusals.LeaseNeedsApproval):
        leasing.sign_lease(office, SALES, **asked)
    usual = drafted(office).lease.lease_no
    with refused(office, refusals.ApprovalNotNeeded):
        leasing.request_approval(office, SALES, lease_no=usual, now=SIGNED)


def test_nothing_is_let_to_who_is_on_the_blacklist(office: Conn) -> None:
    customer_no = customer(office)
    lease_no = drafted(office, customer_no=customer_no).lease.lease_no
    facts: dict[str, Any] = {"customer_no": customer_no, "now": SIGNED}
    propose_blacklisting(office, SALES, reason="骗租", **facts)
    decide_blacklisting(office, MANAGER, approve=True, **facts)
    with refused(office, CustomerBlacklisted):
        leasing.sign_lease(office, SYSTEM, lease_no=lease_no, now=SIGNED)
    with refused(office, CustomerBlacklisted):
        drafted(office, customer_no=customer_no)


def test_a_vehicle_is_let_by_who_has_it(office: Conn) -> None:
    assign_operator(office, SYSTEM, vin=VIN_A, organisation_code="west", at=day(-2), now=SIGNED)
    with refused(office, refusals.VehicleOfAnotherOrganisation):
        drafted(office, terms(line(vin=VIN_A)))
    lease_no = signed(office).lease.lease_no
    with refused(office, refusals.VehicleOfAnotherOrganisation):
        out(office, lease_no, VIN_A)
    with refused(office, refusals.CustomerOfAnotherOrganisation):
        drafted(office, customer_no=customer(office), organisation_code="west")


def test_terms_of_any_day_are_told_as_they_were_known(office: Conn) -> None:
    lease_no = out(office, signed(office).lease.lease_no).lease_no
    leasing.amend_lease(
        office,
        SYSTEM,
        lease_no=lease_no,
        effective_on=START + timedelta(days=10),
        terms=terms(line(rent_fen=300_000)),
        reason="调价",
        now=day(5),
    )
    swapped(office, lease_no, VIN_B, at=day(20))

    def rent(on: date, **asked: Any) -> int:
        return told(office, lease_no, on=on, now=day(30), **asked).terms.lines[0].rent_fen

    assert rent(START + timedelta(days=9)) == 250_000
    assert rent(START + timedelta(days=10)) == 300_000
    assert rent(START + timedelta(days=10), known_at=day(4)) == 250_000
    on_swap = told(office, lease_no, on=START + timedelta(days=20), now=day(30))
    assert on_swap.day is not None
    assert [on_swap.day.state, len(on_swap.day.segments)] == ["active", 2]
    before = told(office, lease_no, known_at=SIGNED - timedelta(hours=1), now=day(30))
    assert (before.book, before.day, list(before.placed)) == (None, None, [])


def test_a_new_line_with_a_vehicle_comes_by_an_amendment(office: Conn) -> None:
    lease_no = out(office, signed(office, terms(line(vin=VIN_A))).lease.lease_no).lease_no
    swapped(office, lease_no, VIN_C, at=day(2))
    more = terms(line(vin=VIN_A), line(2, vin=VIN_B))
    facts: dict[str, Any] = {"lease_no": lease_no, "reason": "加车", "now": day(3)}
    on = START + timedelta(days=3)
    leasing.amend_lease(office, SYSTEM, effective_on=on, terms=more, **facts)
    assert promised(office, VIN_B)
    lease = out(office, lease_no, VIN_B, 2, at=day(3))
    assert (lease.vehicles, lease.vehicles_out) == (2, 2)


def test_a_lease_that_is_over_its_term_stands_so(office: Conn) -> None:
    lease_no = out(office, signed(office, terms(term=Term(count=1))).lease.lease_no).lease_no
    standing = [told(office, lease_no, now=day(n)).standing for n in (0, 20, 30, 35)]
    assert [each and (each.days_left, each.about_to_end, each.days_over) for each in standing] == [
        (30, True, 0),
        (10, True, 0),
        (0, True, 0),
        (0, False, 5),
    ]
    rows = leasing.list_leases(office, SYSTEM, {}, over_term=True, now=day(35))
    assert [each.lease_no for each in rows] == [lease_no]
    assert leasing.list_leases(office, SYSTEM, {}, over_term=True, now=day(30)) == []
    ending = leasing.list_leases(office, SYSTEM, {}, ending=True, now=day(30))
    assert [each.lease_no for each in ending] == [lease_no]
    vehicle = get_vehicle(office, SYSTEM, vin=VIN_A)
    current = leasing.current_lease_of(office, SYSTEM, vehicle=vehicle, now=day(35))
    assert current is not None and (current.lease_no, current.days_over) == (lease_no, 5)
    assert leasing.count_leases_by(office, SYSTEM, now=day(35)) == ({"active": 1}, 0, 1)


def test_what_is_terminated_is_taken_back_and_stays_terminated(office: Conn) -> None:
    lease_no = out(office, signed(office).lease.lease_no).lease_no
    leasing.terminate_lease(
        office,
        SYSTEM,
        lease_no=lease_no,
        by="lessor",
        clause="第十二条",
        reason="欠租",
        now=day(3),
    )
    lease = back(office, lease_no, at=day(5))
    assert (lease.state, lease.vehicles_out, lease.ended_at) == ("terminated", 0, day(3))


def test_what_is_bought_out_leaves_the_fleet(office: Conn) -> None:
    wanted = terms(line(), line(2), kind="lease_to_own", buy_out=BuyOut(price_fen=100))
    lease_no = out(office, signed(office, wanted).lease.lease_no).lease_no
    with refused(office, errors.LinesNotFilled):
        leasing.buy_out(office, SYSTEM, lease_no=lease_no, now=day(3))
    out(office, lease_no, VIN_B, 2)
    detail = leasing.buy_out(office, SYSTEM, lease_no=lease_no, now=day(3))
    assert (detail.lease.state, detail.lease.ended_at) == ("bought_out", day(3))
    for vin in (VIN_A, VIN_B):
        last = list_stages(office, SYSTEM, vin=vin)[-1]
        assert (last.stage, last.from_at, last.reason) == ("disposed", day(3), f"买断 {lease_no}")
    assert not promised(office)


def test_a_renewal_begins_with_the_vehicles_that_are_there(office: Conn) -> None:
    wanted = terms(line(vin=VIN_A), line(2), line(3), term=Term(count=1))
    lease_no = out(office, signed(office, wanted).lease.lease_no).lease_no
    out(office, lease_no, VIN_B, 2)
    swapped(office, lease_no, VIN_C, at=day(5))
    facts: dict[str, Any] = {"lease_no": lease_no, "now": day(6)}
    draft = leasing.renew_lease(office, SYSTEM, **facts).lease
    assert (draft.renews_no, draft.starts_on) == (lease_no, date(2026, 4, 2))
    assert [(each.no, each.vin) for each in draft.terms.lines] == [(1, VIN_C), (2, VIN_B)]
    with refused(office, refusals.RenewalExists):
        leasing.renew_lease(office, SYSTEM, **facts)
    assert leasing.sign_lease(office, SYSTEM, lease_no=draft.lease_no, now=day(6)).lease.signed_at
    with refused(office, refusals.VehiclePromised):
        leasing.extend_lease(office, SYSTEM, ends_on=date(2026, 6, 1), **facts)
    endless = signed(office, terms(term=Term())).lease.lease_no
    with refused(office, refusals.RenewalOpenEnded):
        leasing.renew_lease(office, SYSTEM, lease_no=endless, now=day(6))


def test_a_draft_called_off_is_over(office: Conn) -> None:
    lease_no = drafted(office).lease.lease_no
    done = leasing.cancel_lease(office, SYSTEM, lease_no=lease_no, reason="不做", now=day(0))
    assert (done.lease.state, done.lease.signed_at) == ("cancelled", None)
    with refused(office, refusals.LeaseIsSigned):
        leasing.sign_lease(office, SYSTEM, lease_no=lease_no, now=day(0))
    assert leasing.check_books(office) == []
