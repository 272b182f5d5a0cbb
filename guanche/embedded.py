"""Servers without installation or root for the demo, and with full control for tests and bench.

`embedded_postgres` and `embedded_broker` need nothing but our Python packages; `timescale_server`
and `mosquitto_broker` use what `make services` installs. All are throwaways on free loopback ports
and end with the process that started them, even when that is killed.
"""

from guanche.embedded_broker import (
    Broker,
    amqtt_broker,
    embedded_broker,
    find_mosquitto,
    mosquitto_broker,
    read_mosquitto_version,
)
from guanche.embedded_installation import Installation, find_embedded, find_timescaledb
from guanche.embedded_postgres import (
    PostgresServer,
    embedded_postgres,
    running_postgres,
    timescale_server,
)
from guanche.embedded_process import ServerFailed, find_free_port

__all__ = [
    "Broker",
    "Installation",
    "PostgresServer",
    "ServerFailed",
    "amqtt_broker",
    "embedded_broker",
    "embedded_postgres",
    "find_embedded",
    "find_free_port",
    "find_mosquitto",
    "find_timescaledb",
    "mosquitto_broker",
    "read_mosquitto_version",
    "running_postgres",
    "timescale_server",
]
