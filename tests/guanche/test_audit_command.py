"""`guanche audit`: verify, export and read the trail."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection

from fleet.audit import store
from fleet.audit.model import AuditEntry
from guanche.commands.audit import change_text
from tests.guanche.conftest import Run

CREATE = ["user", "create", "--name", "李娜", "--organisation", "qingfan", "--role", "owner"]


@pytest.fixture
def kept(run: Run, database_url: str, conn: Connection[Any]) -> Run:
    """The command, on a database with five entries in one chain."""
    for login in ("li.na", "zhang.wei"):
        result = run(
            *CREATE, login, "--new-organisation", "青帆", GUANCHE_DATABASE_URL=database_url
        )
        assert result.exit_code == 0, result.output
    assert conn.execute("SELECT count(*) FROM audit_entries").fetchone() == (5,)
    conn.rollback()
    return run


def tamper(conn: Connection[Any], *statements: str) -> None:
    conn.execute("SET session_replication_role = replica")
    for statement in statements:
        conn.execute(statement.encode())
    conn.commit()


CUT_OFF = (
    "DELETE FROM audit_entries WHERE no > 3",
    "UPDATE audit_heads h SET no = 3, digest = e.digest FROM audit_entries e WHERE e.no = 3",
)


def test_whole_chains(kept: Run) -> None:
    result = kept("audit", "verify")
    assert (result.exit_code, result.stdout) == (0, "whole  1 chains, 5 entries\n")
    assert json.loads(kept("audit", "verify", "--json").stdout) == {"whole": True, "faults": []}


def test_an_empty_trail_is_whole(run: Run, database_url: str) -> None:
    result = run("audit", "verify", GUANCHE_DATABASE_URL=database_url)
    assert (result.exit_code, result.stdout) == (0, "whole  0 chains, 0 entries\n")
    assert json.loads(run("audit", "heads").stdout)["heads"] == []
    assert run("audit", "list").stdout == "Nothing was done yet.\n"


def test_each_fault_is_named(kept: Run, conn: Connection[Any]) -> None:
    tamper(
        conn,
        "UPDATE audit_entries SET actor_name = 'x' WHERE no = 2",
        "DELETE FROM audit_entries WHERE no = 4",
    )
    number = conn.execute("SELECT id FROM organisations").fetchone()
    assert number is not None
    result = kept("audit", "verify")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        f"fault  organisation {number[0]}, entry 2: altered",
        f"fault  organisation {number[0]}, entry 4: missing before entry 5",
    ]
    document = kept("audit", "verify", "--json")
    assert document.exit_code == 1
    assert json.loads(document.stdout) == {
        "whole": False,
        "faults": [
            {"organisation_id": number[0], "no": 2, "fault": "altered"},
            {"organisation_id": number[0], "no": 4, "fault": "missing before entry 5"},
        ],
    }


def test_exported_ends_show_what_was_cut_off(
    kept: Run, conn: Connection[Any], tmp_path: Path
) -> None:
    heads = tmp_path / "heads.json"
    heads.write_text(kept("audit", "heads").stdout)
    document = json.loads(heads.read_text())
    assert [(end["no"], len(end["digest"])) for end in document["heads"]] == [(5, 64)]
    assert document["taken_at"].endswith("Z")
    whole = kept("audit", "verify", "--heads", str(heads))
    assert whole.exit_code == 0, whole.output
    assert whole.stdout == "whole  1 chains, 5 entries, and with 1 exported ends\n"

    tamper(conn, *CUT_OFF)
    assert kept("audit", "verify").exit_code == 0
    result = kept("audit", "verify", "--heads", str(heads))
    assert result.exit_code == 1
    assert "entry 5: was exported and is gone" in result.stdout


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "heads",
        '{"heads": [1]}',
        '{"heads": [{"organisation_id": 1, "no": "x", "digest": ""}]}',
        '{"heads": [{"organisation_id": 1, "no": 1, "digest": "xyz"}]}',
        '{"heads": null}',
    ],
)
def test_a_file_that_is_no_export(kept: Run, tmp_path: Path, text: str) -> None:
    heads = tmp_path / "heads.json"
    heads.write_text(text)
    result = kept("audit", "verify", "--heads", str(heads))
    assert result.exit_code == 2
    assert result.stderr == f"error {heads}: not what `guanche audit heads` writes\n"


def test_a_file_that_is_not_there(kept: Run, tmp_path: Path) -> None:
    result = kept("audit", "verify", "--heads", str(tmp_path / "gone.json"))
    assert result.exit_code == 1
    assert "gone.json: No such file or directory" in result.stderr


def test_entries_are_listed_newest_first(kept: Run) -> None:
    table = kept("audit", "list").stdout
    assert "organisation.create" in table
    assert "user.reset_password" in table
    assert "name: 青帆" in table
    assert "roles: owner" in table
    listed = json.loads(kept("audit", "list", "--json").stdout)
    assert [entry["no"] for entry in listed] == [5, 4, 3, 2, 1]
    assert listed[-1]["after"]["name"] == "青帆"
    some = json.loads(kept("audit", "list", "--json", "--limit", "2").stdout)
    assert some == listed[:2]
    assert "the newest 2; --limit shows more" in kept("audit", "list", "--limit", "2").stdout


@pytest.mark.parametrize(
    ("arguments", "numbers"),
    [
        (["--action", "user.create"], [4, 2]),
        (["--object", "li.na"], [3, 2]),
        (["--object", "li.na", "--action", "user.reset_password"], [3]),
        (["--actor", "guanche user create", "--organisation", "qingfan"], [5, 4, 3, 2, 1]),
        (["--actor", "nobody"], []),
    ],
    ids=str,
)
def test_entries_are_filtered(kept: Run, arguments: list[str], numbers: list[int]) -> None:
    listed = json.loads(kept("audit", "list", "--json", *arguments).stdout)
    assert [entry["no"] for entry in listed] == numbers


def test_a_change_reads_as_before_and_after() -> None:
    entry = AuditEntry(
        organisation_code="qingfan", no=1, at=datetime(2026, 3, 1, tzinfo=UTC),
        actor_kind="person", actor_name="li.na", action="user.change", object_kind="user",
        object_key="ops", before={"roles": ["ops"], "disabled": False, "parent": None},
        after={"roles": ["ops", "sales"], "disabled": True, "parent": "head", "phone": "changed"},
        ip=None, request_id=None,
    )  # fmt: skip
    assert change_text(entry).splitlines() == [
        "roles: ops → ops, sales", "disabled: false → true", "parent: – → head", "phone: changed"
    ]  # fmt: skip
    assert change_text(replace(entry, before=None, after=None)) == ""


def test_nothing_such_is_said(kept: Run) -> None:
    assert kept("audit", "list", "--actor", "nobody").stdout == "None such.\n"


def test_entries_and_ends_are_of_one_instant(
    kept: Run, conn: Connection[Any], database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is added while the chain is read is not half seen."""
    real = store.iter_chain

    def reading(own: Connection[Any]) -> Any:
        yield from real(own)
        conn.execute(
            "INSERT INTO audit_entries (organisation_id, no, at, actor_kind, actor_name, action,"
            " object_kind, object_key, previous_digest, digest)"
            " SELECT id, 0, now(), 'system', 'x', 'a.b', 'c', 'd', '', '' FROM organisations"
        )
        conn.commit()

    monkeypatch.setattr(store, "iter_chain", reading)
    result = kept("audit", "verify")
    assert (result.exit_code, result.stdout) == (0, "whole  1 chains, 5 entries\n")
