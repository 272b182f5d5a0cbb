"""What somebody agreed to, in which words, and whether it counts at an instant."""

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from psycopg import Connection

from fleet.customers import errors
from fleet.customers.privacy import errors as privacy
from fleet.customers.service import (
    Consent,
    CustomerFacts,
    NewConsent,
    consent_in_force,
    create_customer,
    find_customer_by_id,
    get_customer,
    has_consent,
    list_consents,
    merge_customers,
    record_consent,
    withdraw_consent,
)
from fleet.orgs.service import get_organisation
from kit.db import act_for
from schemas.access import SYSTEM
from tests.fleet.conftest import NOW, at, person, refused
from tests.fleet.customers.conftest import KEY

Conn = Connection[Any]
WORDS = hashlib.sha256("本人同意处理行踪轨迹".encode()).digest()
LOCATION = NewConsent(
    "location", "告知书 2026-03", WORDS, "王芳", at(9), "signed_paper", "档案柜 3"
)
pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
"""None of this rests on how telemetry is stored."""


@pytest.fixture
def fang(fleet: Conn) -> str:
    """The number of a person who is a customer of east."""
    return added(fleet, "王芳")


def added(conn: Conn, name: str) -> str:
    facts = CustomerFacts("person", name)
    made = create_customer(conn, SYSTEM, facts=facts, organisation_code="east", key=KEY, now=NOW)
    return made.customer_no


def record(conn: Conn, customer_no: str, consent: NewConsent = LOCATION) -> Consent:
    return record_consent(conn, SYSTEM, customer_no=customer_no, consent=consent, now=NOW)


def id_of(conn: Conn, customer_no: str) -> int:
    return get_customer(conn, SYSTEM, customer_no=customer_no).id


def test_a_consent_is_kept_as_it_was_given(fleet: Conn, fang: str) -> None:
    made = record(fleet, fang)
    assert list_consents(fleet, SYSTEM, customer_no=fang) == [made]
    assert made == Consent(
        key=made.key,
        customer_id=id_of(fleet, fang),
        customer_no=fang,
        kind="location",
        text_version="告知书 2026-03",
        text_sha256=WORDS,
        given_by="王芳",
        given_at=at(9),
        method="signed_paper",
        evidence="档案柜 3",
        recorded_by="guanche",
        recorded_at=NOW,
        withdrawn_at=None,
        withdrawn_note=None,
    )


@pytest.mark.parametrize(
    ("hour", "counts"),
    [
        pytest.param(8, False, id="before it was given"),
        pytest.param(9, True, id="the instant it was given"),
        pytest.param(11, True, id="between"),
        pytest.param(12, False, id="the instant it was withdrawn"),
        pytest.param(13, False, id="after"),
    ],
)
def test_a_consent_counts_from_when_it_was_given_until_it_is_withdrawn(
    fleet: Conn, fang: str, hour: int, counts: bool
) -> None:
    made = record(fleet, fang)
    withdrawn = withdraw_consent(
        fleet, SYSTEM, customer_no=fang, key=made.key, withdrawn_at=at(12), note="来电", now=NOW
    )
    assert (withdrawn.withdrawn_at, withdrawn.withdrawn_note) == (at(12), "来电")
    asked: dict[str, Any] = {"customer_id": made.customer_id, "at": at(hour)}
    assert has_consent(fleet, kind="location", **asked) is counts
    assert withdrawn.in_force_at(at(hour)) is counts
    assert has_consent(fleet, kind="sharing", **asked) is False


def test_the_latest_that_counts_is_in_force(fleet: Conn, fang: str) -> None:
    record(fleet, fang)
    later = record(fleet, fang, replace(LOCATION, text_version="告知书 2", given_at=at(10)))
    ended = record(fleet, fang, replace(LOCATION, text_version="告知书 3", given_at=at(11)))
    withdraw_consent(fleet, SYSTEM, customer_no=fang, key=ended.key, now=NOW)
    found = consent_in_force(
        fleet, customer_id=later.customer_id, kind="location", at=NOW + timedelta(days=1)
    )
    assert found == later


def test_a_consent_of_whoever_was_merged_counts_for_the_survivor(fleet: Conn, fang: str) -> None:
    other = added(fleet, "王 芳")
    made = record(fleet, other)
    merge_customers(fleet, SYSTEM, customer_no=other, into=fang, reason="重复", key=KEY, now=NOW)
    survivor = id_of(fleet, fang)
    assert has_consent(fleet, customer_id=survivor, kind="location", at=at(10)) is True
    assert [each.customer_no for each in list_consents(fleet, SYSTEM, customer_no=fang)] == [other]
    with refused(fleet, errors.CustomerMerged):
        record(fleet, other)
    assert find_customer_by_id(fleet, made.customer_id).merged_into_no == fang
    shared = record(fleet, fang, replace(LOCATION, kind="sharing"))
    asked: dict[str, Any] = {"kind": "sharing", "at": at(10)}
    assert consent_in_force(fleet, customer_id=made.customer_id, **asked) == shared
    third = id_of(fleet, added(fleet, "李娜"))
    assert consent_in_force(fleet, customer_id=third, **asked) is None


@pytest.mark.parametrize(
    ("consent", "fact"),
    [
        pytest.param(
            replace(LOCATION, given_at=NOW + timedelta(seconds=1)),
            privacy.ConsentInFuture,
            id="ahead",
        ),
        pytest.param(
            replace(LOCATION, given_by="王芳 11010519491231002X"),
            errors.IdNumberInClear,
            id="ID number in clear",
        ),
    ],
)
def test_a_consent_that_is_none_is_refused(
    fleet: Conn, fang: str, consent: NewConsent, fact: type[Any]
) -> None:
    with refused(fleet, fact):
        record(fleet, fang, consent)


@pytest.mark.parametrize("hour", [8, 25])
def test_a_consent_ends_after_it_was_given_and_not_ahead(fleet: Conn, fang: str, hour: int) -> None:
    made = record(fleet, fang)
    when = at(0) + timedelta(hours=hour)
    with refused(fleet, privacy.ConsentEndsBeforeItBegins):
        withdraw_consent(
            fleet, SYSTEM, customer_no=fang, key=made.key, withdrawn_at=when, now=at(24 - 1)
        )


def test_a_consent_is_withdrawn_once_and_only_its_own_customers(fleet: Conn, fang: str) -> None:
    made, other = record(fleet, fang), added(fleet, "李娜")
    withdraw_consent(fleet, SYSTEM, customer_no=fang, key=made.key, now=NOW)
    with refused(fleet, privacy.ConsentWithdrawn):
        withdraw_consent(fleet, SYSTEM, customer_no=fang, key=made.key, now=NOW)
    for number, key in ((other, made.key), (fang, UUID(int=1))):
        with refused(fleet, privacy.ConsentNotFound):
            withdraw_consent(fleet, SYSTEM, customer_no=number, key=key, now=NOW)


def test_consents_are_seen_by_the_own_organisation_and_those_above(fleet: Conn, fang: str) -> None:
    record(fleet, fang)
    for code, sees in (("head", True), ("east", True), ("west", False)):
        fleet.execute("RESET ROLE")
        actor = person(get_organisation(fleet, SYSTEM, code=code))
        fleet.execute("SET LOCAL ROLE guanche_app")
        assert actor.organisation_id is not None
        act_for(fleet, [actor.organisation_id])
        if sees:
            assert len(list_consents(fleet, actor, customer_no=fang)) == 1
        else:
            with refused(fleet, errors.CustomerNotFound):
                list_consents(fleet, actor, customer_no=fang)


def test_the_trail_tells_what_was_agreed_to_and_nobody_s_name(fleet: Conn, fang: str) -> None:
    made = record(fleet, fang)
    [(after,)] = fleet.execute(
        "SELECT after FROM audit_entries WHERE action = 'customer.record_consent'"
    ).fetchall()
    assert after == {
        "kind": "location",
        "text_version": "告知书 2026-03",
        "text_sha256": WORDS.hex(),
        "method": "signed_paper",
        "consent": str(made.key),
    }
