"""The shapes of VAT: which taxpayer an organisation is, from a day on."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal, get_args

Taxpayer = Literal["general", "small_scale"]
"""一般纳税人, 小规模纳税人."""
TAXPAYERS: Final[tuple[Taxpayer, ...]] = get_args(Taxpayer)


@dataclass(frozen=True, slots=True)
class TaxProfile:
    """What an organisation, and those below it that say nothing else, are from a day on.

    `simplified`: a general taxpayer that chose 简易计税 for leasing.
    """

    id: int
    organisation_code: str
    taxpayer: Taxpayer
    simplified: bool
    valid_from_on: date
    recorded_by: str | None
    recorded_at: datetime
