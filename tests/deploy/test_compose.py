"""docker-compose.yml and the Dockerfile, checked without a Docker engine.

The shape of each service, what it may do, and that everything it names exists. The official schema
of compose files is not part of this project: SERVICE_KEYS lists what is used of it, so that a
misspelt key fails here.
"""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from typer.main import get_command

from guanche.cli import app
from guanche.commands.api import GRACEFUL_S
from kit.settings import ENV_PREFIX, Settings

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")

ONE_SHOT = {"migrate", "grafana-access"}
SERVES_NOTHING = ONE_SHOT | {"simulator"}

SERVICE_KEYS = {
    "image": {"type": "string"},
    "build": {"const": "."},
    "user": {"type": "string", "pattern": r"^[1-9][0-9]*:[0-9]+$"},
    "profiles": {"type": "array", "items": {"enum": ["demo", "grafana"]}},
    "command": {"type": "array", "items": {"type": "string"}},
    "entrypoint": {"type": "array", "items": {"type": ["string", "integer"]}},
    "environment": {"type": "object"},
    "volumes": {"type": "array", "items": {"type": "string"}},
    "tmpfs": {"type": "array", "items": {"type": "string"}},
    "ports": {"type": "array", "items": {"type": "string"}},
    "networks": {"type": "array", "items": {"enum": sorted(COMPOSE["networks"])}},
    "depends_on": {
        "type": "object",
        "additionalProperties": {
            "type": "object",
            "properties": {
                "condition": {
                    "enum": ["service_started", "service_healthy", "service_completed_successfully"]
                }
            },
            "required": ["condition"],
            "additionalProperties": False,
        },
    },
    "healthcheck": {
        "oneOf": [
            {
                "properties": {"disable": {"const": True}},
                "required": ["disable"],
                "additionalProperties": False,
            },
            {
                "properties": {
                    "test": {"type": "array", "prefixItems": [{"enum": ["CMD", "CMD-SHELL"]}]},
                    "interval": {"type": "string"},
                    "timeout": {"type": "string"},
                    "retries": {"type": "integer", "minimum": 2},
                    "start_period": {"type": "string"},
                },
                "required": ["test", "interval", "timeout", "retries", "start_period"],
                "additionalProperties": False,
            },
        ]
    },
    "restart": {"enum": ["no", "on-failure", "unless-stopped"]},
    "stop_grace_period": {"type": "string", "pattern": "^[0-9]+[sm]$"},
    "deploy": {
        "properties": {
            "resources": {
                "properties": {"limits": {"required": ["memory"], "additionalProperties": True}},
                "required": ["limits"],
                "additionalProperties": False,
            }
        },
        "additionalProperties": False,
    },
    "ulimits": {"type": "object"},
    "shm_size": {"type": "string"},
    "init": {"const": True},
    "read_only": {"const": True},
    "cap_drop": {"const": ["ALL"]},
    "security_opt": {"const": ["no-new-privileges:true"]},
    "logging": {"type": "object"},
}
SERVICE = {
    "type": "object",
    "properties": SERVICE_KEYS,
    "required": [
        "image", "user", "networks", "healthcheck", "restart",
        "read_only", "cap_drop", "security_opt", "logging",
    ],
    "additionalProperties": False,
}  # fmt: skip
each_service = pytest.mark.parametrize("name", sorted(SERVICES))


def bind_mounts(service: dict[str, Any]) -> list[str]:
    """Host paths a service mounts, relative to the root."""
    return [v.split(":")[0] for v in service.get("volumes", []) if v.startswith(".")]


@each_service
def test_a_service_has_the_shape_and_the_restraints(name: str) -> None:
    jsonschema.validate(SERVICES[name], SERVICE)


@each_service
def test_a_service_that_serves_has_a_health_check(name: str) -> None:
    assert ("disable" in SERVICES[name]["healthcheck"]) == (name in SERVES_NOTHING)


@each_service
def test_what_runs_once_is_waited_for_to_its_end(name: str) -> None:
    assert (SERVICES[name]["restart"] == "no") == (name in ONE_SHOT)
    for needed, how in SERVICES[name].get("depends_on", {}).items():
        if needed in ONE_SHOT:
            assert how["condition"] == "service_completed_successfully"
        profiles = SERVICES[needed].get("profiles", [])
        assert set(profiles) <= set(SERVICES[name].get("profiles", [])), f"{needed} may be off"


@each_service
def test_an_image_is_pinned_to_a_full_version_or_built_here(name: str) -> None:
    service = SERVICES[name]
    if "build" in service:
        assert service["image"] == "guanche:${IMAGE_TAG:-local}"
    else:
        assert re.fullmatch(r"[a-z-]+(/[a-z-]+)?:v?\d+\.\d+\.\d+(-[a-z0-9]+)?", service["image"])


@each_service
def test_what_a_service_mounts_is_in_the_repository_or_made_by_a_script(name: str) -> None:
    made = {"./deploy/mosquitto/secrets", "./deploy/mosquitto/certs/server.crt",
            "./deploy/mosquitto/certs/server.key"}  # fmt: skip
    missing = [p for p in bind_mounts(SERVICES[name]) if p not in made and not (ROOT / p).exists()]
    assert missing == []


def test_named_volumes_and_networks_are_the_declared_ones() -> None:
    used = {v.split(":")[0] for s in SERVICES.values() for v in s.get("volumes", []) if v[0] != "."}
    assert used == set(COMPOSE["volumes"])
    assert {n for s in SERVICES.values() for n in s["networks"]} == set(COMPOSE["networks"])


def test_commands_of_our_image_are_commands_of_guanche() -> None:
    ours = {name: s["command"][0] for name, s in SERVICES.items() if "build" in s}
    assert ours == {
        "migrate": "migrate", "ingest": "ingest", "alerts": "alerts", "api": "api",
        "simulator": "simulate",
    }  # fmt: skip
    commands = get_command(app).list_commands(None)  # type: ignore[attr-defined]
    assert set(ours.values()) <= set(commands)


def test_the_simulator_registers_the_vehicles_it_speaks_for() -> None:
    simulator = SERVICES["simulator"]
    assert "--register" in simulator["command"], "else every sample is refused as unknown_device"
    assert "GUANCHE_DATABASE_URL" in simulator["environment"]
    assert "database" in simulator["networks"]


def test_only_the_tls_port_is_open_to_other_machines() -> None:
    published = [p for s in SERVICES.values() for p in s.get("ports", [])]
    assert published == [
        "${BROKER_TLS_PORT:-8883}:8883",
        "127.0.0.1:${API_PORT:-8080}:8080",
        "127.0.0.1:${GRAFANA_PORT:-3000}:3000",
    ]


def test_the_api_does_not_know_the_owners_password() -> None:
    environment = SERVICES["api"]["environment"]
    assert "GUANCHE_DATABASE_URL" not in environment
    assert "guanche_api:${API_DATABASE_PASSWORD:" in environment["GUANCHE_API_DATABASE_URL"]
    assert "${DATABASE_" not in json.dumps(SERVICES["api"])


def test_the_key_and_the_password_of_the_api_reach_nobody_else() -> None:
    knowing = {
        secret: {name for name, service in SERVICES.items() if secret in json.dumps(service)}
        for secret in ("GUANCHE_SECRET_KEY", "API_DATABASE_PASSWORD")
    }
    assert knowing == {
        "GUANCHE_SECRET_KEY": {"alerts", "api"},  # which opens addresses to send to
        "API_DATABASE_PASSWORD": {"api", "timescaledb"},  # which makes the role
    }


def test_the_roles_are_made_by_the_scripts_that_are_mounted() -> None:
    database = SERVICES["timescaledb"]
    mounted = dict(v.split(":")[:2] for v in database["volumes"] if v.startswith("."))
    assert mounted["./deploy/timescale/roles.sh"].startswith("/docker-entrypoint-initdb.d/")
    assert mounted["./deploy/timescale/access.sh"] == database["environment"]["ACCESS_SCRIPT"]
    for script in ("roles.sh", "access.sh"):
        text = (ROOT / "deploy/timescale" / script).read_text(encoding="utf-8")
        needed = set(re.findall(r"\b[A-Z]+_ROLE_PASSWORD\b", text))
        assert needed <= set(database["environment"])


def test_where_people_reach_the_api_is_known_to_whoever_makes_links() -> None:
    for name in ("api", "migrate"):
        environment = SERVICES[name]["environment"]
        assert {"GUANCHE_API_PUBLIC_URL", "GUANCHE_RESET_LINK_S"} <= set(environment)


def test_no_secret_stands_in_the_file() -> None:
    for line in TEXT.splitlines():
        for value in re.findall(r"(?i)^ *\w*(?:password|secret|token)\w*: *(.+)$", line):
            assert value.startswith("${"), line
        for value in re.findall(r"://[^:/]+:(.+)@", line):
            assert value.startswith("${"), line


def test_required_secrets_stop_a_start_without_them_and_stand_in_the_example() -> None:
    required = set(re.findall(r"\$\{(\w+):\?", TEXT))
    assert required == {
        "DATABASE_ADMIN_PASSWORD", "DATABASE_PASSWORD", "GRAFANA_DATABASE_PASSWORD",
        "GRAFANA_ADMIN_PASSWORD", "INGEST_MQTT_PASSWORD", "API_DATABASE_PASSWORD",
        "GUANCHE_SECRET_KEY",
    }  # fmt: skip
    optional = set(re.findall(r"\$\{(\w+):-", TEXT))
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert required == set(re.findall(r"(?m)^([A-Z_]+)=$", example))
    assert optional == set(re.findall(r"(?m)^#((?!GUANCHE_)[A-Z_]+)=", example))


def of_the_api(name: str) -> bool:
    """Whether a setting is the API's: its connection, its key, its sessions, answers, files and
    sheets."""
    own = (
        r"(API_\w+|SECRET_KEY|SESSION_(IDLE|MAX)_S|STEP_UP_S|RESET_LINK_S|IDEMPOTENCY_DAYS"
        r"|FILES_\w+|VAULT_COPY_URL|IMPORT_\w+)"
    )
    return re.fullmatch(ENV_PREFIX + own, name) is not None


def of_alerts(name: str) -> bool:
    """Whether a setting is that of alerts: their pace, their turn, where they send."""
    own = (
        r"(ALERT_(POLL_MS|SWEEP_S|LEASE_S|CHECKPOINT_S|RETENTION_DAYS|HTTP_PORT)"
        r"|SMTP_\w+|SMS_URL|NOTIFY_\w+)"
    )
    return re.fullmatch(ENV_PREFIX + own, name) is not None


def test_every_setting_reaches_its_process_or_does_not_apply_to_it() -> None:
    settings = {ENV_PREFIX + name.upper() for name in Settings.model_fields}
    inside_the_network = {"GUANCHE_MQTT_CA_FILE", "GUANCHE_MQTT_CERT_FILE", "GUANCHE_MQTT_KEY_FILE"}
    of_both = {"GUANCHE_OFFLINE_AFTER_S", "GUANCHE_LOG_FORMAT", "GUANCHE_LOG_LEVEL"}
    theirs = {name for name in settings if of_the_api(name)}
    alerts = {name for name in settings if of_alerts(name)}
    assert set(SERVICES["ingest"]["environment"]) == settings - inside_the_network - theirs - alerts
    of_storage = set(SERVICES["migrate"]["environment"]) & set(SERVICES["ingest"]["environment"])
    beside = {"GUANCHE_SECRET_KEY", "GUANCHE_API_PUBLIC_URL", "GUANCHE_HTTP_HOST"}
    assert set(SERVICES["alerts"]["environment"]) == alerts | beside | of_storage
    assert set(SERVICES["api"]["environment"]) == theirs | of_both


def test_the_shares_of_a_stop_leave_time_to_finish() -> None:
    seconds = {
        name: int(s["stop_grace_period"][:-1]) * (60 if s["stop_grace_period"][-1] == "m" else 1)
        for name, s in SERVICES.items()
        if "stop_grace_period" in s
    }
    assert seconds["ingest"] > 5, "a batch is finished within 5 s"
    assert seconds["api"] > GRACEFUL_S, "what was asked is answered"
    assert seconds["mosquitto"] >= 30, "the store is written"
    assert seconds["timescaledb"] >= 60, "a checkpoint is written"


class TestDockerfile:
    def test_images_are_pinned_and_the_same(self) -> None:
        images = re.findall(r"(?m)^FROM (\S+)", DOCKERFILE)
        assert len(images) == 2
        assert len(set(images)) == 1
        assert re.fullmatch(r"python:3\.\d+\.\d+-slim-[a-z]+", images[0])

    def test_the_last_stage_runs_as_nobody_in_particular(self) -> None:
        last = DOCKERFILE[DOCKERFILE.rindex("\nFROM ") :]
        assert re.findall(r"(?m)^USER (.+)$", last) == ["10001:10001"]
        assert SERVICES["ingest"]["user"] == "10001:10001"
        assert "HEALTHCHECK" in last

    def test_every_package_is_installed_with_its_hash(self) -> None:
        installs = re.findall(r"pip install(?:[^&]|\\\n)*", DOCKERFILE)
        assert len(installs) == 3
        for install in installs:
            assert "--require-hashes" in install or "--no-deps" in install, install

    def test_the_context_holds_the_packages_and_no_secret(self) -> None:
        ignore = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        let_in = {line[1:] for line in ignore if line.startswith("!")}
        assert "*" in ignore
        pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
        packages = re.search(r"(?m)^packages = \[(.*)\]$", pyproject)
        assert packages is not None
        wheel = set(re.findall(r'"(\w+)"', packages[1]))
        assert wheel | {"pyproject.toml", "requirements.lock", "README.md"} <= let_in
        assert not {".env", "deploy", "tests", ".git"} & let_in
