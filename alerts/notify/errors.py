"""What is not allowed with notifications."""

from kit.errors import Conflict, Invalid, NotFound, Refused


class ChannelNotFound(NotFound):
    """No live channel in sight has this key."""

    code = "notification_channel_not_found"
    field = "channel"


class ChannelTargetMalformed(Invalid):
    """The address is none of this kind of channel."""

    code = "notification_target_malformed"
    field = "target"


class ChannelOfSomebodyElse(Refused):
    """It is somebody else's own channel: one can have it retired, not changed."""

    code = "notification_channel_of_another"


class OwnChannelNeedsPerson(Refused):
    """A machine or the system has no channel of its own."""

    code = "notification_channel_needs_person"
    field = "own"


class OwnChannelElsewhere(Invalid):
    """One's own channel belongs to the organisation one is of."""

    code = "notification_channel_elsewhere"
    field = "organisation"


class ChannelBusy(Refused):
    """It has been sent as many messages this hour as it may be."""

    code = "notification_channel_busy"


class SubscriptionNotFound(NotFound):
    """No live subscription in sight has this key."""

    code = "notification_subscription_not_found"


class SubscriptionHoursMalformed(Invalid):
    """Quiet hours have a beginning and another end, or there are none."""

    code = "notification_hours_malformed"
    field = "quiet_until"


class SubscriptionKindUnknown(Invalid):
    """There is no such kind of rule."""

    code = "notification_kind_unknown"
    field = "kinds"


class MessageNotFound(NotFound):
    """No message in sight has this key."""

    code = "notification_message_not_found"


class MessageNotDead(Conflict):
    """Only what was given up is sent once more."""

    code = "notification_message_not_dead"
