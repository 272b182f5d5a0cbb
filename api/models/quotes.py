"""Quotes over HTTP."""

from datetime import date, datetime
from typing import Annotated, Any, Final

from fastapi import Path
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from api.models.actors import Writer
from api.models.amounts import plain
from api.models.leases import LEASE
from api.models.terms import EXAMPLE as TERMS
from api.models.terms import TermsIn, TermsOut
from api.models.text import Code, Day, Input, Line, Name, plain_text
from fleet.leasing.terms import LeaseKind
from fleet.quotes.service import Quote, QuoteDetail, State, Wanted

ROW: Final[dict[str, Any]] = {
    "quote_no": "Q2611-4MXT9W",
    "organisation": "shenzhen-nanshan",
    "customer_no": None,
    "customer_name": None,
    "prospect": "王先生",
    "prospect_phone": "138****5678",
    "kind": "long",
    "starts_on": "2026-12-01",
    "vehicles": 1,
    "rent_fen": 280_000,
    "valid_until_on": "2026-12-05",
    "expired": False,
    "state": "open",
    "state_note": None,
    "lease_no": None,
    "created_by": "nanshan.sales",
    "created_at": "2026-11-21T06:00:00Z",
}
PRICE: Final[dict[str, Any]] = {
    "line_no": 1,
    "rent_fen": 280_000,
    "per": "month",
    "deposit_fen": 800_000,
    "discount_pct": 0.0,
}
DETAIL: Final[dict[str, Any]] = {**ROW, "terms": TERMS, "prices": [PRICE], "version": 1}
QuoteNoPath = Annotated[str, Path(max_length=40, description="报价号.", examples=["Q2611-4MXT9W"])]
CustomerNo = Annotated[
    str,
    Field(
        min_length=1, max_length=40, description="Number of a customer.", examples=["C2611-PZ84QK"]
    ),
    AfterValidator(plain_text),
]
Phone = Annotated[
    str,
    Field(min_length=5, max_length=20, pattern=r"^\+?[0-9 -]{5,19}$", examples=["13812345678"]),
]


class QuoteOut(BaseModel):
    """A quote in a list; phones are masked."""

    model_config = ConfigDict(json_schema_extra={"example": ROW})

    quote_no: str
    organisation: str
    customer_no: str | None
    customer_name: str | None
    prospect: str | None = Field(description="Who is no customer yet.")
    prospect_phone: str | None
    kind: LeaseKind
    starts_on: date
    vehicles: int = Field(description="How many lines it has.")
    rent_fen: int = Field(description="Of all lines together, for what each is by.")
    valid_until_on: date
    expired: bool = Field(description="It is open, and that day is over.")
    state: State
    state_note: str | None
    lease_no: str | None = Field(description="What it became.")
    created_by: Writer
    created_at: datetime

    @classmethod
    def of(cls, quote: Quote) -> "QuoteOut":
        """As the service gives it."""
        return cls(**_told(quote))


class ListedOut(BaseModel):
    """A line beside the list on the day it begins; null: the list says nothing of it."""

    line_no: int
    rent_fen: int | None
    per: str | None
    deposit_fen: int | None
    discount_pct: float | None = Field(description="Below the list; negative above it.")


class QuoteDetailOut(QuoteOut):
    """A quote with its terms, and each line beside the list."""

    model_config = ConfigDict(json_schema_extra={"example": DETAIL})

    terms: TermsOut
    prices: list[ListedOut]
    version: int = Field(ge=1)

    @classmethod
    def of_detail(cls, detail: QuoteDetail) -> "QuoteDetailOut":
        """As the service gives it."""
        quote = detail.quote
        return cls(
            **_told(quote),
            terms=TermsOut.of(quote.terms),
            prices=[
                ListedOut(
                    line_no=price.line_no,
                    rent_fen=price.listed and price.listed.rent_fen,
                    per=price.listed and price.listed.per,
                    deposit_fen=price.listed and price.listed.deposit_fen,
                    discount_pct=plain(price.discount_pct),
                )
                for price in detail.prices
            ],
            version=quote.row.version,
        )


class AcceptedOut(BaseModel):
    """A quote that was accepted, and the number of the draft it became."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "lease_no": LEASE["lease_no"],
                "quote": {**DETAIL, "state": "accepted", "lease_no": LEASE["lease_no"]},
            }
        }
    )

    lease_no: str
    quote: QuoteDetailOut


class QuoteChange(Input):
    """What is quoted to whom, whole."""

    model_config = ConfigDict(json_schema_extra={"example": {"prospect": "王先生", "terms": TERMS}})

    terms: TermsIn
    customer_no: CustomerNo | None = None
    prospect: Name | None = Field(None, description="Of somebody who is no customer yet.")
    prospect_phone: Phone | None = None
    valid_until_on: Day | None = Field(None, description="[in two weeks]")

    def wanted(self) -> Wanted:
        """As the service takes it."""
        return Wanted(
            terms=self.terms.terms(),
            customer_no=self.customer_no,
            prospect=self.prospect,
            prospect_phone=self.prospect_phone,
            valid_until_on=self.valid_until_on,
        )


class QuoteIn(QuoteChange):
    """A new quote."""

    organisation: Code | None = Field(
        None, description="Whose it is [yours]; of a customer's quote, the customer's."
    )


class Accept(Input):
    """Whom the lease is for."""

    model_config = ConfigDict(json_schema_extra={"example": {"customer_no": "C2611-PZ84QK"}})

    customer_no: CustomerNo | None = Field(
        None, description="Which customer the prospect has become; needed where none is quoted."
    )
    reference: Name | None = Field(None, description="The number the lease has elsewhere.")


class QuoteEnd(Input):
    """Why it came to nothing."""

    model_config = ConfigDict(json_schema_extra={"example": {"note": "价格偏高"}})

    note: Line


def _told(quote: Quote) -> dict[str, Any]:
    row, terms = quote.row, quote.terms
    same = {name: getattr(row, name) for name in QuoteOut.model_fields if hasattr(row, name)}
    return same | {
        "organisation": row.organisation_code,
        "kind": terms.kind,
        "starts_on": terms.starts_on,
        "vehicles": len(terms.lines),
        "rent_fen": sum(line.rent_fen for line in terms.lines),
        "expired": quote.expired,
    }
