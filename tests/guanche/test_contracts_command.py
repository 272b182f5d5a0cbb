"""`guanche contracts` on a real database and two real folders."""

import json
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection

from fleet.contracts.service import ContractDetail, Vault
from fleet.documents.model import key_of_bytes
from kit.files import FileStore
from tests.fleet.conftest import fleet
from tests.fleet.contracts.conftest import Make, desk, make, office, vault
from tests.guanche.conftest import Run

__all__ = ["desk", "fleet", "make", "office", "vault"]


@pytest.fixture
def kept(desk: Connection[Any], make: Make) -> list[ContractDetail]:
    """Two contracts, due long ago."""
    made = [make(), make()]
    desk.commit()
    return made


@pytest.fixture
def verify(run: Run, database_url: str, vault: Vault) -> Any:
    """The command, with both stores."""
    assert vault.second is not None
    variables = {
        "GUANCHE_DATABASE_URL": database_url,
        "GUANCHE_FILES_URL": vault.files.url,
        "GUANCHE_VAULT_COPY_URL": vault.second.url,
    }
    return lambda *options: run("contracts", "verify", *options, **variables)


def path_of(files: FileStore | None, made: ContractDetail) -> Path:
    assert files is not None
    path = files.path_of(key_of_bytes(made.contract.tenant_id, made.contract.sha256))
    assert path is not None
    return path


def test_what_is_whole_is_counted(verify: Any, kept: list[ContractDetail]) -> None:
    first = verify()
    assert (first.exit_code, first.stdout) == (0, "whole  2 contracts were read\n")
    assert json.loads(verify("--json").stdout) == {"read": 0, "wrong": []}
    assert json.loads(verify("--all", "--json").stdout) == {"read": 2, "wrong": []}


def test_what_is_not_ends_in_one(
    verify: Any, kept: list[ContractDetail], vault: Vault, desk: Connection[Any]
) -> None:
    first, second = kept
    path = path_of(vault.files, first)
    path.write_bytes(path.read_bytes() + b" ")
    path_of(vault.second, second).unlink()
    told = verify("--json")
    assert told.exit_code == 1
    document = json.loads(told.stdout)
    assert document["read"] == 2
    found = {one["contract_no"]: (one["store"], one["found"]) for one in document["wrong"]}
    assert found[second.contract.contract_no] == ("vault_copy", "missing")
    store, what = found[first.contract.contract_no]
    assert (store, what.startswith("changed: its SHA-256 is ")) == ("files", True)
    shown = verify("--all")
    assert shown.exit_code == 1
    assert "2 of 2 contracts are not as they were kept" in shown.stdout
    assert first.contract.contract_no in shown.stdout
    desk.rollback()
    rows = desk.execute("SELECT count(*) FROM contracts WHERE fault IS NOT NULL").fetchone()
    assert rows == (2,)
