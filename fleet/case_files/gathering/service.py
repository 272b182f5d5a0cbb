"""Adds papers to a case file: editions of the contract, hand-overs, and every file of them.

Bytes go in as they lie in the store now. Where they are not those once kept, or gone, the manifest
says so, and all else goes on. Leaves out what is told of the lease itself (`../service.py`).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from psycopg import Connection

from fleet.case_files import store, timeline
from fleet.case_files.archive import CaseFileWriter
from fleet.case_files.costs import (
    CHARGE_COLUMNS,
    VIOLATION_COLUMNS,
    charge_rows,
    violation_rows,
)
from fleet.case_files.names import safe_part
from fleet.case_files.tables import csv_pieces, json_text
from fleet.case_files.timeline import OUT_OF_SIGHT, Happening
from fleet.documents import service as documents
from fleet.leasing import service as leasing
from fleet.usage import service as usage
from kit.files import FileMissing, FileStore
from schemas.access import Actor

Row = dict[str, Any]
Objects = list[tuple[str, str]]
"""What the audit trail is asked about: (kind, key)."""


@dataclass(frozen=True, slots=True)
class Case:
    """A case file being filled: of which lease, for whom, from where, into what."""

    conn: Connection[Any]
    actor: Actor
    lease: leasing.Lease
    files: FileStore
    writer: CaseFileWriter
    now: datetime


def add_contracts(case: Case) -> tuple[list[Happening], list[Row], Objects]:
    """Each edition with its bytes: what happened to them, what was sent, and their numbers."""
    told: list[Happening] = []
    notices: list[Row] = []
    contracts = store.list_contracts(case.conn, case.lease.id)
    for contract in contracts:
        contract_id, edition = contract.pop("id"), contract["edition"]
        sha256, tenant_id = contract["sha256"], contract.pop("tenant_id")
        events = store.list_contract_events(case.conn, contract_id)
        folder, number = f"contracts/{edition}", contract["contract_no"]
        name = safe_part(contract["file_name"])
        what = f"合同第 {edition} 版原始文件 contract, edition {edition}, as kept"
        add_kept(
            case,
            f"{folder}/files/{name}",
            tenant_id,
            sha256,
            what=what,
            source=f"contract {number}",
        )
        _add_json(case, f"{folder}/contract.json", contract, f"合同 contract {number}")
        _add_facts(case, folder, tenant_id, events)
        _add_json(case, f"{folder}/events.json", events, f"合同收发签署 events of {number}")
        told += timeline.of_contract(edition, events)
        notices += [
            {"contract_no": number} | event
            for event in events
            if event["kind"] in ("sent", "received")
        ]
    if not contracts:
        case.writer.leave_out("contracts", "none was made or uploaded 尚无合同")
    return told, notices, [("contract", contract["contract_no"]) for contract in contracts]


def _add_facts(case: Case, folder: str, tenant_id: int, events: list[Row]) -> None:
    """What a contract was made of, which is kept beside it."""
    for event in events:
        sha256 = event["content"].get("facts_sha256")
        if event["kind"] == "made" and sha256 is not None:
            what = "合同所依据的数据 what the contract was made of, as JSON"
            source = "kept when it was made"
            path = f"{folder}/facts.json"
            add_kept(case, path, tenant_id, bytes.fromhex(sha256), what=what, source=source)


def add_hand_overs(case: Case) -> tuple[list[Happening], Objects]:
    """Each hand-over with its photos: what happened, and their keys."""
    found = store.list_hand_overs(case.conn, case.lease.id)
    keys = [str(one["key"]) for one in found]
    by_key: dict[str, list[Row]] = {key: [] for key in keys}
    for file in _files_of(case, "hand_over", keys):
        by_key[file["subject_key"]].append(file)
    for number, one in enumerate(found, 1):
        _mask_place(case.actor, one)
        folder = f"hand-overs/{number}"
        way = "交车 out" if one["direction"] == "out" else "还车 back"
        what = f"{way} {one['vin'] or ''}"
        record = one | {"files": [file["name"] for file in by_key[str(one["key"])]]}
        _add_json(case, f"{folder}/record.json", record, f"{what}: 记录 record")
        _add_documents(case, f"{folder}/photos", by_key[str(one["key"])], f"{what}: 照片 photo")
    if not found:
        case.writer.leave_out("hand-overs", "none is recorded 尚无交还车记录")
    return timeline.of_hand_overs(enumerate(found, 1)), [("hand_over", key) for key in keys]


def add_files(case: Case, violation_nos: list[str]) -> None:
    """Other files: of the lease, and of its violations."""
    lease_no = case.lease.lease_no
    add_files_of(case, "lease", [lease_no], "files/lease", f"租约附件 file of {lease_no}")
    what = "违章附件 file of a violation"
    add_files_of(case, "violation", violation_nos, "files/violations", what)


def add_costs(
    case: Case, charges: list[Row], violations: list[Row], notices: Mapping[str, list[Row]]
) -> None:
    """Charges, violations, and what was sent and received about anything, by what it is about."""
    lease_no, zone = case.lease.lease_no, case.lease.zone
    source = f"Guanche, lease {lease_no}"
    charged = csv_pieces(CHARGE_COLUMNS, charge_rows(charges))
    case.writer.add("charges.csv", charged, what="费用 proposed charges", source=source)
    happened = csv_pieces(VIOLATION_COLUMNS, violation_rows(violations, zone))
    case.writer.add("violations.csv", happened, what="违章 violations", source=source)
    told = [
        {"violation_no": row["violation_no"], "told_at": row["told_at"]}
        for row in violations
        if row["told_at"] is not None
    ]
    sent = {**notices, "violations_told": told}
    _add_json(case, "notices.json", sent, "往来通知 notices sent and received")


def add_files_of(case: Case, kind: str, keys: list[str], folder: str, what: str) -> None:
    """The files of some things of a kind, in a folder."""
    _add_documents(case, folder, _files_of(case, kind, keys), what)


def _files_of(case: Case, kind: str, keys: list[str]) -> list[Row]:
    organisation_id = case.lease.organisation_id
    return store.list_files_of(case.conn, kind, keys, organisation_id=organisation_id)


def _add_documents(case: Case, folder: str, files: Iterable[Row], what: str) -> None:
    for number, file in enumerate(files, 1):
        path = f"{folder}/{number:02}-{safe_part(file['name'])}"
        if file["withdrawn_at"] is not None:
            why = f"withdrawn at {file['withdrawn_at'].isoformat()} 已撤回"
            case.writer.leave_out(path, f"{why}; SHA-256 {file['sha256'].hex()}")
            continue
        source = f"document {file['key']}, added by {file['uploaded_by'] or OUT_OF_SIGHT}"
        added = f"{source} at {file['uploaded_at'].isoformat()}"
        told = f"{what} “{file['name']}”"
        add_kept(case, path, file["tenant_id"], file["sha256"], what=told, source=added)


def add_kept(
    case: Case, path: str, tenant_id: int, sha256: bytes, *, what: str, source: str
) -> None:
    """The bytes as they lie in the store now, compared with the digest of those once kept."""
    pieces = _lying(case.files, tenant_id, sha256)
    if pieces is None:
        case.writer.leave_out(
            path, f"lost 已丢失: the store has nothing under SHA-256 {sha256.hex()} ({source})"
        )
        return
    case.writer.add(path, pieces, what=what, source=source, expected_sha256=sha256.hex())


def _lying(files: FileStore, tenant_id: int, sha256: bytes) -> Iterator[bytes] | None:
    """The bytes, or None where there are none."""
    pieces = documents.kept_bytes(files, tenant_id=tenant_id, sha256=sha256)
    try:
        first = next(pieces, b"")
    except FileMissing:
        return None
    return chain([first], pieces)


def _mask_place(actor: Actor, hand_over: Row) -> None:
    """Positions as the actor may see them: of the record, and of what the vehicle told."""
    for told in (hand_over, hand_over["told"]):
        if told is not None:
            shown = usage.position_shown_to(actor, told.get("lat"), told.get("lon"))
            told["lat"], told["lon"] = shown


def _add_json(case: Case, path: str, told: Any, what: str) -> None:
    source = f"Guanche, lease {case.lease.lease_no}"
    case.writer.add(path, [json_text(told)], what=what, source=source)
