"""The sample text of a lease-to-own 以租代购: the vehicle is the lessee's once all is paid.

Written as a lease with a purchase at its end; whether it is 融资租赁 follows from the facts (民法典
§735), which is why the rules on rescission and settlement of that chapter are agreed here.
"""

from dataclasses import replace
from typing import Final

from fleet.contracts import texts_remedies as remedies
from fleet.contracts import texts_shared as shared
from fleet.contracts.model import TemplateDraft
from fleet.contracts.texts_shared import Text, numbered

_VEHICLES: Final = replace(
    shared.VEHICLES,
    heading="租赁车辆、用途与所有权保留",
    paragraphs=(
        (
            "甲方将本合同《租赁车辆明细表》所列新能源物流车共{vehicle_count}辆（以下称“车辆”）以租代购"
            "方式提供给乙方使用。在乙方付清全部租金、留购价款及其他应付款项之前，车辆所有权归甲方。"
        ),
        *shared.VEHICLES.paragraphs[1:3],
        (
            "乙方未取得所有权之前，不得出卖、抵押、质押车辆或者以其他方式处分车辆。甲方可以依法办理"
            "所有权登记，乙方应当配合。"
        ),
    ),
)
_BUY_OUT: Final = Text(
    "首付款、留购价款与所有权转移",
    (
        "{buy_out_rule}。",
        (
            "乙方付清全部租金、留购价款及其他应付款项之日，车辆所有权转移给乙方。甲方应当在十五个工作日"
            "内交付机动车登记证书、发票等单证，并配合办理转移登记，登记所需税费由乙方承担。"
        ),
        "乙方可以提前三十日书面通知甲方，一次付清剩余租金与留购价款而提前取得所有权。",
        (
            "首付款是车辆对价的组成部分，不是押金，也不是定金。合同解除的，按照本合同关于解除后清算的"
            "条款处理，不当然不予退还。"
        ),
    ),
)
_TERMINATION: Final = Text(
    "合同的解除、加速到期与清算",
    (
        (
            "{rescission_rule}的，甲方可以请求支付全部租金，也可以解除合同、收回车辆，二者择一行使"
            "（《民法典》第七百五十二条）。催告应当采用书面形式，并给予不少于十日的履行期限。"
        ),
        (
            "甲方解除合同、收回车辆的，应当对车辆的价值进行评估。乙方已经支付大部分租金，但无力支付剩余"
            "租金的，收回车辆的价值超过乙方欠付的租金及其他费用的部分，乙方可以请求相应返还"
            "（《民法典》第七百五十八条）；不足的部分由乙方继续清偿。"
        ),
        (
            "乙方擅自处分车辆、擅自拆除或者屏蔽车载终端且经通知后拒不恢复，或者利用车辆从事违法活动的，"
            "甲方可以解除合同。因甲方原因致使乙方无法占有、使用车辆的，乙方可以解除合同并要求赔偿。"
        ),
        (
            "解除合同应当通知对方，合同自通知到达对方时解除；通知可以载明对方在一定期限内不履行债务则"
            "合同自动解除，期限届满对方仍未履行的，合同自通知载明的期限届满时解除（《民法典》第五百六十"
            "五条）。解除权自知道或者应当知道解除事由之日起一年内不行使的，该权利消灭。"
        ),
    ),
    highlighted=True,
    concerns="termination",
)
_RISK: Final = Text(
    "毁损、灭失的风险",
    (
        (
            "车辆交付后，因不可归责于双方的事由毁损、灭失的，保险赔款优先用于修复车辆或者清偿乙方尚未"
            "支付的款项，余额归乙方；不足部分由双方按照公平原则协商，乙方已付租金不因此退还。"
        ),
        "甲方不得以车辆灭失为由，就保险赔款与未付租金重复受偿。",
    ),
)
_RETURN: Final = replace(
    shared.RETURN,
    heading="收回车辆的验收",
    paragraphs=(
        (
            "合同因解除等原因终止而归还或者收回车辆的，双方应当查验车辆并签署还车单；乙方拒不到场的，"
            "甲方应当拍照、录像并通知乙方。"
        ),
        shared.RETURN.paragraphs[1],
    ),
)
_TERM: Final = replace(
    shared.TERM,
    paragraphs=(
        *shared.TERM.paragraphs[:2],
        (
            "租期届满而乙方尚有欠款的，所有权不转移，乙方应当在付清欠款前继续履行保管义务，甲方可以依照"
            "本合同主张权利。"
        ),
    ),
)
_DEPOSIT: Final = replace(
    shared.DEPOSIT,
    paragraphs=(
        *shared.DEPOSIT.paragraphs[:2],
        (
            "车辆所有权转移给乙方，或者合同终止且车辆归还，并且费用结清之日起七个工作日内，甲方应当无息"
            "退还押金余额，并书面说明扣款项目、金额和计算依据。车辆归还的，{violation_hold_rule}。"
        ),
    ),
)
_REPOSSESSION: Final = replace(
    remedies.REPOSSESSION,
    paragraphs=(
        (
            "合同解除后，乙方应当在三日内将车辆归还至约定的地点。乙方拒不归还的，应当按日支付占用期间的"
            "租金，直至车辆实际归还。租期届满，乙方已付清全部租金、留购价款及其他应付款项的，车辆归乙方"
            "所有，甲方不得收回。"
        ),
        *remedies.REPOSSESSION.paragraphs[1:],
    ),
)
_LOCK: Final = replace(
    remedies.LOCK,
    paragraphs=(
        *remedies.LOCK.paragraphs[:1],
        remedies.LOCK.paragraphs[1].replace(
            "租期届满、合同解除后拒不归还车辆", "合同解除后拒不归还车辆"
        ),
        *remedies.LOCK.paragraphs[2:],
    ),
)
LEASE_TO_OWN: Final = TemplateDraft(
    "lease-to-own",
    "lease_to_own",
    "新能源物流车以租代购合同",
    numbered(
        [
            _VEHICLES,
            _TERM,
            shared.RENT,
            _BUY_OUT,
            _DEPOSIT,
            shared.MILEAGE,
            shared.HAND_OVER,
            shared.USE,
            _RISK,
            shared.SUB_LETTING,
            shared.MAINTENANCE,
            shared.INSURANCE,
            shared.VIOLATIONS,
            remedies.LATE_FEE,
            remedies.PAYMENT_ORDER,
            _LOCK,
            remedies.EARLY_END,
            _TERMINATION,
            _REPOSSESSION,
            _RETURN,
            shared.PERSONAL_DATA,
            shared.NOTICES,
            shared.DISPUTES,
        ]
    ),
)
