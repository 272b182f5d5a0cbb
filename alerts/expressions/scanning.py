"""Looks an expression over before it is parsed: its length, its words, its brackets, its texts.

Everything that could make the parser slow or its errors unclear ends here, in one pass. The parser
gets the expression with texts and comments blanked out, of the same length, so that its positions
hold: its own pattern of a text takes exponential time on backslashes without an end.
"""

import re
import unicodedata
from typing import Final

from alerts.expressions.errors import ExpressionInvalid, Reason, expression_invalid

MAX_CHARACTERS: Final = 2_000
MAX_DEPTH: Final = 40
MAX_WORDS: Final = 1_500
"""Of all kinds: names, numbers, texts, signs."""

# No two alternatives of a repetition begin alike: each takes linear time.
_WORD: Final = re.compile(
    r"""(?P<space>[ \t\r\n\f]+)
    |(?P<comment>//[^\n]*)
    |(?P<bytes>[bB][rR]?["']|[rR][bB]["'])
    |(?P<long>[rR]?(?:\"{3}|'{3}))
    |(?P<text>[rR](?:"[^"\n]*"|'[^'\n]*')|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    |(?P<number>0x[0-9a-fA-F]+[uU]?|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[uU]?)
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<sign>&&|\|\||[<>=!]=|[-+*/%<>!?:.,()\[\]{}])
    """,
    re.VERBOSE,
)
_CLOSES: Final = {")": "(", "]": "[", "}": "{"}
_MEANT: Final = {"and": "&&", "or": "||", "not": "!", "=": "==", "&": "&&", "|": "||", "is": "=="}


def _fault(text: str, at: int, saying: str, reason: Reason = "syntax") -> ExpressionInvalid:
    return expression_invalid(text, at, reason, saying)


def scan(text: str) -> str:
    """The expression with its texts, comments, true and false blanked out, fit for the parser.

    Raises:
        ExpressionInvalid: too long, too deep, or with something that cannot stand there.
    """
    if len(text) > MAX_CHARACTERS:
        raise _fault(
            text,
            MAX_CHARACTERS,
            f"longer than {MAX_CHARACTERS} characters ({len(text)})",
            "too_long",
        )
    blanked: list[str] = []
    brackets: list[tuple[str, int]] = []
    at, words, after_value = 0, 0, False
    while at < len(text):
        match = _WORD.match(text, at)
        if match is None:
            raise _stray(text, at)
        kind, word = str(match.lastgroup), match[0]
        if kind in ("space", "comment"):
            blanked.append(word if kind == "space" else " " * len(word))
            at = match.end()
            continue
        words += 1
        if words > MAX_WORDS:
            raise _fault(text, at, f"more than {MAX_WORDS} words and signs", "too_large")
        _check_kind(text, at, kind)
        if kind == "sign":
            _follow(text, at, word, brackets)
            after_value = word in _CLOSES
        else:
            joins = word == "in" and kind == "name"
            if not joins:
                _check_apart(text, at, word, after_value)
            after_value = not joins
        blanked.append(_blank(kind, word))
        at = match.end()
    if brackets:
        raise _fault(text, brackets[-1][1], f"this {brackets[-1][0]} is never closed")
    if words == 0:
        raise _fault(text, 0, "there is nothing here; write a condition such as soc_pct < 20")
    return "".join(blanked)


def _blank(kind: str, word: str) -> str:
    if kind == "text":
        return f'"{"_" * (len(word) - 2)}"'
    # The parser forgets where these two stand; a name it remembers.
    return "_" * len(word) if word in ("true", "false") else word


def _check_kind(text: str, at: int, kind: str) -> None:
    if kind == "bytes":
        raise _fault(text, at, "bytes are left out here; write a text", "left_out")
    if kind == "long":
        raise _fault(text, at, "a text stands in single quotes, on one line", "left_out")


def _check_apart(text: str, at: int, word: str, after_value: bool) -> None:
    """Two values beside one another lack an operator; the parser would read `x inbox` as `in`."""
    if meant := _MEANT.get(word.lower()):
        raise _fault(text, at, f"write {meant} for {word}")
    if after_value:
        raise _fault(text, at, "an operator such as && or == is missing before this")


def _follow(text: str, at: int, sign: str, brackets: list[tuple[str, int]]) -> None:
    """Keep account of what is open.

    Raises:
        ExpressionInvalid: too many are open, or this closes none or another.
    """
    if sign in _CLOSES.values():
        brackets.append((sign, at))
        if len(brackets) > MAX_DEPTH:
            raise _fault(text, at, f"more than {MAX_DEPTH} brackets within one another", "too_deep")
    elif sign in _CLOSES:
        if not brackets:
            raise _fault(text, at, f"this {sign} closes nothing")
        opened, _ = brackets.pop()
        if opened != _CLOSES[sign]:
            raise _fault(text, at, f"this {sign} does not close the {opened} before it")


def _stray(text: str, at: int) -> ExpressionInvalid:
    letter = text[at]
    if letter in "\"'":
        return _fault(text, at, "this text has no end; close it with the same quote on its line")
    if letter in _MEANT:
        return _fault(text, at, f"write {_MEANT[letter]} for {letter}")
    if letter.isspace():
        name = {"\u3000": "a full-width", "\u00a0": "a no-break"}.get(letter, "an odd")
        return _fault(text, at, f"{name} space stands here; write a plain one")
    plain = {"“": '"', "”": '"', "‘": "'", "’": "'", "。": ".", "、": ","}.get(
        letter, unicodedata.normalize("NFKC", letter)
    )
    if plain != letter and (_WORD.match(plain) or plain in tuple("\"'&|")):
        return _fault(text, at, f"write {plain} for the full-width {letter}")
    if letter.isprintable():
        return _fault(text, at, f"{letter} cannot stand outside a text")
    return _fault(text, at, f"the character U+{ord(letter):04X} cannot stand here")
