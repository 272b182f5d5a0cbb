"""What a case file is not made of."""

from kit.errors import Invalid


class TracksTooLong(Invalid):
    """The vehicles were out for longer than one answer takes tracks of."""

    code = "tracks_too_long"
    field = "query.tracks"
