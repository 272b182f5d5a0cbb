"""The alerts of a demo: how their process is started, so that something is seen within a minute."""

from collections.abc import Mapping
from typing import Final

from guanche.embedded_process import find_free_port

IN_A_HURRY: Final = {
    "GUANCHE_ALERT_SWEEP_S": "10",
    "GUANCHE_ALERT_LEASE_S": "5",
    "GUANCHE_NOTIFY_GROUP_WAIT_S": "5",
    "GUANCHE_NOTIFY_PRIVATE_TARGETS": "true",  # for a receiver one starts oneself, on this machine
}


def alerts_environment(environment: Mapping[str, str], secret_key: str) -> dict[str, str]:
    """The settings of `guanche alerts run` in a demo whose database is thrown away with it."""
    return {
        **environment,
        **IN_A_HURRY,
        "GUANCHE_SECRET_KEY": secret_key,
        "GUANCHE_ALERT_HTTP_PORT": str(find_free_port()),
    }


def offline_after_s(vehicles: int, rate: float) -> int:
    """When a vehicle of a fleet that sends so many messages a second is missed: soon [s].

    >>> offline_after_s(200, 200.0), offline_after_s(200, 10.0)
    (20, 100)
    """
    return max(20, int(5 * vehicles / rate))
