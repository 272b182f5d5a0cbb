"""The daily questions about assets, put to the API one after the other: how long, whether true.

Decides what is asked and by whom: the head office, which has every vehicle, an operator, a depot.
Every kind of question is judged before it is timed (`assets_oracle.py`). Leaves out the database's
share (`assets_sql.py`), exports and imports.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any, Final
from urllib.parse import urlencode
from uuid import uuid4

import msgspec

from bench.api_client import Client, Request
from bench.api_fleet import ROOT, depot_of, operator_of
from bench.api_questions import Answered, Asked, Timing, time_requests
from bench.api_scene import Asker
from bench.assets_book import Booked
from bench.assets_oracle import (
    due_within,
    judge_counts,
    judge_list,
    judge_page,
    judge_vins,
    may_be_let,
    scrapped_within,
)
from bench.assets_server import AssetsRig
from fleet.months import add_months
from kit import clock

REQUESTS: Final = 100
PAGE: Final = 200
"""The most that a page holds."""
PAGES_OF: Final = 20
"""Vehicles whose page is asked for."""
V1: Final = "/api/v1"
FEED_BACK: Final = timedelta(days=90)
FEED_AHEAD: Final = timedelta(days=400)
FEED_MOST: Final = 2_000


class AssetQuestions:
    """Asks through one connection; collects times, other figures, and wrong answers."""

    def __init__(self, rig: AssetsRig, client: Client, rng: Random, requests: int) -> None:
        self.rig = rig
        self.figures: dict[str, float] = {}
        self._client = client
        self._rng = rng
        self._requests = requests
        self._timings: dict[str, Timing] = {}
        self._wrong: list[str] = []
        self._judged = 0
        askers = rig.askers
        self.askers: dict[str, Asker] = {
            "root": askers[ROOT],
            "operator": askers[operator_of(1)],
            "depot": askers[depot_of(1)],
        }
        self._books = {name: rig.book_of(asker) for name, asker in self.askers.items()}

    @property
    def answered(self) -> Answered:
        """What was found so far."""
        return Answered(timings=self._timings, judged=self._judged, wrong=self._wrong)

    def due(self) -> None:
        """What falls due next month: its first page, its counts, the whole of it."""
        from_on, until_on = next_month(self.rig.data.today)
        month = urlencode({"from_on": from_on, "until_on": until_on})
        for name, asker in self.askers.items():
            expected = due_within(self._books[name], self.rig.data.today, from_on, until_on)
            began_s = clock.monotonic()
            items = list(self._walk(f"{V1}/obligations?{month}", asker))
            taken_s = clock.monotonic() - began_s
            self._judge(f"a month of {asker.code}", judge_list(items, expected))
            counts = f"{V1}/obligations/counts?{month}"
            body = self._client.get(counts, asker.tokens[0]).read()
            self._judge(f"counts of {asker.code}", judge_counts(body, expected))
            if name == "root":
                self.figures |= {"due.month.s": taken_s, "due.month.items": float(len(items))}
            self._time(f"due.page.{name}", [(f"{V1}/obligations?{month}", asker.tokens[0])])
            self._time(f"due.counts.{name}", [(counts, asker.tokens[0])])
        root = self.askers["root"].tokens[0]
        self._time("due.overdue", [(f"{V1}/obligations?{month}&overdue=true", root)])

    def available(self) -> None:
        """What may be let today."""
        today = self.rig.data.today
        self._list_vins("available", lambda one: may_be_let(one, today))

    def idle(self) -> None:
        """What stands in stock or for sale, the longest first."""
        self._list_vins("idle", is_idle)

    def idle_care(self) -> None:
        """Vehicles that wait, and their care, the most urgent first."""
        self._list_vins("idle-care", is_idle)

    def _list_vins(self, path: str, belongs: Callable[[Booked], bool]) -> None:
        """A list of vehicles: judged to its end, its first page timed."""
        for name, asker in self.askers.items():
            target = f"{V1}/{path}"
            vins = [one.vin for one in self._books[name] if belongs(one)]
            told = [item["vin"] for item in self._walk(target, asker)]
            self._judge(f"{path} of {asker.code}", judge_vins(told, vins))
            self._time(f"{path}.{name}", [(target, asker.tokens[0])])

    def pages(self) -> None:
        """Everything of one vehicle, asked for by its depot and by the head office."""
        some = self._rng.sample(self.rig.book, min(PAGES_OF, len(self.rig.book)))
        by_depot = [self._page(one, self._depot_of(one)) for one in some]
        for one, (target, token) in zip(some, by_depot, strict=True):
            body = self._client.get(target, token).read()
            self._judge(f"the page of {one.vin}", judge_page(body, one, self.rig.data.today))
        self._time("page.depot", by_depot)
        self._time("page.root", [self._page(one, self.askers["root"]) for one in some])

    def feeds(self) -> None:
        """The calendar that phones fetch, of a depot and of everything."""
        today = self.rig.data.today
        for name in ("depot", "root"):
            asker = self.askers[name]
            target = self._make_feed(asker)
            text = self._client.get(target, asker.tokens[0])
            text.check()
            events = text.body.count(b"BEGIN:VEVENT")
            book, span = self._books[name], (today - FEED_BACK, today + FEED_AHEAD)
            due = due_within(book, today, *span)
            expected = sum(each.kind != "work_order" for each in due.elements())
            expected += scrapped_within(book, *span)
            told = f"{events} events, not {expected}"
            right = events == min(FEED_MOST, expected)
            self._judge(f"the calendar of {asker.code}", iter(() if right else (told,)))
            few = max(5, self._requests // 5)
            self._time(f"feed.{name}", [(target, asker.tokens[0])], few)

    def _make_feed(self, asker: Asker) -> str:
        """The target of a new calendar."""
        request = Request(
            method="POST",
            target=f"{V1}/calendar-feeds",
            token=asker.tokens[0],
            headers={"Idempotency-Key": uuid4().hex},
            body=msgspec.json.encode({"name": "车务到期", "organisation": asker.code}),
        )
        url: str = self._client.send(request).read()["url"]
        return V1 + url.partition(V1)[2]

    def _depot_of(self, one: Booked) -> Asker:
        operator_id = self.rig.operator_id_of[one.vin]
        return next(
            asker for asker in self.rig.askers.values() if asker.organisation_id == operator_id
        )

    def _page(self, one: Booked, asker: Asker) -> Asked:
        return f"{V1}/vehicles/{one.vin}/page", asker.tokens[0]

    def _walk(self, target: str, asker: Asker) -> Iterator[Mapping[str, Any]]:
        """Every item of a list, page by page."""
        mark = "&" if "?" in target else "?"
        after = None
        while True:
            asked = {"limit": PAGE} if after is None else {"limit": PAGE, "after": after}
            page = self._client.get(f"{target}{mark}{urlencode(asked)}", asker.tokens[0]).read()
            yield from page["items"]
            after = page["next"]
            if after is None:
                return

    def _judge(self, what: str, sentences: Iterator[str]) -> None:
        self._judged += 1
        self._wrong += [f"{what}: {sentence}" for sentence in sentences]

    def _time(self, name: str, asked: Sequence[Asked], requests: int | None = None) -> None:
        self._timings[name] = time_requests(self._client, asked, requests or self._requests)


def next_month(today: date) -> tuple[date, date]:
    """The first day of next month, and of the one after it.

    >>> next_month(date(2026, 11, 22))
    (datetime.date(2026, 12, 1), datetime.date(2027, 1, 1))
    """
    first = today.replace(day=1)
    return add_months(first, 1), add_months(first, 2)


def is_idle(one: Booked) -> bool:
    """Whether it waits, in stock or for sale."""
    return one.papers.stage in ("in_stock", "for_sale")
