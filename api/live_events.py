"""How the live feed's events are written, and what each means to a reader.

Leaves out who gets which (`fleet/live/shares.py`, `live_alerts.py`) and when (`live_poller.py`,
`live_reader.py`).
"""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

import msgspec

from alerts.inbox.service import LiveAlert
from fleet.live.model import Change, LiveState
from fleet.live.shares import rough

STATES_AN_EVENT: Final = 500
RETRY_MS: Final = 2_000
RETRY_SPREAD_MS: Final = 3_000
"""Readers sent away all at once come back spread over this time."""

Farewell = Literal["session_ended", "rights_changed", "shutting_down", "database_changed"]


@dataclass(frozen=True, slots=True)
class Batch:
    """What a look at the database means to a reader: events in order, shared among readers."""

    events: tuple[bytes, ...]

    @property
    def size(self) -> int:
        """Bytes of all events."""
        return sum(map(len, self.events))


class Wording:
    """States and alerts as JSON, each written once however many readers get it."""

    def __init__(self) -> None:
        self._encoder = msgspec.json.Encoder()
        self._written: dict[tuple[str, bool], bytes] = {}
        self._alerts: dict[tuple[str, str], bytes] = {}

    def of(self, state: LiveState, *, exact: bool) -> bytes:
        """The state as JSON."""
        key = (state.vin, exact)
        text = self._written.get(key)
        if text is None:
            text = self._encoder.encode(state if exact else rough(state))
            self._written[key] = text
        return text

    def states(self, share: Sequence[Change], event_id: str, *, exact: bool) -> tuple[bytes, ...]:
        """Changes as events of a handy size.

        Only the last one has the id: who comes back from the middle is told all of them again.
        """
        texts = [self.of(change.state, exact=exact) for change in share]
        parts = [texts[at : at + STATES_AN_EVENT] for at in range(0, len(texts), STATES_AN_EVENT)]
        return tuple(
            _written("states", b"[" + b",".join(part) + b"]", event_id if last else None)
            for part, last in _marking_last(parts)
        )

    def alerts(self, share: Sequence[LiveAlert], event_id: str | None) -> tuple[bytes, ...]:
        """Changed alerts as events; the last one has the id, where nothing follows that has it."""
        texts = [self._alert(alert) for alert in share]
        parts = [texts[at : at + STATES_AN_EVENT] for at in range(0, len(texts), STATES_AN_EVENT)]
        return tuple(
            _written("alerts", b"[" + b",".join(part) + b"]", event_id if last else None)
            for part, last in _marking_last(parts)
        )

    def changes(
        self,
        states: Sequence[Change],
        alerts: Sequence[LiveAlert],
        event_id: str,
        *,
        exact: bool,
    ) -> tuple[bytes, ...]:
        """All of a look as events, alerts first; only the very last one has the id."""
        told = self.states(states, event_id, exact=exact)
        return self.alerts(alerts, None if told else event_id) + told

    def _alert(self, alert: LiveAlert) -> bytes:
        key = (alert.organisation, alert.alert_no)  # a number is one's own within a tenant only
        text = self._alerts.get(key)
        if text is None:
            text = self._alerts[key] = self._encoder.encode(alert)
        return text


def hello(heartbeat_s: float, *, resumed: bool, event_id: str | None) -> bytes:
    """The first event. It has an id only where no states follow that belong to it."""
    greeting = {"heartbeat_s": heartbeat_s, "resumed": resumed}
    return _event("hello", greeting, event_id, retry_ms=RETRY_MS)


def reset(heartbeat_s: float, *, event_id: str | None) -> bytes:
    """The first event of a reader whose event id means nothing here."""
    told = {"heartbeat_s": heartbeat_s, "reason": "event_id_unknown"}
    return _event("reset", told, event_id, retry_ms=RETRY_MS)


def beat(as_of: datetime | None, event_id: str | None) -> bytes:
    """A sign of life. With it goes where to resume from, which moves on while nothing changes."""
    return _event("beat", {"as_of": as_of}, event_id)


def dropped() -> bytes:
    """The last event of a reader that fell behind; it resumes from the last id it got."""
    return _event("dropped", {"reason": "too_slow"})


def goodbye(reason: Farewell) -> bytes:
    """The last event of a stream that we end."""
    spread_ms = random.randrange(RETRY_SPREAD_MS)
    return _event("goodbye", {"reason": reason}, retry_ms=RETRY_MS + spread_ms)


def _event(
    name: str, told: dict[str, Any], event_id: str | None = None, *, retry_ms: int | None = None
) -> bytes:
    retry = b"" if retry_ms is None else b"retry: %d\n" % retry_ms
    return retry + _written(name, msgspec.json.encode(told), event_id)


def _written(name: str, told: bytes, event_id: str | None) -> bytes:
    """JSON holds no line break, so that one line of data is enough."""
    number = b"" if event_id is None else b"id: %b\n" % event_id.encode()
    return b"event: %b\n%bdata: %b\n\n" % (name.encode(), number, told)


def _marking_last(parts: Sequence[list[bytes]]) -> Iterable[tuple[list[bytes], bool]]:
    return ((part, place == len(parts)) for place, part in enumerate(parts, 1))
