"""What is one for all of a tenant: members see it, the head writes it, others see nothing of it."""

import itertools
from typing import Any, Final

import pytest
from httpx2 import Response

from tests.isolation.crawl_client import Crawl

FACTS: Final = {"name": "改名", "maker": "厂", "body_type": "微型封闭货车"}
PARTS: Final = ("root", "south", "north", "depot")


def ask(crawl: Crawl, name: str, method: str, path: str, **sent: Any) -> Response:
    token = crawl.world.organisations[name].tokens["owner"]
    headers = {"Authorization": f"Bearer {token}", **sent.pop("headers", {})}
    return crawl.client.request(method, f"/api/v1{path}", headers=headers, **sent)


@pytest.mark.parametrize(("tenant", "part"), [*itertools.product("ab", PARTS)])
def test_the_catalogue_is_the_tenant_s(crawl: Crawl, tenant: str, part: str) -> None:
    listed = ask(crawl, f"{tenant}-{part}", "GET", "/models").json()["items"]
    assert [model["code"] for model in listed] == [f"model-of-{tenant}"]
    assert ask(crawl, f"{tenant}-{part}", "GET", f"/models/model-of-{tenant}").status_code == 200


@pytest.mark.parametrize("part", PARTS)
def test_a_model_of_the_other_tenant_is_one_that_is_not(crawl: Crawl, part: str) -> None:
    for method, sent in (
        ("GET", {}),
        ("PUT", {"json": FACTS, "headers": {"If-Match": '"1"'}}),
    ):
        told = [
            ask(crawl, f"a-{part}", method, f"/models/{code}", **sent)
            for code in ("model-of-b", "model-of-c")
        ]
        assert [answer.status_code for answer in told] == [404, 404]
        assert told[0].json()["code"] == told[1].json()["code"] == "model_not_found"


@pytest.mark.parametrize("part", ["south", "north", "depot"])
def test_only_the_head_writes_it(crawl: Crawl, part: str) -> None:
    change = ask(
        crawl,
        f"a-{part}",
        "PUT",
        "/models/model-of-a",
        json=FACTS,
        headers={"If-Match": '"1"'},
    )
    create = ask(
        crawl,
        f"a-{part}",
        "POST",
        "/models",
        json={"code": "x", **FACTS},
        headers={"Idempotency-Key": f"tenant-wide-{part}"},
    )
    told = [(answer.status_code, answer.json()["code"]) for answer in (change, create)]
    assert told == [(409, "models_kept_by_head")] * 2
