"""Photos and papers over HTTP: the bytes as they came, their headers, and who sees them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from kit.files import FileStore
from tests.api.served import Served, code_of, post
from tests.api.world import VINS
from tests.fixtures.sample_files import EXE, JPEG, PDF, PNG

VIN: Final = VINS["alpha-depot"]
PATH: Final = f"/api/v1/vehicles/{VIN}/documents"


@pytest.fixture
def clean(api: Served) -> Iterator[None]:
    """No files before."""
    api.as_owner("DELETE FROM documents")
    yield


@pytest.fixture
def ops(api: Served, clean: None) -> TestClient:
    """Of the depot that operates the vehicle."""
    return api.person("alpha-depot.ops")


def add(
    client: TestClient,
    api: Served,
    content: bytes = JPEG,
    *,
    content_type: str | None = "image/jpeg",
    key: str | None = None,
    **query: str,
) -> Response:
    """The answer to a file."""
    headers = {"Idempotency-Key": key or api.unused("file-")}
    if content_type is not None:
        headers["Content-Type"] = content_type
    params = {"kind": "photo", "name": "左前.jpg"} | query
    return client.post(PATH, params=params, content=content, headers=headers)


def test_a_file_comes_back_as_it_was_sent(api: Served, ops: TestClient) -> None:
    made = add(ops, api)
    assert made.status_code == 201, made.text
    card = made.json()
    assert made.headers["location"] == f"/api/v1/documents/{card['key']}"
    assert (card["vin"], card["organisation"], card["uploaded_by"]) == (
        VIN,
        "alpha-depot",
        "alpha-depot.ops",
    )
    assert ops.get(made.headers["location"]).json() == card
    assert ops.get(PATH).json() == {"items": [card], "next": None}
    read = ops.get(f"{made.headers['location']}/content", headers={"Accept-Encoding": "gzip"})
    assert read.content == JPEG
    told = read.headers
    assert told["content-type"] == "image/jpeg"
    assert told["content-length"] == str(len(JPEG))
    assert told["content-disposition"] == (
        f"inline; filename=\"__.jpg\"; filename*=UTF-8''{quote('左前.jpg')}"
    )
    assert told["content-security-policy"] == "sandbox"
    assert told["x-content-type-options"] == "nosniff"
    assert told["cache-control"] == "no-store"
    assert "content-encoding" not in told


def test_what_is_no_picture_is_saved_and_not_shown(api: Served, ops: TestClient) -> None:
    name = 'a"; filename=x.html\\ 行驶证.pdf'
    made = add(ops, api, PDF, kind="licence", name=name, content_type="application/pdf")
    read = ops.get(f"/api/v1/documents/{made.json()['key']}/content")
    assert read.headers["content-disposition"] == (
        "attachment; filename=\"a__ filename_x.html_ ___.pdf\"; filename*=UTF-8''"
        + quote(name, safe="")
    )


def test_the_head_of_a_file_is_told_without_it(api: Served, ops: TestClient) -> None:
    path = f"/api/v1/documents/{add(ops, api).json()['key']}/content"
    told = ops.head(path)
    assert (told.status_code, told.content) == (200, b"")
    assert told.headers["content-length"] == str(len(JPEG))


@pytest.mark.parametrize("content_type", ["image/jpeg", "application/octet-stream", "x/y", None])
def test_what_it_is_is_told_by_its_bytes_alone(
    api: Served, ops: TestClient, content_type: str | None
) -> None:
    made = add(ops, api, content_type=content_type)
    assert (made.status_code, made.json()["media_type"]) == (201, "image/jpeg")


@pytest.mark.parametrize(
    ("content", "query", "told"),
    [
        (PNG, {}, (422, "document_type_refused")),
        (EXE, {}, (422, "document_type_refused")),
        (EXE, {"name": "a.exe"}, (422, "document_type_refused")),
        (b"", {}, (422, "invalid")),
        (JPEG + bytes(20 * 1024 * 1024), {}, (422, "document_too_large")),
        (JPEG + bytes(32 * 1024 * 1024), {}, (413, "body_too_large")),
        (JPEG, {"subject_kind": "policy"}, (422, "document_subject_invalid")),
        (JPEG, {"subject_kind": "import", "subject_key": "x"}, (422, "invalid")),
        (JPEG, {"kind": "virus"}, (422, "invalid")),
        (JPEG, {"name": "a\nb.jpg"}, (422, "invalid")),
        (JPEG, {"subject_key": "\x7f"}, (422, "invalid")),
    ],
)
def test_what_is_refused(
    api: Served, ops: TestClient, content: bytes, query: dict[str, str], told: tuple[int, str]
) -> None:
    refused = add(ops, api, content, **query)
    assert (refused.status_code, code_of(refused)) == told
    assert ops.get(PATH).json()["items"] == []


def test_the_same_request_is_answered_the_same(api: Served, ops: TestClient) -> None:
    first = add(ops, api, key="same-file")
    again = add(ops, api, key="same-file")
    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"
    other = add(ops, api, JPEG + b"x", key="same-file")
    assert (other.status_code, code_of(other)) == (409, "idempotency_key_reused")
    assert add(ops, api, name="other.jpg").json() == first.json()


def test_pages_and_filters(api: Served, ops: TestClient) -> None:
    keys = [add(ops, api, JPEG + bytes([number])).json()["key"] for number in range(5)]
    told: list[str] = []
    after: dict[str, Any] = {}
    while after is not None:
        page = ops.get(PATH, params={"limit": 2, **after}).json()
        told += [item["key"] for item in page["items"]]
        after = page["next"] and {"after": page["next"]}
    assert told == keys[::-1]
    assert ops.get(PATH, params={"kind": "policy"}).json()["items"] == []
    assert len(
        ops.get(PATH, params={"subject_kind": "vehicle", "subject_key": VIN}).json()["items"]
    )
    rows = ops.get(f"{PATH}/export?form=csv&kind=photo").text.strip().split("\n")
    assert len(rows) == 6


@pytest.mark.parametrize("after", ["x", "WyJ4Il0", "WyIyMDI2LTAxLTAxVDAwOjAwOjAwWiIsIngiXQ"])
def test_a_cursor_of_another_list_is_told_so(ops: TestClient, after: str) -> None:
    told = ops.get(PATH, params={"after": after})
    assert (told.status_code, code_of(told)) == (422, "cursor_invalid")


def test_a_withdrawn_file_is_not_found(api: Served, ops: TestClient) -> None:
    path = f"/api/v1/documents/{add(ops, api).json()['key']}"
    reason = {"reason": "传错车辆"}
    refused = ops.post(f"{path}/withdraw", json=reason)
    assert (refused.status_code, code_of(refused)) == (403, "permission_missing")
    manager = api.person("alpha-depot.manager")
    withdrawn = manager.post(f"{path}/withdraw", json=reason)
    assert withdrawn.status_code == 200, withdrawn.text
    assert ops.get(path).json()["withdrawn_at"] == withdrawn.json()["withdrawn_at"]
    assert withdrawn.json()["withdrawn_at"] is not None
    for again in (ops.get(f"{path}/content"), manager.post(f"{path}/withdraw", json=reason)):
        assert (again.status_code, code_of(again)) == (404, "document_withdrawn")
    assert ops.get(PATH).json()["items"] == []


def seen_by(client: TestClient, keys: dict[str, str]) -> dict[str, int]:
    return {
        kind: client.get(f"/api/v1/documents/{key}/content").status_code
        for kind, key in keys.items()
    }


def test_papers_go_to_the_next_operator_and_invoices_do_not(api: Served, ops: TestClient) -> None:
    keys = {
        "photo": add(ops, api).json()["key"],
        "invoice": add(ops, api, PDF, kind="invoice", name="发票.pdf").json()["key"],
    }
    nothing = {"photo": 404, "invoice": 404}
    assert seen_by(api.person("alpha-north.ops"), keys) == nothing
    assert seen_by(api.person("omega.owner"), keys) == nothing
    owner = api.person("alpha.owner", step_up=True)
    assert seen_by(owner, keys) == {"photo": 200, "invoice": 200}

    def hand_to(organisation: str) -> None:
        body = {"organisation": organisation}
        given = post(owner, f"/api/v1/vehicles/{VIN}/operators", body, api.unused("hand-"))
        assert given.status_code == 201, given.text

    hand_to("alpha-north")
    try:
        north = api.person("alpha-north.manager")
        assert seen_by(north, keys) == {"photo": 200, "invoice": 404}
        told = north.get(f"/api/v1/documents/{keys['photo']}").json()
        assert (told["organisation"], told["uploaded_by"]) == (None, None)
        not_theirs = north.post(f"/api/v1/documents/{keys['photo']}/withdraw", json={"reason": "x"})
        assert (not_theirs.status_code, code_of(not_theirs)) == (404, "document_not_found")
        assert seen_by(ops, keys) == {"photo": 200, "invoice": 200}
        late = add(ops, api, PNG, name="a.png")
        assert (late.status_code, code_of(late)) == (403, "vehicle_not_yours")
        mine = add(api.person("alpha-north.ops"), api, name="a.jpg")
        assert (mine.status_code, mine.json()["organisation"]) == (201, "alpha-north")
        assert mine.json()["key"] != keys["photo"]
    finally:
        hand_to("alpha-depot")


def test_a_damaged_file_is_a_fault_of_ours(api: Served, ops: TestClient) -> None:
    key = add(ops, api, JPEG + b"damaged").json()["key"]
    files: FileStore = api.app.state.guanche.files
    assert files.folder is not None
    [path] = [
        each for each in files.folder.rglob("*") if each.is_file() and _ends(each, b"damaged")
    ]
    path.write_bytes(JPEG + b"damage!")
    told = ops.get(f"/api/v1/documents/{key}/content")
    assert (told.status_code, code_of(told)) == (500, "file_damaged")
    path.unlink()
    told = ops.get(f"/api/v1/documents/{key}/content")
    assert (told.status_code, code_of(told)) == (500, "file_damaged")


def _ends(path: Path, ending: bytes) -> bool:
    return path.read_bytes().endswith(ending)


def test_a_store_that_does_not_answer(
    api: Served, ops: TestClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setattr(api.app.state.guanche.files, "folder", tmp_path / "file" / "below")
    monkeypatch.delitem(vars(api.app.state.guanche.files), "_store", raising=False)
    told = add(ops, api)
    assert (told.status_code, code_of(told)) == (503, "files_unavailable")
    assert told.headers["retry-after"] == "2"
