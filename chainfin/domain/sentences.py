"""What an order says, as one plain text in English or Chinese: shown before anybody signs.

A text names everything that binds: who, to whom, how much, of what, until when, on which terms.
It is written from the signed message alone, so that text and signature cannot part ways. Left out
are only what the device needs and no person judges: the contract's address where the act has only
one, the nonce, and the salt that blinds a quote.

A template's fields are the message's own; members of an inner struct stand among them, and a list
is written item by item.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

from chainfin.domain.errors import AmountTooLarge, CurrencyUnknown, Language
from chainfin.domain.money import Money
from chainfin.domain.participant import KeyRole, ParticipantKind
from chainfin.domain.receivable import LotId
from chainfin.domain.service_errors import ActUnknown

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Text(NamedTuple):
    """One text in both languages."""

    en: str
    zh: str

    def of(self, language: Language) -> str:
        return {"en": self.en, "zh": self.zh}[language]


_TEXTS: Mapping[str, _Text] = MappingProxyType(
    {
        # ParticipantRegistry
        "KeyPossession": _Text(
            "Key {key}, held by person {person}, agrees to sign for the organisation with identity "
            "{identity} as {roles}.",
            "密钥 {key}（持有人 {person}）同意以{roles}身份为身份承诺 {identity} 的机构签名。",
        ),
        "SetDualControlLimit": _Text(
            "{organisation} lets one maker's key order up to {limit} a day without a checker: at "
            "once where that is less than before, else after the network's delay.",
            "{organisation}允许单个经办密钥每日在 {limit} 以内无需复核办理业务："
            "低于原额度的立即生效，否则在网络等待期后生效。",
        ),
        "NameSettlementBank": _Text(
            "{organisation} names {bank} as the bank that keeps its account in {currency}: what it "
            "attests counts as paid to {organisation}. Another bank counts after the network's "
            "delay, none at once.",
            "{organisation}指定{bank}为其 {currency} 账户行：该行证明的收款视为已向{organisation}"
            "支付。指定其他银行的在网络等待期后生效，取消指定的立即生效。",
        ),
        "RegisterKey": _Text(
            "{organisation} (identity {identity}) registers key {key}, {kind}, held by person "
            "{person}, to sign for it as {roles} until {validUntil}. It acts after the network's "
            "delay, in which every valid key of {organisation} can veto it.",
            "{organisation}（身份承诺 {identity}）登记密钥 {key}（{kind}，持有人 {person}），"
            "以{roles}身份签名至 {validUntil}。该密钥在网络等待期后生效，"
            "期间{organisation}的任一有效密钥均可否决。",
        ),
        "VetoKey": _Text(
            "{organisation} vetoes key {key}, which has not acted yet, and is suspended until the "
            "Council has decided.",
            "{organisation}否决尚未生效的密钥 {key}，并在理事会决定前暂停业务。",
        ),
        "RevokeKey": _Text(
            "{organisation} ends key {key}, at once and for ever.",
            "{organisation}立即并永久停用密钥 {key}。",
        ),
        "CancelOrder": _Text(
            "{organisation} cancels order {cancelledOrder}: nonce {cancelledNonce} of key "
            "{makerKey} is used up, so that nothing signed under it can run.",
            "{organisation}撤销指令 {cancelledOrder}：密钥 {makerKey} 的 nonce {cancelledNonce} "
            "作废，以其签署的任何指令均不能执行。",
        ),
        # Council
        "CouncilVote": _Text(
            "{organisation} votes {inFavour} the Council's calling contract {subject} with {data} "
            "(salt {salt}). With enough votes it is done at once, or after the Council's delay.",
            "{organisation}{inFavour}理事会以 {data} 调用合约 {subject}（盐值 {salt}）。"
            "票数足够后立即执行，或在理事会等待期后执行。",
        ),
        # DocumentRegistry
        "AttestDocuments": _Text(
            "{organisation} states that it computed the fingerprints of {count} documents of "
            "obligor {obligor} in {currency} with the key of epoch {epoch}; the root of their rows "
            "is {root}. The statement can be used until {deadline}.",
            "{organisation}声明：已用第 {epoch} 期密钥计算债务人{obligor}的 {count} 份 {currency} "
            "单据的指纹，各行的根为 {root}。本声明有效期至 {deadline}。",
        ),
        "CarryDocuments": _Text(
            "{organisation} states by which fingerprints these documents go in epoch {epoch}: "
            "{documents}. The statement can be used until {deadline}.",
            "{organisation}声明：第 {epoch} 期下列单据的指纹：{documents}。"
            "本声明有效期至 {deadline}。",
        ),
        # Issuance
        "OpenProgramme": _Text(
            "{organisation} opens a programme in {currency}, technique {technique}: "
            "{withRecourse}; {acceptanceRequired}; lots of at least {minimumLotFaceValue}, at most "
            "{maximumLots} of them a receivable; at most {maximumTier} tiers; a tenor of at most "
            "{maximumTenorDays} days, for reason {tenorReasonHash}; {legacy}; lots are financed "
            "with at least {minimumTenorDays} days to run, {filingRequired}; late interest of "
            "{lateInterestBps} a year; paid in deposit {deposit}; terms {termsHash}. {replaces}",
            "{organisation}开立 {currency} 项目，业务类型 {technique}：{withRecourse}；"
            "{acceptanceRequired}；每张凭证不低于 {minimumLotFaceValue}，"
            "每笔应收账款至多 {maximumLots} 张凭证；至多 {maximumTier} 级；"
            "期限不超过 {maximumTenorDays} 天（理由 {tenorReasonHash}）；{legacy}；"
            "融资时剩余期限不少于 {minimumTenorDays} 天，{filingRequired}；"
            "逾期利率为年 {lateInterestBps}；"
            "以存款合约 {deposit} 支付；条款 {termsHash}。{replaces}",
        ),
        "IssueReceivable": _Text(
            "{organisation} undertakes to pay {faceValue} at {maturityAt} to whoever then holds "
            "this receivable, and issues it to {supplier} under programme {programmeId}; unpaid "
            "after {graceEndsAt}, it is in default. It stands on a trade document, type "
            "{documentType}, for {documentAmount} (fingerprint {documentFingerprint}, commitment "
            "{documentCommitment}).",
            "{organisation}承诺于 {maturityAt} 向届时的持有人支付 {faceValue}，"
            "并在项目 {programmeId} 下将该应收账款开立给{supplier}；"
            "{graceEndsAt} 后仍未付清即为违约。所依据的单据类型为 {documentType}，"
            "金额 {documentAmount}（指纹 {documentFingerprint}，承诺值 {documentCommitment}）。",
        ),
        "IssueBatch": _Text(
            "{organisation} undertakes to pay {totalFaceValue} in all on {count} receivables, and "
            "issues them under programme {programmeId} to the suppliers and with the due dates of "
            "the file with hash {fileHash}; the root of its rows is {root}.",
            "{organisation}承诺就 {count} 笔应收账款合计支付 {totalFaceValue}，"
            "并在项目 {programmeId} 下按哈希为 {fileHash} 的文件所列的供应商和到期日开立，"
            "各行的根为 {root}。",
        ),
        "AcceptReceivable": _Text(
            "{organisation} accepts receivables of {totalFaceValue} in all: {offers}.",
            "{organisation}签收合计 {totalFaceValue} 的应收账款：{offers}。",
        ),
        "RefuseReceivable": _Text(
            "{organisation} refuses receivable {receivableId} of {faceValue} on document "
            "{documentFingerprint}; its reason is {reasonHash}.",
            "{organisation}拒绝签收应收账款 {receivableId}（{faceValue}，"
            "单据 {documentFingerprint}），理由为 {reasonHash}。",
        ),
        "WithdrawReceivable": _Text(
            "{organisation} takes back its offer of receivable {receivableId} of {faceValue} on "
            "document {documentFingerprint}; its reason is {reasonHash}.",
            "{organisation}撤回应收账款 {receivableId} 的开立（{faceValue}，"
            "单据 {documentFingerprint}），理由为 {reasonHash}。",
        ),
        "CancelReceivable": _Text(
            "{organisation} agrees to take {amount} off receivable {receivableId} of {faceValue} "
            "on document {documentFingerprint}: by a credit note, or, where it is all of it, by "
            "cancelling the receivable. It is done once the other party orders the same; the "
            "reason is {reasonHash}.",
            "{organisation}同意从应收账款 {receivableId}（{faceValue}，"
            "单据 {documentFingerprint}）中减去 {amount}："
            "部分减少为贷项，全部减去即撤销该应收账款。"
            "对方下达相同指令后生效，理由为 {reasonHash}。",
        ),
        # ReceivableLedger
        "UnsplitLot": _Text(
            "{organisation} gives lot {lotId} of {faceValue}, {paid} paid on it, back to the lot "
            "it was split from, which has {parentFaceValue}.",
            "{organisation}将凭证 {lotId}（票面 {faceValue}，已付 {paid}）"
            "并回其上一级凭证（票面 {parentFaceValue}）。",
        ),
        "SplitLot": _Text(
            "{organisation} splits lot {lotId} of {faceValue}, {paid} paid on it: {parts}; the "
            "rest stays in lot {lotId}. Where the programme asks receivers to accept, a part for "
            "another organisation waits for it until {expiresAt}; otherwise it is theirs at once.",
            "{organisation}拆分凭证 {lotId}（票面 {faceValue}，已付 {paid}）：{parts}；"
            "其余留在凭证 {lotId}。若项目要求接收方签收，"
            "拆给他方的部分等待签收至 {expiresAt}；否则立即归其所有。",
        ),
        "ProposeTransfer": _Text(
            "{organisation} transfers lot {lotId} of {faceValue}, {paid} paid on it, to {to}, with "
            "remark {remarkHash}. Where the programme asks the receiver to accept, the offer is "
            "open until {expiresAt}; otherwise the lot is theirs at once.",
            "{organisation}将凭证 {lotId}（票面 {faceValue}，已付 {paid}）流转给{to}，"
            "附言 {remarkHash}。若项目要求接收方签收，有效期至 {expiresAt}；否则立即归其所有。",
        ),
        "AcceptTransfer": _Text(
            "{organisation} accepts lot {lotId} of {faceValue}, {paid} paid on it, as offered by "
            "order {offer}.",
            "{organisation}接受由指令 {offer} 流转的凭证 {lotId}（票面 {faceValue}，"
            "已付 {paid}）。",
        ),
        "RejectTransfer": _Text(
            "{organisation} declines lot {lotId} of {faceValue}, {paid} paid on it, as offered by "
            "order {offer}.",
            "{organisation}拒收由指令 {offer} 流转的凭证 {lotId}（票面 {faceValue}，"
            "已付 {paid}）。",
        ),
        "RevokeTransfer": _Text(
            "{organisation} takes back its offer, order {offer}, of lot {lotId} of {faceValue}, "
            "{paid} paid on it.",
            "{organisation}撤回以指令 {offer} 发起的凭证 {lotId}（票面 {faceValue}，"
            "已付 {paid}）的流转。",
        ),
        # FinancingMarket
        "RequestFinancing": _Text(
            "{organisation} asks funders to buy {partFaceValue} of lot {lotId} (face value "
            "{faceValue}, {paid} paid on it) {withRecourse}. The lot is locked while the request "
            "is open; quotes can be awarded until {expiresAt}.",
            "{organisation}就凭证 {lotId}（票面 {faceValue}，已付 {paid}）中的 {partFaceValue} "
            "申请融资，{withRecourse}。申请期间凭证锁定，可在 {expiresAt} 前选定报价。",
        ),
        "WithdrawFinancingRequest": _Text(
            "{organisation} takes back financing request {requestId}; its lot is free again.",
            "{organisation}撤回融资申请 {requestId}，凭证解除锁定。",
        ),
        "Quote": _Text(
            "{organisation} offers {holder} {netProceeds} for {partFaceValue} of lot {lotId} (face "
            "value {faceValue}, {paid} paid on it) under financing request {requestId}, "
            "{withRecourse}, at a discount rate of {discountRateBps} a year, day count {dayCount}, "
            "for {tenorDays} days from {valueAt}. It can be awarded until {deadline}. {payBy} "
            "{holdback} Where {organisation} owes the lot itself, that part of it is then paid.",
            "{organisation}就融资申请 {requestId} 向{holder}报价：以 {netProceeds} 买入凭证 "
            "{lotId}（票面 {faceValue}，已付 {paid}）中的 {partFaceValue}，{withRecourse}，"
            "年贴现率 {discountRateBps}，计息基础 {dayCount}，自 {valueAt} 起 {tenorDays} 天，"
            "可在 {deadline} 前选定。{payBy}{holdback}"
            "{organisation}本身为债务人的，该部分即告清偿。",
        ),
        "AwardQuote": _Text(
            "{organisation} awards quote {quote} under financing request {requestId}: title passes "
            "to the funder against {netProceeds}. {payBy} {holdback} {obligorInterest} "
            "{organisation} declares that it was given {quoteCount} quotes, the last receipt being "
            "{quoteHead}.",
            "{organisation}在融资申请 {requestId} 下选定报价 {quote}：权利转让给资金方，"
            "对价 {netProceeds}。{payBy}{holdback}{obligorInterest}"
            "其声明收到 {quoteCount} 份报价，最后一份回执为 {quoteHead}。",
        ),
        "FundQuote": _Text(
            "{organisation} makes its quote {quote} under financing request {requestId} firm: up "
            "to {amount} of its deposit is set aside until {expiresAt}, and room for the part in "
            "its credit lines where it keeps any. Until then an award draws on them without "
            "{organisation}'s signature, and {organisation} cannot take them back.",
            "{organisation}为其在融资申请 {requestId} 下的报价 {quote} 备款：至 {expiresAt} 止，"
            "从其存款中专项划存至多 {amount}，设有授信额度的并预留相应额度。在此之前，选定该报价"
            "即可动用，无需{organisation}签名，{organisation}不得撤回。",
        ),
        "BearInterest": _Text(
            "{organisation} pays {shareBps} of the discount at which financing request {requestId} "
            "of lot {lotId} is awarded, at most {amount}, to its holder: so much of the deposit of "
            "{organisation} is set aside until {expiresAt}, and cannot be taken back before.",
            "{organisation}承担融资申请 {requestId}（凭证 {lotId}）成交贴现息的 {shareBps}"
            "（至多 {amount}），"
            "付给持有人：至 {expiresAt} 止从其存款中专项划存该金额，期间不得撤回。",
        ),
        "AttestFunding": _Text(
            "{organisation}, bank of {payee}, attests that the price of {amount} of quote {quote} "
            "under financing request {requestId} came in for {payee} at {valueAt}, in line "
            "{lineHash} of {lineAmount}. Title passes to the funder by it.",
            "{organisation}作为{payee}的账户行证明：融资申请 {requestId} 下报价 {quote} 的价款 "
            "{amount} 已于 {valueAt} 入{payee}的账户，见对账单明细 {lineHash}（{lineAmount}）。"
            "权利据此转让给资金方。",
        ),
        "ConfirmFunding": _Text(
            "{organisation} confirms that the price of {amount} of quote {quote} under financing "
            "request {requestId} came in at {valueAt}, in line {lineHash} of {lineAmount} of "
            "{bank}. Once that bank attests it, title passes to the funder.",
            "{organisation}确认融资申请 {requestId} 下报价 {quote} 的价款 {amount} 已于 {valueAt} "
            "到账，见{bank}对账单明细 {lineHash}（{lineAmount}）。该行证明后权利转让给资金方。",
        ),
        "ReleaseFunding": _Text(
            "{organisation} gives up quote {quote} awarded under financing request {requestId}, "
            "whose price it has not paid; the lot is its holder's again, and free.",
            "{organisation}放弃融资申请 {requestId} 下已选定而未付款的报价 {quote}；"
            "凭证解除锁定，仍归持有人。",
        ),
        "DenyFunding": _Text(
            "{organisation} states that the price of quote {quote} awarded under financing request "
            "{requestId} did not come in in time; the lot is its holder's again, and free.",
            "{organisation}声明：融资申请 {requestId} 下已选定的报价 {quote} 的价款逾期未到账；"
            "凭证解除锁定，仍归持有人。",
        ),
        "RecordFiling": _Text(
            "{organisation} states that it filed lot {lotId} of financing request {requestId} "
            "with the national registry at {filedAt}; {filing} commits to the number it was given.",
            "{organisation}声明：已于 {filedAt} 就融资申请 {requestId} 的凭证 {lotId} "
            "在统一登记公示系统办理登记，登记编号的承诺值为 {filing}。",
        ),
        "ClaimRecourse": _Text(
            "{organisation} claims what is outstanding on lot {lotId} of {faceValue}, {paid} paid "
            "on it, with its late interest from the seller that sold it with recourse: the anchor "
            "is in default.",
            "{organisation}就凭证 {lotId}（票面 {faceValue}，已付 {paid}）的未付部分及逾期利息"
            "向带追索权的转让方追索：核心企业已违约。",
        ),
        "RepurchaseLot": _Text(
            "{organisation} takes lot {lotId} of {faceValue}, {paid} paid on it, back from "
            "{holder}, and pays it from its deposit the {amount} outstanding and the late interest "
            "accrued, at most {lateInterest}.",
            "{organisation}向{holder}回购凭证 {lotId}（票面 {faceValue}，已付 {paid}），"
            "从其存款支付未付的 {amount} 及已产生的逾期利息（至多 {lateInterest}）。",
        ),
        # CreditLines
        "SetCreditLine": _Text(
            "{organisation} takes on at most {limit} of what {anchor}, and its group where it is "
            "a parent, owes in {currency}, for lots bought until {expiresAt}; 0 closes the line. "
            "From its first line on, it buys nothing without one.",
            "{organisation}对{anchor}（为集团母公司的，含其集团）以 {currency} 计的授信额度为 "
            "{limit}，可用于 {expiresAt} 前买入的凭证；0 表示关闭额度。"
            "自设立首个额度起，无额度不得买入。",
        ),
        # Encumbrances
        "FreezeLots": _Text(
            "{organisation} freezes {lotSequences} that {holder} has in receivable {receivableId}, "
            "by its order {referenceHash}, until {expiresAt}: they neither move nor are divided, "
            "financed or paid to {holder}. {toCourt}",
            "{organisation}依据文书 {referenceHash} 冻结{holder}在应收账款 {receivableId} 项下的"
            "{lotSequences}，至 {expiresAt}：期间不得流转、拆分、融资，也不得向{holder}付款。"
            "{toCourt}",
        ),
        "HoldLots": _Text(
            "{organisation} holds {lotSequences} that {holder} has in receivable {receivableId}, "
            "on suspicion under reference {referenceHash}, until {expiresAt}, then lets them go by "
            "itself. What is paid on them meanwhile waits.",
            "{organisation}依据 {referenceHash} 临时冻结{holder}在应收账款 {receivableId} 项下的"
            "{lotSequences}，至 {expiresAt} 自动解除；期间应付款项暂存。",
        ),
        "RenewFreeze": _Text(
            "{organisation} renews its freeze {referenceHash} of {lotSequences} of receivable "
            "{receivableId} until {expiresAt}.",
            "{organisation}将依据文书 {referenceHash} 对应收账款 {receivableId} 项下{lotSequences}"
            "的冻结续期至 {expiresAt}。",
        ),
        "LiftFreeze": _Text(
            "{organisation} lifts its freeze {referenceHash} of {lotSequences} of receivable "
            "{receivableId}.",
            "{organisation}解除依据文书 {referenceHash} 对应收账款 {receivableId} 项下"
            "{lotSequences}的冻结。",
        ),
        "ProposePledge": _Text(
            "{organisation} offers lot {lotId} of {faceValue}, {paid} paid on it, to {pledgee} as "
            "security for up to {securedAmount} under agreement {agreementHash}, due {dueAt}. "
            "Until {expiresAt} {pledgee} can accept and register it; the lot does not move then "
            "without {pledgee}, and after {dueAt} what is paid on it may be collected by "
            "{pledgee} up to what is secured.",
            "{organisation}以凭证 {lotId}（票面 {faceValue}，已付 {paid}）向{pledgee}出质，"
            "依据协议 {agreementHash} 担保至多 {securedAmount}，债务到期 {dueAt}。"
            "{pledgee}可在 {expiresAt} 前接受并登记；此后未经{pledgee}同意不得流转，"
            "{dueAt} 后{pledgee}可在担保金额内收取该凭证的款项。",
        ),
        "AcceptPledge": _Text(
            "{organisation} accepts pledge {pledge} of lot {lotId} of {faceValue}, {paid} paid on "
            "it, registered by filing {filingHash} at {filedAt}.",
            "{organisation}接受凭证 {lotId}（票面 {faceValue}，已付 {paid}）的质押 {pledge}，"
            "登记 {filingHash}，登记时间 {filedAt}。",
        ),
        "ReleasePledge": _Text(
            "{organisation} releases pledge {pledge} of lot {lotId} of {faceValue}, {paid} paid on "
            "it.",
            "{organisation}解除凭证 {lotId}（票面 {faceValue}，已付 {paid}）的质押 {pledge}。",
        ),
        "EnforcePledge": _Text(
            "{organisation} declares the debt behind pledge {pledge} unpaid and collects what is "
            "paid on lot {lotId} of {faceValue}, {paid} paid on it, up to what is secured.",
            "{organisation}声明质押 {pledge} 所担保的债务未清偿，在担保金额内收取凭证 {lotId}"
            "（票面 {faceValue}，已付 {paid}）的款项。",
        ),
        # Settlement
        "SettleReceivable": _Text(
            "{organisation} pays {amount} on receivable {receivableId} of {faceValue}, {paid} paid "
            "on it before, from its deposit to the holders of its lots; where it is late, also the "
            "interest accrued on that, at most {lateInterest}.",
            "{organisation}就应收账款 {receivableId}（票面 {faceValue}，此前已付 {paid}）"
            "从其存款向各凭证持有人支付 {amount}；逾期的另付相应逾期利息，至多 {lateInterest}。",
        ),
        "AttestPayment": _Text(
            "{organisation}, bank of {payee}, attests that all {amount} outstanding on lot {lotId} "
            "of {faceValue}, {paid} paid on it before, and {lateInterest} of late interest came in "
            "for {payee} at {valueAt}, in line {lineHash} of {lineAmount}. The lot is paid by it.",
            "{organisation}作为{payee}的账户行证明：凭证 {lotId}（票面 {faceValue}，"
            "此前已付 {paid}）的未付款 {amount} 及逾期利息 {lateInterest} 已于 {valueAt} "
            "入{payee}的账户，见对账单明细 {lineHash}（{lineAmount}）。该凭证据此结清。",
        ),
        "ConfirmPayment": _Text(
            "{organisation} confirms that all {amount} outstanding on its lot {lotId} of "
            "{faceValue}, {paid} paid on it before, and {lateInterest} of late interest came in at "
            "{valueAt}, in line {lineHash} of {lineAmount} of {bank}. Once that bank attests it, "
            "the lot is paid.",
            "{organisation}确认其凭证 {lotId}（票面 {faceValue}，此前已付 {paid}）的未付款 "
            "{amount} 及逾期利息 {lateInterest} 已于 {valueAt} 到账，见{bank}对账单明细 {lineHash}"
            "（{lineAmount}）。该行证明后凭证即结清。",
        ),
        "WriteOffLot": _Text(
            "{organisation} writes off lot {lotId} of {faceValue}, {paid} paid on it, in its "
            "books; the anchor still owes it.",
            "{organisation}核销凭证 {lotId}（票面 {faceValue}，已付 {paid}）；"
            "核心企业仍负付款义务。",
        ),
        # TokenisedDeposit
        "OpenDepositAccounts": _Text(
            "{organisation} opens accounts in deposit {target} for {holders}.",
            "{organisation}在存款合约 {target} 中为{holders}开立账户。",
        ),
        "MintDeposit": _Text(
            "{organisation} credits {amount} to the account of {to} in deposit {target}, reference "
            "{referenceHash}.",
            "{organisation}向{to}在存款合约 {target} 中的账户入金 {amount}，凭据 {referenceHash}。",
        ),
        "RedeemDeposit": _Text(
            "{organisation} gives {amount} back to the bank of deposit {target}, to be paid out; "
            "reference {referenceHash}.",
            "{organisation}向存款合约 {target} 的银行赎回 {amount}，由其付出，"
            "凭据 {referenceHash}。",
        ),
    }
)
"""One text an act. Where it does not say until when, `_DEADLINE` follows."""

_DEADLINE = _Text(" This order can run until {deadline}.", "本指令有效期至 {deadline}。")

_ITEMS: Mapping[str, _Text] = MappingProxyType(
    {
        "offers": _Text(
            "no. {receivableId}, {faceValue} owed by {obligor} under programme {programmeId}, due "
            "at {maturityAt}, in default after {graceEndsAt}",
            "编号 {receivableId}，{obligor}在项目 {programmeId} 下应付 {faceValue}，"
            "{maturityAt} 到期，{graceEndsAt} 后仍未付清即为违约",
        ),
        "parts": _Text("{faceValue} to {to}", "{faceValue} 归{to}"),
        "documents": _Text("{fingerprint} as {successor}", "{fingerprint} 改用 {successor}"),
    }
)
_SEPARATOR = _Text("; ", "；")

_CHOICES: Mapping[str, tuple[_Text, _Text]] = MappingProxyType(
    {
        "inFavour": (_Text("against", "反对"), _Text("in favour of", "赞成")),
        "withRecourse": (
            _Text("without recourse", "无追索权"),
            _Text("with recourse", "有追索权"),
        ),
        "legacy": (
            _Text("its receivables are new", "应收账款为新开立"),
            _Text("its receivables are carried over from before the rules", "应收账款为存量承接"),
        ),
        "filingRequired": (
            _Text("without a filing", "无须先行登记"),
            _Text("after a filing with the national registry", "须先在统一登记公示系统登记"),
        ),
        "toCourt": (
            _Text("What is paid on them meanwhile waits.", "期间应付款项暂存。"),
            _Text(
                "What is paid on them meanwhile goes to its own account (court deposit).",
                "期间应付款项付至其账户（提存）。",
            ),
        ),
        "acceptanceRequired": (
            _Text("receivers need not accept transfers", "流转无须接收方签收"),
            _Text("receivers must accept transfers", "流转须经接收方签收"),
        ),
    }
)
"""What no and yes mean."""

_NUMBERED: Mapping[str, Mapping[int, _Text]] = MappingProxyType(
    {
        "technique": dict(
            enumerate(
                (
                    _Text("receivables discounting", "应收账款贴现"),
                    _Text("forfaiting", "福费廷"),
                    _Text("factoring", "保理"),
                    _Text("payables finance", "反向保理"),
                    _Text("loan against receivables", "应收账款质押融资"),
                    _Text("distributor finance", "经销商融资"),
                    _Text("loan against inventory", "存货质押融资"),
                    _Text("pre-shipment finance", "装船前融资"),
                )
            )
        ),
        "kind": {0: _Text("a key pair", "密钥对"), 1: _Text("a contract", "合约")},
        "documentType": dict(
            enumerate(
                (
                    _Text("order", "订单"),
                    _Text("warehouse receipt", "仓单"),
                    _Text("waybill", "运单"),
                    _Text("invoice", "发票"),
                ),
                start=1,
            )
        ),
    }
)
"""What the contracts know by a number only; a number without a name is shown as it is."""

_ORGANISATIONS = frozenset(
    {
        "anchor",
        "bank",
        "organisation",
        "to",
        "supplier",
        "obligor",
        "holder",
        "payee",
        "parent",
        "pledgee",
    }
)
_INSTANTS = frozenset(
    {
        "deadline",
        "dueAt",
        "filedAt",
        "maturityAt",
        "graceEndsAt",
        "expiresAt",
        "valueAt",
        "from",
        "payBy",
        "legacyUntil",
        "validUntil",
        "licenceExpiresAt",
    }
)
_RATES = frozenset({"discountRateBps", "lateInterestBps", "shareBps"})
_AMOUNTS = frozenset(
    {
        "amount",
        "documentAmount",
        "faceValue",
        "holdback",
        "lateInterest",
        "limit",
        "lineAmount",
        "minimumLotFaceValue",
        "netProceeds",
        "obligorInterest",
        "paid",
        "parentFaceValue",
        "partFaceValue",
        "securedAmount",
        "totalFaceValue",
    }
)

_LOTS = _Text("lots no. {}", "第 {} 号凭证")
_ALL_LOTS = _Text("every lot", "全部凭证")
_MINOR_UNITS = _Text("{} minor units", "{} 个最小货币单位")
_NAMED = _Text("{} (no. {})", "{}（{} 号）")
_UNNAMED = _Text("Organisation no. {}", "机构（{} 号）")
_NONE = _Text("none", "无")
_OPTIONAL: Mapping[str, tuple[_Text, _Text]] = MappingProxyType(
    {
        "replaces": (
            _Text("It replaces no other programme.", "不取代其他项目。"),
            _Text(
                "It replaces programme {}, which takes no new issue.", "取代项目 {}，后者不再开立。"
            ),
        ),
        "payBy": (
            _Text(
                "The price is paid from the funder's deposit, and title passes with the award.",
                "价款从资金方存款支付，权利随选定即时转让。",
            ),
            _Text(
                "The price is paid by bank transfer until {}, and title passes once the holder's "
                "bank has attested it.",
                "价款于 {} 前以银行转账支付，经持有人账户行证明到账后权利转让。",
            ),
        ),
        "holdback": (
            _Text("Nothing is held back.", "无尾款。"),
            _Text(
                "{} is held back: the holder gets it from the last of what is paid on the lot.",
                "另留尾款 {}，待凭证其余款项收回后付给转让方。",
            ),
        ),
        "obligorInterest": (
            _Text("The anchor bears no share of the discount.", "核心企业不承担贴现息。"),
            _Text(
                "The anchor pays {} beside it, its share of the discount.",
                "核心企业另付其承担的贴现息 {}。",
            ),
        ),
    }
)
"""What is said where a number is 0, and where it is another."""
_ROLES: Mapping[KeyRole, _Text] = MappingProxyType(
    {
        KeyRole.MAKER: _Text("maker", "经办"),
        KeyRole.CHECKER: _Text("checker", "复核"),
        KeyRole.ADMINISTRATOR: _Text("administrator", "管理员"),
        KeyRole.KEEPER: _Text("keeper", "单据保管"),
    }
)


_DECISIONS: Mapping[str, _Text] = MappingProxyType(
    {
        "admitParticipants": _Text(
            "Admit {count} organisations: {identities}.", "准入 {count} 家机构：{identities}。"
        ),
        "restrictParticipant": _Text(
            "{organisation} becomes {status}.", "{organisation}{status}。"
        ),
        "reinstateParticipant": _Text(
            "{organisation} is {status} again.", "{organisation}恢复为{status}。"
        ),
        "narrowParticipant": _Text(
            "{organisation} is from now on only {kinds}, licensed until {licenceExpiresAt}.",
            "{organisation}此后仅为 {kinds}，许可至 {licenceExpiresAt}。",
        ),
        "changeParticipant": _Text(
            "{organisation} becomes {kinds}, licensed until {licenceExpiresAt}, controlled by "
            "{parent}.",
            "{organisation}变更为 {kinds}，许可至 {licenceExpiresAt}，上级为{parent}。",
        ),
        "endKey": _Text("Key {keyAddress} ends.", "停用密钥 {keyAddress}。"),
        "recoverKey": _Text(
            "{organisation} is given key {key}, as {roles} until {validUntil}, after the delay of "
            "a recovery.",
            "为{organisation}恢复密钥 {key}（{roles}，至 {validUntil}），恢复等待期后生效。",
        ),
        "setTenorLimits": _Text(
            "Receivables issued from {from} on run at most {maximumDays} days, and {usualDays} "
            "without a reason; legacy ones are issued until {legacyUntil}.",
            "自 {from} 起开立的应收账款期限不超过 {maximumDays} 天，"
            "未说明理由的不超过 {usualDays} 天；存量承接截至 {legacyUntil}。",
        ),
        "admitVenue": _Text("Contract {venue} is admitted.", "准入合约 {venue}。"),
        "pauseVenue": _Text("Contract {venue} is paused.", "暂停合约 {venue}。"),
        "resumeVenue": _Text("Contract {venue} runs again.", "恢复合约 {venue}。"),
        "openEpoch": _Text(
            "Fingerprints are made with the key of epoch {epoch}.",
            "单据指纹改用第 {epoch} 期密钥。",
        ),
        "changeCouncil": _Text(
            "The Council is {newMembers}; {newThreshold} of them decide.",
            "理事会成员为{newMembers}，其中 {newThreshold} 家同意即可决定。",
        ),
        "grantRole": _Text(
            "Account {account} is given role {roleId} of the administration.",
            "授予账户 {account} 管理角色 {roleId}。",
        ),
    }
)
"""What the Council can decide, by the function it calls."""

_ANOTHER_DECISION = _Text(
    "A call that this software has no words for ({function}).", "无对应说明的调用（{function}）。"
)
_STATUSES: Mapping[int, _Text] = MappingProxyType(
    {1: _Text("admitted", "准入"), 2: _Text("suspended", "暂停"), 3: _Text("blocked", "封禁")}
)


def decision_sentence(
    function: str, arguments: Mapping[str, Any], names: Mapping[int, str], language: Language = "en"
) -> str:
    """What a decision of the Council does.

    Args:
        function: The contract function it calls; empty where it is none of ours.
        arguments: Its arguments, as `codec.decisions.read_decision` gives them.
        names: Names of organisations by number.
        language: Of the text.
    """
    if function not in _DECISIONS:
        return _ANOTHER_DECISION.of(language).format(function=function or "?")
    shown = dict(arguments)
    if "admissions" in shown:
        identities = ["0x" + entry["identity"].hex() for entry in shown.pop("admissions")]
        shown |= {"count": len(identities), "identities": ", ".join(identities)}
    if "kinds" in shown:
        shown["kinds"] = str(ParticipantKind(shown["kinds"]).name).lower().replace("|", ", ")
    if shown.get("status") in _STATUSES:
        shown["status"] = _STATUSES[shown["status"]].of(language)
    return _Writer(names, language, None).write(_DECISIONS[function].of(language), shown)


def sentence(
    primary_type: str,
    message: Mapping[str, Any],
    names: Mapping[int, str],
    language: Language = "en",
    currency: str | None = None,
) -> str:
    """What an order says.

    Args:
        primary_type: The EIP-712 type that is signed.
        message: Its values, as `typed_data.from_json` gives them.
        names: Names of organisations by number; one without a name is shown by its number.
        language: Of the text.
        currency: ISO 4217 code of the lot or receivable, for orders that do not name one; without
            it their amounts are shown in minor units.

    Raises:
        ActUnknown: No participant signs such a type.
    """
    text = _TEXTS.get(primary_type)
    if text is None:
        raise ActUnknown(primary_type, ", ".join(_TEXTS))
    template = text.of(language)
    if "deadline" in message and "{deadline}" not in template:
        template += _DEADLINE.of(language)
    own_currency = message.get("currency")
    shown_currency = currency if own_currency is None else _code(own_currency)
    return _Writer(names, language, shown_currency).write(template, message)


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes values as words, by the names of their fields."""

    names: Mapping[int, str]
    language: Language
    currency: str | None

    def write(self, template: str, message: Mapping[str, Any]) -> str:
        """A template filled with a message."""
        return template.format_map(self._words(message))

    def _words(self, message: Mapping[str, Any]) -> dict[str, str]:
        words: dict[str, str] = {}
        for name, value in message.items():
            if isinstance(value, Mapping):
                words |= self._words(value)
            else:
                words[name] = self._word(name, value)
        return words

    def _word(self, name: str, value: Any) -> str:
        if isinstance(value, tuple | list):
            return self._list(name, value)
        if isinstance(value, bytes):
            return self._bytes(name, value)
        if name in _CHOICES:
            return _CHOICES[name][bool(value)].of(self.language)
        if isinstance(value, int):
            return self._number(name, value)
        return str(value)

    def _number(self, name: str, value: int) -> str:
        number = self._plain_number(name, value)
        if name in _OPTIONAL:
            return _OPTIONAL[name][value != 0].of(self.language).format(number)
        return number

    def _plain_number(self, name: str, value: int) -> str:
        if name in _ORGANISATIONS:
            return self._organisation(value)
        if name in _AMOUNTS:
            return self._amount(value)
        if name in _INSTANTS:
            return _instant(value)
        if name in _RATES:
            return f"{value // 100}.{value % 100:02}%"
        return self._code_number(name, value)

    def _code_number(self, name: str, value: int) -> str:
        if name == "lotId":
            return str(LotId.from_token(value))
        if name == "roles":
            return self._roles(value)
        if value in _NUMBERED.get(name, {}):
            return _NUMBERED[name][value].of(self.language)
        return str(value)

    def _list(self, name: str, items: tuple[Any, ...] | list[Any]) -> str:
        separator = _SEPARATOR.of(self.language)
        if name == "lotSequences":
            return self._lots(items)
        if name not in _ITEMS:  # organisations
            return separator.join(self._organisation(item) for item in items)
        template = _ITEMS[name].of(self.language)
        return separator.join(self.write(template, item) for item in items)

    def _lots(self, items: tuple[Any, ...] | list[Any]) -> str:
        """The lots of one receivable by their numbers; none named is all there are."""
        if not items:
            return _ALL_LOTS.of(self.language)
        shown = _SEPARATOR.of(self.language).join(str(item) for item in items)
        return _LOTS.of(self.language).format(shown)

    def _bytes(self, name: str, value: bytes) -> str:
        if name == "currency":
            return _code(value)
        return "0x" + value.hex() if any(value) else _NONE.of(self.language)

    def _organisation(self, number: int) -> str:
        if name := self.names.get(number):
            return _NAMED.of(self.language).format(name, number)
        return _UNNAMED.of(self.language).format(number)

    def _amount(self, minor: int) -> str:
        units = _MINOR_UNITS.of(self.language).format(minor)
        if self.currency is None:
            return units
        try:
            return str(Money(minor, self.currency))
        except (AmountTooLarge, CurrencyUnknown):
            # The contracts refuse the first and take any three letters; a reader sees both.
            return f"{units} ({self.currency})"

    def _roles(self, mask: int) -> str:
        named = [text.of(self.language) for role, text in _ROLES.items() if mask & role]
        rest = mask & ~sum(_ROLES)
        return {"en": ", ", "zh": "、"}[self.language].join(named + ([str(rest)] if rest else []))


def _code(currency: bytes) -> str:
    """A currency's letters, or its bytes where they are none."""
    text = currency.decode("ascii", errors="replace")
    return text if text.isalpha() else "0x" + currency.hex()


def _instant(seconds: int) -> str:
    """UTC seconds as an instant; a number that no calendar reaches stays a number."""
    try:
        return f"{_EPOCH + timedelta(seconds=seconds):%Y-%m-%d %H:%M:%S} UTC"
    except OverflowError:
        return str(seconds)
