"""What the problems of revenue shares and of the figures are called."""

from typing import Final

from api.message import Message

SHARES: Final[dict[str, Message]] = {
    # Figures
    "kpi_day_ahead": Message(
        "That day is still to come", "日期不能晚于今天", "{on} 晚于今天，尚无数据"
    ),
    "kpi_span_empty": Message("The span ends before it begins", "结束日期须晚于开始日期"),
    "kpi_span_too_long": Message(
        "At most ten years at once", "统计区间过长", "统计区间最长 {most_days} 天"
    ),
    "kpi_span_unclear": Message(
        "Give a month, or both from_on and until_on", "请填写月份，或同时填写起止日期"
    ),
    # Shares
    "share_agreed_already": Message(
        "There is an agreement for some of these months", "该期间已有分成协议"
    ),
    "share_agreement_not_found": Message("No such agreement", "分成协议不存在"),
    "share_ended_already": Message("Its end was said before", "协议终止月份已确定"),
    "share_ends_before_start": Message("It would last no month", "终止月份须晚于起始月份"),
    "share_month_not_over": Message(
        "The month is not over", "当月尚未结束", "{month} 尚未结束，不能结算"
    ),
    "share_month_outside": Message("The agreement is not of this month", "该月份不在协议期内"),
    "share_month_settled": Message(
        "The month is settled", "当月已结算", "{month} 已结算，后续变动计入下期"
    ),
    "share_not_yours": Message("The owner does that", "仅产权单位可以操作"),
    "share_operator_out_of_sight": Message(
        "The operator's bills are not in sight", "看不到运营单位的账单，无法计算"
    ),
    "share_settlement_not_found": Message("No such settlement", "分成结算单不存在"),
    "shared_with_itself": Message("Nobody shares with itself", "产权单位与运营单位不能相同"),
}
