"""Nothing gets a code or number under which it could not be asked for: `GET …/export` is the table.

What could be called by a word of the addresses is read off the routes, so that neither another
word nor another thing can be forgotten: each is either made here, by that word, and refused, or its
name is ours and of a form that no word has.
"""

import re
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import pytest

from alerts.rules.kinds import KINDS
from alerts.rules.service import check_code
from api.routes import ALL_ROUTES
from fleet.models.rows import check_model_row
from schemas.addresses import RESERVED, CodeReserved, check_not_reserved
from tests.api.odd_input import FIT
from tests.api.served import Served, code_of, post
from tests.api.world import VINS

API: Final = "/api/v1/"


def words_beside(paths: Iterable[str]) -> dict[str, set[str]]:
    """Each path that ends with a name, and the words that an address has in its place."""
    split = [path.removeprefix(API).split("/") for path in paths]
    found: dict[str, set[str]] = {}
    for parts in split:
        for place, part in enumerate(parts):
            if not part.startswith("{"):
                continue
            alike = (each for each in split if each[:place] == parts[:place] and each[place:])
            words = {each[place] for each in alike if not each[place].startswith("{")}
            if words:
                found.setdefault("/".join(parts[: place + 1]), set()).update(words)
    return found


FOUND: Final = words_beside(
    str(getattr(route, "path", "")) for noun in ALL_ROUTES for route in noun.router.routes
)


class Made(NamedTuple):
    """How a thing that its maker names comes into being."""

    by: str
    field: str = "code"
    at: str | None = None
    """Of the address it is made at, where that is not what it is asked for at."""
    body: dict[str, Any] = {}  # noqa: RUF012 - read only
    """What its example in the document has that does not fit the test's world."""


OWNER: Final = "alpha.owner"
ALPHA: Final = {"organisation": "alpha"}
PAPERS: Final = f"vehicles/{VINS['alpha-depot']}/"
NAMED_BY_MAKER: Final[dict[str, Made]] = {
    "alert-rules/{code}": Made("alpha-north.owner"),
    "checklists/{code}": Made(OWNER),
    "contract-templates/{code}": Made(OWNER),
    "devices/{serial}": Made(OWNER, "serial", body={"owner": "alpha"}),
    "geofences/{code}": Made("alpha-north.ops"),
    "models/{code}": Made(OWNER),
    "organisations/{code}": Made(OWNER, body={"parent": "alpha"}),
    "packages/{code}": Made(OWNER),
    "permits/{permit_no}": Made("alpha-depot.manager", "permit_no", PAPERS + "permits"),
    "policies/{policy_no}": Made("alpha-depot.manager", "policy_no", PAPERS + "policies"),
    "users/{login}": Made(OWNER, "login", body=ALPHA),
    "vehicle-groups/{code}": Made("alpha-north.ops", body={"vins": []}),
    "violations/{violation_no}": Made("alpha-depot.manager", "violation_no"),
}
KEY: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NUMBER: Final = re.compile(r"[A-Z][0-9]{4}-[0-9A-Z-]+")
DIGITS: Final = re.compile(r"[0-9]+")
NAMED_BY_US: Final[dict[str, re.Pattern[str]]] = {
    "alert-refusals/{refusal_id}": DIGITS,
    "alert-silences/{key}": KEY,
    "alerts/{alert_no}": NUMBER,
    "bills/{bill_no}": NUMBER,
    "bills/{bill}": NUMBER,
    "calendar-feeds/{key}": KEY,
    "charges/{key}": KEY,
    "credit-notes/{credit_no}": NUMBER,
    "customers/{customer_no}": NUMBER,
    "customers/{customer_no}/accounts/{account_id}": DIGITS,
    "customers/{customer_no}/consents/{key}": KEY,
    "customers/{customer_no}/drivers/{driver_key}": KEY,
    "dunning-notices/{notice_no}": NUMBER,
    "hand-overs/{key}": KEY,
    "invoice-requests/{request_no}": NUMBER,
    "leases/{lease_no}": NUMBER,
    "leases/{lease_no}/contracts/{edition}": DIGITS,
    "notification-channels/{key}": KEY,
    "notification-subscriptions/{key}": KEY,
    "notifications/{key}": KEY,
    "package-sales/{key}": KEY,
    "parameters/{name}": re.compile(r"[a-z_]+(\.[a-z0-9_]+)+"),
    "payments/{payment_no}": NUMBER,
    "quotes/{quote_no}": NUMBER,
    "refusals/{refusal_id}": DIGITS,
    "share-settlements/{key}": KEY,
    "vehicles/{vin}": re.compile(r"[0-9A-HJ-NPR-Z]{17}"),
    "work-orders/{number}": NUMBER,
    "write-offs/{key}": KEY,
}


def test_the_words_are_read_off_the_routes() -> None:
    paths = ["a/{code}", "a/{code}/try", "a/all", "a/all/{code}/x", "b/near", "ab/all", "a/{n}/b/c"]
    assert words_beside(API + path for path in paths) == {"a/{code}": {"all"}, "a/{n}": {"all"}}
    paths = ["a/{code}/b/{n}", "a/{code}/b/of"]
    assert words_beside(API + path for path in paths) == {"a/{code}/b/{n}": {"of"}}


def test_of_every_name_in_an_address_it_is_known_who_gives_it() -> None:
    assert FOUND.keys() == NAMED_BY_MAKER.keys() | NAMED_BY_US.keys()
    assert not NAMED_BY_MAKER.keys() & NAMED_BY_US.keys()


@pytest.mark.parametrize("path", NAMED_BY_US)
def test_a_name_of_ours_is_no_word(path: str) -> None:
    form = NAMED_BY_US[path]
    assert form.fullmatch(FIT[path.rpartition("{")[2].rstrip("}")])
    assert not [word for word in FOUND[path] if form.fullmatch(word)]


def test_no_word_is_missing_and_no_other_is_kept_back() -> None:
    assert set().union(*(FOUND[path] for path in NAMED_BY_MAKER)) == RESERVED
    assert not RESERVED & KINDS.keys()
    for word in RESERVED:
        with pytest.raises(CodeReserved) as raised:
            check_not_reserved(word, field="serial")
        assert (raised.value.field, raised.value.facts) == ("serial", {"code": word})
    with pytest.raises(CodeReserved):
        check_code("export")


def test_a_row_of_a_sheet_says_so_of_what_is_new() -> None:
    row = {"code": "export", "name": "车", "maker": "厂", "body_type": "厢式"}
    [problem] = check_model_row(row, None, {})
    assert (problem.code, problem.field) == ("code_reserved", "code")
    assert problem.zh == "“export”是保留字，请换一个"
    assert check_model_row(row, row, {}) == []


OTHERWISE: Final = {("alert-rules/{code}", "check-expression"): "alert_code_malformed"}
"""Words that are no codes of the kind anyway."""


@pytest.mark.parametrize("storage", ["postgresql"], indirect=True, scope="module")
@pytest.mark.parametrize(
    ("path", "word"), [(path, word) for path in NAMED_BY_MAKER for word in sorted(FOUND[path])]
)
def test_refused_when_it_is_made(api: Served, path: str, word: str) -> None:
    made = NAMED_BY_MAKER[path]
    collection = path.partition("/")[0]
    client = api.person(made.by, step_up=True)
    if collection == "alert-rules":
        body: dict[str, Any] = {"kind": "over_speed"}
        answer = client.put(f"{API}{collection}/{word}", json=body, headers={"If-Match": '"0"'})
    else:
        url = API + (made.at or collection)
        body = example_of(api, made.at or collection) | made.body
        if "organisation" in body and "organisation" not in made.body:
            body["organisation"] = None
        answer = post(client, url, body | {made.field: word}, api.unused("word-"))
    expected = OTHERWISE.get((path, word), "code_reserved")
    assert (answer.status_code, code_of(answer)) == (422, expected), answer.text
    told = answer.json()
    assert told["errors"][0]["field"] == made.field
    if expected == "code_reserved":
        assert told["facts"] == {"code": word}


def example_of(api: Served, at: str) -> dict[str, Any]:
    """What the document shows of a body that is posted there."""
    document = api.app.openapi()
    path = API + re.sub(r"^vehicles/[^/]+/", "vehicles/{vin}/", at)
    content = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]
    name = content["schema"]["$ref"].rpartition("/")[2]
    return dict(document["components"]["schemas"][name]["example"])
