"""A tiny bench of alerts on real servers, and what its figures are made of."""

import pytest

from bench import alerts_suite
from bench.alerts_cli import run_alerts_bench
from bench.alerts_figures import ALERTS_FIGURES, growth_of, p95


def test_what_is_told_of_delays_and_memory() -> None:
    assert (p95([]), p95([2.0]), p95([1.0] * 90 + [5.0] * 10)) == (0.0, 2.0, 5.0)
    assert growth_of([(0.0, 100.0), (1.0, 100.0), (2.0, 90.0)]) == -10.0
    assert growth_of([(0.0, 100.0)]) == 0.0


def test_all_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts_suite, "AFTER_S", 3.0)
    results = run_alerts_bench(
        leases=260,
        rate_per_s=500,
        seconds=2,
        runs=1,
        seed=1,
        storage="postgresql",
        say=lambda _words: None,
    )
    [figures] = results.runs
    assert set(figures) == {figure.name for figure in ALERTS_FIGURES}
    assert figures["live.left"] == 0
    assert figures["live.findings"] > 0
    assert figures["sweep.first_raised"] > 260
    [detail] = results.details
    assert detail["queue"]["worked"]["samples"] == detail["queue"]["written"]["samples"] > 900
    assert detail["swept"]["steady_counts"] == {}
    assert {kind for kind, *_ in detail["alerts"]} >= {"high_temperature", "low_soc_driving"}
