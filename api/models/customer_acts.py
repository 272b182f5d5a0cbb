"""Finding by number, unmasking, merging and duplicates of customers over HTTP."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.models.customers import ContactOut, CustomerNo, Digits, contact_out
from api.models.text import Input, Line
from fleet.customers.model import Kind, Likeness
from fleet.customers.service import Duplicates, PersonalData


class FindCustomers(Input):
    """The ID number customers are looked for by."""

    model_config = ConfigDict(json_schema_extra={"example": {"id_number": "11010519491231002X"}})

    id_number: Digits = Field(description="In full, however it is typed; nothing else finds it.")


class Unmask(Input):
    """Why somebody's data are looked at in full; it stands in the audit trail."""

    model_config = ConfigDict(json_schema_extra={"example": {"reason": "核对租赁合同身份信息"}})

    reason: Line


class DriverInFullOut(BaseModel):
    """A driver's licence and phone in full."""

    key: UUID
    licence_no: str
    phone: str | None


class AccountInFullOut(BaseModel):
    """An account in full."""

    id: int
    account_no: str


class PersonalDataOut(BaseModel):
    """In full."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "phone": "13812345678",
                "id_number": "11010519491231002X",
                "invoice_phone": None,
                "contacts": [],
                "drivers": [],
                "accounts": [{"id": 7, "account_no": "6222021234567890123"}],
            }
        }
    )

    phone: str | None
    id_number: str | None
    invoice_phone: str | None
    contacts: list[ContactOut]
    drivers: list[DriverInFullOut]
    accounts: list[AccountInFullOut]

    @classmethod
    def of(cls, data: PersonalData) -> "PersonalDataOut":
        """As the service gives it."""
        return cls(
            phone=data.phone,
            id_number=data.id_number,
            invoice_phone=data.invoice_phone,
            contacts=[contact_out(each) for each in data.contacts],
            drivers=[
                DriverInFullOut(key=key, licence_no=number, phone=phone)
                for key, number, phone in data.drivers
            ],
            accounts=[AccountInFullOut(id=each, account_no=no) for each, no in data.accounts],
        )


class Merge(Input):
    """As whom a customer goes on, and why; it stands in the audit trail."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"into": "C2610-3HT9WA", "reason": "同一人重复建档"}}
    )

    into: CustomerNo
    reason: Line


class DuplicatesOut(BaseModel):
    """Customers that may be one, the oldest number first."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "likeness": "phone",
                "kind": "person",
                "count": 2,
                "customer_nos": ["C2610-3HT9WA", "C2611-7KQ4MX"],
                "names": ["王芳", "王 芳"],
                "organisations": ["shenzhen-nanshan", "shenzhen-nanshan"],
            }
        }
    )

    likeness: Likeness = Field(description="What they have in common.")
    kind: Kind
    count: int = Field(ge=2, description="How many; the first twenty are named.")
    customer_nos: list[str]
    names: list[str]
    organisations: list[str]

    @classmethod
    def of(cls, group: Duplicates) -> "DuplicatesOut":
        """As the service gives it."""
        return cls(**{name: getattr(group, name) for name in cls.model_fields})
