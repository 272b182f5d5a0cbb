"""What is not allowed with places."""

from typing import Any

from kit.errors import Conflict, Invalid, NotFound


class GeofenceNotFound(NotFound):
    """The organisation has no such place, or it is retired."""

    code = "geofence_not_found"


class GeofenceExists(Conflict):
    """The organisation has, or had, a place of this code."""

    code = "geofence_exists"
    field = "code"


class OutlineInvalid(Invalid):
    """The outline is no circle or simple polygon on earth; `place` says which part of it."""

    code = "geofence_outline_invalid"
    field = "shape"

    def __init__(self, message: str, *, place: str, **facts: Any) -> None:
        super().__init__(message, place=place, **facts)
        self.field = place  # type: ignore[misc]  # of this one error, not of its class
