"""What customers agreed to, and all that is kept of a person, over HTTP."""

from typing import Final

from api.deps import Call
from api.exports import Export
from api.labels import Words
from api.models.customer_privacy import (
    ConsentIn,
    ConsentKeyPath,
    ConsentOut,
    ConsentWithdrawal,
    ErasureIn,
    ErasureOut,
    PersonalCopyOut,
)
from api.models.customers import CustomerNoPath
from api.operation import Operations
from fleet.customers import service as customers
from fleet.personal_data import service as personal_data

operations = Operations("customers")

CONSENTS: Final = Export(
    Words("同意记录", "consents"),
    {
        "key": Words("标识", "Key"),
        "customer_no": Words("客户编号", "Customer no"),
        "text_version": Words("文本版本", "Text version"),
        "text_sha256": Words("文本 SHA-256", "Text SHA-256"),
        "given_by": Words("同意人", "Given by"),
        "given_at": Words("同意时间", "Given at"),
        "method": Words("方式", "Method"),
        "evidence": Words("凭证", "Evidence"),
        "recorded_by": Words("登记人", "Recorded by"),
        "recorded_at": Words("登记时间", "Recorded at"),
        "withdrawn_at": Words("撤回时间", "Withdrawn at"),
        "withdrawn_note": Words("撤回说明", "Withdrawn note"),
    },
    {
        "kind": {
            "location": Words("行踪轨迹", "location"),
            "contract_text": Words("合同文本", "contract text"),
            "personal_data": Words("个人信息处理", "personal data"),
            "electronic_notice": Words("电子送达", "electronic notice"),
            "sharing": Words("向他人提供", "sharing"),
        },
        "method": {
            "signed_paper": Words("纸质签字", "signed paper"),
            "signed_contract": Words("合同签署", "signed contract"),
            "online": Words("在线勾选", "online"),
            "message": Words("短信或消息", "message"),
            "in_person": Words("当面", "in person"),
        },
    },
)
"""As a table."""


@operations.get("/customers/{customer_no}/consents", exported=CONSENTS)
def list_consents(call: Call, customer_no: CustomerNoPath) -> list[ConsentOut]:
    """What a customer agreed to, the latest first, withdrawn ones too."""
    found = customers.list_consents(call.conn, call.actor, customer_no=customer_no)
    return [ConsentOut.of(consent) for consent in found]


@operations.post("/customers/{customer_no}/consents", status=201, idempotent="customer.change")
def record_consent(call: Call, customer_no: CustomerNoPath, body: ConsentIn) -> ConsentOut:
    """Write down what a customer agreed to. Of the words their SHA-256 is kept."""
    recorded = customers.record_consent(
        call.conn, call.actor, customer_no=customer_no, consent=body.consent(), now=call.now
    )
    return ConsentOut.of(recorded)


@operations.post("/customers/{customer_no}/consents/{key}/withdraw")
def withdraw_consent(
    call: Call, customer_no: CustomerNoPath, key: ConsentKeyPath, body: ConsentWithdrawal
) -> ConsentOut:
    """Write down that a consent was taken back (PIPL §15); it stays to be seen."""
    withdrawn = customers.withdraw_consent(
        call.conn,
        call.actor,
        customer_no=customer_no,
        key=key,
        withdrawn_at=body.withdrawn_at,
        note=body.note,
        now=call.now,
    )
    return ConsentOut.of(withdrawn)


@operations.get("/customers/{customer_no}/personal-data", confidential=True)
def copy_personal_data(call: Call, customer_no: CustomerNoPath) -> PersonalCopyOut:
    """All that is kept of a customer, in clear, to hand to the person (PIPL §45). Audited. Step-up.

    Of leases, hand-overs, charges, violations, contracts and files a summary. Where the vehicles
    were stands in the case files of the leases.
    """
    copy = personal_data.copy_personal_data(
        call.conn, call.actor, customer_no=customer_no, key=call.state.key, now=call.now
    )
    return PersonalCopyOut.of(copy)


@operations.post("/customers/{customer_no}/erase")
def erase_personal_data(call: Call, customer_no: CustomerNoPath, body: ErasureIn) -> ErasureOut:
    """Erase a person's data (PIPL §47), for good. Audited with the reason. Step-up.

    Refused while a lease runs, while charges are undecided, and until the law's claims are over:
    the answer tells from which day. Customer numbers, leases and money stay.
    """
    erased = personal_data.erase_personal_data(
        call.conn,
        call.actor,
        customer_no=customer_no,
        reason=body.reason,
        key=call.state.key,
        now=call.now,
    )
    return ErasureOut.of(erased)
