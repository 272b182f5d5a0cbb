"""Drivers, bank accounts and the blacklist of customers over HTTP."""

from typing import Final

from api.deps import Call
from api.exports import Export
from api.labels import Words
from api.models.customer_parts import (
    AccountIdPath,
    AccountIn,
    AccountOut,
    BlacklistDecision,
    DriverIn,
    DriverKeyPath,
    DriverOut,
    Lifting,
    Proposal,
)
from api.models.customers import CustomerDetailOut, CustomerNoPath
from api.operation import Answer, IfMatch, Operations, version_of
from fleet.customers import service

operations = Operations("customers")

DRIVERS: Final = Export(
    Words("驾驶人", "drivers"),
    {
        "key": Words("标识", "Key"),
        "name": Words("姓名", "Name"),
        "phone": Words("电话（脱敏）", "Phone (masked)"),
        "licence_no": Words("驾驶证号（脱敏）", "Licence no (masked)"),
        "classes": Words("准驾车型", "Classes"),
        "first_issued_on": Words("初次领证日期", "First issued on"),
        "valid_to_on": Words("有效期至", "Valid to"),
        "long_term": Words("长期", "Without an end"),
        "days_left": Words("剩余天数", "Days left"),
    },
)
ACCOUNTS: Final = Export(
    Words("银行账户", "bank accounts"),
    {
        "id": Words("序号", "Id"),
        "bank": Words("开户行", "Bank"),
        "holder": Words("户名", "Holder"),
        "account_no": Words("账号（脱敏）", "Account no (masked)"),
        "added_by": Words("登记人", "Added by"),
        "added_at": Words("登记时间", "Added at"),
    },
)


@operations.get("/customers/{customer_no}/drivers", exported=DRIVERS)
def list_drivers(call: Call, customer_no: CustomerNoPath) -> list[DriverOut]:
    """Whoever drives for the customer, with their licences, by name."""
    found = service.list_drivers(call.conn, call.actor, customer_no=customer_no, key=call.state.key)
    return [DriverOut.of(driver, call.now) for driver in found]


@operations.post(
    "/customers/{customer_no}/drivers", status=201, idempotent="customer.change", tells=["ETag"]
)
def add_driver(call: Call, customer_no: CustomerNoPath, body: DriverIn) -> Answer[DriverOut]:
    """Add a driver. Without name and licence number, the customer itself drives."""
    added = service.add_driver(
        call.conn,
        call.actor,
        customer_no=customer_no,
        facts=body.facts(),
        key=call.state.key,
        now=call.now,
    )
    return Answer(DriverOut.of(added, call.now), version=added.version)


@operations.put("/customers/{customer_no}/drivers/{driver_key}", tells=["ETag"])
def change_driver(
    call: Call,
    customer_no: CustomerNoPath,
    driver_key: DriverKeyPath,
    body: DriverIn,
    if_match: IfMatch = None,
) -> Answer[DriverOut]:
    """Write what a driver is to be, whole. If-Match: the driver's `version`."""
    changed = service.change_driver(
        call.conn,
        call.actor,
        customer_no=customer_no,
        driver_key=driver_key,
        version=version_of(if_match),
        facts=body.facts(),
        key=call.state.key,
        now=call.now,
    )
    return Answer(DriverOut.of(changed, call.now), version=changed.version)


@operations.post("/customers/{customer_no}/drivers/{driver_key}/remove")
def remove_driver(call: Call, customer_no: CustomerNoPath, driver_key: DriverKeyPath) -> None:
    """Somebody drives for the customer no more; past hand-overs still name them."""
    service.remove_driver(
        call.conn, call.actor, customer_no=customer_no, driver_key=driver_key, now=call.now
    )


@operations.get("/customers/{customer_no}/accounts", exported=ACCOUNTS)
def list_accounts(call: Call, customer_no: CustomerNoPath) -> list[AccountOut]:
    """The bank accounts of the customer, the oldest first."""
    found = service.list_accounts(
        call.conn, call.actor, customer_no=customer_no, key=call.state.key
    )
    return [AccountOut.of(account) for account in found]


@operations.post("/customers/{customer_no}/accounts", status=201, idempotent="customer.change")
def add_account(call: Call, customer_no: CustomerNoPath, body: AccountIn) -> AccountOut:
    """Add a bank account."""
    added = service.add_account(
        call.conn,
        call.actor,
        customer_no=customer_no,
        bank=body.bank,
        holder=body.holder,
        account_no=body.account_no,
        key=call.state.key,
        now=call.now,
    )
    return AccountOut.of(added)


@operations.post("/customers/{customer_no}/accounts/{account_id}/remove")
def remove_account(call: Call, customer_no: CustomerNoPath, account_id: AccountIdPath) -> None:
    """The account is the customer's no more."""
    service.remove_account(
        call.conn, call.actor, customer_no=customer_no, account_id=account_id, now=call.now
    )


@operations.post(
    "/customers/{customer_no}/blacklist",
    status=201,
    idempotent="customer.blacklist",
    tells=["ETag"],
)
def propose_blacklisting(
    call: Call, customer_no: CustomerNoPath, body: Proposal
) -> Answer[CustomerDetailOut]:
    """Propose that the customer lease nothing any more. It bars nobody before it is approved."""
    proposed = service.propose_blacklisting(
        call.conn,
        call.actor,
        customer_no=customer_no,
        reason=body.reason,
        key=call.state.key,
        now=call.now,
    )
    return _detail(proposed)


@operations.post("/customers/{customer_no}/blacklist/decide", tells=["ETag"])
def decide_blacklisting(
    call: Call, customer_no: CustomerNoPath, body: BlacklistDecision
) -> Answer[CustomerDetailOut]:
    """Approve or refuse what somebody else proposed. Step-up."""
    decided = service.decide_blacklisting(
        call.conn,
        call.actor,
        customer_no=customer_no,
        approve=body.approve,
        note=body.note,
        key=call.state.key,
        now=call.now,
    )
    return _detail(decided)


@operations.post("/customers/{customer_no}/blacklist/lift", tells=["ETag"])
def lift_blacklisting(
    call: Call, customer_no: CustomerNoPath, body: Lifting
) -> Answer[CustomerDetailOut]:
    """The customer may lease again. Step-up."""
    lifted = service.lift_blacklisting(
        call.conn,
        call.actor,
        customer_no=customer_no,
        reason=body.reason,
        key=call.state.key,
        now=call.now,
    )
    return _detail(lifted)


def _detail(detail: service.CustomerDetail) -> Answer[CustomerDetailOut]:
    return Answer(CustomerDetailOut.of_detail(detail), version=detail.customer.version)
