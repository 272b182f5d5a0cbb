"""The money of a lease in its case file: as it was frozen, settled, asked for, and on paper."""

import hashlib
import json
import zipfile
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection

from fleet.case_files.checking import verify_case_file
from fleet.case_files.service import build_case_file
from fleet.documents import service as documents
from fleet.dunning import service as dunning
from fleet.payments import service as payments
from kit.files import FileStore
from schemas.access import SYSTEM
from tests.fleet.case_files.conftest import Made
from tests.fleet.leasing.conftest import KEY, day
from tests.fleet.statements.conftest import Story, books, office, story

Conn = Connection[Any]
__all__ = ["books", "office", "story"]
pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)


@dataclass
class Vault:
    """Where the files of the story lie, and how its case file is made."""

    story: Story
    folder: Path

    @property
    def files(self) -> FileStore:
        return FileStore((self.folder / "files").as_uri())

    def build(self, now: datetime = day(90)) -> Made:
        out = self.folder / "case.zip"
        manifest = build_case_file(
            self.story.conn,
            SYSTEM,
            lease_no=self.story.lease.lease_no,
            files=self.files,
            key=KEY,
            tracks="none",
            out=out,
            now=now,
        )
        with zipfile.ZipFile(out) as packed:
            return Made(out, manifest, {one: packed.read(one) for one in packed.namelist()})


@pytest.fixture
def vault(story: Story, tmp_path: Path) -> Vault:
    """The story, whose last payment bounced, and which was asked to pay."""
    conn = story.conn
    number = story.told(date(2026, 5, 1), date(2026, 6, 1)).rows[0].number
    payments.reverse_payment(conn, SYSTEM, payment_no=number, reason="退票", now=day(61))
    dunning.make_due(conn, SYSTEM, organisation_id=story.lease.organisation_id, now=day(75))
    return Vault(story, tmp_path)


def test_every_bill_stands_in_it_frozen_as_a_row_and_on_paper(vault: Vault) -> None:
    made = vault.build()
    assert verify_case_file(made.path) == []
    assert made.manifest.faults == []
    numbers = [
        vault.story.bill_no(purpose) for purpose in ("deposit", "rent:1", "rent:2", "rent:3")
    ]
    assert [row[0] for row in made.table("bills.csv")[1:]] == numbers
    for number in numbers:
        assert made.told(f"bills/{number}.json")["bill_no"] == number
        assert made.content[f"papers/账单-{number}.pdf"].startswith(b"%PDF-")
    [note] = [row[0] for row in made.table("credit-notes.csv")[1:]]
    assert made.told(f"credit-notes/{note}.json")["total_fen"] == 10_000
    assert f"papers/冲减单-{note}.pdf" in made.content
    lines = made.table("bill-lines.csv")
    assert [(row[0], row[2]) for row in lines[1:3]] == [
        (numbers[0], "deposit"),
        (numbers[1], "rent"),
    ]


def test_payments_and_what_they_settled_are_rows_that_sum_up(vault: Vault) -> None:
    made = vault.build()
    head, *rows = made.table("payments.csv")
    paid = [dict(zip(head, row, strict=True)) for row in rows]
    assert [(one["received_on"], one["amount_yuan"], one["settled_yuan"]) for one in paid] == [
        ("2026-03-02", "8000.00", "8000.00"),
        ("2026-03-10", "1500.00", "1500.00"),
        ("2026-05-01", "10000.00", "0.00"),
    ]
    assert [one["state"] for one in paid] == ["claimed", "claimed", "reversed"]
    head, *rows = made.table("allocations.csv")
    settled = [dict(zip(head, row, strict=True)) for row in rows]
    by_kind: dict[str, float] = {}
    for one in settled:
        by_kind[one["source_kind"]] = by_kind.get(one["source_kind"], 0) + float(one["amount_yuan"])
    assert by_kind == {"payment": 9_500, "deposit": 500, "credit_note": 100}
    [deposit] = made.table("deposits.csv")[1:]
    assert (deposit[1], deposit[2]) == ("applied", "500.00")


def test_demands_stand_among_the_notices_with_their_paper(vault: Vault) -> None:
    made = vault.build()
    sent = made.told("notices.json")
    kinds = {one["kind"] for one in sent["dunning"]}
    assert "demand" in kinds
    for one in sent["dunning"]:
        assert one["content"]["text"]
        assert made.content[f"papers/催收函-{one['notice_no']}.pdf"].startswith(b"%PDF-")
    assert {left.what for left in made.manifest.left_out} == {
        "contracts",
        "hand-overs",
        "tracks 轨迹",
    }


def test_what_happened_to_money_stands_in_the_timeline(vault: Vault) -> None:
    said = vault.build().content["timeline.csv"].decode("utf-8-sig")
    number = vault.story.bill_no("rent:1")
    for words in (
        f"开具账单 {number}：3000.00 元，应付日 2026-03-02",
        "1500.00 元，2026-03-10 到账，其中 1500.00 元清偿本租约账单",
        "押金抵扣欠款：500.00 元，抵欠租",
        "协商减免",
        "催告函 D",
    ):
        assert words in said, words


def test_papers_in_it_are_those_that_were_kept_and_a_changed_one_is_told(vault: Vault) -> None:
    first = vault.build()
    number = vault.story.bill_no("rent:1")
    name = f"papers/账单-{number}.pdf"
    sha256 = hashlib.sha256(first.content[name]).digest()
    where = vault.files.path_of(documents.key_of_bytes(vault.story.lease.tenant_id, sha256))
    assert where is not None
    where.write_bytes(b"%PDF-changed")
    again = vault.build()
    [fault] = again.manifest.faults
    assert (fault.path, again.content[name]) == (name, b"%PDF-changed")
    assert verify_case_file(again.path) == []


def test_a_frozen_bill_that_was_changed_is_told(vault: Vault) -> None:
    conn, number = vault.story.conn, vault.story.bill_no("rent:1")
    conn.execute("ALTER TABLE bills DISABLE TRIGGER stays")
    conn.execute(
        'UPDATE bills SET snapshot = snapshot || \'{"due_on": "2027-01-01"}\' WHERE bill_no = %s',
        [number],
    )
    assert [fault.path for fault in vault.build().manifest.faults] == [f"bills/{number}.json"]


def test_any_changed_byte_of_a_bill_is_found(vault: Vault, tmp_path: Path) -> None:
    made = vault.build()
    whole = made.path.read_bytes()
    number = vault.story.bill_no("rent:1")
    with zipfile.ZipFile(made.path) as packed:
        info = packed.getinfo(f"bills/{number}.json")
    assert json.loads(made.content[info.filename])["bill_no"] == number
    place = info.header_offset + 60
    changed = tmp_path / "changed.zip"
    changed.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
    assert verify_case_file(changed) != []
