"""Sealing small secrets."""

import base64

import pytest

from kit.sealed import KEY_BYTES, SealBroken, SealingKey, new_key_text

KEY = SealingKey(bytes(range(32)))
CONTENT = b"11010519491231002X"


def test_what_is_sealed_is_unsealed_and_unreadable() -> None:
    sealed = KEY.seal(CONTENT, purpose="users.id_card")
    assert KEY.unseal(sealed, purpose="users.id_card") == CONTENT
    assert CONTENT not in sealed
    assert len(sealed) == 1 + 12 + len(CONTENT) + 16


def test_the_same_content_never_looks_the_same() -> None:
    assert len({KEY.seal(CONTENT, purpose="p") for _ in range(100)}) == 100


def test_nothing_is_content_too() -> None:
    assert KEY.unseal(KEY.seal(b"", purpose="p"), purpose="p") == b""


@pytest.mark.parametrize("place", [0, 1, 12, 13, -1])
def test_an_altered_byte_breaks_the_seal(place: int) -> None:
    sealed = bytearray(KEY.seal(CONTENT, purpose="p"))
    sealed[place] ^= 1
    with pytest.raises(SealBroken):
        KEY.unseal(bytes(sealed), purpose="p")


@pytest.mark.parametrize(
    ("key", "purpose"),
    [
        pytest.param(SealingKey(bytes(32)), "p", id="another key"),
        pytest.param(KEY, "q", id="another purpose"),
    ],
)
def test_a_seal_opens_for_its_key_and_purpose_only(key: SealingKey, purpose: str) -> None:
    with pytest.raises(SealBroken, match="not sealed with this key for"):
        key.unseal(KEY.seal(CONTENT, purpose="p"), purpose=purpose)


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x01" + b"n" * 11, b"\x02" + b"n" * 40])
def test_what_is_no_sealed_text_is_told(sealed: bytes) -> None:
    with pytest.raises(SealBroken, match="not a sealed text"):
        KEY.unseal(sealed, purpose="p")


@pytest.mark.parametrize("length", [0, 1, 12, 13, 28])
def test_a_cut_text_is_broken(length: int) -> None:
    with pytest.raises(SealBroken):
        KEY.unseal(KEY.seal(CONTENT, purpose="p")[:length], purpose="p")


def test_a_new_key_is_32_random_bytes() -> None:
    texts = {new_key_text() for _ in range(50)}
    assert len(texts) == 50
    assert {len(base64.b64decode(text)) for text in texts} == {KEY_BYTES}
    text = texts.pop()
    sealed = SealingKey.from_text(text).seal(CONTENT, purpose="p")
    assert SealingKey.from_text(text).unseal(sealed, purpose="p") == CONTENT


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        pytest.param("not base64!", "base64", id="not base64"),
        pytest.param(base64.b64encode(b"short").decode(), "32 bytes, not 5", id="too short"),
        pytest.param("", "32 bytes, not 0", id="empty"),
    ],
)
def test_an_unusable_key_is_told(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        SealingKey.from_text(text)
