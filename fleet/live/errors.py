"""What can be wrong with a request for live changes."""

from kit.errors import Invalid


class EventIdInvalid(Invalid):
    """The text is no event id of the live feed."""

    code = "event_id_invalid"
    field = "header.Last-Event-ID"
