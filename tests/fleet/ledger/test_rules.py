"""What services of the ledger, VAT and invoices keep: permissions, step-up, audit."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any, Final, NamedTuple

import pytest
from psycopg import Connection

from fleet.audit import service as audit
from fleet.invoices import service as invoices
from fleet.ledger import service as ledger
from fleet.orgs.service import get_organisation
from fleet.vat import service as vat
from kit.errors import DomainError
from schemas.access import PERMISSIONS, SYSTEM, Actor, PermissionMissing, StepUpRequired
from tests.fleet.conftest import person
from tests.fleet.ledger.conftest import APRIL_5, posted

Conn = Connection[Any]
one_storage = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
NO_REQUEST: Final = {"request_no": "I2603-AAAAAA", "version": 1, "now": APRIL_5}


class Asked(NamedTuple):
    """A service function, the verb it asks for, and a call."""

    function: Callable[..., Any]
    verb: str
    facts: dict[str, Any]


MARCH: Final = {"month_on": date(2026, 3, 1)}
ASKED: Final = [
    Asked(ledger.trial_balance, "ledger.read", {"on": date(2026, 3, 1)}),
    Asked(ledger.list_entries, "ledger.read", {"filters": {}}),
    Asked(ledger.list_journal, "ledger.read", MARCH),
    Asked(ledger.list_closings, "ledger.read", {"filters": {}}),
    Asked(ledger.close_month, "ledger.close", {"organisation": "head", "now": APRIL_5, **MARCH}),
    Asked(vat.list_taxpayers, "invoice.read", {"filters": {}}),
    Asked(
        vat.set_taxpayer,
        "tax.change",
        {
            "organisation": "head",
            "taxpayer": "general",
            "valid_from_on": date(2026, 1, 1),
            "now": APRIL_5,
        },
    ),
    Asked(invoices.list_invoice_requests, "invoice.read", {"filters": {}}),
    Asked(invoices.get_invoice_request, "invoice.read", {"request_no": "I2603-AAAAAA"}),
    Asked(
        invoices.request_invoice,
        "invoice.request",
        {"bill_nos": ["B2026-1-000001"], "kind": "special", "now": APRIL_5},
    ),
    Asked(
        invoices.record_number,
        "invoice.request",
        {"invoice_no": "26442000000123456789", "invoiced_on": date(2026, 3, 5), **NO_REQUEST},
    ),
    Asked(invoices.record_numbers, "invoice.request", {"content": b"x,y", "now": APRIL_5}),
    Asked(invoices.withdraw, "invoice.request", {"note": "x", **NO_REQUEST}),
    Asked(invoices.reverse, "invoice.request", {"note": "x", **NO_REQUEST}),
]
FOR_OTHERS: Final = {
    *("post", "balance_of", "check_ledger", "voucher_no", "rates_on", "rates_of", "split"),
}
"""Parts of what other services ask a permission for, and pure ones."""
every_service = pytest.mark.parametrize("asked", ASKED, ids=lambda a: str(a.function.__name__))


def test_every_service_is_asked_here() -> None:
    public = {
        name
        for module in (ledger, vat, invoices)
        for name in module.__all__
        if callable(getattr(module, name)) and name[0].islower()
    }
    assert public - FOR_OTHERS == {asked.function.__name__ for asked in ASKED}


@one_storage
@every_service
def test_who_lacks_the_verb_gets_none(fleet: Conn, asked: Asked) -> None:
    head = get_organisation(fleet, SYSTEM, code="head")
    actor: Actor = person(head)
    lacking = replace(actor, permissions=actor.permissions - {asked.verb})
    with pytest.raises(PermissionMissing) as raised:
        asked.function(fleet, lacking, **asked.facts)
    assert raised.value.facts == {"permission": asked.verb}


@one_storage
@every_service
def test_only_dangerous_verbs_ask_for_the_password_again(fleet: Conn, asked: Asked) -> None:
    posted(fleet)
    actor = person(get_organisation(fleet, SYSTEM, code="head"), stepped_up=False)
    try:
        asked.function(fleet, actor, **asked.facts)
        stepped_up = False
    except StepUpRequired:
        stepped_up = True
    except DomainError:
        stepped_up = False  # it got as far as what is not there
    assert stepped_up is PERMISSIONS[asked.verb].dangerous


@one_storage
@every_service
def test_reading_leaves_no_entry(fleet: Conn, asked: Asked) -> None:
    if not asked.verb.endswith(".read"):
        return
    before = len(audit.list_entries(fleet, SYSTEM, {}))
    try:
        asked.function(fleet, person(get_organisation(fleet, SYSTEM, code="head")), **asked.facts)
    except DomainError as missing:
        assert missing.code == "invoice_request_not_found"
    assert len(audit.list_entries(fleet, SYSTEM, {})) == before
