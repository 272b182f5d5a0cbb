"""The leases of vehicles, as everybody else asks for them.

A lease is a book of events (`book.py`); tables say what follows from them. Each act stands in its
own part: `drafts` (to the signature), `approving`, `acts` (once it is signed), `placing` (vehicles
in lines, for `fleet/hand_overs`), `prices` (the list of rents), `views` (what is asked), `books`
(the events and their tables).
"""

from fleet.leasing.acts.service import (
    amend_lease,
    buy_out,
    cancel_lease,
    drop_line,
    extend_lease,
    resume_lease,
    suspend_lease,
    terminate_lease,
)
from fleet.leasing.approving.service import decide_approval, request_approval
from fleet.leasing.asking.service import check_lines
from fleet.leasing.books.service import (
    check_books,
    find_book,
    find_books,
    lock_lease,
    lock_vehicles,
)
from fleet.leasing.drafts.service import (
    change_draft,
    draft_lease,
    renew_lease,
    sign_lease,
)
from fleet.leasing.early_end import EarlyEndPreview
from fleet.leasing.figuring.service import RentOfPeriod, list_rent_periods, preview_early_end
from fleet.leasing.in_bulk.service import (
    BroughtIn,
    check_leases,
    known_leases,
    lease_keys_of,
    save_leases,
)
from fleet.leasing.mileage import settle_at_once
from fleet.leasing.model import (
    Approval,
    Drift,
    Holding,
    Lease,
    LeaseDetail,
    LeaseEvent,
    LeaseOfVehicle,
    ListPrice,
    Placed,
    Standing,
)
from fleet.leasing.placing.service import check_own, hand_out, swap, take_back
from fleet.leasing.prices.service import list_prices, price_for, prices_of_lines, set_price
from fleet.leasing.proration import rent_of
from fleet.leasing.refusals import LeaseNotFound, VehicleOfAnotherOrganisation
from fleet.leasing.rent_periods import rent_periods, rhythm_of
from fleet.leasing.shapes import Book, Segment, State
from fleet.leasing.terms import LeaseKind, Line, Mileage, Terms, TermUnit
from fleet.leasing.views.service import (
    count_leases_by,
    current_holding,
    current_lease_of,
    get_lease,
    get_lease_detail,
    held_at,
    is_held_or_promised,
    list_events,
    list_leases,
    list_vehicle_leases,
    vins_of,
)

__all__ = [
    "Approval",
    "Book",
    "BroughtIn",
    "Drift",
    "EarlyEndPreview",
    "Holding",
    "Lease",
    "LeaseDetail",
    "LeaseEvent",
    "LeaseKind",
    "LeaseNotFound",
    "LeaseOfVehicle",
    "Line",
    "ListPrice",
    "Mileage",
    "Placed",
    "RentOfPeriod",
    "Segment",
    "Standing",
    "State",
    "TermUnit",
    "Terms",
    "VehicleOfAnotherOrganisation",
    "amend_lease",
    "buy_out",
    "cancel_lease",
    "change_draft",
    "check_books",
    "check_leases",
    "check_lines",
    "check_own",
    "count_leases_by",
    "current_holding",
    "current_lease_of",
    "decide_approval",
    "draft_lease",
    "drop_line",
    "extend_lease",
    "find_book",
    "find_books",
    "get_lease",
    "get_lease_detail",
    "hand_out",
    "held_at",
    "is_held_or_promised",
    "list_events",
    "list_leases",
    "list_prices",
    "list_vehicle_leases",
    "list_rent_periods",
    "known_leases",
    "lease_keys_of",
    "lock_lease",
    "lock_vehicles",
    "preview_early_end",
    "price_for",
    "prices_of_lines",
    "renew_lease",
    "rent_of",
    "rent_periods",
    "request_approval",
    "resume_lease",
    "rhythm_of",
    "save_leases",
    "set_price",
    "settle_at_once",
    "sign_lease",
    "suspend_lease",
    "swap",
    "take_back",
    "terminate_lease",
    "vins_of",
]
