"""Reads what a person typed about a person: log-in, name, phone, reason.

Leaves out ID cards: `fleet/id_card.py`.
"""

import re
import unicodedata
from typing import Final

from fleet.identity.errors import LoginMalformed, NameMalformed, PhoneMalformed, ReasonMissing
from schemas.addresses import check_not_reserved

NAME_LENGTH: Final = 100
REASON_LENGTH: Final = 200
_LOGIN: Final = re.compile(r"[a-z0-9][a-z0-9._@-]{1,62}")
_CHINESE_MOBILE: Final = re.compile(r"1[3-9][0-9]{9}")
_INTERNATIONAL: Final = re.compile(r"\+[1-9][0-9]{7,14}")
_UNSEEN: Final = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Control characters, lone surrogates, private use, unassigned, and ends of lines."""
_BETWEEN_DIGITS: Final = re.compile(r"[\s()-]")


def normalise_login(text: str) -> str:
    """The log-in as stored, however it is typed.

    >>> normalise_login(" Ｌi.Wei ")
    'li.wei'
    """
    return unicodedata.normalize("NFKC", text).strip().lower()


def is_login(text: str) -> bool:
    """Whether somebody could have this log-in; what could not is never looked for."""
    return _LOGIN.fullmatch(text) is not None


def parse_login(text: str) -> str:
    """A new person's log-in.

    Raises:
        LoginMalformed: it has other characters, or too few or too many.
        CodeReserved: it is a word of the addresses.
    """
    login = normalise_login(text)
    if not is_login(login):
        raise LoginMalformed(
            "a log-in is 2–63 of a–z, 0–9, dot, underscore, @ and hyphen, and begins with a"
            " letter or a digit",
            login=text[:64],
        )
    check_not_reserved(login, field="login")
    return login


def parse_name(text: str) -> str:
    """The name of a person or of a key.

    Raises:
        NameMalformed: empty, longer than 100 characters, or with characters that cannot be seen.
    """
    name = text.strip()
    if not _is_line(name, NAME_LENGTH):
        raise NameMalformed(f"a name is 1–{NAME_LENGTH} printable characters")
    return name


def parse_phone(text: str) -> str:
    """A Chinese mobile number of 11 digits, or an international one with its plus.

    >>> parse_phone("+86 138-1234-5678"), parse_phone("+852 6123 4567")
    ('13812345678', '+85261234567')

    Raises:
        PhoneMalformed: neither.
    """
    phone = _BETWEEN_DIGITS.sub("", unicodedata.normalize("NFKC", text))
    chinese = phone.removeprefix("+86")
    if _CHINESE_MOBILE.fullmatch(chinese):
        return chinese
    if not _INTERNATIONAL.fullmatch(phone) or phone.startswith("+86"):
        raise PhoneMalformed("neither a Chinese mobile number nor an international one")
    return phone


def parse_reason(text: str) -> str:
    """Why somebody unmasks personal data.

    Raises:
        ReasonMissing: empty, longer than 200 characters, or with characters that cannot be seen.
    """
    reason = text.strip()
    if not _is_line(reason, REASON_LENGTH):
        raise ReasonMissing(f"say why, in 1–{REASON_LENGTH} printable characters")
    return reason


def _is_line(text: str, longest: int) -> bool:
    return 1 <= len(text) <= longest and not any(unicodedata.category(c) in _UNSEEN for c in text)
