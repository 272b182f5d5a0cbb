"""What a fact found of the API means."""

from typing import Any

import pytest

from guanche.diagnosis import Level
from guanche.diagnosis_api import (
    judge_api,
    judge_api_role,
    judge_files,
    judge_people,
    judge_public_url,
    judge_secret_key,
)
from guanche.scrape import Health
from guanche.store import ApiRole, PeopleCount
from kit.settings import Settings

GOOD_ROLE = ApiRole("guanche_api", False, [], True, 0, 0)


def settings(**given: Any) -> Settings:
    return Settings(_env_file=None, **given)


def test_the_right_role_is_fine() -> None:
    finding = judge_api_role(GOOD_ROLE)
    assert (finding.part, finding.level, finding.advice) == ("api role", "ok", None)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        pytest.param({"above_row_security": True}, "is above row security", id="superuser"),
        pytest.param({"is_app": False}, "is no member of guanche_app", id="not a member"),
        pytest.param(
            {"other_roles": ["guanche", "guanche_system"]},
            "has the rights of guanche, guanche_system",
            id="a member of more",
        ),
        pytest.param({"owned": 12}, "owns 12 tables and indexes", id="an owner"),
        pytest.param({"organisations_unasked": 3}, "sees 3 organisations unasked", id="no policy"),
    ],
)
def test_a_role_that_sees_too_much_fails(wrong: dict[str, Any], words: str) -> None:
    finding = judge_api_role(GOOD_ROLE._replace(**wrong))
    assert (finding.level, finding.message) == ("fail", f"guanche_api {words}")
    assert "deploy/timescale/access.sh" in (finding.advice or "")


def test_every_fault_of_a_role_is_told() -> None:
    finding = judge_api_role(GOOD_ROLE._replace(above_row_security=True, owned=1_200))
    assert finding.message == "guanche_api is above row security, owns 1,200 tables and indexes"


@pytest.mark.parametrize(
    ("fault", "free_bytes", "level", "message"),
    [
        (None, None, "ok", "s3://b/x can be written to"),
        (None, 5_000_000_000, "ok", "s3://b/x can be written to"),
        (None, 4_940_000_000, "warn", "s3://b/x can be written to, 4.9 GB are free"),
        ("denied", None, "fail", "nothing can be written to s3://b/x: denied"),
    ],
)
def test_files(fault: str | None, free_bytes: int | None, level: Level, message: str) -> None:
    finding = judge_files("s3://b/x", fault=fault, free_bytes=free_bytes)
    assert (finding.part, finding.level, finding.message) == ("files", level, message)


@pytest.mark.parametrize(
    ("fault", "closed", "level", "words"),
    [
        (None, 0, "ok", "valid"),
        ("it is not set", 0, "fail", "GUANCHE_SECRET_KEY: it is not set"),
        (None, 7, "fail", "does not open 7 ID cards"),
    ],
)
def test_the_key(fault: str | None, closed: int, level: Level, words: str) -> None:
    finding = judge_secret_key(fault=fault, closed=closed)
    assert finding.level == level
    assert words in finding.message


@pytest.mark.parametrize(
    ("given", "level", "words"),
    [
        pytest.param({}, "ok", "http://127.0.0.1:8080, this machine only", id="a demo"),
        pytest.param(
            {"api_public_url": "https://fleet.example.com", "api_host": "0.0.0.0"},
            "ok",
            "https://fleet.example.com",
            id="behind TLS",
        ),
        pytest.param(
            {"api_public_url": "http://fleet.example.com", "api_host": "0.0.0.0"},
            "warn",
            "unencrypted",
            id="in the clear",
        ),
        pytest.param(
            {"api_public_url": "http://[::1]:8080", "api_host": "0.0.0.0"},
            "warn",
            "listens on 0.0.0.0, but one-time links lead to http://[::1]:8080",
            id="links that lead nowhere",
        ),
    ],
)
def test_the_public_url(given: dict[str, str], level: Level, words: str) -> None:
    finding = judge_public_url(settings(**given))
    assert finding.level == level
    assert words in finding.message


@pytest.mark.parametrize(
    ("count", "level", "advice"),
    [
        (PeopleCount(0, 0), "warn", "guanche user create"),
        (PeopleCount(3, 0), "warn", "guanche user reset"),
        (PeopleCount(3, 1), "ok", None),
    ],
)
def test_people(count: PeopleCount, level: Level, advice: str | None) -> None:
    finding = judge_people(count)
    assert finding.level == level
    assert finding.advice is None if advice is None else advice in (finding.advice or "")


@pytest.mark.parametrize(
    ("health", "port", "level"),
    [
        (Health(answered=False, well=False, text=""), 8080, "warn"),
        (Health(answered=True, well=False, text="failing"), 8080, "fail"),
        (Health(answered=True, well=True, text="ok"), 8080, "ok"),
        (Health(answered=False, well=False, text=""), 0, "ok"),
    ],
)
def test_the_process(health: Health, port: int, level: Level) -> None:
    assert judge_api(health, settings(api_port=port)).level == level
