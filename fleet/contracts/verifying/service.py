"""Reads contracts again, every copy, and says which are not what was kept.

A difference is told and stays told: in the row, as an event, in the trail. Nothing is healed here:
which bytes are the true ones is for people to say. Leaves out when it is done, and the log: `jobs`.
"""

from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from fleet.contracts import store
from fleet.contracts.acts.service import by_id, find_contract, keeping_of, note, write_audit
from fleet.contracts.keeping import AFTER_UNSURE, retain_until
from fleet.contracts.making.service import find_lease
from fleet.contracts.model import Contract, Verification
from fleet.contracts.vault import Vault
from fleet.documents import service as documents
from kit.files import FileChanged, FileMissing, FileStore, FilesUnavailable
from schemas.access import Actor


def verify_contract(
    conn: Connection[Any],
    actor: Actor,
    *,
    vault: Vault,
    lease_no: str,
    edition: int,
    now: datetime,
) -> Verification:
    """Read all copies of the contract and compare them with what was kept.

    Raises:
        ContractNotFound: there is none in sight.
    """
    actor.require("contract.read")
    contract = find_contract(conn, lease_no, edition, locked=True)
    return verify_found(conn, actor, vault, contract, now=now)


def verify_found(
    conn: Connection[Any], actor: Actor, vault: Vault, contract: Contract, *, now: datetime
) -> Verification:
    """As `verify_contract`, of one that is locked."""
    faults, unread = _read_copies(conn, vault, contract, now=now)
    if unread and not faults:  # nobody knows: what was told stays, and it is read again tomorrow
        _mark(conn, contract, contract.fault, whole=False, now=now)
        return Verification(by_id(conn, contract.id), faults, unread)
    told = "; ".join(f"{name}: {fault}" for name, fault in sorted(faults.items())) or None
    _mark(conn, contract, told, whole=told is None, now=now)
    if told is None:
        copies = [one.store for one in store.list_copies(conn, contract.id)]
        about: dict[str, Any] = {"copies": copies, "sha256": contract.sha256.hex()}
        note(conn, actor, contract, "verified", at=now, clock="installation", content=about,
             now=now)  # fmt: skip
        unread |= _copy_where_missing(conn, actor, vault, contract, now=now)
    if told is not None and told != contract.fault:
        note(conn, actor, contract, "changed", at=now, clock="installation",
             content={"faults": faults}, now=now)  # fmt: skip
    if told != contract.fault:
        action = "contract.changed" if told is not None else "contract.whole_again"
        write_audit(conn, actor, action, contract, now=now, after={"fault": told})
    return Verification(by_id(conn, contract.id), faults, unread)


def _read_copies(
    conn: Connection[Any], vault: Vault, contract: Contract, *, now: datetime
) -> tuple[dict[str, str], dict[str, str]]:
    """What is wrong with which copy, and which could not be read now."""
    faults: dict[str, str] = {}
    unread: dict[str, str] = {}
    stores = vault.stores()
    data = _data_of(conn, contract)
    for copy in store.list_copies(conn, contract.id):
        files = stores.get(copy.store)
        if files is None:
            unread[copy.store] = "no store of this name is set"
            continue
        try:
            fault = _fault_of(files, contract, data)
        except FilesUnavailable as error:
            unread[copy.store] = str(error)
            continue
        if fault is not None:
            faults[copy.store] = fault
        store.mark_copy(
            conn, contract.id, copy.store, verified_at=None if fault else now, fault=fault
        )
    return faults, unread


def _data_of(conn: Connection[Any], contract: Contract) -> bytes | None:
    """The digest of the data a contract was set from, beside it; None where it was brought."""
    told = (one.content.get("facts_sha256") for one in store.list_events(conn, contract.id))
    return next((bytes.fromhex(digest) for digest in told if digest is not None), None)


def _fault_of(files: FileStore, contract: Contract, data: bytes | None) -> str | None:
    """What is wrong with a copy: with its bytes, or with the data it was set from.

    Raises:
        FilesUnavailable: it cannot be read now.
    """
    size, of_what = 0, ""
    try:
        where = documents.key_of_bytes(contract.tenant_id, contract.sha256)
        size = sum(map(len, files.pieces(where, sha256=contract.sha256)))
        if data is not None:
            of_what = "its data "
            for _ in files.pieces(documents.key_of_bytes(contract.tenant_id, data), sha256=data):
                pass
    except FileMissing:
        return f"{of_what}missing"
    except FileChanged as changed:
        return f"{of_what}changed: {str(changed).partition(': ')[2]}"
    return (
        None if size == contract.size_bytes else f"{size} bytes in place of {contract.size_bytes}"
    )


def _mark(
    conn: Connection[Any], contract: Contract, fault: str | None, *, whole: bool, now: datetime
) -> None:
    keeping = keeping_of(conn, contract.tenant_id, contract.zone, now)
    lease = find_lease(conn, contract.lease_no)
    every = timedelta(days=keeping.verify_every_days)
    store.mark_verified(
        conn,
        contract.id,
        verified_at=now if whole else None,
        verify_next_at=now + (every if whole else AFTER_UNSURE),
        fault=fault,
        retain_until_on=retain_until(
            ends_on=lease.ends_on,
            ended_at=lease.ended_at,
            zone=lease.zone,
            years=keeping.years_after_end,
        ),
    )


def _copy_where_missing(
    conn: Connection[Any], actor: Actor, vault: Vault, contract: Contract, *, now: datetime
) -> dict[str, str]:
    """Put a contract that is whole into a store that was set since it was made; where it could not
    be put."""
    failed: dict[str, str] = {}
    there = {one.store for one in store.list_copies(conn, contract.id)}
    digests = [one for one in (contract.sha256, _data_of(conn, contract)) if one is not None]
    for name, files in vault.stores().items():
        if name in there:
            continue
        try:
            for sha256 in digests:
                where = documents.key_of_bytes(contract.tenant_id, sha256)
                files.put(where, vault.files.read(where, sha256=sha256))
        except FilesUnavailable as error:
            failed[name] = str(error)
            continue
        store.insert_copy(conn, contract, name, now=now)
        note(conn, actor, contract, "copied", at=now, clock="installation",
             content={"store": name}, now=now)  # fmt: skip
    return failed
