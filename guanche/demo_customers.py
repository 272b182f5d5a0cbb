"""The demo's customers, entered the way sales would: card, drivers, consent, bank account.

Decides nothing of its own: who they are stands in `seed_customers.py`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from psycopg import Connection

from fleet.customers import service as customers
from guanche.seed_customers import SeedCustomer
from kit.sealed import SealingKey
from schemas.access import SYSTEM

LOCATION_TEXT: Final = "本人（本单位）单独同意出租人在租赁期间收集并使用租赁车辆的行踪轨迹信息。"


@dataclass(frozen=True, slots=True)
class Known:
    """A customer as it stands in the database now, with a driver of each."""

    seed: SeedCustomer
    customer_no: str
    drivers: tuple[Any, ...]


def seed_customer(
    conn: Connection[Any], seed: SeedCustomer, key: SealingKey, now: datetime
) -> Known:
    company = seed.kind == "company"
    facts = customers.CustomerFacts(
        kind="company" if company else "person",
        name=seed.name,
        id_type="business_licence" if company else "id_card",
        id_number=seed.id_number,
        phone=seed.phone,
        contacts=(customers.Contact(seed.contact, seed.drivers[0].phone, "车队负责人"),)
        if company
        else (),
        addresses=(customers.Address("registered", seed.address),),
        invoice_title=seed.name,
        tax_no=seed.id_number if company else None,
        legal_person=seed.contact if company else None,
        tier=seed.tier,  # type: ignore[arg-type]
        reference=seed.reference,
    )
    customer_no = customers.create_customer(
        conn, SYSTEM, facts=facts, organisation_code=seed.depot, key=key, now=now
    ).customer_no
    drivers = [
        customers.add_driver(
            conn,
            SYSTEM,
            customer_no=customer_no,
            facts=customers.DriverFacts(
                name=driver.name,
                phone=driver.phone,
                licence_no=driver.licence_no,
                classes=driver.classes,
                first_issued_on=driver.first_issued_on,
                valid_to_on=driver.valid_to_on,
            ),
            key=key,
            now=now,
        ).key
        for driver in seed.drivers
    ]
    if len(seed.contact) + len(seed.name) != 8:  # a few have not agreed
        _agree_to_location(conn, customer_no, seed, now)
    customers.add_account(
        conn,
        SYSTEM,
        customer_no=customer_no,
        bank=seed.bank,
        holder=seed.name,
        account_no=seed.account,
        key=key,
        now=now,
    )
    return Known(seed, customer_no, tuple(drivers))


def _agree_to_location(
    conn: Connection[Any], customer_no: str, seed: SeedCustomer, now: datetime
) -> None:
    consent = customers.NewConsent(
        kind="location",
        text_version="2026-01",
        text_sha256=sha256(LOCATION_TEXT.encode()).digest(),
        given_by=seed.contact,
        given_at=now - timedelta(days=89),
        method="signed_paper",
    )
    customers.record_consent(conn, SYSTEM, customer_no=customer_no, consent=consent, now=now)
