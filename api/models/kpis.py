"""The figures of the business over HTTP: what each tells, and those of vehicles.

Shares are told in per cent, as text with two places.
"""

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from fleet.kpis.ratios import as_pct
from fleet.kpis.service import DaysOf, Figure, Idle, IdleVehicle, Utilisation

Pct = Annotated[
    str | None, Field(description="Per cent with two places; null where there is nothing to share.")
]


class DefinitionOut(BaseModel):
    """What a figure is, and which rows it is computed from."""

    code: str
    name: str
    chinese_name: str = Field(examples=["出租率"])
    meaning: str
    chinese: str
    computed_from: list[str]


class FigureOut(BaseModel):
    """What every figure tells: its definition, of whom, as known when."""

    definition: DefinitionOut
    organisation: str | None = Field(description="It and all below it.")
    time_zone: str = Field(description="In which its days begin.")
    known_at: datetime = Field(description="Nothing recorded later is counted.")


def figure_of(figure: Figure) -> dict[str, Any]:
    """What every figure tells."""
    return {
        "definition": DefinitionOut(
            **{**asdict(figure.definition), "computed_from": list(figure.definition.computed_from)}
        ),
        "organisation": figure.asked.organisation_code,
        "time_zone": figure.asked.zone,
        "known_at": figure.asked.known_at,
    }


class DaysOut(BaseModel):
    """Vehicle-days of an organisation, or of all (null)."""

    organisation: str | None
    vehicles: int
    fleet_days: int
    leased_days: int
    not_to_be_let_days: int = Field(
        description="Without a lease: in repair, off the road, not registered, for sale."
    )
    utilisation_pct: Pct
    utilisation_of_lettable_pct: Pct

    @classmethod
    def of(cls, days: DaysOf) -> "DaysOut":
        """As the service gives it."""
        return cls(
            organisation=days.code,
            vehicles=days.vehicles,
            fleet_days=days.fleet_days,
            leased_days=days.leased_days,
            not_to_be_let_days=days.away_days,
            utilisation_pct=as_pct(days.utilisation),
            utilisation_of_lettable_pct=as_pct(days.utilisation_of_lettable),
        )


class UtilisationOut(FigureOut):
    """出租率 of the days [from_on, until_on)."""

    from_on: date
    until_on: date
    total: DaysOut
    organisations: list[DaysOut]

    @classmethod
    def of(cls, figure: Utilisation) -> "UtilisationOut":
        """As the service gives it."""
        return cls(
            **figure_of(figure),
            from_on=figure.span.from_on,
            until_on=figure.span.until_on,
            total=DaysOut.of(figure.total),
            organisations=[DaysOut.of(each) for each in figure.organisations],
        )


class IdleVehicleOut(BaseModel):
    """A vehicle without a lease."""

    vin: str = Field(examples=["LSGPC52U6AF102554"])
    plate: str | None
    model: str | None
    organisation: str
    stage: str
    since_on: date = Field(description="When it came back, or joined.")
    days: int
    sellable: bool

    @classmethod
    def of(cls, vehicle: IdleVehicle) -> "IdleVehicleOut":
        """As the service gives it."""
        told = asdict(vehicle)
        return cls(organisation=told.pop("organisation_code"), **told)


class IdleOut(FigureOut):
    """闲置天数 at the end of a day: how many vehicles, and their days together."""

    on: date
    vehicles: int
    days: int
    sellable_vehicles: int
    sellable_days: int
    not_sellable_vehicles: int
    not_sellable_days: int

    @classmethod
    def of(cls, figure: Idle) -> "IdleOut":
        """As the service gives it."""
        return cls(
            **figure_of(figure),
            on=figure.on,
            vehicles=figure.sellable + figure.not_sellable,
            days=figure.sellable_days + figure.not_sellable_days,
            sellable_vehicles=figure.sellable,
            sellable_days=figure.sellable_days,
            not_sellable_vehicles=figure.not_sellable,
            not_sellable_days=figure.not_sellable_days,
        )
