"""The errors of the business, by kind; what they mean over HTTP is decided in `api/`.

Each error states a fact (`LeaseNotActive`, not `LeaseError`) and carries a stable code and the
facts a caller needs to act on it.
"""

from typing import Any, ClassVar


class DomainError(Exception):
    """Something the business does not allow, with a stable code and its facts.

    `field` names the input at fault, where one is.
    """

    code: ClassVar[str] = "domain_error"
    field: ClassVar[str | None] = None

    def __init__(self, message: str, **facts: Any) -> None:
        super().__init__(message)
        self.message = message
        self.facts = facts


class NotFound(DomainError):
    """The thing asked for does not exist, or not for this organisation."""

    code = "not_found"


class Conflict(DomainError):
    """The thing exists already, or changed meanwhile."""

    code = "conflict"


class VersionChanged(Conflict):
    """Somebody else changed it since it was read; read it again."""

    code = "version_changed"


class Refused(DomainError):
    """A rule forbids it now."""

    code = "refused"


class Invalid(DomainError):
    """The input itself is wrong; `field` says where."""

    code = "invalid"
