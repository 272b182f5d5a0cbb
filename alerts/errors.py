"""What any part of alerts may find missing or out of place; each part adds its own facts."""

from kit.errors import Invalid, NotFound, Refused


class OrganisationNotFound(NotFound):
    """No organisation in sight has the code."""

    code = "organisation_not_found"
    field = "organisation"


class OrganisationUnnamed(Invalid):
    """The system acts for no organisation, so that one must be named."""

    code = "alert_organisation_unnamed"
    field = "organisation"


class VehicleNotFound(NotFound):
    """No vehicle in sight has the VIN."""

    code = "vehicle_not_found"


class AlertCodeMalformed(Invalid):
    """A code of rules, groups and places is a–z, 0–9 and _, and begins with a letter."""

    code = "alert_code_malformed"
    field = "code"


class NameInUse(Refused):
    """A rule speaks of it, and would be about nothing."""

    code = "alert_name_in_use"
