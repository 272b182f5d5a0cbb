"""Hashing passwords, and which are allowed."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher, extract_parameters

from fleet.sessions import passwords
from fleet.sessions.errors import PasswordTooWeak
from fleet.sessions.password_rules import COMMON, LONGEST, SHORTEST, check_password
from fleet.sessions.passwords import AT_ONCE, hash_password, needs_rehash, verify_password

GOOD = "correct horse battery"


def test_a_password_fits_its_hash_only() -> None:
    stored = hash_password(GOOD)
    assert verify_password(stored, GOOD) is True
    assert verify_password(stored, GOOD + " ") is False
    assert verify_password(stored, "") is False
    assert stored != hash_password(GOOD)
    assert GOOD not in stored


def test_the_parameters_are_owasps() -> None:
    told = extract_parameters(hash_password(GOOD))
    assert (told.type.name, told.memory_cost, told.time_cost, told.parallelism) == (
        "ID", 47_104, 1, 1
    )  # fmt: skip
    assert told.hash_len == 32


def test_nobodys_hash_costs_the_same_and_fits_nothing() -> None:
    assert extract_parameters(passwords._NOBODYS_HASH) == extract_parameters(hash_password(GOOD))
    for password in ("", GOOD, "password"):
        assert verify_password(None, password) is False
        assert verify_password(passwords._NOBODYS_HASH, password) is False


def test_old_parameters_are_noticed() -> None:
    older = PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1).hash(GOOD)
    assert needs_rehash(older) is True
    assert needs_rehash(hash_password(GOOD)) is False
    assert verify_password(older, GOOD) is True


@pytest.mark.parametrize("stored", ["", "plain", "$argon2id$v=19$broken", "$2b$12$bcrypt"])
def test_what_is_no_hash_fits_nothing(stored: str) -> None:
    assert verify_password(stored, GOOD) is False


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param("é" * 10, "e\u0301" * 10, id="composed and decomposed"),
        pytest.param("ｐａｓｓｗｏｒｄ１２３４", "password1234", id="full width"),
    ],
)
def test_a_password_is_the_same_on_another_keyboard(first: str, second: str) -> None:
    assert verify_password(hash_password(first), second) is True


def test_strange_texts_are_hashed() -> None:
    for password in ("\ud800" * 10, "a\x00b" * 5, "🚚" * 256, "x" * 100_000):
        assert verify_password(hash_password(password), password) is True
    assert verify_password(hash_password("a\x00b" * 5), "a") is False


def test_two_are_hashed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    running: list[int] = []
    most: list[int] = []
    count = threading.Lock()
    gate = threading.Barrier(AT_ONCE, timeout=20)

    class Slow:
        def verify(self, stored: str, password: bytes) -> None:
            with count:
                running.append(1)
                most.append(len(running))
            gate.wait()
            with count:
                running.pop()

    monkeypatch.setattr(passwords, "_HASHER", Slow())
    with ThreadPoolExecutor(8) as pool:
        fitted = list(pool.map(lambda _: verify_password("h", GOOD), range(8)))
    assert fitted == [True] * 8
    assert max(most) == AT_ONCE == 2


@pytest.mark.parametrize(
    ("password", "rule"),
    [
        pytest.param("x" * (SHORTEST - 1), "too_short", id="nine characters"),
        pytest.param("", "too_short", id="nothing"),
        pytest.param("车" * (LONGEST + 1), "too_long", id="more than 256"),
        pytest.param("Zhang.Wei.88", "is_login", id="the log-in in capitals"),
        pytest.param("Password123", "common", id="a common one in capitals"),
        pytest.param("1234567890", "common", id="ten digits in order"),
        pytest.param("5201314520", "common", id="a Chinese favourite"),
    ],
)
def test_a_weak_password_is_refused_and_not_repeated(password: str, rule: str) -> None:
    with pytest.raises(PasswordTooWeak) as raised:
        check_password(password, login="zhang.wei.88")
    assert raised.value.facts == {"rule": rule}
    assert raised.value.field == "new_password"
    if password:
        assert password not in str(raised.value)


@pytest.mark.parametrize("password", ["x" * 10, "车" * 256, GOOD, "zhang.wei.89"])
def test_length_is_enough(password: str) -> None:
    check_password(password, login="zhang.wei.88")


def test_only_what_is_long_enough_stands_among_the_common() -> None:
    assert {password for password in COMMON if len(password) < SHORTEST} == set()
    assert {password.casefold() for password in COMMON} == COMMON
