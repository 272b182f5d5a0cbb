"""What is not allowed with alerts, silences and escalations."""

from kit.errors import Invalid, NotFound, Refused


class AlertNotFound(NotFound):
    """No alert in sight has this number."""

    code = "alert_not_found"


class AlertStateRefused(Refused):
    """The alert is not in a state from which this can be done."""

    code = "alert_state_refused"


class AlertAssigneeUnknown(Invalid):
    """Nobody who can see the alert and deal with it has this log-in."""

    code = "alert_assignee_unknown"
    field = "assignee"


class AlertSnoozeWrong(Invalid):
    """It can be put off until a later moment, within 30 days."""

    code = "alert_snooze_wrong"
    field = "until_at"


class AlertsTooMany(Invalid):
    """So many at once are not taken."""

    code = "alerts_too_many"


class AlertHasWorkOrder(Refused):
    """A work order was made of it before."""

    code = "alert_has_work_order"


class AlertWithoutVehicle(Refused):
    """It is about no vehicle in sight on which somebody could work."""

    code = "alert_without_vehicle"


class AlertWorkOrderNotFound(NotFound):
    """No work order in sight has this number."""

    code = "alert_work_order_not_found"


class AlertKindUnknown(Invalid):
    """There is no such kind of alert."""

    code = "alert_kind_unknown"
    field = "kinds"


class SilenceNotFound(NotFound):
    """No silence in sight has this key."""

    code = "silence_not_found"


class SilenceNamesUnknown(Invalid):
    """It names rules or vehicles that there are not: nothing would be silenced."""

    code = "silence_names_unknown"
    field = "matching"


class SilencePeriodWrong(Invalid):
    """A silence ends after it begins, later than now, and lasts 90 days at most."""

    code = "silence_period_wrong"
    field = "until_at"


class SilenceOver(Refused):
    """The silence has ended."""

    code = "silence_over"


class EscalationStepWrong(Invalid):
    """A step names either a role or a person in sight."""

    code = "escalation_step_wrong"
    field = "steps"
