"""Makes customers of one organisation, every text with its mark."""

from dataclasses import replace
from typing import Any

from psycopg import Connection

from fleet.customers.service import (
    Address,
    Contact,
    CustomerFacts,
    DriverFacts,
    NewConsent,
    add_account,
    add_driver,
    create_customer,
    decide_blacklisting,
    propose_blacklisting,
    record_consent,
)
from schemas.access import Actor
from tests.fleet.customers.numbers import account_no, id_card
from tests.isolation.crawl_world import KEY, LONG_AGO, NOW, Identifiers, Organisation

SAME_PHONE = "13712340000"
"""Of every customer: who sees several of them is told so, of those alone."""


def build(
    conn: Connection[Any], one: Organisation, known: Identifiers, *, owner: Organisation, by: Actor
) -> None:
    """As in `build_service.py`. `customer_no` has a driver, an account and an ID number; there is
    one proposed for the blacklist and one on it, and one to be merged.
    """
    own = replace(
        by, name=f"smith.{one.mark}", organisation_id=one.id, organisation_code=one.ids["code"]
    )
    spare = known is one.spare
    number = 100 + 2 * one.number + spare
    known["id_number"] = id_card(number)
    for kind, id_number in (
        ("customer_no", known["id_number"]),
        *((kind, None) for kind in ("customer_other", "customer_proposed", "customer_listed")),
    ):
        facts = CustomerFacts(
            kind="person",
            name=f"客{one.mark}",
            id_type="id_card" if id_number else None,
            id_number=id_number,
            phone=SAME_PHONE,
            email=f"{one.mark}@example.cn",
            contacts=(Contact(f"联{one.mark}", SAME_PHONE, f"职{one.mark}"),),
            addresses=(Address("notice", f"址{one.mark}"),),
            invoice_title=f"抬{one.mark}",
            legal_person=f"法{one.mark}",
            notes=f"注{one.mark}",
            reference=f"户{one.mark}-{kind}-{spare}",
        )
        known[kind] = create_customer(conn, own, facts=facts, key=KEY, now=NOW).customer_no
        one.marks.append(known[kind])
    asked: dict[str, Any] = {"customer_no": known["customer_no"], "key": KEY, "now": NOW}
    licence = DriverFacts(
        classes=("C1",), valid_to_on=None, name=f"驾{one.mark}", licence_no=id_card(500 + number)
    )
    driver = add_driver(conn, own, facts=licence, **asked)
    account = add_account(
        conn,
        own,
        bank=f"行{one.mark}",
        holder=f"持{one.mark}",
        account_no=account_no(number),
        **asked,
    )
    consent = NewConsent(
        *("location", f"版{one.mark}", bytes(32), f"同{one.mark}", LONG_AGO, "online"),
        evidence=f"证{one.mark}",
    )
    agreed = record_consent(conn, own, customer_no=known["customer_no"], consent=consent, now=NOW)
    known["consent_key"] = str(agreed.key)
    one.marks.append(known["consent_key"])
    known |= {"driver_key": str(driver.key), "account_id": account.id}
    one.marks.append(str(driver.key))
    for kind in ("customer_proposed", "customer_listed"):
        propose_blacklisting(conn, own, customer_no=known[kind], reason=f"黑{one.mark}", now=NOW)
    judge = replace(own, name=f"judge.{one.mark}")
    decide_blacklisting(conn, judge, customer_no=known["customer_listed"], approve=True, now=NOW)
