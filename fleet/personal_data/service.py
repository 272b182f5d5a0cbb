"""Hands out all that is kept of a person (PIPL §45); erases it once nothing binds it (PIPL §47).

Composes what `fleet/customers` keeps with leases, hand-overs, charges, violations, contracts,
bills, payments and files of the person. Leaves out where the vehicles were: a case file tells it,
lease by lease. What stays after an erasure: customer numbers, leases; bills, payments and their
papers as they were issued, which are vouchers of the books (会计法 §23); and the contracts in the
vault until their own time of keeping is over (电子商务法 §31, `contract.keeping`).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from psycopg import Connection

from fleet.customers import service as customers
from fleet.documents import service as documents
from fleet.lease_figures import CustomerRetention
from fleet.local_days import local_day
from fleet.maintenance import service as maintenance
from fleet.parameters import service as parameters
from fleet.personal_data import store
from fleet.personal_data.errors import (
    BillsOpen,
    ChargesUndecided,
    CustomerHasLeases,
    MoneyHeld,
)
from fleet.personal_data.model import Erasure, PersonalCopy, Standing
from fleet.personal_data.retention import check_erasable, check_unbound, erasable_from
from fleet.personal_data.telling import as_json
from fleet.quotes import service as quotes
from fleet.receivables import service as receivables
from fleet.sheets import service as sheets
from kit.sealed import SealingKey
from schemas.access import Actor

__all__ = ["Erasure", "PersonalCopy", "copy_personal_data", "erase_personal_data"]


def copy_personal_data(
    conn: Connection[Any], actor: Actor, *, customer_no: str, key: SealingKey, now: datetime
) -> PersonalCopy:
    """All that is kept of a customer and of those merged into it, in clear; the trail says so.

    Raises:
        CustomerNotFound: there is none in sight.
        CustomerMerged, CustomerErased: ask for the customer it goes on as; nothing is kept.
    """
    actor.require("customer.export")
    party = customers.find_party(conn, customer_no=customer_no)
    person = customers.tell_person(conn, actor, party=party, key=key, now=now)
    ids, nos = party.family_ids, party.family_nos
    parts: dict[str, Sequence[Mapping[str, Any]]] = {
        "cards": person.cards,
        "accounts": person.accounts,
        "drivers": person.drivers,
        "consents": person.consents,
        "blacklistings": person.blacklistings,
        **{part: store.list_part(conn, part, ids) for part in store.OF_CUSTOMERS},
        "files": store.list_files(conn, nos, organisation_id=party.organisation_id),
    }
    standing = store.find_standing(conn, ids)
    return PersonalCopy(
        customer_no=party.customer_no,
        made_at=now,
        erasable_from_on=_erasable_from(conn, party, standing, now=now),
        parts={name: [as_json(row) for row in rows] for name, rows in parts.items()},
    )


def erase_personal_data(
    conn: Connection[Any],
    actor: Actor,
    *,
    customer_no: str,
    reason: str,
    key: SealingKey,
    now: datetime,
) -> Erasure:
    """Empty the cards, accounts, drivers and consents of a person, withdraw the files.

    What sheets brought in of the person and what quotes say of them is emptied, too; those sheets
    are not read any more.

    Raises:
        CustomerNotFound, CustomerMerged, CustomerErased: there is nobody to erase.
        CustomerHasLeases, ChargesUndecided, BillsOpen, MoneyHeld, RetentionRuns: something stands
            against it.
    """
    actor.require("customer.erase")
    party = customers.lock_party(conn, customer_no=customer_no)
    receivables.lock_customers(conn, party.family_ids)  # no money comes in meanwhile
    standing = store.find_standing(conn, party.family_ids)
    zone = maintenance.zone_of(conn, party.organisation_id)
    check_erasable(
        standing,
        last_ended_on=_last_ended_on(standing, zone),
        today=local_day(now, zone),
        years=_years(conn, party, local_day(now, zone)),
    )
    names = customers.sheet_keys(conn, party=party, key=key)
    withdrawn = documents.withdraw_files_of(
        conn,
        tenant_id=party.tenant_id,
        subject_kind="customer",
        subject_keys=party.family_nos,
        now=now,
    )
    emptied = sheets.forget_rows(
        conn, tenant_id=party.tenant_id, kind="customers", keys=names, now=now
    )
    quotes.forget_prospects(conn, customer_ids=party.family_ids)
    customers.erase_person(conn, actor, party=party, reason=reason, now=now)
    return Erasure(party.customer_no, now, party.family_nos, withdrawn, emptied)


def _erasable_from(
    conn: Connection[Any], party: customers.Party, standing: Standing, *, now: datetime
) -> date | None:
    zone = maintenance.zone_of(conn, party.organisation_id)
    today = local_day(now, zone)
    years, last = _years(conn, party, today), _last_ended_on(standing, zone)
    try:
        check_unbound(standing)
    except (CustomerHasLeases, ChargesUndecided, BillsOpen, MoneyHeld):
        return None
    return today if last is None else max(today, erasable_from(last, years))


def _last_ended_on(standing: Standing, zone: str) -> date | None:
    at = standing.last_ended_at
    return None if at is None else local_day(at, zone)


def _years(conn: Connection[Any], party: customers.Party, today: date) -> int:
    figures = parameters.figures(conn, CustomerRetention, tenant_id=party.tenant_id, on=today)
    return figures.years_after_last_lease
