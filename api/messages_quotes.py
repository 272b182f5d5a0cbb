"""What the problems of quotes, and of looking for a free vehicle, are called."""

from typing import Final

from api.message import Message

QUOTES: Final[dict[str, Message]] = {
    # Free vehicles
    "near_incomplete": Message(
        "A place takes near_lon and near_lat, a radius both", "经纬度须同时填写，半径须配合经纬度"
    ),
    "wanted_period_empty": Message("The term ends before it begins", "结束日期须晚于开始日期"),
    "wanted_period_past": Message(
        "The term begins before today", "开始日期不能早于今天", "{from_on} 早于今天 {today}"
    ),
    # Vehicles in leases
    "vehicle_on_lease": Message(
        "A lease has the vehicle, or is promised it",
        "车辆在租或已预订",
        "车辆 {vin} 在租或已预订，请先办理还车或取消预订",
    ),
    # Quotes
    "quote_expired": Message(
        "The quote is not valid any more", "报价已过期", "报价有效期至 {valid_until_on}"
    ),
    "quote_for_nobody": Message("Say for which customer or prospect", "请填写客户或意向客户"),
    "quote_needs_customer": Message(
        "A lease has a customer: say which", "请先登记客户，再接受报价"
    ),
    "quote_not_found": Message("No such quote", "报价不存在", "找不到报价 {quote_no}"),
    "quote_of_another_organisation": Message(
        "The customer is another organisation's", "该客户属于其他组织"
    ),
    "quote_over": Message("The quote has come to its end", "报价已了结"),
    "quote_validity_past": Message("It would be over already", "报价有效期不能早于今天"),
}
