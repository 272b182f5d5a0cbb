"""The sheet of customers: its columns, and by what a row is known.

A customer is known by its number here, else by its number elsewhere, else by its ID number. Numbers
of people leave the process sealed, and are seen masked. Leaves out what makes a number right
(`fleet/customers`), drivers, and the blacklist.
"""

import re
from collections.abc import Hashable
from typing import Any, Final

from fleet.masking import mask_account, mask_number, mask_phone
from fleet.sheets.cells import parse_choice, parse_text, text_up_to
from fleet.sheets.importing import ImportKind, Told
from fleet.sheets.kinds_papers import parse_unspaced
from fleet.sheets.model import Column, Kind, Problem

CUSTOMER_KINDS: Final = {
    **dict.fromkeys(("person", "个人", "自然人", "个人客户", "个体"), "person"),
    **dict.fromkeys(("company", "企业", "公司", "单位", "企业客户", "对公", "法人"), "company"),
}
ID_TYPES: Final = {
    **dict.fromkeys(("id_card", "id card", "身份证", "居民身份证", "二代身份证"), "id_card"),
    **dict.fromkeys(("passport", "护照"), "passport"),
    **dict.fromkeys(
        ("residence_permit", "居留许可", "居留证", "永久居留证", "外国人永久居留身份证"),
        "residence_permit",
    ),
    **dict.fromkeys(
        ("travel_permit", "通行证", "回乡证", "台胞证", "港澳居民来往内地通行证"), "travel_permit"
    ),
    **dict.fromkeys(
        ("business_licence", "营业执照", "统一社会信用代码", "社会信用代码", "信用代码"),
        "business_licence",
    ),
    **dict.fromkeys(("other", "其他", "其它"), "other"),
}
TIERS: Final = {
    **dict.fromkeys(("key", "重点", "重点客户", "大客户", "a", "vip"), "key"),
    **dict.fromkeys(("preferred", "优质", "优质客户", "优先", "b"), "preferred"),
    **dict.fromkeys(("standard", "普通", "普通客户", "一般", "标准", "c"), "standard"),
    **dict.fromkeys(("watched", "关注", "关注客户", "观察", "风险", "d"), "watched"),
}
_LIKE_A_NUMBER: Final = re.compile(r"[0-9]{11,}[0-9X]?|[A-Z][0-9]{7,}|[0-9A-Z]{18}", re.IGNORECASE)


def shown_name(text: str) -> str:
    """What a customer is called by, masked where it may be the number of a paper or a phone.

    >>> shown_name("C2611-7KQ4MX"), shown_name("KH-0031"), shown_name("440301199001011234")
    ('C2611-7KQ4MX', 'KH-0031', '440***********1234')
    """
    return (mask_number(text) or "") if _LIKE_A_NUMBER.fullmatch(text) else text


def _keyed(told: Told) -> Hashable | None:
    if told.get("customer_no") is not None:
        return str(told["customer_no"])
    for name in ("reference", "id_number"):
        if told.get(name) is not None:
            return (name, told.get("organisation"), told[name])
    return None


def _shown_key(key: Hashable) -> str:
    return shown_name(key[2] if isinstance(key, tuple) else str(key))


def _complete(row: dict[str, Any]) -> None:
    """A number without its paper is that of the usual one."""
    if row.get("id_number") is not None and row.get("id_type") is None:
        row["id_type"] = {"person": "id_card", "company": "business_licence"}.get(
            row.get("kind") or ""
        )


def _stays(name: str, zh: str) -> Problem:
    en = f"the {name} of a customer that is there stays"
    return Problem(name, "not_changed_by_sheet", en, f"已有客户的{zh}不能通过表格更改")


CUSTOMERS: Final = ImportKind(
    Kind(
        *("customers", "客户", "Customers"),
        (
            Column(
                *("customer_no", "客户编号", "Customer no"),
                ("系统客户编号", "系统编号", "客户编码"),
                parse_unspaced,
                example="C2611-7KQ4MX",
                meaning_en="Its number here; blank for a new customer.",
                meaning_zh="本系统的客户编号；新客户留空。",
            ),
            Column(
                *("reference", "原编号", "Reference"),
                ("客户代码", "原客户编号", "客户号", "外部编号", "档案号", "reference no"),
                text_up_to(100),
                example="KH-0031",
                meaning_en="The number it has in your books; without it, it is known by its ID.",
                meaning_zh="原系统或台账中的编号；没有时按证件号识别。",
            ),
            Column(
                *("kind", "客户类型", "Kind", ("类型", "客户性质", "客户类别")),
                parse_choice(CUSTOMER_KINDS),
                holds="choice",
                choices=("个人", "企业"),
                example="个人",
            ),
            Column(
                *("name", "客户名称", "Name"),
                (
                    "名称",
                    "姓名",
                    "客户姓名",
                    "公司名称",
                    "企业名称",
                    "单位名称",
                    "承租人",
                    "承租方",
                ),
                text_up_to(100),
                required=True,
                example="李娜",
            ),
            Column(
                *("id_type", "证件类型", "ID type", ("证件种类", "证件名称")),
                parse_choice(ID_TYPES),
                holds="choice",
                choices=("身份证", "护照", "居留许可", "通行证", "营业执照", "其他"),
                example="身份证",
                meaning_en="Blank: ID card of a person, licence of a company.",
                meaning_zh="留空时，个人为身份证，企业为营业执照。",
            ),
            Column(
                *("id_number", "证件号", "ID number"),
                ("证件号码", "身份证号", "身份证号码", "统一社会信用代码", "信用代码", "执照号"),
                parse_unspaced,
                example="11010519491231002X",
                meaning_en="Kept sealed and shown masked; format the column as text.",
                meaning_zh="加密保存、脱敏显示；请将该列设为文本格式。",
                masked=mask_number,
            ),
            Column(
                *("phone", "电话", "Phone"),
                ("手机", "手机号", "手机号码", "联系电话", "电话号码", "客户电话", "mobile"),
                parse_unspaced,
                example="13812345678",
                masked=mask_phone,
            ),
            Column(
                *("email", "邮箱", "Email", ("电子邮箱", "邮件", "e-mail")),
                parse_unspaced,
                example="li.na@example.cn",
            ),
            Column(
                *("contact", "联系人", "Contact", ("联系人姓名", "经办人", "对接人")),
                text_up_to(100),
                example="王强",
            ),
            Column(
                *("contact_phone", "联系人电话", "Contact phone", ("联系人手机", "经办人电话")),
                parse_unspaced,
                example="13912345678",
                masked=mask_phone,
            ),
            Column(
                *("address", "地址", "Address"),
                ("联系地址", "住址", "注册地址", "公司地址", "通讯地址", "住所"),
                text_up_to(200),
                example="深圳市南山区科苑路 1 号",
            ),
            Column(
                *("legal_person", "法定代表人", "Legal representative", ("法人代表", "负责人")),
                text_up_to(100),
                example="赵敏",
            ),
            Column(
                *("invoice_title", "发票抬头", "Invoice title", ("开票名称", "开票抬头", "抬头")),
                text_up_to(200),
                example="深圳前行新能源有限公司",
            ),
            Column(
                *("tax_no", "税号", "Tax no", ("纳税人识别号", "纳税识别号", "开票税号")),
                parse_unspaced,
                example="91330100799655058B",
            ),
            Column(
                *("bank", "开户行", "Bank", ("开户银行", "银行", "开户行名称")),
                text_up_to(200),
                example="招商银行深圳南山支行",
            ),
            Column(
                *("account_no", "银行账号", "Account no"),
                ("账号", "银行卡号", "账户", "银行账户", "卡号", "收款账号"),
                parse_unspaced,
                example="6222021234567890123",
                meaning_en="Takes the place of the account that was added last.",
                meaning_zh="替换最近登记的账号；请将该列设为文本格式。",
                masked=mask_account,
            ),
            Column(
                *("tier", "客户等级", "Tier", ("等级", "客户级别", "级别", "分层", "客户分层")),
                parse_choice(TIERS),
                holds="choice",
                choices=("重点", "优质", "普通", "关注"),
                example="普通",
            ),
            Column(
                *("notes", "备注", "Notes", ("说明", "客户备注", "remarks")),
                parse_text,
                example="月结客户",
            ),
            Column(
                *("organisation", "所属组织", "Organisation"),
                ("所属公司", "所属门店", "门店", "公司", "组织", "归属"),
                parse_text,
                example="shenzhen-nanshan",
                meaning_en="Code or name; blank: yours.",
                meaning_zh="组织编码或名称；留空为本组织。",
            ),
        ),
        note_zh="依次按客户编号、原编号、证件号识别；空白单元格保留原值。应用后不保存该表格文件。",
        note_en="Known by number, reference or ID number, in this order; a blank cell leaves what"
        " is there. The file is not kept once it was applied.",
    ),
    key_fields=("customer_no",),
    may_add="customer.create",
    may_change="customer.change",
    completed=_complete,
    distinct=("id_number",),
    needed_when_new=("kind", "name"),
    kept={
        "kind": _stays("kind", "类型"),
        "organisation": _stays("organisation", "所属组织"),
    },
    organisations=("organisation",),
    of_sender=("organisation",),
    is_customer=True,
    keyed=_keyed,
    shown_key=_shown_key,
)
