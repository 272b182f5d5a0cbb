"""The figures of earnings over HTTP: revenue, and profit per vehicle."""

from dataclasses import asdict
from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from api.models.kpis import FigureOut, figure_of
from fleet.kpis.service import Profit, Revenue, RevenueOf, VehicleProfit

NotKnown = Annotated[int | None, Field(description="Null: nobody wrote it down, or not for you.")]


class RevenueRowOut(BaseModel):
    """Earned in a month by an operator with a model, net of VAT."""

    month: str = Field(description="YYYY-MM.")
    organisation: str
    model: str | None = Field(description="Null: lines of no single vehicle, such as late fees.")
    rent_fen: int
    recharges_fen: int
    purchases_fen: int
    total_fen: int

    @classmethod
    def of(cls, row: RevenueOf) -> "RevenueRowOut":
        """As the service gives it."""
        return cls(
            month=f"{row.month_on:%Y-%m}",
            organisation=row.organisation_code,
            model=row.model,
            rent_fen=row.rent_fen,
            recharges_fen=row.recharges_fen,
            purchases_fen=row.purchases_fen,
            total_fen=row.total_fen,
        )


class RevenueOut(FigureOut):
    """营业收入 of the days [from_on, until_on)."""

    from_on: date
    until_on: date
    total_fen: int
    rows: list[RevenueRowOut]

    @classmethod
    def of(cls, figure: Revenue) -> "RevenueOut":
        """As the service gives it."""
        return cls(
            **figure_of(figure),
            from_on=figure.span.from_on,
            until_on=figure.span.until_on,
            total_fen=sum(row.total_fen for row in figure.rows),
            rows=[RevenueRowOut.of(row) for row in figure.rows],
        )


class CostPartOut(BaseModel):
    """A part of what vehicles cost."""

    part: str
    amount_fen: int = Field(description="As far as is known.")
    not_known_vehicles: int = Field(description="Of how many vehicles nobody knows it.")


class ProfitOut(FigureOut):
    """单车收益 of all vehicles together, in [from_on, until_on)."""

    from_on: date
    until_on: date
    vehicles: int
    rent_fen: int
    recharges_fen: int
    purchases_fen: int
    shares_fen: int
    of_no_vehicle_fen: int = Field(description="Earned by lines of no single vehicle.")
    costs: list[CostPartOut]
    profit_fen: int = Field(description="At most this, where something is not known.")

    @classmethod
    def of(cls, figure: Profit) -> "ProfitOut":
        """As the service gives it."""
        return cls(
            **figure_of(figure),
            from_on=figure.span.from_on,
            until_on=figure.span.until_on,
            vehicles=figure.vehicles,
            **asdict(figure.income),
            of_no_vehicle_fen=figure.of_no_vehicle_fen,
            costs=[
                CostPartOut(part=part, amount_fen=fen, not_known_vehicles=figure.not_known[part])
                for part, fen in figure.costs_fen.items()
            ],
            profit_fen=figure.profit_fen,
        )


class VehicleProfitOut(BaseModel):
    """What a vehicle brought in and cost, as far as is known."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "vin": "LSGPC52U6AF102554",
                "plate": "粤BD12345",
                "model": "瑞驰 EC35",
                "organisation": "shenzhen-nanshan",
                "fleet_days": 31,
                "leased_days": 30,
                "rent_fen": 221239,
                "recharges_fen": 12000,
                "purchases_fen": 0,
                "shares_fen": 0,
                "depreciation_fen": 158333,
                "insurance_fen": 0,
                "inspection_fen": 1250,
                "repair_fen": 85000,
                "other_fen": 0,
                "energy_fen": None,
                "finance_fen": None,
                "commission_fen": 0,
                "not_known": ["energy", "finance"],
                "profit_fen": -11344,
            }
        }
    )

    vin: str = Field(examples=["LSGPC52U6AF102554"])
    plate: str | None
    model: str | None
    organisation: str | None = Field(description="Who had it most of the days.")
    fleet_days: int
    leased_days: int
    rent_fen: int
    recharges_fen: int
    purchases_fen: int
    shares_fen: int = Field(description="Received of its operator.")
    depreciation_fen: NotKnown
    insurance_fen: NotKnown
    inspection_fen: NotKnown
    repair_fen: NotKnown
    other_fen: NotKnown
    energy_fen: NotKnown
    finance_fen: NotKnown
    commission_fen: NotKnown
    not_known: list[str]
    profit_fen: int = Field(description="At most this, where something is not known.")

    @classmethod
    def of(cls, row: VehicleProfit) -> "VehicleProfitOut":
        """As the service gives it."""
        return cls(
            vin=row.vin,
            plate=row.plate,
            model=row.model,
            organisation=row.organisation_code,
            fleet_days=row.fleet_days,
            leased_days=row.leased_days,
            **asdict(row.income),
            **asdict(row.outlay),
            not_known=list(row.outlay.not_known),
            profit_fen=row.profit_fen,
        )
