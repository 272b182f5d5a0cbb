"""Rules of alerts over HTTP: their kinds, which hold for whom, setting them, trying them."""

from typing import Annotated, Final

from fastapi import Query

from alerts.expressions import service as expressions
from alerts.model import Severity
from alerts.rehearsal import service as rehearsal
from alerts.rules import service as rules
from api.deps import Call
from api.errors import ApiError
from api.exports import Export
from api.labels import Words
from api.models.alert_expressions import ExpressionFieldsOut, ExpressionIn, ExpressionOut
from api.models.alert_rehearsals import RehearsalIn, RehearsalOut
from api.models.alert_rules import (
    AlertKindOut,
    AlertRuleIn,
    AlertRuleOut,
    AlertRuleVersionOut,
    RuleCodePath,
)
from api.operation import Answer, IfMatch, Operations, version_of
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, place_of, split_page

operations = Operations("alert-rules")

SEVERITIES: Final = {
    "info": Words("提示", "info"),
    "warning": Words("警告", "warning"),
    "critical": Words("严重", "critical"),
}
EXPORT: Final = Export(
    Words("告警规则", "alert-rules"),
    {
        "chinese": Words("规则类型", "Kind in Chinese"),
        "english": Words("英文名称", "Kind"),
        "enabled": Words("启用", "On"),
        "severity": Words("级别", "Severity"),
        "parameters": Words("参数", "Parameters"),
        "scope.groups": Words("适用分组", "Of groups"),
        "scope.models": Words("适用车型", "Of models"),
        "scope.vins": Words("适用车辆", "Of vehicles"),
        "scope.lease_no": Words("适用合同", "Of lease"),
        "origin": Words("来源", "Origin"),
        "set_by": Words("设定组织", "Set by"),
    },
    {
        "severity": SEVERITIES,
        "origin": {
            "own": Words("本组织", "own"),
            "above": Words("上级", "from above"),
            "shipped": Words("出厂", "as shipped"),
        },
    },
)
"""As a table."""

ForOrganisation = Annotated[
    str | None,
    Query(max_length=63, description="For which organisation; the one acted for unless said."),
]
OfKind = Annotated[str | None, Query(max_length=41, description="Of this kind.")]
Enabled = Annotated[bool | None, Query(description="On, or off.")]
OfSeverity = Annotated[Severity | None, Query(description="Of this severity.")]


@operations.get("/alert-kinds")
def list_alert_kinds(call: Call) -> list[AlertKindOut]:
    """Every kind of rules, what can be set of it, and how it stands as shipped."""
    call.actor.require("alert_rule.read")
    return [AlertKindOut.of(kind) for _, kind in sorted(rules.KINDS.items())]


@operations.get("/alert-expression-fields")
def get_alert_expression_fields(call: Call) -> ExpressionFieldsOut:
    """What an expression of a custom rule may use: fields, functions, operators.

    `previous.soc_pct` and so on are the last values known before a sample. POST
    /alert-rules/check-expression looks at a whole expression.
    """
    call.actor.require("alert_rule.read")
    return ExpressionFieldsOut.known()


@operations.get("/alert-rules", exported=EXPORT)
def list_alert_rules(
    call: Call,
    organisation: ForOrganisation = None,
    kind: OfKind = None,
    enabled: Enabled = None,
    severity: OfSeverity = None,
) -> list[AlertRuleOut]:
    """The rules that hold for an organisation, by code: its own, those from above, as shipped."""
    shown = rules.show_rules(call.conn, call.actor, organisation=organisation)
    return [
        AlertRuleOut.of(each)
        for each in shown
        if (kind is None or each.rule.kind.name == kind)
        and (enabled is None or each.rule.enabled is enabled)
        and (severity is None or each.rule.severity == severity)
    ]


@operations.post("/alert-rules/check-expression")
def check_alert_expression(call: Call, body: ExpressionIn) -> ExpressionOut:
    """Look at an expression of a custom rule: whether it can be used, else where it is wrong."""
    call.actor.require("alert_rule.read")
    try:
        read = expressions.compile_expression(body.expression)
    except expressions.ExpressionInvalid as wrong:
        return ExpressionOut(
            valid=False,
            fields=[],
            problem=wrong.facts["saying"],
            reason=wrong.facts["reason"],
            line=wrong.facts["line"],
            column=wrong.facts["column"],
            excerpt=wrong.facts["excerpt"],
        )
    return ExpressionOut(valid=True, fields=sorted(read.fields))


@operations.post("/alert-rules/rehearse")
def rehearse_alert_rule(
    call: Call, body: RehearsalIn, organisation: ForOrganisation = None
) -> RehearsalOut:
    """Try a rule on the past: when it would have fired, on which vehicles. Nobody is told.

    Of what falls due, which reminders are to come. It is for an organisation and all below it,
    whatever is set there. `record` writes what is over into the inbox, as history.
    """
    call.actor.require("alert_rule.try")
    draft = rules.draft_rule(
        call.conn,
        call.actor,
        organisation=organisation,
        code=body.code,
        kind=body.kind,
        severity=body.severity,
        parameters=body.parameters,
        scope=None if body.scope is None else body.scope.model_dump(),
    )
    found = rehearsal.rehearse(
        call.conn, call.actor, draft, days=body.days, now=call.now, record=body.record
    )
    return RehearsalOut.of(found)


@operations.get("/alert-rules/{code}", tells=["ETag"])
def get_alert_rule(
    call: Call, code: RuleCodePath, organisation: ForOrganisation = None
) -> Answer[AlertRuleOut]:
    """The rule that holds for an organisation under a code; setting it asks for the ETag."""
    return _answer(rules.show_rule(call.conn, call.actor, code=code, organisation=organisation))


@operations.put("/alert-rules/{code}", tells=["ETag"])
def set_alert_rule(
    call: Call,
    code: RuleCodePath,
    body: AlertRuleIn,
    organisation: ForOrganisation = None,
    if_match: IfMatch = None,
) -> Answer[AlertRuleOut]:
    """Set a rule, whole, for an organisation and all below it that do not set it themselves.

    Under the code of a kind it is that kind's rule. Another code makes a further rule of a kind
    that may have several. If-Match: the ETag, `"0"` the first time.
    """
    shown = rules.set_rule(
        call.conn,
        call.actor,
        organisation=organisation,
        code=code,
        kind=body.kind,
        enabled=body.enabled,
        severity=body.severity,
        parameters=body.parameters,
        scope=body.scope.model_dump(),
        name=body.name,
        version=version_of(if_match),
        now=call.now,
    )
    return _answer(shown)


@operations.delete("/alert-rules/{code}")
def retire_alert_rule(
    call: Call,
    code: RuleCodePath,
    organisation: ForOrganisation = None,
    if_match: IfMatch = None,
) -> None:
    """Take back what an organisation has set: what stands above holds again, or as shipped.

    If-Match: the ETag.
    """
    rules.retire_rule(
        call.conn,
        call.actor,
        organisation=organisation,
        code=code,
        version=version_of(if_match),
        now=call.now,
    )


@operations.get("/alert-rules/{code}/versions")
def list_alert_rule_versions(
    call: Call,
    code: RuleCodePath,
    organisation: ForOrganisation = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[AlertRuleVersionOut]:
    """What an organisation's own rule said, the last first."""
    place = place_of(after, int)
    if place == [None]:
        raise ApiError(422, "cursor_invalid", field="after")
    rows = rules.list_versions(
        call.conn,
        call.actor,
        code=code,
        organisation=organisation,
        before=None if place is None else place[0],
        limit=limit + 1,
    )
    page, last = split_page(rows, limit)
    return Page[AlertRuleVersionOut](
        items=[AlertRuleVersionOut.of(row) for row in page], next=last and cursor_of(last.no)
    )


def _answer(shown: rules.Shown) -> Answer[AlertRuleOut]:
    return Answer(AlertRuleOut.of(shown), version=shown.version)
