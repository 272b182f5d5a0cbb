"""Decides the VAT of a line: its rate by kind and taxpayer, and how its price is split.

Prices include VAT. Leaves out who is exempt for a month of few sales (≤ 100,000 yuan of a
small-scale taxpayer, until 2027-12-31): that is known when the month is over, and told to the tax
office then. Leaves out the rates themselves, which are figures with their day.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from fleet.money_figures import VatRates, VatTreatment
from fleet.vat.model import Taxpayer
from kit.money import round_fen


@dataclass(frozen=True, slots=True)
class VatTable:
    """The rates of one organisation on one day."""

    taxpayer: Taxpayer
    simplified: bool
    rates: VatRates
    treatment: VatTreatment

    def pct(self, line_kind: str) -> Decimal | None:
        """The rate of a kind of line in per cent; None: not subject to VAT.

        A general taxpayer leases at 13 %, or at 3 % where it chose 简易计税; a small-scale one has
        one rate for everything (增值税法 §10–11). Raises AttributeError for a kind of line that the
        figures do not know, a fault of the program.
        """
        category = getattr(self.treatment, line_kind)
        if category == "none":
            return None
        if self.taxpayer == "small_scale":
            return self.rates.small_scale_pct
        if category == "leasing" and self.simplified:
            return self.rates.simplified_pct
        rate: Decimal = getattr(self.rates, f"{category}_pct")
        return rate


def split(amount_fen: int, pct: Decimal | None) -> tuple[int, int]:
    """Net and VAT of an amount that includes it, in fen; rounded once, on the VAT.

    >>> split(300_000, Decimal("13"))  # 3,000.00 of rent: 3,000 × 13 / 113 = 345.13
    (265487, 34513)
    >>> split(300_000, Decimal("3")), split(300_000, Decimal("1"))  # 87.38 and 29.70
    ((291262, 8738), (297030, 2970))
    >>> split(60_000, None)  # a fine passed on is not subject to VAT
    (60000, 0)
    >>> split(-300_000, Decimal("13"))  # what is taken off, takes off as much
    (-265487, -34513)
    """
    if pct is None:
        return amount_fen, 0
    rate = Fraction(pct)
    vat_fen = round_fen(Fraction(amount_fen) * rate / (100 + rate))
    return amount_fen - vat_fen, vat_fen
