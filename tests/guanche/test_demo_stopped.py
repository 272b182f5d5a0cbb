"""A demo that is stopped while it starts: at once, with what was started taken down."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from guanche.commands import demo
from tests.guanche.conftest import Run


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_before_it_ran(
    run: Run, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    taken_down = []

    @contextmanager
    def starting(_options: Any, say: Any) -> Iterator[None]:
        say("starting …")
        try:
            signal.raise_signal(number)
            yield
        finally:
            taken_down.append(True)

    monkeypatch.setattr(demo, "running_parts", starting)
    result = run("demo")
    assert (result.exit_code, result.stdout) == (130, "")
    assert result.stderr == "starting …\nstopped before it ran; nothing is left behind\n"
    assert taken_down == [True]
