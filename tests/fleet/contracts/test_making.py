"""A contract is made of a text: the same of the same, with what was agreed in it."""

import json
from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection

from fleet.audit.service import list_entries, verify
from fleet.contracts.errors import (
    LeaseHasNoContract,
    TemplateUnknown,
)
from fleet.contracts.making.service import preview_contract
from fleet.contracts.model import Mismatch, Particulars
from fleet.contracts.service import Vault, list_of_lease, make_contract, read_contract
from fleet.documents.model import key_of_bytes
from fleet.leasing.service import LeaseNotFound, cancel_lease
from fleet.leasing.terms import BuyOut, Term
from kit.files import FileStore, FilesUnavailable
from schemas.access import SYSTEM
from tests.fleet.conftest import VIN_A, refused

from .conftest import KEY, LATER, LONG_AGO, Make, agreed, lease_of, line, office, pages_of, text_of

Conn = Connection[Any]
__all__ = ["office"]


def bytes_of(vault: Vault, conn: Conn, made: Any) -> bytes:
    contract = made.contract
    _, content = read_contract(
        conn, SYSTEM, vault=vault, lease_no=contract.lease_no, edition=contract.edition
    )
    return content


def test_it_says_what_was_agreed(desk: Conn, vault: Vault, make: Make) -> None:
    particulars = Particulars(lessor_credit_code="91440300000000000X", signed_in="深圳市")
    made = make(particulars=particulars)
    content = bytes_of(vault, desk, made)
    said = text_of(content)
    number = made.contract.contract_no
    assert content.startswith(b"%PDF-1.7")
    assert b"pdfaid" in content
    for words in (
        *("新能源物流车租赁合同", f"合同编号：{number}", "签订地点：深圳市"),
        *("华东", "91440300000000000X", "顺达物流有限公司", "深圳市宝安区西乡街道1号"),
        *("12个月（2026年3月2日至2027年3月1日）", "起租日当日计入租期"),
        *("¥5,000.00（人民币伍仟元整）", "每日0.05%", "第一条", "第二十一条"),
        *("含5,000公里，超出部分每公里¥1.00", "30%向甲方支付违约金"),
        *("¥2,000.00（人民币贰仟元整）", "交车时车辆电量不低于80%。", "附件一", "附件二"),
    ):
        assert "".join(words.split()) in said, words
    assert said.count("【特别提示】") == 6 + 2  # each clause, and where they are spoken of
    assert "13812345678" not in said
    assert f"第{pages_of(content)}页共{pages_of(content)}页" in said


def test_its_row_says_what_it_was_made_of(desk: Conn, vault: Vault, make: Make) -> None:
    made = make()
    contract = made.contract
    assert (contract.edition, contract.origin, contract.state) == (1, "made", "made")
    assert (contract.template_code, contract.template_edition) == ("long-rent", 1)
    assert contract.retain_until_on is not None
    assert contract.retain_until_on.isoformat() == "2032-03-01"
    assert contract.verify_next_at == LATER + timedelta(days=30)
    assert [(one.role, one.name, one.authority) for one in made.signatories] == [
        ("lessor", "华东", None),
        ("lessee", "顺达物流有限公司", "王龘"),
    ]
    assert made.signatories[1].id_masked is not None
    assert "*" in made.signatories[1].id_masked
    assert [copy.store for copy in made.copies] == ["files", "vault_copy"]
    assert made.highlighted == ["4", "12", "14", "15", "16", "17"]
    assert made.mismatches == [Mismatch("lock", "第8条", "14")]
    where = key_of_bytes(contract.tenant_id, contract.sha256)
    assert vault.second is not None
    assert vault.second.read(where, sha256=contract.sha256) == bytes_of(vault, desk, made)


def test_its_data_are_kept_beside_it(vault: Vault, make: Make) -> None:
    made = make()
    digest = bytes.fromhex(made.events[0].content["facts_sha256"])
    kept = vault.files.read(key_of_bytes(made.contract.tenant_id, digest), sha256=digest)
    facts = json.loads(kept)
    assert facts["contract_no"] == made.contract.contract_no
    assert [party["name"] for party in facts["parties"]] == ["华东", "顺达物流有限公司"]


def test_the_same_at_the_same_instant_is_the_same_bytes(desk: Conn, vault: Vault) -> None:
    lease_no = lease_of(desk)
    told = []
    for _ in range(2):
        with desk.transaction(force_rollback=True):
            made = make_contract(desk, SYSTEM, vault=vault, lease_no=lease_no, key=KEY, now=LATER)
            told.append((made.contract.sha256, made.contract.terms_sha256))
    assert told[0] == told[1]


def test_another_instant_is_another_edition_after_the_first(
    desk: Conn, vault: Vault, make: Make
) -> None:
    first = make().contract
    second = make(first.lease_no, now=LATER + timedelta(hours=1)).contract
    assert (second.edition, second.parent_no) == (2, first.contract_no)
    assert second.sha256 != first.sha256
    assert [one.edition for one in list_of_lease(desk, first.lease_id)] == [1, 2]


def test_the_trail_names_nobody(desk: Conn, make: Make) -> None:
    made = make()
    [entry] = list_entries(desk, SYSTEM, {"action": "contract.make"})
    assert (entry.object_key, entry.organisation_code) == (made.contract.contract_no, "head")
    assert entry.after == {
        "edition": 1,
        "template": "long-rent/1",
        "size_bytes": made.contract.size_bytes,
        "sha256": made.contract.sha256.hex(),
    }
    assert verify(desk) == []


def test_a_vehicle_that_is_promised_stands_in_it(desk: Conn, vault: Vault, make: Make) -> None:
    lease_no = lease_of(desk, agreed(lines=(line(1, vin=VIN_A), line(2))))
    said = text_of(bytes_of(vault, desk, make(lease_no)))
    assert VIN_A in said
    assert "粤BD12345" in said
    assert "交车时确定" in said


def test_a_draft_names_the_vehicle_it_wants(desk: Conn, vault: Vault, make: Make) -> None:
    lease_no = lease_of(desk, agreed(lines=(line(1, vin=VIN_A),)), sign=False)
    assert "粤BD12345" in text_of(bytes_of(vault, desk, make(lease_no)))


def test_a_lease_to_own_says_when_it_is_theirs(desk: Conn, vault: Vault, make: Make) -> None:
    terms = agreed(
        kind="lease_to_own",
        term=Term(count=36),
        buy_out=BuyOut(down_payment_fen=1_380_000, price_fen=0),
        clauses={},
    )
    said = text_of(bytes_of(vault, desk, make(lease_of(desk, terms))))
    assert "新能源物流车以租代购合同" in said
    assert "首付款¥13,800.00（人民币壹万叁仟捌佰元整）" in said
    assert "2期以上，或者数额达到全部租金15%以上" in said
    assert "第七百五十八条" in said


def test_an_open_end_has_no_annex_of_rents(desk: Conn, vault: Vault, make: Make) -> None:
    made = make(lease_of(desk, agreed(term=Term())))
    said = text_of(bytes_of(vault, desk, made))
    assert made.contract.retain_until_on is None
    assert "附件二" not in said
    assert "不定期租赁" in said


def test_a_preview_is_kept_nowhere(desk: Conn, tmp_path: Any) -> None:
    lease_no = lease_of(desk, sign=False)
    shown = preview_contract(desk, SYSTEM, lease_no=lease_no, template=None, key=KEY, now=LATER)
    assert "预览，未编号" in text_of(shown)
    assert desk.execute("SELECT count(*) FROM contracts").fetchone() == (0,)


def test_without_a_second_store_there_is_one_copy(make: Make, vault: Vault) -> None:
    made = make(vault=Vault(vault.files))
    assert [copy.store for copy in made.copies] == ["files"]


def test_what_cannot_be_made_is_refused(desk: Conn, vault: Vault, make: Make) -> None:
    with refused(desk, LeaseNotFound):
        make("L2603-NOWHER")
    short = lease_of(desk, agreed(kind="short"))
    with refused(desk, TemplateUnknown):
        make(short, template="long-rent")
    cancelled = lease_of(desk)
    cancel_lease(desk, SYSTEM, lease_no=cancelled, reason="客户取消", now=LATER)
    with refused(desk, LeaseHasNoContract):
        make(cancelled)
    assert desk.execute("SELECT count(*) FROM contracts").fetchone() == (0,)


def test_a_store_that_does_not_answer_makes_nothing(desk: Conn, make: Make, tmp_path: Any) -> None:
    (tmp_path / "in the way").write_text("x")
    broken = FileStore((tmp_path / "in the way" / "files").as_uri())
    with pytest.raises(FilesUnavailable), desk.transaction():
        make(vault=Vault(FileStore((tmp_path / "files").as_uri()), broken))
    assert desk.execute("SELECT count(*) FROM contracts").fetchone() == (0,)


def test_texts_come_before_contracts(office: Conn, vault: Vault) -> None:
    with refused(office, TemplateUnknown):
        make_contract(office, SYSTEM, vault=vault, lease_no=lease_of(office), key=KEY, now=LONG_AGO)
