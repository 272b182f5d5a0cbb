"""What falls due and calendars, as they are asked for over HTTP."""

from typing import Any, Final

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from icalendar import Calendar
from structlog.testing import capture_logs

from tests.api.served import BASE_URL, Served, code_of, post
from tests.api.world import VINS

DEPOT: Final = VINS["alpha-depot"]
NORTH: Final = VINS["alpha-north"]
OBLIGATIONS: Final = "/api/v1/obligations"
FEEDS: Final = "/api/v1/calendar-feeds"
THERE: Final = "(now() AT TIME ZONE 'Asia/Shanghai')::date"
"""The day it is where the vehicles are, at any hour of the day here."""


@pytest.fixture(scope="module")
def owing(api: Served) -> Served:
    """The depot's inspection is overdue, its insurance ends in a year; north's has no record."""
    for vin, kind, due in (
        (DEPOT, "inspection", f"{THERE} - 100"),
        (DEPOT, "compulsory", f"{THERE} + 365"),
        (NORTH, "inspection", "NULL"),
    ):
        api.as_owner(
            "INSERT INTO obligations (tenant_id, vehicle_id, kind, is_open, due_on, refreshed_at)"
            f" SELECT tenant_id, id, %s, true, {due}, now() FROM vehicles WHERE vin = %s"
            " ON CONFLICT (vehicle_id, kind, reference) DO UPDATE SET is_open = true,"
            " due_on = excluded.due_on",
            kind,
            vin,
        )
    api.as_owner("UPDATE vehicle_stages SET stage = 'let'")
    return api


def items(answer: Response) -> list[tuple[str, str, str]]:
    assert answer.status_code == 200, answer.text
    return [(item["vin"], item["kind"], item["status"]) for item in answer.json()["items"]]


def test_the_list_says_what_blocks_and_why_in_both_languages(owing: Served) -> None:
    answer = owing.person("alpha-depot.viewer").get(OBLIGATIONS)
    first, second = answer.json()["items"]
    assert (first["vin"], first["kind"], first["status"]) == (DEPOT, "inspection", "overdue")
    assert (first["title_zh"], first["title_en"]) == ("年审", "Inspection")
    assert (first["blocks_hand_over"], first["days_overdue"]) == (True, 100)
    assert first["why_zh"] == f"年审自{first['overdue_since_on']}起逾期。"
    assert (second["status"], second["blocks_hand_over"], second["why_en"]) == (
        "ahead",
        False,
        None,
    )


FILTERS: Final[list[tuple[dict[str, Any], list[tuple[str, str, str]]]]] = [
    ({"kind": "compulsory"}, [(DEPOT, "compulsory", "ahead")]),
    (
        {"status": ["missing", "ahead"]},
        [(NORTH, "inspection", "missing"), (DEPOT, "compulsory", "ahead")],
    ),
    ({"organisation": "alpha-north"}, [(NORTH, "inspection", "missing")]),
    ({"q": DEPOT[5:].lower(), "kind": "inspection"}, [(DEPOT, "inspection", "overdue")]),
    ({"from_on": "2199-01-01"}, []),
    (
        {"from_on": "2199-01-01", "overdue": "true"},
        [(NORTH, "inspection", "missing"), (DEPOT, "inspection", "overdue")],
    ),
    ({"until_on": "1999-01-01"}, []),
]


def test_filters_and_counts_agree(owing: Served) -> None:
    owner = owing.person("alpha.owner")
    for query, wanted in FILTERS:
        assert items(owner.get(OBLIGATIONS, params=query)) == wanted, query
        counts = owner.get(f"{OBLIGATIONS}/counts", params=query).json()
        assert counts["total"] == len(wanted), query
        assert sum(counts["by_status"].values()) == len(wanted)
        for kind, of_kind in counts["by_kind"].items():
            assert sum(of_kind.values()) == [each[1] for each in wanted].count(kind)


def test_pages_lead_through_the_list(owing: Served) -> None:
    owner = owing.person("alpha.owner")
    whole = items(owner.get(OBLIGATIONS))
    read: list[tuple[str, str, str]] = []
    after: dict[str, Any] = {}
    while True:
        answer = owner.get(OBLIGATIONS, params={"limit": 1} | after)
        read += items(answer)
        if answer.json()["next"] is None:
            break
        after = {"after": answer.json()["next"]}
    assert (read, len(whole)) == (whole, 3)


@pytest.mark.parametrize(
    "query",
    [
        {"from_on": "1764547200"},
        {"from_on": "2026-13-01"},
        {"until_on": "2026-12-01T00:00:00Z"},
        {"kind": "lease"},
        {"status": "late"},
        {"q": ""},
        {"after": "WzFd"},
        {"after": "WyIyMDI2LTk5LTAxIiwxLCJ4IiwiIl0"},
        {"after": "WyIyMDI2LTEyLTAxIixudWxsLCJ4IiwiIl0"},
    ],
)
def test_bad_input_is_told(owing: Served, query: dict[str, str]) -> None:
    assert owing.person("alpha.owner").get(OBLIGATIONS, params=query).status_code == 422


def test_the_list_is_exported_with_its_filters(owing: Served) -> None:
    query = {"form": "csv", "kind": "inspection", "organisation": "alpha-depot"}
    answer = owing.person("alpha.owner").get(f"{OBLIGATIONS}/export", params=query)
    assert answer.status_code == 200
    head, row = answer.content.decode("utf-8-sig").strip().splitlines()
    assert DEPOT in row
    assert NORTH not in row
    assert len(head.split(",")) > 10


def make_feed(api: Served, organisation: str = "alpha-south") -> tuple[dict[str, Any], TestClient]:
    """A calendar, and a client of nobody to read it."""
    body = {"name": "车务到期", "organisation": organisation}
    made = post(api.person("alpha.owner"), FEEDS, body, api.unused("feed-"))
    assert made.status_code == 201, made.text
    told: dict[str, Any] = made.json()
    assert made.headers["location"] == f"{FEEDS}/{told['key']}"
    return told, api.nobody()


def path_of(url: str) -> str:
    assert url.startswith(f"{BASE_URL}/api/v1/calendars/")
    return url.removeprefix(BASE_URL)


def test_a_calendar_is_read_without_a_log_in(owing: Served) -> None:
    told, nobody = make_feed(owing)
    answer = nobody.get(path_of(told["url"]))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    calendar: Any = Calendar.from_ical(answer.content)
    assert {event["UID"] for event in calendar.events} == {f"{DEPOT}.compulsory@guanche"}


def test_who_has_it_already_is_told_so(owing: Served) -> None:
    told, nobody = make_feed(owing)
    first = nobody.get(path_of(told["url"]))
    tag = first.headers["etag"]
    again = nobody.get(path_of(told["url"]), headers={"If-None-Match": f'"other", {tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    other = nobody.get(path_of(told["url"]), headers={"If-None-Match": '"other"'})
    assert (other.status_code, other.content) == (200, first.content)


def test_a_wrong_or_revoked_address_is_not_there(owing: Served) -> None:
    told, nobody = make_feed(owing)
    path = path_of(told["url"])
    assert nobody.get(path).status_code == 200
    revoked = owing.person("alpha.owner").post(f"{FEEDS}/{told['key']}/revoke")
    assert revoked.json()["revoked_at"] is not None
    for gone in (path, f"/api/v1/calendars/{'x' * 43}.ics", "/api/v1/calendars/a.ics"):
        answer = nobody.get(gone)
        assert (answer.status_code, code_of(answer)) == (404, "calendar_feed_not_found")
    again = owing.person("alpha.owner").post(f"{FEEDS}/{told['key']}/revoke")
    assert (again.status_code, code_of(again)) == (409, "calendar_feed_revoked")


def test_nothing_but_reading_is_public(owing: Served) -> None:
    told, nobody = make_feed(owing)
    path = path_of(told["url"])
    assert nobody.head(path).status_code == 200
    for method in ("POST", "PUT", "DELETE"):
        assert (nobody.request(method, path).status_code, method) == (405, method)
    for close in (f"{path}/", path.removesuffix(".ics"), f"{path}/x", "/api/v1/calendars/"):
        assert (nobody.get(close).status_code, close) == (401, close)


def test_the_secret_is_in_no_log_and_told_once(owing: Served) -> None:
    told, nobody = make_feed(owing)
    secret = told["url"].rpartition("/")[2].removesuffix(".ics")
    with capture_logs() as logs:
        nobody.get(path_of(told["url"]))
    assert [entry["path"] for entry in logs] == ["/api/v1/calendars/…"]
    assert secret not in str(logs)
    owner = owing.person("alpha.owner")
    for answer in (owner.get(FEEDS), owner.get(f"{FEEDS}/{told['key']}")):
        assert (answer.status_code, secret in answer.text) == (200, False)


def test_sharing_takes_its_verb_and_one_s_own_organisation(owing: Served) -> None:
    body = {"name": "日历", "organisation": "alpha-south"}
    viewer = post(owing.person("alpha-south.viewer"), FEEDS, body, "viewer")
    assert (viewer.status_code, code_of(viewer)) == (403, "permission_missing")
    sibling = post(owing.person("alpha-north.owner"), FEEDS, body, "sibling")
    assert (sibling.status_code, code_of(sibling)) == (404, "organisation_not_found")
    told, _ = make_feed(owing)
    stranger = owing.person("omega.owner").post(f"{FEEDS}/{told['key']}/revoke")
    assert (stranger.status_code, code_of(stranger)) == (404, "calendar_feed_not_found")
