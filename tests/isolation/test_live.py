"""The live feed on a real server: each reader is told of its own vehicles, whoever reads beside it.

It is the one operation the crawl leaves out, since its answer has no end.
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

import httpx2 as httpx
import pytest
from fastapi import FastAPI
from psycopg import Connection

from tests.api.served import over_http
from tests.isolation.crawl import leaks
from tests.isolation.crawl_client import Crawl
from tests.isolation.crawl_operations import OPERATIONS
from tests.isolation.crawl_world import Organisation

READERS = ("a-root", "a-south", "a-north", "b-root", "b-depot")
LINES_AT_MOST = 400


@dataclass
class Feed:
    """A reader's open stream, and all that was read of it."""

    reader: Organisation
    lines: Iterator[str]
    text: list[str] = field(default_factory=list)
    last_id: str = ""

    def read_until(self, *expected: str) -> None:
        """Read on until all the texts have come."""
        missing = set(expected)
        for _ in range(LINES_AT_MOST):
            line = next(self.lines)
            self.text.append(line)
            if line.startswith("id: "):
                self.last_id = line.removeprefix("id: ")
            missing -= {text for text in missing if text in line}
            if not missing and not line:
                return
        raise AssertionError(f"{missing} has not come: {self.text}")


@pytest.fixture(scope="module")
def address(crawl: Crawl) -> Iterator[str]:
    """Where the API is served."""
    app = crawl.client.app
    assert isinstance(app, FastAPI)
    with over_http(app) as url:
        yield url


def follow(stack: ExitStack, address: str, reader: Organisation, **headers: str) -> Feed:
    """An open stream that begins with all states, unless it resumes."""
    answer = stack.enter_context(
        httpx.stream(
            "GET",
            f"{address}/api/v1/live",
            params={"snapshot": "true"},
            headers={"Authorization": f"Bearer {reader.tokens['owner']}", **headers},
            timeout=30,
        )
    )
    assert answer.status_code == 200
    return Feed(reader, answer.iter_lines())


def change_all(owner: Connection[tuple[object, ...]], speed_kmh: float) -> None:
    """Every vehicle of both tenants moves, in one transaction."""
    owner.execute("UPDATE vehicle_state SET speed_kmh = %s, last_heard_at = now()", [speed_kmh])
    owner.commit()


def test_the_feed_is_tested_here() -> None:
    here = [name for name, one in OPERATIONS.items() if "test_live.py" in one.apart]
    assert here == ["follow_live"]


def test_readers_of_both_tenants_are_told_of_their_own(
    crawl: Crawl, address: str, owner: Connection[tuple[object, ...]]
) -> None:
    with ExitStack() as stack:
        feeds = [follow(stack, address, crawl.world.organisations[name]) for name in READERS]
        for feed in feeds:
            feed.read_until(feed.reader.ids["vin"])
        for speed_kmh in (21.5, 22.5, 23.5):
            change_all(owner, speed_kmh)
            for feed in feeds:
                feed.read_until(f'"speed_kmh":{speed_kmh}')
        ids = [feed.last_id for feed in feeds]
    for feed in feeds:
        assert leaks(feed.text, crawl.world.barred(feed.reader)) == []
        below = [one for one in crawl.world.organisations.values() if feed.reader.sees(one)]
        told = "\n".join(feed.text)
        assert [one.name for one in below if one.ids["vin"] not in told] == []
    assert all(ids)


def test_an_event_id_of_others_resumes_ones_own(
    crawl: Crawl, address: str, owner: Connection[tuple[object, ...]]
) -> None:
    other, reader = (crawl.world.organisations[name] for name in ("b-root", "a-depot"))
    with ExitStack() as stack:
        theirs = follow(stack, address, other)
        theirs.read_until(other.ids["vin"])
        change_all(owner, 31.5)
        theirs.read_until('"speed_kmh":31.5')
        change_all(owner, 32.5)
        mine = follow(stack, address, reader, **{"Last-Event-ID": theirs.last_id})
        mine.read_until('"speed_kmh":32.5')
    assert leaks(mine.text, crawl.world.barred(reader)) == []
    vins = {
        state["vin"]
        for line in mine.text
        if line.startswith("data: [")
        for state in json.loads(line.removeprefix("data: "))
    }
    assert vins == {reader.ids["vin"], reader.spare["vin"]}


def test_a_vehicle_handed_over_is_told_to_who_has_it(
    crawl: Crawl, address: str, owner: Connection[tuple[object, ...]]
) -> None:
    vin = crawl.world.handed_over["a"]
    north, south = (crawl.world.organisations[f"a-{part}"] for part in ("north", "south"))
    with ExitStack() as stack:
        feeds = [follow(stack, address, one) for one in (north, south)]
        change_all(owner, 41.5)
        for feed in feeds:
            feed.read_until('"speed_kmh":41.5')
    assert [vin in "\n".join(feed.text) for feed in feeds] == [False, True]


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer nothing"}])
def test_who_shows_nothing_is_told_nothing(address: str, headers: dict[str, str]) -> None:
    answer = httpx.get(f"{address}/api/v1/live", headers=headers)
    assert answer.status_code == 401
