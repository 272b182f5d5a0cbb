"""Quotes: for whom, beside the list, how they end, and what becomes of an accepted one."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, Final

import pytest
from psycopg import Connection

from fleet.audit import service as audit
from fleet.leasing.refusals import CustomerOfAnotherOrganisation, LineModelUnknown
from fleet.leasing.service import get_lease_detail
from fleet.orgs.errors import OrganisationNotFound
from fleet.orgs.service import get_organisation
from fleet.quotes import service as quotes
from fleet.quotes.errors import (
    QuoteExpired,
    QuoteForNobody,
    QuoteNeedsCustomer,
    QuoteNotFound,
    QuoteOfAnotherOrganisation,
    QuoteOver,
    QuoteValidityPast,
)
from fleet.quotes.model import ListedRent
from fleet.quotes.service import QuoteDetail, Wanted
from kit.errors import DomainError, VersionChanged
from schemas.access import SYSTEM, Actor, PermissionMissing

from ..conftest import person, refused
from ..leasing.conftest import RENT_FEN, SIGNED, customer, line, office, terms

__all__ = ["office"]
PHONE: Final = "13812345678"
TODAY: Final = date(2026, 3, 2)


@pytest.fixture
def sales(office: Connection[Any]) -> Actor:
    """Somebody of east's sales."""
    return person(get_organisation(office, SYSTEM, code="east"), "sales")


def quoted(conn: Connection[Any], actor: Actor = SYSTEM, **given: Any) -> QuoteDetail:
    """A quote of east for somebody who is no customer yet."""
    now = given.pop("now", SIGNED)
    rng = given.pop("rng", Random(4))
    code = given.pop("organisation_code", "east")
    usual: dict[str, Any] = {"terms": terms(line(model_code="ec35")), "prospect": "王先生"}
    wanted = Wanted(**usual | given)
    return quotes.create_quote(conn, actor, wanted=wanted, organisation_code=code, now=now, rng=rng)


def later(days: int) -> datetime:
    return SIGNED + timedelta(days=days)


def test_for_a_prospect_it_is_of_the_organisation_acted_for(
    office: Connection[Any], sales: Actor
) -> None:
    made = quoted(office, sales, organisation_code=None, prospect_phone=PHONE)
    row = made.quote.row
    assert row.quote_no.startswith("Q2603-")
    assert (row.organisation_code, row.prospect, row.customer_no) == ("east", "王先生", None)
    assert (row.state, row.version, row.created_by) == ("open", 1, "lin")
    assert row.valid_until_on == TODAY + timedelta(days=14)


def test_for_a_customer_it_is_of_the_customers_organisation(office: Connection[Any]) -> None:
    no = customer(office, organisation="west")
    with refused(office, QuoteOfAnotherOrganisation):
        quoted(office, customer_no=no, organisation_code="east")
    made = quoted(office, customer_no=no, prospect=None, organisation_code=None)
    row = made.quote.row
    assert (row.organisation_code, row.customer_no, row.customer_name) == ("west", no, "顺达物流")


def test_what_cannot_be_quoted(office: Connection[Any]) -> None:
    cases: list[tuple[type[DomainError], dict[str, Any]]] = [
        (QuoteForNobody, {"prospect": None}),
        (QuoteValidityPast, {"valid_until_on": TODAY - timedelta(days=1)}),
        (LineModelUnknown, {"terms": terms(line(model_code="none"))}),
        (OrganisationNotFound, {"organisation_code": "nowhere"}),
    ]
    for fact, given in cases:
        with refused(office, fact):
            quoted(office, **given)
    assert quoted(office, valid_until_on=TODAY).quote.row.valid_until_on == TODAY


@pytest.mark.parametrize(
    ("rent_fen", "discount"),
    [(RENT_FEN, "0.0"), (225_000, "10.0"), (224_900, "10.0"), (262_500, "-5.0"), (0, "100.0")],
)
def test_each_line_stands_beside_the_list(
    office: Connection[Any], rent_fen: int, discount: str
) -> None:
    made = quoted(office, terms=terms(line(model_code="ec35", rent_fen=rent_fen), line(2)))
    first, second = made.prices
    assert first.listed == ListedRent(RENT_FEN, "month", RENT_FEN)
    assert first.discount_pct == Decimal(discount)
    assert (second.line_no, second.listed, second.discount_pct) == (2, None, None)


def test_a_number_that_is_taken_is_made_anew(office: Connection[Any]) -> None:
    first, second = quoted(office, rng=Random(7)), quoted(office, rng=Random(7))
    assert first.quote.row.quote_no != second.quote.row.quote_no


def change(conn: Connection[Any], number: str, version: int, **given: Any) -> QuoteDetail:
    usual: dict[str, Any] = {
        "terms": terms(line(model_code="ec35", rent_fen=240_000)),
        "prospect": "王先生",
    }
    return quotes.change_quote(
        conn,
        SYSTEM,
        quote_no=number,
        version=version,
        wanted=Wanted(**usual | given),
        now=given.pop("now", SIGNED),
    )


def test_changed_whole_by_who_read_it_last(office: Connection[Any]) -> None:
    number = quoted(office, prospect_phone=PHONE).quote.row.quote_no
    no = customer(office)
    changed = change(office, number, 1, customer_no=no, prospect=None)
    row = changed.quote.row
    assert (row.customer_no, row.prospect, row.prospect_phone, row.version) == (no, None, None, 2)
    assert changed.quote.terms.lines[0].rent_fen == 240_000
    with refused(office, VersionChanged):
        change(office, number, 1)


def test_it_stays_with_its_organisation(office: Connection[Any]) -> None:
    number = quoted(office).quote.row.quote_no
    elsewhere = customer(office, organisation="west")
    with refused(office, QuoteOfAnotherOrganisation):
        change(office, number, 1, customer_no=elsewhere)
    with refused(office, CustomerOfAnotherOrganisation):
        quotes.accept_quote(office, SYSTEM, quote_no=number, customer_no=elsewhere, now=SIGNED)


def test_accepted_it_becomes_the_draft_of_a_lease(office: Connection[Any]) -> None:
    no = customer(office)
    made = quoted(office, customer_no=no, prospect=None)
    number = made.quote.row.quote_no
    accepted, drafted = quotes.accept_quote(
        office, SYSTEM, quote_no=number, reference="合同-7", now=later(3)
    )
    lease = drafted.lease
    assert (lease.state, lease.customer_no, lease.reference) == ("draft", no, "合同-7")
    assert (lease.organisation_code, lease.terms) == ("east", made.quote.terms)
    row = accepted.quote.row
    assert (row.state, row.lease_no, row.version) == ("accepted", lease.lease_no, 2)
    detail = get_lease_detail(office, SYSTEM, lease_no=lease.lease_no, now=later(3))
    assert detail.terms == made.quote.terms


def test_a_prospect_becomes_a_customer_first(office: Connection[Any]) -> None:
    number = quoted(office).quote.row.quote_no
    with refused(office, QuoteNeedsCustomer):
        quotes.accept_quote(office, SYSTEM, quote_no=number, now=SIGNED)
    no = customer(office)
    accepted, drafted = quotes.accept_quote(
        office, SYSTEM, quote_no=number, customer_no=no, now=SIGNED
    )
    assert (accepted.quote.row.customer_no, accepted.quote.row.prospect) == (no, "王先生")
    assert drafted.lease.customer_no == no


@pytest.mark.parametrize("days", [14, 15], ids=["on its last day", "the day after"])
def test_accepted_until_its_last_day(office: Connection[Any], days: int) -> None:
    no = customer(office)
    number = quoted(office, customer_no=no).quote.row.quote_no
    now = later(days)
    told = quotes.get_quote(office, SYSTEM, quote_no=number, now=now)
    assert told.quote.expired == (days == 15)
    if days == 14:
        accepted, _lease = quotes.accept_quote(office, SYSTEM, quote_no=number, now=now)
        assert accepted.quote.row.state == "accepted"
        return
    with refused(office, QuoteExpired):
        quotes.accept_quote(office, SYSTEM, quote_no=number, now=now)
    until_on = TODAY + timedelta(days=20)
    change(office, number, 1, customer_no=no, valid_until_on=until_on)
    accepted, _lease = quotes.accept_quote(office, SYSTEM, quote_no=number, now=now)
    assert accepted.quote.row.state == "accepted"


def ends(conn: Connection[Any], number: str, no: str) -> Iterator[Any]:
    """Every way a quote goes on."""
    yield lambda: quotes.decline_quote(conn, SYSTEM, quote_no=number, note="贵", now=SIGNED)
    yield lambda: quotes.withdraw_quote(conn, SYSTEM, quote_no=number, note="错", now=SIGNED)
    yield lambda: quotes.accept_quote(conn, SYSTEM, quote_no=number, customer_no=no, now=SIGNED)
    yield lambda: change(conn, number, 2)


@pytest.mark.parametrize("way", range(3))
def test_what_is_over_stays_so(office: Connection[Any], way: int) -> None:
    number, no = quoted(office).quote.row.quote_no, customer(office)
    state = ("declined", "withdrawn", "accepted")[way]
    list(ends(office, number, no))[way]()
    told = quotes.get_quote(office, SYSTEM, quote_no=number, now=SIGNED).quote.row
    assert (told.state, told.state_note) == (state, {0: "贵", 1: "错"}.get(way))
    for again in ends(office, number, no):
        with refused(office, QuoteOver):
            again()


def test_phones_are_told_to_who_writes_quotes(office: Connection[Any], sales: Actor) -> None:
    number = quoted(office, prospect_phone=PHONE).quote.row.quote_no
    (listed,) = quotes.list_quotes(office, sales, {}, now=SIGNED)
    assert listed.row.prospect_phone == "138****5678"
    told = quotes.get_quote(office, sales, quote_no=number, now=SIGNED)
    assert told.quote.row.prospect_phone == PHONE
    finance = person(get_organisation(office, SYSTEM, code="east"), "finance")
    told = quotes.get_quote(office, finance, quote_no=number, now=SIGNED)
    assert told.quote.row.prospect_phone == "138****5678"


def test_the_trail_tells_neither_names_nor_phones(office: Connection[Any]) -> None:
    number = quoted(office, prospect_phone=PHONE).quote.row.quote_no
    change(office, number, 1)
    quotes.decline_quote(office, SYSTEM, quote_no=number, note="太贵", now=SIGNED)
    entries = [e for e in audit.list_entries(office, SYSTEM, {}) if e.object_kind == "quote"]
    assert {entry.action for entry in entries} == {
        "lease.quote",
        "lease.change_quote",
        "lease.quote_declined",
    }
    (made,) = [entry for entry in entries if entry.action == "lease.quote"]
    assert made.after == {
        "customer_no": None,
        "kind": "long",
        "lines": 1,
        "rent_fen": RENT_FEN,
        "valid_until_on": "2026-03-16",
    }
    assert made.organisation_code == "head"
    assert PHONE not in str(entries)
    assert "王先生" not in str(entries)


def test_filters(office: Connection[Any]) -> None:
    no = customer(office)
    first = quoted(office, customer_no=no, prospect=None).quote.row.quote_no
    second = quoted(office, rng=Random(8), now=later(1), prospect="李四").quote.row.quote_no
    quotes.decline_quote(office, SYSTEM, quote_no=second, note="贵", now=later(1))
    asked: list[tuple[dict[str, Any], list[str]]] = [
        ({}, [second, first]),
        ({"state": "declined"}, [second]),
        ({"customer_no": no}, [first]),
        ({"kind": "short"}, []),
        ({"organisation": "head"}, [second, first]),
        ({"organisation": "west"}, []),
        ({"search": "李"}, [second]),
        ({"expired": True}, []),
        ({"created_by": "guanche"}, [second, first]),
    ]
    for filters, numbers in asked:
        found = quotes.list_quotes(office, SYSTEM, filters, now=later(1))
        assert [each.row.quote_no for each in found] == numbers, filters
    found = quotes.list_quotes(office, SYSTEM, {"expired": True}, now=later(20))
    assert [each.row.quote_no for each in found] == [first]


def test_pages_together_are_the_whole_list(office: Connection[Any]) -> None:
    for _ in range(5):
        quoted(office, rng=Random())
    whole = quotes.list_quotes(office, SYSTEM, {}, now=SIGNED)
    found: list[quotes.Quote] = []
    while page := quotes.list_quotes(
        office,
        SYSTEM,
        {},
        after=(found[-1].row.created_at, found[-1].row.quote_no) if found else None,
        limit=2,
        now=SIGNED,
    ):
        found += page
    assert found == whole
    assert len(whole) == 5


def test_a_number_of_nothing(office: Connection[Any]) -> None:
    with refused(office, QuoteNotFound):
        quotes.get_quote(office, SYSTEM, quote_no="Q2603-AAAAAA", now=SIGNED)


ASKED: Final[list[tuple[Any, str, dict[str, Any]]]] = [
    (quotes.list_quotes, "lease.read", {"filters": {}}),
    (quotes.get_quote, "lease.read", {"quote_no": "Q2603-AAAAAA"}),
    (quotes.create_quote, "lease.draft", {"wanted": Wanted(terms(), prospect="王")}),
    (
        quotes.change_quote,
        "lease.draft",
        {"quote_no": "Q2603-AAAAAA", "version": 1, "wanted": Wanted(terms(), prospect="王")},
    ),
    (quotes.accept_quote, "lease.draft", {"quote_no": "Q2603-AAAAAA"}),
    (quotes.decline_quote, "lease.draft", {"quote_no": "Q2603-AAAAAA", "note": "贵"}),
    (quotes.withdraw_quote, "lease.draft", {"quote_no": "Q2603-AAAAAA", "note": "错"}),
]


@pytest.mark.parametrize(("act", "verb", "facts"), ASKED, ids=[act.__name__ for act, *_ in ASKED])
def test_who_lacks_the_verb_gets_none(
    office: Connection[Any], act: Any, verb: str, facts: dict[str, Any]
) -> None:
    owner = person(get_organisation(office, SYSTEM, code="head"))
    lacking = replace(owner, permissions=owner.permissions - {verb})
    with pytest.raises(PermissionMissing) as raised, office.transaction():
        act(office, lacking, **facts, now=SIGNED)
    assert raised.value.facts == {"permission": verb}
