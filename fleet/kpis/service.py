"""Answers what the business asks of itself, each figure with its definition beside the number.

Utilisation, collection, ageing, deposits, credit, profit per vehicle, idle days, revenue. Every
figure is of an organisation with those below it, and of any day until today, from dated rows;
`known_at` gives it as it was known at an instant, where rows keep when they were recorded
(`docs/api.md` says where they do not). The parts: `vehicles`, `money`, `earning`.
"""

from fleet.kpis.definitions import Definition
from fleet.kpis.earning.service import (
    Profit,
    Profits,
    profit,
    profit_of_vehicles,
    revenue,
)
from fleet.kpis.model import (
    AgedOf,
    Ageing,
    Asked,
    CollectedOf,
    Collection,
    CreditOf,
    Credits,
    DaysOf,
    Deposits,
    DepositsOf,
    Figure,
    Idle,
    IdleVehicle,
    Revenue,
    RevenueOf,
    Utilisation,
)
from fleet.kpis.money.service import ageing, collection, credit, deposits
from fleet.kpis.reckoning.service import VehicleProfit
from fleet.kpis.vehicles.service import idle, utilisation

__all__ = [
    "AgedOf",
    "Ageing",
    "Asked",
    "CollectedOf",
    "Collection",
    "CreditOf",
    "Credits",
    "DaysOf",
    "Definition",
    "Deposits",
    "DepositsOf",
    "Figure",
    "Idle",
    "IdleVehicle",
    "Profit",
    "Profits",
    "Revenue",
    "RevenueOf",
    "Utilisation",
    "VehicleProfit",
    "ageing",
    "collection",
    "credit",
    "deposits",
    "idle",
    "profit",
    "profit_of_vehicles",
    "revenue",
    "utilisation",
]
