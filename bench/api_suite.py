"""The bench of the API as a list: which parts run in which order, and what each gives.

Every run begins alike: a restarted database, forgotten files, a new API process. A part that fails
is noted and the others go on. Leaves out how a part measures.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import Any, Final

import msgspec
import psycopg

from bench import api_figures
from bench.api_barrier import Barrier, measure_barrier
from bench.api_client import Client
from bench.api_dataset import Say
from bench.api_live import CLIENTS, measure_live
from bench.api_mixed import RATE_PER_S, measure_mixed
from bench.api_questions import LIST_REQUESTS, MAP_REQUESTS, Questions
from bench.api_scene import Scene, read_scene
from bench.api_server import ApiProcess, ApiRig, cores
from bench.processes import RigFailed
from guanche.embedded import ServerFailed

_FAILURES: Final = (RigFailed, ServerFailed, OSError, TimeoutError, psycopg.Error)


class ApiScale(msgspec.Struct, frozen=True, kw_only=True):
    """How much of everything but the data."""

    seconds: float = 30.0
    """Of the mixed load, and of the live feed."""
    mixed_rate_per_s: float = RATE_PER_S
    list_requests: int = LIST_REQUESTS
    map_requests: int = MAP_REQUESTS
    clients: int = CLIENTS


class ApiCourse:
    """One run: what it may use, what it has found."""

    def __init__(self, rig: ApiRig, scale: ApiScale, *, number: int, seed: int, say: Say) -> None:
        self.rig = rig
        self.scale = scale
        self.number = number
        self.seed = seed
        self.say = say
        self.figures: dict[str, float] = {}
        self.judged = 0
        self.wrong: list[str] = []
        self.failures: list[str] = []
        self.barrier: Barrier | None = None
        self.details: list[dict[str, Any]] = []

    def run(self, names: set[str]) -> None:
        """Run these parts."""
        self.rig.forget_caches()
        client_core, api_core = cores()
        api = ApiProcess(self.rig, core=api_core)
        try:
            api.start()
            with pinned(client_core):
                scene = read_scene(self.rig)
                for name, part in PARTS.items():
                    if name in names:
                        self._run_part(name, part, scene, api)
        except _FAILURES as failure:
            self.failures.append(f"run {self.number}: {failure}")
        finally:
            api.stop()

    def _run_part(self, name: str, part: "Part", scene: Scene, api: ApiProcess) -> None:
        self.say(name)
        try:
            part(self, scene, api)
            api.check()
        except _FAILURES as failure:
            self.failures.append(f"{name}: {failure}")
            self.say(f"[red]{name}: {failure}[/]")

    def keep(self, part: str, result: Any) -> None:
        """Note everything a part returned."""
        self.details.append({"part": part, "run": self.number, **msgspec.to_builtins(result)})


def ask_tracks(course: ApiCourse, scene: Scene, api: ApiProcess) -> None:
    """Days of vehicles; first, while nothing of them is in memory."""
    _ask(course, scene, api, "tracks", Questions.tracks)


def ask_lists(course: ApiCourse, scene: Scene, api: ApiProcess) -> None:
    """Pages of vehicles."""
    requests = course.scale.list_requests
    _ask(course, scene, api, "lists", lambda questions: questions.lists(requests))


def ask_maps(course: ApiCourse, scene: Scene, api: ApiProcess) -> None:
    """All positions."""
    requests = course.scale.map_requests
    _ask(course, scene, api, "positions", lambda questions: questions.maps(requests))


def load_mixed(course: ApiCourse, scene: Scene, api: ApiProcess) -> None:
    """A mixed load."""
    mixed = measure_mixed(
        scene,
        api,
        seconds=course.scale.seconds,
        seed=course.seed * 1_000 + course.number,
        rate_per_s=course.scale.mixed_rate_per_s,
    )
    course.keep("mixed", mixed)
    course.figures |= api_figures.figures_of_mixed(mixed)
    course.judged += mixed.judged
    course.wrong += mixed.wrong


def follow_live(course: ApiCourse, scene: Scene, api: ApiProcess) -> None:
    """The live feed."""
    live = measure_live(
        scene, api, seconds=course.scale.seconds, seed=course.seed, clients=course.scale.clients
    )
    course.keep("live", live)
    course.figures |= api_figures.figures_of_live(live)
    course.judged += live.told
    if live.foreign:
        course.wrong.append(f"live: {live.foreign} states told to who may not see them")


def compare_barrier(course: ApiCourse, scene: Scene, _api: ApiProcess) -> None:
    """With and without the barrier."""
    barrier = measure_barrier(scene, seed=course.seed)
    course.keep("barrier", barrier)
    course.figures |= api_figures.figures_of_barrier(barrier)
    course.barrier = barrier
    course.judged += barrier.compared
    if barrier.wrong:
        course.wrong.append(f"barrier: {barrier.wrong} answers differ")


def _ask(
    course: ApiCourse,
    scene: Scene,
    api: ApiProcess,
    name: str,
    part: Callable[[Questions], None],
) -> None:
    with Client(api.port) as client:
        questions = Questions(scene, client, Random(f"{course.seed}/{course.number}/{name}"))
        questions.wake()
        try:
            part(questions)
        finally:
            answered = questions.answered
            course.keep(name, answered)
            course.figures |= api_figures.figures_of_answers(answered)
            course.judged += answered.judged
            course.wrong += answered.wrong


@contextmanager
def pinned(core: int) -> Iterator[None]:
    """This thread and those it makes on one core; servers are not started within."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


Part = Callable[[ApiCourse, Scene, ApiProcess], None]
PARTS: Final[dict[str, Part]] = {
    "tracks": ask_tracks,
    "lists": ask_lists,
    "positions": ask_maps,
    "mixed": load_mixed,
    "live": follow_live,
    "barrier": compare_barrier,
}
"""In their order: what reads from disk comes before anything else has read it."""
