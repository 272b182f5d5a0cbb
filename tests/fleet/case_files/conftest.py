"""A lease with two versions, a swap, photos, a contract, and what two vehicles sent.

On 2026-03-01, in UTC: signed at 1:00, vehicle A handed out at 2:00, swapped for B at 3:00, amended
at 4:00, B taken back at 5:00. Both send a sample each ten seconds from 1:00 to 6:00.
"""

import hashlib
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection, sql

from fleet.case_files.manifest import Manifest
from fleet.case_files.service import build_case_file
from fleet.customers import service as customers
from fleet.customers.model import CustomerFacts
from fleet.documents import service as documents
from fleet.leasing import service as leasing
from fleet.leasing.terms import Line, Term, Terms
from fleet.registry import service as registry
from ingest.storage import open_storage
from kit.files import FileStore
from kit.sealed import SealingKey
from schemas.access import SYSTEM, Actor
from tests.fixtures.sample_files import JPEG, PDF
from tests.fleet.conftest import NOW, VIN_A, VIN_B, at

KEY = SealingKey(bytes(range(32)))
ID_NUMBER = "11010519491231002X"
PHONE = "13812345678"
EVERY_S = 10


@dataclass
class Case:
    """What was made, and where its files lie."""

    conn: Connection[Any]
    files: FileStore
    folder: Path
    lease: leasing.Lease
    photos: list[documents.Document] = field(default_factory=list)

    @property
    def lease_no(self) -> str:
        return self.lease.lease_no

    def insert(self, table: str, **row: object) -> None:
        """A row of a slice that is not asked here."""
        own = {"tenant_id": self.lease.tenant_id, "organisation_id": self.lease.organisation_id}
        self.conn.execute(
            sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
                sql.Identifier(table),
                sql.SQL(", ").join(map(sql.Identifier, own | row)),
                sql.SQL(", ").join(map(sql.Placeholder, own | row)),
            ),
            own | row,
        )

    def build(self, actor: Actor = SYSTEM, **given: Any) -> "Made":
        """The case file, and what is in it."""
        out = self.folder / "case.zip"
        asked: dict[str, Any] = {"lease_no": self.lease_no, "key": KEY, "now": NOW} | given
        manifest = build_case_file(self.conn, actor, files=self.files, out=out, **asked)
        with zipfile.ZipFile(out) as packed:
            return Made(out, manifest, {one: packed.read(one) for one in packed.namelist()})

    def where_bytes_lie(self, sha256: bytes) -> Path:
        found = self.files.path_of(documents.key_of_bytes(self.lease.tenant_id, sha256))
        assert found is not None
        return found


@dataclass
class Made:
    """A case file that was made."""

    path: Path
    manifest: Manifest
    content: dict[str, bytes]

    def told(self, path: str) -> Any:
        return json.loads(self.content[path])

    def lines(self, path: str) -> list[Any]:
        return [json.loads(line) for line in self.content[path].splitlines()]

    def table(self, path: str) -> list[list[str]]:
        text = self.content[path].decode("utf-8-sig")
        return [line.split(",") for line in text.splitlines()]

    @property
    def tracks(self) -> list[str]:
        return sorted(path for path in self.content if path.startswith("tracks/"))


def terms(rent_fen: int, **given: Any) -> Terms:
    line = Line(no=1, vin=VIN_A, rent_fen=rent_fen, deposit_fen=800_000)
    wanted: dict[str, Any] = {
        "kind": "long",
        "starts_on": date(2026, 3, 1),
        "term": Term(count=12),
        "lines": (line,),
    }
    return Terms(**wanted | given)


def send_samples(
    conn: Connection[Any], vin: str, from_at: datetime, steps: Sequence[int], step_s: float = 1
) -> None:
    """A sample at each of these steps after an instant, as ingest writes it."""
    vehicle = registry.get_vehicle(conn, SYSTEM, vin=vin)
    conn.execute(
        "INSERT INTO telemetry (vehicle_id, device_id, operator_id, ts, seq, received_at, lat, lon,"
        " fix, speed_kmh, odometer_km, soc_pct)"
        " SELECT %(id)s, (SELECT min(id) FROM devices), %(operator)s,"
        " %(from)s + make_interval(secs => s * %(step_s)s), s,"
        " %(from)s + make_interval(secs => s * %(step_s)s + 2), 22.5 + s / 1e6, 113.9,"
        " true, 30, 1000 + s, 80"
        " FROM unnest(%(steps)s::integer[]) AS s",
        {
            "id": vehicle.id,
            "operator": vehicle.holder_id,
            "from": from_at,
            "steps": list(steps),
            "step_s": step_s,
        },
    )


@pytest.fixture
def signed(fleet: Connection[Any], tmp_path: Path) -> Case:
    """The lease, signed."""
    open_storage(fleet, chunk_hours=24).ensure(fleet, NOW)
    facts = CustomerFacts("person", "张三", id_type="id_card", id_number=ID_NUMBER, phone=PHONE)
    customer = customers.create_customer(
        fleet, SYSTEM, facts=facts, organisation_code="head", key=KEY, now=at(0)
    )
    made = leasing.draft_lease(
        fleet, SYSTEM, customer_no=customer.customer_no, terms=terms(250_000), now=at(0)
    )
    lease_no = made.lease.lease_no
    leasing.sign_lease(fleet, SYSTEM, lease_no=lease_no, now=at(1))
    lease = leasing.get_lease(fleet, SYSTEM, lease_no=lease_no)
    folder = tmp_path / "files"
    return Case(fleet, FileStore(folder.as_uri()), tmp_path, lease)


@pytest.fixture
def case(signed: Case) -> Case:
    """All that happened to it."""
    conn, lease_no = signed.conn, signed.lease_no
    a, b = (registry.get_vehicle(conn, SYSTEM, vin=vin) for vin in (VIN_A, VIN_B))
    place(signed, "hand_out", a, at(2))
    place(signed, "swap", b, at(3), reason="制动维修")
    leasing.amend_lease(
        conn,
        SYSTEM,
        lease_no=lease_no,
        effective_on=date(2026, 3, 2),
        terms=terms(230_000),
        reason="续签优惠",
        now=at(4),
    )
    place(signed, "take_back", None, at(5))
    for number, (vehicle, direction, when) in enumerate(
        [(a, "out", at(2)), (a, "back", at(3)), (b, "out", at(3)), (b, "back", at(5))], 1
    ):
        add_hand_over(signed, vehicle, direction, when, event_no=[2, 3, 3, 5][number - 1])
    for vin in (VIN_A, VIN_B):
        send_samples(conn, vin, at(1), range(0, 5 * 3_600, EVERY_S))
    add_contract(signed)
    return signed


def place(
    case: Case, act: str, vehicle: registry.Vehicle | None, when: datetime, **given: Any
) -> None:
    lease, _book = leasing.lock_lease(case.conn, case.lease_no)
    wanted: dict[str, Any] = {} if vehicle is None else {"vehicle": vehicle}
    getattr(leasing, act)(
        case.conn, SYSTEM, lease=lease, line_no=1, at=when, now=when, **wanted | given
    )


def add_hand_over(
    case: Case, vehicle: registry.Vehicle, direction: str, when: datetime, *, event_no: int
) -> None:
    case.insert(
        "hand_overs",
        lease_id=case.lease.id,
        line_no=1,
        event_no=event_no,
        vehicle_id=vehicle.id,
        direction=direction,
        occasion="swap" if event_no == 3 else "start" if direction == "out" else "return",
        handed_at=when,
        odometer_km=1_000,
        soc_pct=80,
        lat=22.512345,
        lon=113.987654,
        told='{"at": "2026-03-01T02:00:00Z", "odometer_km": 1000.0, "lat": 22.5, "lon": 113.9}',
        recorded_by="lin",
        recorded_at=when + timedelta(minutes=5),
    )
    key = case.conn.execute("SELECT key FROM hand_overs ORDER BY id DESC LIMIT 1").fetchone()
    assert key is not None
    photo = documents.add_file(
        case.conn,
        SYSTEM,
        files=case.files,
        vehicle=vehicle,
        organisation_id=case.lease.organisation_id,
        kind="photo",
        name="左前.jpg",
        content=JPEG + vehicle.vin.encode() + direction.encode(),
        subject_kind="hand_over",
        subject_key=str(key[0]),
        now=when,
    )
    case.photos.append(photo)


def add_contract(case: Case) -> None:
    """Edition 1, brought signed on paper."""
    sha256 = hashlib.sha256(PDF).digest()
    case.files.put(documents.key_of_bytes(case.lease.tenant_id, sha256), PDF)
    case.insert(
        "contracts",
        contract_no=f"{case.lease_no}/1",
        lease_id=case.lease.id,
        edition=1,
        origin="uploaded",
        file_name="合同.pdf",
        media_type="application/pdf",
        size_bytes=len(PDF),
        sha256=sha256,
        state="signed",
        method="paper",
        created_by="lin",
        created_at=at(1),
        signed_at=at(1),
        verify_next_at=NOW,
    )
    found = case.conn.execute("SELECT id FROM contracts").fetchone()
    assert found is not None
    for kind, hour in (("sent", 1), ("received", 2), ("verified", 3)):
        case.insert(
            "contract_events",
            contract_id=found[0],
            kind=kind,
            happened_at=at(hour),
            clock="installation",
            party="张三",
            channel="email",
            recorded_by="lin",
            recorded_at=at(hour),
        )
