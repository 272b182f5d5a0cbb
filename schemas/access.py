"""Who may do what: the verbs, the roles, and the actor every service is asked on behalf of.

One table for all rooms. A service calls `actor.require("device.bind")`; which rows it then sees is
decided by the database (row security), not here. Verbs of work still to come (leases, bills,
commands) stand here already, so that a role means the same from its first day on.
"""

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, get_args

from kit.errors import Refused

Role = Literal["owner", "manager", "ops", "sales", "finance", "viewer", "auditor"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)


class Verb(NamedTuple):
    """What a permission allows, in both languages, and who has it.

    `dangerous` ones ask a person for their password again and are never given to a machine.
    """

    meaning: str
    chinese: str
    roles: frozenset[Role]
    dangerous: bool = False


def _to(*roles: Role) -> frozenset[Role]:
    """These roles, and the owner, who may do everything."""
    return frozenset({"owner", *roles})


_ALL: Final = frozenset(ROLES)

PERMISSIONS: Final[dict[str, Verb]] = {
    # Organisations and people
    "organisation.read": Verb("See one's organisations", "查看组织", _ALL),
    "organisation.create": Verb("Add an organisation below", "新增下级组织", _to("manager")),
    "organisation.change": Verb("Rename an organisation", "修改组织", _to("manager")),
    "organisation.move": Verb("Put an organisation below another", "移动组织", _to(), True),
    "user.read": Verb("See people, masked", "查看人员", _to("manager", "auditor")),
    "user.create": Verb("Add a person", "新增人员", _to("manager"), True),
    "user.change": Verb("Change, disable or log out a person", "修改人员", _to("manager"), True),
    "user.reset_password": Verb("Make a one-time link", "重置密码", _to("manager"), True),
    "api_key.read": Verb("See the keys of machines", "查看接口密钥", _to("manager", "auditor")),
    "api_key.create": Verb("Give a machine a key", "新增接口密钥", _to("manager"), True),
    "api_key.revoke": Verb("Take a key back", "吊销接口密钥", _to("manager")),
    "audit.read": Verb("Read the audit trail", "查看审计记录", _to("auditor")),
    "personal_data.unmask": Verb(
        "See an ID card or a phone in full", "查看完整个人信息", _to("manager"), True
    ),
    # Vehicles and devices
    "vehicle.read": Verb("See vehicles and how they are", "查看车辆", _ALL),
    "vehicle.create": Verb("Add a vehicle", "新增车辆", _to("manager")),
    "vehicle.change": Verb("Change a plate or a model", "修改车辆", _to("manager", "ops")),
    "vehicle.transfer": Verb("Hand a vehicle to an operator", "车辆调拨", _to("manager"), True),
    "vehicle.change_stage": Verb(
        "Move a vehicle on in its life", "变更车辆状态", _to("manager", "ops")
    ),
    "vehicle.override_block": Verb(
        "Hand over in spite of a missing paper", "强制交车", _to("manager"), True
    ),
    "model.change": Verb("Keep the catalogue of models", "维护车型", _to("manager")),
    "purchase.read": Verb(
        "See what a vehicle was bought for", "查看购置信息", _to("manager", "finance", "auditor")
    ),
    "purchase.change": Verb("Write down a purchase", "登记购置", _to("manager", "finance")),
    "cost.read": Verb(
        "See what is spent on vehicles", "查看车辆成本", _to("manager", "finance", "auditor")
    ),
    "odometer.record": Verb("Write down an odometer", "登记里程", _to("manager", "ops", "sales")),
    "document.read": Verb(
        "See photos and papers", "查看附件", _to("manager", "ops", "sales", "finance", "auditor")
    ),
    "document.add": Verb("Add a photo or a paper", "上传附件", _to("manager", "ops", "finance")),
    "document.withdraw": Verb("Withdraw a file", "撤回附件", _to("manager")),
    # Papers and what falls due
    "paper.read": Verb("See papers and what falls due", "查看证照与到期", _ALL),
    "paper.record": Verb(
        "Record inspections, insurance, permits", "登记年检、保险、营运证", _to("manager", "ops")
    ),
    "parameter.read": Verb("See the figures of law", "查看法规参数", _ALL),
    "parameter.change": Verb("Set a figure from a day on", "修改法规参数", _to(), True),
    "calendar.share": Verb("Make a calendar's address", "分享日历", _to("manager", "ops")),
    # Work on vehicles
    "work_order.read": Verb(
        "See work orders", "查看工单", _to("manager", "ops", "finance", "auditor")
    ),
    "work_order.create": Verb("Open a work order", "新建工单", _to("manager", "ops", "sales")),
    "work_order.change": Verb("Work on an order", "处理工单", _to("manager", "ops")),
    "work_order.close": Verb("Close an order and its costs", "关闭工单", _to("manager")),
    "plan.change": Verb(
        "Keep maintenance plans and checklists", "维护保养计划与检查表", _to("manager")
    ),
    # Sheets
    "import.run": Verb("Bring in a sheet", "导入表格", _to("manager", "ops")),
    "device.read": Verb("See terminals and where they sat", "查看终端", _to("manager", "ops")),
    "device.create": Verb("Register a terminal", "登记终端", _to("manager", "ops")),
    "device.bind": Verb("Put a terminal in or out", "绑定终端", _to("manager", "ops")),
    "location.read": Verb(
        "See where a vehicle is, exactly", "查看精确位置", _to("manager", "ops", "sales")
    ),
    "track.read": Verb("See where a vehicle has been", "查看轨迹", _to("manager", "ops")),
    "signal.read": Verb("See the history of signals", "查看信号历史", _to("manager", "ops")),
    "refusal.read": Verb("See what was refused", "查看拒收报文", _to("manager", "ops")),
    # Customers
    "customer.read": Verb(
        "See customers, masked", "查看客户", _to("manager", "ops", "sales", "finance", "auditor")
    ),
    "customer.create": Verb("Add a customer", "新增客户", _to("manager", "sales")),
    "customer.change": Verb("Change a customer", "修改客户", _to("manager", "sales")),
    "customer.merge": Verb("Make one customer of two", "合并客户", _to("manager"), True),
    "customer.blacklist": Verb(
        "Propose a customer for the blacklist", "提请拉黑客户", _to("manager", "sales", "finance")
    ),
    "customer.decide_blacklist": Verb(
        "Decide on the blacklist", "审批黑名单", _to("manager"), True
    ),
    "customer.export": Verb(
        "Hand out all data kept of a person", "导出个人信息", _to("manager"), True
    ),
    "customer.erase": Verb("Erase a person's data", "删除个人信息", _to(), True),
    # Leases
    "lease.read": Verb(
        "See leases", "查看租约", _to("manager", "ops", "sales", "finance", "auditor")
    ),
    "lease.draft": Verb("Draft and quote a lease", "起草租约与报价", _to("manager", "sales")),
    "lease.approve": Verb("Approve unusual terms", "审批租约条款", _to("manager"), True),
    "lease.start": Verb("Sign a lease and let it begin", "签约起租", _to("manager", "sales")),
    "lease.change": Verb("Amend, extend, suspend a lease", "变更租约", _to("manager", "sales")),
    "lease.end": Verb("End a lease", "结束租约", _to("manager", "sales")),
    "lease.terminate": Verb(
        "Terminate a lease before its end", "提前终止租约", _to("manager"), True
    ),
    "price.change": Verb("Keep the list of rents", "维护标价", _to("manager")),
    "hand_over.read": Verb(
        "See hand-overs", "查看交还车记录", _to("manager", "ops", "sales", "finance", "auditor")
    ),
    "hand_over.record": Verb(
        "Hand a vehicle over and take it back", "交车与还车", _to("manager", "ops", "sales")
    ),
    "charge.read": Verb(
        "See proposed charges", "查看费用", _to("manager", "ops", "sales", "finance", "auditor")
    ),
    "charge.propose": Verb(
        "Propose a charge", "提出费用", _to("manager", "ops", "sales", "finance")
    ),
    "charge.decide": Verb("Accept or waive a charge", "审核费用", _to("manager", "finance")),
    "violation.read": Verb(
        "See violations", "查看违章", _to("manager", "ops", "sales", "finance", "auditor")
    ),
    "violation.record": Verb(
        "Write down violations and how they go on", "登记违章", _to("manager", "ops", "sales")
    ),
    # Contracts
    "contract.read": Verb(
        "Read contracts", "查看合同", _to("manager", "sales", "finance", "auditor")
    ),
    "contract.make": Verb("Make and send contracts", "制作合同", _to("manager", "sales")),
    "contract.publish": Verb("Keep the texts of contracts", "维护合同模板", _to("manager")),
    "case_file.export": Verb("Hand out a case file", "导出案卷", _to("manager", "auditor"), True),
    # Money
    "bill.read": Verb(
        "See bills and statements", "查看账单", _to("manager", "sales", "finance", "auditor")
    ),
    "bill.issue": Verb("Issue a bill", "开具账单", _to("finance")),
    "bill.credit": Verb("Take off a bill by a credit note", "冲减账单", _to("finance"), True),
    "billing.change": Verb(
        "Say from when and as whom is billed", "维护账单设置", _to("manager", "finance"), True
    ),
    "package.sell": Verb("Sell service packages", "销售服务包", _to("manager", "sales", "finance")),
    "package.change": Verb("Keep the list of packages", "维护服务包", _to("manager")),
    "payment.read": Verb("See payments", "查看收款", _to("manager", "finance", "auditor")),
    "payment.record": Verb("Record and claim payments", "登记与认领收款", _to("finance")),
    "payment.reverse": Verb("Take back a payment that bounced", "冲回收款", _to("finance"), True),
    "credit.refund": Verb("Give a customer's credit back", "退还余额", _to("finance"), True),
    "write_off.request": Verb("Ask for a write-off", "申请核销", _to("finance")),
    "write_off.approve": Verb("Approve a write-off", "审批核销", _to("manager"), True),
    "deposit.read": Verb("See deposits", "查看押金", _to("manager", "sales", "finance", "auditor")),
    "deposit.apply": Verb("Apply or hold back a deposit", "押金抵扣与扣留", _to("finance")),
    "deposit.refund": Verb("Refund a deposit", "退还押金", _to("finance"), True),
    "dunning.read": Verb(
        "See reminders and demands", "查看催收", _to("manager", "sales", "finance", "auditor")
    ),
    "dunning.record": Verb(
        "Make demands and record how they arrived", "登记催收", _to("manager", "finance")
    ),
    "ledger.read": Verb("See the ledger", "查看总账", _to("manager", "finance", "auditor")),
    "ledger.close": Verb("Close a month", "月度结账", _to("finance"), True),
    "tax.change": Verb("Say which taxpayer one is", "维护纳税人身份", _to("manager", "finance")),
    "invoice.read": Verb(
        "See invoice requests", "查看开票", _to("manager", "sales", "finance", "auditor")
    ),
    "invoice.request": Verb("Ask for invoices, enter numbers", "申请与登记发票", _to("finance")),
    "share.read": Verb("See revenue shares", "查看分成", _to("manager", "finance", "auditor")),
    "share.change": Verb("Agree on revenue shares", "维护分成协议", _to("manager"), True),
    "share.settle": Verb("Settle revenue shares", "结算分成", _to("finance"), True),
    "kpi.read": Verb(
        "See the figures of the business", "查看经营指标", _to("manager", "finance", "auditor")
    ),
    # Alerts
    "alert.read": Verb("See alerts", "查看告警", _ALL),
    "alert.handle": Verb(
        "Acknowledge, assign, settle alerts", "处理告警", _to("manager", "ops", "sales", "finance")
    ),
    "alert.silence": Verb("Silence alerts for a while", "静默告警", _to("manager", "ops")),
    "alert_rule.read": Verb("See the rules of alerts", "查看告警规则", _ALL),
    "alert_rule.change": Verb("Keep the rules of alerts", "维护告警规则", _to("manager")),
    "alert_rule.try": Verb(
        "Try a rule on the past", "试算告警规则", _to("manager", "ops", "auditor")
    ),
    "geofence.change": Verb(
        "Keep places and vehicle groups", "维护围栏与分组", _to("manager", "ops")
    ),
    "notification.read": Verb(
        "See who is told what, and what came of it",
        "查看通知",
        _to("manager", "ops", "sales", "finance", "auditor"),
    ),
    "notification.own": Verb(
        "Keep one's own channels", "维护个人通知", _to("manager", "ops", "sales", "finance")
    ),
    "notification.change": Verb(
        "Keep the organisation's channels", "维护组织通知渠道", _to("manager"), True
    ),
    # Remote control
    "command.request": Verb(
        "Ask for a remote command", "申请远程指令", _to("manager", "ops"), True
    ),
    "command.approve": Verb("Approve a remote command", "审批远程指令", _to("manager"), True),
}

MACHINE_PERMISSIONS: Final = frozenset(
    name for name, verb in PERMISSIONS.items() if not verb.dangerous
)
"""What an API key can be scoped to at most."""


def permissions_of(roles: frozenset[str] | set[str]) -> frozenset[str]:
    """The verbs these roles allow together.

    >>> "bill.issue" in permissions_of({"finance"}), "bill.issue" in permissions_of({"ops"})
    (True, False)
    """
    return frozenset(name for name, verb in PERMISSIONS.items() if verb.roles & roles)


class PermissionMissing(Refused):
    """The actor's roles or scopes do not allow it."""

    code = "permission_missing"


class StepUpRequired(Refused):
    """Dangerous: the person has to give their password again first."""

    code = "step_up_required"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: a person, a machine, or the system itself, and from where.

    `organisation_id` is the one they act for, None for the system. `name` is a log-in, `key:` and a
    key's id, or the command.
    """

    kind: Literal["person", "machine", "system"]
    name: str
    organisation_id: int | None
    organisation_code: str | None
    permissions: frozenset[str]
    stepped_up: bool = False
    ip: str | None = None
    request_id: str | None = None

    def may(self, permission: str) -> bool:
        """Whether the verb is allowed, a step-up apart.

        Raises:
            KeyError: there is no such verb; a fault of the program.
        """
        if permission not in PERMISSIONS:
            raise KeyError(permission)
        return permission in self.permissions

    def require(self, permission: str) -> None:
        """Let pass who may.

        Raises:
            PermissionMissing: the roles or scopes do not allow it.
            StepUpRequired: they do, but a person has to give their password again first.
        """
        if not self.may(permission):
            raise PermissionMissing(f"{self.name} may not {permission}", permission=permission)
        if PERMISSIONS[permission].dangerous and self.kind == "person" and not self.stepped_up:
            raise StepUpRequired(
                f"{permission} asks for the password once more", permission=permission
            )


SYSTEM: Final = Actor("system", "guanche", None, None, frozenset(PERMISSIONS))
"""The system's own work, and an operator of the installation at its command line."""
