"""What cannot be asked of the vehicles that are free."""

from kit.errors import Invalid


class WantedPeriodEmpty(Invalid):
    """The term ends before it begins."""

    code = "wanted_period_empty"
    field = "until_on"


class WantedPeriodPast(Invalid):
    """The term begins before today."""

    code = "wanted_period_past"
    field = "from_on"


class NearIncomplete(Invalid):
    """A place has a longitude and a latitude; a radius is around a place."""

    code = "near_incomplete"
    field = "near_lat"
