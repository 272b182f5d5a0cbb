"""Files by their content, on a real database and a real folder."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import Connection

from fleet.audit.service import list_entries
from fleet.documents import errors
from fleet.documents.formats import media_type_of, media_type_of_sheet
from fleet.documents.model import MOST_BYTES, key_of_bytes
from fleet.documents.service import (
    Document,
    add_document,
    get_document,
    keep_file,
    list_documents,
    open_file,
    read_document,
    withdraw_document,
)
from fleet.orgs.service import get_organisation
from fleet.registry.errors import VehicleNotFound
from kit.errors import DomainError
from kit.files import FileChanged, FileMissing, FileStore, FilesUnavailable
from schemas.access import SYSTEM, Actor, PermissionMissing
from tests.fixtures.sample_files import (
    EXE,
    EXIF_JPEG,
    HEIC,
    HTML,
    JPEG,
    MIF1,
    MP4,
    PDF,
    PNG,
    SVG,
    WEBP,
    sheet_bytes,
    zip_bytes,
)

from .conftest import NOW, VIN_A, VIN_B, person, refused

Conn = Connection[Any]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def files(tmp_path: Path) -> FileStore:
    """An empty folder."""
    return FileStore((tmp_path / "files").as_uri())


@pytest.fixture
def add(fleet: Conn, files: FileStore) -> Callable[..., Document]:
    """Add a file to vehicle A."""

    def add(content: bytes = JPEG, name: str = "左前.jpg", **given: Any) -> Document:
        given = {"actor": SYSTEM, "vin": VIN_A, "kind": "photo", "now": NOW} | given
        return add_document(fleet, files=files, content=content, name=name, **given)

    return add


def stored(files: FileStore) -> list[Path]:
    assert files.folder is not None
    return [path for path in files.folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("content", "name", "media_type"),
    [
        (JPEG, "a.jpg", "image/jpeg"),
        (EXIF_JPEG, "行驶证.JPEG", "image/jpeg"),
        (PNG, "a.b.png", "image/png"),
        (WEBP, "a.webp", "image/webp"),
        (HEIC, "IMG_0001.HEIC", "image/heic"),
        (MIF1, "a.heif", "image/heic"),
        (PDF, "保单.pdf", "application/pdf"),
        (sheet_bytes(), "a.xlsx", XLSX),
    ],
)
def test_what_is_kept_is_told_by_its_bytes(content: bytes, name: str, media_type: str) -> None:
    assert media_type_of(content, name) == media_type


@pytest.mark.parametrize(
    ("content", "name"),
    [
        pytest.param(PNG, "a.jpg", id="another kind"),
        pytest.param(EXE, "a.jpg", id="a program"),
        pytest.param(HTML, "a.pdf", id="a page"),
        pytest.param(HTML, "a.html", id="a page that says so"),
        pytest.param(SVG, "a.png", id="a drawing with a script"),
        pytest.param(SVG, "a.svg", id="a drawing that says so"),
        pytest.param(MP4, "a.heic", id="a film"),
        pytest.param(zip_bytes(), "a.xlsx", id="zipped anything"),
        pytest.param(b" " + PDF, "a.pdf", id="not from the first byte on"),
        pytest.param(JPEG, "jpg", id="no ending"),
        pytest.param(JPEG, "a.jpg.exe", id="two endings"),
        pytest.param(b"vin\n1", "a.csv", id="text"),
        pytest.param(b"x", "a.jpg", id="one byte"),
    ],
)
def test_what_pretends_is_refused(content: bytes, name: str) -> None:
    with pytest.raises(errors.DocumentTypeRefused) as refused:
        media_type_of(content, name)
    assert refused.value.facts["name"] == name


def test_a_text_is_a_sheet_only_where_it_was_read_as_one() -> None:
    assert media_type_of_sheet(b"vin\n1", "车.CSV") == "text/csv"
    assert media_type_of_sheet(sheet_bytes(), "车.xlsx") == XLSX
    with pytest.raises(errors.DocumentTypeRefused):
        media_type_of_sheet(EXE, "车.xlsx")


def test_a_file_is_kept_as_it_came(fleet: Conn, files: FileStore, add: Any) -> None:
    added = add()
    assert (added.vin, added.organisation_code, added.subject_kind, added.subject_key) == (
        VIN_A,
        "head",
        "vehicle",
        VIN_A,
    )
    assert (added.media_type, added.size_bytes, added.name) == ("image/jpeg", len(JPEG), "左前.jpg")
    assert added.sha256 == hashlib.sha256(JPEG).digest()
    assert read_document(fleet, SYSTEM, files=files, key=added.key) == (added, JPEG)
    assert files.path_of(key_of_bytes(added.tenant_id, added.sha256)) == stored(files)[0]


@pytest.mark.parametrize(
    ("kind", "along"),
    [
        ("photo", True),
        ("licence", True),
        ("certificate", True),
        ("policy", True),
        ("report", True),
        ("invoice", False),
        ("sheet", False),
        ("other", False),
    ],
)
def test_papers_go_with_the_vehicle_and_business_does_not(add: Any, kind: str, along: bool) -> None:
    assert add(kind=kind).goes_along is along


def test_the_same_content_on_the_same_subject_is_the_same_file(
    fleet: Conn, files: FileStore, add: Any
) -> None:
    first = add()
    assert add(name="again.jpg") == first
    other_vehicle = add(vin=VIN_B)
    other_subject = add(subject_kind="work_order", subject_key="WO-1")
    keys = {first.key, other_vehicle.key, other_subject.key}
    assert len(keys) == 3
    assert len(stored(files)) == 1
    told = [entry.object_key for entry in list_entries(fleet, SYSTEM, {"action": "document.add"})]
    assert sorted(told) == sorted(str(key) for key in keys)


def test_bytes_are_there_before_the_row(fleet: Conn, files: FileStore, add: Any) -> None:
    with pytest.raises(psycopg.errors.CheckViolation), fleet.transaction():
        add(subject_kind="vehicle", kind="nonsense")
    assert len(stored(files)) == 1
    assert list_documents(fleet, SYSTEM, vin=VIN_A) == []


def test_no_row_where_the_bytes_cannot_be_stored(fleet: Conn, tmp_path: Path) -> None:
    (tmp_path / "full").write_bytes(b"")
    nowhere = FileStore((tmp_path / "full" / "below").as_uri())
    with pytest.raises(FilesUnavailable):
        add_document(
            fleet, SYSTEM, files=nowhere, vin=VIN_A, kind="photo", name="a.jpg", content=JPEG,
            now=NOW,
        )  # fmt: skip
    assert list_documents(fleet, SYSTEM, vin=VIN_A) == []


def test_a_byte_that_changed_is_told(fleet: Conn, files: FileStore, add: Any) -> None:
    added = add()
    [path] = stored(files)
    path.write_bytes(JPEG[:-1] + b"x")
    with pytest.raises(FileChanged, match=added.sha256.hex()):
        read_document(fleet, SYSTEM, files=files, key=added.key)
    path.unlink()
    with pytest.raises(FileMissing):
        read_document(fleet, SYSTEM, files=files, key=added.key)


@pytest.mark.parametrize(
    ("given", "fact"),
    [
        ({"content": JPEG + bytes(MOST_BYTES)}, errors.DocumentTooLarge),
        ({"content": PNG}, errors.DocumentTypeRefused),
        ({"subject_kind": "inspection"}, errors.DocumentSubjectInvalid),
        ({"subject_key": VIN_B}, errors.DocumentSubjectInvalid),
        ({"vin": "LE4TG4DB1JL199517"}, VehicleNotFound),
    ],
)
def test_what_is_not_taken(
    fleet: Conn, files: FileStore, add: Any, given: dict[str, Any], fact: type[DomainError]
) -> None:
    with refused(fleet, fact):
        add(**given)
    assert list_documents(fleet, SYSTEM, vin=VIN_A) == []


def test_the_largest_that_is_taken(add: Any) -> None:
    content = JPEG + bytes(MOST_BYTES - len(JPEG))
    assert add(content=content).size_bytes == 20 * 1024 * 1024


def test_a_list_is_the_latest_first_by_kind_and_subject(fleet: Conn, add: Any) -> None:
    added = [
        add(content=JPEG + bytes([number]), now=NOW + timedelta(minutes=number // 2))
        for number in range(5)
    ]
    order = sorted(added, key=lambda one: (one.uploaded_at, one.key), reverse=True)
    assert list_documents(fleet, SYSTEM, vin=VIN_A) == order
    walked: list[Document] = []
    while True:
        after = (walked[-1].uploaded_at, walked[-1].key) if walked else None
        page = list_documents(fleet, SYSTEM, vin=VIN_A, after=after, limit=2)
        if not page:
            break
        walked += page
    assert walked == order
    paper = add(content=PDF, name="a.pdf", kind="policy", subject_kind="policy", subject_key="P1")
    assert list_documents(fleet, SYSTEM, vin=VIN_A, kind="policy") == [paper]
    assert list_documents(fleet, SYSTEM, vin=VIN_A, subject_kind="policy") == [paper]
    assert list_documents(fleet, SYSTEM, vin=VIN_A, subject_key="P2") == []


def test_what_is_withdrawn_stays_stored_and_is_not_read(
    fleet: Conn, files: FileStore, add: Any
) -> None:
    added = add()
    withdrawn = withdraw_document(fleet, SYSTEM, key=added.key, reason="传错车辆", now=NOW)
    assert withdrawn.withdrawn_at == NOW
    assert get_document(fleet, SYSTEM, key=added.key) == withdrawn
    assert list_documents(fleet, SYSTEM, vin=VIN_A) == []
    for again in (
        lambda: read_document(fleet, SYSTEM, files=files, key=added.key),
        lambda: withdraw_document(fleet, SYSTEM, key=added.key, reason="x", now=NOW),
    ):
        with refused(fleet, errors.DocumentWithdrawn):
            again()
    assert len(stored(files)) == 1
    [entry] = list_entries(fleet, SYSTEM, {"action": "document.withdraw"})
    assert (entry.object_key, entry.after) == (str(added.key), {"reason": "传错车辆"})
    assert add().key != added.key


def test_a_file_of_no_vehicle_is_kept_for_another_slice(fleet: Conn, files: FileStore) -> None:
    east = get_organisation(fleet, SYSTEM, code="east")
    kept = keep_file(
        fleet, SYSTEM, files=files, organisation_id=east.id, tenant_id=east.tenant_id,
        content="车架号\n".encode(), name="车辆.csv", subject_kind="import", subject_key="7",
        kind="sheet", now=NOW,
    )  # fmt: skip
    assert (kept.vin, kept.organisation_code, kept.media_type) == (None, "east", "text/csv")
    document, pieces = open_file(fleet, files=files, key=kept.key)
    assert (document, b"".join(pieces).decode()) == (kept, "车架号\n")


def test_a_key_of_nothing(fleet: Conn, files: FileStore) -> None:
    with refused(fleet, errors.DocumentNotFound):
        read_document(fleet, SYSTEM, files=files, key=UUID(int=1))


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("manager", {"add", "read", "withdraw"}),
        ("ops", {"add", "read"}),
        ("finance", {"add", "read"}),
        ("sales", {"read"}),
        ("auditor", {"read"}),
        ("viewer", set()),
    ],
)
def test_who_may(fleet: Conn, files: FileStore, add: Any, role: Any, may: set[str]) -> None:
    added = add()
    actor: Actor = person(get_organisation(fleet, SYSTEM, code="head"), role)
    tried: dict[str, Callable[[], object]] = {
        "add": lambda: add(actor=actor, content=PNG, name="a.png"),
        "read": lambda: [
            read_document(fleet, actor, files=files, key=added.key),
            list_documents(fleet, actor, vin=VIN_A),
            get_document(fleet, actor, key=added.key),
        ],
        "withdraw": lambda: withdraw_document(fleet, actor, key=added.key, reason="x", now=NOW),
    }
    allowed = set()
    for what, act in tried.items():
        try:
            act()
        except PermissionMissing:
            continue
        allowed.add(what)
    assert allowed == may
