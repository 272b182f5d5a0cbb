"""Keeps acknowledgements in receive order while several writers work side by side (MQTT 5 §4.6)."""

import threading


class Turns:
    """Tickets are drawn in receive order and come up one after the other."""

    def __init__(self) -> None:
        self._drawn = 0
        self._up = 0
        self._abandoned = False
        self._changed = threading.Condition()

    def draw(self) -> int:
        """The next ticket."""
        with self._changed:
            ticket = self._drawn
            self._drawn += 1
            return ticket

    def wait_for(self, ticket: int) -> bool:
        """Wait until every earlier ticket is finished; False if that will not happen any more."""
        with self._changed:
            self._changed.wait_for(lambda: self._up >= ticket or self._abandoned)
            return self._up >= ticket

    def finish(self, ticket: int) -> None:
        """This ticket is done. To be called in turn."""
        with self._changed:
            self._up = ticket + 1
            self._changed.notify_all()

    def abandon(self) -> None:
        """A ticket was given up (the process is stopping): nobody behind it may acknowledge."""
        with self._changed:
            self._abandoned = True
            self._changed.notify_all()
