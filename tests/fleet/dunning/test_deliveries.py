"""What was sent, refused, lost and arrived of a notice, with its proof."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from psycopg import Connection

from fleet.audit import service as audit
from fleet.documents.errors import DocumentNotFound
from fleet.dunning import errors
from fleet.dunning.service import (
    add_proof,
    record_delivery,
    withdraw_notice,
)
from kit.errors import VersionChanged
from kit.files import FileStore
from schemas.access import SYSTEM
from tests.fixtures.sample_files import JPEG
from tests.fleet.conftest import refused
from tests.fleet.dunning.conftest import (
    DUE,
    arrive,
    at,
    issued,
    lender,
    listed,
    number_of,
    office,
    run,
    running,
)

Conn = Connection[Any]
pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
__all__ = ["lender", "office"]


def test_arrival_sets_the_time_running(lender: Conn) -> None:
    """民法典 §565 and §201: from the arrival, whose day is not counted."""
    issued(lender, running(lender))
    run(lender, 7)
    sent = record_delivery(
        lender,
        SYSTEM,
        notice_no=number_of(lender, "demand_7"),
        channel="wechat",
        result="sent",
        now=at(7, 10),
    )
    assert (sent.listed.notice.state, sent.listed.notice.deadline_on) == ("sent", None)
    assert sent.listed.limitation_on == date(2029, 4, 1)
    after = arrive(lender, "demand_7", 9, arrived_at=at(9, 23), now=at(10, 1))
    notice = after.listed.notice
    assert (notice.state, notice.arrived_at) == ("arrived", at(9, 23))
    assert notice.deadline_on == DUE + timedelta(days=16)
    assert after.listed.limitation_on == date(2029, 4, 10)
    assert [(each.channel, each.result, each.proof) for each in after.deliveries] == [
        ("wechat", "sent", None),
        ("post", "arrived", "EMS 1234567890123"),
    ]
    later = arrive(lender, "demand_7", 12, channel="by_hand", proof="前台签收")
    assert (later.listed.notice.deadline_on, len(later.deliveries)) == (notice.deadline_on, 3)
    [*_, entry] = audit.list_entries(lender, SYSTEM, {"action": "dunning.deliver"})
    assert entry.after == {
        "channel": "wechat",
        "result": "sent",
        "sent_at": at(7, 10).isoformat(),
        "arrived_at": None,
    }


@pytest.mark.parametrize(
    ("arrived", "deadline_on"),
    [
        pytest.param(23, date(2026, 5, 6), id="1 May, and rest to the 5th"),
        pytest.param(30, date(2026, 5, 8), id="a Friday"),
        pytest.param(31, date(2026, 5, 9), id="a Saturday that is worked"),
        pytest.param(32, date(2026, 5, 11), id="a Sunday"),
    ],
)
def test_a_time_that_ends_on_a_day_of_rest_ends_on_the_day_after(
    lender: Conn, arrived: int, deadline_on: date
) -> None:
    """民法典 §203: the seventh day after the arrival, or the first after a rest."""
    issued(lender, running(lender))
    run(lender, 7)
    after = arrive(lender, "demand_7", arrived)
    assert after.listed.notice.deadline_on == deadline_on


def test_a_failed_attempt_changes_nothing_but_is_kept(lender: Conn) -> None:
    issued(lender, running(lender))
    run(lender, 7)
    after = arrive(lender, "demand_7", 8, result="failed", arrived_at=None, note="查无此人")
    assert (after.listed.notice.state, len(after.deliveries)) == ("made", 1)
    refused_there = arrive(lender, "demand_7", 9, result="refused", arrived_at=None)
    assert refused_there.listed.notice.state == "sent"


@pytest.mark.parametrize(
    ("given", "fact"),
    [
        ({"notice_no": "D2604-AAAAAA"}, errors.NoticeNotFound),
        ({"sent_at": at(6)}, errors.DeliveryTimesWrong),
        ({"sent_at": at(8, 12)}, errors.DeliveryTimesWrong),
        ({"arrived_at": at(8, 13)}, errors.DeliveryTimesWrong),
        ({"arrived_at": None}, errors.DeliveryArrivalMissing),
        ({"result": "sent"}, errors.DeliveryArrivalMissing),
        ({"proof": None}, errors.DeliveryProofMissing),
        ({"document_key": UUID(int=0)}, DocumentNotFound),
    ],
    ids=[
        "no such",
        "before it was made",
        "arrived before it was sent",
        "in days to come",
        "arrived at no time",
        "sent and arrived",
        "without a proof",
        "no file",
    ],
)
def test_deliveries_that_are_none(lender: Conn, given: Any, fact: Any) -> None:
    issued(lender, running(lender))
    run(lender, 7)
    with refused(lender, fact):
        arrive(lender, "demand_7", 8, **given)


def test_a_file_proves_an_arrival(lender: Conn, tmp_path: Any) -> None:
    lease = running(lender)
    issued(lender, lease, 1)
    issued(lender, lease, 2)
    run(lender, 7)
    numbers = [each.notice.notice_no for each in listed(lender)]
    kept = add_proof(
        lender,
        SYSTEM,
        files=FileStore(tmp_path.as_uri()),
        notice_no=numbers[0],
        kind="photo",
        name="签收单.jpg",
        content=JPEG,
        now=at(8, 11),
    )
    given: dict[str, Any] = {"proof": None, "document_key": kept.key}
    with refused(lender, errors.DeliveryDocumentUnknown):
        record_delivery(
            lender,
            SYSTEM,
            notice_no=numbers[1],
            channel="post",
            result="arrived",
            arrived_at=at(8, 11),
            now=at(8, 12),
            **given,
        )
    proved = record_delivery(
        lender,
        SYSTEM,
        notice_no=numbers[0],
        channel="post",
        result="arrived",
        arrived_at=at(8, 11),
        now=at(8, 12),
        **given,
    )
    assert [each.document_key for each in proved.deliveries] == [kept.key]
    assert (kept.subject_kind, kept.subject_key) == ("notice", numbers[0])


def test_what_arrived_is_not_withdrawn(lender: Conn) -> None:
    issued(lender, running(lender))
    run(lender, 7)
    after = arrive(lender, "demand_7", 8).listed.notice
    about: dict[str, Any] = {"notice_no": after.notice_no, "note": "误", "now": at(9)}
    with refused(lender, errors.NoticeOver):
        withdraw_notice(lender, SYSTEM, version=after.version, **about)
    with refused(lender, VersionChanged):
        withdraw_notice(lender, SYSTEM, version=1, **about)


def test_nothing_is_delivered_of_what_was_withdrawn(lender: Conn) -> None:
    issued(lender, running(lender))
    run(lender, 7)
    notice_no = number_of(lender, "demand_7")
    withdraw_notice(lender, SYSTEM, notice_no=notice_no, version=1, note="settled", now=at(8))
    with refused(lender, errors.NoticeOver):
        arrive(lender, "demand_7", 8)
    assert run(lender, 9).made == {}, "what somebody withdrew stays so, whatever they wrote"
