"""The first page of a case file, README.txt: what is what, and how to prove that nothing changed.

Chinese first, then English. Leaves out the contents.
"""

from typing import Final

from fleet.case_files.manifest import Maker
from fleet.case_files.tables import utc

TRACKS_ZH: Final = {"none": "不含", "minute": "每分钟一条", "full": "全部"}
TRACKS_EN: Final = {"none": "none", "minute": "one sample a minute", "full": "every sample"}
_TEXT: Final = """\
案卷　租约 {lease_no}
{rule}
出租方组织　　{organisation_name}（{organisation}）
制作时间　　　{made_at}（UTC）
制作人　　　　{made_by}
制作软件　　　{software}
行车轨迹　　　{tracks_zh}

清单摘要（SHA256SUMS 文件的 SHA-256，与系统审计记录 case_file.export 中的一致）：
{digest}

内容
  timeline.csv      大事记：何时、何事、何人、证据在哪个文件。先看这个。
  lease.json        租约卡片与现行条款
  events.jsonl      租约账本：每一次变更，按登记顺序，一行一条
  versions/         每一版条款；过去的版本不会被改动
  segments.csv      哪辆车在哪个租赁项、从何时到何时
  customer.json     承租人（证件号、电话已脱敏）
  contracts/        合同各版：原始文件、签署人、收发与签署时间
  hand-overs/       交车与还车记录及照片，一次一个文件夹
  charges.csv       费用；violations.csv 违章；notices.json 往来通知（账单送达、催收及送达凭证）
  bills.csv         账单；bill-lines.csv 明细；credit-notes.csv 冲减
  payments.csv      收款；allocations.csv 何款清偿何账单；deposits.csv 押金去向
  bills/ credit-notes/  每张单据开具时的内容；papers/ 单据与函件的 PDF
  tracks/           每段租用期间的行车轨迹（WGS-84 坐标）
  audit.jsonl       系统审计记录及其链式摘要
  MANIFEST.json     全部文件的大小、摘要、含义与来源；缺少什么、为何缺少

如何校验
  1. 有本软件：guanche case-file verify <文件.zip>    不需要数据库。
  2. 没有本软件：解压后在该文件夹中运行
       sha256sum -c SHA256SUMS      每个文件应显示 OK
       sha256sum SHA256SUMS         应等于上面的清单摘要
  3. 与出租方系统的审计记录或纸质封面上的摘要核对：一致，则自制作以来未被改动。
  MANIFEST.json 中带 fault 的文件，在制作时已与存入时不同，原样收入并注明。


Case file of lease {lease_no}
{rule}
Organisation      {organisation_name} ({organisation})
Made at           {made_at} (UTC)
Made by           {made_by}
Software          {software}
Tracks            {tracks_en}

Digest of the list (SHA-256 of the file SHA256SUMS; the audit trail has it, too, under
case_file.export):
{digest}

Contents
  timeline.csv      what happened when, who wrote it down, which file proves it. Begin here.
  lease.json        the lease and its terms as they are now
  events.jsonl      the book: every change, as it was told, one a line
  versions/         the terms of each version; past ones never change
  segments.csv      which vehicle was in which place, from when until when
  customer.json     the lessee; numbers are masked
  contracts/        each edition: its bytes, who signed, when it was sent, received, signed
  hand-overs/       records and photos, a folder each
  charges.csv       charges; violations.csv violations; notices.json notices sent and received,
                    bills delivered, demands with the proof that they arrived
  bills.csv         bills; bill-lines.csv their lines; credit-notes.csv what was taken off
  payments.csv      payments; allocations.csv what settled which bill; deposits.csv deposits
  bills/ credit-notes/  each as it was issued; papers/ bills, notes and notices as PDF
  tracks/           where each vehicle was while it was let (WGS-84)
  audit.jsonl       the audit trail about these things, with the digests of its chain
  MANIFEST.json     every file's size, digest, meaning and origin; what is missing, and why

How to verify
  1. With this software: guanche case-file verify <file.zip>    needs no database.
  2. Without it: unpack, and in that folder
       sha256sum -c SHA256SUMS      says OK of every file
       sha256sum SHA256SUMS         is the digest above
  3. Compare that digest with the lessor's audit trail or a printed cover: if it is the same,
     nothing was changed since the case file was made.
  Files with a fault in MANIFEST.json were no longer what had been kept when it was made; they are
  in here as they were found.
"""


def readme(made: Maker, digest: str) -> bytes:
    """README.txt of a case file whose list has this digest."""
    facts = made.model_dump() | {"made_at": utc(made.made_at), "digest": digest, "rule": "=" * 40}
    words = {"tracks_zh": TRACKS_ZH[made.tracks], "tracks_en": TRACKS_EN[made.tracks]}
    return _TEXT.format_map(facts | words).encode()
