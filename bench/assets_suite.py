"""The bench of assets as a list: which parts run in which order, and what each gives.

Every run begins alike: a copy of the loaded database, a new API process. A part that fails is noted
and the others go on. Leaves out how a part measures.
"""

from collections.abc import Callable
from random import Random
from typing import Any, Final

import msgspec
import psycopg

from bench import assets_figures
from bench.api_client import Client
from bench.api_dataset import Say
from bench.api_server import ApiProcess, cores
from bench.api_suite import pinned
from bench.assets_deriving import measure_deriving
from bench.assets_exports import FORMS, measure_export
from bench.assets_import import measure_import
from bench.assets_questions import REQUESTS, AssetQuestions
from bench.assets_server import AssetsRig
from bench.assets_sheet import SheetPlan
from bench.assets_sql import TURNS, measure_month
from bench.processes import RigFailed
from guanche.embedded import ServerFailed

_FAILURES: Final = (RigFailed, ServerFailed, OSError, TimeoutError, psycopg.Error)


class AssetsScale(msgspec.Struct, frozen=True, kw_only=True):
    """How much of everything but the data."""

    requests: int = REQUESTS
    turns: int = TURNS


class AssetsCourse:
    """One run: what it may use, what it has found."""

    def __init__(
        self,
        rig: AssetsRig,
        scale: AssetsScale,
        sheet: bytes,
        plan: SheetPlan,
        *,
        number: int,
        say: Say,
    ) -> None:
        self.rig = rig
        self.scale = scale
        self.sheet = sheet
        self.plan = plan
        self.number = number
        self.say = say
        self.figures: dict[str, float] = {}
        self.judged = 0
        self.wrong: list[str] = []
        self.failures: list[str] = []
        self.query_plan: list[str] = []
        self.details: list[dict[str, Any]] = []

    def run(self, names: set[str]) -> None:
        """Run these parts."""
        client_core, api_core = cores()
        api = ApiProcess(self.rig, core=api_core)
        try:
            api.start()
            with pinned(client_core):
                for name, part in PARTS.items():
                    if name in names:
                        self._run_part(name, part, api)
        except _FAILURES as failure:
            self.failures.append(f"run {self.number}: {failure}")
        finally:
            api.stop()

    def _run_part(self, name: str, part: "Part", api: ApiProcess) -> None:
        self.say(name)
        try:
            part(self, api)
            api.check()
        except _FAILURES as failure:
            self.failures.append(f"{name}: {failure}")
            self.say(f"[red]{name}: {failure}[/]")

    def keep(self, part: str, result: Any) -> None:
        """Note everything a part returned."""
        self.details.append({"part": part, "run": self.number, **msgspec.to_builtins(result)})

    def note(self, judged: int, wrong: list[str]) -> None:
        """Note how many answers were judged, and which were wrong."""
        self.judged += judged
        self.wrong += wrong


def _asking(*methods: Callable[[AssetQuestions], None]) -> "Part":
    """A part that puts these questions; one that fails does not keep the others from it."""

    def ask(course: AssetsCourse, api: ApiProcess) -> None:
        failures: list[str] = []
        with Client(api.port) as client:
            rng = Random(f"{course.rig.data.seed}/{course.number}")
            questions = AssetQuestions(course.rig, client, rng, course.scale.requests)
            for method in methods:
                try:
                    method(questions)
                except _FAILURES as failure:
                    failures.append(f"{method.__name__}: {failure}")
        answered = questions.answered
        course.keep("questions", answered)
        course.figures |= assets_figures.figures_of_questions(answered) | questions.figures
        course.note(answered.judged, answered.wrong)
        if failures:
            raise RigFailed("; ".join(failures))

    return ask


def time_sql(course: AssetsCourse, _api: ApiProcess) -> None:
    """The database's share of a month."""
    month = measure_month(course.rig, turns=course.scale.turns)
    course.keep("sql", month)
    course.figures |= assets_figures.figures_of_month(month)
    course.query_plan = month.plan


def export_vehicles(course: AssetsCourse, api: ApiProcess) -> None:
    """All vehicles, in both forms."""
    for form in FORMS:
        exported = measure_export(course.rig, api.port, form)
        course.keep("exports", exported)
        course.figures |= assets_figures.figures_of_export(exported)
        course.note(1, exported.wrong)


def derive_due(course: AssetsCourse, _api: ApiProcess) -> None:
    """What falls due, of all."""
    derived = measure_deriving(course.rig)
    course.keep("deriving", derived)
    course.figures |= assets_figures.figures_of_deriving(derived)
    course.note(2, derived.wrong)


def import_sheet(course: AssetsCourse, api: ApiProcess) -> None:
    """The sheet, looked at, applied, looked at again."""
    imported = measure_import(course.rig, api.port, api.pid, course.sheet, course.plan)
    course.keep("import", imported)
    course.figures |= assets_figures.figures_of_import(imported)
    course.note(4, imported.wrong)


Part = Callable[[AssetsCourse, ApiProcess], None]
PARTS: Final[dict[str, Part]] = {
    "due": _asking(AssetQuestions.due),
    "lists": _asking(AssetQuestions.available, AssetQuestions.idle, AssetQuestions.idle_care),
    "pages": _asking(AssetQuestions.pages),
    "feeds": _asking(AssetQuestions.feeds),
    "sql": time_sql,
    "exports": export_vehicles,
    "deriving": derive_due,
    "import": import_sheet,
}
"""In their order: what adds vehicles comes last."""
