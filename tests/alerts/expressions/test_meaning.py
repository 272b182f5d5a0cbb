"""What expressions mean, row by row: a table of samples, and what each expression says of it."""

from typing import Any

import polars as pl
import pytest

from alerts.expressions.compiling import compile_expression
from alerts.expressions.fields import DTYPES, FIELDS

KNOWN = {
    "soc_pct": 10.0,
    "temp_max_c": -2.5,
    "alarm_level": 3,
    "alarm_bits": 8,
    "vehicle_state": "on",
    "vehicle.model": "Box 3",
    "vehicle.groups": ["cold", "south"],
    "vehicle.let": True,
    "previous.soc_pct": 12.0,
}
OTHER = {
    "soc_pct": 50.0,
    "temp_max_c": 0.0,
    "alarm_level": 0,
    "alarm_bits": 3,
    "vehicle_state": "off",
    "vehicle.model": "冷藏 T5",
    "vehicle.groups": [],
    "vehicle.let": False,
    "previous.soc_pct": None,
}
T, F, U = True, False, None
"""True, false, unknown."""


def ask(text: str, *rows: dict[str, Any]) -> list[bool | None]:
    """What the expression says of each row."""
    schema = {name: DTYPES[field.type] for name, field in FIELDS.items()}
    frame = pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)
    expression = compile_expression(text)
    found: list[bool | None] = frame.select(expression.condition.alias("is"))["is"].to_list()
    return found


@pytest.mark.parametrize(
    ("text", "says"),
    [
        # comparison and arithmetic
        ("soc_pct < 20", [T, F, U]),
        ("soc_pct <= 10 || soc_pct >= 50.0", [T, T, U]),
        ("soc_pct != 10", [F, T, U]),
        ("soc_pct - previous.soc_pct < -1.5", [T, U, U]),
        ("2 + 3 * 4 == 14 && (2 + 3) * 4 == 20", [T, T, T]),
        ("10 - 3 - 2 == 5 && 100 / 10 / 2 == 5", [T, T, T]),
        ("-soc_pct < -20.0", [F, T, U]),
        ("-alarm_level == -3", [T, F, U]),
        ("alarm_level * 1.5 == 4.5", [T, F, U]),
        ("alarm_level == 3.0", [T, F, U]),
        # whole numbers: towards zero, unknown above 64 bits
        ("alarm_level / 2 == 1", [T, F, U]),
        ("-7 / 2 == -3 && -7 % 3 == -1 && 7 % -3 == 1", [T, T, T]),
        ("9223372036854775807 + alarm_level > 0", [U, T, U]),
        ("-9223372036854775808 < 0 && 0x10 == 16 && 1u == 1", [T, T, T]),
        # nothing is known of what is divided by zero
        ("soc_pct / temp_max_c < 0", [T, U, U]),
        ("6 / alarm_level == 2", [T, U, U]),
        ("6 % alarm_level == 0", [T, U, U]),
        ("1e308 * 10.0 - 1e308 * 10.0 > soc_pct", [U, U, U]),
        # logic with unknowns
        ("soc_pct < 20 && vehicle.let", [T, F, U]),
        ("soc_pct < 20 || true", [T, T, T]),
        ("false && soc_pct < 20", [F, F, F]),
        ("!(soc_pct < 20)", [F, T, U]),
        ("!!vehicle.let", [T, F, U]),
        ("previous.soc_pct > 1.0 || soc_pct > 20.0", [T, T, U]),
        # null and has
        ("soc_pct == null", [F, F, T]),
        ("null != previous.soc_pct", [T, F, F]),
        ("has(previous.soc_pct) && soc_pct < 20", [T, F, F]),
        ("null == null", [T, T, T]),
        # choice
        ("vehicle.let ? soc_pct < 20 : soc_pct < 60", [T, T, U]),
        ("(vehicle.let || false) ? soc_pct < 5 : soc_pct < 60", [F, T, U]),
        ("(vehicle.let ? 1 : 2.5) > 1.0", [F, T, U]),
        ("(vehicle.let ? 1 : null) == 1", [T, U, U]),
        ("vehicle.let ? false : vehicle_state == 'off' ? true : false", [F, T, U]),
        # lists
        ("alarm_level in [1, 3]", [T, F, U]),
        ("soc_pct in [10, 50.5]", [T, F, U]),
        ("alarm_level in [0.0, 2.5]", [F, T, U]),
        ("vehicle_state in ['off', 'other']", [F, T, U]),
        ("vehicle.model in []", [F, F, U]),
        ("'cold' in vehicle.groups", [T, F, U]),
        ("vehicle.let in [true]", [T, F, U]),
        # texts
        ("vehicle.model.startsWith('Box') && vehicle.model.endsWith(\"3\")", [T, F, U]),
        ("vehicle.model.contains('冷藏')", [F, T, U]),
        ("vehicle.model.contains('.')", [F, F, U]),
        ("vehicle.model.matches('^[A-Z][a-z]+ [0-9]$')", [T, F, U]),
        ("matches(vehicle.model, 'T[0-9]')", [F, T, U]),
        ("vehicle.model + '!' == 'Box 3!'", [T, F, U]),
        ("vehicle.model < 'C'", [T, F, U]),
        ("size(vehicle.model) == 5 && vehicle.model.size() == 5", [T, T, U]),
        ("size(vehicle.groups) > 1", [T, F, U]),
        (r"'\x42\u006f\U00000078 \063' == vehicle.model", [T, F, U]),
        (r"""r'\d' == '\\d' && '\'' == "'" """, [T, T, T]),
        # functions
        ("math.abs(temp_max_c) > 2.0 || math.abs(-5) == 4", [T, F, U]),
        ("math.least(soc_pct, alarm_level, 20) == 3.0", [T, F, U]),
        ("math.greatest(soc_pct, previous.soc_pct) == 12", [T, U, U]),
        ("math.round(temp_max_c) == -3.0", [T, F, U]),
        ("math.floor(temp_max_c) == -3.0 && math.ceil(temp_max_c) == -2.0", [T, F, U]),
        ("math.bitAnd(alarm_bits, 8) != 0", [T, F, U]),
        ("int(temp_max_c) == -2 && int('12') == 12", [T, F, U]),
        ("int('x') == 1 || double('nan') > 1.0", [U, U, U]),
        ("double(alarm_level) / 2 == 1.5", [T, F, U]),
        ("string(alarm_level) == '3' && string(vehicle.let) == 'true'", [T, F, U]),
        # comments, lines
        ("// hot\nsoc_pct < 20 // or 'cold\n", [T, F, U]),
        ("true", [T, T, T]),
    ],
)
def test_says(text: str, says: list[bool | None]) -> None:
    assert ask(text, KNOWN, OTHER, {}) == says


def test_names_what_it_reads() -> None:
    found = compile_expression("has(vehicle.plate) && previous.soc_pct < seconds_since_previous")
    assert found.fields == {"vehicle.plate", "previous.soc_pct", "seconds_since_previous"}
    assert found.columns == set(found.condition.meta.root_names())


def test_is_as_long_as_its_frame_even_if_it_reads_nothing() -> None:
    assert ask("1 < 2") == []
    assert ask("1 < 2", {}, {}) == [T, T]


def test_every_field_can_be_asked_for() -> None:
    for name in FIELDS:
        assert ask(f"has({name})", {}) == [F]


def test_a_sample_as_it_is_stored_will_do() -> None:
    """The level of an alarm has two bytes."""
    frame = pl.DataFrame({"alarm_level": [2, None]}, schema={"alarm_level": pl.Int16})
    found = frame.select(compile_expression("alarm_level * 40000 == 80000").condition.alias("is"))
    assert found["is"].to_list() == [T, U]
