"""Alone decides which kind of error is which HTTP status."""

from collections.abc import Mapping
from typing import Final

from fleet.parameters.errors import ParameterNotYours
from fleet.registry.errors import TransferNotYours, VehicleNotYours
from fleet.sessions.errors import LoginFailed, LoginLocked, TooManyAttempts
from kit.errors import Conflict, DomainError, Invalid, NotFound, Refused, VersionChanged
from schemas.access import PermissionMissing, StepUpRequired

STATUS_OF_KIND: Final[tuple[tuple[type[DomainError], int], ...]] = (
    (LoginFailed, 401),
    (LoginLocked, 401),
    (TooManyAttempts, 429),
    (PermissionMissing, 403),
    (StepUpRequired, 403),
    (TransferNotYours, 403),
    (VehicleNotYours, 403),
    (ParameterNotYours, 403),
    (VersionChanged, 412),
    (NotFound, 404),
    (Conflict, 409),
    (Refused, 409),
    (Invalid, 422),
)
"""The first kind that fits decides."""

CODE_OF_STATUS: Final[Mapping[int, str]] = {
    400: "bad_request",
    404: "no_such_path",
    405: "method_not_allowed",
    413: "body_too_large",
}
"""What the framework refuses by itself."""

STATUS_OF_CODE: Final[Mapping[str, int]] = {
    **{code: status for status, code in CODE_OF_STATUS.items()},
    "body_not_json": 400,
    "if_match_invalid": 400,
    "nul_character": 400,
    "credential_invalid": 401,
    "not_authenticated": 401,
    "csrf_failed": 403,
    "outside_your_organisation": 403,
    "session_required": 403,
    "idempotency_key_reused": 409,
    "unsupported_media_type": 415,
    "bbox_malformed": 422,
    "cursor_invalid": 422,
    "export_too_long": 422,
    "invalid": 422,
    "not_storable": 422,
    "parameter_repeated": 422,
    "parameter_unknown": 422,
    "if_match_required": 428,
    "live_too_many_streams": 429,
    "fault": 500,
    "file_damaged": 500,
    "busy": 503,
    "database_unavailable": 503,
    "files_unavailable": 503,
    "live_full": 503,
}
"""The codes of requests as requests, which no service has to know of."""


def status_of(kind: type[DomainError]) -> int:
    """The HTTP status a kind of domain error stands for."""
    return next((status for wanted, status in STATUS_OF_KIND if issubclass(kind, wanted)), 500)


def known_codes() -> dict[str, int]:
    """Every code there is, and its status."""
    kinds: list[type[DomainError]] = [DomainError]
    for kind in kinds:
        kinds.extend(kind.__subclasses__())
    of_the_business = {kind.code: status_of(kind) for kind in kinds[1:]}
    return {**of_the_business, **STATUS_OF_CODE}
