"""The process that works on a sheet: started by the API, bounded, and killed without harm."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.import_worker import ImportWorker
from fleet.sheets import jobs
from kit import clock
from tests.api import dying_imports
from tests.api.import_hands import (
    ASLEEP_MS,
    VEHICLES,
    applied,
    ask_to_apply,
    checked,
    counts,
    rows_of,
    send,
    settled,
    vehicle_rows,
    vin_of,
)
from tests.api.served import Served, served
from tests.fixtures.databases import TestServer
from tests.fleet.sheets.workbooks import parts, zipped
from tests.reliability.process import wait_until

Worker = Callable[..., None]
CARD = "11010519491231002X"


@pytest.fixture(scope="module")
def api(storage: str, _server_of: Callable[[str], TestServer]) -> Iterator[Served]:
    """An application that looks for sheets often, and is not patient."""
    with served(_server_of(storage), import_poll_ms=50, import_max_s=6) as running:
        yield running


@pytest.fixture(scope="module")
def manager(api: Served) -> TestClient:
    return api.person("alpha.manager")


def vehicles_there(api: Served, *numbers: int) -> int:
    """How many of these vehicles the database holds."""
    query = "SELECT count(*)::int FROM vehicles WHERE vin = ANY (%s)"
    [(count,)] = api.as_owner(query, [vin_of(number) for number in numbers])
    return int(count)


def test_a_sheet_goes_its_whole_way(api: Served, manager: TestClient) -> None:
    found = checked(manager, "vehicles", [VEHICLES, *vehicle_rows(1, 2)])
    assert (found["state"], counts(found)) == ("checked", (2, 0, 0, 0))
    assert vehicles_there(api, 1, 2) == 0
    done = applied(manager, found)
    assert (done["state"], done["rows_done"], done["rows_total"]) == ("applied", 2, 2)
    assert vehicles_there(api, 1, 2) == 2
    assert counts(checked(manager, "vehicles", [VEHICLES, *vehicle_rows(1, 2)])) == (0, 0, 2, 0)


def test_the_key_that_seals_numbers_reaches_the_process(manager: TestClient) -> None:
    sheet = [("原编号", "客户类型", "客户名称", "证件号码"), ("KH-9", "个人", "王芳", CARD)]
    assert applied(manager, checked(manager, "customers", sheet))["state"] == "applied"
    [card] = manager.get("/api/v1/customers", params={"q": "KH-9"}).json()["items"]
    assert card["id_number"] == "110***********002X"


def test_a_worker_that_dies_twice_has_failed_and_written_nothing(
    api: Served, manager: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = checked(manager, "vehicles", [VEHICLES, *vehicle_rows(11, 12)])
    monkeypatch.setattr(jobs, "work_alone", dying_imports.killed)
    done = applied(manager, found)
    assert (done["state"], done["problem"]["code"]) == ("failed", "import_worker_died")
    assert vehicles_there(api, 11, 12) == 0
    again = ask_to_apply(manager, done, "good_rows")
    assert again.status_code == 409


def test_a_worker_that_dies_once_is_followed_by_another(
    api: Served, manager: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = checked(manager, "vehicles", [VEHICLES, *vehicle_rows(21, 22)])
    monkeypatch.setattr(jobs, "work_alone", dying_imports.killed_once)
    done = applied(manager, found)
    assert (done["state"], counts(done)) == ("applied", (2, 0, 0, 0))
    assert vehicles_there(api, 21, 22) == 2


@pytest.mark.parametrize(
    ("worker", "told"),
    [
        (dying_imports.hungry, "import_too_large"),
        (dying_imports.asleep, "import_took_too_long"),
        (dying_imports.killed, "import_worker_died"),
    ],
)
def test_a_sheet_that_takes_too_much_has_failed_and_says_so(
    manager: TestClient, monkeypatch: pytest.MonkeyPatch, worker: Worker, told: str
) -> None:
    monkeypatch.setattr(jobs, "work_alone", worker)
    found = checked(manager, "vehicles", [VEHICLES, *vehicle_rows(31)])
    assert (found["state"], found["problem"]["code"]) == ("failed", told)
    assert found["problem"]["zh"] != ""


def test_who_lost_an_import_writes_nothing_more(
    storage: str, _server_of: Callable[[str], TestServer]
) -> None:
    """A worker nothing was heard of goes on; another has taken its import up by then."""
    with served(_server_of(storage), import_poll_ms=ASLEEP_MS) as api:
        manager = api.person("alpha.manager")
        key = send(manager, "vehicles", [VEHICLES, *vehicle_rows(41)]).json()["key"]
        state: Any = api.app.state.guanche
        with state.pool.connection() as conn:
            silent = jobs.claim_next(conn)
            assert jobs.claim_next(conn) is None
        api.as_owner(
            "UPDATE imports SET worked_until_at = %s WHERE key = %s",
            *(clock.now() - timedelta(seconds=1), key),
        )
        found = settled(manager, key)
        assert silent is not None
        jobs.run_import(state.settings, silent)
        assert manager.get(f"/api/v1/imports/{key}").json() == found
        assert (found["state"], len(rows_of(manager, found))) == ("checked", 1)


def test_a_restart_of_the_api_gives_back_what_it_worked_on(
    storage: str, _server_of: Callable[[str], TestServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(_server_of(storage), import_poll_ms=ASLEEP_MS) as api:
        manager = api.person("alpha.manager")
        key = send(manager, "vehicles", [VEHICLES, *vehicle_rows(51)]).json()["key"]
        query = "SELECT state, attempts FROM imports WHERE key = %s"
        with monkeypatch.context() as patched:
            patched.setattr(jobs, "work_alone", dying_imports.asleep)
            worker = ImportWorker(api.app.state.guanche)
            worker.start()
            taken_up = [("checking", 1)]
            wait_until(lambda: api.as_owner(query, key) == taken_up, within_s=9, what="it begins")
            worker.stop()
        assert api.as_owner(query, key) == [("checking", 0)]
        assert (settled(manager, key)["state"], vehicles_there(api, 51)) == ("checked", 0)


ENTITIES = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'
HEADING = '<row><c t="inlineStr"><is><t>VIN</t></is></c></row>'
ROW = "<row><c><v>1</v></c></row>"
HOSTILE: dict[str, tuple[Callable[[], dict[str, Any]], str]] = {
    "a bomb": (lambda: parts(" " * 1024 * 1024 for _ in range(800)), "sheet_too_large"),
    "a million rows": (lambda: parts([HEADING, *[ROW * 1000] * 1000]), "sheet_too_large"),
    "entities": (lambda: parts() | {"xl/workbook.xml": ENTITIES}, "sheet_unreadable"),
    "macros": (lambda: parts() | {"xl/vbaProject.bin": b"\xd0\xcf"}, "sheet_has_macros"),
    "nothing": (parts, "sheet_empty"),
}  # fmt: skip


@pytest.mark.parametrize("harm", HOSTILE)
def test_a_hostile_workbook_fails_with_a_clear_word(
    tmp_path: Path, manager: TestClient, harm: str
) -> None:
    members, told = HOSTILE[harm]
    content = zipped(tmp_path / "a.xlsx", members()).read_bytes()
    found = checked(manager, "vehicles", content, name="a.xlsx")
    assert (found["state"], found["problem"]["code"]) == ("failed", told)
    assert found["problem"]["zh"] != found["problem"]["en"]
    assert rows_of(manager, found) == []


def test_a_protected_workbook_is_refused_at_the_door(manager: TestClient) -> None:
    protected = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(1024)
    answer = send(manager, "vehicles", protected, name="a.xlsx")
    assert (answer.status_code, answer.json()["code"]) == (422, "document_type_refused")
