"""Shown, acknowledged, then signed; and what was signed elsewhere is brought in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from fleet.audit.service import list_entries, verify
from fleet.contracts.errors import (
    ClausesNotTheHighlighted,
    ContractNotAcknowledged,
    ContractNotFound,
    ContractNotMade,
    ContractNotPrompted,
    ContractOutdated,
    ContractSigned,
    ContractTimeAhead,
    ContractVoid,
    ParentNotOpen,
    SignedFileTooLarge,
    SignedFileTypeRefused,
)
from fleet.contracts.esign import SignedPaper, SigningRequest, SigningState
from fleet.contracts.local_stand_in import LocalStandIn, is_signed_by, message_of
from fleet.contracts.model import MOST_BYTES, PDF, Method
from fleet.contracts.service import (
    ContractDetail,
    Vault,
    acknowledge,
    get_contract,
    note_received,
    note_sent,
    prompt,
    read_contract,
    sign_contract,
    upload_signed,
    void_contract,
)
from fleet.documents.errors import DocumentTypeRefused
from fleet.leasing.service import extend_lease
from kit.sealed import SealingKey
from schemas.access import SYSTEM
from tests.fixtures.sample_files import EXE, JPEG, sheet_bytes
from tests.fixtures.sample_files import PDF as PDF_FILE
from tests.fleet.conftest import refused

from .conftest import (
    KEY,
    LATER,
    SIGNED,
    STAND_IN,
    Make,
    acknowledged,
    lease_of,
    office,
    pages_of,
    place_of,
    text_of,
)

Conn = Connection[Any]
AT: dict[str, Any] = {"now": LATER}
BY_MESSAGE: dict[str, Any] = {"party": "王龘", "channel": "message", "now": LATER}
__all__ = ["office"]


@dataclass
class Provider:
    """A service that takes its time: signed, or declined, once it is told so."""

    answer: SigningState = "pending"
    begun: list[SigningRequest] = field(default_factory=list)
    method: Method = "provider"

    def begin(self, request: SigningRequest, *, at: datetime) -> str:
        self.begun.append(request)
        self.answer = "pending"
        return f"flow-{len(self.begun)}"

    def state(self, reference: str) -> SigningState:
        return self.answer

    def fetch(self, reference: str) -> SignedPaper:
        certificate: Mapping[str, Any] = {"ca": "某CA", "serial": "01", "reference": reference}
        return SignedPaper(
            PDF_FILE, PDF, LATER + timedelta(hours=2), "provider", {2: b"s"}, certificate, b"tst"
        )


@pytest.fixture
def made(make: Make) -> ContractDetail:
    return make()


def sign(conn: Conn, vault: Vault, made: ContractDetail, **given: Any) -> ContractDetail:
    facts = {"esign": STAND_IN, "now": LATER} | given
    return sign_contract(conn, SYSTEM, vault=vault, **place_of(made), **facts)


def kinds(detail: ContractDetail) -> list[str]:
    return [one.kind for one in detail.events]


def test_unacknowledged_it_is_not_signed(desk: Conn, vault: Vault, made: ContractDetail) -> None:
    with refused(desk, ContractNotAcknowledged):
        sign(desk, vault, made)
    prompt(desk, SYSTEM, **place_of(made), **BY_MESSAGE)
    with pytest.raises(ContractNotAcknowledged) as told, desk.transaction():
        sign(desk, vault, made)
    assert told.value.facts["clauses"] == ["4", "12", "14", "15", "16", "17"]
    assert desk.execute("SELECT count(*) FROM contracts").fetchone() == (1,)


def test_acknowledged_is_what_was_shown_and_all_of_it(desk: Conn, made: ContractDetail) -> None:
    all_of_them = made.highlighted
    with refused(desk, ContractNotPrompted):
        acknowledge(desk, SYSTEM, **place_of(made), clauses=all_of_them, **BY_MESSAGE)
    shown = prompt(desk, SYSTEM, **place_of(made), **BY_MESSAGE)
    assert shown.events[-1].content == {"clauses": list(all_of_them)}
    for clauses in ([], all_of_them[1:], [*all_of_them, "1"]):
        with refused(desk, ClausesNotTheHighlighted):
            acknowledge(desk, SYSTEM, **place_of(made), clauses=clauses, **BY_MESSAGE)
    done = acknowledge(desk, SYSTEM, **place_of(made), clauses=all_of_them[::-1], **BY_MESSAGE)
    assert (done.acknowledged, done.contract.consent_version) == (True, "long-rent/1")
    last = done.events[-1]
    assert (last.kind, last.party, last.channel) == ("acknowledged", "王龘", "message")
    assert (last.happened_at, last.clock) == (LATER, "installation")
    [entry] = list_entries(desk, SYSTEM, {"action": "contract.acknowledge"})
    assert entry.after == {"clauses": list(all_of_them)}


def test_the_stand_in_signs_and_says_that_it_is_one(
    desk: Conn, vault: Vault, made: ContractDetail
) -> None:
    acknowledged(desk, made)
    signed = sign(desk, vault, made)
    contract = signed.contract
    assert (contract.edition, contract.origin, contract.state) == (2, "signed", "signed")
    assert (contract.method, contract.parent_no) == ("local_stand_in", made.contract.contract_no)
    assert contract.certificate is not None
    assert contract.certificate["reliable"] is False
    assert "no reliable signature" in contract.certificate["statement"]
    assert signed.upload_until_at == LATER + timedelta(hours=24)
    assert (signed.acknowledged, signed.highlighted) == (True, made.highlighted)
    assert get_contract(desk, SYSTEM, **place_of(made), **AT).contract.state == "signed"
    _, content = read_contract(desk, SYSTEM, vault=vault, **place_of(signed))
    said = text_of(content)
    assert "签名说明（本地替身，非可靠电子签名）" in said
    assert "不是《中华人民共和国电子签名法》第十三条规定的可靠的电子签名" in said
    assert made.contract.sha256.hex() in said
    assert "确认人：王龘" in said
    assert f"合同编号：{made.contract.contract_no}" in said
    first, _ = read_contract(desk, SYSTEM, vault=vault, **place_of(made))
    _, unsigned = read_contract(desk, SYSTEM, vault=vault, **place_of(made))
    assert pages_of(content) == pages_of(unsigned) + 1
    assert first.contract_no == made.contract.contract_no


def test_its_signatures_hold_for_this_text_and_these_names_only(
    desk: Conn, vault: Vault, made: ContractDetail
) -> None:
    acknowledged(desk, made)
    signed = sign(desk, vault, made)
    certificate = signed.contract.certificate
    assert certificate is not None
    public = bytes.fromhex(certificate["public_key"])
    lessor, lessee = signed.signatories
    assert (lessor.signed_at, lessor.signed_clock) == (LATER, "installation")
    number, digest = made.contract.contract_no, made.contract.sha256
    for one in (lessor, lessee):
        assert one.signature is not None
        assert is_signed_by(public, one.signature, message_of(number, digest, one, LATER))
        other = message_of(number, bytes(32), one, LATER)
        assert not is_signed_by(public, one.signature, other)
    assert lessor.signature is not None
    assert not is_signed_by(public, lessor.signature, message_of(number, digest, lessee, LATER))
    assert LocalStandIn(SealingKey(bytes(32)), zone="UTC").public_key != public
    assert LocalStandIn(KEY, zone="UTC").public_key == public


def test_other_terms_than_the_lease_has_are_not_signed(
    desk: Conn, vault: Vault, made: ContractDetail
) -> None:
    acknowledged(desk, made)
    begun = Provider()
    sign(desk, vault, made, esign=begun)
    lease_no = made.contract.lease_no
    extend_lease(desk, SYSTEM, lease_no=lease_no, ends_on=date(2027, 6, 1), now=LATER)
    with refused(desk, ContractOutdated):
        sign(desk, vault, made)
    begun.answer = "signed"  # what both sides signed meanwhile is kept
    later = LATER + timedelta(hours=3)
    assert sign(desk, vault, made, esign=begun, now=later).contract.state == "signed"


def test_a_provider_takes_its_time(desk: Conn, vault: Vault, made: ContractDetail) -> None:
    acknowledged(desk, made)
    provider = Provider()
    waiting = sign(desk, vault, made, esign=provider)
    assert (waiting.contract.state, waiting.contract.provider_ref) == ("sent", "flow-1")
    assert kinds(waiting) == ["made", "prompted", "acknowledged", "sent"]
    assert sign(desk, vault, made, esign=provider).events == waiting.events
    provider.answer = "declined"
    assert sign(desk, vault, made, esign=provider).contract.provider_ref == "flow-2"
    provider.answer = "signed"
    signed = sign(desk, vault, made, esign=provider, now=LATER + timedelta(hours=3))
    assert len(provider.begun) == 2
    assert signed.contract.method == "provider"
    assert signed.contract.timestamp_token == b"tst"
    assert signed.contract.signed_at == LATER + timedelta(hours=2)
    assert [one.signature for one in signed.signatories] == [None, b"s"]
    assert {one.signed_clock for one in signed.signatories} == {"provider"}
    assert signed.contract.created_at == LATER + timedelta(hours=3)


def test_what_is_signed_or_void_or_brought_is_not_signed_again(
    desk: Conn, vault: Vault, make: Make, made: ContractDetail
) -> None:
    acknowledged(desk, made)
    signed = sign(desk, vault, made)
    with refused(desk, ContractSigned):
        sign(desk, vault, made)
    with refused(desk, ContractNotMade):
        sign(desk, vault, signed)
    another = make(made.contract.lease_no)
    voided = void_contract(desk, SYSTEM, **place_of(another), reason="车型写错", **AT)
    assert (voided.contract.state, voided.events[-1].content) == ("void", {"reason": "车型写错"})
    for act in (void_contract, prompt, note_sent):
        given = {"reason": "再"} if act is void_contract else {"party": "王", "channel": "paper"}
        with refused(desk, ContractVoid):
            act(desk, SYSTEM, **place_of(another), **given, **AT)
    following = make(made.contract.lease_no, now=LATER + timedelta(hours=1))
    assert following.contract.parent_no == signed.contract.contract_no


def test_sent_and_received_are_written_with_whose_clock(desk: Conn, made: ContractDetail) -> None:
    sent = note_sent(desk, SYSTEM, **place_of(made), party="顺达", channel="email", **AT)
    assert sent.contract.state == "sent"
    told_at = LATER + timedelta(minutes=5)
    received = note_received(
        desk,
        SYSTEM,
        **place_of(made),
        party="王龘",
        channel="email",
        at=told_at,
        now=LATER + timedelta(hours=1),
    )
    assert [(one.kind, one.happened_at, one.clock) for one in received.events[1:]] == [
        ("sent", LATER, "installation"),
        ("received", told_at, "told"),
    ]
    for at in (SIGNED, LATER + timedelta(seconds=1)):
        with refused(desk, ContractTimeAhead):
            note_sent(desk, SYSTEM, **place_of(made), party="顺达", channel="paper", at=at, **AT)
    with refused(desk, ContractNotFound):
        note_sent(desk, SYSTEM, lease_no=made.contract.lease_no, edition=9, **BY_MESSAGE)


def bring(conn: Conn, vault: Vault, lease_no: str, **given: Any) -> ContractDetail:
    usual: dict[str, Any] = {
        "content": PDF_FILE,
        "name": "合同扫描.pdf",
        "signed_at": LATER,
        "key": KEY,
        "now": LATER,
    }
    return upload_signed(conn, SYSTEM, vault=vault, lease_no=lease_no, **(usual | given))


def test_a_paper_of_a_made_edition_signs_it(desk: Conn, vault: Vault, made: ContractDetail) -> None:
    brought = bring(desk, vault, made.contract.lease_no, of_edition=1, acknowledged=True)
    contract = brought.contract
    assert (contract.edition, contract.origin, contract.state) == (2, "uploaded", "signed")
    assert (contract.method, contract.parent_no) == ("paper", made.contract.contract_no)
    assert contract.template_sha256 == made.contract.template_sha256
    assert contract.consent_version == "long-rent/1"
    assert brought.highlighted == made.highlighted
    assert brought.events[-1].content == {"clauses": list(made.highlighted)}
    assert kinds(brought) == ["uploaded", "signed", "acknowledged"]
    assert brought.acknowledged
    assert [(one.name, one.signed_clock) for one in brought.signatories] == [
        ("华东", "paper"),
        ("顺达物流有限公司", "paper"),
    ]
    assert get_contract(desk, SYSTEM, **place_of(made), **AT).contract.state == "signed"
    with refused(desk, ParentNotOpen):
        bring(desk, vault, made.contract.lease_no, of_edition=1)
    assert verify(desk) == []


def test_a_paper_from_elsewhere_needs_no_edition(desk: Conn, vault: Vault) -> None:
    lease_no = lease_of(desk)
    brought = bring(desk, vault, lease_no, content=JPEG, name="第一页.jpg", signed_at=SIGNED)
    assert (brought.contract.media_type, brought.contract.parent_no) == ("image/jpeg", None)
    assert (brought.acknowledged, brought.contract.signed_at) == (False, SIGNED)
    assert brought.upload_until_at == SIGNED + timedelta(hours=24)
    _, content = read_contract(desk, SYSTEM, vault=vault, **place_of(brought))
    assert content == JPEG


@pytest.mark.parametrize(
    ("given", "fact"),
    [
        pytest.param({"content": EXE}, DocumentTypeRefused, id="a program"),
        pytest.param(
            {"content": sheet_bytes(), "name": "a.xlsx"}, SignedFileTypeRefused, id="a sheet"
        ),
        pytest.param({"content": PDF_FILE + bytes(MOST_BYTES)}, SignedFileTooLarge, id="too large"),
        pytest.param({"signed_at": LATER + timedelta(days=1)}, ContractTimeAhead, id="ahead"),
        pytest.param({"of_edition": 3}, ContractNotFound, id="of no edition"),
        pytest.param(
            {"of_edition": 1, "signed_at": SIGNED}, ContractTimeAhead, id="before it was made"
        ),
    ],
)
def test_a_paper_that_cannot_be_is_refused(
    desk: Conn, vault: Vault, made: ContractDetail, given: dict[str, Any], fact: Any
) -> None:
    with refused(desk, fact):
        bring(desk, vault, made.contract.lease_no, **given)
