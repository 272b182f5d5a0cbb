"""What every service of contracts keeps: its permission, and one entry in the trail a change."""

import inspect
from collections.abc import Callable
from dataclasses import replace
from types import ModuleType
from typing import Any, Final, NamedTuple

import pytest
from psycopg import Connection

from fleet.audit.service import list_entries, verify
from fleet.contracts import service as face
from fleet.contracts.defaults import DEFAULT_TEMPLATES
from fleet.contracts.service import ContractDetail, Vault
from fleet.orgs.service import get_organisation
from schemas.access import SYSTEM, Actor, PermissionMissing
from tests.fixtures.sample_files import PDF
from tests.fleet.conftest import person

from .conftest import KEY, LATER, STAND_IN, Make, acknowledged, place_of

Conn = Connection[Any]
AT: Final = {"now": LATER}
WHO: Final = {"party": "王龘", "channel": "message", **AT}
MAKE, READ, PUBLISH = "contract.make", "contract.read", "contract.publish"


class Asked(NamedTuple):
    """A service function, its verb, and a call that is allowed; `needs` what else it takes."""

    function: Callable[..., Any]
    verb: str
    facts: dict[str, Any]
    needs: frozenset[str] = frozenset()
    action: str = ""
    """Of a change: what the trail calls it."""


def asked(
    function: Callable[..., Any],
    verb: str,
    facts: dict[str, Any],
    needs: str = "",
    action: str = "",
) -> Asked:
    return Asked(function, verb, facts, frozenset(needs.split()), action)


ASKED: Final = [
    asked(
        face.publish_template,
        PUBLISH,
        {"draft": DEFAULT_TEMPLATES[0], "head_code": "head", **AT},
        action="contract_template.publish",
    ),
    asked(face.publish_samples, PUBLISH, {"head_code": "head", **AT}),
    asked(face.list_templates, READ, {}),
    asked(face.get_template, READ, {"code": "long-rent"}),
    asked(face.make_contract, MAKE, {"key": KEY, **AT}, "vault lease", MAKE),
    asked(face.preview_contract, READ, {"template": None, "key": KEY, **AT}, "lease"),
    asked(
        face.upload_signed,
        MAKE,
        {"content": PDF, "name": "a.pdf", "signed_at": LATER, "key": KEY, **AT},
        "vault lease",
        "contract.upload",
    ),
    asked(face.note_sent, MAKE, WHO, "edition", "contract.sent"),
    asked(face.note_received, MAKE, WHO, "edition", "contract.received"),
    asked(face.prompt, MAKE, WHO, "edition", "contract.prompt"),
    asked(face.acknowledge, MAKE, WHO, "edition clauses", "contract.acknowledge"),
    asked(face.sign_contract, MAKE, {"esign": STAND_IN, **AT}, "vault edition", "contract.sign"),
    asked(face.void_contract, MAKE, {"reason": "错", **AT}, "edition", "contract.void"),
    asked(face.verify_contract, READ, AT, "vault edition"),
    asked(face.get_contract, READ, AT, "edition"),
    asked(face.read_contract, READ, {}, "vault edition"),
    asked(face.list_contracts, READ, {"filters": {}}),
]
every_service = pytest.mark.parametrize("one", ASKED, ids=lambda one: one.function.__name__)
on_one_storage = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
WITHOUT_ACTOR: Final = {"list_of_lease": "of a lease that was read"}


@pytest.fixture
def made(desk: Conn, make: Make) -> ContractDetail:
    """A contract that may be signed."""
    return acknowledged(desk, make())


def ask(conn: Conn, actor: Actor, one: Asked, made: ContractDetail, vault: Vault) -> None:
    facts = dict(one.facts)
    if "vault" in one.needs:
        facts["vault"] = vault
    if "lease" in one.needs:
        facts["lease_no"] = made.contract.lease_no
    if "edition" in one.needs:
        facts |= place_of(made)
    if "clauses" in one.needs:
        facts["clauses"] = made.highlighted
    one.function(conn, actor, **facts)


def test_every_service_is_asked_here() -> None:
    module: ModuleType = face
    public = {
        name
        for name in module.__all__
        if inspect.isfunction(getattr(module, name)) and not name.startswith("_")
    }
    assert public - WITHOUT_ACTOR.keys() == {one.function.__name__ for one in ASKED}


@on_one_storage
@every_service
def test_who_lacks_the_verb_gets_nothing(
    desk: Conn, vault: Vault, made: ContractDetail, one: Asked
) -> None:
    owner = person(get_organisation(desk, SYSTEM, code="head"))
    lacking = replace(owner, permissions=owner.permissions - {one.verb})
    with pytest.raises(PermissionMissing) as raised, desk.transaction():
        ask(desk, lacking, one, made, vault)
    assert raised.value.facts == {"permission": one.verb}


@on_one_storage
@every_service
def test_a_change_is_written_down_once_and_reading_is_not(
    desk: Conn, vault: Vault, made: ContractDetail, one: Asked
) -> None:
    before = len(list_entries(desk, SYSTEM, {}, limit=1_000))
    ask(desk, SYSTEM, one, made, vault)
    entries = list_entries(desk, SYSTEM, {}, limit=1_000)
    assert len(entries) - before == (1 if one.action else 0)
    if one.action:
        assert (entries[0].action, entries[0].organisation_code) == (one.action, "head")
        assert "王龘" not in f"{entries[0].before} {entries[0].after}"
    assert verify(desk) == []
