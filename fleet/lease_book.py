"""What pure files of other slices may know of a lease: its book, its terms, its periods of rent.

Bills follow from the book of a lease, and what decides on them does no I/O: so it cannot ask
leasing's service. Only shapes and calculations stand here. Leaves out all that reads or changes a
lease: `fleet/leasing/service.py`.
"""

from fleet.leasing.cautions import late_fee_a_year_pct
from fleet.leasing.early_price import rent_left_fen
from fleet.leasing.mileage import Settled, settle
from fleet.leasing.proration import share_of
from fleet.leasing.rent_periods import MonthPart, RentPeriod, Rhythm, periods_of, rhythm_of
from fleet.leasing.rescission import (
    Arrears,
    Rescission,
    may_rescind,
    may_rescind_finance_lease,
)
from fleet.leasing.shapes import OVER, Book, Segment, Suspension, Version
from fleet.leasing.term_dates import ONE_DAY, last_day
from fleet.leasing.terms import ClauseConcern, LateFee, Line, Mileage, Proration, Terms, TermUnit

__all__ = [
    "ONE_DAY",
    "OVER",
    "Arrears",
    "Book",
    "ClauseConcern",
    "LateFee",
    "Line",
    "Mileage",
    "MonthPart",
    "Proration",
    "RentPeriod",
    "Rescission",
    "Rhythm",
    "Segment",
    "Settled",
    "Suspension",
    "TermUnit",
    "Terms",
    "Version",
    "last_day",
    "late_fee_a_year_pct",
    "may_rescind",
    "may_rescind_finance_lease",
    "periods_of",
    "rent_left_fen",
    "rhythm_of",
    "settle",
    "share_of",
]
