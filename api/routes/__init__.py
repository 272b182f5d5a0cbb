"""The operations, one file a noun."""

from typing import Final

from api.operation import Operations
from api.routes import (
    api_keys,
    audit,
    devices,
    history,
    live,
    organisations,
    positions,
    problems,
    refusals,
    registry,
    sessions,
    users,
    vehicles,
)

ALL_ROUTES: Final[tuple[Operations, ...]] = (
    sessions.operations,
    users.operations,
    api_keys.operations,
    organisations.operations,
    audit.operations,
    vehicles.operations,
    registry.operations,
    devices.of_vehicles,
    devices.operations,
    positions.operations,
    history.operations,
    live.operations,
    refusals.operations,
    problems.operations,
)
"""In the order of the document."""
