"""Random secrets and their digests."""

import hashlib
import re

import pytest

from kit.tokens import digest_of, has_digest, is_key_id, new_key, new_token, parse_key

SECRET = "s" * 43


def test_tokens_are_long_and_never_the_same() -> None:
    tokens = {new_token() for _ in range(1_000)}
    assert len(tokens) == 1_000
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", token) for token in tokens)


def test_a_digest_is_known_by_its_secret() -> None:
    assert digest_of("abc") == hashlib.sha256(b"abc").digest()
    assert has_digest("abc", digest_of("abc")) is True
    assert has_digest("abd", digest_of("abc")) is False
    assert has_digest("abc", b"") is False


def test_a_text_that_no_encoding_holds_has_a_digest() -> None:
    assert len(digest_of("\ud800\x00管车")) == 32


def test_a_key_is_parsed_as_it_was_made() -> None:
    key = new_key()
    assert re.fullmatch(r"gk_[a-z0-9]{12}_[A-Za-z0-9_-]{43}", key.text)
    assert parse_key(key.text) == key
    assert is_key_id(key.key_id) is True


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param(f"gk_abcdef123456_{SECRET[1:]}", id="secret too short"),
        pytest.param(f"gk_abcdef123456_{SECRET}s", id="secret too long"),
        pytest.param(f"gk_ABCDEF123456_{SECRET}", id="capitals in the id"),
        pytest.param(f"xx_abcdef123456_{SECRET}", id="another prefix"),
        pytest.param(f"gk_abcdef123456_{SECRET}\n", id="a line end after it"),
        pytest.param(f"gk_abcdef12345\x00_{SECRET}", id="NUL in the id"),
        pytest.param(f"gk_abcdef12345６_{SECRET}", id="a full-width digit"),
    ],
)
def test_what_is_no_key_is_none(text: str) -> None:
    assert parse_key(text) is None


@pytest.mark.parametrize("text", ["", "abcdef12345", "abcdef1234567", "ABCDEF123456", "a\x00"])
def test_what_is_no_key_id_is_told(text: str) -> None:
    assert is_key_id(text) is False
