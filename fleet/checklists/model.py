"""The shapes of checklists."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, get_args

ChecklistKind = Literal[
    "repair",
    "maintenance",
    "battery_check",
    "idle_care",
    "accident",
    "transfer",
    "hand_over",
    "return",
]
CHECKLIST_KINDS: Final[tuple[ChecklistKind, ...]] = get_args(ChecklistKind)


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a checklist; `photo`: a photo is wanted with it."""

    no: int
    text: str
    photo: bool = False


@dataclass(frozen=True, slots=True)
class ChecklistDraft:
    """A checklist before it is published: its steps are numbered from 1 then."""

    code: str
    kind: ChecklistKind
    title: str
    steps: tuple[tuple[str, bool], ...]
    """Each with whether a photo is wanted."""


@dataclass(frozen=True, slots=True)
class Checklist:
    """An edition of a checklist, which stays as it is. Its kind says for what work it is."""

    id: int
    code: str
    edition: int
    kind: ChecklistKind
    title: str
    steps: list[Step]
    published_at: datetime
