"""Has a contract signed by an e-signing service, and keeps the signed edition after the made one.

Nothing is signed before the highlighted clauses were shown and acknowledged (民法典 §496). Leaves
out how it is signed: `esign.py`.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from psycopg import Connection

from fleet.contracts import store
from fleet.contracts.acts.service import (
    add_edition,
    by_id,
    detail_of,
    mark,
    note,
    write_audit,
)
from fleet.contracts.errors import (
    ContractFaulty,
    ContractNotAcknowledged,
    ContractOutdated,
    SigningRefused,
)
from fleet.contracts.esign import ESign, SignedPaper, SigningRequest
from fleet.contracts.facts import Facts
from fleet.contracts.making.service import find_lease, read_facts, terms_digest
from fleet.contracts.model import Contract, ContractDetail, ContractEvent
from fleet.contracts.telling.service import find_open
from fleet.contracts.vault import Vault
from fleet.documents import service as documents
from schemas.access import Actor

CHANNELS_ZH: dict[str, str] = {
    "paper": "纸质",
    "in_person": "当面",
    "email": "电子邮件",
    "message": "短信",
    "online": "线上页面",
}


def sign_contract(
    conn: Connection[Any],
    actor: Actor,
    *,
    vault: Vault,
    esign: ESign,
    lease_no: str,
    edition: int,
    now: datetime,
) -> ContractDetail:
    """The signed edition, once the service has it; until then the made one, sent to be signed.

    What was declined or let lapse is asked for anew.

    Raises:
        ContractNotFound: there is none in sight.
        ContractNotMade, ContractSigned, ContractVoid: there is nothing to sign.
        ContractFaulty: its bytes are not those that were kept.
        ContractNotAcknowledged: the highlighted clauses were not acknowledged, §496.
        ContractOutdated: the terms of the lease were changed since it was made.
        SigningRefused: a side declined, or let the time go by.
        FileMissing, FileChanged, FilesUnavailable: its bytes cannot be read.
    """
    actor.require("contract.make")
    contract = find_open(conn, lease_no, edition)
    detail = detail_of(conn, contract, now=now)
    if contract.fault is not None:
        raise ContractFaulty(
            f"{contract.contract_no} is not as it was kept", contract_no=contract.contract_no
        )
    if not detail.acknowledged:
        raise ContractNotAcknowledged(
            "the highlighted clauses were not acknowledged (民法典 §496)",
            contract_no=contract.contract_no,
            clauses=list(detail.highlighted),
        )
    reference = contract.provider_ref
    if reference is None or esign.state(reference) in ("declined", "expired"):
        _check_terms(conn, contract)
        reference = esign.begin(_request(vault, detail), at=now)
    state = esign.state(reference)
    if state == "pending":
        mark(conn, contract, state="sent", method=esign.method, provider_ref=reference)
        if reference != contract.provider_ref:
            note(conn, actor, contract, "sent", at=now, clock="installation", channel="online",
                 content={"to_sign": True}, now=now)  # fmt: skip
        return detail_of(conn, by_id(conn, contract.id), now=now)
    if state != "signed":
        raise SigningRefused(
            f"{contract.contract_no} was not signed: {state}", contract_no=contract.contract_no
        )
    paper = esign.fetch(reference)
    return _keep_signed(
        conn, actor, detail, paper, vault=vault, reference=reference, esign=esign, now=now
    )


def _check_terms(conn: Connection[Any], contract: Contract) -> None:
    """Let nobody be asked to sign other terms than the lease has."""
    if terms_digest(find_lease(conn, contract.lease_no)) != contract.terms_sha256:
        raise ContractOutdated(
            f"the terms of {contract.lease_no} are not those of {contract.contract_no}",
            contract_no=contract.contract_no,
        )


def _request(vault: Vault, detail: ContractDetail) -> SigningRequest:
    """What is to be signed: the bytes, read and verified, and the data they were set from."""
    contract = detail.contract
    made = next(one for one in detail.events if one.kind == "made")
    given = next(one for one in reversed(detail.events) if one.kind == "acknowledged")
    where = documents.key_of_bytes(contract.tenant_id, contract.sha256)
    content = vault.files.read(where, sha256=contract.sha256)
    digest = bytes.fromhex(made.content["facts_sha256"])
    kept = vault.files.read(documents.key_of_bytes(contract.tenant_id, digest), sha256=digest)
    facts = read_facts(kept) | {"acknowledged": _acknowledgement(given, contract.zone)}
    return SigningRequest(contract.contract_no, content, contract.sha256, detail.signatories, facts)


def _acknowledgement(given: ContractEvent, zone: str) -> Facts:
    """As the annex tells it."""
    at = given.happened_at.astimezone(ZoneInfo(zone))
    return {
        "by": given.party or "",
        "at": f"{at:%Y-%m-%d %H:%M:%S %Z}",
        "clock": "本系统" if given.clock == "installation" else "操作人告知",
        "channel": CHANNELS_ZH.get(given.channel or "", given.channel or ""),
    }


def _keep_signed(
    conn: Connection[Any],
    actor: Actor,
    made: ContractDetail,
    paper: SignedPaper,
    *,
    vault: Vault,
    reference: str,
    esign: ESign,
    now: datetime,
) -> ContractDetail:
    """The signed edition, after the made one."""
    was = made.contract
    lease = find_lease(conn, was.lease_no)
    store.lock_lease_contracts(conn, lease.id)
    edition, _ = store.next_edition(conn, lease.id)
    row = {
        "edition": edition,
        "parent_id": was.id,
        "origin": "signed",
        "template_id": was.template_id,
        "template_sha256": was.template_sha256,
        "terms_sha256": was.terms_sha256,
        "file_name": was.file_name.replace(".pdf", "-已签.pdf"),
        "media_type": paper.media_type,
        "state": "signed",
        "method": esign.method,
        "provider_ref": reference,
        "certificate": paper.certificate,
        "timestamp_token": paper.timestamp_token,
        "consent_version": was.consent_version,
        "signed_at": paper.signed_at,
    }
    signatories = [
        replace(
            one,
            signed_at=paper.signed_at,
            signed_clock=paper.clock,
            signature=paper.signatures.get(one.no),
        )
        for one in made.signatories
    ]
    signed = add_edition(
        conn,
        actor,
        row,
        lease=lease,
        content=paper.content,
        vault=vault,
        signatories=signatories,
        now=now,
    )
    about = {"of": was.contract_no, "sha256_of": was.sha256.hex(), "method": esign.method}
    note(conn, actor, signed, "signed", at=paper.signed_at, clock=paper.clock, content=about,
         now=now)  # fmt: skip
    mark(conn, was, state="signed", method=esign.method, provider_ref=reference,
         signed_at=paper.signed_at)  # fmt: skip
    told = {**about, "sha256": signed.sha256.hex()}
    write_audit(conn, actor, "contract.sign", signed, now=now, after=told)
    return detail_of(conn, signed, now=now)
