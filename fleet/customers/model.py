"""The shapes of customers and what belongs to them.

What is named `…_masked` shows a part of what is kept; what is kept in full never leaves the slice
but as `PersonalData`, for a reason that is written down.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, Literal, get_args
from uuid import UUID

Kind = Literal["person", "company"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
IdType = Literal[
    "id_card", "passport", "residence_permit", "travel_permit", "business_licence", "other"
]
ID_TYPES: Final[tuple[IdType, ...]] = get_args(IdType)
Tier = Literal["key", "preferred", "standard", "watched"]
TIERS: Final[tuple[Tier, ...]] = get_args(Tier)
AddressKind = Literal["registered", "delivery", "notice"]
ADDRESS_KINDS: Final[tuple[AddressKind, ...]] = get_args(AddressKind)
Decision = Literal["approved", "refused"]
Likeness = Literal["id_number", "phone", "tax_no", "name"]
LIKENESSES: Final[tuple[Likeness, ...]] = get_args(Likeness)


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody to speak to. `phone` is in full where it is given, masked where it is shown."""

    name: str
    phone: str | None = None
    position: str | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """Where the customer is, gets what is sent, or is given notice."""

    kind: AddressKind
    text: str


@dataclass(frozen=True, slots=True)
class CustomerFacts:
    """A card as somebody fills it in, whole.

    A phone or a number that is given as it was shown, masked, stays what it is.
    """

    kind: Kind
    name: str
    id_type: IdType | None = None
    id_number: str | None = None
    phone: str | None = None
    email: str | None = None
    contacts: tuple[Contact, ...] = ()
    addresses: tuple[Address, ...] = ()
    invoice_title: str | None = None
    tax_no: str | None = None
    invoice_address: str | None = None
    invoice_phone: str | None = None
    legal_person: str | None = None
    tier: Tier = "standard"
    notes: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class StoredCustomer:
    """A customer as stored: phones in clear, the number sealed. Never leaves the slice.

    `blacklisted` and `blacklist_proposed` are told of it and of all that were merged into it.
    """

    id: int
    tenant_id: int
    organisation_id: int
    organisation_code: str
    zone: str
    customer_no: str
    kind: Kind
    name: str
    id_type: IdType | None
    id_sealed: bytes | None
    id_digest: bytes | None
    phone: str | None
    email: str | None
    contacts: list[dict[str, str | None]]
    addresses: list[dict[str, str]]
    invoice_title: str | None
    tax_no: str | None
    invoice_address: str | None
    invoice_phone: str | None
    legal_person: str | None
    tier: Tier
    notes: str | None
    reference: str | None
    blacklisted: bool
    blacklist_proposed: bool
    merged_into_id: int | None
    merged_into_no: str | None
    merged_at: datetime | None
    erased_at: datetime | None
    created_by: str | None
    created_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer, phones and number masked. `zone` is of its organisation's business dates.

    `id_masked` is None where there is no number, or no key was given to read it with.
    `merged_into_no`: it is a tombstone, the customer goes on under that number.
    """

    id: int
    tenant_id: int
    organisation_id: int
    organisation_code: str
    zone: str
    customer_no: str
    kind: Kind
    name: str
    id_type: IdType | None
    id_masked: str | None
    phone_masked: str | None
    email: str | None
    contacts: list[Contact]
    addresses: list[Address]
    invoice_title: str | None
    tax_no: str | None
    invoice_address: str | None
    invoice_phone_masked: str | None
    legal_person: str | None
    tier: Tier
    notes: str | None
    reference: str | None
    blacklisted: bool
    blacklist_proposed: bool
    merged_into_no: str | None
    merged_at: datetime | None
    erased_at: datetime | None
    created_by: str | None
    created_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class StoredDriver:
    """A driver as stored; `customer_id` is whose row it is, perhaps of a merged customer.

    `zone` is of the organisation's business dates.
    """

    id: int
    key: UUID
    customer_id: int
    name: str
    phone: str | None
    licence_sealed: bytes
    classes: list[str]
    first_issued_on: date | None
    valid_to_on: date
    version: int
    zone: str


@dataclass(frozen=True, slots=True)
class Driver:
    """Whoever drives for a customer. `valid_to_on` is LONG_TERM for a licence without an end.

    `classes` are those of 准驾车型 in the order of the table. `licence_masked` is None where no key
    was given to read it with. `zone` is of the organisation's business dates.
    """

    id: int
    key: UUID
    customer_id: int
    name: str
    phone_masked: str | None
    licence_masked: str | None
    classes: list[str]
    first_issued_on: date | None
    valid_to_on: date
    version: int
    zone: str


@dataclass(frozen=True, slots=True)
class DriverFacts:
    """A driver as somebody writes them down; without `licence_no` and `name` the customer itself.

    `licence_no` and `phone` given as shown, masked, stay what they are. `valid_to_on` None stands
    for a licence without an end, 长期.
    """

    classes: tuple[str, ...]
    valid_to_on: date | None
    name: str | None = None
    licence_no: str | None = None
    phone: str | None = None
    first_issued_on: date | None = None


@dataclass(frozen=True, slots=True)
class StoredAccount:
    """A bank account as stored, and the customer whose row it is."""

    id: int
    customer_id: int
    customer_no: str
    bank: str
    holder: str
    account_sealed: bytes
    added_by: str | None
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Account:
    """A bank account, of its number the last four digits; None where no key was given."""

    id: int
    customer_id: int
    bank: str
    holder: str
    account_masked: str | None
    added_by: str | None
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Blacklisting:
    """A proposal to lease a customer nothing any more, and what became of it.

    In force from its approval until it is lifted.
    """

    id: int
    customer_no: str
    reason: str
    proposed_by: str | None
    proposed_at: datetime
    decision: Decision | None
    decided_by: str | None
    decided_at: datetime | None
    decision_note: str | None
    lifted_by: str | None
    lifted_at: datetime | None
    lifted_because: str | None


@dataclass(frozen=True, slots=True)
class CustomerDetail:
    """A customer with its history on the blacklist, and the numbers that were merged into it."""

    customer: Customer
    blacklistings: list[Blacklisting]
    merged_from: list[str]


@dataclass(frozen=True, slots=True)
class PersonalData:
    """A customer's numbers and phones in full."""

    phone: str | None
    id_number: str | None
    invoice_phone: str | None
    contacts: list[Contact] = field(default_factory=list)
    drivers: list[tuple[UUID, str, str | None]] = field(default_factory=list)
    """Key, licence number and phone of each."""
    accounts: list[tuple[int, str]] = field(default_factory=list)
    """Id and account number of each."""


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Customers that may be one: what they have in common, how many there are, and the first few.

    `customer_nos` and `organisations` stand beside one another, the oldest number first.
    """

    likeness: Likeness
    kind: Kind
    names: list[str]
    customer_nos: list[str]
    organisations: list[str]
    count: int
