"""Contracts over HTTP: the list, made, brought, given out, read again."""

import io
from datetime import datetime
from typing import Annotated, Final

from fastapi import Query

from api.answers import disposition
from api.deps import Call
from api.exports import Export
from api.labels import Words
from api.models.contract_acts import ContractIn
from api.models.contracts import ContractDetailOut, ContractOut, EditionPath, VerificationOut
from api.models.leases import LeaseNoPath
from api.models.text import Instant
from api.operation import Answer, Filed, Operations
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, place_of, split_page
from api.uploads import FileBody, FileName
from fleet.contracts import jobs
from fleet.contracts import service as contracts
from fleet.contracts.model import PDF, Origin, State
from fleet.contracts.service import Vault

operations = Operations("contracts")

EXPORT: Final = Export(
    Words("合同", "contracts"),
    {
        "contract_no": Words("合同编号", "Number"),
        "lease_no": Words("租约号", "Lease"),
        "edition": Words("版本", "Edition"),
        "origin": Words("来源", "Origin"),
        "after": Words("上一版本", "After"),
        "template": Words("合同模板", "Text"),
        "template_edition": Words("模板版本", "Edition of the text"),
        "template_sha256": Words("模板 SHA-256", "SHA-256 of the text"),
        "terms_sha256": Words("条款 SHA-256", "SHA-256 of the terms"),
        "file_name": Words("文件名", "File"),
        "media_type": Words("格式", "Type"),
        "size_bytes": Words("大小（字节）", "Size (bytes)"),
        "sha256": Words("SHA-256", "SHA-256"),
        "method": Words("签署方式", "Method"),
        "reliable": Words("可靠电子签名", "Reliable signature"),
        "signed_at": Words("签署时间", "Signed at"),
        "retain_until_on": Words("保存至", "Kept until"),
        "verified_at": Words("校验时间", "Verified at"),
        "fault": Words("校验异常", "Fault"),
    },
    {
        "origin": {
            "made": Words("系统制作", "made"),
            "uploaded": Words("纸质上传", "uploaded"),
            "signed": Words("电子签署", "signed"),
        },
        "state": {
            "made": Words("已制作", "made"),
            "sent": Words("已发送", "sent"),
            "signed": Words("已签署", "signed"),
            "void": Words("已作废", "void"),
        },
        "method": {
            "paper": Words("纸质", "paper"),
            "local_stand_in": Words("本地替身（非可靠电子签名）", "local stand-in"),
            "provider": Words("电子签名服务", "provider"),
        },
    },
)
"""As a table."""
CONTENT: Final = {
    "description": "The bytes as they were kept, verified.",
    "content": {kind: {} for kind in (PDF, "image/jpeg", "image/png", "image/webp", "image/heic")},
}

InState = Annotated[State | None, Query(description="In this state.")]
OfOrigin = Annotated[Origin | None, Query(description="Made, uploaded, or signed.")]
OfLease = Annotated[str | None, Query(max_length=40, description="Of this lease.")]
Faulty = Annotated[
    bool | None, Query(description="Those the last look found changed, or the others.")
]
OfOrganisation = Annotated[
    str | None, Query(max_length=63, description="Code of an organisation: its own, and below it.")
]
SignedAt = Annotated[Instant, Query(description="When it was signed, by the paper.")]
OfEdition = Annotated[
    int | None, Query(ge=1, le=100_000, description="The edition that was signed, if made here.")
]
AcknowledgedToo = Annotated[
    bool, Query(description="The highlighted clauses were acknowledged on the same paper.")
]


@operations.get("/contracts", exported=EXPORT)
def list_contracts(
    call: Call,
    lease: OfLease = None,
    state: InState = None,
    origin: OfOrigin = None,
    faulty: Faulty = None,
    organisation: OfOrganisation = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[ContractOut]:
    """Contracts of your organisations, every edition, the last made first."""
    given = {
        "lease": lease,
        "state": state,
        "origin": origin,
        "faulty": faulty,
        "organisation": organisation,
    }
    place = place_of(after, datetime, str)
    rows = contracts.list_contracts(
        call.conn,
        call.actor,
        {name: wanted for name, wanted in given.items() if wanted is not None},
        after=None if place is None else (place[0], place[1]),
        limit=limit + 1,
    )
    page, last = split_page(rows, limit)
    return Page[ContractOut](
        items=[ContractOut.of(row) for row in page],
        next=last and cursor_of(last.created_at, last.contract_no),
    )


@operations.post(
    "/leases/{lease_no}/contracts",
    status=201,
    idempotent="contract.make",
    tells=["Location", "ETag"],
)
def make_contract(call: Call, lease_no: LeaseNoPath, body: ContractIn) -> Answer[ContractDetailOut]:
    """Make the next edition of the lease's contract, as a PDF/A, of the latest text.

    Before it is signed, the highlighted clauses are shown (`prompt`) and acknowledged.
    """
    made = contracts.make_contract(
        call.conn,
        call.actor,
        vault=vault_of(call),
        lease_no=lease_no,
        key=call.state.key,
        template=body.template,
        particulars=body.particulars(),
        now=call.now,
    )
    return created(made)


@operations.post(
    "/leases/{lease_no}/contracts/upload",
    status=201,
    idempotent="contract.make",
    tells=["Location", "ETag"],
)
def upload_contract(
    call: Call,
    lease_no: LeaseNoPath,
    body: FileBody,
    name: FileName,
    signed_at: SignedAt,
    of_edition: OfEdition = None,
    acknowledged: AcknowledgedToo = False,
) -> Answer[ContractDetailOut]:
    """Bring a contract that was signed on paper: a PDF or a photo, up to 20 MiB."""
    brought = contracts.upload_signed(
        call.conn,
        call.actor,
        vault=vault_of(call),
        lease_no=lease_no,
        content=body,
        name=name,
        signed_at=signed_at,
        key=call.state.key,
        of_edition=of_edition,
        acknowledged=acknowledged,
        now=call.now,
    )
    return created(brought)


@operations.get("/leases/{lease_no}/contracts/{edition}", tells=["ETag"])
def get_contract(
    call: Call, lease_no: LeaseNoPath, edition: EditionPath
) -> Answer[ContractDetailOut]:
    """An edition with its signatories, events and copies."""
    found = contracts.get_contract(
        call.conn, call.actor, lease_no=lease_no, edition=edition, now=call.now
    )
    return answered(found)


@operations.get("/leases/{lease_no}/contracts/{edition}/content", responses={200: CONTENT})
def read_contract(call: Call, lease_no: LeaseNoPath, edition: EditionPath) -> Filed:
    """The contract itself. Changed bytes are never given out."""
    found, content = contracts.read_contract(
        call.conn, call.actor, vault=vault_of(call), lease_no=lease_no, edition=edition
    )
    shown = disposition(found.file_name, inline=found.media_type.startswith("image/"))
    return Filed(io.BytesIO(content), found.media_type, {"Content-Disposition": shown})


@operations.post("/leases/{lease_no}/contracts/{edition}/verify")
def verify_contract(call: Call, lease_no: LeaseNoPath, edition: EditionPath) -> VerificationOut:
    """Read all copies now and compare them with what was kept. Nothing is healed."""
    done = contracts.verify_contract(
        call.conn,
        call.actor,
        vault=vault_of(call),
        lease_no=lease_no,
        edition=edition,
        now=call.now,
    )
    jobs.alarm(done)
    return VerificationOut.of(done)


def vault_of(call: Call) -> Vault:
    """Where contracts lie."""
    return Vault(call.state.files, call.state.vault_copy)


def created(detail: contracts.ContractDetail) -> Answer[ContractDetailOut]:
    """An edition that is new, and where it is."""
    told = answered(detail)
    contract = detail.contract
    told.headers["Location"] = f"/api/v1/leases/{contract.lease_no}/contracts/{contract.edition}"
    return told


def answered(detail: contracts.ContractDetail) -> Answer[ContractDetailOut]:
    """An edition with its version."""
    return Answer(ContractDetailOut.of_detail(detail), version=detail.contract.version)
