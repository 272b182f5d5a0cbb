"""LEASING.md case 14: a changed byte of a stored contract is found and told, and never healed."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer
from psycopg import Connection
from psycopg.errors import InsufficientPrivilege
from structlog.testing import capture_logs

from fleet.audit.service import list_entries
from fleet.contracts.errors import ContractFaulty
from fleet.contracts.jobs import alarm, verify_due
from fleet.contracts.service import (
    ContractDetail,
    Vault,
    Verification,
    get_contract,
    list_contracts,
    read_contract,
    sign_contract,
    verify_contract,
)
from fleet.documents.model import key_of_bytes
from fleet.leasing.service import extend_lease
from kit import db
from kit.files import FileChanged, FileStore, open_vault_copy
from kit.settings import Settings
from schemas.access import SYSTEM
from tests.fleet.conftest import refused

from .conftest import (
    LATER,
    STAND_IN,
    Make,
    acknowledged,
    office,
    place_of,
)

Conn = Connection[Any]
DUE = LATER + timedelta(days=30)
__all__ = ["office"]


def path_of(files: FileStore | None, detail: ContractDetail) -> Path:
    assert files is not None
    path = files.path_of(key_of_bytes(detail.contract.tenant_id, detail.contract.sha256))
    assert path is not None
    return path


def change_a_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def verified(conn: Conn, vault: Vault, detail: ContractDetail, now: datetime = DUE) -> Verification:
    return verify_contract(conn, SYSTEM, vault=vault, **place_of(detail), now=now)


def told(conn: Conn, detail: ContractDetail) -> ContractDetail:
    return get_contract(conn, SYSTEM, **place_of(detail), now=DUE)


def test_what_is_whole_is_written_down_and_read_again_in_a_month(
    desk: Conn, vault: Vault, make: Make
) -> None:
    made = make()
    done = verified(desk, vault, made)
    assert (done.whole, done.contract.verified_at, done.contract.fault) == (True, DUE, None)
    assert done.contract.verify_next_at == DUE + timedelta(days=30)
    after = told(desk, made)
    assert [copy.verified_at for copy in after.copies] == [DUE, DUE]
    assert after.events[-1].kind == "verified"
    assert after.events[-1].content == {
        "copies": ["files", "vault_copy"],
        "sha256": made.contract.sha256.hex(),
    }


def test_case_14_one_byte_changed(desk: Conn, vault: Vault, make: Make, app_conn: Conn) -> None:
    made, other = make(), make()
    change_a_byte(path_of(vault.files, made))
    desk.commit()
    found = {done.contract.contract_no: done for done in verify_due(app_conn, vault, now=DUE)}
    with capture_logs() as logs:
        for done in found.values():
            alarm(done)
    bad = found[made.contract.contract_no]
    assert not bad.whole
    assert list(bad.faults) == ["files"]
    assert bad.faults["files"].startswith("changed: its SHA-256 is ")
    assert bad.contract.fault == f"files: {bad.faults['files']}"
    assert bad.contract.verify_next_at == DUE + timedelta(days=1)
    assert bad.contract.verified_at is None
    assert found[other.contract.contract_no].whole
    [line] = [one for one in logs if one["log_level"] == "error"]
    assert (line["event"], line["contract_no"]) == ("contract_changed", made.contract.contract_no)
    after = told(desk, made)
    assert [(copy.store, copy.fault is None) for copy in after.copies] == [
        ("files", False),
        ("vault_copy", True),
    ]
    assert after.events[-1].kind == "changed"
    [entry] = list_entries(desk, SYSTEM, {"action": "contract.changed"})
    assert (entry.object_key, entry.organisation_code, entry.after) == (
        *(made.contract.contract_no, "east"),
        {"fault": bad.contract.fault},
    )
    assert [one.contract_no for one in list_contracts(desk, SYSTEM, {"faulty": True})] == [
        made.contract.contract_no
    ]


def test_it_is_told_once_a_day_in_the_log_and_once_in_the_book(
    desk: Conn, vault: Vault, make: Make
) -> None:
    made = make()
    change_a_byte(path_of(vault.files, made))
    for day in range(3):
        assert not verified(desk, vault, made, DUE + timedelta(days=day)).whole
    kinds = [one.kind for one in told(desk, made).events]
    assert kinds.count("changed") == 1
    assert len(list_entries(desk, SYSTEM, {"action": "contract.changed"})) == 1


def test_nothing_is_healed_and_nothing_changed_is_given_out(
    desk: Conn, vault: Vault, make: Make
) -> None:
    made = make()
    path = path_of(vault.files, made)
    change_a_byte(path)
    changed = path.read_bytes()
    verified(desk, vault, made)
    assert path.read_bytes() == changed
    with pytest.raises(FileChanged):
        read_contract(desk, SYSTEM, vault=vault, **place_of(made))
    acknowledged(desk, made)
    with refused(desk, ContractFaulty):
        sign_contract(desk, SYSTEM, vault=vault, esign=STAND_IN, **place_of(made), now=LATER)


def test_what_somebody_put_back_is_whole_again_and_says_so(
    desk: Conn, vault: Vault, make: Make
) -> None:
    made = make()
    path = path_of(vault.files, made)
    change_a_byte(path)
    verified(desk, vault, made)
    path.write_bytes(path_of(vault.second, made).read_bytes())
    done = verified(desk, vault, made, DUE + timedelta(days=1))
    assert (done.whole, done.contract.fault) == (True, None)
    assert [one.kind for one in told(desk, made).events] == ["made", "changed", "verified"]
    assert [copy.fault for copy in told(desk, made).copies] == [None, None]
    [entry] = list_entries(desk, SYSTEM, {"action": "contract.whole_again"})
    assert entry.after == {"fault": None}


def test_a_second_copy_that_is_missing_is_told(desk: Conn, vault: Vault, make: Make) -> None:
    made = make()
    path_of(vault.second, made).unlink()
    done = verified(desk, vault, made)
    assert done.faults == {"vault_copy": "missing"}
    assert done.contract.fault == "vault_copy: missing"
    assert vault.second is not None
    assert not vault.second.exists(key_of_bytes(made.contract.tenant_id, made.contract.sha256))


def test_a_file_cut_short_is_told(desk: Conn, vault: Vault, make: Make) -> None:
    made = make()
    path = path_of(vault.files, made)
    path.write_bytes(path.read_bytes()[:-1])
    assert verified(desk, vault, made).faults["files"].startswith("changed: ")


def test_a_second_store_that_was_set_later_gets_its_copy(
    desk: Conn, vault: Vault, make: Make
) -> None:
    made = make(vault=Vault(vault.files))
    assert verified(desk, vault, made).whole
    after = told(desk, made)
    assert [one.kind for one in after.events] == ["made", "verified", "copied"]
    assert [copy.store for copy in after.copies] == ["files", "vault_copy"]
    assert path_of(vault.second, made).read_bytes() == path_of(vault.files, made).read_bytes()


def test_a_store_that_is_away_is_no_fault_and_is_asked_again(
    desk: Conn, vault: Vault, make: Make
) -> None:
    made = make()
    done = verified(desk, Vault(vault.files), made)
    assert (done.faults, done.whole) == ({}, False)
    assert done.unread == {"vault_copy": "no store of this name is set"}
    assert (done.contract.fault, done.contract.verified_at) == (None, None)
    assert done.contract.verify_next_at == DUE + timedelta(days=1)


def test_how_long_it_is_kept_follows_the_lease(desk: Conn, vault: Vault, make: Make) -> None:
    made = make()
    extend_lease(desk, SYSTEM, lease_no=made.contract.lease_no, ends_on=date(2028, 3, 1), now=LATER)
    kept = verified(desk, vault, made).contract.retain_until_on
    assert kept == date(2033, 3, 1)


class TestTheJob:
    """What is due, of every organisation, a transaction each."""

    def test_each_is_read_when_it_is_due_and_once(
        self, desk: Conn, vault: Vault, make: Make
    ) -> None:
        first = make()
        second = make(now=LATER + timedelta(days=5))
        change_a_byte(path_of(vault.files, second))
        desk.commit()

        def round_at(now: datetime, **given: Any) -> list[tuple[str, bool]]:
            return [
                (done.contract.contract_no, done.whole)
                for done in verify_due(desk, vault, now=now, **given)
            ]

        assert round_at(DUE - timedelta(seconds=1)) == []
        assert round_at(DUE) == [(first.contract.contract_no, True)]
        assert round_at(DUE) == []
        assert round_at(DUE + timedelta(days=5)) == [(second.contract.contract_no, False)]
        both = [(second.contract.contract_no, False), (first.contract.contract_no, True)]
        assert sorted(round_at(DUE + timedelta(days=5), every=True)) == sorted(both)

    def test_the_role_of_the_api_does_it_for_every_organisation(
        self, desk: Conn, vault: Vault, make: Make, app_conn: Conn
    ) -> None:
        made = make()
        desk.commit()
        [done] = verify_due(app_conn, vault, now=DUE)
        assert (done.contract.contract_no, done.whole) == (made.contract.contract_no, True)
        assert told(desk, made).contract.verified_at == DUE

    def test_one_that_somebody_reads_is_left_to_them(
        self, desk: Conn, vault: Vault, make: Make, database_url: str
    ) -> None:
        made = make()
        desk.commit()
        with db.connect(database_url) as other:
            other.execute("SELECT id FROM contracts FOR UPDATE")
            assert list(verify_due(desk, vault, now=DUE)) == []
        assert [done.contract.contract_no for done in verify_due(desk, vault, now=DUE)] == [
            made.contract.contract_no
        ]


BUCKET = "guanche-vault"


@pytest.fixture
def s3() -> Iterator[str]:
    """The address of an S3 with a bucket."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    client = boto3.client(
        "s3",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="test-id",
        aws_secret_access_key="test-secret",
    )
    client.create_bucket(Bucket=BUCKET)
    yield url
    server.stop()


def test_the_second_store_may_be_an_s3(desk: Conn, vault: Vault, make: Make, s3: str) -> None:
    settings = Settings(
        _env_file=None,
        vault_copy_url=f"s3://{BUCKET}/vault",
        files_s3_endpoint=s3,
        files_s3_access_key="test-id",
        files_s3_secret_key="test-secret",
    )
    second = open_vault_copy(settings)
    assert second is not None
    both = Vault(vault.files, second)
    made = make(vault=both)
    assert verified(desk, both, made).whole
    client = boto3.client(
        "s3",
        endpoint_url=s3,
        region_name="us-east-1",
        aws_access_key_id="test-id",
        aws_secret_access_key="test-secret",
    )
    key = f"vault/{key_of_bytes(made.contract.tenant_id, made.contract.sha256)}"
    kept = client.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    client.put_object(Bucket=BUCKET, Key=key, Body=kept[:-1] + bytes([kept[-1] ^ 1]))
    assert list(verified(desk, both, made).faults) == ["vault_copy"]
    client.delete_object(Bucket=BUCKET, Key=key)
    assert verified(desk, both, made).faults == {"vault_copy": "missing"}


def test_no_second_store_is_none() -> None:
    assert open_vault_copy(Settings(_env_file=None)) is None


@pytest.mark.parametrize("how", ["changed", "missing"])
def test_the_data_it_was_set_from_is_read_again_too(
    desk: Conn, vault: Vault, make: Make, how: str
) -> None:
    made = make()
    digest = bytes.fromhex(made.events[0].content["facts_sha256"])
    path = vault.files.path_of(key_of_bytes(made.contract.tenant_id, digest))
    assert path is not None
    if how == "changed":
        change_a_byte(path)
    else:
        path.unlink()
    done = verified(desk, vault, made)
    assert list(done.faults) == ["files"]
    assert done.faults["files"].startswith(f"its data {how}")


def test_a_store_that_was_set_since_gets_the_data_too(desk: Conn, vault: Vault, make: Make) -> None:
    assert vault.second is not None
    alone = Vault(vault.files)
    made = make(vault=alone)
    digest = bytes.fromhex(made.events[0].content["facts_sha256"])
    where = key_of_bytes(made.contract.tenant_id, digest)
    assert verified(desk, vault, made).whole
    assert vault.second.path_of(where) is not None
    assert verified(desk, vault, made).whole


@pytest.mark.parametrize(
    "change",
    [
        pytest.param("contracts SET sha256 = sha256", id="digest"),
        pytest.param("contracts SET certificate = NULL", id="certificate"),
        pytest.param("contracts SET timestamp_token = NULL", id="timestamp"),
        pytest.param("contract_signatories SET signature = NULL", id="signature"),
        pytest.param("contract_signatories SET signed_at = now()", id="time of signing"),
        pytest.param("contract_events SET happened_at = now()", id="event"),
    ],
)
def test_the_api_s_role_changes_nothing_of_what_was_signed(app_conn: Conn, change: str) -> None:
    with pytest.raises(InsufficientPrivilege):
        app_conn.execute(f"UPDATE {change}".encode())
