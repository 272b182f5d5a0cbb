"""What is not allowed with rules."""

from typing import Any

from kit.errors import Conflict, Invalid, NotFound, Refused


class RuleNotFound(NotFound):
    """No rule of this code holds for the organisation, or it has not set it itself."""

    code = "alert_rule_not_found"


class RuleKindUnknown(Invalid):
    """There is no such kind of rules."""

    code = "alert_rule_kind_unknown"
    field = "kind"


class RuleCodeTaken(Conflict):
    """The code is that of a rule of another kind."""

    code = "alert_rule_code_taken"
    field = "kind"


class RuleStandsAlone(Invalid):
    """Of this kind there is one rule, under the kind's own code."""

    code = "alert_rule_stands_alone"
    field = "kind"


class RuleParametersInvalid(Invalid):
    """The parameters are not what the kind takes; the facts name each that is wrong."""

    code = "alert_rule_parameters_invalid"
    field = "parameters"

    def __init__(self, message: str, *, place: str | None = None, **facts: Any) -> None:
        super().__init__(message, **facts)
        if place is not None:
            self.field = place  # type: ignore[misc]  # of this one error, not of its class


class RuleScopeInvalid(RuleParametersInvalid):
    """The scope names what is not there, or narrows what cannot be narrowed."""

    code = "alert_rule_scope_invalid"
    field = "scope"


class TooManyRules(Refused):
    """An organisation has no more further rules than can be judged."""

    code = "alert_rules_too_many"
