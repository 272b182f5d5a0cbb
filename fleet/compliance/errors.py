"""What the records of papers do not allow."""

from kit.errors import Conflict, Invalid, NotFound, Refused


class LicenceMissing(NotFound):
    """The vehicle's licence was not written down yet."""

    code = "licence_missing"


class RegisteredInFuture(Invalid):
    """A licence names the day of a registration that has happened."""

    code = "registered_in_future"
    field = "registered_on"


class MonthMalformed(Invalid):
    """Not a month as the licence prints it."""

    code = "month_malformed"
    field = "valid_to"


class InspectionInFuture(Invalid):
    """An inspection that is written down has happened."""

    code = "inspection_in_future"
    field = "inspected_on"


class InspectionMonthMissing(Invalid):
    """A passed inspection has its printed month."""

    code = "inspection_month_missing"
    field = "valid_to"


class InspectionFailedHasMonth(Invalid):
    """A failed inspection prints no month."""

    code = "inspection_failed_has_month"
    field = "valid_to"


class InspectionEndsBeforeIt(Invalid):
    """The printed month is over on the day of the inspection."""

    code = "inspection_ends_before_it"
    field = "valid_to"


class PolicyNumberMalformed(Invalid):
    """Not the number of a policy."""

    code = "policy_number_malformed"
    field = "policy_no"


class PolicyExists(Conflict):
    """A policy has this number already."""

    code = "policy_exists"
    field = "policy_no"


class PolicyNotFound(NotFound):
    """No policy has this number."""

    code = "policy_not_found"


class PolicyEndsBeforeStart(Invalid):
    """The cover would end at or before the instant it begins."""

    code = "policy_ends_before_start"
    field = "covered_until"


class PolicyVoided(Refused):
    """The policy was declared void."""

    code = "policy_voided"


class PermitNumberMalformed(Invalid):
    """Not the number of a permit."""

    code = "permit_number_malformed"
    field = "permit_no"


class PermitExists(Conflict):
    """A permit has this number already."""

    code = "permit_exists"
    field = "permit_no"


class PermitNotFound(NotFound):
    """No permit has this number."""

    code = "permit_not_found"


class PermitInFuture(Invalid):
    """A permit that is written down was issued."""

    code = "permit_in_future"
    field = "issued_on"


class PermitEndsBeforeIssue(Invalid):
    """The permit would be over before it was issued."""

    code = "permit_ends_before_issue"
    field = "valid_to_on"


class PermitWithdrawn(Refused):
    """The permit was given back or taken away."""

    code = "permit_withdrawn"


class BatteryTestInFuture(Invalid):
    """A test that is written down has happened."""

    code = "battery_test_in_future"
    field = "tested_on"


class BatteryResultMissing(Invalid):
    """A test without readings tells its result."""

    code = "battery_result_missing"
    field = "result"
