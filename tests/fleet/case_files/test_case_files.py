"""A case file tells all that is kept of a lease, and nothing that its maker may not see."""

import gc
import hashlib
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from fleet.audit import service as audit
from fleet.audit.chain import digest_of
from fleet.case_files.archive import CaseFileWriter
from fleet.case_files.checking import verify_case_file
from fleet.case_files.errors import TracksTooLong
from fleet.case_files.service import NEEDED
from fleet.customers import service as customers
from fleet.customers.privacy.model import NewConsent
from fleet.leasing.refusals import LeaseNotFound
from fleet.orgs.service import get_organisation
from fleet.registry import service as registry
from fleet.usage.model import TrackPoint
from fleet.usage.store import SAMPLES_HELD
from kit.files import FilesUnavailable
from schemas.access import SYSTEM, Actor, PermissionMissing, StepUpRequired
from tests.fixtures.sample_files import JPEG, PDF
from tests.fleet.case_files.conftest import ID_NUMBER, KEY, PHONE, Case, place, send_samples
from tests.fleet.conftest import NOW, VIN_A, VIN_B, at, person, refused

TRACK_A = f"tracks/{VIN_A}-20260301T020000Z-20260301T030000Z.csv"
TRACK_B = f"tracks/{VIN_B}-20260301T030000Z-20260301T050000Z.csv"


def somebody(case: Case, *roles: Any, **given: Any) -> Actor:
    return person(get_organisation(case.conn, SYSTEM, code="head"), *roles, **given)


def test_all_that_is_kept_is_in_it_and_it_is_whole(case: Case) -> None:
    made = case.build()
    assert verify_case_file(made.path) == []
    assert sorted(made.content) == sorted(
        [
            "MANIFEST.json", "README.txt", "SHA256SUMS", "audit.jsonl", "charges.csv",
            "consents.json", "contracts/1/contract.json", "contracts/1/events.json",
            "contracts/1/files/合同.pdf", "customer.json", "events.jsonl",
            "hand-overs/1/photos/01-左前.jpg", "hand-overs/1/record.json",
            "hand-overs/2/photos/01-左前.jpg", "hand-overs/2/record.json",
            "hand-overs/3/photos/01-左前.jpg", "hand-overs/3/record.json",
            "hand-overs/4/photos/01-左前.jpg", "hand-overs/4/record.json",
            "lease.json", "notices.json", "segments.csv", "suspensions.json", "timeline.csv",
            TRACK_A, TRACK_B, "versions/1.json", "versions/2.json", "violations.csv",
        ]
    )  # fmt: skip
    manifest = made.manifest
    assert (manifest.made.lease_no, manifest.made.made_by) == (case.lease_no, "guanche")
    assert (manifest.made.organisation, manifest.made.organisation_name) == ("head", "总部")
    assert manifest.faults == []
    assert [left.what for left in manifest.left_out] == ["dunning 催收", "bills 账单"]
    assert manifest.list_sha256 in made.content["README.txt"].decode()


def test_the_book_and_its_versions_are_as_they_were_told(case: Case) -> None:
    made = case.build(tracks="none")
    assert [(one["no"], one["kind"], one["happened_at"]) for one in made.lines("events.jsonl")] == [
        (1, "signed", "2026-03-01T01:00:00Z"),
        (2, "handed_out", "2026-03-01T02:00:00Z"),
        (3, "swapped", "2026-03-01T03:00:00Z"),
        (4, "amended", "2026-03-01T04:00:00Z"),
        (5, "taken_back", "2026-03-01T05:00:00Z"),
    ]
    versions = [made.told(f"versions/{no}.json") for no in (1, 2)]
    assert [(one["effective_on"], one["terms"]["lines"][0]["rent_fen"]) for one in versions] == [
        ("2026-03-01", 250_000),
        ("2026-03-02", 230_000),
    ]
    assert made.table("segments.csv")[1:] == [
        ["1", VIN_A, "粤BD12345", "2026-03-01T02:00:00Z", "2026-03-01 10:00:00",
         "2026-03-01T03:00:00Z", "2026-03-01 11:00:00"],
        ["1", VIN_B, "", "2026-03-01T03:00:00Z", "2026-03-01 11:00:00",
         "2026-03-01T05:00:00Z", "2026-03-01 13:00:00"],
    ]  # fmt: skip
    card = made.told("lease.json")
    assert (card["lease_no"], card["state"]) == (case.lease_no, "ended")
    assert {"id", "tenant_id", "customer_id"} & card.keys() == set()


def test_tracks_hold_exactly_the_samples_of_each_segment(case: Case) -> None:
    made = case.build(tracks="full")
    for path, from_at, samples in ((TRACK_A, at(2), 360), (TRACK_B, at(3), 720)):
        header, *rows = made.table(path)
        assert header[:4] == ["time_utc", "time_local Asia/Shanghai", "lat_deg_wgs84",
                              "lon_deg_wgs84"]  # fmt: skip
        wanted = [from_at + timedelta(seconds=10 * each) for each in range(samples)]
        assert [row[0] for row in rows] == [
            each.isoformat().replace("+00:00", "Z") for each in wanted
        ]
        assert rows[0][1] == (from_at + timedelta(hours=8)).strftime("%Y-%m-%d %H:%M:%S")


def test_of_each_minute_the_first_sample_stands_as_it_was_taken(case: Case) -> None:
    send_samples(case.conn, VIN_A, at(2, 30), [5, 6, 7])  # between those that are there
    made = case.build()
    _header, *rows = made.table(TRACK_A)
    assert [row[0] for row in rows] == [f"2026-03-01T02:{minute:02}:00Z" for minute in range(60)]
    seconds = (at(2, 1) - at(1)).seconds
    assert rows[1][2:7] == [f"{22.5 + seconds / 1e6:.5f}", "113.9", "true", "", "30.0"]


def test_a_vehicle_that_is_out_has_a_track_until_now(signed: Case) -> None:
    vehicle = registry.get_vehicle(signed.conn, SYSTEM, vin=VIN_A)
    place(signed, "hand_out", vehicle, at(2))
    send_samples(signed.conn, VIN_A, at(2), range(0, 7_200, 60))
    made = signed.build(now=at(3))
    assert made.tracks == [f"tracks/{VIN_A}-20260301T020000Z-20260301T030000Z.csv"]
    assert len(made.table(made.tracks[0])) == 1 + 60


def test_consent_to_location_is_told_of_each_track(case: Case) -> None:
    none = case.build().manifest.notes
    assert [note.partition(":")[0] for note in none] == [TRACK_A, TRACK_B]
    assert all("no consent recorded" in note for note in none)
    consent = NewConsent("location", "2026-01", bytes(32), "张三", at(2, 30), "signed_paper")
    customers.record_consent(
        case.conn, SYSTEM, customer_no=case.lease.customer_no, consent=consent, now=at(5)
    )
    first, second = case.build().manifest.notes
    assert "no consent recorded" in first
    assert "consent to location in force at its beginning, text 2026-01" in second


def test_what_the_lessee_agreed_to_as_the_customer_it_goes_on_as_is_told(case: Case) -> None:
    facts = customers.CustomerFacts("person", "张三")
    stays = customers.create_customer(
        case.conn, SYSTEM, facts=facts, organisation_code="head", key=KEY, now=at(0)
    ).customer_no
    customers.merge_customers(
        case.conn, SYSTEM, customer_no=case.lease.customer_no, into=stays, reason="重复", now=at(1)
    )
    consent = NewConsent("location", "2026-01", bytes(32), "张三", at(1, 30), "signed_paper")
    customers.record_consent(case.conn, SYSTEM, customer_no=stays, consent=consent, now=at(5))
    made = case.build()
    assert [one["customer_no"] for one in made.told("consents.json")] == [stays]
    assert all("consent to location in force" in note for note in made.manifest.notes)
    told = {one["action"] for one in made.lines("audit.jsonl") if one["object_key"] == stays}
    assert "customer.record_consent" in told


def test_without_leave_to_see_tracks_they_are_left_out_and_said_so(case: Case) -> None:
    made = case.build(somebody(case, "auditor"))
    assert made.tracks == []
    assert ("tracks 轨迹", "who made this may not see tracks 制作人无权查看轨迹") in [
        (left.what, left.why) for left in made.manifest.left_out
    ]
    record = made.told("hand-overs/1/record.json")
    assert (record["lat"], record["lon"], record["told"]["lat"]) == (22.51, 113.99, 22.5)


def test_without_leave_to_read_the_trail_it_is_left_out_and_said_so(case: Case) -> None:
    made = case.build(somebody(case, "manager"))
    assert "audit.jsonl" not in made.content
    assert "audit.jsonl 审计" in [left.what for left in made.manifest.left_out]
    assert len(made.tracks) == 2
    assert made.told("hand-overs/1/record.json")["lat"] == 22.512345


def test_every_look_at_a_track_and_the_export_are_written_down(case: Case) -> None:
    made = case.build()
    entries = audit.list_entries(case.conn, SYSTEM, {})
    looked = [(one.object_key, one.after) for one in entries if one.action == "track.read"]
    assert sorted(looked, key=str) == sorted(
        [
            (VIN_A, {"from": at(2).isoformat(), "until": at(3).isoformat()}),
            (VIN_B, {"from": at(3).isoformat(), "until": at(5).isoformat()}),
        ],
        key=str,
    )
    [export] = [one for one in entries if one.action == "case_file.export"]
    assert (export.object_kind, export.object_key) == ("lease", case.lease_no)
    assert export.after == {
        "tracks": "minute",
        "files": len(made.manifest.files),
        "faults": [],
        "size_bytes": made.path.stat().st_size,
        "list_sha256": made.manifest.list_sha256,
        "manifest_sha256": made.manifest.digest,
    }


def test_the_trail_in_it_proves_itself(case: Case) -> None:
    lines = case.build().lines("audit.jsonl")
    assert {"lease.draft", "lease.sign", "lease.amend"} <= {line["action"] for line in lines}
    for line in lines:
        proof = digest_of(bytes.fromhex(line["previous_digest"]), line["digested"])
        assert proof.hex() == line["digest"]


def test_the_lessee_is_masked(case: Case) -> None:
    made = case.build()
    card = made.told("customer.json")
    assert (card["name"], card["id_masked"]) == ("张三", "110***********002X")
    everything = b"".join(made.content.values()).decode(errors="replace")
    assert (ID_NUMBER in everything, PHONE in everything) == (False, False)


def test_a_photo_that_was_changed_goes_in_as_it_is_and_is_told(case: Case) -> None:
    photo = case.photos[2]
    case.where_bytes_lie(photo.sha256).write_bytes(JPEG + b"another vehicle")
    made = case.build()
    path = "hand-overs/3/photos/01-左前.jpg"
    assert [(one.path, one.fault) for one in made.manifest.faults] == [
        (path, f"changed since it was kept: its SHA-256 was {photo.sha256.hex()}")
    ]
    assert made.content[path] == JPEG + b"another vehicle"
    assert verify_case_file(made.path) == []
    [export] = audit.list_entries(case.conn, SYSTEM, {"action": "case_file.export"})
    assert export.after is not None
    assert export.after["faults"] == [path]


def test_a_contract_that_is_lost_is_told_and_all_else_goes_on(case: Case) -> None:
    sha256 = hashlib.sha256(PDF).digest()
    case.where_bytes_lie(sha256).unlink()
    made = case.build()
    [lost] = [left for left in made.manifest.left_out if left.what.startswith("contracts/")]
    assert lost.what == "contracts/1/files/合同.pdf"
    assert lost.why.startswith(f"lost 已丢失: the store has nothing under SHA-256 {sha256.hex()}")
    assert made.told("contracts/1/contract.json")["sha256"] == sha256.hex()
    assert len(made.content) == 28


def test_a_store_that_does_not_answer_makes_no_case_file(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*_: Any, **__: Any) -> Any:
        raise FilesUnavailable("no answer")

    monkeypatch.setattr(case.files, "pieces", silent)
    with pytest.raises(FilesUnavailable):
        case.build()
    assert [one.name for one in case.folder.iterdir()] == ["files"]


def test_a_withdrawn_photo_is_named_and_not_shown(case: Case) -> None:
    case.conn.execute("UPDATE documents SET withdrawn_at = %s WHERE id = %s",
                      [NOW, case.photos[0].id])  # fmt: skip
    made = case.build()
    assert "hand-overs/1/photos/01-左前.jpg" not in made.content
    [left] = [left for left in made.manifest.left_out if left.what.startswith("hand-overs/")]
    assert left.why == (
        f"withdrawn at {NOW.isoformat()} 已撤回; SHA-256 {case.photos[0].sha256.hex()}"
    )


def test_a_lawyer_reads_what_happened_in_order_each_with_its_evidence(case: Case) -> None:
    _header, *rows = case.build().table("timeline.csv")
    told = [(row[1], row[3]) for row in rows]
    assert told[:3] == [
        ("09:00:00", "签订租约"),
        ("09:00:00", "合同第 1 版：发出，张三，email"),
        ("10:00:00", f"交车：租赁项 1，{VIN_A}"),
    ]
    assert [row[0] for row in rows] == ["2026-03-01"] * len(rows)
    assert ("12:00:00", "变更条款，自 2026-03-02 起生效；续签优惠") in told


def test_the_same_content_at_the_same_instant_has_the_same_bytes(case: Case) -> None:
    manager = somebody(case, "manager")  # whose file has no audit trail, in which exports stand
    first = case.build(manager).path.read_bytes()
    assert case.build(manager).path.read_bytes() == first


def test_a_lease_that_has_not_begun_has_a_case_file_too(signed: Case) -> None:
    made = signed.build()
    assert made.tracks == []
    assert [left.what for left in made.manifest.left_out] == [
        "contracts", "hand-overs", "dunning 催收", "bills 账单", "tracks 轨迹",
    ]  # fmt: skip


@pytest.mark.parametrize("missing", NEEDED)
def test_each_permission_is_needed(case: Case, missing: str) -> None:
    owner = somebody(case)
    without = Actor("person", "lin", owner.organisation_id, "head",
                    owner.permissions - {missing}, True)  # fmt: skip
    with refused(case.conn, PermissionMissing):
        case.build(without)


def test_a_person_gives_the_password_again(case: Case) -> None:
    with refused(case.conn, StepUpRequired):
        case.build(somebody(case, stepped_up=False))


def test_another_lease_is_not_there(case: Case) -> None:
    with refused(case.conn, LeaseNotFound):
        case.build(lease_no="L2026-000000")
    assert [one.name for one in case.folder.iterdir()] == ["files"]


def test_tracks_of_very_many_days_are_refused_over_http_only(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fleet.case_files.tracks.MOST_VEHICLE_DAYS", {"minute": 0, "full": 0})
    with refused(case.conn, TracksTooLong):
        case.build()
    assert len(case.build(limited=False).tracks) == 2


def points_held() -> int:
    """Points of tracks in the memory of this process."""
    return sum(type(one) is TrackPoint for one in gc.get_objects())


@pytest.mark.parametrize(("tracks", "lines"), [("full", 200_000), ("minute", 1_000)])
def test_a_long_track_is_never_held_whole(signed: Case, tracks: str, lines: int) -> None:
    vehicle = registry.get_vehicle(signed.conn, SYSTEM, vin=VIN_A)
    place(signed, "hand_out", vehicle, at(2))
    send_samples(signed.conn, VIN_A, at(2), range(200_000), step_s=0.3)
    held: list[int] = []
    others = points_held()

    def counting(packed: Any, path: str, pieces: Iterable[bytes], **given: Any) -> Any:
        def counted() -> Iterator[bytes]:
            for number, piece in enumerate(pieces):
                if number % 20 == 0:
                    held.append(points_held() - others)
                yield piece

        return add(packed, path, counted() if path.startswith("tracks/") else pieces, **given)

    add = CaseFileWriter.add
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(CaseFileWriter, "add", counting)
        made = signed.build(tracks=tracks)
    [path] = made.tracks
    assert made.content[path].count(b"\r\n") == 1 + lines
    assert len(held) > lines // 20_000
    assert 0 < max(held) <= SAMPLES_HELD
