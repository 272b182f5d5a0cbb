"""Four eyes are two people's: what a key asked for, whoever made the key asked for."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection

from fleet.customers.errors import BlacklistOwnProposal
from fleet.customers.service import decide_blacklisting, propose_blacklisting
from fleet.identity.service import create_api_key, person_behind
from fleet.leasing import refusals
from fleet.leasing import service as leasing
from fleet.payments import errors
from fleet.payments import service as payments
from kit import db
from schemas.access import SYSTEM, Actor
from tests.fleet.conftest import refused
from tests.fleet.leasing.conftest import SIGNED, customer, day, drafted, line, office, terms
from tests.fleet.receivables.owed import owe

Conn = Connection[Any]
pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
__all__ = ["office"]
BOSS = replace(SYSTEM, name="boss")
OTHER = replace(SYSTEM, name="other")


@pytest.fixture
def machine(office: Conn) -> Actor:
    """A key that boss made for itself."""
    row = office.execute("SELECT id FROM organisations WHERE code = 'head'").fetchone()
    assert row is not None
    db.act_for(office, [row[0]])
    scopes = ["write_off.request", "lease.draft", "customer.blacklist"]
    made, _text = create_api_key(
        office,
        BOSS,
        name="脚本",
        scopes=scopes,
        organisation_code="east",
        expires_at=SIGNED + timedelta(days=90),
        now=SIGNED,
    )
    return replace(SYSTEM, name=f"key:{made.key_id}")


def test_behind_a_key_stands_whoever_made_it(office: Conn, machine: Actor) -> None:
    names = (machine.name, "lin", "key:nosuchkey000")
    assert [person_behind(office, each) for each in names] == ["boss", "lin", "key:nosuchkey000"]


def test_nobody_gives_up_alone_what_their_key_asks_for(office: Conn, machine: Actor) -> None:
    bill = owe(office, customer(office), 100)
    asked = payments.request_write_off(
        office, machine, bill_no=bill.bill_no, amount_fen=40, reason="注销", now=day(4)
    )
    facts: dict[str, Any] = {"key": asked.key, "approve": True, "now": day(5)}
    with refused(office, errors.WriteOffOwnRequest):
        payments.decide_write_off(office, BOSS, **facts)
    assert payments.decide_write_off(office, OTHER, **facts).state == "approved"


def test_nobody_approves_alone_the_terms_their_key_asks_for(office: Conn, machine: Actor) -> None:
    lease = drafted(office, terms(line(model_code="ec35", rent_fen=100_000))).lease
    asked: dict[str, Any] = {"lease_no": lease.lease_no, "now": SIGNED}
    leasing.request_approval(office, machine, **asked)
    with refused(office, refusals.ApprovalByAnother):
        leasing.decide_approval(office, BOSS, approve=True, **asked)
    leasing.decide_approval(office, OTHER, approve=True, **asked)


def test_nobody_blacklists_alone_whom_their_key_proposes(office: Conn, machine: Actor) -> None:
    customer_no = customer(office)
    facts: dict[str, Any] = {"customer_no": customer_no, "now": day(5)}
    propose_blacklisting(office, machine, reason="失联", **facts)
    with refused(office, BlacklistOwnProposal):
        decide_blacklisting(office, BOSS, approve=True, **facts)
    decide_blacklisting(office, OTHER, approve=True, **facts)


def of_east(office: Conn) -> Actor:
    """Somebody of east. From here on what the API asks for them, who see nobody of head office."""
    row = office.execute("SELECT id FROM organisations WHERE code = 'east'").fetchone()
    assert row is not None
    db.act_for(office, [row[0]])
    office.execute("SET LOCAL ROLE guanche_app")
    return replace(OTHER, organisation_id=row[0])


def test_who_is_out_of_sight_is_another_person(office: Conn) -> None:
    """Boss is of head office: east is not told who asked, and decides on it all the same."""
    customer_no = customer(office)
    bill = owe(office, customer_no, 100)
    asked = payments.request_write_off(
        office, BOSS, bill_no=bill.bill_no, amount_fen=40, reason="注销", now=day(4)
    )
    lease = drafted(office, terms(line(model_code="ec35", rent_fen=100_000))).lease
    leasing.request_approval(office, BOSS, lease_no=lease.lease_no, now=SIGNED)
    propose_blacklisting(office, BOSS, customer_no=customer_no, reason="失联", now=day(5))
    lin = of_east(office)
    [shown] = payments.list_write_offs(office, lin, {"key": asked.key})
    assert shown.requested_by is None
    decided = payments.decide_write_off(office, lin, key=asked.key, approve=True, now=day(5))
    assert (decided.state, decided.requested_by, decided.decided_by) == ("approved", None, None)
    leasing.decide_approval(office, lin, lease_no=lease.lease_no, approve=True, now=SIGNED)
    decide_blacklisting(office, lin, customer_no=customer_no, approve=True, now=day(6))


def test_out_of_ones_own_sight_one_is_still_the_same_person(office: Conn) -> None:
    """What is decided on is what is written, not what is shown."""
    customer_no = customer(office)
    bill = owe(office, customer_no, 100)
    asked = payments.request_write_off(
        office, BOSS, bill_no=bill.bill_no, amount_fen=40, reason="注销", now=day(4)
    )
    lease = drafted(office, terms(line(model_code="ec35", rent_fen=100_000))).lease
    leasing.request_approval(office, BOSS, lease_no=lease.lease_no, now=SIGNED)
    propose_blacklisting(office, BOSS, customer_no=customer_no, reason="失联", now=day(5))
    boss = replace(BOSS, organisation_id=of_east(office).organisation_id)
    with refused(office, errors.WriteOffOwnRequest):
        payments.decide_write_off(office, boss, key=asked.key, approve=True, now=day(5))
    with refused(office, refusals.ApprovalByAnother):
        leasing.decide_approval(office, boss, lease_no=lease.lease_no, approve=True, now=SIGNED)
    with refused(office, BlacklistOwnProposal):
        decide_blacklisting(office, boss, customer_no=customer_no, approve=True, now=day(6))


def test_who_made_a_key_counts_also_out_of_sight(office: Conn, machine: Actor) -> None:
    of_east(office)
    assert person_behind(office, machine.name) == "boss"
