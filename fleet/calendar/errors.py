"""What calendars do not allow."""

from kit.errors import Conflict, NotFound


class CalendarFeedNotFound(NotFound):
    """No calendar has this key."""

    code = "calendar_feed_not_found"


class CalendarFeedRevoked(Conflict):
    """The calendar's address has been revoked already."""

    code = "calendar_feed_revoked"
