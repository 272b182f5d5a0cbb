"""The shape of an organisation."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Organisation:
    """One node of the tree. `time_zone` is the zone of its business dates.

    `parent_code` is None for a root, and where the parent is out of sight. `tenant_id` is the root.
    """

    id: int
    code: str
    name: str
    parent_code: str | None
    time_zone: str
    tenant_id: int
    version: int


@dataclass(frozen=True, slots=True)
class SubtreeMember:
    """An organisation and how many levels it stands below the one that was asked for."""

    id: int
    code: str
    name: str
    parent_code: str | None
    time_zone: str
    depth: int
