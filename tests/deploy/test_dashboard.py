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
from prometheus_client import CollectorRegistry
from psycopg import Connection
from psycopg.rows import TupleRow

from alerts.engine.metrics import EngineMetrics
from alerts.metrics import ProcessMetrics
from api.metrics import ApiMetrics
from guanche.seed import seed_fleet
from ingest.metrics import Metrics
from kit import clock
from simulators.roster import fleet_roster

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


JOBS = {"guanche-ingest", "guanche-api", "guanche-alerts"}


def of_alerts() -> CollectorRegistry:
    """What a process of alerts exposes."""
    registry = CollectorRegistry()
    EngineMetrics(registry)
    ProcessMetrics(registry).messages.labels("sent")
    return registry


def families() -> set[str]:
    """The names of the metrics of ingest, of the API and of alerts."""
    registries = (Metrics().registry, ApiMetrics().registry, of_alerts())
    return {family.name for registry in registries for family in registry.collect()}


def exposed() -> set[str]:
    """Every series name that their /metrics show."""
    ingest, api = Metrics(), ApiMetrics()
    ingest.samples_refused.labels("bad_json").inc()
    api.count("GET", "/api/v1/vehicles", 200, 0.01)
    registries = (ingest.registry, api.registry, of_alerts())
    return {
        sample.name
        for registry in registries
        for family in registry.collect()
        for sample in family.samples
    }


@pytest.mark.parametrize("name", sorted(EXPRESSIONS))
def test_an_expression_names_metrics_that_are_exposed(name: str) -> None:
    named = set(re.findall(r"\bguanche_\w+", EXPRESSIONS[name]))
    assert named <= exposed()
    assert named or "up{" in EXPRESSIONS[name]


@pytest.mark.parametrize("name", sorted(EXPRESSIONS))
def test_an_expression_asks_the_job_that_has_the_metric(name: str) -> None:
    asked = set(re.findall(r'job="([\w-]+)"', EXPRESSIONS[name]))
    named = set(re.findall(r"\bguanche_(ingest|api|alerts)_", EXPRESSIONS[name]))
    assert asked <= JOBS
    assert not named or asked == {f"guanche-{room}" for room in named}


def test_every_metric_is_drawn() -> None:
    drawn = " ".join(PANEL_EXPRESSIONS.values())
    assert {family for family in families() if family not in drawn} == set()


def test_prometheus_scrapes_every_job_at_its_own_port() -> None:
    scraped = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text("utf-8"))
    ports = {
        job["job_name"]: (job["dns_sd_configs"][0]["names"], job["dns_sd_configs"][0]["port"])
        for job in scraped["scrape_configs"]
    }
    assert ports == {
        "guanche-ingest": (["ingest"], 9108),
        "guanche-api": (["api"], 8080),
        "guanche-alerts": (["alerts"], 9109),
    }


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


def test_the_dashboards_show_the_vehicles_of_every_tenant(conn: Connection[TupleRow]) -> None:
    seed_fleet(conn, fleet_roster(2, 1), clock.now())
    conn.execute("INSERT INTO vehicle_state (vehicle_id) SELECT id FROM vehicles")
    conn.execute("CREATE ROLE guanche_grafana")
    for _again in range(2):
        conn.execute((DEPLOY / "grafana/access.sql").read_text("utf-8"))  # type: ignore[arg-type]
    conn.execute("SET LOCAL ROLE guanche_grafana")
    assert len(conn.execute(SQL["Most recently gone offline"]).fetchall()) == 2


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM telemetry",
        "SELECT raw FROM ingest_rejects",
        "SELECT * FROM devices",
        "SELECT owner_id FROM vehicles",
        "SELECT login FROM users",
        "SELECT name FROM organisations",
    ],
)
def test_the_dashboards_may_not_read(reader: Connection[TupleRow], query: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute(query)  # type: ignore[arg-type]
