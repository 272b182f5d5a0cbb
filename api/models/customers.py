"""Customers over HTTP. Phones and numbers go out masked, and may come back as they were shown."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Path
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from api.models.actors import Decider, Writer
from api.models.text import Code, Input, Line, Name, plain_text
from fleet.customers.model import AddressKind, Decision, IdType, Kind, Tier
from fleet.customers.service import (
    Address,
    Blacklisting,
    Contact,
    Customer,
    CustomerDetail,
    CustomerFacts,
)

CARD: dict[str, Any] = {
    "kind": "person",
    "name": "王芳",
    "id_type": "id_card",
    "id_number": "11010519491231002X",
    "phone": "13812345678",
    "email": None,
    "contacts": [{"name": "王磊", "phone": "13987654321", "position": "司机"}],
    "addresses": [{"kind": "notice", "text": "深圳市南山区科技园 1 号"}],
    "invoice_title": "王芳",
    "tax_no": None,
    "invoice_address": None,
    "invoice_phone": None,
    "legal_person": None,
    "tier": "standard",
    "notes": None,
    "reference": "KH-0042",
}
ROW: dict[str, Any] = {
    "customer_no": "C2611-7KQ4MX",
    "organisation": "shenzhen-nanshan",
    **CARD,
    "id_number": "110***********002X",
    "phone": "138****5678",
    "contacts": [{"name": "王磊", "phone": "139****4321", "position": "司机"}],
    "blacklisted": False,
    "blacklist_proposed": False,
    "merged_into_no": None,
    "merged_at": None,
    "erased_at": None,
    "created_by": "nanshan.sales",
    "created_at": "2026-11-21T01:00:00Z",
    "version": 1,
}
BLACKLISTING: dict[str, Any] = {
    "customer_no": "C2611-7KQ4MX",
    "reason": "三次逾期未付租金",
    "proposed_by": "nanshan.sales",
    "proposed_at": "2026-11-21T01:00:00Z",
    "decision": "approved",
    "decided_by": "nanshan.manager",
    "decided_at": "2026-11-21T02:00:00Z",
    "decision_note": None,
    "lifted_by": None,
    "lifted_at": None,
    "lifted_because": None,
}
Paragraph = Annotated[str, Field(min_length=1, max_length=2_000), AfterValidator(plain_text)]
Digits = Annotated[
    str,
    Field(min_length=1, max_length=60, description="As it was shown, masked, it stays."),
    AfterValidator(plain_text),
]
CustomerNo = Annotated[
    str,
    Field(min_length=1, max_length=40, description="客户编号.", examples=["C2611-7KQ4MX"]),
    AfterValidator(plain_text),
]
CustomerNoPath = Annotated[
    str, Path(max_length=40, description="客户编号.", examples=["C2611-7KQ4MX"])
]


class ContactIn(Input):
    """Somebody to speak to."""

    name: Name
    phone: Digits | None = None
    position: Name | None = None


class AddressIn(Input):
    """An address, and what it is for."""

    kind: AddressKind
    text: Line


class ContactOut(BaseModel):
    """Somebody to speak to."""

    name: str
    phone: str | None = Field(description="Masked.")
    position: str | None


class AddressOut(BaseModel):
    """An address, and what it is for."""

    kind: AddressKind
    text: str


class CustomerOut(BaseModel):
    """A customer in a list."""

    model_config = ConfigDict(json_schema_extra={"example": ROW})

    customer_no: str
    organisation: str = Field(description="Who deals with it.")
    kind: Kind
    name: str
    id_type: IdType | None
    id_number: str | None = Field(description="Masked: the first three and the last four.")
    phone: str | None = Field(description="Masked: 138****5678.")
    email: str | None
    contacts: list[ContactOut]
    addresses: list[AddressOut]
    invoice_title: str | None
    tax_no: str | None
    invoice_address: str | None
    invoice_phone: str | None = Field(description="Masked.")
    legal_person: str | None
    tier: Tier
    notes: str | None
    reference: str | None = Field(description="The number it has elsewhere.")
    blacklisted: bool = Field(description="It leases nothing.")
    blacklist_proposed: bool = Field(description="Somebody has yet to decide.")
    merged_into_no: str | None = Field(description="It goes on under this number.")
    merged_at: datetime | None
    erased_at: datetime | None = Field(description="Its personal data are gone.")
    created_by: Writer
    created_at: datetime
    version: int = Field(ge=1)

    @classmethod
    def of(cls, customer: Customer) -> "CustomerOut":
        """As the service gives it."""
        return cls(**fields_of(customer))


class BlacklistingOut(BaseModel):
    """A proposal for the blacklist, and what became of it."""

    model_config = ConfigDict(json_schema_extra={"example": BLACKLISTING})

    customer_no: str = Field(description="Perhaps one that was merged into this one.")
    reason: str
    proposed_by: Writer
    proposed_at: datetime
    decision: Decision | None
    decided_by: Decider
    decided_at: datetime | None
    decision_note: str | None
    lifted_by: Decider
    lifted_at: datetime | None
    lifted_because: str | None

    @classmethod
    def of(cls, each: Blacklisting) -> "BlacklistingOut":
        """As the service gives it."""
        return cls(**{name: getattr(each, name) for name in cls.model_fields})


class CustomerDetailOut(CustomerOut):
    """A customer, its history on the blacklist, and whoever was merged into it."""

    model_config = ConfigDict(
        json_schema_extra={"example": {**ROW, "blacklistings": [], "merged_from": ["C2610-3HT9WA"]}}
    )

    blacklistings: list[BlacklistingOut]
    merged_from: list[str] = Field(description="Numbers that say now: it is this one.")

    @classmethod
    def of_detail(cls, detail: CustomerDetail) -> "CustomerDetailOut":
        """As the service gives it."""
        return cls(
            **fields_of(detail.customer),
            blacklistings=[BlacklistingOut.of(each) for each in detail.blacklistings],
            merged_from=detail.merged_from,
        )


class CustomerChange(Input):
    """A card as it is to be, whole; what is left out is none. Numbers as they were shown stay."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": CARD | {"id_number": "110***********002X", "phone": "138****5678"}
        }
    )

    kind: Kind
    name: Name
    id_type: IdType | None = Field(description="Null for none, together with the number.")
    id_number: Digits | None = Field(
        description="居民身份证 by GB 11643, 营业执照 by GB 32100; sealed at rest."
    )
    phone: Digits | None = None
    email: Line | None = None
    contacts: list[ContactIn] = Field(default_factory=list, max_length=20)
    addresses: list[AddressIn] = Field(default_factory=list, max_length=10)
    invoice_title: Line | None = None
    tax_no: Digits | None = Field(
        None, description="纳税人识别号; not of a person, whose is the ID card."
    )
    invoice_address: Line | None = None
    invoice_phone: Digits | None = None
    legal_person: Name | None = None
    tier: Tier = "standard"
    notes: Paragraph | None = None
    reference: Name | None = Field(None, description="The number it has elsewhere.")

    def facts(self) -> CustomerFacts:
        """As the service takes it."""
        given = {name: getattr(self, name) for name in CARD}
        given["contacts"] = tuple(
            Contact(each.name, each.phone, each.position) for each in self.contacts
        )
        given["addresses"] = tuple(Address(each.kind, each.text) for each in self.addresses)
        return CustomerFacts(**given)


class CustomerIn(CustomerChange):
    """A new customer."""

    model_config = ConfigDict(json_schema_extra={"example": CARD | {"organisation": None}})

    organisation: Code | None = Field(None, description="Null: the one you act for.")
    id_type: IdType | None = None
    id_number: Digits | None = None


def contact_out(contact: Contact) -> ContactOut:
    """A contact, its phone as given."""
    return ContactOut(name=contact.name, phone=contact.phone, position=contact.position)


def fields_of(customer: Customer) -> dict[str, Any]:
    """What a list tells of a customer."""
    renamed = {
        "organisation": customer.organisation_code,
        "id_number": customer.id_masked,
        "phone": customer.phone_masked,
        "invoice_phone": customer.invoice_phone_masked,
        "contacts": [contact_out(each) for each in customer.contacts],
        "addresses": [AddressOut(kind=each.kind, text=each.text) for each in customer.addresses],
    }
    same = CustomerOut.model_fields.keys() - renamed.keys()
    return renamed | {name: getattr(customer, name) for name in same}
