"""Decides how what is kept of a person is told to that person: whole, in clear, as JSON holds it.

Leaves out what the house says about itself only: ids, digests, versions.
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

from fleet.customers.in_bulk.rows import shown_reference
from fleet.customers.model import StoredAccount, StoredCustomer, StoredDriver
from fleet.customers.personal import unseal_account, unseal_id, unseal_licence
from fleet.customers.privacy.model import Consent
from fleet.masking import mask_number
from kit.sealed import SealBroken, SealingKey

UNREADABLE: Final = "（无法读取：以其他密钥加密）"
"""A number sealed with another key than this installation's."""
_CARD: Final = (
    *("customer_no", "organisation_code", "kind", "name", "id_type", "phone", "email", "contacts"),
    *("addresses", "invoice_title", "tax_no", "invoice_address", "invoice_phone", "legal_person"),
    *("tier", "notes", "reference", "blacklisted", "blacklist_proposed", "merged_into_no"),
    *("merged_at", "created_at"),
)


def card_told(card: StoredCustomer, key: SealingKey) -> dict[str, Any]:
    """A card with its number."""
    told = {name: getattr(card, name) for name in _CARD}
    told["organisation"] = told.pop("organisation_code")
    try:
        told["id_number"] = unseal_id(card, key)
    except SealBroken:
        told["id_number"] = UNREADABLE
    return told


def account_told(row: Mapping[str, Any], key: SealingKey) -> dict[str, Any]:
    """A bank account with its number."""
    account = StoredAccount(**{each.name: row[each.name] for each in fields(StoredAccount)})
    try:
        number = unseal_account(account, key)
    except SealBroken:
        number = UNREADABLE
    return {
        "customer_no": account.customer_no,
        "bank": account.bank,
        "holder": account.holder,
        "account_no": number,
        "added_at": account.added_at,
        "removed_at": row["removed_at"],
    }


def driver_told(row: Mapping[str, Any], key: SealingKey) -> dict[str, Any]:
    """A driver with phone and licence."""
    driver = StoredDriver(**{each.name: row[each.name] for each in fields(StoredDriver)})
    try:
        number = unseal_licence(driver, key)
    except SealBroken:
        number = UNREADABLE
    return {
        "customer_no": row["customer_no"],
        "name": driver.name,
        "phone": driver.phone,
        "licence_no": number,
        "classes": driver.classes,
        "first_issued_on": driver.first_issued_on,
        "valid_to_on": driver.valid_to_on,
        "added_at": row["added_at"],
        "removed_at": row["removed_at"],
    }


def consent_told(consent: Consent) -> dict[str, Any]:
    """A consent, the digest of its words as hex."""
    return {
        "customer_no": consent.customer_no,
        "kind": consent.kind,
        "text_version": consent.text_version,
        "text_sha256": consent.text_sha256.hex(),
        "given_by": consent.given_by,
        "given_at": consent.given_at,
        "method": consent.method,
        "evidence": consent.evidence,
        "withdrawn_at": consent.withdrawn_at,
        "withdrawn_note": consent.withdrawn_note,
    }


def keys_told(card: StoredCustomer, key: SealingKey) -> set[str]:
    """By what rows of sheets about this card may be known."""
    try:
        number = mask_number(unseal_id(card, key))
    except SealBroken:
        number = None
    reference = card.reference and shown_reference(card.reference)
    return {text for text in (card.customer_no, reference, number) if text}
