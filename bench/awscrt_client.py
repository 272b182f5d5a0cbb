"""A null subscriber on `awscrt`, an MQTT 5 client in C; for comparison, no dependency of ours.

Run only where the package is installed. Every message is taken under manual control, as committing
before acknowledging demands, and acknowledged at once.
"""

import threading
from collections.abc import Callable
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from schemas.topics import UP_FILTER

_WAIT_S = 10.0


def subscribe_with_awscrt(
    url: str, client_id: str, receive_maximum: int, add: Callable[[int], None]
) -> Callable[[], None]:
    """Connect, subscribe, count and acknowledge; how to stop it."""
    io, mqtt5 = import_module("awscrt.io"), import_module("awscrt.mqtt5")
    connected, stopped = threading.Event(), threading.Event()
    clients: list[Any] = []
    resumed: list[bool] = []

    def on_publish(received: Any) -> None:
        packet = received.publish_packet
        assert packet.payload is not None and packet.topic
        handle = received.acquire_publish_acknowledgement_control()
        clients[0].invoke_publish_acknowledgement(handle)
        add(1)

    def on_connected(event: Any) -> None:
        resumed.append(event.connack_packet.session_present)
        connected.set()

    parts = urlsplit(url)
    group = io.EventLoopGroup(1)
    options = mqtt5.ClientOptions(
        host_name=parts.hostname,
        port=parts.port,
        bootstrap=io.ClientBootstrap(group, io.DefaultHostResolver(group)),
        connect_options=mqtt5.ConnectPacket(
            client_id=client_id,
            receive_maximum=receive_maximum,
            session_expiry_interval_sec=3_600,
        ),
        session_behavior=mqtt5.ClientSessionBehaviorType.REJOIN_ALWAYS,
        extended_validation_and_flow_control_options=(
            mqtt5.ExtendedValidationAndFlowControlOptions.NONE
        ),
        on_publish_callback_fn=on_publish,
        on_lifecycle_event_connection_success_fn=on_connected,
        on_lifecycle_event_stopped_fn=lambda _: stopped.set(),
    )
    client = mqtt5.Client(options)
    clients.append(client)
    client.start()
    if not connected.wait(_WAIT_S):
        raise TimeoutError("awscrt did not connect")
    if not resumed[0]:  # else the answer would come after the whole queue
        subscription = mqtt5.Subscription(UP_FILTER, mqtt5.QoS.AT_LEAST_ONCE)
        client.subscribe(mqtt5.SubscribePacket([subscription])).result(_WAIT_S)

    def stop() -> None:
        client.stop()
        stopped.wait(_WAIT_S)

    return stop
