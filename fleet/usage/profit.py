"""Decides what a vehicle brought in, 单车收益: what it earned less what it cost.

Profit = rent + recharges + price of the vehicle (lease-to-own) + shares received − depreciation −
insurance − inspection − repair − other costs − energy − finance − commission (LEASING.md §4). What
nobody wrote down is None, told by name, and counts as nothing: a profit with something not known is
at most what it says. Every vehicle has to be inspected and insured, so that no such cost ever
written down means that it is not known; a vehicle that never broke cost nothing to mend. Leaves out
where the amounts come from (`fleet/kpis`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

Part = Literal[
    "depreciation", "insurance", "inspection", "repair", "other", "energy", "finance", "commission"
]
COST_PARTS: Final[tuple[Part, ...]] = get_args(Part)
REPAIRS: Final = ("repair", "maintenance", "care", "battery_test", "accident")
OTHERS: Final = ("permit", "other")


@dataclass(frozen=True, slots=True)
class Income:
    """What a vehicle brought in, in fen net of VAT."""

    rent_fen: int = 0
    recharges_fen: int = 0
    purchases_fen: int = 0
    shares_fen: int = 0

    @property
    def total_fen(self) -> int:
        """All of it."""
        return self.rent_fen + self.recharges_fen + self.purchases_fen + self.shares_fen


@dataclass(frozen=True, slots=True)
class Outlay:
    """What a vehicle cost, in fen; None is not known."""

    depreciation_fen: int | None = None
    insurance_fen: int | None = None
    inspection_fen: int | None = None
    repair_fen: int | None = None
    other_fen: int | None = None
    energy_fen: int | None = None
    finance_fen: int | None = None
    commission_fen: int | None = None

    @property
    def not_known(self) -> tuple[Part, ...]:
        """The parts nobody wrote down."""
        return tuple(part for part in COST_PARTS if getattr(self, f"{part}_fen") is None)

    @property
    def known_fen(self) -> int:
        """All that is known of it."""
        return sum(getattr(self, f"{part}_fen") or 0 for part in COST_PARTS)


def outlay_of(
    costs: Mapping[str, int] | None,
    *,
    depreciation_fen: int | None,
    commission_fen: int | None,
) -> Outlay:
    """What a vehicle cost: `costs` has each kind that was ever written down, be it with 0.

    `costs` None: costs may not be seen. Energy and money borrowed are written down nowhere yet.

    >>> outlay = outlay_of({"insurance": 0, "repair": 80_000, "care": 5_000},
    ...     depreciation_fen=158_333, commission_fen=0)
    >>> outlay.insurance_fen, outlay.repair_fen, outlay.inspection_fen, outlay.not_known
    (0, 85000, None, ('inspection', 'energy', 'finance'))
    """
    if costs is None:
        return Outlay(depreciation_fen=depreciation_fen, commission_fen=commission_fen)
    return Outlay(
        depreciation_fen=depreciation_fen,
        insurance_fen=costs.get("insurance"),
        inspection_fen=costs.get("inspection"),
        repair_fen=sum(costs.get(kind, 0) for kind in REPAIRS),
        other_fen=sum(costs.get(kind, 0) for kind in OTHERS),
        commission_fen=commission_fen,
    )


def profit_fen(income: Income, outlay: Outlay) -> int:
    """What is left, in fen.

    Rent 2,212.39 net and 100.00 charged on, less 1,583.33 depreciation and 850.00 repair:

    >>> profit_fen(Income(rent_fen=221_239, recharges_fen=10_000),
    ...     Outlay(depreciation_fen=158_333, repair_fen=85_000))
    -12094
    """
    return income.total_fen - outlay.known_fen
