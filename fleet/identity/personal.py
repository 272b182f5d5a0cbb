"""Decides how a person's data are kept, shown and told: sealed, masked, and never in the trail.

The seal of an ID card names its log-in, so that one person's cannot be put in another's row.
"""

from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from fleet.id_card import parse_id_card
from fleet.identity.model import StoredUser, User, UserChanges
from fleet.identity.typed import parse_name, parse_phone
from fleet.masking import UNREADABLE_ID_CARD, mask_id_card, mask_phone
from kit.sealed import SealBroken, SealingKey

_UNSEEN: Final = ("phone", "id_card_sealed")
_NEVER_TOLD: Final = ("name", "phone", "id_card")


def seal_id_card(text: str, *, login: str, key: SealingKey | None) -> bytes:
    """The ID card that a person typed, sealed for its column and its log-in.

    Raises:
        IdCardMalformed, IdCardCheckDigitWrong: not an ID card.
        ValueError: there is no key; a fault of the caller.
    """
    id_card = parse_id_card(text)
    if key is None:
        raise ValueError("an ID card is kept with a sealing key only")
    return key.seal(id_card.encode(), purpose=_purpose(login))


def unseal_id_card(user: StoredUser, key: SealingKey) -> str | None:
    """The ID card in full; None if there is none.

    Raises:
        SealBroken: sealed with another key, or for somebody else.
    """
    if user.id_card_sealed is None:
        return None
    return key.unseal(user.id_card_sealed, purpose=_purpose(user.login)).decode()


def shown(user: StoredUser, key: SealingKey | None) -> User:
    """The person as others see them. Without a key, no ID card is."""
    known = {name: fact for name, fact in asdict(user).items() if name not in _UNSEEN}
    return User(
        phone_masked=mask_phone(user.phone), id_card_masked=_id_card_masked(user, key), **known
    )


def changed_row(
    was: StoredUser, changes: UserChanges, *, key: SealingKey | None, now: datetime
) -> dict[str, Any]:
    """The columns of the person after the changes; roles as given, unchecked.

    Raises:
        NameMalformed, PhoneMalformed, IdCardMalformed, IdCardCheckDigitWrong: a change is unusable.
    """
    row: dict[str, Any] = {
        "name": was.name,
        "roles": was.roles,
        "phone": was.phone,
        "id_card_sealed": was.id_card_sealed,
        "disabled_at": was.disabled_at,
    }
    if "name" in changes:
        row["name"] = parse_name(changes["name"])
    if "roles" in changes and set(changes["roles"]) != set(was.roles):
        row["roles"] = list(changes["roles"])
    if "phone" in changes:
        phone = changes["phone"]
        row["phone"] = None if phone is None else parse_phone(phone)
    if "id_card" in changes:
        card = changes["id_card"]
        row["id_card_sealed"] = (
            None if card is None else seal_id_card(card, login=was.login, key=key)
        )
    if "disabled" in changes:
        row["disabled_at"] = (was.disabled_at or now) if changes["disabled"] else None
    return row


def told_changes(
    was: StoredUser, is_now: StoredUser, changes: UserChanges
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Before and after for the audit trail: of personal data only that they changed."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {name: "changed" for name in _NEVER_TOLD if name in changes}
    if was.roles != is_now.roles:
        before["roles"], after["roles"] = was.roles, is_now.roles
    if (was.disabled_at is None) != (is_now.disabled_at is None):
        before["disabled"] = was.disabled_at is not None
        after["disabled"] = is_now.disabled_at is not None
    return before, after


def _purpose(login: str) -> str:
    return f"users.id_card/{login}"


def _id_card_masked(user: StoredUser, key: SealingKey | None) -> str | None:
    if key is None:
        return None
    try:
        return mask_id_card(unseal_id_card(user, key))
    except SealBroken:
        return UNREADABLE_ID_CARD
