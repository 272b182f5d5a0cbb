"""Customers, as everybody else asks for them.

Each act stands in its own part: `cards` (who it is), `drivers`, `accounts`, `standing` (the
blacklist), `merging` (duplicates), `privacy` (consents, what is kept of a person, erasure),
`in_bulk` (sheets). Here stands what takes several of them: one customer whole, and in full.
"""

from datetime import datetime
from typing import Any

from psycopg import Connection

from fleet.customers.accounts import store as accounts
from fleet.customers.accounts.service import (
    add_account,
    holders_of,
    list_accounts,
    remove_account,
)
from fleet.customers.cards.service import (
    change_customer,
    create_customer,
    family_of,
    find_customer_by_id,
    get_customer,
    get_stored,
    list_customers,
    write_audit,
)
from fleet.customers.drivers import store as drivers
from fleet.customers.drivers.service import (
    add_driver,
    change_driver,
    get_driver,
    list_drivers,
    remove_driver,
)
from fleet.customers.errors import CustomerNotFound
from fleet.customers.id_numbers import check_texts
from fleet.customers.in_bulk.rows import Called, normalised, shown_reference
from fleet.customers.in_bulk.service import (
    check_customers,
    customer_nos_of,
    customers_called,
    known_customers,
    save_customers,
)
from fleet.customers.licence_classes import CLASSES, LONG_TERM, days_left
from fleet.customers.merging.service import list_duplicates, merge_customers
from fleet.customers.model import (
    Account,
    Address,
    Blacklisting,
    Contact,
    Customer,
    CustomerDetail,
    CustomerFacts,
    Driver,
    DriverFacts,
    Duplicates,
    PersonalData,
)
from fleet.customers.personal import unseal_account, unseal_id, unseal_licence
from fleet.customers.privacy.model import (
    Consent,
    ConsentKind,
    ConsentMethod,
    NewConsent,
    Party,
    Person,
)
from fleet.customers.privacy.service import (
    consent_in_force,
    erase_person,
    find_party,
    has_consent,
    list_consents,
    lock_party,
    record_consent,
    sheet_keys,
    tell_person,
    withdraw_consent,
)
from fleet.customers.standing.service import (
    decide_blacklisting,
    detail_of,
    has_id_number,
    lift_blacklisting,
    like_blacklisted,
    propose_blacklisting,
    require_leasable,
)
from kit.sealed import SealingKey
from schemas.access import Actor

__all__ = [
    "CLASSES",
    "LONG_TERM",
    "Account",
    "Address",
    "Blacklisting",
    "Called",
    "Consent",
    "ConsentKind",
    "ConsentMethod",
    "Contact",
    "Customer",
    "CustomerDetail",
    "CustomerFacts",
    "CustomerNotFound",
    "Driver",
    "DriverFacts",
    "Duplicates",
    "NewConsent",
    "Party",
    "Person",
    "PersonalData",
    "add_account",
    "add_driver",
    "change_customer",
    "change_driver",
    "check_customers",
    "consent_in_force",
    "create_customer",
    "customer_nos_of",
    "customers_called",
    "days_left",
    "decide_blacklisting",
    "erase_person",
    "family_of",
    "find_customer_by_id",
    "find_party",
    "get_customer",
    "get_customer_detail",
    "get_driver",
    "has_consent",
    "has_id_number",
    "holders_of",
    "known_customers",
    "lift_blacklisting",
    "like_blacklisted",
    "list_accounts",
    "list_consents",
    "list_customers",
    "list_drivers",
    "list_duplicates",
    "lock_party",
    "merge_customers",
    "normalised",
    "propose_blacklisting",
    "record_consent",
    "remove_account",
    "remove_driver",
    "require_leasable",
    "save_customers",
    "sheet_keys",
    "shown_reference",
    "tell_person",
    "unmask_customer",
    "withdraw_consent",
]


def get_customer_detail(
    conn: Connection[Any], actor: Actor, *, customer_no: str, key: SealingKey | None = None
) -> CustomerDetail:
    """The customer with its history on the blacklist, and whoever was merged into it.

    Raises:
        CustomerNotFound: no such customer in sight.
    """
    actor.require("customer.read")
    return detail_of(conn, get_stored(conn, customer_no), key)


def unmask_customer(
    conn: Connection[Any],
    actor: Actor,
    *,
    customer_no: str,
    reason: str,
    key: SealingKey,
    now: datetime,
) -> PersonalData:
    """A customer's numbers and phones in full; who asked and why is written down.

    Raises:
        CustomerNotFound: no such customer in sight.
        IdNumberInClear: the reason holds an ID number.
        SealBroken: a number was sealed with another key.
    """
    actor.require("personal_data.unmask")
    check_texts(reason)
    found = get_stored(conn, customer_no)
    data = PersonalData(
        phone=found.phone,
        id_number=unseal_id(found, key),
        invoice_phone=found.invoice_phone,
        contacts=[
            Contact(each["name"] or "", each.get("phone"), each.get("position"))
            for each in found.contacts
        ],
        drivers=[
            (each.key, unseal_licence(each, key), each.phone)
            for each in drivers.list_drivers(conn, found.id)
        ],
        accounts=[
            (each.id, unseal_account(each, key)) for each in accounts.list_accounts(conn, found.id)
        ],
    )
    fields = [name for name in data.__slots__ if getattr(data, name)]
    told = {"reason": reason, "fields": fields}
    write_audit(conn, actor, "personal_data.unmask", found, now=now, after=told)
    return data
