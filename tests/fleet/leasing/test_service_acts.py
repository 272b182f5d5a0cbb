"""What happens to leases, and what follows: promises, approvals, renewals, a vehicle bought out."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from psycopg import Connection

from fleet.customers.errors import CustomerBlacklisted
from fleet.customers.service import (
    CustomerFacts,
    create_customer,
    decide_blacklisting,
    propose_blacklisting,
)
from fleet.leasing import errors, refusals
from fleet.leasing import service as leasing
from fleet.leasing.terms import BuyOut, Term
from fleet.registry.service import assign_operator, get_vehicle, list_stages
from kit.errors import VersionChanged
from schemas.access import SYSTEM, Actor, StepUpRequired
from tests.fleet.conftest import VIN_A, VIN_B, refused
from tests.fleet.customers.numbers import credit_code
from tests.fleet.leasing.conftest import (
    KEY,
    RENT_FEN,
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


def test_what_was_known_is_told_in_the_order_it_was_written_down(office: Conn) -> None:
    """Who waited for the other's lock had looked at the clock before."""
    lease_no = signed(office).lease.lease_no
    minute = timedelta(minutes=1)
    out(office, lease_no, at=day(0, 10), now=SIGNED - minute)
    then = told(office, lease_no, known_at=SIGNED - minute / 2, now=day(30))
    assert (then.book, list(then.placed)) == (None, [])
    now_known = told(office, lease_no, known_at=SIGNED, now=day(30)).book
    assert now_known is not None and now_known.last_event_no == 2


def test_a_line_that_was_dropped_costs_nothing(office: Conn) -> None:
    lease_no = out(office, signed(office, terms(line(), line(2))).lease.lease_no).lease_no
    leasing.drop_line(office, SYSTEM, lease_no=lease_no, line_no=2, reason="无车", now=day(1))
    periods = leasing.list_rent_periods(office, SYSTEM, lease_no=lease_no, now=day(1))
    assert {each.rent_fen for each in periods} == {RENT_FEN}


def test_an_approval_is_for_one_customer(office: Conn) -> None:
    unusual = terms(line(vin=VIN_A, rent_fen=100_000))
    lease = drafted(office, unusual).lease
    facts: dict[str, Any] = {"lease_no": lease.lease_no, "now": SIGNED}
    leasing.request_approval(office, SALES, **facts)
    leasing.decide_approval(office, MANAGER, approve=True, **facts)
    other = customer(office, "别家物流")
    changed = {**facts, "version": lease.version, "customer_no": other, "terms": unusual}
    detail = leasing.change_draft(office, SALES, **changed)
    assert not detail.approved
    with refused(office, refusals.LeaseNeedsApproval):
        leasing.sign_lease(office, SALES, **facts)


MAY_NOT = replace(SALES, permissions=SYSTEM.permissions - {"lease.approve"})
UNUSUAL = {
    "rent": terms(line(vin=VIN_A, rent_fen=100_000)),
    "deposit": terms(line(vin=VIN_A, deposit_fen=0)),
}


@pytest.mark.parametrize("what", UNUSUAL)
def test_what_sales_may_not_promise_they_may_not_amend_to(office: Conn, what: str) -> None:
    lease_no = signed(office, terms(line(vin=VIN_A))).lease.lease_no
    facts: dict[str, Any] = {"lease_no": lease_no, "effective_on": START, "reason": "优惠"}
    asked = {"terms": UNUSUAL[what], "now": day(0, 10), **facts}
    with refused(office, refusals.LeaseNeedsApproval):
        leasing.amend_lease(office, MAY_NOT, **asked)
    person = Actor("person", "boss", None, None, SYSTEM.permissions, stepped_up=False)
    with refused(office, StepUpRequired):
        leasing.amend_lease(office, person, **asked)
    leasing.amend_lease(office, MANAGER, **asked)
    sub_let = UNUSUAL[what].model_copy(update={"sub_letting": True})
    leasing.amend_lease(office, MAY_NOT, **{**asked, "terms": sub_let, "now": day(0, 11)})


def test_longer_than_sales_may_promise_they_may_not_extend(office: Conn) -> None:
    lease_no = signed(office).lease.lease_no
    asked: dict[str, Any] = {"lease_no": lease_no, "ends_on": date(2033, 3, 1), "now": day(0, 10)}
    with refused(office, refusals.LeaseNeedsApproval):
        leasing.extend_lease(office, MAY_NOT, **asked)
    assert leasing.extend_lease(office, MANAGER, **asked).lease.ends_on == date(2033, 3, 1)


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


def test_who_signs_is_cautioned_of_until_the_first_hand_over(office: Conn) -> None:
    barred = met(office, phone="13812345678")
    propose_blacklisting(office, SALES, customer_no=barred, reason="逾期", now=SIGNED)
    decide_blacklisting(office, MANAGER, customer_no=barred, approve=True, now=SIGNED)
    usual = {"id_type": "business_licence", "id_number": credit_code(1)}
    like = met(office, phone="138 1234 5678", **usual)
    agreed = terms(line(vin=VIN_A))
    draft = leasing.draft_lease(office, SYSTEM, customer_no=like, terms=agreed, now=SIGNED)
    assert of_customer(draft) == ["customer_like_blacklisted"]
    [caution] = [each for each in draft.cautions if each.code == "customer_like_blacklisted"]
    assert barred not in caution.en + caution.zh
    lease_no = draft.lease.lease_no
    signed_now = leasing.sign_lease(office, SYSTEM, lease_no=lease_no, now=SIGNED)
    assert of_customer(signed_now) == ["customer_like_blacklisted"]
    out(office, lease_no)
    assert of_customer(told(office, lease_no)) == []
    known = met(office, id_type="business_licence", id_number=credit_code(2))
    for customer_no, expected in ((known, []), (met(office), ["customer_without_number"])):
        other = leasing.draft_lease(
            office, SYSTEM, customer_no=customer_no, terms=terms(), now=SIGNED
        )
        assert of_customer(other) == expected


def met(conn: Conn, **given: Any) -> str:
    """The number of a new customer of east."""
    facts = CustomerFacts("company", "顺达物流", **given)
    made = create_customer(conn, SYSTEM, facts=facts, organisation_code="east", key=KEY, now=SIGNED)
    return made.customer_no


def of_customer(detail: leasing.LeaseDetail) -> list[str]:
    return [each.code for each in detail.cautions if each.code.startswith("customer_")]
