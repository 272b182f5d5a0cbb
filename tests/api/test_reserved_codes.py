"""Nothing of alerts gets a code under which it could not be asked for: `GET …/export` is the table.

The words are read off the routes, so that one more of them cannot be forgotten.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

import pytest

from alerts.errors import AlertCodeReserved
from alerts.rules.kinds import KINDS
from alerts.rules.service import check_code
from alerts.rules.validation import RESERVED
from api.routes import alert_rules, geofences, vehicle_groups
from tests.api.served import Served, code_of, post

API: Final = "/api/v1/"
PATHS: Final = [
    str(getattr(route, "path", ""))
    for noun in (alert_rules, geofences, vehicle_groups)
    for route in noun.operations.router.routes
]
CODE: Final = re.compile(r"[a-z][a-z0-9_]*")


def beside_codes(paths: list[str]) -> Iterator[tuple[str, str]]:
    """Each collection whose things are asked for by `{code}`, with a word that stands there too."""
    collections = {path.partition("/{code}")[0] for path in paths if "/{code}" in path}
    for path in paths:
        for collection in collections:
            word = path.removeprefix(f"{collection}/").partition("/")[0]
            if path.startswith(f"{collection}/") and word != "{code}":
                yield collection, word


TAKEN: Final = sorted(set(beside_codes(PATHS)))


def test_the_words_are_read_off_the_routes() -> None:
    assert {collection.removeprefix(API) for collection, _ in TAKEN} == {
        "alert-rules",
        "geofences",
        "vehicle-groups",
    }
    paths = ["/a/{code}", "/a/{code}/try", "/a/all", "/a/all/{code}/x", "/b/near", "/ab/all"]
    assert sorted(set(beside_codes(paths))) == [("/a", "all")]


def test_a_word_of_the_routes_is_no_code_and_no_other_is_kept_back() -> None:
    words = {word for _, word in TAKEN if CODE.fullmatch(word)}
    assert words == RESERVED
    for word in words:
        with pytest.raises(AlertCodeReserved) as raised:
            check_code(word)
        assert raised.value.facts == {"code": word}
    assert not words & KINDS.keys()


BODIES: Final[dict[str, dict[str, Any]]] = {
    "geofences": {"name": "场", "shape": "circle", "lat": 22.5, "lon": 114.0, "radius_m": 300},
    "vehicle-groups": {"name": "组", "vins": []},
    "alert-rules": {"kind": "over_speed"},
}


@pytest.mark.parametrize("storage", ["postgresql"], indirect=True, scope="module")
def test_refused_when_it_is_made(api: Served) -> None:
    manager = api.person("alpha-north.owner", step_up=True)
    for collection, word in TAKEN:
        if not CODE.fullmatch(word):
            continue
        body = BODIES[collection.removeprefix(API)]
        if collection.endswith("alert-rules"):
            url, etag = f"{collection}/{word}", {"If-Match": '"0"'}
            answer = manager.put(url, json=body, headers=etag)
        else:
            answer = post(manager, collection, body | {"code": word}, api.unused("word-"))
        assert (answer.status_code, code_of(answer)) == (422, "alert_code_reserved"), answer.text
        told = answer.json()
        assert told["facts"] == {"code": word}
        assert told["errors"][0]["field"] == "code"
