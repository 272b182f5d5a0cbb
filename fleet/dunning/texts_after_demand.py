"""Writes what follows a demand: 锁车通知, 解除合同通知, 收回车辆通知, 起诉前告知函.

Each says which demand it follows and when that arrived. Leaves out when it is made (`ladder.py`).
"""

from fleet.dunning.model import Letter
from fleet.dunning.wording import (
    account_of,
    claims_of,
    clause_of,
    contact_of,
    contract_of,
    day_of,
    demanded_before,
    fee_goes_on,
    paid_meanwhile,
    time_set,
)


def lock(letter: Letter) -> list[str]:
    """Says what locking is, and that it is still to be approved. Nothing is locked by it."""
    return [
        f"根据{contract_of(letter)}，{demanded_before(letter)}。截至{day_of(letter.made_on)}，下列款项仍未付清：",
        *claims_of(letter),
        fee_goes_on(letter),
        (
            f"现依据{clause_of(letter)}通知：贵方{time_set(letter, '通知')}仍未付清的，"
            "我方将申请对合同项下车辆采取远程限制再次启动措施。该措施须经我方另行审批后方可执行，"
            "本通知本身不产生限制启动的效果。"
        ),
        (
            "前述措施仅限制车辆的下一次启动：仅在车辆已停驶、驻车、断电、车速为零且终端数据为实时数据时执行，"
            "不切断行驶中车辆的动力，不影响行车安全。请贵方提前将车辆停放于安全、合法且便于装卸的地点。"
        ),
        "因避险、救护、车辆所处位置危险等紧急情况需要用车的，请立即联系我方，我方将临时解除限制。",
        (
            "贵方付清上述款项的，我方将立即解除限制。"
            "限制期间如何计收租金依合同约定；我方将采取合理措施防止损失扩大。"
        ),
        account_of(letter),
        paid_meanwhile("通知"),
        contact_of(letter),
    ]


def rescission(letter: Letter) -> list[str]:
    """The time it sets, and what follows where it is not kept, 民法典 §565."""
    law = "《中华人民共和国民法典》第五百六十五条、第七百二十二条"
    if letter.lease_kind == "lease_to_own":
        law = (
            "《中华人民共和国民法典》第五百六十五条、第七百五十二条、"
            "《最高人民法院关于审理融资租赁合同纠纷案件适用法律问题的解释》第五条"
        )
    when = "本通知到达贵方时，合同即解除。"
    if letter.deadline_days is not None:
        when = (
            f"贵方{time_set(letter, '通知')}仍未付清上述全部款项的，"
            "合同自前述期限届满时自动解除，我方不再另行通知；贵方在该期限内付清的，合同继续履行。"
        )
    surplus = ""
    if letter.lease_kind == "lease_to_own":
        surplus = (
            "合同解除后收回的车辆价值超过贵方欠付的租金以及其他费用的，"
            "贵方可依《中华人民共和国民法典》第七百五十八条请求相应返还。"
        )
    return [
        f"根据{contract_of(letter)}，{demanded_before(letter)}。截至{day_of(letter.made_on)}，下列款项仍未付清：",
        *claims_of(letter),
        fee_goes_on(letter),
        f"现依据{clause_of(letter)}、{law}，通知如下：{when}",
        (
            "合同解除后，贵方应立即停止使用并将车辆、随车证件及设备归还至合同约定的地点，"
            "付清截至归还之日的租金、费用及违约金，并依法承担违约责任。"
            "贵方已付押金依合同约定抵扣，余额退还。"
        ),
        surplus,
        "贵方对解除合同有异议的，可以请求人民法院或者仲裁机构确认解除行为的效力。",
        account_of(letter),
        contact_of(letter),
    ]


def recovery(letter: Letter) -> list[str]:
    """The vehicle is asked for; it is taken back in peace."""
    rescinded = "合同已经解除"
    if letter.demanded is not None:
        number, arrived_on = letter.demanded
        rescinded = f"我方{number}号解除合同通知已于{day_of(arrived_on)}送达贵方，合同已经解除"
    surplus = ""
    if letter.lease_kind == "lease_to_own":
        surplus = (
            "收回车辆的价值超过贵方欠付的租金以及其他费用的部分，"
            "贵方可依《中华人民共和国民法典》第七百五十八条请求返还。"
        )
    return [
        (
            f"根据{contract_of(letter)}，{rescinded}，而合同项下车辆尚未归还。"
            f"截至{day_of(letter.made_on)}，下列款项仍未付清："
        ),
        *claims_of(letter),
        (
            f"现依据{clause_of(letter)}通知：请贵方收到本通知后立即将车辆、随车证件及设备归还至合同约定的地点；"
            "逾期不归还的，我方将依约收回车辆。"
            "收回车辆将以合法、平和的方式进行，不使用暴力、胁迫，不侵入住宅；"
            "车内物品将当场清点、拍照并登记，由贵方领取。"
        ),
        "贵方应支付占用期间的费用，直至车辆实际归还；合理的收车费用依合同约定由贵方承担。",
        surplus,
        account_of(letter),
        contact_of(letter),
    ]


def suit(letter: Letter) -> list[str]:
    """The last letter before the court."""
    return [
        f"根据{contract_of(letter)}，{demanded_before(letter)}。截至{day_of(letter.made_on)}，下列款项仍未付清：",
        *claims_of(letter),
        fee_goes_on(letter),
        (
            "我方将依据《中华人民共和国民法典》第五百七十七条、第五百七十九条，"
            "就上述款项向有管辖权的人民法院提起诉讼，请求支付欠款、违约金，"
            "并由贵方承担诉讼费用及合同约定的实现债权的合理费用。"
        ),
        f"贵方愿意协商还款的，请尽快与我方联系并提出书面还款计划。{account_of(letter)}",
        "本函系我方对上述债权的履行请求，诉讼时效自本函到达时中断。",
        contact_of(letter),
    ]
