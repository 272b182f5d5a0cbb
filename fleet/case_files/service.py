"""Makes the case file 案卷 of a lease: everything kept of it, in one file that proves itself.

It tells what is kept, as it is kept. What the actor may not see is left out and said so. Where
somebody has been is sensitive (个人信息保护法 §28–29): tracks take `track.read`, each is written
down, and the consent in force stands in the manifest. Leaves out how money is told (`billed/`), and
how the archive is written and verified (`archive.py`, `checking.py`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from psycopg import Connection

from fleet.audit import service as audit
from fleet.case_files import store, timeline
from fleet.case_files.archive import writing
from fleet.case_files.billed.service import add_billed
from fleet.case_files.cover import readme
from fleet.case_files.errors import TracksTooLong
from fleet.case_files.gathering.service import (
    Case,
    Objects,
    Row,
    add_contracts,
    add_costs,
    add_files,
    add_hand_overs,
)
from fleet.case_files.manifest import Maker, Manifest, Tracks
from fleet.case_files.tables import csv_pieces, json_lines, json_text, local, utc
from fleet.case_files.tracks import EVERY, check_tracks, track_name, track_pieces
from fleet.customers import service as customers
from fleet.leasing import service as leasing
from fleet.orgs import service as orgs
from fleet.usage import service as usage
from kit.files import FileStore
from kit.sealed import SealingKey
from schemas.access import Actor

__all__ = ["Manifest", "Tracks", "TracksTooLong", "build_case_file"]

NEEDED: Final = (
    "case_file.export",
    "lease.read",
    "customer.read",
    "hand_over.read",
    "document.read",
    "contract.read",
    "charge.read",
    "violation.read",
    "bill.read",
    "payment.read",
    "deposit.read",
    "dunning.read",
)
INTERNAL: Final = frozenset({"id", "tenant_id", "organisation_id", "customer_id", "renews_id"})


def build_case_file(
    conn: Connection[Any],
    actor: Actor,
    *,
    lease_no: str,
    files: FileStore,
    key: SealingKey | None,
    tracks: Tracks = "minute",
    out: Path,
    limited: bool = True,
    now: datetime,
) -> Manifest:
    """The case file at `out`, whole or not at all; its manifest.

    `limited`: of so many days of tracks at most, as one answer over HTTP takes.

    Raises:
        LeaseNotFound: there is none in sight.
        TracksTooLong: the vehicles were out for longer.
        FilesUnavailable: the store does not answer now.
    """
    for permission in NEEDED:
        actor.require(permission)
    lease = leasing.get_lease(conn, actor, lease_no=lease_no)
    segments = store.list_segments(conn, lease.id)
    if limited and actor.may("track.read"):
        check_tracks([_span(segment, now) for segment in segments], tracks)
    organisation = orgs.get_organisation(conn, actor, code=lease.organisation_code)
    made = Maker(
        lease_no=lease.lease_no,
        organisation=organisation.code,
        organisation_name=organisation.name,
        made_at=now,
        made_by=actor.name,
        software=f"guanche {version('guanche')}",
        tracks=tracks,
    )
    with writing(out) as writer:
        case = Case(conn, actor, lease, files, writer, now)
        _fill(case, segments, key, tracks)
        manifest = writer.finish(made, {"README.txt": readme})
    _write_audit(case, manifest, size_bytes=out.stat().st_size)
    return manifest


def _fill(case: Case, segments: list[Row], key: SealingKey | None, tracks: Tracks) -> None:
    """All contents, in the order a reader meets them."""
    conn, lease = case.conn, case.lease
    events = store.list_events(conn, lease.id)
    charges = store.list_charges(conn, lease.id)
    violations = store.list_violations(conn, lease.id)
    _add_lease(case, events, segments)
    customer_nos = _add_customer(case, key)
    contract_told, notices, contract_objects = add_contracts(case)
    hand_over_told, hand_over_objects = add_hand_overs(case)
    add_files(case, [one["violation_no"] for one in violations])
    billed = add_billed(case)
    add_costs(case, charges, violations, {**billed.notices, "contracts": notices})
    vehicles = {segment["vehicle_id"]: segment["vin"] or "–" for segment in segments}
    told = [
        *timeline.of_events(events, vehicles),
        *contract_told,
        *hand_over_told,
        *timeline.of_violations(violations),
        *timeline.of_charges(charges),
        *billed.told,
    ]
    lines = timeline.rows_of(told, lease.zone)
    _add(case, "timeline.csv", csv_pieces(timeline.COLUMNS, lines), "大事记 what happened when")
    _add_tracks(case, segments, tracks)
    objects = [("lease", lease.lease_no), *(("customer", number) for number in customer_nos)]
    objects += [*contract_objects, *hand_over_objects]
    objects += [("charge", str(one["key"])) for one in charges]
    objects += [("violation", one["violation_no"]) for one in violations]
    objects += billed.objects
    _add_audit(case, objects)


def _add_lease(case: Case, events: list[Row], segments: list[Row]) -> None:
    conn, lease = case.conn, case.lease
    card = {name: told for name, told in asdict(lease).items() if name not in INTERNAL}
    card["terms"] = lease.terms.model_dump(mode="json")
    _add(case, "lease.json", [json_text(card)], "租约卡片与现行条款 the lease and its terms")
    _add(case, "events.jsonl", json_lines(events), "租约账本 the book, as it was told")
    for row in store.list_versions(conn, lease.id):
        what = f"条款第 {row['no']} 版，自 {row['effective_on']} 起 version of the terms"
        _add(case, f"versions/{row['no']}.json", [json_text(row)], what)
    columns = ("line_no", "vin", "plate", "from_utc", "from_local", "until_utc", "until_local")
    lines = [
        (
            *(row[name] for name in ("line_no", "vin", "plate")),
            *(utc(row["from_at"]), local(row["from_at"], lease.zone)),
            *(utc(row["until_at"]), local(row["until_at"], lease.zone)),
        )
        for row in segments
    ]
    what = "车辆起止 which vehicle from when until when; no end: it is out"
    _add(case, "segments.csv", csv_pieces(columns, lines), what)
    rests = store.list_suspensions(conn, lease.id)
    _add(case, "suspensions.json", [json_text(rests)], "暂停 when it rested")


def _add_customer(case: Case, key: SealingKey | None) -> list[str]:
    """The lessee, masked, and what it agreed to, also as whom it goes on; its numbers."""
    customer = customers.get_customer(
        case.conn, case.actor, customer_no=case.lease.customer_no, key=key
    )
    card = {name: told for name, told in asdict(customer).items() if name not in INTERNAL}
    card.pop("notes", None)  # what staff think of somebody is no evidence
    _add(case, "customer.json", [json_text(card)], "承租人（脱敏） the lessee, masked")
    numbers = [no for no in (customer.customer_no, customer.merged_into_no) if no is not None]
    consents = customers.list_consents(case.conn, case.actor, customer_no=numbers[-1])
    told = [
        {name: part for name, part in asdict(one).items() if name not in INTERNAL}
        for one in consents
    ]
    _add(case, "consents.json", [json_text(told)], "个人信息同意记录 consents, PIPL §13–14, §29")
    return numbers


def _add_tracks(case: Case, segments: list[Row], tracks: Tracks) -> None:
    """Where each vehicle was while it was let, with the consent that was in force then."""
    if tracks == "none":
        case.writer.leave_out("tracks 轨迹", "not asked for 未要求导出")
        return
    if not case.actor.may("track.read"):
        case.writer.leave_out("tracks 轨迹", "who made this may not see tracks 制作人无权查看轨迹")
        return
    for segment in segments:
        _add_track(case, segment, tracks)
    if not segments:
        case.writer.leave_out("tracks 轨迹", "no vehicle was handed over 尚未交车")


def _add_track(case: Case, segment: Row, tracks: Tracks) -> None:
    from_at, until_at = _span(segment, case.now)
    vin = segment["vin"]
    if vin is None or from_at >= until_at:
        case.writer.leave_out(f"track of line {segment['line_no']}", "the vehicle is out of sight")
        return
    samples = usage.stream_samples(
        case.conn,
        case.actor,
        vehicle_id=segment["vehicle_id"],
        vin=vin,
        tenant_id=case.lease.tenant_id,
        from_at=from_at,
        until_at=until_at,
        every=EVERY[tracks],
        now=case.now,
    )
    path = track_name(vin, from_at, until_at)
    pieces = track_pieces(samples, case.lease.zone)
    how = "每分钟第一条 the first sample of each minute" if tracks == "minute" else "全部 all"
    what = f"行车轨迹 track of {vin} in line {segment['line_no']}, WGS-84: {how}"
    case.writer.add(path, pieces, what=what, source=f"telemetry of {vin}, as it was received")
    case.writer.note(f"{path}: {_consent_text(case, from_at)}")


def _consent_text(case: Case, at: datetime) -> str:
    """Whether the lessee had agreed to being located when the segment began, PIPL §28–29."""
    consent = customers.consent_in_force(
        case.conn, customer_id=case.lease.customer_id, kind="location", at=at
    )
    if consent is None:
        return (
            "no consent recorded to location at its beginning, 个人信息保护法 §28–29"
            " 起租时无位置信息单独同意记录"
        )
    return (
        f"consent to location in force at its beginning, text {consent.text_version}, given"
        f" {utc(consent.given_at)} 起租时已取得位置信息单独同意"
    )


def _add_audit(case: Case, objects: Objects) -> None:
    """What was done, with the digests that prove each entry and its place in its chain."""
    if not case.actor.may("audit.read"):
        case.writer.leave_out("audit.jsonl 审计", "who made this may not read the audit trail")
        return
    entries = audit.entries_about(case.conn, case.actor, objects=objects)
    lines: Iterator[Row] = (
        asdict(one.entry)
        | {"digested": one.fields}
        | {"previous_digest": one.previous_digest.hex(), "digest": one.digest.hex()}
        for one in entries
    )
    what = "审计记录及链式摘要 audit trail; digest = SHA-256 of the previous one and the fields"
    _add(case, "audit.jsonl", json_lines(lines), what)


def _add(case: Case, path: str, pieces: Sequence[bytes] | Iterator[bytes], what: str) -> None:
    source = f"Guanche, lease {case.lease.lease_no}"
    case.writer.add(path, pieces, what=what, source=source)


def _span(segment: Row, now: datetime) -> tuple[datetime, datetime]:
    """[from, until) of a segment; that of a vehicle that is out ends now."""
    return segment["from_at"], segment["until_at"] or max(now, segment["from_at"])


def _write_audit(case: Case, manifest: Manifest, *, size_bytes: int) -> None:
    audit.record(
        case.conn,
        case.actor,
        "case_file.export",
        object_kind="lease",
        object_key=case.lease.lease_no,
        now=case.now,
        after={
            "tracks": manifest.made.tracks,
            "files": len(manifest.files),
            "faults": [entry.path for entry in manifest.faults],
            "size_bytes": size_bytes,
            "list_sha256": manifest.list_sha256,
            "manifest_sha256": manifest.digest,
        },
        organisation_id=case.lease.tenant_id,
    )
