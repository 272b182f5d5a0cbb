"""What the problems of violations are called, in English and Chinese."""

from typing import Final

from api.message import Message

VIOLATIONS: Final[dict[str, Message]] = {
    "noticed_before_violation": Message(
        "It was noticed before it happened", "告知日期早于违法时间"
    ),
    "transfer_too_early": Message(
        "The lease has not ended long enough ago", "未到可转移时间", "最早可于 {from_on} 申请转移"
    ),
    "violation_exists": Message(
        "The number is another violation's", "违章编号已被使用", "违章编号 {violation_no} 已登记"
    ),
    "violation_not_found": Message(
        "No such violation", "违章记录不存在", "找不到违章 {violation_no}"
    ),
    "violation_of_another_operator": Message(
        "Another organisation operated the vehicle then",
        "违法发生时车辆由其他组织运营",
        "违法发生时车辆 {vin} 由其他组织运营，应由其登记",
    ),
    "violation_settled": Message("It was settled before", "违章已办结"),
    "violation_twice": Message(
        "A number stands twice in the list", "违章编号重复", "违章编号 {violation_no} 重复"
    ),
    "violation_without_lessee": Message(
        "Nobody leased the vehicle at that minute", "违法发生时车辆未出租"
    ),
}
