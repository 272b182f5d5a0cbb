"""Service packages over HTTP."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from api.models.actors import Writer
from api.models.amounts import Fen
from api.models.text import Code, Day, Input, Line, Vin
from fleet.packages.model import Package, Sale, Visit, VisitKind

PACKAGE: dict[str, Any] = {
    "organisation": "qingfan",
    "code": "battery-year",
    "title": "电池年度体检（4 次）",
    "months": 12,
    "price_fen": 80000,
    "visit_kind": "battery_check",
    "visits": 4,
    "retired_at": None,
    "recorded_by": "qingfan.manager",
    "recorded_at": "2026-01-05T02:00:00Z",
}
SALE: dict[str, Any] = {
    "key": "0198f0c2-6d3a-4b1e-9a52-0d6c7f2f7b41",
    "organisation": "shenzhen-nanshan",
    "lease_no": "L2611-7KQ4MX",
    "customer_no": "C2611-9QRTKX",
    "package": "battery-year",
    "title": "电池年度体检（4 次）",
    "months": 12,
    "visit_kind": "battery_check",
    "visits": 4,
    "line_no": 1,
    "vin": None,
    "from_on": "2026-11-21",
    "price_fen": 80000,
    "renews": True,
    "ended_on": None,
    "term_no": 1,
    "term_from_on": "2026-11-21",
    "term_until_on": "2027-11-21",
    "visits_done": 1,
    "visits_left": 3,
    "recorded_by": "nanshan.sales",
    "recorded_at": "2026-11-21T02:05:00Z",
    "version": 1,
}
VISIT: dict[str, Any] = {
    "no": 1,
    "visited_on": "2026-12-02",
    "work_order": "W2612-7KQ4MX",
    "note": None,
    "term_no": 1,
    "beyond": False,
    "recorded_by": "nanshan.ops",
    "recorded_at": "2026-12-02T06:00:00Z",
}
PackageCode = Annotated[
    str, Path(max_length=63, description="Code of the package.", examples=["battery-year"])
]
SaleKey = Annotated[UUID, Path(description="Key of the sale.")]
NewCode = Annotated[
    str,
    Field(
        min_length=2,
        max_length=63,
        pattern=r"^[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$",
        description="a–z, 0–9, hyphen; two at least.",
        examples=["battery-year"],
    ),
]
OrderNo = Annotated[
    str,
    Field(
        min_length=1,
        max_length=40,
        pattern=r"^[A-Z0-9-]+$",
        description="Number of a work order.",
        examples=["W2612-7KQ4MX"],
    ),
]


class PackageOut(BaseModel):
    """A package on the list: paid in advance for each term of so many months."""

    model_config = ConfigDict(json_schema_extra={"example": PACKAGE})

    organisation: str | None = Field(description="Whose it is; null: the head's, out of sight.")
    code: str
    title: str
    months: int = Field(ge=1, description="A term.")
    price_fen: int = Field(description="For a term, VAT included.")
    visit_kind: VisitKind | None = Field(description="Which work a visit is.")
    visits: int = Field(ge=0, description="Included in each term.")
    retired_at: datetime | None = Field(description="Not sold any more since.")
    recorded_by: Writer
    recorded_at: datetime

    @classmethod
    def of(cls, package: Package) -> "PackageOut":
        """As the service gives it."""
        same = {name: getattr(package, name) for name in cls.model_fields if name != "organisation"}
        return cls(**same, organisation=package.organisation_code)


class PackageIn(Input):
    """A package to be sold."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "code": "battery-year",
                "title": "电池年度体检（4 次）",
                "months": 12,
                "price_fen": 80000,
                "visit_kind": "battery_check",
                "visits": 4,
                "organisation": None,
            }
        }
    )

    code: NewCode
    title: Line
    months: int = Field(ge=1, le=120, description="A term.")
    price_fen: Fen
    visit_kind: VisitKind | None = None
    visits: int = Field(0, ge=0, le=1_000, description="Included in each term.")
    organisation: Code | None = Field(None, description="Whose; the one acted for unless said.")


class SaleOut(BaseModel):
    """A package sold with a lease, and where it stands today."""

    model_config = ConfigDict(json_schema_extra={"example": SALE})

    key: UUID
    organisation: str
    lease_no: str
    customer_no: str
    package: str
    title: str
    months: int = Field(ge=1)
    visit_kind: VisitKind | None
    visits: int = Field(ge=0, description="Included in each term.")
    line_no: int | None = Field(description="Null: of the lease as a whole.")
    vin: str | None = Field(description="Where it is for one vehicle, not for a line.")
    from_on: date
    price_fen: int = Field(description="For a term, VAT included; billed in advance.")
    renews: bool = Field(description="Another term follows each.")
    ended_on: date | None = Field(description="No term begins on that day or later.")
    term_no: int | None = Field(description="The term that runs today; null: none does.")
    term_from_on: date | None
    term_until_on: date | None = Field(description="The day after its last.")
    visits_done: int = Field(ge=0, description="In the term that runs.")
    visits_left: int = Field(ge=0)
    recorded_by: Writer
    recorded_at: datetime
    version: int = Field(ge=1)

    @classmethod
    def of(cls, sale: Sale) -> "SaleOut":
        """As the service gives it."""
        return cls(**_told(sale))


class VisitOut(BaseModel):
    """A visit that was made."""

    model_config = ConfigDict(json_schema_extra={"example": VISIT})

    no: int = Field(ge=1)
    visited_on: date
    work_order: str | None
    note: str | None
    term_no: int | None = Field(description="The term it counts in.")
    beyond: bool = Field(description="More than the term includes.")
    recorded_by: Writer
    recorded_at: datetime

    @classmethod
    def of(cls, visit: Visit) -> "VisitOut":
        """As the service gives it."""
        same = {name: getattr(visit, name) for name in cls.model_fields if name != "work_order"}
        return cls(**same, work_order=visit.work_order_no)


class SaleDetailOut(SaleOut):
    """A sale with each of its visits."""

    model_config = ConfigDict(json_schema_extra={"example": SALE | {"made": [VISIT]}})

    made: list[VisitOut]

    @classmethod
    def of(cls, sale: Sale) -> "SaleDetailOut":
        """As the service gives it."""
        return cls(**_told(sale), made=[VisitOut.of(each) for each in sale.made])


class SaleIn(Input):
    """A package to be sold with a lease."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "package": "battery-year",
                "from_on": "2026-11-21",
                "line_no": 1,
                "vin": None,
                "renews": True,
                "price_fen": None,
            }
        }
    )

    package: NewCode
    from_on: Day | None = Field(None, description="Today unless said; within the lease.")
    line_no: int | None = Field(None, ge=1, le=999, description="For one line of the lease.")
    vin: Vin | None = Field(None, description="For one vehicle of the lease.")
    renews: bool = Field(False, description="Until the sale or the lease ends.")
    price_fen: Fen | None = Field(None, description="Another price than the list's.")


class SaleEnd(Input):
    """From when on a sale has no further term."""

    model_config = ConfigDict(json_schema_extra={"example": {"ended_on": "2026-11-30"}})

    ended_on: Day | None = Field(
        None, description="Today unless said; back to its first day, where it was never sold."
    )


class VisitIn(Input):
    """A visit that was made."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "visited_on": "2026-12-02",
                "work_order": "W2612-7KQ4MX",
                "note": None,
                "beyond": False,
            }
        }
    )

    visited_on: Day | None = Field(None, description="Today unless said.")
    work_order: OrderNo | None = None
    note: Line | None = Field(None, description="Where else it was made, without a work order.")
    beyond: bool = Field(False, description="Also where all that is included are made.")


_OTHERWISE = {"organisation", "package", "term_no", "term_from_on", "term_until_on", "made"}
_OF_SALE = {"visits_done", "visits_left"}


def _told(sale: Sale) -> dict[str, Any]:
    row, term = sale.row, sale.term
    names = SaleOut.model_fields.keys() - _OTHERWISE - _OF_SALE
    return {name: getattr(row, name) for name in names} | {
        "organisation": row.organisation_code,
        "package": row.package_code,
        "term_no": term and term.no,
        "term_from_on": term and term.from_on,
        "term_until_on": term and term.until_on,
        "visits_done": sale.visits_done,
        "visits_left": sale.visits_left,
    }
