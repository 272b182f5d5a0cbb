"""Figures of law over HTTP: who sees and sets them, and that what falls due follows."""

from collections.abc import Iterator
from typing import Any, Final

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from api.routes import parameters as routes
from fleet.figures import KINDS
from tests.api.served import Served, code_of, post

PATH: Final = "/api/v1/parameters"
WINDOW: Final = f"{PATH}/inspection.early_window"
BODY: Final = {
    "valid_from_on": "2026-01-01",
    "content": {"months": 2},
    "source": "集团运营规定 §3",
}


@pytest.fixture
def owner(api: Served) -> Iterator[TestClient]:
    """Of alpha, who has given their password again; what they set is taken back."""
    yield api.person("alpha.owner", step_up=True)
    api.as_owner("DELETE FROM parameters WHERE tenant_id IS NOT NULL")


def set_window(client: TestClient, api: Served, **changed: Any) -> Response:
    return post(client, WINDOW, BODY | changed, api.unused("window-"))


def in_force(client: TestClient, **query: str) -> dict[str, dict[str, Any]]:
    told = client.get(PATH, params=query)
    assert told.status_code == 200, told.text
    return {row["name"]: row for row in told.json()}


def test_every_parameter_is_told_with_its_meaning(api: Served) -> None:
    told = in_force(api.person("alpha-depot.viewer"))
    assert list(told) == sorted(KINDS)
    window = told["inspection.early_window"]
    assert (window["chinese"], window["content"], window["own"]) == (
        "提前检验月数",
        {"months": 3},
        False,
    )
    assert window["valid_from_on"] == "2021-12-17"


def test_the_head_sets_its_own_and_its_regions_follow(api: Served, owner: TestClient) -> None:
    done = set_window(owner, api)
    assert done.status_code == 201, done.text
    assert done.json()["recorded_by"] == "alpha.owner"
    name = "inspection.early_window"
    assert in_force(owner)[name] == done.json()
    assert in_force(owner, on="2025-12-31")[name]["content"] == {"months": 3}
    depot = in_force(api.person("alpha-depot.ops"))[name]
    assert (depot["content"], depot["own"], depot["recorded_by"]) == ({"months": 2}, True, None)
    assert in_force(api.person("omega.owner"))[name]["content"] == {"months": 3}
    history = owner.get(WINDOW).json()
    assert [(row["valid_from_on"], row["own"]) for row in history["history"]] == [
        ("2026-01-01", True),
        ("2021-12-17", False),
    ]
    omega = api.person("omega.owner").get(WINDOW).json()["history"]
    assert [row["own"] for row in omega] == [False]


def test_a_region_may_not(api: Served, owner: TestClient) -> None:
    told = set_window(api.person("alpha-south.owner", step_up=True), api)
    assert (told.status_code, code_of(told)) == (403, "parameter_not_yours")
    assert in_force(owner)["inspection.early_window"]["own"] is False


def test_the_password_is_asked_for_once_more(api: Served) -> None:
    told = set_window(api.person("alpha.owner"), api)
    assert (told.status_code, code_of(told)) == (403, "step_up_required")


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"content": {"months": 99}}, (422, "figures_invalid")),
        ({"content": {}}, (422, "figures_invalid")),
        ({"content": None}, (422, "invalid")),
        ({"content": [1]}, (422, "invalid")),
        ({"source": " "}, (422, "invalid")),
        ({"source": None}, (422, "invalid")),
        ({"valid_from_on": "1999-12-31"}, (422, "invalid")),
        ({"valid_from_on": "2026-02-30"}, (422, "invalid")),
        ({"valid_from_on": 20260101}, (422, "invalid")),
    ],
)
def test_what_is_refused(
    api: Served, owner: TestClient, changed: dict[str, Any], told: tuple[int, str]
) -> None:
    answer = set_window(owner, api, **changed)
    assert (answer.status_code, code_of(answer)) == told


def test_a_mistake_is_told_in_chinese_with_its_place(api: Served, owner: TestClient) -> None:
    owner.headers["Accept-Language"] = "zh-CN"
    try:
        answer = set_window(owner, api, content={"months": 99})
    finally:
        del owner.headers["Accept-Language"]
    assert answer.json()["title"] == "参数内容有误"
    assert answer.json()["errors"][0]["field"] == "body.content"
    assert answer.json()["facts"]["place"] == "months"


def test_a_name_that_is_none(api: Served, owner: TestClient) -> None:
    for answer in (owner.get(f"{PATH}/x"), post(owner, f"{PATH}/x", BODY, api.unused("x-"))):
        assert (answer.status_code, code_of(answer)) == (404, "parameter_not_found")


def test_what_falls_due_is_decided_again(
    api: Served, owner: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(
        routes.compliance,
        "refresh_papers",
        lambda _conn, *, vehicle_ids, now: asked.append((vehicle_ids, now.tzinfo is not None)),
    )
    assert set_window(owner, api).status_code == 201
    assert asked == [(None, True)]
    limits = "insurance.compulsory_limits"
    body = BODY | {"content": in_force(owner)[limits]["content"]}
    assert post(owner, f"{PATH}/{limits}", body, api.unused("limits-")).status_code == 201
    assert len(asked) == 1


@pytest.mark.parametrize("day", ["0", "1767225600", "2026-02-30", "20260101", "today"])
def test_a_day_that_is_none(owner: TestClient, day: str) -> None:
    for path in (PATH, f"{PATH}/export"):
        told = owner.get(path, params={"on": day})
        assert (told.status_code, code_of(told)) == (422, "invalid")


def test_they_are_exported(api: Served) -> None:
    told = api.person("alpha.viewer").get(
        f"{PATH}/export?form=csv&on=2020-01-01", headers={"Accept-Language": "zh"}
    )
    header, *rows = told.content.decode("utf-8-sig").split("\r\n")
    assert header.startswith("生效日期,内容,依据,本企业设定,")
    assert len(rows) == len(KINDS) + 1
