"""MQTT clients side by side: each drains the same queue and does nothing but acknowledge."""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from bench.drained import Taken, take_with_nothing
from bench.null_subscriber import CLIENTS
from bench.processes import (
    RigFailed,
)
from bench.rig import (
    running_broker,
)

CLIENT_MESSAGES = 200_000
_VEHICLES = 30_000


def compare_clients(
    folder: Path, *, messages: int, seed: int, awscrt_python: Path | None
) -> Iterator[tuple[str, Taken | str]]:
    """Each client and how fast it was, or why it was not."""
    for client in CLIENTS:
        if client == "awscrt" and awscrt_python is None and find_spec("awscrt") is None:
            yield client, "not installed"
            continue
        try:
            with running_broker(folder) as broker:
                yield (
                    client,
                    take_with_nothing(
                        broker,
                        vehicles=_VEHICLES,
                        client=client,
                        messages=messages,
                        seed=seed,
                        live=False,
                        python=awscrt_python if client == "awscrt" else None,
                    ),
                )
        except RigFailed as failure:
            yield client, str(failure).strip().splitlines()[-1]
