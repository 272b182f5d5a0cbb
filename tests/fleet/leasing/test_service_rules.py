"""What every service of leases keeps: permissions, step-up, and a word in the trail."""

import inspect
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any, Final, NamedTuple

import pytest
from psycopg import Connection

from fleet.audit import service as audit
from fleet.leasing import service as leasing
from fleet.leasing.terms import BuyOut, Term
from schemas.access import SYSTEM, Actor, PermissionMissing, StepUpRequired
from tests.fleet.conftest import VIN_A
from tests.fleet.leasing.conftest import (
    START,
    customer,
    day,
    drafted,
    line,
    out,
    signed,
    terms,
)

Conn = Connection[Any]
on_one_storage = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)


class Asked(NamedTuple):
    """A service function, the verb it asks for, a lease that allows it, what else it is given."""

    function: Callable[..., Any]
    verb: str
    lease: Callable[[Conn], str] | None
    facts: dict[str, Any]


def a_draft(conn: Conn) -> str:
    return drafted(conn).lease.lease_no


def an_unusual_draft(conn: Conn) -> str:
    return drafted(conn, terms(term=Term(count=60))).lease.lease_no


def an_asked_draft(conn: Conn) -> str:
    lease_no = an_unusual_draft(conn)
    leasing.request_approval(conn, replace(SYSTEM, name="sales"), lease_no=lease_no, now=day(0))
    return lease_no


def a_signed_one(conn: Conn) -> str:
    return signed(conn, terms(line(), line(2))).lease.lease_no


def a_running_one(conn: Conn) -> str:
    return out(conn, a_signed_one(conn)).lease_no


def a_resting_one(conn: Conn) -> str:
    lease_no = a_running_one(conn)
    leasing.suspend_lease(
        conn, SYSTEM, lease_no=lease_no, from_on=START, credited=True, reason="停运", now=day(0, 16)
    )
    return lease_no


def one_to_own(conn: Conn) -> str:
    wanted = terms(kind="lease_to_own", buy_out=BuyOut(price_fen=0))
    return out(conn, signed(conn, wanted).lease.lease_no).lease_no


BECAUSE: Final = {"reason": "改"}
PRICE: Final = {
    "model_code": "ec35", "lease_kind": "long", "rent_fen": 1, "per": "month", "deposit_fen": 0,
}  # fmt: skip
CHANGES: Final = [
    Asked(leasing.draft_lease, "lease.draft", None, {"terms": terms()}),
    Asked(leasing.change_draft, "lease.draft", a_draft, {"terms": terms(), "version": 1}),
    Asked(leasing.request_approval, "lease.draft", an_unusual_draft, {}),
    Asked(leasing.decide_approval, "lease.approve", an_asked_draft, {"approve": True}),
    Asked(leasing.sign_lease, "lease.start", a_draft, {}),
    Asked(leasing.renew_lease, "lease.draft", a_signed_one, {}),
    Asked(leasing.cancel_lease, "lease.end", a_signed_one, BECAUSE),
    Asked(leasing.cancel_lease, "lease.end", a_draft, BECAUSE),
    Asked(
        leasing.amend_lease,
        "lease.change",
        a_signed_one,
        {"effective_on": date(2026, 4, 1), "terms": terms(line(), line(2)), **BECAUSE},
    ),
    Asked(leasing.extend_lease, "lease.change", a_signed_one, {"ends_on": None}),
    Asked(
        leasing.suspend_lease,
        "lease.change",
        a_running_one,
        {"from_on": START, "credited": False, **BECAUSE},
    ),
    Asked(leasing.resume_lease, "lease.change", a_resting_one, {"on": START}),
    Asked(leasing.drop_line, "lease.change", a_signed_one, {"line_no": 2, **BECAUSE}),
    Asked(
        leasing.terminate_lease,
        "lease.terminate",
        a_running_one,
        {"by": "lessor", "clause": "第十二条", **BECAUSE},
    ),
    Asked(leasing.buy_out, "lease.end", one_to_own, {}),
    Asked(leasing.set_price, "price.change", None, {**PRICE, "organisation_code": "head"}),
]
NOW_TOO: Final = {"now": day(0, 17)}
READS: Final = [
    Asked(leasing.get_lease, "lease.read", a_draft, {}),
    Asked(leasing.get_lease_detail, "lease.read", a_running_one, NOW_TOO),
    Asked(leasing.list_leases, "lease.read", None, {"filters": {}, **NOW_TOO}),
    Asked(leasing.count_leases_by, "lease.read", None, NOW_TOO),
    Asked(leasing.list_events, "lease.read", a_running_one, {}),
    Asked(leasing.list_rent_periods, "lease.read", a_running_one, NOW_TOO),
    Asked(leasing.preview_early_end, "lease.read", a_running_one, NOW_TOO),
    Asked(leasing.list_vehicle_leases, "lease.read", None, {"vin": VIN_A, **NOW_TOO}),
    Asked(leasing.list_prices, "lease.read", None, {"organisation_code": "head", **NOW_TOO}),
]
SEEN_ELSEWHERE: Final = {
    **dict.fromkeys(("hand_out", "swap", "take_back", "lock_lease"), "hand_over.record is asked"),
    **dict.fromkeys(
        ("held_at", "current_holding", "find_book", "find_books", "vins_of"), "who calls decides"
    ),
    **dict.fromkeys(("is_held_or_promised", "price_for", "check_own"), "who calls decides"),
    "lock_vehicles": "who calls decides",
    **dict.fromkeys(("check_lines", "prices_of_lines"), "who calls decides"),
    "current_lease_of": "of a vehicle that was read: tests/fleet/assets",
    "check_books": "a command of the system",
}
"""Services that are not asked here, and why."""
OF_OTHERS: Final = ("availability", "over_term", "in_bulk")
"""Parts whose services are asked in tests of their own."""


def given(asked: Asked, conn: Conn) -> dict[str, Any]:
    facts = dict(asked.facts)
    names = inspect.signature(asked.function).parameters
    if asked.lease is not None:
        facts["lease_no"] = asked.lease(conn)
    if "customer_no" in names:
        facts["customer_no"] = customer(conn)
    if "now" in names:
        facts.setdefault("now", day(0, 18))
    return facts


def without(verb: str) -> Actor:
    return replace(SYSTEM, permissions=SYSTEM.permissions - {verb})


@on_one_storage
@pytest.mark.parametrize("asked", [*CHANGES, *READS], ids=lambda asked: asked.function.__name__)
def test_a_service_asks_for_its_verb(office: Conn, asked: Asked) -> None:
    facts = given(asked, office)
    with pytest.raises(PermissionMissing) as missing, office.transaction():
        asked.function(office, without(asked.verb), **facts)
    assert missing.value.facts["permission"] == asked.verb
    asked.function(office, SYSTEM, **facts)


@on_one_storage
@pytest.mark.parametrize("asked", CHANGES, ids=lambda asked: asked.function.__name__)
def test_a_change_is_written_down_without_personal_data(office: Conn, asked: Asked) -> None:
    facts = given(asked, office)
    asked.function(office, replace(SYSTEM, name="li.na"), **facts)
    fresh = audit.list_entries(office, SYSTEM, {"actor": "li.na"}, limit=500)
    told = [each for each in fresh if each.object_kind in ("lease", "rent_price")]
    assert len(told) == 1
    assert "顺达物流" not in str([(each.before, each.after) for each in fresh])


@on_one_storage
@pytest.mark.parametrize("verb", ["lease.terminate", "lease.approve"])
def test_the_dangerous_ask_for_the_password_once_more(office: Conn, verb: str) -> None:
    [asked] = [each for each in CHANGES if each.verb == verb]
    someone = Actor("person", "li.na", None, None, SYSTEM.permissions, stepped_up=False)
    facts = given(asked, office)
    with pytest.raises(StepUpRequired):
        asked.function(office, someone, **facts)


def test_every_service_is_asked() -> None:
    public = {
        name
        for name in leasing.__all__
        if inspect.isfunction(function := getattr(leasing, name))
        and function.__module__.endswith(".service")
        and not any(part in function.__module__ for part in OF_OTHERS)
    }
    asked = {each.function.__name__ for each in [*CHANGES, *READS]}
    assert public - asked - SEEN_ELSEWHERE.keys() == set()
