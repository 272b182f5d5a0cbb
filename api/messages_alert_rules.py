"""What the problems of rules, vehicle groups and places are called, in English and Chinese."""

from typing import Final

from api.message import Message

ALERT_RULES: Final[dict[str, Message]] = {
    "alert_code_malformed": Message(
        "A code is a-z, 0-9 and _, and begins with a letter",
        "编码只能由小写字母、数字和下划线组成，并以字母开头",
    ),
    "alert_name_in_use": Message(
        "A rule speaks of it", "仍被告警规则使用", "以下规则仍在使用：{rules}"
    ),
    "alert_organisation_unnamed": Message("Say for which organisation", "请指定组织"),
    "alert_rule_code_taken": Message(
        "The code is that of a rule of another kind",
        "编码已被其他类型的规则使用",
        "编码 {code} 已是 {kind} 类型的规则",
    ),
    "alert_rule_kind_unknown": Message(
        "No such kind of rules", "告警规则类型不存在", "没有 {kind} 这种规则类型"
    ),
    "alert_rule_not_found": Message("No such rule", "告警规则不存在", "规则 {code} 不存在"),
    "alert_rule_parameters_invalid": Message(
        "The kind does not take these parameters", "规则参数有误", "规则参数有误：{faults}"
    ),
    "alert_rule_scope_invalid": Message(
        "The scope names what is not there", "适用范围有误", "适用范围有误：{faults}"
    ),
    "alert_rule_stands_alone": Message(
        "Of this kind there is one rule, under its own code",
        "该类型的规则只能有一条",
        "{kind} 类型的规则不能使用编码 {code}",
    ),
    "alert_rules_too_many": Message(
        "An organisation has no more further rules",
        "自定义规则数量已达上限",
        "每个组织最多 {most} 条附加规则",
    ),
    "expression_invalid": Message(
        "The expression cannot be used",
        "表达式有误",
        "第 {line} 行第 {column} 列：{saying}",
    ),
    "geofence_exists": Message(
        "The code was used before", "围栏编码已使用过", "围栏编码 {code} 已使用过"
    ),
    "geofence_not_found": Message("No such geofence", "电子围栏不存在"),
    "geofence_outline_invalid": Message(
        "The outline is no circle or simple polygon",
        "围栏形状无效：应为圆形或不自交的多边形",
    ),
    "rehearsal_not_recorded": Message(
        "Only what telemetry showed is written down", "到期类规则不能补录历史告警"
    ),
    "rehearsal_too_long": Message(
        "It looks at some days only", "试算天数超限", "最多试算 {most} 天"
    ),
    "vehicle_group_exists": Message(
        "The code was used before", "分组编码已使用过", "分组编码 {code} 已使用过"
    ),
    "vehicle_group_not_found": Message("No such group of vehicles", "车辆分组不存在"),
}
