"""Texts are published by the head, edition by edition, and only whole ones."""

from dataclasses import replace
from typing import Any

import pytest
from psycopg import Connection

from fleet.contracts.defaults import DEFAULT_CODES, DEFAULT_TEMPLATES
from fleet.contracts.errors import (
    ClauseNotHighlighted,
    ConcernMissing,
    PlaceholderUnknown,
    TemplateMalformed,
    TemplateNotFound,
    TemplateNotYours,
)
from fleet.contracts.model import CONCERNS, Clause, TemplateDraft
from fleet.contracts.service import (
    get_template,
    list_templates,
    publish_samples,
    publish_template,
)
from fleet.contracts.template_rules import HIGHLIGHTED, check_draft
from fleet.leasing.terms import CLAUSE_CONCERNS
from fleet.orgs.service import get_organisation
from schemas.access import SYSTEM, Actor
from tests.fleet.conftest import NOW, person, refused

Conn = Connection[Any]
LONG = DEFAULT_TEMPLATES[1]


def changed(which: str, **given: Any) -> TemplateDraft:
    """The sample of a long lease with one clause changed."""
    clauses = [replace(one, **given) if one.no == which else one for one in LONG.clauses]
    return replace(LONG, clauses=clauses)


@pytest.mark.parametrize("draft", DEFAULT_TEMPLATES, ids=lambda draft: draft.code)
def test_a_sample_may_be_published(draft: TemplateDraft) -> None:
    check_draft(draft)
    highlighted = {one.concerns for one in draft.clauses if one.highlighted}
    assert highlighted == HIGHLIGHTED | {"termination"}
    assert DEFAULT_CODES[draft.lease_kind] == draft.code
    told = "".join(text for one in draft.clauses for text in one.paragraphs)
    for words in ("押金", "不是定金", "禁止车辆再次启动", "车速为零", "单独同意", "第五百六十五条"):
        assert words.replace("不是定金", "不是定金") in told.replace("，不是定金", "不是定金"), (
            words
        )


def test_concerns_are_those_of_the_terms_of_leases() -> None:
    assert CONCERNS == CLAUSE_CONCERNS


@pytest.mark.parametrize(
    ("draft", "fact", "facts"),
    [
        pytest.param(
            changed("12", paragraphs=("每日{late_fee_a_day}",)),
            PlaceholderUnknown,
            {"no": "12", "placeholder": "late_fee_a_day"},
            id="a name nobody knows",
        ),
        pytest.param(
            changed("3", heading="租金{"), TemplateMalformed, {"no": "3"}, id="a loose brace"
        ),
        pytest.param(
            changed("3", paragraphs=()), TemplateMalformed, {"no": "3"}, id="says nothing"
        ),
        pytest.param(changed("3", no="30"), TemplateMalformed, {}, id="a gap"),
        pytest.param(replace(LONG, clauses=()), TemplateMalformed, {}, id="empty"),
        pytest.param(
            changed("8", concerns=None),
            ConcernMissing,
            {"missing": ["sub_letting"]},
            id="nothing on sub-letting",
        ),
        *(
            pytest.param(
                changed(one.no, highlighted=False),
                ClauseNotHighlighted,
                {"no": one.no, "concerns": one.concerns},
                id=f"{one.concerns} is hidden",
            )
            for one in LONG.clauses
            if one.concerns in HIGHLIGHTED
        ),
    ],
)
def test_a_text_that_lacks_something_is_refused(
    draft: TemplateDraft, fact: type[Exception], facts: dict[str, Any]
) -> None:
    with pytest.raises(fact) as raised:
        check_draft(draft)
    told = raised.value.facts  # type: ignore[attr-defined]
    assert {name: told[name] for name in facts} == facts


def test_editions_follow_one_another(fleet: Conn) -> None:
    first = publish_template(fleet, SYSTEM, draft=LONG, head_code="head", now=NOW)
    second = publish_template(
        fleet, SYSTEM, draft=changed("2", heading="租期"), head_code="head", now=NOW
    )
    assert (first.edition, second.edition) == (1, 2)
    assert first.sha256 != second.sha256
    assert [one.edition for one in get_template(fleet, SYSTEM, code="long-rent")] == [2, 1]
    assert [one.edition for one in list_templates(fleet, SYSTEM)] == [2]
    kept = get_template(fleet, SYSTEM, code="long-rent")[1]
    assert tuple(kept.clauses) == tuple(
        Clause(one.no, one.heading, list(one.paragraphs), one.highlighted, one.concerns)
        for one in LONG.clauses
    )


def test_samples_are_published_once(fleet: Conn) -> None:
    published = publish_samples(fleet, SYSTEM, head_code="head", now=NOW)
    assert [one.code for one in published] == ["short-rent", "long-rent", "lease-to-own"]
    assert publish_samples(fleet, SYSTEM, head_code="head", now=NOW) == []
    listed = [one.code for one in list_templates(fleet, SYSTEM, lease_kind="short")]
    assert listed == ["short-rent"]
    first = list_templates(fleet, SYSTEM, limit=2)
    rest = list_templates(fleet, SYSTEM, after=first[-1].code)
    assert [one.code for one in [*first, *rest]] == ["lease-to-own", "long-rent", "short-rent"]


def test_only_the_head_publishes(fleet: Conn) -> None:
    def of(code: str) -> Actor:
        return person(get_organisation(fleet, SYSTEM, code=code))

    with refused(fleet, TemplateNotYours):
        publish_template(fleet, of("east"), draft=LONG, now=NOW)
    with refused(fleet, TemplateNotYours):
        publish_samples(fleet, of("east"), now=NOW)
    assert publish_template(fleet, of("head"), draft=LONG, now=NOW).published_by == "lin"
    with refused(fleet, TemplateNotFound):
        get_template(fleet, SYSTEM, code="nothing")


def test_a_lease_to_own_does_not_take_back_what_was_paid_for() -> None:
    [text] = [each for each in DEFAULT_TEMPLATES if each.lease_kind == "lease_to_own"]
    said = {each.concerns: "".join(each.paragraphs) for each in text.clauses if each.concerns}
    assert "租期届满或者合同解除后" not in said["repossession"]
    assert "车辆归乙方所有，甲方不得收回" in said["repossession"]
    assert "租期届满、合同解除后拒不归还" not in said["lock"]
    assert "合同解除后拒不归还车辆" in said["lock"]
    assert "车辆所有权转移给乙方，或者合同终止且车辆归还" in said["deposit"]
