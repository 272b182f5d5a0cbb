"""The shapes of taking turns."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Turn:
    """That it is this process's turn. `fencing` is larger than that of every turn before."""

    role: str
    holder: str
    fencing: int


@dataclass(frozen=True, slots=True)
class Leader:
    """Who acts, as the database has it."""

    role: str
    holder: str
    fencing: int
    expires_at: datetime
    lapsed: bool


@dataclass(frozen=True, slots=True)
class Job:
    """Something that is due again and again."""

    name: str
    every_s: float
    next_due_at: datetime
    last_started_at: datetime | None
    last_finished_at: datetime | None
    last_took_s: float | None
    last_error: str | None
