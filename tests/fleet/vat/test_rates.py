"""Rates of VAT by day, taxpayer and kind of line; the split of a price."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import Connection

from fleet.audit import service as audit
from fleet.billing.model import LINE_KINDS
from fleet.money_figures import VatTreatment
from fleet.orgs.errors import OrganisationNotFound
from fleet.orgs.service import get_organisation
from fleet.vat.errors import SimplifiedIsGeneral
from fleet.vat.service import VatTable, list_taxpayers, rates_of, rates_on, set_taxpayer, split
from kit.db import act_for
from schemas.access import SYSTEM
from tests.fleet.conftest import NOW, refused

Conn = Connection[Any]
one_storage = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)


def table(conn: Conn, on: date, organisation: str = "east") -> VatTable:
    about = get_organisation(conn, SYSTEM, code=organisation)
    act_for(conn, [about.id])  # what those above said is told to whoever acts for somebody
    return rates_on(conn, organisation_id=about.id, tenant_id=about.tenant_id, on=on)


def say(conn: Conn, organisation: str, taxpayer: Any, on: date, **given: Any) -> Any:
    facts = {"organisation": organisation, "taxpayer": taxpayer, "valid_from_on": on} | given
    return set_taxpayer(conn, SYSTEM, **facts, now=NOW)


@pytest.mark.parametrize(
    ("said", "on", "rates"),
    [
        (None, date(2026, 3, 1), ("13", "6", "13")),
        (("general", False), date(2026, 3, 1), ("13", "6", "13")),
        (("general", True), date(2026, 3, 1), ("3", "6", "13")),
        (("small_scale", False), date(2022, 12, 31), ("3", "3", "3")),
        (("small_scale", False), date(2023, 1, 1), ("1", "1", "1")),
        (("small_scale", False), date(2027, 12, 31), ("1", "1", "1")),
        (("small_scale", False), date(2028, 1, 1), ("3", "3", "3")),
    ],
    ids=[
        *("nobody said", "general", "simplified for leasing only", "small scale before the cut"),
        *("small scale from its first day", "to its last", "and after it"),
    ],
)
def test_the_rate_of_a_kind_of_line(fleet: Conn, said: Any, on: date, rates: Any) -> None:
    if said is not None:
        say(fleet, "east", said[0], date(2020, 1, 1), simplified=said[1])
    found = table(fleet, on)
    kinds = ("rent", "package", "energy")
    assert tuple(found.pct(kind) for kind in kinds) == tuple(map(Decimal, rates))
    assert [found.pct(kind) for kind in ("deposit", "violation", "damage", "opening")] == [None] * 4


def test_every_kind_of_line_is_taxed_as_something(fleet: Conn) -> None:
    rates = table(fleet, date(2026, 3, 1))
    assert {kind: rates.pct(kind) for kind in LINE_KINDS}.keys() == set(VatTreatment.model_fields)
    with pytest.raises(AttributeError):
        rates.pct("made_up")


@one_storage
def test_the_nearest_above_counts_from_its_day_on_and_the_last_word(fleet: Conn) -> None:
    def rents() -> list[int]:
        days = (date(2025, 12, 31), date(2026, 1, 1), date(2026, 7, 1))
        return [int(table(fleet, on).pct("rent") or 0) for on in days]

    say(fleet, "head", "small_scale", date(2026, 1, 1))
    assert rents() == [13, 1, 1]
    say(fleet, "east", "general", date(2026, 7, 1), simplified=True)
    assert rents() == [13, 1, 3]
    say(fleet, "east", "general", date(2026, 7, 1))
    assert rents() == [13, 1, 13]
    assert table(fleet, date(2026, 7, 1), "west").pct("rent") == 1


def test_the_rates_of_many_are_those_of_each(fleet: Conn) -> None:
    say(fleet, "head", "small_scale", date(2026, 1, 1))
    say(fleet, "east", "general", date(2026, 7, 1), simplified=True)
    days = (date(2025, 12, 31), date(2026, 7, 1), date(2028, 1, 1))
    of = [get_organisation(fleet, SYSTEM, code=code) for code in ("head", "east", "west")]
    wanted = [(each.id, each.tenant_id, on) for each in of for on in days]
    act_for(fleet, [of[0].id])
    assert rates_of(fleet, wanted) == {
        (each, on): rates_on(fleet, organisation_id=each, tenant_id=tenant_id, on=on)
        for each, tenant_id, on in wanted
    }
    assert [int(rates_of(fleet, wanted)[of[1].id, on].pct("rent") or 0) for on in days] == [
        13,
        3,
        3,
    ]


@one_storage
def test_what_was_said_is_listed_and_written_down(fleet: Conn) -> None:
    said = [
        say(fleet, "east", "general", date(2026, 1, 1), simplified=True),
        say(fleet, "west", "small_scale", date(2026, 2, 1)),
    ]
    assert (said[0].organisation_code, said[0].taxpayer, said[0].simplified) == (
        *("east", "general", True),
    )
    assert (said[1].valid_from_on, said[1].recorded_by) == (date(2026, 2, 1), "guanche")
    assert list_taxpayers(fleet, SYSTEM, {}) == said[::-1]
    assert list_taxpayers(fleet, SYSTEM, {}, after=said[1].id) == said[:1]
    assert list_taxpayers(fleet, SYSTEM, {"organisation": "west"}) == said[1:]
    last, _first = audit.list_entries(fleet, SYSTEM, {"action": "tax.change"})
    assert (last.object_key, last.after) == (
        "west",
        {"taxpayer": "small_scale", "simplified": False, "valid_from_on": "2026-02-01"},
    )


@one_storage
def test_who_cannot_be_said_to_be_a_taxpayer(fleet: Conn) -> None:
    with refused(fleet, SimplifiedIsGeneral):
        say(fleet, "east", "small_scale", date(2026, 1, 1), simplified=True)
    with refused(fleet, OrganisationNotFound):
        say(fleet, "north", "general", date(2026, 1, 1))
    assert list_taxpayers(fleet, SYSTEM, {}) == []


@given(
    amount_fen=st.integers(-(10**12), 10**12),
    pct=st.sampled_from([None, *map(Decimal, ("0", "1", "3", "6", "9", "13", "13.5"))]),
)
def test_a_split_loses_no_fen_and_is_off_by_half_a_fen_at_most(
    amount_fen: int, pct: Decimal | None
) -> None:
    net_fen, vat_fen = split(amount_fen, pct)
    assert net_fen + vat_fen == amount_fen
    rate = Fraction(pct or 0)
    assert abs(2 * (amount_fen * rate - vat_fen * (100 + rate))) <= 100 + rate
    assert split(-amount_fen, pct) == (-net_fen, -vat_fen)
