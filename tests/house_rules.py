"""The rules of the house that a syntax tree can show: who may import whom, and the rest.

Each rule takes the modules of the project and returns sentences to read, one a violation. They are
proved and held by `test_architecture.py`.
"""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent

ROOMS: Final = {
    "kit": set(),
    "schemas": {"kit"},
    "ingest": {"kit", "schemas"},
    "fleet": {"kit", "schemas"},
    "alerts": {"kit", "schemas"},
    "api": {"kit", "schemas", "ingest", "fleet", "alerts"},
    "simulators": {"kit", "schemas"},
    "guanche": {"kit", "schemas", "ingest", "fleet", "alerts", "api", "simulators", "bench"},
    "bench": {"kit", "schemas", "ingest", "fleet", "alerts", "api", "simulators", "guanche"},
}
"""Which rooms each room may import. `guanche` and `bench` compose the others."""

LAYERS: Final = {"store": 1, "service": 2, "routes": 3, "jobs": 3}
"""Files of a slice above its pure ones (layer 0); each imports from below only."""

PURE_OUTSIDE_SLICES: Final = {
    "schemas/access.py",
    "schemas/addresses.py",
    "schemas/telemetry.py",
    "schemas/topics.py",
    "ingest/bindings.py",
    "ingest/decode.py",
    "ingest/delivery.py",
    "ingest/lenient.py",
    "ingest/pipeline.py",
    "ingest/reading.py",
    "ingest/refused.py",
    "ingest/turns.py",
    "simulators/vehicle.py",
}
ALERT_PARTS_AT_THE_EDGE: Final = {
    "engine": "follows the database and counts",
    "notify": "sends, so that some of its files speak to the network",
}
"""Parts of `alerts/` whose files beside store and service need not be pure; the others' do."""
ALERT_EDGES: Final = {"jobs", "leadership", "process", "worker", "sender"}
"""Files of `alerts/` that open transactions: its processes and what sends between two of them."""
_OF_KIT: Final = ("kit.clock", "kit.settings", "kit.log", "kit.db")
IMPURE: Final = ("psycopg", "logging", "structlog", *_OF_KIT)

PAHO_ALLOWED: Final = {
    "ingest/subscriber.py": "the up-link",
    "ingest/mqtt_client.py": "the library set up and sped up for it, ADR 0002",
}

CLOCKS: Final = {
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "time": {
        "time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns",
        "process_time", "process_time_ns", "localtime", "gmtime",
    },
}  # fmt: skip
BENCH_CLOCKS: Final = {"perf_counter", "perf_counter_ns", "process_time", "process_time_ns"}

ASYNC_ALLOWED: Final = re.compile(r"guanche/embedded\w*\.py|api/(app|gate|live\w*|routes/live)\.py")
"""The embedded broker is an asyncio library; it runs in a process of its own. Of the API: what
wraps all requests, and the live feed, as a stream that waits must hold no thread."""

FORBIDDEN_NAMES: Final = re.compile(r"(util|helper|common|manager|misc)s?")
MAX_LINES: Final = 500

SQL: Final = re.compile(
    r"\s*((SELECT|INSERT|UPDATE|DELETE|COPY|WITH|TRUNCATE|SET|LOCK|LISTEN)\s|(CREATE|ALTER|DROP)\s+[A-Z])"
    r"|\s*(?i:select\s.*\sfrom\s|insert\s+into\s|delete\s+from\s|update\s+\w+\s+set\s"
    r"|create\s+(temp\s+|unlogged\s+)?table\s|drop\s+table\s)",
    re.DOTALL,
)
SQL_ALLOWED: Final = {
    "kit/migrate.py": "its bookkeeping table exists before any query file could be read",
}

TRANSACTION_CALLS: Final = {"commit", "rollback", "transaction"}


@dataclass(frozen=True)
class Module:
    """One Python file: its path from the root, its text and its syntax tree."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """All of its tree; nearly every rule looks at it."""
        return list(ast.walk(self.tree))

    @cached_property
    def parts(self) -> list[str]:
        """The dotted name in parts; a package's `__init__` keeps its own part."""
        return self.path.removesuffix(".py").split("/")

    @property
    def room(self) -> str:
        return self.parts[0]

    @property
    def slice(self) -> str | None:
        """The slice of `fleet/` that the module belongs to."""
        return self.parts[1] if self.room == "fleet" and len(self.parts) > 2 else None

    @property
    def is_pure(self) -> bool:
        """Whether it decides only, and does nothing at the edges."""
        inner = self.alert_part not in {None, *ALERT_PARTS_AT_THE_EDGE}
        pure_part = self.layer == 0 and (self.slice is not None or inner)
        return self.path in PURE_OUTSIDE_SLICES or pure_part

    @property
    def alert_part(self) -> str | None:
        """The part of `alerts/` that the module belongs to."""
        return self.parts[1] if self.room == "alerts" and len(self.parts) > 2 else None

    @property
    def layer(self) -> int:
        return LAYERS.get(self.parts[-1], 0)

    @cached_property
    def imports(self) -> list[tuple[int, str]]:
        """Line and dotted name of everything imported; `from a.b import c` is `a.b.c`."""
        return list(self._imports())

    def _imports(self) -> Iterator[tuple[int, str]]:
        for node in self.nodes:
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = self.parts[: -node.level] if node.level else []
                source = [*base, *(node.module or "").split(".")] if node.module else base
                yield from ((node.lineno, ".".join([*source, a.name])) for a in node.names)


def imports_package(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


# The rules


def rooms_call_downwards(modules: list[Module]) -> list[str]:
    return [
        f"{m.path}:{line}: {m.room} must not import {target}:"
        f" it may import {', '.join(sorted(ROOMS[m.room])) or 'no other room'}"
        for m in modules
        for line, target in m.imports
        if (room := target.split(".")[0]) in ROOMS and room != m.room and room not in ROOMS[m.room]
    ]


def slices_call_services_only(modules: list[Module]) -> list[str]:
    found, slices = [], slices_of(modules)
    for m in modules:
        for line, target in m.imports:
            other = slice_of(target, slices)
            if m.slice is None or other is None or other == m.slice:
                continue
            if target.split(".")[2:3] != ["service"]:
                found.append(
                    f"{m.path}:{line}: a slice may call another's service only, not {target}"
                )
            elif m.layer < LAYERS["service"]:
                found.append(
                    f"{m.path}:{line}: only service, jobs and routes call another slice's service"
                )
    return found


def slices_have_no_circle(modules: list[Module]) -> list[str]:
    calls: dict[str, set[str]] = {}
    slices = slices_of(modules)
    for m in modules:
        for _, target in m.imports:
            other = slice_of(target, slices)
            if m.slice is not None and other is not None and other != m.slice:
                calls.setdefault(m.slice, set()).add(other)
    found = []
    for start in sorted(calls):
        reached: set[str] = set()
        waiting = set(calls[start])
        while waiting:
            name = waiting.pop()
            reached.add(name)
            waiting |= calls.get(name, set()) - reached
        if start in reached:
            found.append(f"fleet/{start}: this slice calls itself through {sorted(reached)}")
    return found


def slice_files_stand_in_layers(modules: list[Module]) -> list[str]:
    found = []
    for m in modules:
        for line, target in m.imports:
            words = target.split(".")
            if m.slice is None or words[:2] != ["fleet", m.slice] or len(words) < 3:
                continue
            layered = [word for word in words[2:] if word in LAYERS]  # a part has a service, too
            above = max((LAYERS[word] for word in layered), default=0)
            if above > m.layer or (above == m.layer > 0 and m.parts[-1] not in layered):
                found.append(
                    f"{m.path}:{line}: model and pure files <- store <- service <- routes, jobs;"
                    f" {m.parts[-1]} must not import {layered[-1]}"
                )
    return found


def stores_belong_to_their_part(modules: list[Module]) -> list[str]:
    return [
        f"{m.path}:{line}: {target} runs the SQL of another part of alerts; ask its service"
        for m in modules
        for line, target in m.imports
        if (words := target.split("."))[0] == "alerts"
        and "store" in words[2:]
        and m.parts[:2] != words[:2]
    ]


def pure_files_do_no_io(modules: list[Module]) -> list[str]:
    return [
        f"{m.path}:{line}: a pure file must not import {target}: I/O, clock, settings and logs"
        " stay at the edges"
        for m in modules
        if m.path in PURE_OUTSIDE_SLICES
        or (
            m.layer == 0
            and (m.slice is not None or m.alert_part not in {None, *ALERT_PARTS_AT_THE_EDGE})
        )
        for line, target in m.imports
        if any(imports_package(target, impure) for impure in IMPURE)
    ]


def one_file_speaks_mqtt(modules: list[Module]) -> list[str]:
    return [
        f"{m.path}:{line}: only {', '.join(sorted(PAHO_ALLOWED))} import the MQTT client"
        for m in modules
        if m.room != "bench" and m.path not in PAHO_ALLOWED
        for line, target in m.imports
        if imports_package(target, "paho")
    ]


def one_file_reads_the_clock(modules: list[Module]) -> list[str]:
    found = []
    for m in modules:
        allowed = BENCH_CLOCKS if m.room == "bench" else set()
        if m.path == "kit/clock.py":
            continue
        for line, owner, function in clock_mentions(m):
            if function not in allowed:
                found.append(
                    f"{m.path}:{line}: {owner}.{function} reads the clock; take `now` as an"
                    " argument, or call kit.clock at the edge"
                )
    return found


def clock_mentions(module: Module) -> Iterator[tuple[int, str, str]]:
    """Line, owner and function of every clock of the standard library that is named."""
    for node in module.nodes:
        if isinstance(node, ast.Attribute):
            value = node.value
            owner = value.attr if isinstance(value, ast.Attribute) else getattr(value, "id", "")
            if node.attr in CLOCKS.get(owner, set()):
                yield node.lineno, owner, node.attr
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            for alias in node.names:
                if alias.name in CLOCKS["time"]:
                    yield node.lineno, "time", alias.name


def code_is_synchronous(modules: list[Module]) -> list[str]:
    return [
        f"{m.path}:{node.lineno}: async def {node.name}: synchronous Python everywhere"
        for m in modules
        if ASYNC_ALLOWED.fullmatch(m.path) is None
        for node in m.nodes
        if isinstance(node, ast.AsyncFunctionDef)
    ]


def names_say_something(modules: list[Module]) -> list[str]:
    return [
        f"{m.path}: {part!r} says nothing; name the file for what it decides"
        for m in modules
        for part in m.parts
        if FORBIDDEN_NAMES.fullmatch(part)
    ]


def modules_are_short(modules: list[Module]) -> list[str]:
    return [
        f"{m.path}: {lines} lines; above {MAX_LINES} it needs splitting"
        for m in modules
        if (lines := len(m.text.splitlines())) > MAX_LINES
    ]


def sql_stands_in_sql_files(modules: list[Module]) -> list[str]:
    return [
        f"{m.path}:{line}: SQL belongs in queries.sql: {text.strip().splitlines()[0][:50]!r}"
        for m in modules
        if m.path not in SQL_ALLOWED and m.room != "bench"
        for line, text in sql_literals(m)
    ]


def sql_literals(module: Module) -> Iterator[tuple[int, str]]:
    docstrings = {
        id(node.value) for node in module.nodes if isinstance(node, ast.Expr)
    }  # a string that stands alone is documentation
    for node in module.nodes:
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in docstrings
            and SQL.match(node.value)
        ):
            yield node.lineno, node.value


def services_leave_transactions_to_the_edge(modules: list[Module]) -> list[str]:
    return [
        f"{m.path}:{node.lineno}: .{node.func.attr}(): services neither open nor commit; the edge"
        " does"
        for m in modules
        if (m.room == "fleet" and m.parts[-1] != "jobs")
        or (m.room == "alerts" and m.parts[-1] not in ALERT_EDGES)
        for node in m.nodes
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in TRANSACTION_CALLS
    ]


def modules_open_with_a_docstring(modules: list[Module]) -> list[str]:
    return [
        f"{m.path}: open the module with what it decides and what it leaves out"
        for m in modules
        if not (ast.get_docstring(m.tree) or "").strip()
    ]


Rule = Callable[[list[Module]], list[str]]
RULES: Final[list[Rule]] = [
    rooms_call_downwards,
    slices_call_services_only,
    slices_have_no_circle,
    slice_files_stand_in_layers,
    stores_belong_to_their_part,
    pure_files_do_no_io,
    one_file_speaks_mqtt,
    one_file_reads_the_clock,
    code_is_synchronous,
    names_say_something,
    modules_are_short,
    sql_stands_in_sql_files,
    services_leave_transactions_to_the_edge,
    modules_open_with_a_docstring,
]


def slices_of(modules: list[Module]) -> set[str]:
    """The slices of `fleet/`."""
    return {m.slice for m in modules if m.slice is not None}


def slice_of(target: str, slices: set[str]) -> str | None:
    """The slice of `fleet/` that an imported name belongs to; None for what slices share."""
    words = target.split(".")
    return words[1] if words[0] == "fleet" and len(words) > 1 and words[1] in slices else None


@cache
def read_modules() -> list[Module]:
    """Every module of the project, read and parsed once."""
    return [
        Module(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
    ]
