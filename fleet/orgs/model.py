"""The shape of an organisation. Users, roles and sessions are not here yet."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Organisation:
    """One node of the tree. `time_zone` is the zone of its business dates."""

    id: int
    code: str
    name: str
    parent_code: str | None
    time_zone: str


@dataclass(frozen=True, slots=True)
class SubtreeMember:
    """An organisation and how many levels it stands below the one that was asked for."""

    id: int
    code: str
    name: str
    parent_code: str | None
    time_zone: str
    depth: int
