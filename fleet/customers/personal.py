"""Decides how a customer's numbers and phones are kept and shown: sealed, digested, masked.

A seal names the customer or the driver it is of, so that no row can take another's. What is given
as it was shown stays what it is: a card can be read, changed and written back whole without its
numbers being seen.
"""

from dataclasses import asdict, fields
from typing import Any, Final
from uuid import UUID

from fleet.customers.errors import BlacklistedIdKept, IdTypeMissing
from fleet.customers.id_numbers import check_texts, check_type, parse_id_number, parse_tax_no
from fleet.customers.model import (
    Account,
    Address,
    Contact,
    Customer,
    CustomerFacts,
    Driver,
    StoredAccount,
    StoredCustomer,
    StoredDriver,
)
from fleet.customers.typed import parse_email, parse_phone
from fleet.masking import UNREADABLE_ID_CARD, mask_account, mask_number, mask_phone
from kit.sealed import SealBroken, SealingKey

_ID: Final = "customers.id"
_LICENCE: Final = "customer_drivers.licence"
_ACCOUNT: Final = "customer_accounts.account"
_SHOWN: Final = frozenset(each.name for each in fields(Customer))
_PUBLIC: Final = "business_licence"
"""A company's number is public: it is its tax number, too."""


def digest_id(number: str, key: SealingKey) -> bytes:
    """By which a normalised ID number is found again, whatever paper it is of."""
    return key.digest(number.encode(), purpose=_ID)


def digest_licence(number: str, key: SealingKey) -> bytes:
    """By which the number of a driving licence is known again."""
    return key.digest(number.encode(), purpose=_LICENCE)


def digest_account(number: str, key: SealingKey) -> bytes:
    """By which a bank account is known again."""
    return key.digest(number.encode(), purpose=_ACCOUNT)


def seal_id(number: str, *, customer_no: str, key: SealingKey) -> bytes:
    """The ID number of this customer, sealed."""
    return key.seal(number.encode(), purpose=f"{_ID}/{customer_no}")


def seal_licence(number: str, *, driver_key: UUID, key: SealingKey) -> bytes:
    """The licence number of this driver, sealed."""
    return key.seal(number.encode(), purpose=f"{_LICENCE}/{driver_key}")


def seal_account(number: str, *, customer_no: str, key: SealingKey) -> bytes:
    """The number of an account of this customer, sealed."""
    return key.seal(number.encode(), purpose=f"{_ACCOUNT}/{customer_no}")


def unseal_id(customer: StoredCustomer, key: SealingKey) -> str | None:
    """The ID number in full; None if there is none.

    Raises:
        SealBroken: sealed with another key, or for another customer.
    """
    if customer.id_sealed is None:
        return None
    return key.unseal(customer.id_sealed, purpose=f"{_ID}/{customer.customer_no}").decode()


def unseal_licence(driver: StoredDriver, key: SealingKey) -> str:
    """The licence number in full.

    Raises:
        SealBroken: sealed with another key, or for another driver.
    """
    return key.unseal(driver.licence_sealed, purpose=f"{_LICENCE}/{driver.key}").decode()


def unseal_account(account: StoredAccount, key: SealingKey) -> str:
    """The account number in full.

    Raises:
        SealBroken: sealed with another key, or for another customer.
    """
    purpose = f"{_ACCOUNT}/{account.customer_no}"
    return key.unseal(account.account_sealed, purpose=purpose).decode()


def shown(customer: StoredCustomer, key: SealingKey | None) -> Customer:
    """The customer as others see it. Without a key, no number is."""
    known = {name: fact for name, fact in asdict(customer).items() if name in _SHOWN}
    return Customer(
        **known
        | {
            "id_masked": _id_masked(customer, key),
            "phone_masked": mask_phone(customer.phone),
            "invoice_phone_masked": mask_phone(customer.invoice_phone),
            "contacts": [
                Contact(each["name"] or "", mask_phone(each.get("phone")), each.get("position"))
                for each in customer.contacts
            ],
            "addresses": [Address(each["kind"], each["text"]) for each in customer.addresses],  # type: ignore[arg-type]
        }
    )


def shown_driver(driver: StoredDriver, key: SealingKey | None) -> Driver:
    """The driver as others see them."""
    masked = None
    if key is not None:
        try:
            masked = mask_number(unseal_licence(driver, key))
        except SealBroken:
            masked = UNREADABLE_ID_CARD
    known = asdict(driver)
    del known["phone"], known["licence_sealed"]
    return Driver(**known, phone_masked=mask_phone(driver.phone), licence_masked=masked)


def shown_account(account: StoredAccount, key: SealingKey | None) -> Account:
    """The account as others see it."""
    masked = None
    if key is not None:
        try:
            masked = mask_account(unseal_account(account, key))
        except SealBroken:
            masked = UNREADABLE_ID_CARD
    known = asdict(account)
    del known["account_sealed"], known["customer_no"]
    return Account(**known, account_masked=masked)


def kept_row(
    facts: CustomerFacts, was: StoredCustomer | None, *, customer_no: str, key: SealingKey
) -> dict[str, Any]:
    """The columns of a card; `was` is what it was before.

    Raises:
        IdTypeMissing, IdTypeUnfit, IdNumberMalformed, IdNumberCheckWrong, IdNumberInClear,
        TelephoneMalformed, TaxNoMalformed, TaxNoIsIdNumber, EmailMalformed: it cannot be kept.
        BlacklistedIdKept: another number, or none, of somebody on the blacklist.
    """
    number = _check_text_of(facts, was, key)
    kept_id = _kept_id(facts, was, number, customer_no=customer_no, key=key)
    _check_known_by(was, kept_id["id_digest"])
    return {
        "kind": facts.kind,
        "name": facts.name,
        **kept_id,
        "phone": kept_phone(facts.phone, was.phone if was else None),
        "email": None if facts.email is None else parse_email(facts.email),
        "contacts": _kept_contacts(facts, was),
        "addresses": [asdict(each) for each in facts.addresses],
        "invoice_title": facts.invoice_title,
        "tax_no": None if facts.tax_no is None else parse_tax_no(facts.tax_no, facts.kind),
        "invoice_address": facts.invoice_address,
        "invoice_phone": kept_phone(facts.invoice_phone, was.invoice_phone if was else None),
        "legal_person": facts.legal_person,
        "tier": facts.tier,
        "notes": facts.notes,
        "reference": facts.reference,
    }


def kept_phone(given: str | None, was: str | None) -> str | None:
    """A phone to keep; as it was shown, it stays.

    Raises:
        TelephoneMalformed: it is none.
    """
    if given is None:
        return None
    return was if was is not None and given == mask_phone(was) else parse_phone(given)


def changed_fields(was: StoredCustomer, row: dict[str, Any]) -> list[str]:
    """Which columns become different, for the audit trail, which tells no personal data.

    A number that was sealed anew is the same by its digest.
    """
    told = [name for name in row if name not in ("id_sealed", "id_digest")]
    changed = [name for name in told if row[name] != getattr(was, name)]
    return changed + (["id_number"] if row["id_digest"] != was.id_digest else [])


def _id_masked(customer: StoredCustomer, key: SealingKey | None) -> str | None:
    if key is None:
        return None
    try:
        return mask_number(unseal_id(customer, key))
    except SealBroken:
        return UNREADABLE_ID_CARD


def _stays(facts: CustomerFacts, was: StoredCustomer | None, key: SealingKey) -> bool:
    """Whether the number is given as it was shown."""
    if was is None or was.id_sealed is None:
        return False
    return facts.id_type == was.id_type and facts.id_number == _id_masked(was, key)


def _check_text_of(facts: CustomerFacts, was: StoredCustomer | None, key: SealingKey) -> str | None:
    """The number as it is kept, None if there is none or it stays; no text of the card holds it."""
    if (facts.id_type is None) != (facts.id_number is None):
        raise IdTypeMissing("a number and the paper it is of are given together")
    number, kept = None, None
    if facts.id_type is not None and facts.id_number is not None:
        check_type(facts.kind, facts.id_type)
        if _stays(facts, was, key) and was is not None:
            kept = None if facts.id_number == UNREADABLE_ID_CARD else unseal_id(was, key)
        else:
            number = kept = parse_id_number(facts.id_number, facts.id_type)
    people = [part for each in facts.contacts for part in (each.name, each.position)]
    check_texts(
        *(facts.name, facts.email, facts.invoice_title, facts.invoice_address),
        *(facts.legal_person, facts.notes, facts.reference),
        *people,
        *(each.text for each in facts.addresses),
        number=None if facts.id_type == _PUBLIC else kept,
    )
    return number


def _check_known_by(was: StoredCustomer | None, id_digest: bytes | None) -> None:
    """Keep the blacklist by the number: else a card is rid of it, and a new one takes it."""
    if was is None or was.id_digest is None or id_digest == was.id_digest:
        return
    if was.blacklisted or was.blacklist_proposed:
        raise BlacklistedIdKept("the number of a customer on the blacklist, or proposed, stays")


def _kept_id(
    facts: CustomerFacts,
    was: StoredCustomer | None,
    number: str | None,
    *,
    customer_no: str,
    key: SealingKey,
) -> dict[str, Any]:
    if number is not None:
        sealed = seal_id(number, customer_no=customer_no, key=key)
        return {
            "id_type": facts.id_type,
            "id_sealed": sealed,
            "id_digest": digest_id(number, key),
        }
    if facts.id_number is None or was is None:
        return {"id_type": None, "id_sealed": None, "id_digest": None}
    return {"id_type": was.id_type, "id_sealed": was.id_sealed, "id_digest": was.id_digest}


def _kept_contacts(facts: CustomerFacts, was: StoredCustomer | None) -> list[dict[str, str | None]]:
    """Contacts to keep; a phone as it was shown is that of the same name, or of another."""
    known = [] if was is None else was.contacts
    kept = []
    for contact in facts.contacts:
        same_first = sorted(known, key=lambda each: each["name"] != contact.name)
        masked = (each.get("phone") for each in same_first)
        before = next((p for p in masked if p and mask_phone(p) == contact.phone), None)
        kept.append(
            {
                "name": contact.name,
                "phone": kept_phone(contact.phone, before),
                "position": contact.position,
            }
        )
    return kept
