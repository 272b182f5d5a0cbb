"""Contracts over HTTP, as the role of the application: from the text to the signed edition."""

from pathlib import Path
from typing import Any, Final

import pytest
from fastapi.testclient import TestClient

from api import housekeeping
from fleet.documents.model import key_of_bytes
from tests.api.served import Served, code_of, post
from tests.api.test_lease_routes import line, new_customer, terms
from tests.fixtures.sample_files import EXE, PDF
from tests.fleet.contracts.conftest import text_of

LEASES: Final = "/api/v1/leases"
CONTRACTS: Final = "/api/v1/contracts"
TEXTS: Final = "/api/v1/contract-templates"
MESSAGE: Final = {"party": "王龘", "channel": "message"}


@pytest.fixture
def owner(api: Served) -> TestClient:
    """Of alpha, who has just given their password again; its sample texts are published."""
    owner = api.person("alpha.owner", step_up=True)
    answer = post(owner, f"{TEXTS}/samples", None, api.unused("samples-"))
    assert answer.status_code == 201, answer.text
    return owner


@pytest.fixture
def sales(api: Served) -> TestClient:
    """Sales of alpha-depot."""
    return api.person("alpha-depot.sales")


@pytest.fixture
def lease_no(api: Served, owner: TestClient, sales: TestClient) -> str:
    """That of a draft of the depot."""
    body = {"customer_no": new_customer(api, sales), "terms": terms(line(), line(2))}
    made = post(sales, LEASES, body, api.unused("lease-"))
    assert made.status_code == 201, made.text
    told: str = made.json()["lease_no"]
    return told


def made(api: Served, client: TestClient, lease_no: str, **given: Any) -> dict[str, Any]:
    answer = post(client, f"{LEASES}/{lease_no}/contracts", given, api.unused("contract-"))
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    assert answer.headers["location"] == f"{LEASES}/{lease_no}/contracts/{told['edition']}"
    return told


def act(api: Served, client: TestClient, told: dict[str, Any], name: str, body: Any) -> Any:
    path = f"{LEASES}/{told['lease_no']}/contracts/{told['edition']}/{name}"
    return post(client, path, body, api.unused("act-"))


def test_from_the_text_to_the_signed_edition(api: Served, sales: TestClient, lease_no: str) -> None:
    contract = made(api, sales, lease_no, signed_in="深圳市", lessor_credit_code="91440300X")
    assert contract["contract_no"] == f"{lease_no}/1"
    assert (contract["template"], contract["state"], contract["method"]) == (
        *("long-rent", "made"),
        None,
    )
    sent = act(api, sales, contract, "send", MESSAGE | {"channel": "email"})
    assert (sent.status_code, sent.json()["state"]) == (200, "sent")
    early = act(api, sales, contract, "sign", None)
    assert (early.status_code, code_of(early)) == (409, "contract_not_acknowledged")
    assert act(api, sales, contract, "received", MESSAGE).status_code == 200
    assert act(api, sales, contract, "prompt", MESSAGE).status_code == 200
    some = act(api, sales, contract, "acknowledge", MESSAGE | {"clauses": ["4"]})
    assert (some.status_code, code_of(some)) == (422, "contract_clauses_differ")
    all_of_them = MESSAGE | {"clauses": contract["highlighted"]}
    done = act(api, sales, contract, "acknowledge", all_of_them)
    assert (done.status_code, done.json()["acknowledged"]) == (200, True)
    signed = act(api, sales, contract, "sign", None)
    assert signed.status_code == 201, signed.text
    told = signed.json()
    assert signed.headers["location"] == f"{LEASES}/{lease_no}/contracts/2"
    assert (told["edition"], told["after"], told["method"], told["reliable"]) == (
        *(2, f"{lease_no}/1", "local_stand_in"),
        False,
    )
    assert [one["clock"] for one in told["signatories"]] == ["installation", "installation"]
    content = sales.get(f"{LEASES}/{lease_no}/contracts/2/content")
    assert content.headers["content-type"] == "application/pdf"
    assert content.headers["content-disposition"].startswith("attachment;")
    assert "非可靠电子签名" in text_of(content.content)
    first = sales.get(f"{LEASES}/{lease_no}/contracts/1").json()
    assert [one["kind"] for one in first["events"]] == [
        *("made", "sent", "received", "prompted", "acknowledged"),
    ]
    assert (first["state"], first["consent_version"]) == ("signed", "long-rent/1")


def test_a_paper_that_was_signed_is_brought(api: Served, sales: TestClient, lease_no: str) -> None:
    contract = made(api, sales, lease_no)

    def bring(content: bytes, **given: Any) -> Any:
        about = {"name": "签.pdf", "signed_at": contract["created_at"]} | given
        return sales.post(
            f"{LEASES}/{lease_no}/contracts/upload",
            params=about,
            content=content,
            headers={
                "Content-Type": "application/octet-stream",
                "Idempotency-Key": api.unused("up-"),
            },
        )

    wrong = bring(EXE)
    assert (wrong.status_code, code_of(wrong)) == (422, "document_type_refused")
    ahead = bring(PDF, signed_at="2099-01-01T00:00:00Z")
    assert (ahead.status_code, code_of(ahead)) == (422, "contract_time_ahead")
    brought = bring(PDF, of_edition=1, acknowledged=True)
    assert brought.status_code == 201, brought.text
    assert (brought.json()["method"], brought.json()["acknowledged"]) == ("paper", True)
    again = bring(PDF, of_edition=1)
    assert (again.status_code, code_of(again)) == (409, "contract_parent_not_open")
    content = sales.get(f"{LEASES}/{lease_no}/contracts/2/content")
    assert content.content == PDF


def test_a_changed_byte_is_told_and_not_given_out(
    api: Served, sales: TestClient, lease_no: str
) -> None:
    contract = made(api, sales, lease_no)
    other = made(api, sales, lease_no)
    assert act(api, sales, contract, "verify", None).json()["whole"] is True
    [(tenant_id,)] = api.as_owner("SELECT tenant_id FROM leases WHERE lease_no = %s", lease_no)
    assert api.app.state.guanche.files.folder is not None
    path = Path(
        api.app.state.guanche.files.folder,
        key_of_bytes(tenant_id, bytes.fromhex(contract["sha256"])),
    )
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    done = act(api, sales, contract, "verify", None)
    assert done.status_code == 200
    assert (done.json()["whole"], list(done.json()["faults"])) == (False, ["files"])
    told = sales.get(f"{LEASES}/{lease_no}/contracts/1").json()
    assert told["fault"].startswith("files: changed: its SHA-256 is ")
    assert told["verified_at"] is not None
    assert told["events"][-1]["kind"] == "changed"
    assert act(api, sales, other, "verify", None).json()["whole"] is True
    listed = sales.get(CONTRACTS, params={"faulty": True, "lease": lease_no}).json()["items"]
    assert [one["contract_no"] for one in listed] == [contract["contract_no"]]
    path.write_bytes(content)
    assert act(api, sales, contract, "verify", None).json()["whole"] is True


def test_the_list_is_walked_and_filtered(api: Served, sales: TestClient, lease_no: str) -> None:
    numbers = [made(api, sales, lease_no)["contract_no"] for _ in range(5)]
    voided = act(api, sales, {"lease_no": lease_no, "edition": 2}, "void", {"reason": "写错"})
    assert (voided.status_code, voided.json()["state"]) == (200, "void")
    walked: list[str] = []
    after: dict[str, Any] = {}
    while True:
        page = sales.get(CONTRACTS, params={"lease": lease_no, "limit": 2, **after}).json()
        walked += [one["contract_no"] for one in page["items"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert walked == numbers[::-1]
    void = sales.get(CONTRACTS, params={"lease": lease_no, "state": "void"}).json()["items"]
    assert [one["contract_no"] for one in void] == [numbers[1]]
    table = sales.get(f"{CONTRACTS}/export", params={"lease": lease_no, "form": "csv"})
    assert table.status_code == 200
    assert numbers[0] in table.content.decode("utf-8-sig")


class TestTexts:
    """Texts of contracts."""

    def test_the_head_publishes_and_all_of_the_tenant_read(
        self, api: Served, owner: TestClient, sales: TestClient
    ) -> None:
        shown = sales.get(f"{TEXTS}/long-rent").json()
        assert shown["title"] == "新能源物流车租赁合同"
        assert len(shown["clauses"]) == 21
        code = api.unused("text-")
        body = {
            "code": code,
            "lease_kind": "long",
            "title": "自用文本",
            "clauses": shown["clauses"],
        }
        published = post(owner, TEXTS, body, api.unused("text-key-"))
        assert (published.status_code, published.json()["edition"]) == (201, 1)
        assert published.headers["location"] == f"{TEXTS}/{code}"
        assert code in [one["code"] for one in sales.get(TEXTS).json()["items"]]
        theirs = post(sales, TEXTS, body, api.unused("text-key-"))
        assert (theirs.status_code, code_of(theirs)) == (403, "permission_missing")
        manager = api.person("alpha-depot.manager", step_up=True)
        below = post(manager, TEXTS, body, api.unused("text-key-"))
        assert (below.status_code, code_of(below)) == (409, "contract_template_not_yours")
        stranger = api.person("omega.owner")
        assert code_of(stranger.get(f"{TEXTS}/{code}")) == "contract_template_not_found"

    def test_what_a_text_lacks_is_told(self, api: Served, owner: TestClient) -> None:
        clauses = owner.get(f"{TEXTS}/long-rent").json()["clauses"]
        hidden = [one | {"highlighted": False} if one["no"] == "4" else one for one in clauses]
        unknown = [one | {"heading": "{nothing}"} if one["no"] == "1" else one for one in clauses]
        for given, status, code, facts in (
            (hidden, 409, "contract_clause_not_highlighted", {"no": "4", "concerns": "deposit"}),
            (unknown, 422, "contract_placeholder_unknown", {"no": "1", "placeholder": "nothing"}),
            (clauses[1:], 422, "contract_template_malformed", {}),
        ):
            body = {"code": "refused", "lease_kind": "long", "title": "文", "clauses": given}
            answer = post(owner, TEXTS, body, api.unused("text-key-"))
            assert (answer.status_code, code_of(answer)) == (status, code)
            told = answer.json().get("facts") or {}
            assert {name: told[name] for name in facts} == facts

    def test_a_text_is_shown_with_a_lease(
        self, api: Served, sales: TestClient, lease_no: str
    ) -> None:
        shown = sales.get(f"{TEXTS}/long-rent/preview", params={"lease_no": lease_no})
        assert shown.headers["content-type"] == "application/pdf"
        assert f"{lease_no}（预览，未编号）" in text_of(shown.content)
        wrong = sales.get(f"{TEXTS}/short-rent/preview", params={"lease_no": lease_no})
        assert code_of(wrong) == "contract_template_unknown"
        for login in ("alpha-north.sales", "omega.owner"):
            stranger = api.person(login)
            out = stranger.get(f"{TEXTS}/long-rent/preview", params={"lease_no": lease_no})
            assert (out.status_code, code_of(out)) == (404, "lease_not_found")
        assert sales.get(CONTRACTS, params={"lease": lease_no}).json()["items"] == []


def test_who_may_what(api: Served, lease_no: str) -> None:
    viewer = api.person("alpha-depot.viewer")
    auditor = api.person("alpha-depot.auditor")
    north = api.person("alpha-north.sales")
    body: dict[str, Any] = {}
    for client, status, code in (
        (viewer, 403, "permission_missing"),
        (auditor, 403, "permission_missing"),
        (north, 404, "lease_not_found"),
    ):
        answer = post(client, f"{LEASES}/{lease_no}/contracts", body, api.unused("who-"))
        assert (answer.status_code, code_of(answer)) == (status, code)
    assert auditor.get(CONTRACTS).status_code == 200
    assert code_of(viewer.get(CONTRACTS)) == "permission_missing"
    gone = north.get(f"{LEASES}/{lease_no}/contracts/1/content")
    assert (gone.status_code, code_of(gone)) == (404, "contract_not_found")


def test_the_process_reads_what_is_due_and_counts_what_it_found(
    api: Served, sales: TestClient, lease_no: str
) -> None:
    contract = made(api, sales, lease_no)
    state = api.app.state.guanche
    api.as_owner("UPDATE contracts SET verify_next_at = now() + interval '1 day'")
    api.as_owner(
        "UPDATE contracts SET verify_next_at = now() WHERE contract_no = %s",
        contract["contract_no"],
    )

    def counted() -> float:
        for metric in state.metrics.contracts_verified.collect():
            for sample in metric.samples:
                if sample.labels == {"found": "whole"} and sample.name.endswith("_total"):
                    return float(sample.value)
        return 0.0

    before = counted()
    housekeeping.verify_contracts(state)
    assert counted() == before + 1
    told = sales.get(f"{LEASES}/{lease_no}/contracts/1").json()
    assert told["verified_at"] is not None
    assert told["events"][-1]["by"] == "guanche"
