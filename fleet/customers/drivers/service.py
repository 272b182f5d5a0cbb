"""Keeps whoever drives for a customer, with their licence 驾驶证: its classes and its last day.

Of a person the driver may be the customer itself; then number, name and phone are those of the
card. Drivers of a merged customer are those of the one it went into. Leaves out whether a licence
fits a vehicle: the hand-over asks.
"""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from psycopg import Connection

from fleet.customers.cards.service import find_own, get_stored, write_audit
from fleet.customers.drivers import store
from fleet.customers.errors import DriverExists, DriverIncomplete, DriverNotFound
from fleet.customers.id_numbers import check_texts, parse_licence_no
from fleet.customers.licence_classes import check_days, parse_classes
from fleet.customers.model import Driver, DriverFacts, StoredCustomer, StoredDriver
from fleet.customers.personal import (
    digest_licence,
    kept_phone,
    seal_licence,
    shown_driver,
    unseal_id,
    unseal_licence,
)
from kit.errors import VersionChanged
from kit.sealed import SealingKey
from schemas.access import Actor


def list_drivers(
    conn: Connection[Any], actor: Actor, *, customer_no: str, key: SealingKey | None = None
) -> list[Driver]:
    """Whoever drives for the customer, by name.

    Raises:
        CustomerNotFound: no such customer in sight.
    """
    actor.require("customer.read")
    customer = get_stored(conn, customer_no)
    return [shown_driver(each, key) for each in store.list_drivers(conn, customer.id)]


def get_driver(conn: Connection[Any], *, customer_id: int, key: UUID) -> Driver:
    """A driver of the customer, one that was removed, too. Whoever calls decides who may ask.

    Raises:
        DriverNotFound: the customer has none with this key.
    """
    return shown_driver(_get(conn, customer_id, key, removed=True), None)


def add_driver(
    conn: Connection[Any],
    actor: Actor,
    *,
    customer_no: str,
    facts: DriverFacts,
    key: SealingKey,
    now: datetime,
) -> Driver:
    """Somebody drives for the customer from now on.

    Raises:
        CustomerNotFound, CustomerMerged, CustomerErased: not a customer to add to.
        DriverExists: one of its drivers has this licence.
        DriverIncomplete: neither a name and a number, nor the customer itself.
        LicenceNoMalformed, LicenceClassUnknown, LicenceOverBeforeIssued, TelephoneMalformed,
        IdNumberInClear: the input cannot be used.
    """
    actor.require("customer.change")
    customer = find_own(conn, customer_no)
    driver_key = uuid4()
    row = _row(customer, facts, None, driver_key=driver_key, key=key)
    _check_once(conn, customer, row["licence_digest"], except_key=driver_key)
    place = {
        "tenant_id": customer.tenant_id,
        "organisation_id": customer.organisation_id,
        "customer_id": customer.id,
        "added_by": actor.name,
        "added_at": now,
    }
    store.insert_driver(conn, {**row, **place})
    told = {"driver": str(driver_key), **_told(row)}
    write_audit(conn, actor, "customer.add_driver", customer, now=now, after=told)
    return shown_driver(_get(conn, customer.id, driver_key), key)


def change_driver(
    conn: Connection[Any],
    actor: Actor,
    *,
    customer_no: str,
    driver_key: UUID,
    version: int,
    facts: DriverFacts,
    key: SealingKey,
    now: datetime,
) -> Driver:
    """The driver as they are to be; what is given as it was shown stays.

    Raises:
        CustomerNotFound, CustomerMerged, CustomerErased, DriverNotFound: nobody to change.
        VersionChanged: somebody changed them since `version` was read.
        DriverExists, DriverIncomplete, LicenceNoMalformed, LicenceClassUnknown,
        LicenceOverBeforeIssued, TelephoneMalformed, IdNumberInClear: the input cannot be used.
    """
    actor.require("customer.change")
    customer = find_own(conn, customer_no)
    was = _get(conn, customer.id, driver_key)
    row = _row(customer, facts, was, driver_key=driver_key, key=key)
    _check_once(conn, customer, row["licence_digest"], except_key=driver_key)
    if not store.update_driver(conn, {**row, "version": version}):
        raise VersionChanged(f"the driver is at version {was.version}")
    told = {"driver": str(driver_key), **_told(row)}
    write_audit(conn, actor, "customer.change_driver", customer, now=now, after=told)
    return shown_driver(_get(conn, customer.id, driver_key), key)


def remove_driver(
    conn: Connection[Any], actor: Actor, *, customer_no: str, driver_key: UUID, now: datetime
) -> None:
    """Somebody drives for the customer no more; past hand-overs still name them.

    Raises:
        CustomerNotFound, CustomerMerged, CustomerErased, DriverNotFound: nobody to remove.
    """
    actor.require("customer.change")
    customer = find_own(conn, customer_no)
    was = _get(conn, customer.id, driver_key)
    store.mark_removed(conn, customer_id=customer.id, key=was.key, now=now)
    told = {"driver": str(driver_key)}
    write_audit(conn, actor, "customer.remove_driver", customer, now=now, before=told)


def _get(
    conn: Connection[Any], customer_id: int, key: UUID, *, removed: bool = False
) -> StoredDriver:
    found = store.find_driver(conn, customer_id=customer_id, key=key, removed=removed)
    if found is None:
        raise DriverNotFound("the customer has no such driver", key=str(key))
    return found


def _check_once(
    conn: Connection[Any], customer: StoredCustomer, licence_digest: bytes, *, except_key: UUID
) -> None:
    same = store.find_licence(
        conn, customer_id=customer.id, licence_digest=licence_digest, except_key=except_key
    )
    if same is not None:
        raise DriverExists("the customer has a driver with this licence", key=str(same))


def _row(
    customer: StoredCustomer,
    facts: DriverFacts,
    was: StoredDriver | None,
    *,
    driver_key: UUID,
    key: SealingKey,
) -> dict[str, Any]:
    """The columns of a driver, by what is given and, of the customer itself, by its card."""
    number, name, phone = _licence_no(customer, facts, was, key), facts.name, facts.phone
    if name is None:
        name, phone = customer.name, phone or customer.phone
    check_texts(name, number=number)
    return {
        "key": driver_key,
        "name": name,
        "phone": kept_phone(phone, was.phone if was else None),
        "licence_sealed": seal_licence(number, driver_key=driver_key, key=key),
        "licence_digest": digest_licence(number, key),
        "classes": parse_classes(facts.classes),
        "first_issued_on": facts.first_issued_on,
        "valid_to_on": check_days(facts.first_issued_on, facts.valid_to_on),
    }


def _licence_no(
    customer: StoredCustomer, facts: DriverFacts, was: StoredDriver | None, key: SealingKey
) -> str:
    if was is not None and facts.licence_no == shown_driver(was, key).licence_masked:
        return unseal_licence(was, key)
    if facts.licence_no is not None and facts.name is not None:
        return parse_licence_no(facts.licence_no)
    is_customer = facts.licence_no is None and facts.name is None
    if is_customer and customer.id_type == "id_card":
        return unseal_id(customer, key) or ""
    raise DriverIncomplete(
        "a driver has a name and a licence number, or is the customer itself, by ID card"
    )


def _told(row: dict[str, Any]) -> dict[str, Any]:
    return {"classes": row["classes"], "valid_to_on": row["valid_to_on"].isoformat()}
