"""What problems are called, in English and Chinese.

A code has a title in each language and, in Chinese, may have a sentence made of the facts; the
English sentence is the domain error's own. A test holds that no code lacks its words.
"""

from collections.abc import Mapping
from typing import Any, Final

from api.languages import Language
from api.message import Message
from api.messages_alert_rules import ALERT_RULES
from api.messages_alerts import ALERTS
from api.messages_bank_statements import BANK_STATEMENTS
from api.messages_billing import BILLING
from api.messages_contracts import CONTRACTS
from api.messages_customers import CUSTOMERS
from api.messages_deposits import DEPOSITS
from api.messages_dunning import DUNNING
from api.messages_hand_overs import HAND_OVERS
from api.messages_invoices import INVOICES
from api.messages_leasing import LEASING
from api.messages_ledger import LEDGER
from api.messages_money_papers import MONEY_PAPERS
from api.messages_notifications import NOTIFICATIONS
from api.messages_packages import PACKAGES
from api.messages_payments import PAYMENTS
from api.messages_privacy import PRIVACY
from api.messages_quotes import QUOTES
from api.messages_shares import SHARES
from api.messages_violations import VIOLATIONS

MESSAGES: Final[dict[str, Message]] = {
    **ALERT_RULES,
    **ALERTS,
    **BANK_STATEMENTS,
    **BILLING,
    **CONTRACTS,
    **CUSTOMERS,
    **DEPOSITS,
    **DUNNING,
    **HAND_OVERS,
    **INVOICES,
    **LEASING,
    **LEDGER,
    **MONEY_PAPERS,
    **NOTIFICATIONS,
    **PACKAGES,
    **PAYMENTS,
    **PRIVACY,
    **QUOTES,
    **SHARES,
    **VIOLATIONS,
    # Requests
    "bad_request": Message("The request cannot be read", "请求无法解析"),
    "body_not_json": Message("The body is not JSON", "请求体不是有效的 JSON"),
    "body_too_large": Message("The body is too large", "请求体过大"),
    "code_reserved": Message(
        "The code or number is a word of the addresses",
        "编码或编号是保留字",
        "“{code}”是保留字，请换一个",
    ),
    "cursor_invalid": Message("Not a cursor of this list", "分页游标无效"),
    "busy": Message("Too many log in just now; try again", "登录人数过多，请稍后重试"),
    "credential_invalid": Message(
        "The session or key does not hold; log in", "登录状态或密钥已失效，请重新登录"
    ),
    "csrf_failed": Message("The request did not come from our pages", "请求来源校验失败"),
    "database_unavailable": Message(
        "The database does not answer; try again", "数据库暂时不可用，请稍后重试"
    ),
    "export_too_long": Message(
        "More rows than an export has; narrow the filters",
        "超出导出行数上限",
        "一次最多导出 {rows} 行，请缩小筛选范围",
    ),
    "file_damaged": Message(
        "The stored file is missing or damaged; it has been logged", "文件丢失或已损坏，已记录"
    ),
    "files_unavailable": Message(
        "The store of files does not answer; try again", "文件存储暂时不可用，请稍后重试"
    ),
    "fault": Message("A fault of ours; it has been logged", "系统内部错误，已记录"),
    "idempotency_key_reused": Message(
        "The Idempotency-Key was used for another request", "该 Idempotency-Key 已用于其他请求"
    ),
    "if_match_required": Message(
        "Say with If-Match which version you change: the ETag of what you read",
        "缺少 If-Match：请填写所读取内容的 ETag",
    ),
    "if_match_invalid": Message(
        'If-Match is no version of ours; send the ETag as it was told, such as "3"',
        'If-Match 无效：请原样填写 ETag，例如 "3"',
    ),
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
    # Files
    "document_not_found": Message("No such file", "文件不存在"),
    "document_withdrawn": Message("The file was withdrawn", "文件已撤回", "{name} 已撤回"),
    "document_type_refused": Message(
        "Not a kind of file that is kept, or not what its name says",
        "不支持该文件类型，或内容与扩展名不符",
        "{name} 的类型不受支持，或内容与扩展名不符",
    ),
    "document_too_large": Message(
        "The file is too large", "文件过大", "文件不得超过 {most_bytes} 字节"
    ),
    "document_subject_invalid": Message("Say what the file belongs to", "请指明附件所属对象"),
    # Figures of law
    "parameter_not_found": Message("No such figures", "参数不存在", "没有名为 {name} 的参数"),
    "parameter_not_yours": Message(
        "Set by the head of the tenant only", "仅总部可以修改", "{name} 仅总部可以修改"
    ),
    "figures_invalid": Message("Not what these figures hold", "参数内容有误", "{place}：{problem}"),
    # Papers
    "licence_missing": Message(
        "The licence was not written down yet", "行驶证未登记", "车辆 {vin} 的行驶证未登记"
    ),
    "registered_in_future": Message("The registration lies ahead", "注册日期不能晚于今天"),
    "month_malformed": Message(
        "Not a month", "月份格式不正确", "{month} 不是有效月份，应如 2027-05"
    ),
    "inspection_in_future": Message("The inspection lies ahead", "检验日期不能晚于今天"),
    "inspection_month_missing": Message(
        "What passed has its printed month", "检验合格须填写检验有效期"
    ),
    "inspection_failed_has_month": Message(
        "What failed has no month", "检验不合格不应填写检验有效期"
    ),
    "inspection_ends_before_it": Message(
        "The printed month was over then", "检验有效期早于检验日期"
    ),
    "policy_number_malformed": Message("Not the number of a policy", "保单号格式不正确"),
    "policy_exists": Message("The number is taken", "保单已存在", "保单 {policy_no} 已登记"),
    "policy_not_found": Message("No such policy", "保单不存在", "找不到保单 {policy_no}"),
    "policy_ends_before_start": Message("It would end before it began", "终保时间须晚于起保时间"),
    "policy_voided": Message("The policy is void", "保单已作废", "保单 {policy_no} 已作废"),
    "permit_number_malformed": Message("Not the number of a permit", "道路运输证号格式不正确"),
    "permit_exists": Message("The number is taken", "道路运输证已存在", "{permit_no} 已登记"),
    "permit_not_found": Message("No such permit", "道路运输证不存在", "找不到 {permit_no}"),
    "permit_in_future": Message("The permit was not issued yet", "发证日期不能晚于今天"),
    "permit_ends_before_issue": Message(
        "It would end before it was issued", "有效期不能早于发证日期"
    ),
    "permit_withdrawn": Message("The permit was withdrawn", "道路运输证已注销"),
    "battery_test_in_future": Message("The test lies ahead", "检测日期不能晚于今天"),
    "battery_result_missing": Message(
        "Tell the result: no reading decides it", "请填写检测结果：现有读数无法判定"
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
    # Sheets
    "import_columns_missing": Message("A column is missing", "缺少必需的列", "{told_zh}"),
    "import_has_bad_rows": Message(
        "Some rows are bad", "部分行有错误", "有 {rows_bad} 行错误，可改为只导入正确的行"
    ),
    "import_kind_unknown": Message("No such kind of sheet", "没有这种表格"),
    "import_not_checked": Message(
        "Not to be applied now", "当前状态不能导入", "导入任务的状态为 {state}"
    ),
    "import_not_found": Message("No such import", "导入任务不存在", "找不到导入任务 {key}"),
    "imports_too_many": Message(
        "Some of your sheets are still being worked on", "未完成的导入任务过多，请稍后再试"
    ),
    "sheet_empty": Message("The sheet is empty", "表格中没有数据", "{told_zh}"),
    "sheet_has_macros": Message("The workbook carries macros", "文件含有宏", "{told_zh}"),
    "sheet_header_not_found": Message("No row is a header", "找不到表头", "{told_zh}"),
    "sheet_not_found": Message("There is no such sheet", "工作表不存在", "{told_zh}"),
    "sheet_protected_or_old": Message(
        "Protected by a password, or .xls", "文件有密码保护或为旧版 .xls 格式", "{told_zh}"
    ),
    "sheet_refused": Message("The file is not read", "文件未被读取", "{told_zh}"),
    "sheet_too_large": Message("The sheet is too large", "表格过大", "{told_zh}"),
    "sheet_unreadable": Message("The file cannot be read as a sheet", "无法读取表格", "{told_zh}"),
    # Vehicles and devices
    "vin_malformed": Message("Not a VIN", "车架号格式不正确", "{vin} 不是有效的车架号"),
    "plate_malformed": Message("Not a number plate", "号牌格式不正确"),
    "serial_malformed": Message("Not a device serial", "终端序列号格式不正确"),
    "vehicle_not_found": Message("No such vehicle", "车辆不存在", "找不到车架号为 {vin} 的车辆"),
    "vehicle_exists": Message("The VIN is taken", "车辆已存在", "车架号 {vin} 已登记"),
    "plate_taken": Message("The plate is taken", "号牌已被使用", "号牌 {plate} 已被其他车辆使用"),
    "hand_over_blocked": Message(
        "It may not be handed over", "不得交车", "车辆 {vin} 不得交车：{why_zh}"
    ),
    "override_reason_missing": Message(
        "Say why it is handed over all the same", "请填写强制交车原因"
    ),
    "calendar_feed_not_found": Message("No such calendar", "日历不存在"),
    "calendar_feed_revoked": Message("The calendar was revoked before", "日历已吊销"),
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
    "stage_unchanged": Message(
        "At this stage already", "车辆状态未变化", "车辆 {vin} 已处于该状态"
    ),
    "stage_not_reachable": Message(
        "It does not go there from where it is",
        "不允许的状态变更",
        "不能由 {from_stage} 变更为 {to_stage}",
    ),
    "stage_not_first": Message("No vehicle begins there", "初始状态只能为已订购或在库"),
    "stage_reason_missing": Message("Say why", "请填写处置原因"),
    "depot_not_of_operator": Message(
        "The depot is not the operator's", "车场不属于运营方", "{depot} 不在该车运营方之下"
    ),
    "pooling_not_yours": Message("Only its owner offers it", "仅产权方可将车辆放入共享池"),
    "tags_too_many": Message("Too many tags, or too long", "标签最多 20 个，每个最多 30 字"),
    "odometer_read_already": Message("Written down for that instant", "该时间的里程已登记"),
    "purchase_not_found": Message("No purchase is written down", "未登记购置信息"),
    "purchase_not_yours": Message("A purchase is its owner's", "购置信息由产权方登记"),
    "purchase_incomplete": Message(
        "Say over how many months, and what is left", "请填写折旧年限和残值率"
    ),
    "model_not_found": Message("No such model", "车型不存在", "找不到编码为 {model_code} 的车型"),
    "model_exists": Message("The code is taken", "车型编码已被使用"),
    "model_name_taken": Message("The name is taken", "车型名称已被使用"),
    "model_code_malformed": Message("Not a code of a model", "车型编码格式不正确"),
    "models_kept_by_head": Message("The head of the tree keeps models", "车型由总部统一维护"),
    "care_malformed": Message("The care does not fit together", "闲置养护参数有误"),
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
    "tracks_too_long": Message(
        "Too many days of tracks for one answer: ask for none, or at the command line",
        "轨迹天数过多，请不含轨迹导出，或用命令行导出",
        "各车合计租出 {vehicle_days} 天，一次最多 {most_vehicle_days} 天",
    ),
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
    # Work on vehicles
    "assignee_unknown": Message("Nobody has this log-in", "负责人不存在"),
    "checklist_code_malformed": Message("Not a code of a checklist", "检查表编码格式错误"),
    "checklist_incomplete": Message(
        "Steps of the checklist are not done", "检查表未完成", "检查表未完成：{steps}"
    ),
    "checklist_not_found": Message("No such checklist", "检查表不存在"),
    "checklist_not_yours": Message("The head of the tree publishes checklists", "检查表由总部发布"),
    "checklist_published_meanwhile": Message(
        "Somebody else has just published it", "该检查表刚被他人发布，请重试"
    ),
    "checklist_unknown": Message(
        "No such checklist for this kind of work", "没有适用于该类工单的检查表"
    ),
    "fault_not_described": Message("Say what is wrong", "请说明故障情况"),
    "line_not_found": Message("The order has no such line", "工单没有该明细行"),
    "lines_too_many": Message("The order holds no more lines", "工单明细行过多"),
    "maintenance_ahead": Message("The day lies ahead", "保养日期不能晚于今天"),
    "maintenance_code_unknown": Message(
        "The maintenance plan has no such item", "该车型的保养计划中没有此项目"
    ),
    "plan_item_never": Message("The item never falls due", "保养项目须填写周期"),
    "plan_item_twice": Message("The code stands twice", "保养项目编码重复"),
    "plan_not_yours": Message("The head of the tree keeps maintenance plans", "保养计划由总部维护"),
    "quantity_malformed": Message("Not a quantity", "数量格式错误"),
    "reference_taken": Message("Another order has this number", "外部单号已被使用"),
    "step_unknown": Message("The checklist has no such step", "检查表没有该步骤"),
    "work_order_not_found": Message("No such work order", "工单不存在"),
    "work_order_not_reachable": Message(
        "The order does not come there from where it is", "工单当前状态不能这样变更"
    ),
    "work_order_not_yours": Message("Another organisation's order", "不是本组织的工单"),
    "work_order_over": Message("The order is closed or cancelled", "工单已关闭或取消"),
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
