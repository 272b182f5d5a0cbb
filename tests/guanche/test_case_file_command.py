"""`guanche case-file`: made of a real database, proved without any."""

import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection

from fleet.customers.service import CustomerFacts, create_customer
from fleet.documents.service import add_document
from fleet.leasing.service import Line, Terms, draft_lease, sign_lease
from fleet.leasing.terms import Term
from fleet.orgs.service import create_organisation
from fleet.registry.service import add_vehicle
from kit import clock
from kit.files import FileStore
from schemas.access import SYSTEM
from tests.api.world import KEY, KEY_TEXT
from tests.fixtures.sample_files import JPEG
from tests.guanche.conftest import Run

VIN = "LSGPC52U6AF102554"


@pytest.fixture
def lease_no(run: Run, database_url: str, conn: Connection[Any], tmp_path: Path) -> str:
    """A signed lease with a file, in the database that the command is set to."""
    now, files = clock.now() - timedelta(hours=1), (tmp_path / "files").as_uri()
    create_organisation(conn, SYSTEM, code="qingfan", name="青帆", now=now - timedelta(days=9))
    add_vehicle(conn, SYSTEM, vin=VIN, plate=None, owner_code="qingfan", now=now)
    facts = CustomerFacts("person", "张三", id_type="id_card", id_number="11010519491231002X")
    customer = create_customer(
        conn, SYSTEM, facts=facts, organisation_code="qingfan", key=KEY, now=now
    )
    line = Line(no=1, vin=VIN, rent_fen=250_000, deposit_fen=500_000)
    terms = Terms(kind="long", starts_on=now.date(), term=Term(count=12), lines=(line,))
    made = draft_lease(conn, SYSTEM, customer_no=customer.customer_no, terms=terms, now=now)
    number = made.lease.lease_no
    sign_lease(conn, SYSTEM, lease_no=number, now=now)
    add_document(
        conn,
        SYSTEM,
        files=FileStore(files),
        vin=VIN,
        kind="photo",
        name="签约.jpg",
        content=JPEG,
        subject_kind="lease",
        subject_key=number,
        now=now,
    )
    conn.commit()
    settings = {"DATABASE_URL": database_url, "FILES_URL": files, "SECRET_KEY": KEY_TEXT}
    assert (
        run("config", **{f"GUANCHE_{name}": text for name, text in settings.items()}).exit_code == 0
    )
    return number


def test_it_is_made_and_proved(
    run: Run, lease_no: str, tmp_path: Path, conn: Connection[Any]
) -> None:
    out = tmp_path / "case.zip"
    made = run("case-file", "export", lease_no, "--output", str(out), "--json")
    assert made.exit_code == 0, made.stderr
    told = json.loads(made.stdout)
    assert (told["lease_no"], told["made_by"], told["lost"]) == (lease_no, "guanche", [])
    with zipfile.ZipFile(out) as packed:
        assert packed.read("files/lease/01-签约.jpg") == JPEG
        assert json.loads(packed.read("customer.json"))["id_masked"] == "110***********002X"
    found = conn.execute(
        "SELECT after->>'list_sha256' FROM audit_entries WHERE action = 'case_file.export'"
    ).fetchall()
    assert found == [(told["list_sha256"],)]
    proved = run("case-file", "verify", str(out), "--list", told["list_sha256"])
    assert (proved.exit_code, proved.stdout.splitlines()[0]) == (0, f"whole  {told['files']} files")
    proved = run("case-file", "verify", str(out), "--list", told["manifest_sha256"])
    assert proved.exit_code == 0


def test_what_was_changed_or_lost_is_told_and_the_rest_is_written(
    run: Run, lease_no: str, tmp_path: Path
) -> None:
    out = tmp_path / "case.zip"
    [kept] = [path for path in (tmp_path / "files").rglob("*") if path.is_file()]
    kept.write_bytes(b"another")
    changed = run("case-file", "export", lease_no, "-o", str(out))
    assert changed.exit_code == 1
    assert "fault    files/lease/01-签约.jpg: changed since it was kept" in changed.stdout
    verified = run("case-file", "verify", str(out))
    assert verified.exit_code == 0
    assert "note   files/lease/01-签约.jpg was found changed when this was made" in verified.stdout
    kept.unlink()
    lost = run("case-file", "export", lease_no, "-o", str(out))
    assert lost.exit_code == 1
    assert "lost     files/lease/01-签约.jpg" in lost.stdout
    incomplete = run("case-file", "verify", str(out))
    assert incomplete.exit_code == 0
    assert "absent files/lease/01-签约.jpg: lost" in incomplete.stdout


def test_a_changed_file_is_told_without_any_database(
    run: Run, lease_no: str, tmp_path: Path
) -> None:
    out = tmp_path / "case.zip"
    assert run("case-file", "export", lease_no, "-o", str(out)).exit_code == 0
    text = bytearray(out.read_bytes())
    text[60] ^= 1
    out.write_bytes(text)
    nowhere = {"GUANCHE_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    told = run("case-file", "verify", str(out), **nowhere)
    assert told.exit_code == 1
    assert told.stdout.startswith("fault  ")
    document = json.loads(run("case-file", "verify", str(out), "--json").stdout)
    assert document["whole"] is False
    assert len(document["faults"]) == 1


def test_another_digest_than_the_one_on_paper_is_told(
    run: Run, lease_no: str, tmp_path: Path
) -> None:
    out = tmp_path / "case.zip"
    assert run("case-file", "export", lease_no, "-o", str(out)).exit_code == 0
    told = run("case-file", "verify", str(out), "--list", "0" * 64)
    assert told.exit_code == 1
    assert "not the one given" in told.stdout


def test_what_cannot_be_asked_is_an_error_in_one_line(run: Run, tmp_path: Path) -> None:
    nothing = run("case-file", "verify", str(tmp_path / "none.zip"))
    assert (nothing.exit_code, nothing.stdout) == (2, "")
    tracks = run("case-file", "export", "L2026-000000", "-o", "x.zip", "--tracks", "second")
    assert (tracks.exit_code, "none, minute, full" in tracks.stderr) == (2, True)
    folder = run("case-file", "export", "L2026-000000", "-o", str(tmp_path / "no" / "x.zip"))
    assert (folder.exit_code, "no such folder" in folder.stderr) == (2, True)
