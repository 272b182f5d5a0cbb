"""Parses an expression into its tree, with cel-python's grammar of CEL.

Decides what of CEL is left out by its form: maps, messages, indices, macros. The parser does
not recurse; turning its tree into ours does, and stops at the depth allowed.
"""

from typing import Any, Final

from celpy.celparser import CELParseError, CELParser
from lark import Token, Tree
from lark.exceptions import UnexpectedToken

from alerts.expressions.errors import ExpressionInvalid, Reason, expression_invalid
from alerts.expressions.literals import read_number, read_text
from alerts.expressions.scanning import MAX_DEPTH, scan
from alerts.expressions.syntax import (
    Called,
    Chain,
    Choice,
    Listed,
    Literally,
    Named,
    Node,
    Prefixed,
    Rank,
)

MAX_NODES: Final = 500
MAX_ITEMS: Final = 200
_RANKS: Final[dict[str, Rank]] = {
    "conditionalor": "or",
    "conditionaland": "and",
    "relation": "relation",
    "addition": "sum",
    "multiplication": "product",
}
_SIGNS: Final = {
    "conditionalor": "||",
    "conditionaland": "&&",
    "relation_lt": "<",
    "relation_le": "<=",
    "relation_gt": ">",
    "relation_ge": ">=",
    "relation_eq": "==",
    "relation_ne": "!=",
    "relation_in": "in",
    "addition_add": "+",
    "addition_sub": "-",
    "multiplication_mul": "*",
    "multiplication_div": "/",
    "multiplication_mod": "%",
}
_LEFT_OUT: Final = {
    "member_index": "x[i] is left out here",
    "member_object": "messages are left out here",
    "map_lit": "maps are left out here",
    "dot_ident": "a name does not begin with a dot here",
    "dot_ident_arg": "a name does not begin with a dot here",
}
_PASSING: Final = {*_RANKS, "expr", "unary", "member", "primary", "paren_expr"}
"""Rules that, with one child, mean no more than it."""
_MACROS: Final = {"all", "exists", "exists_one", "existsOne", "map", "filter"}
_parser = CELParser()


def parse(text: str) -> Node:
    """The tree of an expression.

    Raises:
        ExpressionInvalid: it is none, too large, or of a form that is left out.
    """
    blanked = scan(text)
    try:
        tree = _parser.parse(blanked)
    except CELParseError as fault:
        raise _unexpected(text, blanked, fault) from None
    return _Reader(text).read(tree, 0)


def _unexpected(text: str, blanked: str, fault: CELParseError) -> ExpressionInvalid:
    cause = fault.__context__
    if isinstance(cause, UnexpectedToken) and cause.token.type == "$END":
        return expression_invalid(
            text, len(blanked.rstrip()), "syntax", "something is missing here"
        )
    at = getattr(cause, "pos_in_stream", None)
    if at is None and isinstance(cause, UnexpectedToken):
        at = cause.token.start_pos
    at = at or 0
    word = text[at : at + 1]
    return expression_invalid(text, at, "syntax", f"{word} cannot stand here")


class _Reader:
    """Turns the parser's tree into ours, counting nodes and depth."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.nodes = 0

    def fault(self, tree: Tree[Token], reason: Reason, saying: str) -> ExpressionInvalid:
        return expression_invalid(self.text, _start(tree), reason, saying)

    def word(self, token: Tree[Token] | Token) -> str:
        """The word as it was written, not as the parser saw it."""
        assert isinstance(token, Token)
        return self.text[token.start_pos : token.end_pos]

    def read(self, tree: Tree[Token], depth: int) -> Node:
        while tree.data in _PASSING and len(tree.children) == 1:
            inner = tree.children[0]
            assert isinstance(inner, Tree)
            tree = inner
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise self.fault(tree, "too_large", f"more than {MAX_NODES} values and operators")
        if depth > MAX_DEPTH:
            raise self.fault(tree, "too_deep", f"more than {MAX_DEPTH} levels within one another")
        kind = str(tree.data)
        if kind in _LEFT_OUT:
            raise self.fault(tree, "left_out", _LEFT_OUT[kind])
        if kind in _RANKS:
            return self.chain(tree, _RANKS[kind], depth + 1)
        reading: Any = getattr(self, kind)
        node: Node = reading(tree, depth + 1)
        return node

    def chain(self, tree: Tree[Token], rank: Rank, depth: int) -> Node:
        """`a + b - c`: the left side is followed in a loop, however long it is.

        Each step of a sum is a level, as it is to polars, which plans in time quadratic in them.
        """
        start, operands, signs = _start(tree), [], []
        while len(tree.children) == 2:
            left, right = tree.children
            assert isinstance(left, Tree)
            assert isinstance(right, Tree)
            operands.append(self.read(right, depth))
            signs.append(_SIGNS[str(left.data)])
            inner = left.children[0] if str(left.data) not in _RANKS else left
            assert isinstance(inner, Tree)
            tree = inner
            self.nodes += 1
            if rank in ("sum", "product"):
                depth += 1
        operands.append(self.read(tree, depth))
        return Chain(start, rank, tuple(reversed(operands)), tuple(reversed(signs)))

    def expr(self, tree: Tree[Token], depth: int) -> Node:
        condition, yes, no = (self.read(each, depth) for each in _trees(tree))
        return Choice(_start(tree), condition, yes, no)

    def unary(self, tree: Tree[Token], depth: int) -> Node:
        sign, operand = _trees(tree)
        read = self.read(operand, depth)
        return Prefixed(_start(tree), "!" if sign.data == "unary_not" else "-", read)

    def literal(self, tree: Tree[Token], depth: int) -> Node:
        token = tree.children[0]
        assert isinstance(token, Token)
        at = _start(tree)
        word = self.text[at : tree.meta.end_pos]
        match token.type:
            case "NULL_LIT":
                return Literally(at, None)
            case "STRING_LIT":
                return Literally(at, read_text(self.text, at, word))
        return Literally(at, read_number(self.text, at, word))

    def ident(self, tree: Tree[Token], depth: int) -> Node:
        start, name = _start(tree), self.word(tree.children[0])
        return Literally(start, name == "true") if name in ("true", "false") else Named(start, name)

    def member_dot(self, tree: Tree[Token], depth: int) -> Node:
        target, name = tree.children
        assert isinstance(target, Tree)
        read = self.read(target, depth)
        if not isinstance(read, Named):
            raise self.fault(
                tree, "left_out", f"only vehicle and previous have parts, not this .{name}"
            )
        return Named(read.start, f"{read.name}.{self.word(name)}")

    def ident_arg(self, tree: Tree[Token], depth: int) -> Node:
        name, *rest = tree.children
        return Called(_start(tree), self.word(name), self.arguments(rest, depth), method=False)

    def member_dot_arg(self, tree: Tree[Token], depth: int) -> Node:
        target, name, *rest = tree.children
        assert isinstance(target, Tree)
        if str(name) in _MACROS:
            raise self.fault(
                tree, "left_out", f"the macro {name} is left out here; write x in [a, b]"
            )
        arguments = self.arguments(rest, depth)
        read = self.read(target, depth)
        if isinstance(read, Named) and read.name == "math":
            return Called(_start(tree), f"math.{name}", arguments, method=False)
        return Called(_start(tree), str(name), (read, *arguments), method=True)

    def arguments(self, rest: list[Tree[Token] | Token], depth: int) -> tuple[Node, ...]:
        if not rest:
            return ()
        assert isinstance(rest[0], Tree)
        return tuple(self.read(each, depth) for each in _trees(rest[0]))

    def list_lit(self, tree: Tree[Token], depth: int) -> Node:
        inner = tree.children[0] if tree.children else None
        trees = _trees(inner) if isinstance(inner, Tree) else []
        if len(trees) > MAX_ITEMS:
            raise self.fault(tree, "too_large", f"more than {MAX_ITEMS} items in a list")
        return Listed(_start(tree), tuple(self.read(each, depth) for each in trees))


def _trees(tree: Tree[Token]) -> list[Tree[Token]]:
    return [each for each in tree.children if isinstance(each, Tree)]


def _start(tree: Tree[Token]) -> int:
    return int(tree.meta.start_pos)
