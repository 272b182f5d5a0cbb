"""What the bench of money reports: names, units and targets, and the shape of its results. Pure."""

from typing import Any, Final

import msgspec

from bench.figures import Figure, Measured
from bench.money_running import Billed
from bench.money_server import MoneyData

RUN_S: Final = 30.0
RUN_MB: Final = 500.0

MONEY_FIGURES: Final = (
    Figure("billing.s", "billing of every lease: drafted, issued, booked", "s", 1, RUN_S, "less"),
    Figure("billing.leases", "… leases", "leases/s"),
    Figure("billing.cpu_s", "… of it CPU of Python", "s", 1, None, "less"),
    Figure("billing.rss_mb", "… memory of its process, peak", "MB", 0, RUN_MB, "less"),
    Figure("billing.again_s", "once more, when nothing is to be done", "s", 1, None, "less"),
    Figure("billing.bills", "bills issued", "", 0, None, "none"),
    Figure("billing.postings", "postings of the ledger", "", 0, None, "none"),
)


class MoneyResults(Measured, frozen=True, kw_only=True):
    """A bench of money, as it is written to its file."""

    data: MoneyData
    runs: list[dict[str, float]]
    """The figures of each run."""
    judged: int
    """Leases compared with what is agreed."""
    wrong: list[str]
    details: list[dict[str, Any]]

    @property
    def sound(self) -> bool:
        """Whether every fen was right."""
        return not self.wrong


def figures_of_billing(billed: Billed) -> dict[str, float]:
    """Seconds, leases a second, MB (10⁶ bytes)."""
    return {
        "billing.s": billed.run_s,
        "billing.leases": billed.leases / billed.run_s,
        "billing.cpu_s": billed.run_cpu_s,
        "billing.rss_mb": billed.rss_mb,
        "billing.again_s": billed.again_s,
        "billing.bills": float(billed.bills),
        "billing.postings": float(billed.postings),
    }


def results_of(billed: list[Billed], *, about: dict[str, Any], data: MoneyData) -> MoneyResults:
    """The results of all runs."""
    return MoneyResults(
        **about,
        data=data,
        runs=[figures_of_billing(each) for each in billed],
        judged=sum(each.judged for each in billed),
        wrong=[sentence for each in billed for sentence in each.wrong],
        details=[msgspec.to_builtins(each) for each in billed],
    )
