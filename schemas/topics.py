"""The grammar of MQTT topics, version 1 of the telemetry contract.

v1/{device_id}/up/telemetry     samples, QoS 1
v1/{device_id}/up/status        online or not, QoS 1, retained, also the last will
v1/{device_id}/up/result        results of commands, QoS 1
v1/{device_id}/down/command     commands, QoS 1, never retained
"""

import re
from functools import lru_cache
from typing import NamedTuple

UP_FILTER = "v1/+/up/#"
DEVICE_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_UP = re.compile(rb"v1/([A-Za-z0-9_-]{1,64})/up/(telemetry|status|result)")


class UpTopic(NamedTuple):
    """Who sent a message and of which kind: `telemetry`, `status` or `result`."""

    device_id: str
    kind: str


@lru_cache(maxsize=65_536)  # every vehicle publishes on the same two topics for years
def parse_up_topic(topic: bytes) -> UpTopic | None:
    """The parts of an up-link topic, or None if it is none of version 1.

    >>> parse_up_topic(b"v1/T0001/up/telemetry")
    UpTopic(device_id='T0001', kind='telemetry')
    >>> parse_up_topic(b"v1/T 1/up/telemetry") is None
    True
    """
    match = _UP.fullmatch(topic)
    if match is None:
        return None
    return UpTopic(match[1].decode("ascii"), match[2].decode("ascii"))


def telemetry_topic(device_id: str) -> str:
    """Where a device publishes its samples."""
    return f"v1/{device_id}/up/telemetry"


def status_topic(device_id: str) -> str:
    """Where a device says that it is online, and its last will that it is not."""
    return f"v1/{device_id}/up/status"
