"""What every service of bills keeps: permissions, step-up, and a word in the trail."""

import inspect
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any, Final, NamedTuple

import pytest
from psycopg import Connection

from fleet.audit import service as audit
from fleet.billing import service as billing
from fleet.orgs.service import get_organisation
from schemas.access import SYSTEM, Actor, PermissionMissing, StepUpRequired
from tests.fleet.billing.conftest import BILLING, bills_of, books, let, office, run
from tests.fleet.conftest import person
from tests.fleet.leasing.conftest import day

Conn = Connection[Any]
on_one_storage = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
__all__ = ["books", "office"]
AT: Final = {"now": day(23)}


class Asked(NamedTuple):
    """A service function, the verb it asks for, a call that is allowed; `told`: its word."""

    function: Callable[..., Any]
    verb: str
    facts: dict[str, Any]
    needs: tuple[str, ...] = ()
    told: str | None = None


ASKED: Final = [
    Asked(billing.list_bills, "bill.read", {"filters": {}, **AT}),
    Asked(billing.get_bill, "bill.read", {}, ("bill",)),
    Asked(billing.frozen_bill, "bill.read", {}, ("bill",)),
    Asked(billing.list_credit_notes, "bill.read", {"filters": {}}),
    Asked(billing.get_credit_note, "bill.read", {}, ("credit_no",)),
    Asked(billing.frozen_credit_note, "bill.read", {}, ("credit_no",)),
    Asked(billing.list_deliveries, "bill.read", {}, ("bill",)),
    Asked(billing.list_faults, "bill.read", {"filters": {}}),
    Asked(billing.get_billing_plan, "bill.read", AT, ("lease_no",)),
    Asked(billing.settings_of, "bill.read", {"organisation_code": "east"}),
    Asked(billing.issue_bill, "bill.issue", AT, ("draft",), "bill.issue"),
    Asked(billing.discard_bill, "bill.issue", AT, ("draft",), "bill.discard"),
    Asked(billing.bill_now, "bill.issue", AT, ("lease_no",), "bill.issue"),
    Asked(
        billing.record_delivery,
        "bill.issue",
        {"channel": "post", **AT},
        ("bill",),
        "bill.deliver",
    ),
    Asked(
        billing.bring_in,
        "bill.issue",
        {"lease_no": None, "amount_fen": 1, "due_on": date(2025, 1, 1), **AT},
        ("customer_no",),
        "bill.bring_in",
    ),
    Asked(billing.list_due, "bill.issue", AT, ("organisation_id",)),
    Asked(billing.look_at, "bill.issue", {"lease_ids": [], **AT}),
    Asked(
        billing.credit_bill,
        "bill.credit",
        {"lines": [billing.CreditWanted(1, 1)], "reason": "减", **AT},
        ("bill",),
        "bill.credit",
    ),
    Asked(
        billing.set_settings,
        "billing.change",
        {"organisation_code": "east", "version": 0, "billing": BILLING, **AT},
        (),
        "billing.change",
    ),
]
ASKS_NOBODY: Final = {
    "open_special": "a part of taking a payment back, and of bringing in",
    "settings_for": "a part of what others ask for",
    "tell_bill": "the answer to what was done with a bill",
}


def name_of(asked: Asked) -> str:
    return asked.function.__name__


def prepared(conn: Conn) -> dict[str, Any]:
    """What calls need: an issued bill with a note, a draft, their lease and customer."""
    lease = let(conn)
    run(conn, day(22))
    first, draft = bills_of(conn, lease)
    number = first.bill_no or ""
    wanted = [billing.CreditWanted(1, 100)]
    note = billing.credit_bill(conn, SYSTEM, bill=number, lines=wanted, reason="减", now=day(22))
    return {
        "bill": number,
        "draft": str(draft.key),
        "credit_no": note.credit_no,
        "lease_no": lease.lease_no,
        "customer_no": lease.customer_no,
        "organisation_id": get_organisation(conn, SYSTEM, code="head").id,
    }


def ask(conn: Conn, asked: Asked, actor: Actor, known: dict[str, Any]) -> object:
    given = {"bill" if name == "draft" else name: known[name] for name in asked.needs}
    return asked.function(conn, actor, **asked.facts, **given)


def test_every_service_is_asked_here() -> None:
    public = {
        name
        for name, function in inspect.getmembers(billing, inspect.isfunction)
        if function.__module__.startswith("fleet.billing.") and not name.startswith("_")
    }
    assert public - {name_of(one) for one in ASKED} == set(ASKS_NOBODY)


@on_one_storage
@pytest.mark.parametrize("asked", ASKED, ids=name_of)
def test_who_lacks_the_verb_gets_none(books: Conn, asked: Asked) -> None:
    known = prepared(books)
    owner = person(get_organisation(books, SYSTEM, code="head"))
    lacking = replace(owner, permissions=owner.permissions - {asked.verb})
    with pytest.raises(PermissionMissing) as raised, books.transaction():
        ask(books, asked, lacking, known)
    assert raised.value.facts == {"permission": asked.verb}


@on_one_storage
@pytest.mark.parametrize(
    "asked", [one for one in ASKED if one.verb in ("bill.credit", "billing.change")], ids=name_of
)
def test_what_is_dangerous_asks_for_the_password_again(books: Conn, asked: Asked) -> None:
    known = prepared(books)
    owner = person(get_organisation(books, SYSTEM, code="head"), stepped_up=False)
    with pytest.raises(StepUpRequired), books.transaction():
        ask(books, asked, owner, known)


@on_one_storage
@pytest.mark.parametrize("asked", [one for one in ASKED if one.told], ids=name_of)
def test_a_change_is_written_down_once(books: Conn, asked: Asked) -> None:
    known = prepared(books)
    length = len(audit.list_entries(books, SYSTEM, {}, limit=1_000))
    ask(books, asked, SYSTEM, known)
    entries = audit.list_entries(books, SYSTEM, {}, limit=1_000)
    assert len(entries) == length + 1
    assert (entries[0].action, entries[0].organisation_code) == (asked.told, "head")


@on_one_storage
@pytest.mark.parametrize("asked", [one for one in ASKED if one.verb == "bill.read"], ids=name_of)
def test_reading_leaves_no_entry(books: Conn, asked: Asked) -> None:
    known = prepared(books)
    length = len(audit.list_entries(books, SYSTEM, {}, limit=1_000))
    ask(books, asked, SYSTEM, known)
    assert len(audit.list_entries(books, SYSTEM, {}, limit=1_000)) == length
