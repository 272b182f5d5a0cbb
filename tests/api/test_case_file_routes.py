"""The case file of a lease over HTTP, as the role of the application."""

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Final

import psycopg
import pytest
from httpx2 import Response

from fleet.case_files.checking import verify_case_file
from fleet.customers.service import CustomerFacts, create_customer
from fleet.leasing.service import Line, Terms, draft_lease, hand_out, lock_lease, sign_lease
from fleet.leasing.terms import Term
from fleet.registry.service import add_vehicle, get_vehicle
from kit import clock
from schemas.access import SYSTEM
from tests.api.served import Served, code_of
from tests.api.world import KEY

VIN: Final = "LE4TG4DB1JL199517"


@pytest.fixture(scope="module")
def lease_no(api: Served) -> str:
    """A lease of alpha-depot with a vehicle that is out."""
    now = clock.now() - timedelta(hours=2)
    with psycopg.connect(api.owner_url) as conn:
        add_vehicle(
            conn,
            SYSTEM,
            vin=VIN,
            plate=None,
            owner_code="alpha",
            operator_code="alpha-depot",
            now=now - timedelta(days=9),
        )
        facts = CustomerFacts("company", "顺达物流", phone="13812345678")
        customer = create_customer(
            conn, SYSTEM, facts=facts, organisation_code="alpha-depot", key=KEY, now=now
        )
        terms = Terms(
            kind="long",
            starts_on=now.date() + timedelta(days=1),
            term=Term(count=12),
            lines=(Line(no=1, vin=VIN, rent_fen=250_000, deposit_fen=500_000),),
        )
        made = draft_lease(conn, SYSTEM, customer_no=customer.customer_no, terms=terms, now=now)
        number = made.lease.lease_no
        sign_lease(conn, SYSTEM, lease_no=number, now=now)
        lease, _book = lock_lease(conn, number)
        vehicle = get_vehicle(conn, SYSTEM, vin=VIN)
        hand_out(conn, SYSTEM, lease=lease, line_no=1, vehicle=vehicle, at=now, now=now)
    return number


def path_of(lease_no: str, **asked: str) -> str:
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    return f"/api/v1/leases/{lease_no}/case-file?{query}"


def manifest_in(answer: Response) -> dict[str, object]:
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        told: dict[str, object] = json.loads(packed.read("MANIFEST.json"))
    return told


def test_the_file_is_whole_and_says_who_made_it(api: Served, lease_no: str, tmp_path: Path) -> None:
    manager = api.person("alpha-depot.manager", step_up=True)
    answer = manager.get(path_of(lease_no))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert f"-{lease_no}.zip" in answer.headers["content-disposition"]
    (tmp_path / "case.zip").write_bytes(answer.content)
    assert verify_case_file(tmp_path / "case.zip") == []
    made = manifest_in(answer)["made"]
    assert isinstance(made, dict)
    assert (made["lease_no"], made["made_by"], made["organisation"], made["tracks"]) == (
        lease_no,
        "alpha-depot.manager",
        "alpha-depot",
        "minute",
    )


def test_the_export_stands_in_the_trail_with_the_digest_of_its_list(
    api: Served, lease_no: str
) -> None:
    auditor = api.person("alpha.auditor", step_up=True)
    digest = manifest_in(auditor.get(path_of(lease_no, tracks="none")))["list_sha256"]
    query = f"/api/v1/audit?action=case_file.export&actor=alpha.auditor&object_key={lease_no}"
    [entry] = api.person("alpha.auditor").get(query).json()["items"]
    assert entry["after"]["list_sha256"] == digest
    assert entry["after"]["tracks"] == "none"


def test_tracks_are_asked_for_by_their_name(api: Served, lease_no: str) -> None:
    manager = api.person("alpha-depot.manager", step_up=True)
    answer = manager.get(path_of(lease_no, tracks="second"))
    assert (answer.status_code, code_of(answer)) == (422, "invalid")


@pytest.mark.parametrize("role", ["ops", "sales", "finance", "viewer"])
def test_others_make_no_case_file(api: Served, lease_no: str, role: str) -> None:
    answer = api.person(f"alpha-depot.{role}", step_up=True).get(path_of(lease_no))
    assert (answer.status_code, code_of(answer)) == (403, "permission_missing")


def test_the_password_is_given_again(api: Served, lease_no: str) -> None:
    answer = api.new_session("alpha-depot.manager").get(path_of(lease_no))
    assert (answer.status_code, code_of(answer)) == (403, "step_up_required")


@pytest.mark.parametrize("organisation", ["alpha-north", "omega"])
def test_of_others_there_is_none(api: Served, lease_no: str, organisation: str) -> None:
    stranger = api.person(f"{organisation}.owner", step_up=True)
    answer = stranger.get(path_of(lease_no))
    assert (answer.status_code, code_of(answer)) == (404, "lease_not_found")
    assert stranger.get(path_of("L2026-000000")).json()["code"] == "lease_not_found"


def test_a_machine_makes_none(api: Served, lease_no: str) -> None:
    answer = api.machine("lease.read", organisation="alpha").get(path_of(lease_no))
    assert (answer.status_code, code_of(answer)) == (403, "permission_missing")


def test_too_many_days_of_tracks_are_refused(
    api: Served, lease_no: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = {"none": 10, "minute": 0, "full": 0}
    monkeypatch.setattr("fleet.case_files.tracks.MOST_VEHICLE_DAYS", limits)
    manager = api.person("alpha-depot.manager", step_up=True)
    answer = manager.get(path_of(lease_no))
    assert (answer.status_code, code_of(answer)) == (422, "tracks_too_long")
    assert manager.get(path_of(lease_no, tracks="none")).status_code == 200
