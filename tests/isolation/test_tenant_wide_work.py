"""Checklists and maintenance plans: members of a tenant see them, the head writes them, others see
nothing of them.
"""

import itertools

import pytest
from httpx2 import Response

from tests.isolation.build_service import CHECKLIST
from tests.isolation.crawl_client import Crawl
from tests.isolation.test_tenant_wide import PARTS, ask

PLAN = {"items": [{"code": "annual", "title": "年度保养", "every_months": 12}]}
FIRST = {"If-Match": '"0"'}


def plan_of(crawl: Crawl, name: str, code: str, method: str = "GET") -> Response:
    sent = {"json": PLAN, "headers": FIRST} if method == "PUT" else {}
    return ask(crawl, name, method, f"/models/{code}/maintenance", **sent)


@pytest.mark.parametrize(("tenant", "part"), [*itertools.product("ab", PARTS)])
def test_all_of_a_tenant_see_its_checklist_and_plans(crawl: Crawl, tenant: str, part: str) -> None:
    name = f"{tenant}-{part}"
    listed = ask(crawl, name, "GET", "/checklists").json()["items"]
    assert [(one["code"], one["edition"]) for one in listed] == [(CHECKLIST, 1)]
    assert ask(crawl, name, "GET", f"/checklists/{CHECKLIST}").json()["earlier"] == []
    assert plan_of(crawl, name, f"model-of-{tenant}").json()["model"] == f"model-of-{tenant}"


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_plan_of_the_other_tenant_is_one_that_is_not(
    crawl: Crawl, part: str, method: str
) -> None:
    told = [plan_of(crawl, f"a-{part}", code, method) for code in ("model-of-b", "model-of-c")]
    assert [answer.status_code for answer in told] == [404, 404]
    assert told[0].json()["code"] == told[1].json()["code"] == "model_not_found"


@pytest.mark.parametrize("part", ["south", "north", "depot"])
def test_the_head_alone_writes_plans(crawl: Crawl, part: str) -> None:
    told = plan_of(crawl, f"a-{part}", "model-of-a", "PUT")
    assert (told.status_code, told.json()["code"]) == (409, "plan_not_yours")
