"""What organisations do not allow."""

from kit.errors import Conflict, Invalid, NotFound, Refused


class OrganisationNotFound(NotFound):
    """No organisation has this code."""

    code = "organisation_not_found"


class OrganisationCodeTaken(Conflict):
    """Another organisation has this code."""

    code = "organisation_code_taken"
    field = "code"


class OrganisationCodeMalformed(Invalid):
    """A code is 1–63 of a–z, 0–9 and hyphen, and does not begin with a hyphen."""

    code = "organisation_code_malformed"
    field = "code"


class OrganisationNameEmpty(Invalid):
    """An organisation needs a name."""

    code = "organisation_name_empty"
    field = "name"


class TimeZoneUnknown(Invalid):
    """Not a zone of the IANA database."""

    code = "time_zone_unknown"
    field = "time_zone"


class OrganisationBelowItself(Refused):
    """The move would put an organisation below itself."""

    code = "organisation_below_itself"


class OrganisationKeepsTenant(Refused):
    """A tree is a tenant: nothing moves out of it, or becomes one of its own."""

    code = "organisation_keeps_tenant"


class OrganisationNotMovedByItself(Refused):
    """Only somebody above an organisation moves it."""

    code = "organisation_not_moved_by_itself"
