"""Bytes that are to go: when they do, and what keeps them."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection

from fleet.contracts.service import Vault
from fleet.customers.service import CustomerFacts as Facts
from fleet.customers.service import create_customer, get_customer
from fleet.documents.errors import DocumentWithdrawn
from fleet.documents.jobs import AGAIN_NEEDED, AGAIN_UNAVAILABLE, count_files, sweep_due
from fleet.documents.service import (
    Document,
    keep_file,
    key_of_bytes,
    put_bytes,
    read_document,
    withdraw_document,
    withdraw_files_of,
)
from fleet.orgs.service import get_organisation
from fleet.personal_data.service import erase_personal_data
from kit import db
from kit.files import FileStore, FilesUnavailable
from schemas.access import SYSTEM
from tests.fixtures.sample_files import JPEG, PNG

from .conftest import NOW, refused
from .contracts.conftest import Make, desk, make, office, vault
from .leasing.conftest import KEY

Conn = Connection[Any]
__all__ = ["desk", "make", "office", "vault"]
pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
"""None of this rests on how telemetry is stored."""
Add = Callable[..., Document]
WANG, LI = "C2603-AAAAAA", "C2603-BBBBBB"
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def files(tmp_path: Path) -> FileStore:
    """An empty folder."""
    return FileStore((tmp_path / "files").as_uri())


@pytest.fixture
def add(fleet: Conn, files: FileStore) -> Add:
    """Keeps a picture of a customer of an organisation."""

    def add(subject: str = WANG, content: bytes = JPEG, organisation: str = "east") -> Document:
        owner = get_organisation(fleet, SYSTEM, code=organisation)
        return keep_file(
            fleet,
            SYSTEM,
            files=files,
            organisation_id=owner.id,
            tenant_id=owner.tenant_id,
            content=content,
            name="a.jpg" if content == JPEG else "a.png",
            subject_kind="customer",
            subject_key=subject,
            kind="photo",
            now=NOW,
        )

    return add


def withdraw(conn: Conn, document: Document, subject: str = WANG) -> int:
    return withdraw_files_of(
        conn,
        tenant_id=document.tenant_id,
        subject_kind="customer",
        subject_keys=[subject],
        now=NOW,
    )


def sweep(conn: Conn, files: FileStore, now: Any = LATER) -> dict[str, int]:
    """What the round did, other than nothing."""
    counted = count_files(sweep_due(conn, files, now=now))
    return {outcome: number for outcome, number in counted.items() if number}


def lies(files: FileStore, document: Document) -> bool:
    return files.exists(key_of_bytes(document.tenant_id, document.sha256))


def marks(conn: Conn, document: Document) -> tuple[Any, ...]:
    row = conn.execute(
        "SELECT erase_after_at, erased_at FROM documents WHERE key = %s", [document.key]
    ).fetchone()
    assert row is not None
    return (row[0], row[1])


def test_the_bytes_of_a_withdrawn_subject_go_once(fleet: Conn, files: FileStore, add: Add) -> None:
    gone, other = add(), add(LI, PNG)
    assert withdraw(fleet, gone) == 1
    fleet.commit()
    assert (lies(files, gone), marks(fleet, gone)) == (True, (NOW, None))
    assert sweep(fleet, files, NOW - timedelta(seconds=1)) == {}
    assert sweep(fleet, files) == {"erased": 1}
    assert (lies(files, gone), marks(fleet, gone)) == (False, (NOW, LATER))
    assert (lies(files, other), marks(fleet, other)) == (True, (None, None))
    with refused(fleet, DocumentWithdrawn):
        read_document(fleet, SYSTEM, files=files, key=gone.key)
    assert sweep(fleet, files) == {}


def test_of_an_erased_person_no_picture_is_left(
    office: Conn, files: FileStore, add: Callable[..., Document]
) -> None:
    facts = Facts("person", "王芳")
    made = create_customer(office, SYSTEM, facts=facts, organisation_code="east", key=KEY, now=NOW)
    picture, by_hand = add(made.customer_no), add(made.customer_no, PNG)
    withdraw_document(office, SYSTEM, key=by_hand.key, reason="重复", now=NOW)
    erase_personal_data(
        office, SYSTEM, customer_no=made.customer_no, reason="本人申请", key=KEY, now=LATER
    )
    office.commit()
    assert get_customer(office, SYSTEM, customer_no=made.customer_no).erased_at == LATER
    assert sweep(office, files) == {"erased": 2}
    assert (lies(files, picture), lies(files, by_hand)) == (False, False)


def test_what_is_withdrawn_by_hand_stays_stored(fleet: Conn, files: FileStore, add: Add) -> None:
    document = add()
    withdraw_document(fleet, SYSTEM, key=document.key, reason="错误", now=NOW)
    assert sweep(fleet, files) == {}
    assert lies(files, document) is True


def test_bytes_that_a_sister_has_as_well_stay_until_hers_go(
    fleet: Conn, files: FileStore, add: Add, app_conn: Conn
) -> None:
    """The role of the API sees both, because it acts for the tenant."""
    gone, kept = add(), add(LI, organisation="west")
    withdraw(fleet, gone)
    fleet.commit()
    assert sweep(app_conn, files) == {"needed": 1}
    assert sweep(app_conn, files) == {}
    assert read_document(fleet, SYSTEM, files=files, key=kept.key)[1] == JPEG
    assert marks(fleet, gone) == (LATER + AGAIN_NEEDED, None)
    withdraw(fleet, kept, LI)
    fleet.commit()
    assert sweep(app_conn, files) == {"erased": 2}
    fleet.rollback()
    assert (lies(files, kept), marks(fleet, gone)[1], marks(fleet, kept)[1]) == (
        False,
        LATER,
        LATER,
    )


@pytest.mark.parametrize("what", ["paper", "facts"])
def test_bytes_of_a_contract_stay(desk: Conn, vault: Vault, make: Make, what: str) -> None:
    contract = make()
    sha256 = contract.contract.sha256
    if what == "facts":
        sha256 = bytes.fromhex(contract.events[0].content["facts_sha256"])
    owner = get_organisation(desk, SYSTEM, code="east")
    key = key_of_bytes(owner.tenant_id, sha256)
    desk.execute(
        """
        INSERT INTO documents (tenant_id, organisation_id, subject_kind, subject_key, kind,
            goes_along, name, media_type, size_bytes, sha256, uploaded_by, uploaded_at,
            withdrawn_at, erase_after_at)
        VALUES (%(tenant)s, %(own)s, 'customer', %(subject)s, 'other', false, 'a.pdf',
            'application/pdf', 1, %(sha256)s, 'lin', %(now)s, %(now)s, %(now)s)
        """,
        {
            "tenant": owner.tenant_id,
            "own": owner.id,
            "subject": WANG,
            "sha256": sha256,
            "now": NOW,
        },
    )
    desk.commit()
    assert sweep(desk, vault.files) == {"needed": 1}
    assert vault.files.exists(key) is True
    assert vault.second is not None
    assert vault.second.exists(key) is True


def test_bytes_of_a_bill_stay_whoever_uploaded_them_too(
    fleet: Conn, files: FileStore, add: Add, app_conn: Conn
) -> None:
    gone = add()
    fleet.execute(
        "INSERT INTO money_papers (tenant_id, organisation_id, subject_kind, subject_key, sha256,"
        " size_bytes, made_at) SELECT tenant_id, organisation_id, 'bill', 'B2026-2-000001', sha256,"
        " size_bytes, uploaded_at FROM documents WHERE key = %s",
        [gone.key],
    )
    withdraw(fleet, gone)
    fleet.commit()
    assert sweep(app_conn, files) == {"needed": 1}
    assert lies(files, gone) is True


def test_what_is_added_again_is_readable(fleet: Conn, files: FileStore, add: Add) -> None:
    gone = add()
    withdraw(fleet, gone)
    fleet.commit()
    assert sweep(fleet, files) == {"erased": 1}
    again = add()
    assert again.key != gone.key
    assert read_document(fleet, SYSTEM, files=files, key=again.key)[1] == JPEG
    assert sweep(fleet, files, LATER + timedelta(days=9)) == {}
    assert lies(files, again) is True


def test_what_somebody_is_adding_is_left_alone(
    fleet: Conn, files: FileStore, add: Add, database_url: str
) -> None:
    """Between the bytes, which are there already, and the row that names them."""
    gone = add()
    withdraw(fleet, gone)
    fleet.commit()
    with db.connect(database_url) as other:
        put_bytes(other, files=files, tenant_id=gone.tenant_id, content=JPEG)
        assert sweep(fleet, files) == {}
        other.rollback()
        assert sweep(fleet, files) == {"erased": 1}


def test_whoever_adds_waits_for_the_sweep_and_puts_them_anew(
    fleet: Conn, files: FileStore, add: Add, database_url: str
) -> None:
    gone = add()
    withdraw(fleet, gone)
    fleet.commit()
    held: list[int] = []

    class Watched(FileStore):
        def delete(self, key: str) -> None:
            with db.connect(database_url) as other:
                got = other.execute(
                    "SELECT pg_try_advisory_xact_lock_shared(hashtextextended(%s, 0))::int",
                    [f"bytes {key}"],
                ).fetchone()
                assert got is not None
                held.append(got[0])
            super().delete(key)

    assert sweep(fleet, Watched(files.url)) == {"erased": 1}
    assert held == [0]


def test_a_crash_before_the_mark_is_made_good(fleet: Conn, files: FileStore, add: Add) -> None:
    gone = add()
    withdraw(fleet, gone)
    fleet.commit()
    files.delete(key_of_bytes(gone.tenant_id, gone.sha256))
    assert sweep(fleet, files) == {"erased": 1}
    assert marks(fleet, gone) == (NOW, LATER)


def test_a_store_that_is_away_ends_the_round(fleet: Conn, files: FileStore, add: Add) -> None:
    gone, other = add(), add(WANG, PNG)
    assert withdraw(fleet, gone) == 2
    fleet.commit()

    class Away(FileStore):
        def delete(self, key: str) -> None:
            raise FilesUnavailable(f"{key}: away")

    assert sweep(fleet, Away(files.url)) == {"unavailable": 1}
    assert sorted(marks(fleet, one)[0] for one in (gone, other)) == [NOW, LATER + AGAIN_UNAVAILABLE]
    assert sweep(fleet, files) == {"erased": 1}
    assert sweep(fleet, files, LATER + AGAIN_UNAVAILABLE) == {"erased": 1}
    assert (lies(files, gone), lies(files, other)) == (False, False)
