"""Notices: made when they are due, however often it is asked; sent, arrived, withdrawn."""

import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest
from psycopg import Connection

from fleet.audit import service as audit
from fleet.dunning import errors
from fleet.dunning.service import (
    get_notice,
    list_notices,
    make_by_hand,
    make_due,
    organisations_of,
    record_delivery,
    withdraw_notice,
)
from fleet.leasing.service import Lease
from fleet.leasing.terms import BuyOut, Term
from fleet.orgs.service import get_organisation
from schemas.access import SYSTEM, PermissionMissing
from tests.fleet.conftest import person, refused
from tests.fleet.dunning.conftest import (
    CLAUSES,
    DUE,
    SELLER,
    arrive,
    at,
    issued,
    lender,
    listed,
    number_of,
    office,
    run,
    running,
    settle,
    stages,
)
from tests.fleet.leasing.conftest import line, signed, terms

Conn = Connection[Any]
pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
__all__ = ["lender", "office"]


def test_a_bill_goes_up_the_ladder_day_by_day(lender: Conn) -> None:
    issued(lender, running(lender))
    for number in range(-7, 9):
        run(lender, number)
    assert stages(lender) == [
        *("remind_7", "remind_3", "due", "overdue_1"),
        *("call_3", "demand_7"),
    ]
    assert [each.notice.stage_on for each in listed(lender)][-1] == DUE + timedelta(days=7)
    arrive(lender, "demand_7", 8)
    for number in range(9, 62):
        run(lender, number)
    assert stages(lender)[6:] == ["lock_15", "rescission_30", "suit_60"]
    [lock] = listed(lender, stage="lock_15")
    assert (lock.notice.made_at, lock.notice.clause) == (at(16), "第九条")


def test_the_job_is_idempotent_and_catches_up(lender: Conn) -> None:
    for number in (1, 2, 3):
        issued(lender, running(lender) if number == 1 else without_clauses(lender), number)
    first = run(lender, 40)
    assert (first.bills, first.made, first.withdrawn) == (3, {"demand": 3}, 0)
    again = run(lender, 40)
    assert (again.bills, again.made, again.withdrawn) == (3, {}, 0)
    assert Counter(stages(lender)) == {"demand_7": 3}
    assert len(audit.list_entries(lender, SYSTEM, {"action": "dunning.run"})) == 1


def without_clauses(conn: Conn) -> Lease:
    """A lease that is signed, and whose terms name no clause."""
    return signed(conn).lease


def test_a_settled_bill_is_skipped_and_what_was_not_sent_is_withdrawn(lender: Conn) -> None:
    bill_no = issued(lender, running(lender))
    run(lender, 1)
    settle(lender, bill_no, DUE + timedelta(days=2))
    done = run(lender, 7)
    assert (done.bills, done.made, done.withdrawn) == (0, {}, 1)
    [reminder] = listed(lender)
    assert (reminder.notice.state, reminder.notice.state_note) == ("withdrawn", "settled")
    assert reminder.notice.open_now_fen == 0


def test_what_was_sent_stays_when_the_bill_is_settled(lender: Conn) -> None:
    bill_no = issued(lender, running(lender))
    run(lender, 7)
    arrive(lender, "demand_7", 8)
    settle(lender, bill_no, DUE + timedelta(days=9))
    assert run(lender, 10).withdrawn == 0
    assert [each.notice.state for each in listed(lender)] == ["arrived"]


def test_a_bill_that_is_open_again_is_dunned_again(lender: Conn) -> None:
    bill_no = issued(lender, running(lender))
    run(lender, 7)
    settle(lender, bill_no, DUE + timedelta(days=8))
    run(lender, 8)
    settle(lender, bill_no, None)
    assert run(lender, 9).made == {"demand": 1}
    assert [each.notice.state for each in listed(lender)] == ["withdrawn", "made"]


def test_what_somebody_withdrew_is_made_again_by_hand_only(lender: Conn) -> None:
    bill_no = issued(lender, running(lender))
    run(lender, 7)
    notice_no = number_of(lender, "demand_7")
    withdrawn = withdraw_notice(
        lender, SYSTEM, notice_no=notice_no, version=1, note="已协商分期", now=at(7, 10)
    ).listed.notice
    assert (withdrawn.state, withdrawn.state_note, withdrawn.version) == (
        *("withdrawn", "已协商分期"),
        2,
    )
    assert run(lender, 20).made == {}
    again = make_by_hand(lender, SYSTEM, bill_no=bill_no, stage="demand_7", now=at(21))
    assert again != notice_no
    assert [each.notice.state for each in listed(lender)] == ["withdrawn", "made"]


def test_a_demand_says_all_that_a_court_asks_for(lender: Conn) -> None:
    lease = running(lender)
    first = issued(lender, lease, 1)
    second = issued(lender, lease, 2, due_on=DUE - timedelta(days=30), kind="charges", fen=8_000)
    run(lender, 7)
    detail = get_notice(lender, SYSTEM, notice_no=number_of(lender, "demand_7", bill=first))
    notice, text = detail.listed.notice, detail.content["text"]
    assert (notice.kind, notice.title, notice.rule) == ("demand", "催告函", "民法典 §722, §195")
    assert (notice.open_fen, notice.open_now_fen) == (308_000, 300_000)
    for part in (
        f"编号：{notice.notice_no}",
        "致：顺达物流",
        f"租约编号：{lease.lease_no}",
        f"（一）账单{first}（租金）未付人民币3,000.00元",
        "已逾期7日",
        "依合同第八条按逾期金额每日0.05%计收逾期付款违约金，以逾期金额的20%为限",
        "计至2026年4月8日共7日，计人民币10.50元",
        f"（二）账单{second}（费用）未付人民币80.00元",
        "自收到本函之日起7日内（收到当日不计算在内）付清",
        "《中华人民共和国民法典》第七百二十二条",
        f"户名：{SELLER['name']}；开户行：{SELLER['bank']}；账号：{SELLER['account']}",
        "诉讼时效自本函到达时中断",
    ):
        assert part in text, part
    facts = detail.content["facts"]
    assert [claim["late_fee_fen"] for claim in facts["claims"]] == [1_050, 148]
    assert (facts["late_fee_fen"], facts["total_fen"]) == (1_198, 309_198)
    assert notice.late_fee_fen == 1_198
    assert text.split("\n")[-2:] == [SELLER["name"], "2026年4月8日"]
    assert "None" not in text


def test_the_late_fee_above_the_court_s_measure_is_told_to_us_and_not_to_the_debtor(
    lender: Conn,
) -> None:
    """Worked case 11: 18.25 % a year is above 12 %."""
    issued(lender, running(lender))
    run(lender, 7)
    content = get_notice(lender, SYSTEM, notice_no=number_of(lender, "demand_7")).content
    [warning] = content["facts"]["warnings"]
    assert warning["code"] == "late_fee_high"
    assert "18.25%，超过 12%（LPR 3% 的 4 倍）" in warning["zh"]
    assert "LPR" not in content["text"]


def test_a_lock_notice_says_what_locking_is_and_that_it_is_still_to_be_approved(
    lender: Conn,
) -> None:
    issued(lender, running(lender))
    run(lender, 7)
    demand_no = number_of(lender, "demand_7")
    arrive(lender, "demand_7", 8)
    run(lender, 16)
    content = get_notice(lender, SYSTEM, notice_no=number_of(lender, "lock_15")).content
    for part in (
        f"我方已以{demand_no}号函件书面催告，该函件于2026年4月9日送达贵方，所载期限已经届满",
        "现依据合同第九条通知",
        "自收到本通知之日起3日内",
        "须经我方另行审批后方可执行",
        "仅限制车辆的下一次启动",
        "车辆已停驶、驻车、断电、车速为零",
        "我方将立即解除限制",
    ):
        assert part in content["text"], part
    assert content["facts"]["clause"] == "第九条"


def test_a_rescission_notice_of_a_lease_to_own_waits_for_two_periods(lender: Conn) -> None:
    """Worked case 13: 36 × 3,580."""
    wanted = terms(
        line(rent_fen=358_000),
        kind="lease_to_own",
        term=Term(count=36),
        buy_out=BuyOut(price_fen=0),
        clauses=CLAUSES,
    )
    lease = running(lender, wanted)
    issued(lender, lease, 1, fen=358_000)
    run(lender, 7)
    arrive(lender, "demand_7", 8)
    run(lender, 30)
    assert stages(lender, kind="rescission_notice") == []
    issued(lender, lease, 2, fen=358_000, due_on=DUE + timedelta(days=30))
    run(lender, 30)
    assert stages(lender, kind="rescission_notice") == []
    run(lender, 31)
    assert stages(lender, kind="rescission_notice") == ["rescission_30"]
    content = get_notice(lender, SYSTEM, notice_no=number_of(lender, "rescission_30")).content
    assert "第七百五十二条" in content["text"]
    assert "合同自前述期限届满时自动解除" in content["text"]
    assert [claim["bill_no"][-1] for claim in content["facts"]["claims"]] == ["1"]


def test_a_stage_whose_clause_is_missing_is_told_and_not_made(lender: Conn) -> None:
    issued(lender, running(lender, terms(clauses={"termination": "第十一条"})))
    run(lender, 7)
    arrive(lender, "demand_7", 8)
    done = run(lender, 30)
    assert done.made == {"rescission_notice": 1}
    assert [(each.stage, each.why, each.clause) for each in done.faults] == [
        ("lock_15", "clause_missing", "lock")
    ]


def test_a_demand_by_hand_comes_before_its_day(lender: Conn) -> None:
    bill_no = issued(lender, running(lender))
    notice_no = make_by_hand(lender, SYSTEM, bill_no=bill_no, stage="demand_7", now=at(2))
    notice = get_notice(lender, SYSTEM, notice_no=notice_no).listed.notice
    assert (notice.stage_on, notice.kind) == (DUE + timedelta(days=2), "demand")
    assert run(lender, 7).made == {}
    [entry] = audit.list_entries(lender, SYSTEM, {"action": "dunning.make"})
    assert entry.after == {"bill_no": bill_no, "stage": "demand_7", "kind": "demand"}


@pytest.mark.parametrize(
    ("given", "fact"),
    [
        ({"bill_no": "B2026-1-999999"}, errors.NoticeBillNotFound),
        ({"stage": "none"}, errors.NoticeStageUnknown),
        ({"stage": "lock_15"}, errors.NoticeLacks),
        ({"stage": "demand_7"}, errors.NoticeExists),
    ],
    ids=["no bill", "no stage", "not demanded", "made"],
)
def test_notices_that_nobody_makes_by_hand(lender: Conn, given: Any, fact: Any) -> None:
    bill_no = issued(lender, running(lender))
    run(lender, 7)
    usual: dict[str, Any] = {"bill_no": bill_no, "stage": "suit_60", "now": at(8)}
    with refused(lender, fact):
        make_by_hand(lender, SYSTEM, **(usual | given))


def test_a_settled_bill_is_not_dunned_by_hand(lender: Conn) -> None:
    bill_no = issued(lender, running(lender))
    settle(lender, bill_no, DUE)
    with refused(lender, errors.NoticeBillSettled):
        make_by_hand(lender, SYSTEM, bill_no=bill_no, stage="demand_7", now=at(8))


def test_notices_are_found_and_walked_through(lender: Conn) -> None:
    lease, other = running(lender), without_clauses(lender)
    first, second = issued(lender, lease, 1), issued(lender, other, 2)
    run(lender, 7)
    run(lender, 8)
    settle(lender, second, DUE + timedelta(days=9))

    def bills(**filters: Any) -> set[str]:
        return {each.notice.bill_no for each in listed(lender, **filters)}

    assert bills() == bills(kind="demand") == bills(organisation="head") == {first, second}
    assert bills(lease=lease.lease_no) == bills(bill=first) == bills(settled=False) == {first}
    assert bills(customer=other.customer_no) == bills(settled=True) == {second}
    assert bills(search=second) == {second}
    assert bills(organisation="west") == bills(state="sent") == set()
    everything = list_notices(lender, SYSTEM, {}, limit=10)
    place = (everything[0].notice.made_at, everything[0].notice.id)
    assert list_notices(lender, SYSTEM, {}, after=place, limit=10) == everything[1:]


def test_numbers_tell_nothing(lender: Conn) -> None:
    issued(lender, running(lender))
    run(lender, 7)
    assert re.fullmatch(r"D2604-[A-HJ-NP-Z2-9]{6}", number_of(lender, "demand_7"))


def test_organisations_with_something_to_dun(lender: Conn) -> None:
    head, east, west = (
        get_organisation(lender, SYSTEM, code=code).id for code in ("head", "east", "west")
    )
    assert organisations_of(lender, SYSTEM, organisation_id=head) == []
    issued(lender, running(lender))
    assert organisations_of(lender, SYSTEM, organisation_id=head) == [east]
    assert organisations_of(lender, SYSTEM, organisation_id=west) == []


EXPECTED: Final = [
    (list_notices, "dunning.read", {"filters": {}}),
    (get_notice, "dunning.read", {"notice_no": None}),
    (make_due, "dunning.record", {"organisation_id": 0, "now": at(9)}),
    (organisations_of, "dunning.record", {"organisation_id": 0}),
    (make_by_hand, "dunning.record", {"bill_no": "B", "stage": "due", "now": at(9)}),
    (
        record_delivery,
        "dunning.record",
        {"notice_no": None, "channel": "post", "result": "sent", "now": at(9)},
    ),
    (
        withdraw_notice,
        "dunning.record",
        {"notice_no": None, "version": 1, "note": "误", "now": at(9)},
    ),
]


@pytest.mark.parametrize(("function", "verb", "facts"), EXPECTED)
def test_who_lacks_the_verb_gets_none(
    lender: Conn, function: Any, verb: str, facts: dict[str, Any]
) -> None:
    owner = person(get_organisation(lender, SYSTEM, code="east"))
    lacking = replace(owner, permissions=owner.permissions - {verb})
    with pytest.raises(PermissionMissing) as raised, lender.transaction():
        function(lender, lacking, **facts)
    assert raised.value.facts == {"permission": verb}
