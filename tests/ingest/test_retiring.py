"""A slot left over from a larger number: its queue is drained, then its session ends."""

from threading import Event

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from guanche.embedded import Broker

from .conftest import DEADLINE_S, wait_until
from .test_subscriber import (
    SHARED,
    Devices,
    devices,  # noqa: F401  (a fixture)
    payloads,
    up_link,
)

FEWER = SHARED | {"ingest_slots": 1}


def is_session_kept(broker: Broker, client_id: str) -> bool:
    """Whether the broker still has a session of this client."""
    answered, present = Event(), []
    client = paho.Client(
        CallbackAPIVersion.VERSION2, client_id=client_id, protocol=MQTTProtocolVersion.MQTTv5
    )

    def on_connect(_c: object, _u: object, flags: paho.ConnectFlags, *_: object) -> None:
        present.append(flags.session_present)
        answered.set()

    client.on_connect = on_connect
    client.connect(broker.host, broker.port, clean_start=False)
    client.loop_start()
    assert answered.wait(DEADLINE_S)
    client.disconnect()
    client.loop_stop()
    return bool(present[0])


def test_a_retiring_slot_gives_up_what_it_holds_and_takes_nothing_more(
    broker: Broker,
    devices: Devices,  # noqa: F811
) -> None:
    with up_link(broker.url, slot=0, **SHARED), up_link(broker.url, slot=1, **SHARED):
        pass
    for number in range(10):
        devices.send(str(number))  # dealt out to both sessions, whom nobody serves now
    with up_link(broker.url, slot=1, **FEWER) as surplus:
        assert surplus.subscriber.retiring
        held = surplus.receive(5)
        devices.send("new")
        assert not surplus.subscriber.drained  # not yet acknowledged
        for delivery in held:
            surplus.subscriber.ack(delivery)
        wait_until(lambda: surplus.subscriber.drained, "drained")
        assert surplus.waiting == 0
        surplus.subscriber.retire()
    assert not is_session_kept(broker, "guanche-ingest-1")
    with up_link(broker.url, slot=0, **FEWER) as first:
        assert not first.subscriber.retiring
        kept = first.receive(6)
    assert sorted(payloads(held) + payloads(kept)) == sorted([*map(str, range(10)), "new"])
    assert "new" in payloads(kept)
