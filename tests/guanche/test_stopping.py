"""One signal asks for an end in order, a second does not wait for it."""

import signal

import pytest

from guanche.commands.stopping import ended_at_once, stopped_by_signals

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@pytest.mark.parametrize("first", SIGNALS)
@pytest.mark.parametrize("second", SIGNALS)
def test_the_first_asks_and_the_second_interrupts(
    first: signal.Signals, second: signal.Signals
) -> None:
    with stopped_by_signals() as stop:
        assert not stop.is_set()
        signal.raise_signal(first)
        assert stop.wait(10)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(second)


@pytest.mark.timeout(20)
def test_a_signal_while_the_event_is_locked_does_not_hang() -> None:
    with stopped_by_signals() as stop:
        with stop._cond:  # as inside its `wait`, a step before it lets go
            signal.raise_signal(signal.SIGTERM)
            assert not stop.is_set()
        assert stop.wait(10)


def test_the_handlers_of_before_come_back() -> None:
    before = [signal.getsignal(number) for number in SIGNALS]
    with stopped_by_signals():
        assert [signal.getsignal(number) for number in SIGNALS] != before
    assert [signal.getsignal(number) for number in SIGNALS] == before


@pytest.mark.parametrize("number", SIGNALS)
def test_what_only_starts_ends_at_the_first(number: signal.Signals) -> None:
    with stopped_by_signals() as stop:
        asked = [signal.getsignal(each) for each in SIGNALS]
        with pytest.raises(KeyboardInterrupt), ended_at_once():
            signal.raise_signal(number)
        assert [signal.getsignal(each) for each in SIGNALS] == asked
        assert not stop.is_set()
