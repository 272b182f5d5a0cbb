"""Photos of a hand-over stay with the organisation that took them."""

from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection

from fleet.documents.errors import DocumentNotFound
from fleet.documents.model import BUSINESS
from fleet.documents.service import add_document, add_file, get_document, list_documents
from fleet.hand_overs.errors import HandOverNotFound
from fleet.hand_overs.service import add_photo, get_hand_over, list_photos
from fleet.orgs.service import get_organisation
from fleet.registry.service import assign_operator, get_vehicle
from kit.db import act_for
from kit.files import FileStore
from schemas.access import SYSTEM, PermissionMissing
from tests.fixtures.sample_files import JPEG, PNG
from tests.fleet.conftest import VIN_A, person, refused
from tests.fleet.leasing.conftest import day

from .conftest import back, out, ready

Conn = Connection[Any]


@pytest.fixture
def files(tmp_path: Path) -> FileStore:
    """An empty folder."""
    return FileStore((tmp_path / "files").as_uri())


@pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
def test_who_hands_over_adds_photos(desk: Conn, files: FileStore) -> None:
    lease_no, record = ready(desk)
    key = out(desk, lease_no, record).hand_over.key
    east = get_organisation(desk, SYSTEM, code="east")
    facts: dict[str, Any] = {"files": files, "key": key, "kind": "photo", "now": day(1)}
    added = add_photo(desk, person(east, "sales"), name="左前.jpg", content=JPEG, **facts)
    again = add_photo(desk, person(east, "sales"), name="左前.jpg", content=JPEG, **facts)
    assert (again.key, added.subject_kind, added.subject_key) == (added.key, "hand_over", str(key))
    assert (added.vin, added.goes_along) == (VIN_A, False)
    add_photo(desk, SYSTEM, name="右后.png", content=PNG, **{**facts, "now": day(2)})
    names = [each.name for each in list_photos(desk, SYSTEM, key=key)]
    assert names == ["右后.png", "左前.jpg"]
    assert get_hand_over(desk, SYSTEM, key=key, now=day(2)).photos == 2
    with refused(desk, PermissionMissing):
        add_photo(desk, person(east, "finance"), name="a.jpg", content=JPEG, **facts)


@pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
def test_the_next_operator_does_not_see_them(desk: Conn, files: FileStore, app_conn: Conn) -> None:
    lease_no, record = ready(desk)
    key = out(desk, lease_no, record).hand_over.key
    photo = add_photo(
        desk, SYSTEM, files=files, key=key, kind="photo", name="a.jpg", content=JPEG, now=day(1)
    )
    own = add_document(
        desk, SYSTEM, files=files, vin=VIN_A, kind="photo", name="b.png", content=PNG, now=day(1)
    )
    back(desk, lease_no, record, at=day(20))
    assign_operator(desk, SYSTEM, vin=VIN_A, organisation_code="west", at=day(21), now=day(21))
    seen = {}
    for code in ("east", "west"):
        organisation = get_organisation(desk, SYSTEM, code=code)
        desk.commit()
        with app_conn.transaction():
            act_for(app_conn, [organisation.id])
            actor = person(organisation)
            listed = list_documents(app_conn, actor, vin=VIN_A)
            seen[code] = {each.key for each in listed}
            if code == "west":
                with refused(app_conn, DocumentNotFound):
                    get_document(app_conn, actor, key=photo.key)
                with refused(app_conn, HandOverNotFound):
                    get_hand_over(app_conn, actor, key=key, now=day(22))
    assert seen == {"east": {photo.key, own.key}, "west": {own.key}}


@pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
@pytest.mark.parametrize("subject_kind", sorted(BUSINESS))
def test_what_is_between_us_and_a_customer_never_goes_along(
    fleet: Conn, files: FileStore, subject_kind: Any
) -> None:
    vehicle = get_vehicle(fleet, SYSTEM, vin=VIN_A)
    added = add_file(
        fleet,
        SYSTEM,
        files=files,
        vehicle=vehicle,
        organisation_id=vehicle.holder_id,
        kind="photo",
        name="a.jpg",
        content=JPEG,
        subject_kind=subject_kind,
        subject_key="x",
        now=day(1),
    )
    assert added.goes_along is False
