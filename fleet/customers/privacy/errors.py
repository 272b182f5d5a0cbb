"""What is not allowed with consents and with the erasure of a person."""

from kit.errors import Invalid, NotFound, Refused


class ConsentNotFound(NotFound):
    """The customer gave no consent of this key."""

    code = "consent_not_found"


class ConsentInFuture(Invalid):
    """What somebody agreed to was agreed to before now."""

    code = "consent_in_future"
    field = "given_at"


class ConsentWithdrawn(Refused):
    """It was withdrawn before."""

    code = "consent_withdrawn"


class ConsentEndsBeforeItBegins(Invalid):
    """It is withdrawn after it was given, and before now."""

    code = "consent_ends_before_it_begins"
    field = "withdrawn_at"
