"""Decides how a row of a sheet and a customer's card become one another, and who a text names.

A sheet tells one contact, one address and one account; a card may have several: the first contact
and address, and the account that was added last, stand in the row, the others stay as they are.
Leaves out what may stand in a cell (`fleet/sheets`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from fleet.customers.errors import IdNumberInClear
from fleet.customers.id_numbers import check_texts, normalise, parse_account_no
from fleet.customers.model import Address, Contact, CustomerFacts, StoredAccount, StoredCustomer
from fleet.customers.personal import kept_row, unseal_account, unseal_id
from fleet.customers.typed import normalise_phone, parse_phone
from fleet.masking import UNREADABLE_ID_CARD, mask_number
from fleet.row_problems import RowProblem
from kit.errors import DomainError
from kit.sealed import SealBroken, SealingKey

Row = Mapping[str, Any]
CARD: Final = (
    *("customer_no", "reference", "kind", "name", "id_type", "phone", "email", "legal_person"),
    *("invoice_title", "tax_no", "tier", "notes"),
)
"""What a row and a card call alike."""
_PHONES: Final = ("phone", "contact_phone")
_NUMBERS: Final = ("id_number", "account_no", "tax_no")
STORED: Final = "stored"
"""Under this name what is there goes along with a row: no column is called so."""
WORDS: Final[Mapping[str, str]] = {
    "id_type_missing": "证件类型与证件号须同时填写",
    "id_type_unfit": "证件类型与客户类型不符",
    "id_number_malformed": "证件号格式不正确",
    "id_number_check_wrong": "证件号校验位不符，可能录入有误",
    "id_number_in_clear": "文字中含有证件号，证件号只能填在证件号一列",
    "telephone_malformed": "电话号码格式不正确",
    "tax_no_malformed": "税号应为 15 至 20 位字母和数字",
    "tax_no_is_id_number": "个人税号即身份证号，请勿填写",
    "email_malformed": "邮箱格式不正确",
    "account_no_malformed": "银行账号应为 6 至 34 位字母和数字",
    "account_incomplete": "开户行与银行账号须同时填写",
    "contact_incomplete": "联系人电话须同时填写联系人",
    "customer_erased": "该客户信息已删除",
    "blacklisted_id_kept": "客户在黑名单或待审批期间不能修改证件号",
}
"""In Chinese what is wrong with a row."""


@dataclass(frozen=True, slots=True)
class Called:
    """A customer in sight that a text names, and by which of its numbers.

    `customer_no` is that of the survivor, where the one that was named is merged into another.
    """

    text: str
    by: str
    """`customer_no`, `reference` or `id_number`."""
    customer_no: str
    organisation_code: str
    reference: str | None


def told(card: StoredCustomer, account: StoredAccount | None, key: SealingKey) -> dict[str, Any]:
    """A card by the fields of a sheet, numbers in clear."""
    contact = Contact(**card.contacts[0]) if card.contacts else None  # type: ignore[arg-type]
    return {
        **{name: getattr(card, name) for name in CARD},
        "organisation": card.organisation_code,
        "id_number": _id_number(card, key),
        "contact": contact and contact.name,
        "contact_phone": contact and contact.phone,
        "address": card.addresses[0]["text"] if card.addresses else None,
        "bank": account and account.bank,
        "account_no": None if account is None else _account_no(account, key),
        STORED: card,
    }


def normalised(row: Row) -> dict[str, Any]:
    """A row with its numbers and phones as they are kept.

    >>> normalised({"phone": "+86 138-1234-5678", "id_number": "e 123 45678", "name": "a b"})
    {'phone': '13812345678', 'id_number': 'E12345678', 'name': 'a b'}
    """
    found = dict(row)
    for names, as_kept in ((_PHONES, normalise_phone), (_NUMBERS, normalise)):
        for name in names:
            if found.get(name) is not None:
                found[name] = as_kept(found[name])
    return found


def facts_of(whole: Row) -> CustomerFacts:
    """The card that a row asks for, whole; what a sheet does not tell stays."""
    card: StoredCustomer | None = whole.get(STORED)
    same: dict[str, Any] = {name: whole.get(name) for name in CARD if name != "customer_no"}
    return CustomerFacts(
        **same
        | {
            "tier": whole.get("tier") or "standard",
            "id_number": whole.get("id_number"),
            "contacts": _contacts(whole, card),
            "addresses": _addresses(whole, card),
            "invoice_address": card and card.invoice_address,
            "invoice_phone": card and card.invoice_phone,
        }
    )


def problems_of(whole: Row, key: SealingKey) -> list[RowProblem]:
    """What the card or the account of a row cannot be kept for."""
    card: StoredCustomer | None = whole.get(STORED)
    if card is not None and card.erased_at is not None:
        return [_problem("customer_erased", None, "the person's data are erased")]
    found = []
    if (whole.get("bank") is None) != (whole.get("account_no") is None):
        field = "bank" if whole.get("bank") is None else "account_no"
        en = "an account has its bank, and its number"
        found.append(_problem("account_incomplete", field, en))
    if whole.get("contact_phone") is not None and whole.get("contact") is None:
        found.append(_problem("contact_incomplete", "contact", "the phone of a contact has a name"))
    for name, parse in (("account_no", parse_account_no), ("contact_phone", parse_phone)):
        if whole.get(name) in (None, UNREADABLE_ID_CARD):
            continue
        try:
            parse(whole[name])
        except DomainError as error:
            return [*found, _problem(error.code, name, error.message)]
    try:
        kept_row(facts_of(whole), card, customer_no="", key=key)
    except DomainError as error:
        found.append(_problem(error.code, error.field, error.message))
    return found


def shown_reference(text: str) -> str:
    """A reference, masked where it is an ID number.

    >>> shown_reference("KH-0031"), shown_reference("11010519491231002X")
    ('KH-0031', '110***********002X')
    """
    try:
        check_texts(text)
    except IdNumberInClear:
        return mask_number(text) or ""
    return text


def row_to_write(whole: Row, *, customer_no: str, key: SealingKey) -> dict[str, Any]:
    """The columns of a card as JSON holds them, bytes as hex; `version` is None of a new one."""
    card: StoredCustomer | None = whole.get(STORED)
    row = kept_row(facts_of(whole), card, customer_no=customer_no, key=key)
    sealed = {name: row[name] and row[name].hex() for name in ("id_sealed", "id_digest")}
    return {
        **row,
        **sealed,
        "customer_no": customer_no,
        "organisation": whole["organisation"],
        "version": card and card.version,
    }


def _problem(code: str, field: str | None, en: str) -> RowProblem:
    return RowProblem(code, field, en, WORDS.get(code, en))


def _id_number(card: StoredCustomer, key: SealingKey) -> str | None:
    try:
        return unseal_id(card, key)
    except SealBroken:
        return UNREADABLE_ID_CARD


def _account_no(account: StoredAccount, key: SealingKey) -> str:
    try:
        return unseal_account(account, key)
    except SealBroken:
        return UNREADABLE_ID_CARD


def _contacts(whole: Row, card: StoredCustomer | None) -> tuple[Contact, ...]:
    kept = [Contact(**each) for each in card.contacts] if card else []  # type: ignore[arg-type]
    name, phone = whole.get("contact"), whole.get("contact_phone")
    if name is None:
        return tuple(kept)
    position = kept[0].position if kept and kept[0].name == name else None
    return (Contact(name, phone, position), *kept[1:])


def _addresses(whole: Row, card: StoredCustomer | None) -> tuple[Address, ...]:
    kept = [Address(**each) for each in card.addresses] if card else []  # type: ignore[arg-type]
    text = whole.get("address")
    if text is None:
        return tuple(kept)
    first = Address(kept[0].kind, text) if kept else Address("registered", text)
    return (first, *kept[1:])
