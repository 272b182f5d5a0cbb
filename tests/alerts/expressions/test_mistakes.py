"""Every mistake is told with its place and in words; hostile texts are refused at once."""

import pytest

from alerts.expressions.compiling import compile_expression
from alerts.expressions.errors import ExpressionInvalid
from alerts.expressions.functions import MAX_REGEX
from alerts.expressions.parsing import MAX_ITEMS, MAX_NODES
from alerts.expressions.scanning import MAX_CHARACTERS, MAX_DEPTH
from kit.errors import Invalid


def refusal(text: str) -> ExpressionInvalid:
    with pytest.raises(ExpressionInvalid) as refused:
        compile_expression(text)
    return refused.value


@pytest.mark.parametrize(
    ("text", "column", "reason", "saying"),
    [
        # names
        ("soc < 2", 1, "unknown_name", "there is no field soc; did you mean soc_pct?"),
        ("speed > 3", 1, "unknown_name", "did you mean speed_kmh?"),
        ("temp > 3", 1, "unknown_name", "did you mean temp_max_c?"),
        ("true && model == 'x'", 9, "unknown_name", "did you mean vehicle.model?"),
        ("vehicle.modell == 'x'", 1, "unknown_name", "did you mean vehicle.model?"),
        ("previous.vehicle.vin == ''", 1, "unknown_name", "there is no field"),
        ("zzzz == 1", 1, "unknown_name", "there is no field zzzz"),
        ("previous > 1", 1, "unknown_name", "previous has fields, such as previous.soc_pct"),
        ("abs(soc_pct) > 1", 1, "unknown_name", "write math.abs(x)"),
        ("math.max(1, 2) > 1", 1, "unknown_name", "write math.greatest(x, y, …)"),
        ("flor(1) > 1", 1, "unknown_name", "there is no function flor; did you mean math.floor?"),
        # types
        ("soc_pct", 1, "not_a_condition", "this is a number, not a condition"),
        ("soc_pct < '3'", 11, "type_mismatch", "< cannot compare a number with a text"),
        ("vehicle.let < true", 15, "type_mismatch", "cannot compare true or false"),
        ("soc_pct && true", 1, "type_mismatch", "&& joins true or false, not a number"),
        ("!soc_pct", 2, "type_mismatch", "! turns round true or false, not a number"),
        ("-vehicle.let", 2, "type_mismatch", "- stands before a number, not true or false"),
        ("1 < 2 < 3", 9, "type_mismatch", "compare two at a time"),
        ("soc_pct % 2.0 == 1", 1, "type_mismatch", "% takes a whole number, not a number"),
        ("vehicle.let ? 1 : 'a'", 19, "type_mismatch", "both sides of : are of one type"),
        ("soc_pct in vehicle.groups", 1, "type_mismatch", "a list of texts holds a text"),
        ("soc_pct in ['a']", 13, "type_mismatch", "a number is never a text"),
        ("vehicle.groups == []", 19, "type_mismatch", "a list stands after in only"),
        ("vehicle.groups.contains('a')", 1, "type_mismatch", "write 'x' in the list"),
        ("has(soc_pct > 1)", 5, "type_mismatch", "has() asks of a field, such as soc_pct"),
        ("string(soc_pct) == '1'", 8, "type_mismatch", "string() takes a text or true or false"),
        ("math.bitAnd(soc_pct, 1) == 1", 13, "type_mismatch", "takes a whole number"),
        # what can never be
        ("vehicle_state == 'On'", 18, "never_so", "vehicle_state is never 'On', but one of"),
        ("'charging' == charge_state", 1, "never_so", "did you mean 'not_charging'?"),
        ("gear in ['D', 'X']", 15, "never_so", "gear is never 'X'"),
        ("soc_pct / 0 > 1", 11, "division_by_zero", "/ by zero is never known"),
        ("alarm_level % 0 == 1", 15, "division_by_zero", "% by zero is never known"),
        # grammar
        ("", 1, "syntax", "there is nothing here"),
        ("// only this", 1, "syntax", "there is nothing here"),
        ("soc_pct <", 10, "syntax", "something is missing here"),
        ("soc_pct < * 2", 11, "syntax", "* cannot stand here"),
        ("soc_pct = 3", 9, "syntax", "write == for ="),
        ("soc_pct < 3 & true", 13, "syntax", "write && for &"),
        ("soc_pct < 3 and true", 13, "syntax", "write && for and"),
        ("not vehicle.let", 1, "syntax", "write ! for not"),
        ("soc_pct is null", 9, "syntax", "write == for is"),
        ("vehicle.model contains 'x'", 15, "syntax", "an operator such as && or == is missing"),
        ("alarm_level inside [1]", 13, "syntax", "an operator such as && or == is missing"),
        ("true && (soc_pct < 3", 9, "syntax", "this ( is never closed"),
        ("soc_pct < 3)", 12, "syntax", "this ) closes nothing"),
        ("soc_pct in [1, 2)", 17, "syntax", "this ) does not close the [ before it"),
        ("vehicle.model == 'x", 18, "syntax", "this text has no end"),
        (r"vehicle.model == 'a\q'", 20, "syntax", r"there is no escape \q"),
        (r"vehicle.model == '\ud800'", 19, "syntax", "is no character"),
        ("soc_pct ＜ 20", 9, "syntax", "write < for the full-width ＜"),
        ("vehicle.model == “x”", 18, "syntax", 'write " for the full-width “'),
        ("soc_pct\u3000< 20", 8, "syntax", "a full-width space stands here; write a plain one"),
        ("soc_pct\u00a0< 20", 8, "syntax", "a no-break space stands here; write a plain one"),
        ("soc_pct\u2003< 20", 8, "syntax", "an odd space stands here; write a plain one"),
        (
            "vehicle.plate + null == 'x'",
            17,
            "type_mismatch",
            "+ after a text takes a text, not null",
        ),
        ("vehicle.plate + 1 == 'x'", 17, "type_mismatch", "+ after a text takes a text, not a wh"),
        ("1 + vehicle.plate == 'x'", 5, "type_mismatch", "+ takes a number, not a text"),
        ("soc_pct < 20；", 13, "syntax", "； cannot stand outside a text"),
        ("电量 < 20", 1, "syntax", "电 cannot stand outside a text"),
        ("soc_pct\0 < 20", 8, "syntax", "the character U+0000 cannot stand here"),
        ("\u202esoc_pct < 20", 1, "syntax", "the character U+202E cannot stand here"),
        ("\ud800 < 20", 1, "syntax", "the character U+D800 cannot stand here"),
        ("math.abs() > 1", 1, "syntax", "write math.abs(x)"),
        ("startsWith(vehicle.model, 'x')", 1, "syntax", "write text.startsWith(text)"),
        # left out of CEL
        ("[1, 2].all(x, x > 1)", 1, "left_out", "the macro all is left out here"),
        ("vehicle.groups.exists(g, g == 'a')", 1, "left_out", "the macro exists is left out"),
        ("{'a': 1} == 1", 1, "left_out", "maps are left out here"),
        ("vehicle.groups[0] == 'a'", 1, "left_out", "x[i] is left out here"),
        ("vehicle{a: 1} == 1", 1, "left_out", "messages are left out here"),
        (".soc_pct < 1", 1, "left_out", "a name does not begin with a dot here"),
        ("b'x' == b'y'", 1, "left_out", "bytes are left out here"),
        ("'''x''' == ''", 1, "left_out", "a text stands in single quotes, on one line"),
        ("timestamp('2026') > 1", 1, "left_out", "timestamp() is left out here"),
        ("'a'.b == 1", 1, "left_out", "only vehicle and previous have parts"),
        ("soc_pct in [null]", 13, "left_out", "values written out, without null"),
        ("soc_pct in [soc_pct]", 13, "left_out", "a list holds values written out"),
        # numbers and regular expressions
        ("9223372036854775808 > 1", 1, "too_large", "is too large a number"),
        ("1e999 > 1", 1, "too_large", "1e999 is too large a number"),
        ("vehicle.vin.matches('(')", 21, "bad_regex", "no regular expression: unclosed group"),
        ("vehicle.vin.matches('(?=x)')", 21, "bad_regex", "look-around"),
        ("vehicle.vin.matches(vehicle.vin)", 21, "bad_regex", "is written out"),
        ("vehicle.vin.matches('(a{99}){99}')", 21, "bad_regex", "multiply to more than 1000"),
    ],
)
def test_is_told_where_and_in_words(text: str, column: int, reason: str, saying: str) -> None:
    told = refusal(text)
    assert (told.facts["line"], told.facts["column"], told.facts["reason"]) == (1, column, reason)
    assert saying in told.facts["saying"]
    assert told.message == f"line 1, column {column}: {told.facts['saying']}"


def test_shows_the_place_on_its_line() -> None:
    told = refusal("vehicle.let\n  && soc < 20\n  && true")
    assert (told.facts["line"], told.facts["column"]) == (2, 6)
    assert told.facts["excerpt"] == "  && soc < 20\n     ^"
    assert (told.code, told.field) == ("expression_invalid", "expression")
    assert isinstance(told, Invalid)


def test_shows_a_part_of_a_long_line() -> None:
    told = refusal("soc_pct < 1.0 || " * 20 + "soc < 2")
    line, mark = told.facts["excerpt"].split("\n")
    assert line[len(mark) - 1 :] == "soc < 2"
    assert len(line) == 47


def nested(levels: int) -> str:
    return "(" * levels + "soc_pct" + ")" * levels + " > 1"


HOSTILE = {
    "too long": ("soc_pct < 1 || " * 200 + "true", "too_long"),
    "brackets": ("(" * 1_990, "too_deep"),
    "brackets that close": ("(" * 900 + "1" + ")" * 900, "too_deep"),
    "lists": ("[" * 900 + "]" * 900, "too_deep"),
    "one bracket too many": (nested(MAX_DEPTH + 1), "too_deep"),
    "a sum without end": ("1" + "+1" * 700 + " > 0", "too_deep"),
    "a product without end": ("1" + "*1" * 60 + " > 0", "too_deep"),
    "signs": ("!" * 1_900 + "true", "too_large"),
    "fewer signs": ("-" * 1_400 + "1 > 0", "too_deep"),
    "choices": ("true?true:" * 190 + "true", "too_deep"),
    "choices side by side": ("||".join(["(vehicle.let ? true : false)"] * 11), "too_large"),
    "calls": ("math.abs(" * 60 + "1" + ")" * 60 + " > 0", "too_deep"),
    "parts": ("a" + ".b" * 900, "too_large"),
    "conditions": ("||".join(["1<2"] * 300), "too_large"),
    "items": (f"1 in [{','.join(['1'] * (MAX_ITEMS + 1))}]", "too_large"),
    # these two take the library's own pattern of a text exponential time
    "backslashes": ("'" + "\\" * 1_990, "syntax"),
    "escapes without an end": ('"' + "\\x41" * 400, "syntax"),
    "quotes": ("'" * 1_999, "left_out"),
    "letters of another script": ("é" * 1_999, "syntax"),
    "digits": ("1" * 1_990 + " > 0", "too_large"),
    "dots": ("1." * 990, "syntax"),
    "regular expressions": ("||".join(["vehicle.vin.matches('a')"] * 11), "too_large"),
    "a long regular expression": (f"vehicle.vin.matches('{'a' * 201}')", "bad_regex"),
    "a large regular expression": (r"vehicle.vin.matches(r'\pL{999}\w+')", "bad_regex"),
}


@pytest.mark.parametrize(("text", "reason"), HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_texts_are_refused(text: str, reason: str) -> None:
    assert refusal(text).facts["reason"] == reason


@pytest.mark.parametrize(
    "text",
    [
        nested(MAX_DEPTH),
        "soc_pct" + " + 1.0" * (MAX_DEPTH - 5) + " > 0.0",
        " || ".join(["soc_pct < 1"] * 100),
        f"alarm_level in [{', '.join(['1'] * MAX_ITEMS)}]",
        "'" + "😀" * 1_990 + "' == ''",
        f"vehicle.vin.matches('{'a' * MAX_REGEX}')",
        "vehicle.vin.matches('(a+)+(b|b)*$')",
    ],
    ids=["deep", "a long sum", "many conditions", "many items", "a long text", "regex", "regex +"],
)
def test_what_is_within_limits_is_taken(text: str) -> None:
    assert len(text) <= MAX_CHARACTERS
    assert compile_expression(text).text == text


def test_limits_are_those_of_the_guide() -> None:
    assert (MAX_CHARACTERS, MAX_DEPTH, MAX_NODES, MAX_ITEMS, MAX_REGEX) == (2000, 40, 500, 200, 200)
