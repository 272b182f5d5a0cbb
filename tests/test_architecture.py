"""Holds the house, and proves the rules that do (`house_rules.py`).

Each rule is shown a small bad module first, so that a rule that can no longer fail fails here.
"""

from typing import Final

import pytest

from tests.house_rules import (
    ROOT,
    RULES,
    SQL_ALLOWED,
    Module,
    Rule,
    code_is_synchronous,
    modules_are_short,
    modules_open_with_a_docstring,
    names_say_something,
    one_file_reads_the_clock,
    one_file_speaks_mqtt,
    pure_files_do_no_io,
    read_modules,
    rooms_call_downwards,
    services_leave_transactions_to_the_edge,
    slice_files_stand_in_layers,
    slices_call_services_only,
    slices_have_no_circle,
    sql_literals,
    sql_stands_in_sql_files,
    stores_belong_to_their_part,
)

BAD: Final[list[tuple[Rule, dict[str, str], str]]] = [
    (rooms_call_downwards, {"kit/db.py": "import schemas.topics"}, "no other room"),
    (rooms_call_downwards, {"ingest/a.py": "from fleet.orgs import service"}, "not import fleet"),
    (rooms_call_downwards, {"fleet/a.py": "def f():\n    import ingest"}, "not import ingest"),
    (rooms_call_downwards, {"alerts/a.py": "from fleet import usage"}, "not import fleet"),
    (rooms_call_downwards, {"api/a.py": "import guanche"}, "not import guanche"),
    (rooms_call_downwards, {"simulators/a.py": "from ingest import decode"}, "not import ingest"),
    (
        slices_call_services_only,
        {"fleet/a/service.py": "from fleet.b.store import x", "fleet/b/store.py": ""},
        "another's service only, not fleet.b.store.x",
    ),
    (
        slices_call_services_only,
        {"fleet/a/service.py": "from fleet import b", "fleet/b/service.py": ""},
        "another's service only, not fleet.b",
    ),
    (
        slices_call_services_only,
        {"fleet/a/store.py": "from fleet.b import service", "fleet/b/service.py": ""},
        "only service, jobs and routes",
    ),
    (
        slices_have_no_circle,
        {
            "fleet/a/service.py": "from fleet.b import service",
            "fleet/b/service.py": "from fleet.c.service import x",
            "fleet/c/service.py": "import fleet.a.service",
        },
        "fleet/a: this slice calls itself through ['a', 'b', 'c']",
    ),
    (slice_files_stand_in_layers, {"fleet/a/model.py": "from fleet.a.store import x"}, "store"),
    (slice_files_stand_in_layers, {"fleet/a/store.py": "from . import service"}, "service"),
    (
        slice_files_stand_in_layers,
        {"fleet/a/due.py": "from fleet.a.part.service import x"},
        "due must not import service",
    ),
    (
        slices_call_services_only,
        {"fleet/a/service.py": "from fleet.b.part.service import x", "fleet/b/service.py": ""},
        "another's service only, not fleet.b.part.service.x",
    ),
    (pure_files_do_no_io, {"fleet/a/periods.py": "import psycopg"}, "import psycopg"),
    (pure_files_do_no_io, {"fleet/a/model.py": "from kit import clock"}, "import kit.clock"),
    (pure_files_do_no_io, {"fleet/a/errors.py": "from logging import info"}, "logging.info"),
    (pure_files_do_no_io, {"ingest/decode.py": "from kit.settings import x"}, "kit.settings.x"),
    (
        one_file_speaks_mqtt,
        {"ingest/a.py": "import paho.mqtt.client"},
        "only ingest/mqtt_client.py, ingest/subscriber.py",
    ),
    (one_file_speaks_mqtt, {"guanche/a.py": "from paho.mqtt import client"}, "guanche/a.py:1"),
    (one_file_reads_the_clock, {"fleet/a.py": "\nx = datetime.datetime.now()"}, "a.py:2: datetime"),
    (one_file_reads_the_clock, {"kit/a.py": "datetime.utcnow()"}, "datetime.utcnow"),
    (one_file_reads_the_clock, {"kit/a.py": "date.today()"}, "date.today"),
    (one_file_reads_the_clock, {"ingest/a.py": "x = f(default=time.time)"}, "time.time"),
    (one_file_reads_the_clock, {"ingest/a.py": "from time import monotonic"}, "time.monotonic"),
    (one_file_reads_the_clock, {"ingest/a.py": "time.perf_counter()"}, "time.perf_counter"),
    (one_file_reads_the_clock, {"bench/a.py": "time.time_ns()"}, "time.time_ns"),
    (code_is_synchronous, {"ingest/a.py": "class A:\n    async def f(self): ..."}, "a.py:2"),
    (names_say_something, {"fleet/utils.py": ""}, "'utils' says nothing"),
    (names_say_something, {"kit/common/time.py": ""}, "'common' says nothing"),
    (names_say_something, {"api/manager.py": ""}, "'manager' says nothing"),
    (modules_are_short, {"kit/a.py": "\n" * 501}, "501 lines"),
    (sql_stands_in_sql_files, {"fleet/a.py": "q = 'SELECT 1 FROM x'"}, "a.py:1"),
    (
        stores_belong_to_their_part,
        {"alerts/a/service.py": "from alerts.b.store import x"},
        "alerts.b.store.x",
    ),
    (pure_files_do_no_io, {"alerts/rules/a.py": "import psycopg"}, "psycopg"),
    (services_leave_transactions_to_the_edge, {"alerts/a/service.py": "c.commit()"}, "commit()"),
    (sql_stands_in_sql_files, {"fleet/a.py": "q = f'DELETE FROM {t}'"}, "DELETE FROM"),
    (sql_stands_in_sql_files, {"fleet/a.py": 'q = """\n  WITH x AS (VALUES (1))"""'}, "WITH x"),
    (sql_stands_in_sql_files, {"fleet/a.py": "q = 'create table x (id int)'"}, "create table"),
    (sql_stands_in_sql_files, {"fleet/a.py": "q = 'select a\\nfrom b where c'"}, "select a"),
    (services_leave_transactions_to_the_edge, {"fleet/a/service.py": "c.commit()"}, "commit()"),
    (
        services_leave_transactions_to_the_edge,
        {"fleet/a/store.py": "c.transaction()"},
        "store.py:1",
    ),
    (modules_open_with_a_docstring, {"kit/a.py": "# A comment.\nx = 1"}, "kit/a.py: open"),
    (modules_open_with_a_docstring, {"kit/__init__.py": ""}, "kit/__init__.py: open"),
]

ALLOWED: Final[list[tuple[Rule, dict[str, str]]]] = [
    (rooms_call_downwards, {"guanche/cli.py": "import ingest, fleet, simulators, bench"}),
    (rooms_call_downwards, {"fleet/a.py": "import kit.db\nfrom schemas import topics, ingest"}),
    (
        slices_call_services_only,
        {
            "fleet/a/service.py": "from fleet.b.service import x\nfrom fleet.shared import y",
            "fleet/b/service.py": "",
            "fleet/shared.py": "",
        },
    ),
    (slice_files_stand_in_layers, {"fleet/a/store.py": "from fleet.a.model import x"}),
    (stores_belong_to_their_part, {"alerts/a/b/service.py": "from alerts.a.c import store"}),
    (pure_files_do_no_io, {"alerts/engine/a.py": "import psycopg"}),
    (services_leave_transactions_to_the_edge, {"alerts/process.py": "c.transaction()"}),
    (slice_files_stand_in_layers, {"fleet/a/vin.py": "from fleet.a.errors import x"}),
    (slice_files_stand_in_layers, {"fleet/a/service.py": "from fleet.a.part.service import x"}),
    (pure_files_do_no_io, {"fleet/a/store.py": "import psycopg"}),
    (one_file_speaks_mqtt, {"ingest/subscriber.py": "import paho.mqtt.client"}),
    (one_file_reads_the_clock, {"kit/clock.py": "datetime.now()", "bench/a.py": "perf_counter()"}),
    (one_file_reads_the_clock, {"fleet/a.py": "clock.now()\nspan.time\ndate.fromordinal(1)"}),
    (code_is_synchronous, {"guanche/embedded_broker.py": "async def serve(): ..."}),
    (names_say_something, {"fleet/usage/commonality.py": ""}),
    (modules_are_short, {"kit/a.py": "\n" * 500}),
    (sql_stands_in_sql_files, {"fleet/a.py": '"""SELECT is spoken here."""'}),
    (sql_stands_in_sql_files, {"fleet/a.py": "x = 'Select a row'; y = 'CREATE on the schema'"}),
    (services_leave_transactions_to_the_edge, {"fleet/a/jobs.py": "conn.commit()"}),
]


def as_modules(files: dict[str, str]) -> list[Module]:
    return [Module(path, text) for path, text in files.items()]


def name_of(value: object) -> str:
    return getattr(value, "__name__", "")


@pytest.mark.parametrize(("rule", "files", "sentence"), BAD, ids=name_of)
def test_a_violation_is_told(rule: Rule, files: dict[str, str], sentence: str) -> None:
    told = rule(as_modules(files))
    assert any(sentence in line for line in told), told


@pytest.mark.parametrize(("rule", "files"), ALLOWED, ids=name_of)
def test_what_is_allowed_passes(rule: Rule, files: dict[str, str]) -> None:
    assert rule(as_modules(files)) == []


def test_every_rule_is_proved() -> None:
    assert [rule for rule in RULES if rule not in {bad for bad, _, _ in BAD}] == []


@pytest.mark.parametrize("rule", RULES, ids=name_of)
def test_the_house_keeps(rule: Rule) -> None:
    violations = rule(read_modules())
    assert not violations, "\n" + "\n".join(violations)


def test_the_house_is_read() -> None:
    assert {"kit/clock.py", "fleet/registry/service.py"} <= {m.path for m in read_modules()}


@pytest.mark.parametrize("path", sorted(SQL_ALLOWED))
def test_no_exemption_outlives_its_reason(path: str) -> None:
    module = Module(path, (ROOT / path).read_text(encoding="utf-8"))
    assert next(sql_literals(module), None) is not None, f"{path} holds no SQL any more"
