"""The tree of an expression: what was written, and where it begins and ends.

Operators of one rank stand in one `Chain`, so that a long sum is wide, not deep.
"""

from dataclasses import dataclass
from typing import Literal

Constant = bool | int | float | str | None
Rank = Literal["or", "and", "relation", "sum", "product"]


@dataclass(frozen=True, slots=True)
class Literally:
    """A value as it was written."""

    start: int
    value: Constant


@dataclass(frozen=True, slots=True)
class Named:
    """A field, by its name with its dots."""

    start: int
    name: str


@dataclass(frozen=True, slots=True)
class Prefixed:
    """`!x` or `-x`."""

    start: int
    sign: Literal["!", "-"]
    operand: "Node"


@dataclass(frozen=True, slots=True)
class Chain:
    """Operands joined by operators of one rank, read from the left."""

    start: int
    rank: Rank
    operands: tuple["Node", ...]
    signs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """`condition ? yes : no`."""

    start: int
    condition: "Node"
    yes: "Node"
    no: "Node"


@dataclass(frozen=True, slots=True)
class Called:
    """`name(arguments)`, or `target.name(arguments)`, where the target comes first."""

    start: int
    name: str
    arguments: tuple["Node", ...]
    method: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """`[a, b, c]`."""

    start: int
    items: tuple["Node", ...]


Node = Literally | Named | Prefixed | Chain | Choice | Called | Listed
