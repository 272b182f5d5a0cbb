"""What is not allowed with service packages."""

from kit.errors import Conflict, Invalid, NotFound, Refused


class PackageNotFound(NotFound):
    """No package on the list has this code."""

    code = "package_not_found"


class PackageExists(Conflict):
    """The organisation has a package of this code, on sale or retired."""

    code = "package_exists"
    field = "code"


class PackageVisitsOfNoKind(Invalid):
    """Visits are of a kind of work, and a kind without visits is none."""

    code = "package_visits_of_no_kind"
    field = "visit_kind"


class PackageRetired(Refused):
    """It is not sold any more."""

    code = "package_retired"


class PackageSaleNotFound(NotFound):
    """There is no such sale in sight."""

    code = "package_sale_not_found"


class PackageLeaseOver(Refused):
    """The lease is over, or is a draft still: nothing is sold with it."""

    code = "package_lease_over"


class PackageOutsideLease(Invalid):
    """It is to begin before the lease or after its last day."""

    code = "package_outside_lease"
    field = "from_on"


class PackageLineUnknown(Invalid):
    """The lease has no such line."""

    code = "package_line_unknown"
    field = "line_no"


class PackageSaleEnded(Refused):
    """It was ended before."""

    code = "package_sale_ended"


class PackageEndOutsideSale(Invalid):
    """It ends before it begins, or in days to come."""

    code = "package_end_outside_sale"
    field = "ended_on"


class VisitNotIncluded(Refused):
    """The package includes no visits."""

    code = "visit_not_included"


class VisitOutsideTerm(Invalid):
    """The day lies in no term of the sale, or is still to come."""

    code = "visit_outside_term"
    field = "visited_on"


class VisitOfNoWork(Invalid):
    """A visit names its work order, or says where else it was made."""

    code = "visit_of_no_work"
    field = "work_order"


class VisitOfOtherWork(Invalid):
    """The work order is of another kind, or of a vehicle that is not of the sale."""

    code = "visit_of_other_work"
    field = "work_order"


class VisitCounted(Conflict):
    """The work order was counted before."""

    code = "visit_counted"
    field = "work_order"


class VisitBeyondIncluded(Refused):
    """All visits of the term are made: one more is made on purpose or not at all."""

    code = "visit_beyond_included"
