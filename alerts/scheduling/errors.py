"""What can go wrong with whose turn it is."""

from kit.errors import Refused


class NotLeader(Refused):
    """Another process has taken over; what this one was about to write is not written."""

    code = "not_leader"
