"""The words of the printed document, English and Chinese, by the name of what they stand for."""

from collections.abc import Mapping
from typing import TypedDict


class Words(TypedDict):
    """One word or sentence in both languages."""

    en: str
    zh: str


def _words(rows: str) -> dict[str, Words]:
    found: dict[str, Words] = {}
    for row in filter(None, map(str.strip, rows.splitlines())):
        name, en, zh = (part.strip() for part in row.split(" | "))
        found[name] = {"en": en, "zh": zh}
    return found


_SENTENCES: dict[str, Words] = {
    "names_not_proven": {
        "en": "Names are those of the service that printed this; the file proves numbers only.",
        "zh": "名称由制作本报告的服务提供；文件仅证明机构编号。",
    },
    "again_how": {
        "en": "This document is a rendering. The proof is the file named above; anybody can "
        "verify it offline, without the service that made it:",
        "zh": "本报告仅为呈现，证明在于上述文件。任何人均可离线核验，无需信任制作方：",
    },
}

WORDS: Mapping[str, Words] = _SENTENCES | _words("""
    title | Evidence | 存证报告
    subject | About | 标的
    as_of | As of | 截至
    block | block | 区块
    block_hash | Block hash | 区块哈希
    chain_id | Network (chain id) | 网络（链编号）
    root | Root of trust | 信任根
    root_block | block | 区块
    root_validators | {count} validators at block {block} | 区块 {block} 的 {count} 名验证者
    file | Evidence file | 存证文件
    holds | Every check holds | 全部核验通过
    does_not_hold | The file does not hold | 核验未通过
    check | Check | 核验项
    outcome | Outcome | 结论
    count | Count | 数量
    yes | yes | 是
    no | no | 否
    not_reached | not reached | 未执行
    seals_none | not needed: one block is trusted | 无需核验：信任单一区块
    documents_none | none disclosed | 未披露
    trust | Who vouches for the root of trust | 信任根的背书
    trust_none | nobody was asked for | 未要求背书
    form | Form of the file (bytes) | 文件格式（字节）
    headers | Headers lead to the root of trust | 区块头可追溯至信任根
    seals | Seals by a quorum of the validators | 达到法定数量的验证者封印
    transactions | Transactions are in their blocks | 交易包含于区块
    receipts | Receipts are in their blocks | 回执包含于区块
    state | State of the contracts (words) | 合约状态（存储字）
    orders | Orders, signed by keys valid then | 指令（由当时有效密钥签署）
    lineage | No fact is missing, each as ordered | 事实无遗漏且均与指令一致
    taken_from | Taken from | 来源
    conservation | Value is conserved: face = outstanding + paid | 价值守恒：票面 = 未付 + 已付
    documents | Documents open to their commitments | 单据与承诺值一致
    statement | Statement is what was proven | 陈述与证明一致
    proves | What this proves | 本文件证明的内容
    does_not_prove | What this does not prove | 本文件不证明的内容
    receivable | Receivable | 应收款
    lot | Lot | 份额
    participant | Participant | 参与方
    organisation | organisation | 机构
    obligor | Obligor | 债务人
    supplier | Supplier | 供应商
    holder | Holder | 持有人
    face_value | Face value | 票面金额
    paid | Paid | 已付
    status | Status | 状态
    standing | State | 状态
    maturity_at | Due | 到期
    grace_ends_at | Grace ends | 宽限期止
    document | Trade document | 贸易单据
    document_opened | disclosed, and the one committed to at issue | 已披露，且与开立时承诺值一致
    document_closed | not disclosed | 未披露
    commitment | Commitment | 承诺值
    file_sha256 | Document (sha256) | 单据（sha256）
    offered | offered | 待签收
    active | active | 有效
    settled | settled | 已清偿
    void | void | 作废
    encumbrance_none | free | 无负担
    encumbrance_locked_transfer | offered for transfer | 转让待受
    encumbrance_locked_financing | locked for financing | 融资锁定
    encumbrance_pledged | pledged | 已质押
    sequence | No. | 序号
    fact | Fact | 事实
    details | Details | 内容
    transaction | Block, transaction | 区块与交易
    order | Order | 指令
    order_hash | Order hash | 指令哈希
    signatures | Signed by | 签署
    by_contract | accepted by the chain | 由链上接受
    maker | maker | 经办
    checker | checker | 复核
    administrator | administrator | 管理员
    keeper | keeper | 保管方
    keys | Keys, as registered | 登记密钥
    key | Key | 密钥
    roles | Roles | 角色
    validity | Valid | 有效期
    for_ever | open end | 长期
    again | Verify it yourself | 自行核验
    ReceivableIssued | Receivable issued | 开立
    ReceivableAccepted | Receivable accepted | 签收
    ReceivableRefused | Receivable refused | 拒签
    ReceivableWithdrawn | Offer withdrawn | 撤回开立
    ReceivableLapsed | Offer lapsed | 逾期未签收
    CancellationProposed | Cancellation proposed | 提议撤销
    ReceivableCancelled | Cancelled or reduced by a credit note | 撤销或贷项
    LotSplit | Lot split | 拆分
    LotUnsplit | Lot put back into its parent | 并回
    TransferProposed | Transfer proposed | 转让要约
    TransferAccepted | Transfer accepted | 接受转让
    TransferRejected | Transfer rejected | 拒绝转让
    TransferRevoked | Transfer revoked | 撤回转让
    TransferLapsed | Transfer lapsed | 转让失效
    LotTransferred | Lot transferred | 转让
    FinancingRequested | Financing requested | 融资申请
    FinancingRequestEnded | Financing request ended | 融资申请终止
    LotPaidEarly | Paid early by the anchor | 提前付款
    LotFinanced | Title passed to the funder | 权属移转资金方
    QuoteAwarded | Quote awarded | 中标
    FundingAwaited | Price on its way by bank transfer | 价款在途
    FundingConfirmed | Price confirmed by the holder | 持有人确认价款到账
    FundingAttested | Price attested by the holder's bank | 账户行证明价款到账
    ReceivableSettled | Anchor paid | 核心企业付款
    LotsPaid | Lots paid | 清分
    ReceivableOverdue | Receivable overdue | 逾期
    ReceivableDefaulted | Receivable in default | 违约
    LateInterestCharged | Late interest charged | 计收逾期利息
    LateInterestPaid | Late interest paid | 支付逾期利息
    LotWrittenOff | Lot written off | 核销
    PaymentConfirmed | Payment confirmed by its payee | 收款方确认付款
    PaymentAttested | Payment attested by the payee's bank | 账户行证明付款
    QuoteFunded | Quote funded | 报价备款
    FundedQuoteEnded | Quote's reserve ended | 备款终止
    HoldbackKept | Held back for the seller | 留存尾款
    HoldbackEnded | Holdback ended | 尾款终止
    InterestBorne | Interest borne by the anchor | 核心企业承担贴现息
    InterestEnded | Anchor's share paid or released | 贴现息承担支付或解除
    FilingRecorded | Filed with the registry | 登记
    PledgeProposed | Pledge offered | 拟质押
    LotPledged | Pledged | 质押
    PledgeReleased | Pledge released | 解除质押
    PledgeEnforced | Pledge enforced | 实现质权
    LotFrozen | Frozen by a court | 司法冻结
    LotHeld | Held by an authority | 临时冻结
    FreezeRenewed | Freeze renewed | 冻结续期
    FreezeLifted | Freeze lifted | 解除冻结
    RecourseClaimed | Recourse claimed | 追索
    LotRepurchased | Lot repurchased | 回购
    seller | Seller | 转让方
    outstanding | Outstanding | 未付金额
    late_interest | Late interest | 逾期利息
    from | From | 转出方
    to | To | 受让方
    funder | Funder | 资金方
    payer | Payer | 付款方
    payee | Payee | 收款方
    bank | Bank | 银行
    value_at | Value date | 起息时间
    line_hash | Line of the statement (hash) | 对账单明细哈希
    amount | Amount | 金额
    holdback | Held back | 尾款
    obligor_interest | Interest borne by the anchor | 核心企业承担贴现息
    share_bps | Share (basis points) | 比例（基点）
    net_proceeds | Net proceeds | 净融资额
    part_face_value | Part | 部分金额
    remaining_face_value | Remaining | 剩余金额
    document_amount | Document amount | 单据金额
    lot_sequence | Lot | 份额
    parent_sequence | Parent lot | 父份额
    parts | Parts | 子份额
    payments | Payments | 支付
    request_id | Request | 申请
    expires_at | Expires | 截止
    programme_id | Programme | 项目
    with_recourse | With recourse | 有追索权
    document_type | Document type | 单据类型
    document_sequence | Document no. | 单据序号
    document_fingerprint | Fingerprint | 单据指纹
    document_commitment | Commitment | 承诺值
    offer | Offer | 要约
    filing | Filing (hash) | 登记编号承诺值
    filed_at | Filed at | 登记时间
    remark_hash | Remark (hash) | 附言哈希
    reason_hash | Reason (hash) | 理由哈希
    quote | Quote | 报价
    quote_count | Quotes received | 收到报价数
    quote_head | Receipt chain | 回执链
    terms | Terms (hash) | 条款哈希
    withdrawn | withdrawn | 已撤回
    lapsed | lapsed | 已失效
    funded | funded | 已放款
    funding_failed | ended without its price | 价款未到账终止
    pay_by | To be paid by | 付款期限
""")
