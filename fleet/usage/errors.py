"""What cannot be asked of readings."""

from kit.errors import Invalid, NotFound


class PeriodEmpty(Invalid):
    """The period ends at or before its begin."""

    code = "period_empty"
    field = "until_at"


class PeriodTooLong(Invalid):
    """More history than is read at once."""

    code = "period_too_long"
    field = "until_at"


class SignalUnknown(Invalid):
    """No signal of this name has a history."""

    code = "signal_unknown"
    field = "signals"


class TooManySignals(Invalid):
    """More signals than are read at once."""

    code = "too_many_signals"
    field = "signals"


class TooManyBuckets(Invalid):
    """The period holds more buckets of this length than are told at once."""

    code = "too_many_buckets"
    field = "bucket_s"


class RefusalNotFound(NotFound):
    """No refusal in sight has this number."""

    code = "refusal_not_found"
