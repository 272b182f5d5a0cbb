"""Operations of notifications, as `crawl_operations.py` describes them."""

import uuid
from collections.abc import Callable
from typing import Any, Final

from tests.isolation.crawl import Id, Operation

VERSION_1: Final = {"If-Match": '"1"'}
CSV: Final = {"form": "csv"}
CHANNELS: Final = {"organisation": Id("code"), "owner": Id("login"), "q": Id("text")}
SUBSCRIPTIONS: Final = {
    "organisation": Id("code"),
    "channel": Id("channel"),
    "owner": Id("login"),
}
MESSAGES: Final = SUBSCRIPTIONS | {"alert": Id("alert_told"), "q": Id("text")}
TOP: Final = {"organisation": "top", "owner": None}
TOLD: Final = TOP | {"alert": None}
CHANNEL: Final = {"key": Id("channel")}
SUBSCRIPTION: Final = {"key": Id("subscription")}
WANTED: Final[dict[str, Any]] = {
    "least_severity": "warning",
    "kinds": None,
    "tells_resolved": True,
    "digest": "none",
    "digest_at": "08:30",
    "quiet_from": None,
    "quiet_until": None,
    "critical_anyway": True,
    "language": "zh",
    "enabled": True,
}
EMAIL: Final = {"kind": "email", "address": "duty@example.com"}
OPERATIONS: Final[dict[str, Operation]] = {
    "list_notification_channels": Operation(query=CHANNELS, own=TOP),
    "export_notification_channels": Operation(query=CHANNELS | CSV, own=TOP),
    "create_notification_channel": Operation(
        201,
        body={
            "organisation": Id("code"),
            "own": False,
            "name": "新",
            "target": EMAIL,
            "hourly_limit": 60,
        },
    ),
    "get_notification_channel": Operation(path=CHANNEL),
    "change_notification_channel": Operation(
        path={"key": Id("channel_to_retire")},
        body={"name": "改", "enabled": True, "hourly_limit": 30, "target": None},
        headers=VERSION_1,
    ),
    "retire_notification_channel": Operation(
        204, path={"key": Id("channel_to_retire")}, headers={"If-Match": '"2"'}, shows=False
    ),
    "test_notification_channel": Operation(201, path=CHANNEL, body={"language": "en"}),
    "list_notification_subscriptions": Operation(query=SUBSCRIPTIONS, own=TOP),
    "export_notification_subscriptions": Operation(query=SUBSCRIPTIONS | CSV, own=TOP),
    "create_notification_subscription": Operation(
        201, body=WANTED | {"channel": Id("channel"), "organisation": Id("code")}
    ),
    "get_notification_subscription": Operation(path=SUBSCRIPTION),
    "change_notification_subscription": Operation(
        path=SUBSCRIPTION, body=WANTED, headers=VERSION_1
    ),
    "retire_notification_subscription": Operation(
        204, path={"key": Id("subscription_to_retire")}, headers=VERSION_1, shows=False
    ),
    "list_notifications": Operation(query=MESSAGES, own=TOLD),
    "export_notifications": Operation(query=MESSAGES | CSV, own=TOLD),
    "get_notification": Operation(path={"key": Id("message")}),
    "resend_notification": Operation(path={"key": Id("dead_message")}),
}
NO_IDENTIFIER: Final[dict[str, str]] = {
    "own": "yes or no",
    "target": "an address",
    "hourly_limit": "a number",
    "failing": "yes or no",
    "purpose": "a word",
    "language": "a word",
}
NOWHERE: Final[dict[str, Callable[[int], Any]]] = {
    kind: lambda number: str(uuid.UUID(int=number + 2**64))
    for kind in (
        "channel",
        "channel_to_retire",
        "subscription",
        "subscription_to_retire",
        "message",
        "dead_message",
    )
} | {"alert_told": lambda number: f"A9900-{number:06d}"}
"""Identifiers of nothing that exists, by kind, from a number."""
