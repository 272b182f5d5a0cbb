"""What other parts call: a text to a condition, and what it may speak of."""

from alerts.expressions.compiling import Expression, compile_expression
from alerts.expressions.errors import ExpressionInvalid
from alerts.expressions.fields import FIELDS, ExpressionField
from alerts.expressions.functions import FUNCTIONS, Function
from alerts.expressions.words import OPERATORS, Operator

__all__ = [
    "FIELDS",
    "FUNCTIONS",
    "OPERATORS",
    "Expression",
    "ExpressionField",
    "ExpressionInvalid",
    "Function",
    "Operator",
    "compile_expression",
]
