"""Service packages: what is on the list, which terms are due, which visits are counted."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

import pytest
from psycopg import Connection

from fleet.audit import service as audit
from fleet.leasing.errors import LeaseNotSigned
from fleet.leasing.service import cancel_lease, terminate_lease
from fleet.leasing.terms import Term
from fleet.orgs.service import create_organisation, get_organisation
from fleet.packages import errors
from fleet.packages.service import (
    PackageTerm,
    Sale,
    add_package,
    end_sale,
    get_sale,
    list_packages,
    list_sales,
    record_visit,
    retire_package,
    sell_package,
    terms_due,
)
from fleet.registry.service import get_vehicle
from fleet.service.service import NewWorkOrder, open_work_order
from kit.errors import VersionChanged
from schemas.access import SYSTEM, Actor, PermissionMissing
from tests.fleet.conftest import VIN_A, VIN_B, person, refused
from tests.fleet.leasing.conftest import (
    START,
    back,
    day,
    drafted,
    line,
    office,
    out,
    signed,
    swapped,
    terms,
)

Conn = Connection[Any]
pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
__all__ = ["office"]
FAR: Final = date(2029, 1, 1)
CHECKS: Final[dict[str, Any]] = {
    "code": "battery-year",
    "title": "电池年度体检（4 次）",
    "months": 12,
    "price_fen": 80_000,
    "visit_kind": "battery_check",
    "visits": 4,
}


def of(conn: Conn, code: str, *roles: Any) -> Actor:
    return person(get_organisation(conn, SYSTEM, code=code), *roles)


@pytest.fixture
def shop(office: Conn) -> Conn:
    """The head sells four battery checks a year, and washing by the month."""
    head = of(office, "head")
    add_package(office, head, **CHECKS, now=day(-1))
    monthly: dict[str, Any] = {"code": "wash", "title": "洗车", "months": 1, "price_fen": 6_000}
    add_package(office, head, **monthly, now=day(-1))
    return office


def running(conn: Conn, **given: Any) -> str:
    """The number of a lease of a year with A out in line 1."""
    return out(conn, signed(conn, terms(line(), line(2), **given)).lease.lease_no).lease_no


def sold(conn: Conn, lease_no: str, package: str = "battery-year", **given: Any) -> Sale:
    facts: dict[str, Any] = {"now": day(0, 16)} | given
    return sell_package(conn, SYSTEM, lease_no=lease_no, package=package, **facts)


def due(conn: Conn, sale: Sale, until_on: date = FAR) -> list[PackageTerm]:
    return terms_due(conn, [sale.row.lease_id], until_on=until_on).get(sale.row.lease_id, [])


def check_of(conn: Conn, vin: str = VIN_A, kind: Any = "battery_check") -> str:
    wanted = NewWorkOrder(vin=vin, kind=kind, title="电池体检")
    return open_work_order(conn, SYSTEM, wanted=wanted, now=day(1)).order.number


def test_a_package_of_a_year_is_one_term_in_advance(shop: Conn) -> None:
    sale = sold(shop, running(shop))
    assert due(shop, sale) == [
        PackageTerm(
            sale_key=str(sale.row.key),
            no=1,
            title="电池年度体检（4 次）",
            amount_fen=80_000,
            from_on=START,
            until_on=date(2027, 3, 2),
            line_no=None,
            vehicle_id=None,
        )
    ]
    assert (sale.visits_done, sale.visits_left) == (0, 4)
    assert sale.term is not None
    assert (sale.term.no, sale.term.until_on) == (1, date(2027, 3, 2))
    assert sale.row.customer_no.startswith("C")


def test_what_renews_has_a_term_after_each_up_to_the_last_day_of_the_lease(shop: Conn) -> None:
    sale = sold(shop, running(shop), renews=True, from_on=date(2026, 3, 31), package="wash")
    begins = [term.from_on for term in due(shop, sale)]
    assert begins[:4] == [
        date(2026, 3, 31),
        date(2026, 4, 30),
        date(2026, 5, 31),
        date(2026, 6, 30),
    ]
    assert (begins[-1], len(begins)) == (date(2027, 2, 28), 12)
    assert [term.no for term in due(shop, sale, date(2026, 5, 31))] == [1, 2]
    assert due(shop, sale)[1].until_on == date(2026, 5, 31)


def test_a_renewing_sale_of_an_open_ended_lease_goes_on(shop: Conn) -> None:
    sale = sold(shop, running(shop, term=Term()), renews=True)
    assert [term.from_on.year for term in due(shop, sale)] == [2026, 2027, 2028]


def test_a_sale_ended_early_bills_no_further_term(shop: Conn) -> None:
    sale = sold(shop, running(shop), "wash", renews=True)
    ended = end_sale(shop, SYSTEM, key=sale.row.key, version=1, now=day(40))
    assert (ended.row.ended_on, ended.row.version) == (date(2026, 4, 11), 2)
    assert [term.from_on for term in due(shop, ended)] == [START, date(2026, 4, 2)]
    [entry] = audit.list_entries(shop, SYSTEM, {"action": "package.end"})
    assert (entry.before, entry.after) == ({"ended_on": None}, {"ended_on": "2026-04-11"})
    with refused(shop, errors.PackageSaleEnded):
        end_sale(shop, SYSTEM, key=sale.row.key, version=2, now=day(41))


def test_a_sale_ended_on_its_first_day_was_never_sold(shop: Conn) -> None:
    sale = sold(shop, running(shop))
    ended = end_sale(shop, SYSTEM, key=sale.row.key, version=1, ended_on=START, now=day(9))
    assert due(shop, ended) == []
    assert (ended.term, ended.visits_left) == (None, 0)


@pytest.mark.parametrize(
    ("given", "fact"),
    [
        ({"ended_on": START - timedelta(days=1)}, errors.PackageEndOutsideSale),
        ({"ended_on": START + timedelta(days=10)}, errors.PackageEndOutsideSale),
        ({"version": 2}, VersionChanged),
        ({"key": UUID(int=0)}, errors.PackageSaleNotFound),
    ],
    ids=["before it began", "tomorrow", "changed", "no such"],
)
def test_ends_that_are_none(shop: Conn, given: Any, fact: Any) -> None:
    sale = sold(shop, running(shop))
    usual: dict[str, Any] = {"key": sale.row.key, "version": 1, "now": day(9)}
    with refused(shop, fact):
        end_sale(shop, SYSTEM, **(usual | given))


def test_a_lease_that_is_over_has_no_further_term(shop: Conn) -> None:
    lease_no = running(shop)
    sale = sold(shop, lease_no, "wash", renews=True)
    back(shop, lease_no, at=day(45))
    terminate_lease(
        shop,
        SYSTEM,
        lease_no=lease_no,
        by="lessor",
        clause="第十条",
        reason="欠租",
        now=day(45, 18),
    )
    assert [term.from_on for term in due(shop, sale)] == [START, date(2026, 4, 2)]


def test_a_cancelled_lease_owes_none(shop: Conn) -> None:
    lease_no = signed(shop).lease.lease_no
    sale = sold(shop, lease_no)
    cancel_lease(shop, SYSTEM, lease_no=lease_no, reason="取消", now=day(1))
    assert terms_due(shop, [sale.row.lease_id], until_on=FAR) == {}


def test_the_vehicle_of_a_term_is_the_one_in_the_line_then(shop: Conn) -> None:
    lease_no = running(shop)
    sale = sold(shop, lease_no, "wash", line_no=1, renews=True)
    swapped(shop, lease_no, VIN_B, at=day(40))
    a, b = (get_vehicle(shop, SYSTEM, vin=vin).id for vin in (VIN_A, VIN_B))
    found = due(shop, sale, date(2026, 6, 1))
    assert [(term.from_on.month, term.line_no, term.vehicle_id) for term in found] == [
        *((3, 1, a), (4, 1, a)),
        (5, 1, b),
    ]
    to_come = sold(shop, lease_no, "wash", line_no=2)
    [of_line_2] = [term for term in due(shop, to_come) if term.line_no == 2]
    assert of_line_2.vehicle_id is None
    of_a = sold(shop, lease_no, "wash", vin=VIN_A, now=day(41))
    assert [t.vehicle_id for t in due(shop, of_a) if t.sale_key == str(of_a.row.key)] == [a]


def test_what_costs_nothing_is_on_no_bill(shop: Conn) -> None:
    sale = sold(shop, running(shop), price_fen=0)
    assert due(shop, sale) == []
    assert sale.visits_left == 4


def test_terms_of_several_leases_at_once(shop: Conn) -> None:
    first = sold(shop, signed(shop).lease.lease_no, price_fen=70_000)
    second = sold(shop, signed(shop).lease.lease_no, "wash")
    neither = signed(shop).lease.id
    ids = [first.row.lease_id, second.row.lease_id, neither]
    found = terms_due(shop, ids, until_on=FAR)
    assert {lease: [term.amount_fen for term in of] for lease, of in found.items()} == {
        first.row.lease_id: [70_000],
        second.row.lease_id: [6_000],
    }


@pytest.mark.parametrize(
    ("given", "fact"),
    [
        ({"from_on": START - timedelta(days=1)}, errors.PackageOutsideLease),
        ({"from_on": date(2027, 3, 2)}, errors.PackageOutsideLease),
        ({"line_no": 3}, errors.PackageLineUnknown),
        ({"vin": VIN_B}, errors.PackageLineUnknown),
        ({"vin": VIN_A, "line_no": 2}, errors.PackageLineUnknown),
        ({"package": "none"}, errors.PackageNotFound),
    ],
    ids=["before", "after", "no line", "not of the lease", "of another line", "no package"],
)
def test_sales_that_are_none(shop: Conn, given: Any, fact: Any) -> None:
    lease_no = running(shop)
    with refused(shop, fact):
        sold(shop, lease_no, **given)


def test_nothing_is_sold_with_a_draft(shop: Conn) -> None:
    with refused(shop, LeaseNotSigned):
        sold(shop, drafted(shop).lease.lease_no)


def test_what_is_retired_is_not_sold_and_goes_on_where_it_was(shop: Conn) -> None:
    lease_no = running(shop)
    sale = sold(shop, lease_no)
    head = of(shop, "head", "manager")
    retired = retire_package(shop, head, code="battery-year", now=day(1))
    assert retired.retired_at == day(1)
    with refused(shop, errors.PackageRetired):
        sold(shop, lease_no)
    with refused(shop, errors.PackageRetired):
        retire_package(shop, head, code="battery-year", now=day(2))
    assert len(due(shop, sale)) == 1
    on_sale = list_packages(shop, head, retired=False)
    assert [package.code for package in on_sale] == ["wash"]


def test_an_organisation_s_own_package_comes_before_the_head_s(shop: Conn) -> None:
    east, west = of(shop, "east"), of(shop, "west")
    add_package(shop, east, **(CHECKS | {"price_fen": 75_000}), now=day(-1))
    listed = [(p.code, p.price_fen) for p in list_packages(shop, east)]
    assert listed == [("battery-year", 75_000), ("wash", 6_000)]
    assert [p.price_fen for p in list_packages(shop, west)] == [80_000, 6_000]
    assert sold(shop, running(shop)).row.price_fen == 75_000
    with refused(shop, errors.PackageNotFound):
        retire_package(shop, west, code="battery-year", now=day(1))
    with refused(shop, errors.PackageExists):
        add_package(shop, east, **CHECKS, now=day(1))


def test_visits_are_of_a_kind(shop: Conn) -> None:
    head = of(shop, "head")
    for given in ({"visits": 0}, {"visit_kind": None}):
        with refused(shop, errors.PackageVisitsOfNoKind):
            add_package(shop, head, **(CHECKS | {"code": "half"} | given), now=day(1))


def test_visits_are_counted_against_their_work_orders(shop: Conn) -> None:
    sale = sold(shop, running(shop))
    order = check_of(shop)
    after = record_visit(shop, SYSTEM, key=sale.row.key, work_order=order, now=day(2))
    assert (after.visits_done, after.visits_left) == (1, 3)
    [visit] = after.made
    assert (visit.no, visit.visited_on, visit.work_order_no, visit.term_no, visit.beyond) == (
        *(1, date(2026, 3, 4), order),
        *(1, False),
    )
    with refused(shop, errors.VisitCounted):
        record_visit(shop, SYSTEM, key=sale.row.key, work_order=order, now=day(3))
    [entry] = audit.list_entries(shop, SYSTEM, {"action": "package.visit"})
    assert entry.after == {
        "no": 1,
        "visited_on": "2026-03-04",
        "work_order": order,
        "beyond": False,
    }


def test_never_more_visits_than_included_without_saying_so(shop: Conn) -> None:
    sale = sold(shop, running(shop))
    key = sale.row.key
    for number in range(4):
        record_visit(shop, SYSTEM, key=key, note=f"门店 {number}", now=day(2 + number))
    with pytest.raises(errors.VisitBeyondIncluded) as raised, shop.transaction():
        record_visit(shop, SYSTEM, key=key, note="又一次", now=day(9))
    assert raised.value.facts == {"visits": 4, "term": 1}
    after = record_visit(shop, SYSTEM, key=key, note="又一次", beyond=True, now=day(9))
    assert [visit.beyond for visit in after.made] == [False] * 4 + [True]
    assert (after.visits_done, after.visits_left) == (5, 0)


def test_what_a_term_includes_is_of_that_term(shop: Conn) -> None:
    sale = sold(shop, running(shop, term=Term(count=24)), renews=True)
    key = sale.row.key
    for number in range(4):
        record_visit(shop, SYSTEM, key=key, note="店", now=day(2 + number))
    after = record_visit(shop, SYSTEM, key=key, note="店", now=day(365))
    assert [visit.term_no for visit in after.made] == [1, 1, 1, 1, 2]
    assert (after.term and after.term.no, after.visits_done, after.visits_left) == (2, 1, 3)
    assert get_sale(shop, SYSTEM, key=key, now=day(364)).visits_done == 4


@pytest.mark.parametrize(
    ("given", "fact"),
    [
        ({}, errors.VisitOfNoWork),
        ({"note": "店", "visited_on": START - timedelta(days=1)}, errors.VisitOutsideTerm),
        ({"note": "店", "visited_on": date(2026, 3, 5)}, errors.VisitOutsideTerm),
        ({"kind": "maintenance"}, errors.VisitOfOtherWork),
        ({"vin": VIN_B}, errors.VisitOfOtherWork),
    ],
    ids=["by nothing", "before the sale", "tomorrow", "other work", "another vehicle"],
)
def test_visits_that_are_none(shop: Conn, given: Any, fact: Any) -> None:
    sale = sold(shop, running(shop))
    facts = dict(given)
    if {"kind", "vin"} & facts.keys():
        facts = {"work_order": check_of(shop, **facts)}
    with refused(shop, fact):
        record_visit(shop, SYSTEM, key=sale.row.key, **facts, now=day(2))


def test_a_package_without_visits_has_none_to_count(shop: Conn) -> None:
    sale = sold(shop, running(shop), "wash")
    with refused(shop, errors.VisitNotIncluded):
        record_visit(shop, SYSTEM, key=sale.row.key, note="店", now=day(2))


def test_sales_are_found(shop: Conn) -> None:
    lease_no = running(shop)
    mine, other = sold(shop, lease_no), sold(shop, signed(shop).lease.lease_no, "wash")
    create_organisation(shop, SYSTEM, code="yard", name="场", parent_code="west", now=day(0))

    def keys(**filters: Any) -> set[UUID]:
        return {sale.row.key for sale in list_sales(shop, SYSTEM, filters, now=day(1))}

    assert keys() == {mine.row.key, other.row.key}
    assert keys(lease=lease_no) == keys(package="battery-year") == {mine.row.key}
    assert keys(customer=other.row.customer_no) == keys(search="洗车") == {other.row.key}
    assert keys(organisation="head") == keys(ended=False) == {mine.row.key, other.row.key}
    assert keys(organisation="yard") == keys(ended=True) == set()


@pytest.mark.parametrize(
    ("function", "verb"),
    [
        (add_package, "package.change"),
        (retire_package, "package.change"),
        (sell_package, "package.sell"),
        (end_sale, "package.sell"),
        (record_visit, "work_order.change"),
        (get_sale, "lease.read"),
        (list_packages, "lease.read"),
        (list_sales, "lease.read"),
    ],
)
def test_who_lacks_the_verb_gets_none(shop: Conn, function: Any, verb: str) -> None:
    sale = sold(shop, running(shop))
    facts: dict[Any, dict[str, Any]] = {
        add_package: CHECKS | {"code": "other"},
        retire_package: {"code": "wash"},
        sell_package: {"lease_no": sale.row.lease_no, "package": "wash"},
        end_sale: {"key": sale.row.key, "version": 1},
        record_visit: {"key": sale.row.key, "note": "店"},
        get_sale: {"key": sale.row.key},
        list_packages: {},
        list_sales: {"filters": {}},
    }
    owner = of(shop, "head")
    timed = {} if function is list_packages else {"now": day(2)}
    with pytest.raises(PermissionMissing) as raised, shop.transaction():
        lacking = replace(owner, permissions=owner.permissions - {verb})
        function(shop, lacking, **facts[function], **timed)
    assert raised.value.facts == {"permission": verb}
    function(shop, owner, **facts[function], **timed)
