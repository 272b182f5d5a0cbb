"""What the assets' bench reports: names, units and targets, and the shape of its results.

Pure. Leaves out measuring and writing.
"""

from typing import Any, Final

import msgspec

from bench.api_figures import Question
from bench.api_questions import Answered
from bench.assets_deriving import Derived
from bench.assets_exports import Exported
from bench.assets_import import Imported
from bench.assets_server import AssetsData
from bench.assets_sql import MonthInSql
from bench.figures import Figure, Measured

MONTH_MS: Final = 200.0
IMPORT_S: Final = 60.0
IMPORT_MB: Final = 500.0

ASSET_QUESTIONS: Final = (
    Question("due.page.root", "due next month, first page, head office asks", MONTH_MS),
    Question("due.page.operator", "… an operator asks", MONTH_MS),
    Question("due.page.depot", "… a depot asks", MONTH_MS),
    Question("due.counts.root", "counts of a month, head office asks", MONTH_MS),
    Question("due.counts.operator", "… an operator asks", MONTH_MS),
    Question("due.counts.depot", "… a depot asks", MONTH_MS),
    Question("due.overdue", "due next month and all overdue, head office asks", MONTH_MS),
    Question("available.root", "what may be let today, head office asks"),
    Question("available.operator", "… an operator asks"),
    Question("available.depot", "… a depot asks"),
    Question("idle.root", "what stands idle, the longest first, head office asks"),
    Question("idle.operator", "… an operator asks"),
    Question("idle.depot", "… a depot asks"),
    Question("idle-care.root", "care of idle vehicles, head office asks"),
    Question("idle-care.operator", "… an operator asks"),
    Question("idle-care.depot", "… a depot asks"),
    Question("page.root", "the page of a vehicle, head office asks"),
    Question("page.depot", "… its depot asks"),
    Question("feed.root", "calendar feed, head office's, 2,000 events at most"),
    Question("feed.depot", "… a depot's"),
)

ASSET_FIGURES: Final = (
    Figure("sql.page.root", "a month in SQL: first page, head office", "ms", 1, MONTH_MS, "less"),
    Figure("sql.counts.root", "a month in SQL: counts, head office", "ms", 1, MONTH_MS, "less"),
    Figure("sql.whole.root", "a month in SQL: all of it, head office", "ms", 1, MONTH_MS, "less"),
    Figure("sql.whole.rows", "… items of that month", "", 0, None, "none"),
    Figure(
        "sql.whole.root.executed",
        "a month in SQL: all of it, PostgreSQL's own time",
        "ms",
        1,
        MONTH_MS,
        "less",
    ),
    Figure(
        "sql.page.operator", "a month in SQL: first page, an operator", "ms", 1, MONTH_MS, "less"
    ),
    Figure("sql.counts.operator", "a month in SQL: counts, an operator", "ms", 1, MONTH_MS, "less"),
    Figure("due.month.s", "a month paged through over HTTP, 200 a page", "s", 2, None, "less"),
    Figure("export.csv.s", "every vehicle as .csv", "s", 2, None, "less"),
    Figure("export.csv.mb", "… its size", "MB", 2, None, "less"),
    Figure("export.xlsx.s", "every vehicle as .xlsx", "s", 2, None, "less"),
    Figure("export.xlsx.mb", "… its size", "MB", 2, None, "less"),
    Figure("derive.first", "deriving what falls due from all papers, first", "vehicles/s"),
    Figure("derive.first.s", "… seconds for the fleet", "s", 1, None, "less"),
    Figure("derive.first.cpu_s", "… of it CPU of Python", "s", 1, None, "less"),
    Figure("derive.again", "deriving it again, nothing differs", "vehicles/s"),
    Figure("derive.again.s", "… seconds for the fleet", "s", 1, None, "less"),
    Figure("import.s", "import of the sheet: looked at and applied", "s", 1, IMPORT_S, "less"),
    Figure("import.check.s", "… looked at", "s", 1, None, "less"),
    Figure("import.apply.s", "… applied", "s", 1, None, "less"),
    Figure("import.again.s", "… looked at once more: all the same", "s", 1, None, "less"),
    Figure("import.worker_cpu_s", "… CPU of the worker until applied", "s", 1, None, "less"),
    Figure("import.database_cpu_s", "… CPU of the database until applied", "s", 1, None, "less"),
    Figure("import.rss_mb", "import: memory of its process, peak", "MB", 0, IMPORT_MB, "less"),
    Figure("load.s", "writing the whole book down by the bulk writers", "s", 0, None, "less"),
)


class AssetsResults(Measured, frozen=True, kw_only=True):
    """A bench of assets, as it is written to its file."""

    data: AssetsData
    sheet_rows: int
    sheet_bytes: int
    runs: list[dict[str, float]]
    """The figures of each run."""
    judged: int
    """Answers compared with the book."""
    wrong: list[str]
    failures: list[str]
    """Parts that could not be measured, and why."""
    plan: list[str]
    """Of a month's first page, the head office asks; of the last run."""
    details: list[dict[str, Any]]
    """Everything each part returned; left out of the committed summary."""

    @property
    def sound(self) -> bool:
        """Whether every part ran and every answer was right."""
        return not self.wrong and not self.failures


def figures_of_questions(answered: Answered) -> dict[str, float]:
    """Percentiles by question, and sizes."""
    figures: dict[str, float] = {}
    for name, timing in answered.timings.items():
        figures |= {f"{name}.p50": timing.p50_ms, f"{name}.p95": timing.p95_ms}
        figures |= {f"{name}.p99": timing.p99_ms, f"{name}.bytes": float(timing.bytes)}
    return figures


def figures_of_month(month: MonthInSql) -> dict[str, float]:
    """Medians."""
    figures = {f"sql.{name}": way.median_ms for name, way in month.ways.items()}
    whole = month.ways["whole.root"]
    figures |= {"sql.whole.rows": float(whole.rows), "sql.whole.root.executed": whole.executed_ms}
    return figures


def figures_of_export(exported: Exported) -> dict[str, float]:
    """Seconds and MB (10⁶ bytes)."""
    name = f"export.{exported.form}"
    return {f"{name}.s": exported.took_s, f"{name}.mb": exported.bytes / 1e6}


def figures_of_deriving(derived: Derived) -> dict[str, float]:
    """Seconds and vehicles a second."""
    return {
        "derive.first": derived.vehicles / derived.first_s,
        "derive.first.s": derived.first_s,
        "derive.first.cpu_s": derived.first_cpu_s,
        "derive.again": derived.vehicles / derived.again_s,
        "derive.again.s": derived.again_s,
    }


def figures_of_import(imported: Imported) -> dict[str, float]:
    """Seconds of each step, and the memory of the larger one."""
    return {
        "import.s": imported.check_s + imported.apply_s,
        "import.check.s": imported.check_s,
        "import.apply.s": imported.apply_s,
        "import.again.s": imported.again_s,
        "import.worker_cpu_s": imported.worker_cpu_s,
        "import.database_cpu_s": imported.database_cpu_s,
        "import.rss_mb": max(imported.check_rss_mb, imported.apply_rss_mb),
    }


def short_of(results: AssetsResults) -> AssetsResults:
    """Without the details."""
    return msgspec.structs.replace(results, details=[])
