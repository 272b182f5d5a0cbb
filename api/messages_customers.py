"""What the problems of customers are called, in English and Chinese."""

from typing import Final

from api.message import Message

CUSTOMERS: Final[dict[str, Message]] = {
    "account_exists": Message("The customer has this account already", "该银行账户已登记"),
    "account_no_malformed": Message(
        "A bank account has 6 to 34 letters and digits", "银行账号应为 6–34 位字母或数字"
    ),
    "account_not_found": Message("The customer has no such account", "银行账户不存在"),
    "blacklist_not_proposed": Message("Nobody has proposed the customer", "没有待审批的拉黑申请"),
    "blacklist_own_proposal": Message(
        "Another person decides than who proposed", "申请人不能审批自己的拉黑申请"
    ),
    "blacklisted_id_kept": Message(
        "A customer on the blacklist, or proposed for it, keeps its ID number",
        "客户在黑名单或待审批期间不能修改证件号码",
    ),
    "blacklisted_already": Message(
        "The customer is proposed for the blacklist or stands on it", "客户已在黑名单或待审批"
    ),
    "customer_blacklisted": Message(
        "The customer stands on the blacklist",
        "客户已列入黑名单",
        "客户 {customer_no} 已列入黑名单",
    ),
    "customer_erased": Message("The customer's data are erased", "客户个人信息已删除"),
    "customer_exists": Message(
        "A customer has this ID number already",
        "客户已存在",
        "该证件号码已登记为客户 {customer_no}",
    ),
    "customer_merged": Message(
        "The customer goes on under another number", "客户已合并", "客户已合并至 {merged_into_no}"
    ),
    "customer_not_found": Message("No such customer", "客户不存在"),
    "customer_reference_taken": Message(
        "Another customer has this reference",
        "外部编号已被使用",
        "该外部编号已属于客户 {customer_no}",
    ),
    "driver_exists": Message("A driver has this licence already", "该驾驶证已登记"),
    "driver_incomplete": Message(
        "A driver has a name and a licence number, or is the customer itself, by ID card",
        "请填写驾驶人姓名和驾驶证号；均不填则为客户本人（须有身份证）",
    ),
    "driver_not_found": Message("The customer has no such driver", "驾驶人不存在"),
    "email_malformed": Message("Not an address of electronic mail", "邮箱格式不正确"),
    "id_number_check_wrong": Message(
        "The last character of the number does not fit the others", "证件号码校验位不正确"
    ),
    "id_number_in_clear": Message(
        "A text holds an ID number, which is kept sealed only",
        "文字内容中含有证件号码，证件号码只能加密保存",
    ),
    "id_number_malformed": Message(
        "The number has not the form of its paper", "证件号码格式不正确"
    ),
    "id_type_missing": Message(
        "A number and the paper it is of are given together", "证件类型与证件号码须同时填写"
    ),
    "id_type_unfit": Message(
        "A person has no business licence, a company no ID card", "证件类型与客户类型不符"
    ),
    "licence_class_unknown": Message("No such class of driving licence", "准驾车型不正确"),
    "licence_no_malformed": Message("Not the number of a driving licence", "驾驶证号不正确"),
    "licence_over_before_issued": Message(
        "The licence ended before it was issued", "驾驶证有效期早于初次领证日期"
    ),
    "merge_across_organisations": Message(
        "Only customers of one organisation are merged", "只能合并同一组织的客户"
    ),
    "merge_into_itself": Message("A customer is not merged into itself", "不能与自身合并"),
    "not_blacklisted": Message("The customer is not on the blacklist", "客户不在黑名单中"),
    "tax_no_is_id_number": Message(
        "The tax number of a person is that of the ID card: leave it out",
        "个人的纳税人识别号即身份证号，无需填写",
    ),
    "tax_no_malformed": Message(
        "A tax number has 15 to 20 letters and digits", "纳税人识别号应为 15–20 位字母或数字"
    ),
    "telephone_malformed": Message(
        "A mobile, a landline with its area code, or + and a country", "电话号码格式不正确"
    ),
}
