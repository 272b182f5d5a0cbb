"""Numbers of people and companies that nobody has, with check characters that fit."""

from fleet.customers.credit_code import compute_check_character as of_credit_code
from fleet.id_card import compute_check_character as of_id_card


def id_card(number: int) -> str:
    """A citizen identity number, each another."""
    body = f"{110101 + number // 1000:06d}19900101{number % 1000:03d}"
    return body + of_id_card(body)


def credit_code(number: int) -> str:
    """A unified social credit code, each another."""
    body = f"91440300{number:09d}"
    return body + of_credit_code(body)


def account_no(number: int) -> str:
    """A bank account, each another."""
    return f"6222021{number:012d}"
