"""That the search for others' marks finds them, and only them."""

import pytest

from tests.isolation.crawl import leaks
from tests.isolation.crawl_world import Organisation


def found(mark: str, text: str) -> bool:
    return leaks([text], [Organisation("a", "depot", 4, marks=[mark])]) != []


@pytest.mark.parametrize(
    ("mark", "text"),
    [
        ("310004", '{"bill": 310004}'),
        ("310004", "about310004fen"),
        ("310004", "no310004"),
        ("zqadepotx", "ZQADEPOTX-1"),
        ("zqadepotx", '{"cursor": "eyJhZnRlciI6ICJ6cWFkZXBvdHgifQ"}'),
        ("7a" * 32, f"sha256:{'7a' * 32}"),
    ],
)
def test_a_mark_is_found_wherever_it_stands(mark: str, text: str) -> None:
    assert found(mark, text)


@pytest.mark.parametrize(
    "text",
    [
        "1310004",
        "0.310004",
        "3100045",
        r"\\x1de37dc0f89fbbf1d82cff43f2438d88d28c0b0f9adb2c3f6d64b310004edc87",
    ],
)
def test_digits_within_a_number_or_a_hash_are_no_mark(text: str) -> None:
    assert not found("310004", text)
