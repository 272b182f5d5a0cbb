"""The Grafana dashboard, its sources and the alert rules: every query runs, every metric exists.

Leaves out how Grafana draws it.
"""

import json
import re
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from psycopg import Connection
from psycopg.rows import TupleRow

from ingest.metrics import Metrics

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
DASHBOARD: dict[str, Any] = json.loads(
    (DEPLOY / "grafana/dashboards/guanche.json").read_text(encoding="utf-8")
)
PANELS: list[dict[str, Any]] = DASHBOARD["panels"]
RULES = [
    rule
    for group in yaml.safe_load((DEPLOY / "prometheus/alerts.yml").read_text("utf-8"))["groups"]
    for rule in group["rules"]
]
SQL = {p["title"]: t["rawSql"] for p in PANELS for t in p["targets"] if "rawSql" in t}
PANEL_EXPRESSIONS = {
    f"{p['title']} {t['refId']}": t["expr"] for p in PANELS for t in p["targets"] if "expr" in t
}
EXPRESSIONS = PANEL_EXPRESSIONS | {rule["alert"]: rule["expr"] for rule in RULES}


def exposed() -> set[str]:
    """Every series name that ingest's /metrics shows."""
    return {s.name for family in Metrics().registry.collect() for s in family.samples} | {
        f"guanche_ingest_{name}_bucket" for name in ("batch_samples", "batch_seconds")
    }


@pytest.mark.parametrize("name", sorted(EXPRESSIONS))
def test_an_expression_names_metrics_that_ingest_exposes(name: str) -> None:
    named = set(re.findall(r"\bguanche_\w+", EXPRESSIONS[name].replace("guanche-ingest", "")))
    assert named <= exposed()
    assert named or "up{" in EXPRESSIONS[name]


def test_every_metric_of_ingest_is_drawn() -> None:
    drawn = " ".join(PANEL_EXPRESSIONS.values())
    families = {family.name for family in Metrics().registry.collect()}
    assert {family for family in families if family not in drawn} == set()


def test_panels_read_the_provisioned_sources() -> None:
    provisioned = yaml.safe_load(
        (DEPLOY / "grafana/provisioning/datasources/guanche.yml").read_text("utf-8")
    )
    sources = {(s["type"], s["uid"]) for s in provisioned["datasources"]}
    used = {(t["datasource"]["type"], t["datasource"]["uid"]) for p in PANELS for t in p["targets"]}
    assert used == sources


def test_panels_do_not_overlap_and_are_told_apart() -> None:
    cells = [
        (x, y)
        for g in (p["gridPos"] for p in PANELS)
        for x in range(g["x"], g["x"] + g["w"])
        for y in range(g["y"], g["y"] + g["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) == 23
    assert len({p["id"] for p in PANELS}) == len({p["title"] for p in PANELS}) == len(PANELS)
    assert [p["title"] for p in PANELS if not p["description"]] == []


def test_rules_say_how_bad_and_what_to_do() -> None:
    for rule in RULES:
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert set(rule["annotations"]) == {"summary", "description"}


@pytest.fixture
def reader(conn: Connection[TupleRow]) -> Connection[TupleRow]:
    """A connection with the rights of the dashboards' role, as access.sql grants them."""
    conn.execute("CREATE ROLE guanche_grafana")
    conn.execute((DEPLOY / "grafana/access.sql").read_text("utf-8"))  # type: ignore[arg-type]
    conn.execute("SET LOCAL ROLE guanche_grafana")
    return conn


def test_every_query_runs_with_the_rights_of_the_dashboards(reader: Connection[TupleRow]) -> None:
    assert len(SQL) == 7
    for title, query in SQL.items():
        assert reader.execute(query).description, title


@pytest.mark.parametrize(
    "query", ["SELECT * FROM telemetry", "SELECT raw FROM ingest_rejects", "SELECT * FROM devices"]
)
def test_the_dashboards_may_not_read(reader: Connection[TupleRow], query: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute(query)  # type: ignore[arg-type]
