"""What problems are called, in English and Chinese.

A code has a title in each language and, in Chinese, may have a sentence made of the facts; the
English sentence is the domain error's own. A test holds that no code lacks its words.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from api.languages import Language


class Message(NamedTuple):
    """A title in both languages, and the Chinese sentence with places for facts."""

    en: str
    zh: str
    zh_detail: str | None = None


MESSAGES: Final[dict[str, Message]] = {
    # Requests
    "bad_request": Message("The request cannot be read", "请求无法解析"),
    "body_not_json": Message("The body is not JSON", "请求体不是有效的 JSON"),
    "body_too_large": Message("The body is too large", "请求体过大"),
    "cursor_invalid": Message("Not a cursor of this list", "分页游标无效"),
    "busy": Message("Too many log in just now; try again", "登录人数过多，请稍后重试"),
    "credential_invalid": Message(
        "The session or key does not hold; log in", "登录状态或密钥已失效，请重新登录"
    ),
    "csrf_failed": Message("The request did not come from our pages", "请求来源校验失败"),
    "database_unavailable": Message(
        "The database does not answer; try again", "数据库暂时不可用，请稍后重试"
    ),
    "fault": Message("A fault of ours; it has been logged", "系统内部错误，已记录"),
    "idempotency_key_reused": Message(
        "The Idempotency-Key was used for another request", "该 Idempotency-Key 已用于其他请求"
    ),
    "if_match_required": Message(
        "Say with If-Match which version you change", "缺少 If-Match 版本"
    ),
    "if_match_invalid": Message("If-Match is no version of ours", "If-Match 版本无效"),
    "invalid": Message("The input is not valid", "输入有误"),
    "method_not_allowed": Message("The path has no such method", "不支持的请求方法"),
    "no_such_path": Message("There is no such path", "路径不存在"),
    "not_authenticated": Message("Log in first", "请先登录"),
    "not_storable": Message("A value cannot be stored", "存在无法保存的值"),
    "nul_character": Message("The request contains a NUL character", "请求中含有空字符"),
    "outside_your_organisation": Message("Outside your organisation", "超出所属组织的范围"),
    "parameter_repeated": Message("A query parameter is given twice", "查询参数重复"),
    "parameter_unknown": Message("There is no such query parameter", "不支持该查询参数"),
    "session_required": Message("Only people with a session do this", "仅限登录用户操作"),
    "unsupported_media_type": Message("Send JSON", "请求体须为 JSON"),
    # Kinds
    "not_found": Message("Not found", "未找到"),
    "conflict": Message("It exists already, or changed meanwhile", "数据已存在或已变更"),
    "refused": Message("A rule forbids it", "业务规则不允许"),
    "version_changed": Message(
        "Changed by somebody else meanwhile", "数据已被他人修改，请刷新后重试"
    ),
    "permission_missing": Message(
        "Your role does not allow it", "没有权限", "缺少权限 {permission}"
    ),
    "step_up_required": Message(
        "Give your password once more", "请再次输入密码确认", "{permission} 需要再次验证密码"
    ),
    # People, sessions and keys
    "user_not_found": Message("No such person", "人员不存在", "找不到登录名为 {login} 的人员"),
    "user_disabled": Message("The person is disabled", "人员已停用", "{login} 已停用"),
    "user_is_yourself": Message("Not to yourself", "不能对自己执行此操作"),
    "user_outranks": Message(
        "The person may do more than you", "对方权限高于您", "{login} 的权限高于您"
    ),
    "login_taken": Message("The log-in is taken", "登录名已被使用", "登录名 {login} 已被使用"),
    "login_malformed": Message(
        "Not a log-in",
        "登录名格式不正确",
        "登录名为 2–63 个字符：小写字母、数字、点、下划线、@、连字符，以字母或数字开头",
    ),
    "name_malformed": Message("Not a name", "名称格式不正确", "名称为 1–100 个可见字符"),
    "phone_malformed": Message("Not a phone number", "电话号码格式不正确"),
    "id_card_malformed": Message("Not an ID card number", "身份证号格式不正确"),
    "id_card_check_digit_wrong": Message(
        "The ID card's check digit is wrong", "身份证号校验位错误"
    ),
    "roles_missing": Message("A role is missing", "至少需要一个角色"),
    "roles_unknown": Message("No such role", "角色不存在", "没有这些角色：{unknown}"),
    "roles_exceed_own": Message(
        "The roles allow more than you may", "不能授予超出自身权限的角色", "超出自身权限：{beyond}"
    ),
    "reason_missing": Message("Say why", "请填写查看原因"),
    "login_failed": Message("Log-in or password is wrong", "登录名或密码错误"),
    "login_locked": Message(
        "Locked after too many attempts", "账户已锁定", "尝试次数过多，账户锁定至 {locked_until}"
    ),
    "too_many_attempts": Message(
        "Too many attempts", "尝试过于频繁", "尝试过于频繁，请 {retry_after_s} 秒后重试"
    ),
    "password_wrong": Message("Not your password", "密码错误"),
    "password_too_weak": Message(
        "The password is too weak",
        "密码不符合要求",
        "密码须为 10–256 个字符，不能是登录名或常见密码",
    ),
    "reset_link_invalid": Message("The link does not hold any more", "链接已失效"),
    "session_not_found": Message("No such session", "会话不存在或已结束"),
    "api_key_not_found": Message("No such key", "接口密钥不存在", "找不到编号为 {key_id} 的密钥"),
    "scopes_missing": Message("A scope is missing", "至少需要一项权限"),
    "scopes_unknown": Message("No such verb", "权限不存在", "没有这些权限：{unknown}"),
    "scopes_exceed_own": Message(
        "The scopes exceed your own, or are dangerous",
        "不能授予自身没有的或高危的权限",
        "不能授予：{beyond}",
    ),
    "key_expiry_out_of_range": Message(
        "A key expires within two years", "密钥有效期须在两年以内", "有效期最晚至 {latest}"
    ),
    # Organisations
    "organisation_not_found": Message(
        "No such organisation", "组织不存在", "找不到组织 {organisation_code}"
    ),
    "organisation_code_taken": Message(
        "The code is taken", "组织编码已被使用", "组织编码 {organisation_code} 已被使用"
    ),
    "organisation_code_malformed": Message(
        "Not an organisation code", "组织编码格式不正确", "{organisation_code} 不是有效的组织编码"
    ),
    "organisation_name_empty": Message("The name is missing", "组织名称不能为空"),
    "organisation_below_itself": Message("It would stand below itself", "组织不能移动到自身之下"),
    "organisation_keeps_tenant": Message("It stays in its tree", "组织不能移出所属平台"),
    "organisation_not_moved_by_itself": Message(
        "Only somebody above moves it", "组织只能由上级移动"
    ),
    "time_zone_unknown": Message("No such time zone", "时区不存在", "{time_zone} 不是有效时区"),
    # Vehicles and devices
    "vin_malformed": Message("Not a VIN", "车架号格式不正确", "{vin} 不是有效的车架号"),
    "vin_check_digit_wrong": Message(
        "The VIN's check digit is wrong", "车架号校验位错误", "车架号 {vin} 校验位错误"
    ),
    "plate_malformed": Message("Not a number plate", "号牌格式不正确"),
    "serial_malformed": Message("Not a device serial", "终端序列号格式不正确"),
    "vehicle_not_found": Message("No such vehicle", "车辆不存在", "找不到车架号为 {vin} 的车辆"),
    "vehicle_exists": Message("The VIN is taken", "车辆已存在", "车架号 {vin} 已登记"),
    "plate_taken": Message("The plate is taken", "号牌已被使用", "号牌 {plate} 已被其他车辆使用"),
    "device_not_found": Message("No such device", "终端不存在", "找不到序列号为 {serial} 的终端"),
    "device_exists": Message("The serial is taken", "终端已存在", "终端 {serial} 已登记"),
    "device_already_bound": Message(
        "The device sits in a vehicle then", "终端已绑定车辆", "终端 {serial} 在该时间已绑定车辆"
    ),
    "vehicle_already_has_device": Message(
        "The vehicle has a device then", "车辆已绑定终端", "车辆 {vin} 在该时间已绑定终端"
    ),
    "device_not_bound": Message(
        "The device sits in no vehicle", "终端未绑定车辆", "终端 {serial} 未绑定车辆"
    ),
    "vehicle_has_no_device": Message(
        "The vehicle has no device", "车辆未绑定终端", "车辆 {vin} 未绑定终端"
    ),
    "operator_unchanged": Message("It operates the vehicle already", "运营方未变化"),
    "operator_periods_overlap": Message("Operated by somebody else then", "该时间段已有其他运营方"),
    "period_ends_before_start": Message("It would end before it began", "结束时间早于开始时间"),
    "vehicle_model_empty": Message("The model has no name", "车型不能为空"),
    "vehicle_not_yours": Message("Not your vehicle any more", "车辆已不属于贵方"),
    "operator_in_other_tenant": Message(
        "The operator stands in another tree", "运营方不属于同一平台"
    ),
    "transfer_not_yours": Message("Not yours to hand on", "无权调拨该车辆"),
    # History and refusals
    "period_empty": Message("The period is empty", "结束时间须晚于开始时间"),
    "period_too_long": Message(
        "The period is too long", "时间范围过长", "一次最多查询 {max_days} 天"
    ),
    "signal_unknown": Message("No such signal", "信号不存在", "没有名为 {signal} 的信号"),
    "too_many_signals": Message(
        "Too many signals", "信号过多", "一次最多查询 {max_signals} 个信号"
    ),
    "too_many_buckets": Message(
        "The buckets are too short", "时间间隔过短", "时间间隔至少为 {least_bucket_s} 秒"
    ),
    "refusal_not_found": Message("No such refusal", "拒收记录不存在"),
    "bbox_malformed": Message("Not a frame of the map", "地图范围格式不正确"),
    # Live
    "event_id_invalid": Message("Not an event id of the live feed", "事件编号无效"),
    "live_full": Message("No room for another live stream now", "实时连接已满，请稍后重试"),
    "live_too_many_streams": Message(
        "You have too many live streams open", "实时连接数过多", "最多同时打开 {at_most} 个实时连接"
    ),
    "instant_in_future": Message("The time lies ahead", "时间不能晚于当前时间"),
}


class _Facts(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return "…"


def told(code: str, language: Language, facts: Mapping[str, Any]) -> tuple[str, str]:
    """Title and sentence of a code; the code itself where it has no words."""
    message = MESSAGES.get(code)
    if message is None:
        return code, code
    if language == "en":
        return message.en, message.en
    named = _Facts({name: _listed(fact) for name, fact in facts.items()})
    return message.zh, (message.zh_detail or message.zh).format_map(named)


def _listed(fact: Any) -> Any:
    return "、".join(str(each) for each in fact) if isinstance(fact, list) else fact
