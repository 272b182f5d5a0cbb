"""What the problems of contracts are called, in English and Chinese."""

from typing import Final

from api.message import Message

CONTRACTS: Final[dict[str, Message]] = {
    "contract_template_not_found": Message(
        "No such contract text", "合同模板不存在", "找不到合同模板 {template}"
    ),
    "contract_template_unknown": Message(
        "No contract text for leases of this kind",
        "没有适用的合同模板",
        "没有编码为 {template} 且适用于该租约类型的合同模板，请先由总部发布",
    ),
    "contract_template_not_yours": Message(
        "The head of the tenant publishes contract texts", "合同模板仅由总部发布"
    ),
    "contract_template_published_meanwhile": Message(
        "Somebody else has just published it", "该模板刚被他人发布，请重试"
    ),
    "contract_template_malformed": Message(
        "Clauses are numbered one after the other, and each says something",
        "条款须从 1 起连续编号，且有标题与内容，花括号成对",
    ),
    "contract_placeholder_unknown": Message(
        "A clause names something nobody can fill in",
        "存在未知占位符",
        "第 {no} 条：没有名为 {placeholder} 的占位符",
    ),
    "contract_concern_missing": Message(
        "The text lacks a clause that terms may stand on", "模板缺少必备条款", "缺少：{missing}"
    ),
    "contract_clause_not_highlighted": Message(
        "The clause has to be highlighted (Civil Code, article 496)",
        "该条款须作特别提示（民法典第四百九十六条）",
        "第 {no} 条（{concerns}）须作特别提示（民法典第四百九十六条）",
    ),
    "contract_not_found": Message("No such contract", "合同不存在", "找不到合同 {contract_no}"),
    "contract_lease_cancelled": Message(
        "The lease was cancelled", "租约已取消", "租约 {lease_no} 已取消，不能制作合同"
    ),
    "contract_void": Message("The contract is void", "合同已作废", "合同 {contract_no} 已作废"),
    "contract_signed": Message("The contract is signed", "合同已签署", "合同 {contract_no} 已签署"),
    "contract_not_made": Message(
        "It was not made here", "非系统制作的合同", "合同 {contract_no} 不是由系统制作的文本"
    ),
    "contract_not_acknowledged": Message(
        "The highlighted clauses were not acknowledged (Civil Code, article 496)",
        "特别提示条款尚未确认（民法典第四百九十六条）",
        "合同 {contract_no} 的特别提示条款尚未经承租人确认，不能签署",
    ),
    "contract_not_prompted": Message(
        "The highlighted clauses were not shown before", "尚未出示特别提示条款"
    ),
    "contract_clauses_differ": Message(
        "Acknowledged are all highlighted clauses, and no others",
        "须确认全部特别提示条款",
        "须确认的条款：{highlighted}",
    ),
    "contract_time_ahead": Message(
        "Not between the making of the contract and now", "时间须在合同生成之后且不晚于现在"
    ),
    "contract_faulty": Message(
        "The contract is not as it was kept",
        "合同文件校验异常",
        "合同 {contract_no} 的文件与保存时不一致，不能签署",
    ),
    "contract_outdated": Message(
        "The terms of the lease were changed since the contract was made",
        "合同与租约现行条款不一致",
        "合同 {contract_no} 制作后租约条款已变更，请重新制作合同后签署",
    ),
    "contract_file_type_refused": Message(
        "Neither a PDF nor a photo", "仅支持 PDF 或照片", "{name} 不是 PDF 或照片"
    ),
    "contract_file_too_large": Message(
        "The file is too large", "文件过大", "文件不得超过 {most_bytes} 字节"
    ),
    "contract_parent_not_open": Message(
        "That edition is signed, void, or was not made here",
        "该版本已签署、已作废或非系统制作",
        "合同 {contract_no} 状态为 {state}，不能以纸质签署件归档",
    ),
    "contract_signing_refused": Message(
        "A side declined to sign, or let the time go by", "签署被拒绝或已过期"
    ),
}
