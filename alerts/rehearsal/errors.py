"""What a rehearsal refuses."""

from typing import ClassVar

from kit.errors import Invalid, Refused


class RehearsalTooLong(Invalid):
    """It looks at some days only."""

    code = "rehearsal_too_long"
    field: ClassVar[str | None] = "days"


class RehearsalNotRecorded(Refused):
    """Only what telemetry said is written down as history; reminders are told when they are due."""

    code = "rehearsal_not_recorded"
