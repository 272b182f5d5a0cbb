"""Checklists and their editions."""

from typing import Any

import pytest
from psycopg import Connection

from fleet.checklists import errors
from fleet.checklists.model import CHECKLIST_KINDS, Checklist, ChecklistDraft
from fleet.checklists.service import (
    DEFAULT_CHECKLISTS,
    edition_by_id,
    get_checklist,
    latest_for,
    list_checklists,
    publish_checklist,
)
from fleet.orgs.service import get_organisation
from schemas import addresses
from schemas.access import SYSTEM
from schemas.addresses import CodeReserved
from tests.fleet.conftest import NOW, person, refused

Conn = Connection[Any]
DRAFT = ChecklistDraft("brakes", "repair", "制动检查", (("制动片", True), ("试车", False)))


def published(conn: Conn, draft: ChecklistDraft = DRAFT) -> Checklist:
    return publish_checklist(conn, SYSTEM, draft=draft, head_code="head", now=NOW)


def test_steps_are_numbered_as_they_come(fleet: Conn) -> None:
    told = published(fleet)
    assert (told.code, told.edition, told.kind, told.title) == ("brakes", 1, "repair", "制动检查")
    assert [(step.no, step.text, step.photo) for step in told.steps] == [
        (1, "制动片", True),
        (2, "试车", False),
    ]


def test_an_edition_stays_when_another_is_published(fleet: Conn) -> None:
    first = published(fleet)
    second = published(fleet, ChecklistDraft("brakes", "repair", "制动", (("试车", False),)))
    assert (second.edition, edition_by_id(fleet, first.id)) == (2, first)
    assert get_checklist(fleet, SYSTEM, code="brakes") == [second, first]
    assert list_checklists(fleet, SYSTEM) == [second]
    head = get_organisation(fleet, SYSTEM, code="head")
    latest = latest_for(fleet, tenant_id=head.id, code="brakes", kind="repair")
    assert latest == second


def test_there_is_one_to_begin_with_for_every_kind(fleet: Conn) -> None:
    for draft in DEFAULT_CHECKLISTS:
        published(fleet, draft)
    listed = list_checklists(fleet, SYSTEM)
    assert [one.code for one in listed] == sorted(draft.code for draft in DEFAULT_CHECKLISTS)
    assert {one.kind for one in listed} == set(CHECKLIST_KINDS)
    assert all(len(one.steps) >= 4 for one in listed)
    assert [one.code for one in list_checklists(fleet, SYSTEM, kind="idle_care")] == ["idle-care"]
    assert [one.code for one in list_checklists(fleet, SYSTEM, after="idle-care", limit=1)] == [
        "maintenance"
    ]


def test_one_whose_code_has_become_a_word_of_an_address_goes_on(
    fleet: Conn, monkeypatch: pytest.MonkeyPatch
) -> None:
    exported = ChecklistDraft("export", "repair", "出口检查", (("试车", False),))
    with refused(fleet, CodeReserved):
        published(fleet, exported)
    with monkeypatch.context() as before:
        before.setattr(addresses, "RESERVED", frozenset())
        published(fleet, exported)
    assert published(fleet, exported).edition == 2


def test_the_head_alone_publishes(fleet: Conn) -> None:
    east = person(get_organisation(fleet, SYSTEM, code="east"))
    with refused(fleet, errors.ChecklistNotYours):
        publish_checklist(fleet, east, draft=DRAFT, now=NOW)
    head = person(get_organisation(fleet, SYSTEM, code="head"))
    assert publish_checklist(fleet, head, draft=DRAFT, now=NOW).edition == 1


def test_what_is_not_there_is_not_found(fleet: Conn) -> None:
    published(fleet)
    head = get_organisation(fleet, SYSTEM, code="head")
    with refused(fleet, errors.ChecklistNotFound):
        get_checklist(fleet, SYSTEM, code="nowhere")
    with refused(fleet, errors.ChecklistUnknown):
        latest_for(fleet, tenant_id=head.id, code="brakes", kind="accident")
    with refused(fleet, errors.ChecklistUnknown):
        latest_for(fleet, tenant_id=head.id + 1, code="brakes", kind="repair")


@pytest.mark.parametrize("code", ["Brakes", "", "-brakes", "brakes 1"])
def test_a_code_is_small_letters_digits_and_hyphens(fleet: Conn, code: str) -> None:
    with refused(fleet, errors.ChecklistCodeMalformed):
        published(fleet, ChecklistDraft(code, "repair", "x", (("y", False),)))
