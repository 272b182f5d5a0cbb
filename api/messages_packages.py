"""What the problems of service packages are called, in English and Chinese."""

from typing import Final

from api.message import Message

PACKAGES: Final[dict[str, Message]] = {
    "package_end_outside_sale": Message(
        "It ends before it begins, or in days to come", "终止日应在起始日至今天之间"
    ),
    "package_exists": Message("The code is taken", "服务包编码已存在", "服务包编码 {code} 已存在"),
    "package_lease_over": Message(
        "The lease is a draft, or over", "租约未签署或已结束", "租约 {lease_no} 不能加售服务包"
    ),
    "package_line_unknown": Message("The lease has no such line", "租约中没有该租赁项或车辆"),
    "package_not_found": Message("No such package", "服务包不存在"),
    "package_outside_lease": Message(
        "The day lies outside the lease", "起始日不在租期内", "起始日 {from_on} 不在租期内"
    ),
    "package_retired": Message("It is not sold any more", "服务包已停售"),
    "package_sale_ended": Message(
        "It was ended before", "服务包已终止", "服务包已于 {ended_on} 终止"
    ),
    "package_sale_not_found": Message("No such sale", "服务包销售记录不存在"),
    "package_visits_of_no_kind": Message(
        "Visits are of a kind of work", "服务次数与服务类型须同时填写"
    ),
    "visit_beyond_included": Message(
        "All visits of the term are made",
        "本期服务次数已用完",
        "第 {term} 期含 {visits} 次，已全部使用；如仍需登记请注明超出",
    ),
    "visit_counted": Message(
        "The work order was counted before", "工单已计次", "工单 {work_order} 已计次"
    ),
    "visit_not_included": Message("The package includes no visits", "该服务包不含上门或到店服务"),
    "visit_of_no_work": Message(
        "Name the work order, or say where it was made", "请填写工单号或说明服务地点"
    ),
    "visit_of_other_work": Message(
        "The work order is of another kind or vehicle",
        "工单类型或车辆不符",
        "工单 {work_order} 的类型或车辆与服务包不符",
    ),
    "visit_outside_term": Message(
        "The day lies in no term of the sale", "服务日期不在有效期内", "{visited_on} 不在任何一期内"
    ),
}
