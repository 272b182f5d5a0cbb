"""What the problems of leases are called, in English and Chinese."""

from typing import Final

from api.message import Message

LEASING: Final[dict[str, Message]] = {
    # The keeping of leases
    "approval_by_another": Message(
        "Who asked for it does not decide", "申请人不能审批自己的申请，请由他人审批"
    ),
    "approval_not_asked": Message(
        "Nobody asked for an approval of these terms", "当前条款尚未提请审批"
    ),
    "approval_not_needed": Message("These terms need no approval", "当前条款无需审批"),
    "approval_pending": Message(
        "An approval of these terms was asked for already", "当前条款已提请或已通过审批"
    ),
    "customer_of_another_organisation": Message(
        "The customer is of another organisation",
        "客户属于其他组织",
        "客户 {customer_no} 属于 {organisation}",
    ),
    "lease_is_signed": Message(
        "It is no draft any more", "租约已不是草稿", "租约 {lease_no} 已不是草稿"
    ),
    "lease_needs_approval": Message(
        "Somebody else must approve these terms", "该条款需先审批", "租约 {lease_no} 的条款需先审批"
    ),
    "lease_not_found": Message("No such lease", "租约不存在", "找不到租约 {lease_no}"),
    "lease_reference_taken": Message(
        "Another lease has this number elsewhere",
        "外部编号已被其他租约使用",
        "{reference} 已被使用",
    ),
    "line_model_unknown": Message(
        "A line asks for a model there is not",
        "车型不存在",
        "第 {line_no} 号租赁项：找不到车型 {model_code}",
    ),
    "line_vehicle_of_another_model": Message(
        "A line’s vehicle is not of its model",
        "车辆与车型不符",
        "第 {line_no} 号租赁项：{vin} 不是车型 {model_code}",
    ),
    "line_vehicle_unknown": Message(
        "A line asks for a vehicle there is not",
        "车辆不存在",
        "第 {line_no} 号租赁项：找不到车辆 {vin}",
    ),
    "list_price_unit_wrong": Message("Only short leases are by the day", "仅短租可按日计租"),
    "renewal_exists": Message(
        "The lease is renewed already", "租约已续租", "租约 {lease_no} 已由 {renewed_by} 续租"
    ),
    "renewal_open_ended": Message(
        "What has no end is not renewed", "不定期租约无需续租", "租约 {lease_no} 没有届满日"
    ),
    "vehicle_held": Message(
        "A lessee has the vehicle then", "该时间车辆在租", "车辆 {vin} 该时间在租约 {lease_no} 中"
    ),
    "vehicle_of_another_organisation": Message(
        "The vehicle is with another organisation",
        "车辆不在租约所属组织",
        "车辆 {vin} 不在租约所属组织",
    ),
    "vehicle_promised": Message(
        "The vehicle is promised to another lease then",
        "该时间车辆已被其他租约预订",
        "车辆 {vin} 该时间已由租约 {lease_no} 预订",
    ),
    # What may not follow in the book of a lease
    "amended_after_end": Message(
        "It would take effect after the last day",
        "变更生效日晚于租期届满日",
        "租期于 {ends_on} 届满",
    ),
    "amended_before_latest": Message(
        "The terms were amended from a later day on",
        "已有生效日更晚的变更",
        "现有条款自 {latest_on} 起生效",
    ),
    "amended_in_past": Message("The past never changes", "变更不能追溯生效", "今天是 {today_on}"),
    "end_in_past": Message("The new end is over already", "新的届满日已过"),
    "end_needed": Message(
        "A lease-to-own, and one that is paid once, has an end",
        "以租代购或一次性付租的合同须有期限",
    ),
    "end_not_later": Message(
        "The new end is not later", "新的届满日须晚于原届满日", "租期现于 {present_ends_on} 届满"
    ),
    "event_before_last": Message(
        "It would take effect before what is written down",
        "时间早于已登记的最近一次变动",
        "最近一次变动发生于 {last_event_at}",
    ),
    "hand_over_before_signing": Message(
        "The lease was not signed yet then",
        "交车时间早于合同签订时间",
        "合同签订于 {signed_at}",
    ),
    "hand_over_not_after_last": Message(
        "The vehicle came into the line later than that",
        "时间须晚于该车交付时间",
        "该车于 {from_at} 交付",
    ),
    "last_line": Message(
        "Nothing would be left; cancel the lease", "不能取消最后一个租赁项，请取消合同"
    ),
    "lease_anchor_fixed": Message(
        "Start day and way of billing never change", "起租日和计费方式不能变更"
    ),
    "lease_begun": Message(
        "A vehicle was handed over; terminate the lease", "已交车，不能取消，请办理解除"
    ),
    "lease_kind_fixed": Message("Another kind of lease is another lease", "合同类型不能变更"),
    "lease_line_unknown": Message(
        "The lease has no such line", "合同没有该租赁项", "合同没有第 {line_no} 号租赁项"
    ),
    "lease_not_active": Message("Nothing was handed over yet", "合同尚未起租"),
    "lease_not_signed": Message("The lease is a draft", "合同尚未签订"),
    "lease_not_suspended": Message("Nothing rests that could go on", "没有可恢复的停租"),
    "lease_over": Message("The lease is over", "合同已终结"),
    "lease_signed_already": Message("The lease is signed", "合同已签订"),
    "lease_suspended": Message("It rests already", "已处于停租状态"),
    "lease_term_over": Message(
        "The last day is over; extend the lease", "租期已届满，请先续期", "租期已于 {ends_on} 届满"
    ),
    "line_dropped_already": Message("The line was dropped", "该租赁项已取消"),
    "line_empty": Message("No vehicle is out in the line", "该租赁项没有在租车辆"),
    "line_filled": Message(
        "The line had its hand-over; swap the vehicle", "该租赁项已交过车，请办理换车"
    ),
    "line_not_in_force": Message(
        "The line is agreed from a later day on",
        "该租赁项尚未生效",
        "该租赁项自 {effective_on} 起生效",
    ),
    "line_number_used": Message("The line’s number was used", "租赁项编号不能重复使用"),
    "line_still_out": Message(
        "The line’s vehicle is out; take it back", "该租赁项车辆尚未退还，不能删除"
    ),
    "line_still_to_fill": Message(
        "The line is still to be filled; drop it", "该租赁项尚待交车，请先取消该租赁项"
    ),
    "lines_not_filled": Message(
        "Lines are still to be filled, or nothing is out", "尚有租赁项未交车，或没有在租车辆"
    ),
    "not_lease_to_own": Message("Only a lease-to-own is bought out", "只有以租代购合同可以买断"),
    "open_ended_already": Message("The lease is open-ended", "该合同为不定期租赁"),
    "resumed_before_suspended": Message(
        "It would go on before it rested", "恢复日早于停租日", "停租自 {from_on} 起"
    ),
    "same_vehicle": Message("The vehicle is in the line already", "换上的车与原车相同"),
    "start_before_amendment": Message(
        "The terms were amended from a day after the new start",
        "新的起租日早于已约定的变更生效日",
        "已有变更自 {effective_on} 起生效",
    ),
    "start_fixed": Message(
        "The start moves with the first hand-over only", "只有首次交车时可以调整起租日"
    ),
    "start_not_near_hand_over": Message(
        "A lease starts on the first hand-over’s day or within a month",
        "起租日须为首次交车日或其后一个月内",
    ),
    "suspended_ahead": Message("The day lies ahead", "停租或恢复日不能晚于今天"),
    "suspended_before_start": Message(
        "It had not begun then", "停租日早于交车日", "交车日为 {began_on}"
    ),
    "suspended_too_late": Message("The day is more than a month ago", "停租或恢复日距今超过一个月"),
    "suspension_overlaps": Message(
        "The same rested then already", "与已有停租重叠", "上次停租至 {until_on}"
    ),
    "term_too_long": Message(
        "A lease runs for 20 years at most", "租期不得超过二十年", "最晚可至 {at_most_on}"
    ),
    "vehicle_in_lease": Message(
        "The vehicle stands in another line then",
        "该车已在本合同的其他租赁项",
        "该车在第 {other_line_no} 号租赁项",
    ),
}
