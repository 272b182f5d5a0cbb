"""The tree of organisations, on a real database."""

from typing import Any

import pytest
from psycopg import Connection

from fleet.orgs.errors import (
    OrganisationBelowItself,
    OrganisationCodeMalformed,
    OrganisationCodeTaken,
    OrganisationKeepsTenant,
    OrganisationNameEmpty,
    OrganisationNotFound,
    OrganisationNotMovedByItself,
    TimeZoneUnknown,
)
from fleet.orgs.model import Organisation
from fleet.orgs.service import (
    change_organisation,
    create_organisation,
    find_organisation,
    get_organisation,
    list_organisations,
    list_subtree,
    move_organisation,
)
from kit.db import act_for
from kit.errors import DomainError, VersionChanged
from schemas.access import SYSTEM

from .conftest import NOW, person, refused


@pytest.fixture
def tree(conn: Connection[Any]) -> Connection[Any]:
    """head > east > (shanghai > depot, hangzhou); head > west. And another tenant: other > far."""
    for code, parent in [
        ("head", None),
        ("east", "head"),
        ("west", "head"),
        ("shanghai", "east"),
        ("hangzhou", "east"),
        ("depot", "shanghai"),
        ("other", None),
        ("far", "other"),
    ]:
        create_organisation(conn, SYSTEM, code=code, name=code.title(), parent_code=parent, now=NOW)
    return conn


@pytest.fixture
def east(tree: Connection[Any], app_conn: Connection[Any]) -> Connection[Any]:
    """The tree as the API sees it for a person of east."""
    tree.commit()
    act_for(app_conn, [get(tree, "east").id])
    return app_conn


def get(conn: Connection[Any], code: str) -> Organisation:
    return get_organisation(conn, SYSTEM, code=code)


def codes_below(conn: Connection[Any], code: str) -> list[tuple[str, int]]:
    return [(member.code, member.depth) for member in list_subtree(conn, SYSTEM, code=code)]


def test_what_is_created_is_found(conn: Connection[Any]) -> None:
    root = create_organisation(conn, SYSTEM, code="head", name="总部", now=NOW)
    child = create_organisation(
        conn,
        SYSTEM,
        code="urumqi",
        name="乌鲁木齐",
        parent_code="head",
        time_zone="Asia/Urumqi",
        now=NOW,
    )
    assert root == Organisation(root.id, "head", "总部", None, "Asia/Shanghai", root.id, 1)
    assert child == Organisation(child.id, "urumqi", "乌鲁木齐", "head", "Asia/Urumqi", root.id, 1)
    assert get(conn, "head") == root
    assert find_organisation(conn, SYSTEM, code="urumqi") == child
    assert find_organisation(conn, SYSTEM, code="nobody") is None


@pytest.mark.parametrize(
    ("changes", "fact"),
    [
        pytest.param({"code": "head"}, OrganisationCodeTaken, id="code taken"),
        pytest.param({"code": "He ad"}, OrganisationCodeMalformed, id="code with a space"),
        pytest.param({"code": "-a"}, OrganisationCodeMalformed, id="code with hyphen first"),
        pytest.param({"code": "a" * 64}, OrganisationCodeMalformed, id="code too long"),
        pytest.param({"name": ""}, OrganisationNameEmpty, id="no name"),
        pytest.param({"time_zone": "Asia/Nowhere"}, TimeZoneUnknown, id="no such zone"),
        pytest.param({"time_zone": "+08:00"}, TimeZoneUnknown, id="an offset is no zone"),
        pytest.param({"parent_code": "nobody"}, OrganisationNotFound, id="no such parent"),
    ],
)
def test_an_unusable_organisation_is_refused(
    tree: Connection[Any], changes: dict[str, str], fact: type[DomainError]
) -> None:
    with refused(tree, fact):
        create_organisation(tree, SYSTEM, **({"code": "new", "name": "新"} | changes), now=NOW)


def test_organisations_are_listed_by_code_in_pages(tree: Connection[Any]) -> None:
    first = list_organisations(tree, SYSTEM, limit=3)
    assert [one.code for one in first] == ["depot", "east", "far"]
    second = list_organisations(tree, SYSTEM, after="far", limit=3)
    assert [one.code for one in second] == ["hangzhou", "head", "other"]
    assert second[0] == get(tree, "hangzhou")
    assert list_organisations(tree, SYSTEM, after="west") == []


def test_a_subtree_is_listed_nearest_first(tree: Connection[Any]) -> None:
    assert codes_below(tree, "east") == [
        ("east", 0),
        ("hangzhou", 1),
        ("shanghai", 1),
        ("depot", 2),
    ]
    assert codes_below(tree, "depot") == [("depot", 0)]
    with refused(tree, OrganisationNotFound):
        list_subtree(tree, SYSTEM, code="nobody")


def test_a_change_touches_what_is_given(tree: Connection[Any]) -> None:
    was = get(tree, "depot")
    renamed = change_organisation(tree, SYSTEM, code="depot", version=1, name="浦东车场", now=NOW)
    assert renamed == Organisation(
        was.id, "depot", "浦东车场", "shanghai", "Asia/Shanghai", was.tenant_id, 2
    )
    change_organisation(tree, SYSTEM, code="depot", version=2, time_zone="Asia/Urumqi", now=NOW)
    assert get(tree, "depot") == Organisation(
        was.id, "depot", "浦东车场", "shanghai", "Asia/Urumqi", was.tenant_id, 3
    )
    assert get(tree, "shanghai").name == "Shanghai"


def test_a_change_of_what_has_changed_is_refused(tree: Connection[Any]) -> None:
    change_organisation(tree, SYSTEM, code="depot", version=1, name="浦东车场", now=NOW)
    with refused(tree, VersionChanged):
        change_organisation(tree, SYSTEM, code="depot", version=1, name="浦西车场", now=NOW)
    assert (get(tree, "depot").name, get(tree, "depot").version) == ("浦东车场", 2)


def test_a_move_is_a_change(tree: Connection[Any]) -> None:
    assert move_organisation(tree, SYSTEM, code="depot", parent_code="west", now=NOW).version == 2
    with refused(tree, VersionChanged):
        change_organisation(tree, SYSTEM, code="depot", version=1, name="浦西车场", now=NOW)


@pytest.mark.parametrize(
    ("changes", "fact"),
    [
        pytest.param({"code": "nobody"}, OrganisationNotFound, id="no such organisation"),
        pytest.param({"name": ""}, OrganisationNameEmpty, id="no name"),
        pytest.param({"time_zone": "Asia/Nowhere"}, TimeZoneUnknown, id="no such zone"),
    ],
)
def test_an_unusable_change_is_refused(
    tree: Connection[Any], changes: dict[str, Any], fact: type[DomainError]
) -> None:
    with refused(tree, fact):
        change_organisation(tree, SYSTEM, **{"code": "depot", "version": 1, **changes}, now=NOW)
    assert get(tree, "depot").version == 1


def test_a_move_takes_all_below_along(tree: Connection[Any]) -> None:
    moved = move_organisation(tree, SYSTEM, code="shanghai", parent_code="west", now=NOW)
    assert moved.parent_code == "west"
    assert codes_below(tree, "west") == [("west", 0), ("shanghai", 1), ("depot", 2)]
    assert codes_below(tree, "east") == [("east", 0), ("hangzhou", 1)]


@pytest.mark.parametrize("parent_code", ["east", "shanghai", "depot"])
def test_nobody_stands_below_itself(tree: Connection[Any], parent_code: str) -> None:
    with refused(tree, OrganisationBelowItself):
        move_organisation(tree, SYSTEM, code="east", parent_code=parent_code, now=NOW)
    assert get(tree, "east").parent_code == "head"


@pytest.mark.parametrize(("code", "parent_code"), [("nobody", "head"), ("east", "nobody")])
def test_an_unknown_organisation_does_not_move(
    tree: Connection[Any], code: str, parent_code: str
) -> None:
    with refused(tree, OrganisationNotFound):
        move_organisation(tree, SYSTEM, code=code, parent_code=parent_code, now=NOW)


@pytest.mark.parametrize(
    ("code", "parent_code"),
    [
        pytest.param("depot", "other", id="a leaf below another root"),
        pytest.param("east", "far", id="a branch into another tenant"),
        pytest.param("head", "far", id="a whole tenant into another"),
    ],
)
def test_nothing_leaves_its_tenant(tree: Connection[Any], code: str, parent_code: str) -> None:
    was = get(tree, code)
    with refused(tree, OrganisationKeepsTenant):
        move_organisation(tree, SYSTEM, code=code, parent_code=parent_code, now=NOW)
    assert get(tree, code) == was


def test_only_the_system_makes_a_tenant(tree: Connection[Any]) -> None:
    owner = person(get(tree, "head"))
    with refused(tree, OrganisationKeepsTenant):
        create_organisation(tree, owner, code="new", name="新", now=NOW)
    made = create_organisation(tree, owner, code="new", name="新", parent_code="west", now=NOW)
    assert (made.parent_code, made.tenant_id) == ("west", get(tree, "head").id)


def test_a_member_builds_and_moves_what_stands_below(
    tree: Connection[Any], east: Connection[Any]
) -> None:
    owner = person(get(tree, "east"))
    made = create_organisation(east, owner, code="new", name="新", parent_code="east", now=NOW)
    moved = move_organisation(east, owner, code="new", parent_code="hangzhou", now=NOW)
    assert moved == Organisation(
        made.id, "new", "新", "hangzhou", "Asia/Shanghai", made.tenant_id, 2
    )
    changed = change_organisation(east, owner, code="depot", version=1, name="车场", now=NOW)
    assert (changed.name, changed.version) == ("车场", 2)


def test_a_member_does_not_move_its_own_organisation(
    tree: Connection[Any], east: Connection[Any]
) -> None:
    owner = person(get(tree, "east"))
    below = create_organisation(east, owner, code="new", name="新", parent_code="east", now=NOW)
    with refused(east, OrganisationBelowItself):
        move_organisation(east, owner, code="east", parent_code=below.code, now=NOW)
    east.commit()
    act_for(east, [get(tree, "east").id, get(tree, "west").id])
    with refused(east, OrganisationNotMovedByItself):
        move_organisation(east, owner, code="east", parent_code="west", now=NOW)


@pytest.mark.parametrize("code", ["head", "west", "other", "far"])
def test_what_is_out_of_sight_is_not_found(
    tree: Connection[Any], east: Connection[Any], code: str
) -> None:
    owner = person(get(tree, "east"))
    with refused(east, OrganisationNotFound):
        get_organisation(east, owner, code=code)
    with refused(east, OrganisationNotFound):
        change_organisation(east, owner, code=code, version=1, name="新", now=NOW)
    with refused(east, OrganisationNotFound):
        move_organisation(east, owner, code="depot", parent_code=code, now=NOW)
    with refused(east, OrganisationCodeTaken):
        create_organisation(east, owner, code=code, name="新", parent_code="east", now=NOW)
    assert [one.code for one in list_organisations(east, owner)] == [
        "depot",
        "east",
        "hangzhou",
        "shanghai",
    ]
    assert get_organisation(east, owner, code="east").parent_code is None
