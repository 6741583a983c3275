"""What the console says, in English and in Chinese: one concept, one word, from the glossary.

A text's key is dotted: its first part says where it belongs. A template may have fields in braces.
The facts of the chain stand under `fact.` and the name of their event.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from chainfin.domain.errors import Language

LANGUAGES: Mapping[Language, str] = MappingProxyType({"en": "English", "zh": "中文"})
"""Every language of the console, by its own name."""

HTML_LANGUAGES: Mapping[Language, str] = MappingProxyType({"en": "en", "zh": "zh-Hans"})


class Text(NamedTuple):
    """One text in both languages."""

    en: str
    zh: str

    def of(self, language: Language) -> str:
        """The text in one of them."""
        return {"en": self.en, "zh": self.zh}[language]


TEXTS: Mapping[str, Text] = MappingProxyType(
    {
        # The frame of every page.
        "page.skip": Text("Skip to content", "跳到正文"),
        "page.navigation": Text("Main", "主导航"),
        "page.path": Text("Path", "路径"),
        "page.language": Text("Language", "语言"),
        "page.chain": Text("Chain {chain_id}", "链 {chain_id}"),
        "page.block": Text("Block {number}", "区块 {number}"),
        "page.embedded": Text(
            "Embedded network: viewing as operator", "内置网络：以运营方身份查看"
        ),
        "page.embedded_why": Text(
            "No sign-in is asked on this machine; every receivable is shown.",
            "在本机查看无需登录，显示全部应收账款。",
        ),
        "page.operator": Text("Operator", "运营方"),
        "page.as_of": Text(
            "As of block {number}, {at}. Read from the index of the chain; nothing here changes "
            "without a participant's signature.",
            "数据截至区块 {number}（{at}），读自链上索引；未经参与方签名，任何内容均不会变更。",
        ),
        # Trade documents.
        "document.many": Text("Trade documents", "单据"),
        "document.hand_in": Text("Hand in an invoice", "提交发票"),
        "document.hand_in_why": Text(
            "UBL, CII, a PDF with one of them inside (Factur-X, ZUGFeRD), OFD or Chinese XML. The "
            "file is read, its figures are recomputed, and everything wrong with it is listed.",
            "支持 UBL、CII、内嵌上述 XML 的 PDF（Factur-X、ZUGFeRD）、OFD 及数电票 XML。"
            "系统读取文件、重新计算金额，并列出全部问题。",
        ),
        "document.file": Text("File", "文件"),
        "document.inspect": Text("Inspect only", "仅检查"),
        "document.record": Text("Inspect and record", "检查并登记"),
        "document.recorded": Text("Recorded", "已登记"),
        "document.accepted": Text("Nothing against it", "未发现阻碍"),
        "document.refused": Text("Refused", "已拒绝"),
        "document.findings": Text("What was found", "检查结果"),
        "document.severity": Text("Meaning", "性质"),
        "document.fatal": Text("refused for", "拒绝原因"),
        "document.warning": Text("worth a look", "请留意"),
        "document.place": Text("Place", "位置"),
        "document.finding": Text("Finding", "检查结果"),
        "document.listed": Text("Newest documents", "最新单据"),
        "document.none": Text("No documents yet", "尚无单据"),
        "document.number": Text("Number", "号码"),
        "document.seller": Text("Seller", "卖方"),
        "document.buyer": Text("Buyer", "买方"),
        "document.due": Text("Due", "到期"),
        "document.payable": Text("Payable", "应付金额"),
        "document.used": Text("Used", "已占用"),
        "document.state": Text("State", "状态"),
        "document.state_recorded": Text("Recorded", "已登记"),
        "document.state_ordered": Text("Ordered", "开立中"),
        "document.state_used": Text("Used", "已占用"),
        "document.erased": Text("Erased", "已销毁"),
        "document.disputed": Text("Disputed", "有争议"),
        "document.fingerprint": Text("Fingerprint", "单据指纹"),
        # Signing in.
        "session.title": Text("Sign in", "登录"),
        "session.lead": Text(
            "Paste your organisation's API key. You will see the receivables your organisation "
            "owes, was issued, or holds a lot of.",
            "请粘贴贵机构的 API 密钥。登录后可查看贵机构应付、获开立或持有凭证的应收账款。",
        ),
        "session.key": Text("API key or session", "API 密钥或会话"),
        "session.hint": Text(
            "It starts with scf_ and is kept in a cookie that no script can read. A session of "
            "chainfin sign-in --print will do as well.",
            "以 scf_ 开头，保存在脚本无法读取的 Cookie 中。"
            "也可使用 chainfin sign-in --print 得到的会话。",
        ),
        "session.provider": Text("Sign in through your company", "通过企业身份登录"),
        "session.begin": Text("Sign in", "登录"),
        "session.end": Text("Sign out", "退出"),
        "session.as_member": Text("Sign in as an organisation", "以机构身份登录"),
        "session.refused": Text(
            "That key belongs to no organisation, or was revoked.",
            "该密钥不属于任何机构，或已被撤销。",
        ),
        "session.foreign": Text(
            "The form was sent from another site; nothing was done.",
            "表单来自其他站点，未作任何处理。",
        ),
        # Refusals.
        "refusal.absent": Text("Nothing to see here", "没有可查看的内容"),
        "refusal.away": Text("Not available at the moment", "暂时无法使用"),
        "refusal.other": Text("That cannot be shown", "无法显示"),
        "refusal.path": Text("There is no such page.", "没有此页面。"),
        "refusal.back": Text("To the receivables", "返回应收账款"),
        # Receivables.
        "receivable.many": Text("Receivables", "应收账款"),
        "receivable.one": Text("Receivable {number}", "应收账款 {number}"),
        "receivable.number": Text("No.", "编号"),
        "receivable.anchor": Text("Anchor", "核心企业"),
        "receivable.supplier": Text("Supplier", "供应商"),
        "receivable.face": Text("Face value", "票面"),
        "receivable.paid": Text("Paid", "已付"),
        "receivable.maturity": Text("Maturity", "到期日"),
        "receivable.grace": Text("Grace ends", "宽限期届满"),
        "receivable.issued": Text("Issued", "开立时间"),
        "receivable.state": Text("State", "状态"),
        "receivable.programme": Text("Programme", "项目"),
        "receivable.lots": Text("Lots", "凭证"),
        "receivable.commitment": Text("Document commitment", "单据承诺值"),
        "receivable.newest_divided": Text("Newest divided receivable", "最新的已拆分应收账款"),
        "receivable.newest": Text("Newest receivable", "最新的应收账款"),
        "receivable.total": Text("All", "全部"),
        "receivable.by_state": Text("Receivables by state", "按状态统计应收账款"),
        "receivable.none": Text("No receivables yet", "尚无应收账款"),
        "receivable.none_why": Text(
            "A receivable appears here as soon as an anchor's signed undertaking is on the chain "
            "and your organisation is a party to it.",
            "核心企业签署的付款承诺上链、且贵机构为当事方后，应收账款即显示于此。",
        ),
        "receivable.none_demo": Text(
            "To see one receivable's story played on an embedded network:",
            "在内置网络上演示一笔应收账款的完整过程：",
        ),
        "list.newest": Text("Newest", "最新"),
        "list.next": Text("Older", "更早"),
        "list.pages": Text("Pages", "翻页"),
        # Exports.
        "export.many": Text("Exports", "导出"),
        "export.ask": Text("Make an export", "生成导出文件"),
        "export.why": Text(
            "Everything of a kind that your organisation may read, true at one block. The file is "
            "kept for a while and then deleted.",
            "贵机构有权查看的某类全部数据，截至同一区块。文件保留一段时间后删除。",
        ),
        "export.made": Text("Your exports", "已申请的导出"),
        "export.none": Text("You have asked for no export yet.", "尚未申请导出。"),
        "export.table": Text("What", "内容"),
        "export.format": Text("As", "格式"),
        "export.requested": Text("Asked for", "申请时间"),
        "export.status": Text("State", "状态"),
        "export.rows": Text("Rows", "行数"),
        "export.file": Text("File", "文件"),
        "export.download": Text("Download", "下载"),
        "export.receivables": Text("Receivables", "应收账款"),
        "export.lots": Text("Lots held", "持有凭证"),
        "export.transfers": Text("Transfers", "流转"),
        "export.financings": Text("Financings", "融资"),
        "export.settlements": Text("Settlements", "到期付款"),
        "export.payments": Text("Payments on lots", "清分明细"),
        "export.trail": Text("Trail of events", "事件轨迹"),
        "export.csv": Text("CSV", "CSV"),
        "export.jsonl": Text("JSON lines", "JSON 行"),
        "export.queued": Text("Waiting", "等待中"),
        "export.running": Text("Being made", "生成中"),
        "export.done": Text("Done", "已完成"),
        "export.failed": Text("Failed", "失败"),
        "export.expired": Text("Deleted", "已删除"),
        # Reports.
        "report.many": Text("Reports", "报表"),
        "report.exposure": Text("Exposure by anchor", "核心企业敞口"),
        "report.maturities": Text("Falling due, by days from now", "到期分布（距今天数）"),
        "report.ageing": Text("Overdue, by days since due", "逾期账龄（逾期天数）"),
        "report.reconciliation": Text("Receivables against their lots", "应收账款与凭证核对"),
        "report.splits": Text("Splitting unlike trade", "异常拆分"),
        "report.pattern": Text("Pattern", "情形"),
        "report.receivable_id": Text("Receivable", "应收账款"),
        "report.lot": Text("Lot", "凭证"),
        "report.limit": Text("Limit", "限额"),
        "report.csv": Text("Download CSV", "下载 CSV"),
        "report.statement": Text("Statement of a period", "期间对账单"),
        "report.from": Text("First day", "起始日"),
        "report.to": Text("Last day", "截止日"),
        "report.pdf": Text("Signed PDF", "已签名 PDF"),
        "report.nothing": Text("Nothing to report.", "无数据。"),
        "report.obligor": Text("No.", "编号"),
        "report.obligor_name": Text("Anchor", "核心企业"),
        "report.currency": Text("Currency", "币种"),
        "report.receivables": Text("Receivables", "应收账款笔数"),
        "report.lots": Text("Lots", "凭证数"),
        "report.outstanding": Text("Outstanding", "未付余额"),
        "report.unpaid": Text("Overdue", "逾期金额"),
        "report.largest_lot": Text("Largest lot", "最大凭证"),
        "report.share_bps": Text("Share", "占比"),
        "report.days": Text("Days", "天数"),
        "report.face_value": Text("Face value", "票面"),
        "report.paid": Text("Paid", "已付"),
        "report.cleared": Text("Cleared", "已清分"),
        "report.outstanding_in_lots": Text("Outstanding in lots", "凭证未付余额"),
        "report.paid_to_lots": Text("Paid to lots", "凭证已付"),
        "report.difference": Text("Difference", "差额"),
        # Notices.
        "notice.many": Text("Documents", "文书"),
        # Bank statements.
        "statement.many": Text("Bank statements", "银行对账单"),
        "statement.levels": Text("Lines by how surely they are recognised", "按匹配程度统计明细"),
        "level.exact": Text("Exact", "完全匹配"),
        "level.tolerance": Text("Within tolerance", "容差匹配"),
        "level.aggregate": Text("Aggregate", "汇总匹配"),
        "level.exception": Text("For a person", "待人工处理"),
        "level.resolved": Text("Resolved", "已处理"),
        "level.new": Text("Not matched yet", "尚未匹配"),
        "statement.open": Text("Expected, not there", "预期未到"),
        "statement.unattested": Text("Paid outside, not attested", "链下已付，尚未证明"),
        "statement.unattested_why": Text(
            "A matched line settles no lot and funds no request until the payee's bank attests it "
            "(chainfin attestations, chainfin financing).",
            "匹配的明细须经收款方账户行证明后方可结清凭证或完成放款"
            "（chainfin attestations、chainfin financing）。",
        ),
        "statement.price_of": Text("price, request {request_id}", "价款，申请 {request_id}"),
        "statement.next": Text("Next", "下一步"),
        "statement.next_payee": Text("The payee confirms", "收款方确认"),
        "statement.next_bank": Text("The payee's bank attests", "账户行证明"),
        "statement.next_nobody": Text("It cannot be attested as it is", "现状不可证明"),
        "statement.exceptions": Text("Lines to look at", "待处理明细"),
        "statement.booked": Text("Booked", "记账日"),
        "statement.amount": Text("Amount", "金额"),
        "statement.credit": Text("in", "收入"),
        "statement.debit": Text("out", "支出"),
        "statement.counterparty": Text("From or to", "对方"),
        "statement.reference": Text("Reference", "参考号"),
        "statement.why": Text("Why", "原因"),
        "why.nothing_expected": Text("Nothing like it was expected", "无对应的预期付款"),
        "why.amount_differs": Text("Another amount was expected", "与预期金额不符"),
        "why.ambiguous": Text("It could be several", "可能对应多笔"),
        "why.already_matched": Text("What it names was matched", "所引用付款已匹配"),
        "why.reversal": Text("A reversal", "冲正"),
        "statement.resolution": Text("What you found", "处理结果"),
        "statement.resolve": Text("Done", "完成"),
        "statement.imported": Text("Imported", "已导入"),
        "statement.number": Text("No.", "编号"),
        "statement.account": Text("Account", "账户"),
        "statement.bank_number": Text("The bank's number", "银行编号"),
        "statement.lines": Text("Lines", "明细数"),
        "statement.closing": Text("Closing balance", "期末余额"),
        "statement.findings": Text("Findings", "异常"),
        "statement.balances_do_not_add_up": Text("Balances do not add up.", "余额不平。"),
        "statement.details_do_not_add_up": Text("Details do not add up.", "明细合计不符。"),
        "statement.later": Text("Later", "更晚"),
        "statement.none": Text("No bank statements yet", "尚无银行对账单"),
        "statement.none_why": Text(
            "Name an account first (chainfin statements account), then import camt.053 or camt.054 "
            "files.",
            "请先登记账户（chainfin statements account），再导入 camt.053 或 camt.054 文件。",
        ),
        "statement.upload": Text("Import a statement", "导入对账单"),
        "statement.file": Text("camt.053 or camt.054 file", "camt.053 或 camt.054 文件"),
        # States; a receivable's and a lot's share their words.
        "state.none": Text("None", "无"),
        "state.offered": Text("Offered", "待签收"),
        "state.void": Text("Void", "已作废"),
        "state.active": Text("Active", "有效"),
        "state.due": Text("Due", "到期"),
        "state.overdue": Text("Overdue", "逾期"),
        "state.defaulted": Text("Defaulted", "违约"),
        "state.cancelled": Text("Cancelled", "已撤销"),
        "state.settled": Text("Settled", "已结清"),
        "state.written_off": Text("Written off", "已核销"),
        "state.partly_paid": Text("Partly paid", "部分已付"),
        "state.locked_transfer": Text("Locked for transfer", "流转锁定"),
        "state.locked_financing": Text("Locked for financing", "融资锁定"),
        "state.pledged": Text("Pledged", "质押"),
        "state.pooled": Text("Pooled", "已入池"),
        # Lots and lineage.
        "lot.one": Text("Lot {number}", "凭证 {number}"),
        "lot.many": Text("Lots", "凭证"),
        "lot.number": Text("Lot", "凭证"),
        "claims.title": Text("Claims by rank", "权利顺位"),
        "claims.rank": Text("Rank", "顺位"),
        "claims.claimant": Text("Claimant", "权利人"),
        "claims.kind": Text("By", "依据"),
        "claims.amount": Text("Claims", "主张金额"),
        "claims.share": Text("Would get", "可得金额"),
        "claim.registered": Text("registered", "已登记"),
        "claim.notified": Text("by notice", "已通知"),
        "claim.neither": Text("in proportion", "按比例"),
        "claim.assignment": Text("assignment", "转让"),
        "claim.factoring": Text("factoring", "保理"),
        "claim.pledge": Text("pledge", "质押"),
        "claim.holdback": Text("holdback", "尾款"),
        "claim.subordinate": Text("last", "劣后"),
        "lot.holdback": Text("Held back for its seller", "转让方尾款"),
        "lot.frozen": Text("Frozen by a court", "司法冻结"),
        "lot.held": Text("Held by an authority", "临时冻结"),
        "lot.until": Text("until {instant}", "至 {instant}"),
        "lot.to_court": Text("payments go to the court", "款项提存"),
        "lot.holder": Text("Holder", "持有人"),
        "lot.earlier": Text("Earlier holders", "前手"),
        "lot.parent": Text("Parent", "上一级凭证"),
        "lot.root": Text("Root", "主凭证"),
        "lot.lineage": Text("Lineage", "凭证来源"),
        "lot.original_face": Text("Face value when made", "初始票面"),
        "lot.tier": Text("Tier", "层级"),
        "lot.transfers": Text("Transfers", "流转次数"),
        "lot.state": Text("State", "状态"),
        "lot.trail": Text("Trail of lot {number}", "凭证 {number} 的审计轨迹"),
        "lot.trail_why": Text(
            "Every fact about this lot and the lots it was taken from, in chain order, with who "
            "ordered it.",
            "本凭证及其来源凭证的全部事实，按上链顺序排列，并列明指令方。",
        ),
        "lot.evidence": Text("Download evidence", "下载存证包"),
        "lot.evidence_why": Text(
            "One file. “chainfin evidence verify” verifies it offline, without this service.",
            "单个文件，可用“chainfin evidence verify”离线验证，无需信任本服务。",
        ),
        "lot.evidence_pdf": Text("Evidence as PDF", "存证报告 PDF"),
        "lot.next": Text("More lots", "更多凭证"),
        # The verifier.
        "evidence.title": Text("Verify evidence", "核验存证"),
        "evidence.lead": Text(
            "Drop an evidence file and read, check by check, whether it holds.",
            "提交存证文件，逐项查看核验结论。",
        ),
        "evidence.drop": Text("Files", "文件"),
        "evidence.file": Text("Evidence file (JSON)", "存证文件（JSON）"),
        "evidence.trust": Text("Your trust file (JSON)", "信任文件（JSON）"),
        "evidence.trust_why": Text(
            "What you took from a node of your own choice. Without it this service asks its own.",
            "由您自选节点取得。如不提供，则以本服务的节点为准。",
        ),
        "evidence.verify": Text("Verify", "核验"),
        "evidence.print": Text("Verify and print (PDF)", "核验并生成 PDF"),
        "evidence.offline": Text(
            "This service does the checking here. For a verdict that needs no trust in it, run on "
            "your own machine:",
            "此处由本服务执行核验。若需无须信任本服务的结论，请在自己的设备上运行：",
        ),
        "evidence.holds": Text("It holds: {facts} facts proven", "核验通过：已证明 {facts} 项事实"),
        "evidence.fails": Text("It does not hold", "核验未通过"),
        "evidence.own_trust": Text(
            "Checked against this service's own node.", "以本服务的节点为信任根。"
        ),
        "evidence.given_trust": Text("Checked against your trust file.", "以您的信任文件为准。"),
        "evidence.stated": Text("Proven as of block {number}, {at}", "截至区块 {number}（{at}）"),
        "graph.title": Text("Lineage", "凭证流转图"),
        "graph.why": Text(
            "A line shows the face value taken off a lot. The table holds the same facts.",
            "连线注明由上一级凭证拆出的票面；表格内容相同。",
        ),
        "graph.larger": Text("Enlarge", "放大"),
        "graph.smaller": Text("Reduce", "缩小"),
        "graph.fit": Text("Show all", "显示全部"),
        "graph.more": Text("More lots: {count}", "另有凭证：{count}"),
        "graph.more_why": Text("in the table", "见表格"),
        "graph.split": Text("split", "拆分"),
        "graph.financing": Text("financing", "融资"),
        "graph.tier": Text("tier {tier}", "层级 {tier}"),
        "graph.from": Text("from {names}", "前手：{names}"),
        "graph.offered": Text("offered to {to}", "待{to}签收"),
        # Verdicts.
        "verdict.title": Text("Checked against the contracts", "与合约核对"),
        "verdict.matches": Text(
            "Index equals contract at block {number}", "区块 {number} 处索引与合约一致"
        ),
        "verdict.differs": Text(
            "Index differs from contract at block {number}", "区块 {number} 处索引与合约不一致"
        ),
        "verdict.away": Text("Not compared: the node does not answer", "未核对：节点没有应答"),
        "verdict.conserved": Text("Value is conserved", "价值守恒"),
        "verdict.not_conserved": Text("Value is not conserved", "价值不守恒"),
        "verdict.law": Text(
            "Face value {face} = outstanding\xa0{outstanding} + paid\xa0{paid}",
            "票面 {face} = 未付\xa0{outstanding} + 已付\xa0{paid}",
        ),
        "verdict.ended": Text("Nothing is owed and nothing was paid", "无应付、无已付"),
        # The trail.
        "history.title": Text("History", "历史"),
        "history.why": Text(
            "Every fact on the chain about this receivable, with who ordered it.",
            "本应收账款的全部链上事实，并列明指令方。",
        ),
        "history.cut": Text(
            "The newest facts are shown; each lot's trail has all of its own.",
            "仅显示最新事实；各凭证的审计轨迹包含其全部事实。",
        ),
        "history.ordered_by": Text("Ordered by", "指令方"),
        "history.maker": Text("maker", "经办"),
        "history.checker": Text("checker", "复核"),
        "history.order": Text("order", "指令"),
        "history.block": Text("block {number}", "区块 {number}"),
        "history.place": Text("Keys, hashes and place", "密钥、哈希与位置"),
        "history.order_hash": Text("Order hash", "指令哈希"),
        "history.maker_key": Text("Maker's key", "经办密钥"),
        "history.checker_key": Text("Checker's key", "复核密钥"),
        "history.no_checker": Text("none: within the maker's limit", "无：在经办限额内"),
        "history.transaction": Text("Transaction", "交易"),
        "history.block_hash": Text("Block hash", "区块哈希"),
        # What kind of act a group of facts is.
        "desk.title": Text("Maturities and limits", "到期与额度"),
        "desk.maturities": Text("To be paid", "应付"),
        "desk.no_maturities": Text("Nothing is to be paid.", "没有应付款项。"),
        "desk.outstanding": Text("Outstanding", "未付"),
        "desk.late_interest": Text("Late interest today", "今日逾期利息"),
        "desk.notices": Text("Dishonour notices", "拒付通知"),
        "desk.no_notices": Text("There is no notice of a default.", "没有违约通知。"),
        "desk.noted_at": Text("Noted", "登记时间"),
        "desk.fundings": Text("Prices on their way by bank transfer", "在途价款"),
        "desk.no_fundings": Text("No price is on its way.", "没有在途价款。"),
        "desk.request": Text("Request", "申请"),
        "desk.holder": Text("Holder", "持有人"),
        "desk.price": Text("Price", "价款"),
        "desk.pay_by": Text("To be paid by", "付款期限"),
        "desk.to_do": Text("What you do", "您的下一步"),
        "todo.pay": Text("Pay with reference {reference}", "付款，附言填写 {reference}"),
        "todo.pay_to": Text(
            "Pay to {account} with reference {reference}", "付至 {account}，附言填写 {reference}"
        ),
        "todo.confirm": Text("Confirm it once your statement shows it", "到账后请确认"),
        "todo.wait": Text("Nothing: your bank attests it", "无需操作：由账户行证明"),
        "todo.attest": Text("Attest it once your statement shows it", "到账后请证明"),
        "todo.attest_after": Text(
            "Attest it once the holder has confirmed it", "持有人确认后请证明"
        ),
        "todo.attest_or_deny": Text("Attest or deny it", "请证明到账或否认"),
        "todo.nothing": Text("Nothing", "无"),
        "desk.requests": Text("Financing of what you owe", "贵方债务的融资申请"),
        "desk.no_requests": Text(
            "Nobody asks for financing of what you owe.", "没有相关融资申请。"
        ),
        "desk.part": Text("Asked for", "申请金额"),
        "desk.until": Text("Open until", "截止"),
        "desk.share": Text("Your share of the discount", "贵方承担贴现息"),
        "desk.holdbacks": Text("Held back", "尾款"),
        "desk.no_holdbacks": Text("Nothing is held back.", "没有尾款。"),
        "desk.seller": Text("Seller", "转让方"),
        "desk.owed_to_seller": Text("Still to the seller", "待付转让方"),
        "desk.owed_to_holder": Text("To the holder first", "先付持有人"),
        "desk.lines": Text("Credit lines", "授信额度"),
        "desk.no_lines": Text("No limit is kept on chain.", "未设链上额度。"),
        "desk.funder": Text("Funder", "资金方"),
        "desk.limit": Text("Limit", "额度"),
        "desk.utilised": Text("Utilised", "已用"),
        "desk.available": Text("Available", "可用"),
        "act.ReceivableIssued": Text("Issued", "开立"),
        "act.ReceivableAccepted": Text("Accepted", "签收"),
        "act.ReceivableRefused": Text("Refused", "拒绝签收"),
        "act.ReceivableWithdrawn": Text("Withdrawn", "撤回开立"),
        "act.ReceivableLapsed": Text("Lapsed", "逾期未签收"),
        "act.CancellationProposed": Text("Cancellation proposed", "提议撤销"),
        "act.ReceivableCancelled": Text("Cancelled", "撤销或贷项"),
        "act.LotSplit": Text("Split", "拆分"),
        "act.LotUnsplit": Text("Put together", "并回"),
        "act.TransferProposed": Text("Transfer offered", "发起流转"),
        "act.TransferAccepted": Text("Transferred", "流转"),
        "act.TransferRejected": Text("Transfer declined", "拒收流转"),
        "act.TransferRevoked": Text("Transfer taken back", "撤回流转"),
        "act.TransferLapsed": Text("Transfer lapsed", "流转失效"),
        "act.LotTransferred": Text("Transferred", "流转"),
        "act.LotPaidEarly": Text("Paid early", "提前付款"),
        "act.LotFinanced": Text("Funded", "放款"),
        "act.ReceivableSettled": Text("Payment", "付款"),
        "act.LotsPaid": Text("Holders paid", "清分"),
        "act.ReceivableOverdue": Text("Overdue", "逾期"),
        "act.ReceivableDefaulted": Text("In default", "违约"),
        "act.LateInterestCharged": Text("Late interest", "逾期利息"),
        "act.LateInterestPaid": Text("Late interest paid", "支付逾期利息"),
        "act.LotWrittenOff": Text("Written off", "核销"),
        "act.PaymentConfirmed": Text("Payment confirmed", "收款确认"),
        "act.PaymentAttested": Text("Paid outside, attested", "账户行证明付款"),
        "act.QuoteFunded": Text("Quote funded", "报价备款"),
        "act.FundedQuoteEnded": Text("Quote's reserve ended", "备款终止"),
        "act.DepositReserved": Text("Money set aside", "专项划存"),
        "act.HoldbackKept": Text("Held back", "留存尾款"),
        "act.HoldbackEnded": Text("Holdback ended", "尾款终止"),
        "act.InterestBorne": Text("Interest borne by the anchor", "核心企业承担贴现息"),
        "act.InterestEnded": Text("Anchor's share ended", "贴现息承担终止"),
        "act.ReserveReleased": Text("Money free again", "解除专项划存"),
        "act.FilingRecorded": Text("Filed with the registry", "登记"),
        "act.PledgeProposed": Text("Pledge offered", "拟质押"),
        "act.LotPledged": Text("Pledged", "质押"),
        "act.PledgeReleased": Text("Pledge released", "解除质押"),
        "act.PledgeEnforced": Text("Pledge enforced", "实现质权"),
        "act.LotFrozen": Text("Frozen by a court", "司法冻结"),
        "act.LotHeld": Text("Held by an authority", "临时冻结"),
        "act.FreezeRenewed": Text("Freeze renewed", "冻结续期"),
        "act.FreezeLifted": Text("Freeze lifted", "解除冻结"),
        "act.RecourseClaimed": Text("Recourse claimed", "追索"),
        "act.LotRepurchased": Text("Repurchased", "回购"),
        "act.FinancingRequested": Text("Financing requested", "融资申请"),
        "act.FinancingRequestEnded": Text("Financing request ended", "融资申请终止"),
        "act.FundingAwaited": Text("Awarded, price on its way", "已中标，价款在途"),
        "act.FundingConfirmed": Text("Price confirmed", "价款到账确认"),
        "act.FundingAttested": Text("Funded by bank transfer", "转账放款"),
        "act.QuoteAwarded": Text("Funded", "放款"),
        "act.DepositEarmarked": Text("Money set aside", "专项划存"),
        "act.EarmarkPaid": Text("Money paid out", "专项付出"),
        # Facts, each over its event's fields.
        "fact.ReceivableIssued": Text(
            "{obligor} undertook to pay {face_value} on {maturity_at} and issued the receivable to "
            "{supplier}.",
            "{obligor}承诺于 {maturity_at} 支付 {face_value}，并将应收账款开立给{supplier}。",
        ),
        "fact.ReceivableAccepted": Text(
            "{supplier} accepted the receivable: its lots may move.",
            "{supplier}签收应收账款，凭证可以流转。",
        ),
        "fact.ReceivableRefused": Text(
            "{supplier} refused the receivable: it is void.", "{supplier}拒绝签收，应收账款作废。"
        ),
        "fact.ReceivableWithdrawn": Text(
            "{obligor} took its offer back: the receivable is void.",
            "{obligor}撤回开立，应收账款作废。",
        ),
        "fact.ReceivableLapsed": Text(
            "Nobody accepted the receivable before it was due: it is void.",
            "应收账款到期未签收，作废。",
        ),
        "fact.CancellationProposed": Text(
            "{organisation} proposed to take {amount} off the receivable; the other party may "
            "agree until {expires_at}.",
            "{organisation}提议从应收账款中减去 {amount}，对方可在 {expires_at} 前同意。",
        ),
        "fact.ReceivableCancelled": Text(
            "{obligor} and {supplier} agreed to take {amount} off the receivable.",
            "{obligor}与{supplier}同意从应收账款中减去 {amount}。",
        ),
        "fact.LotUnsplit": Text(
            "Lot {lot} of {face_value} went back into lot {parent}.",
            "凭证 {lot}（{face_value}）并回凭证 {parent}。",
        ),
        "fact.LotSplit": Text(
            "Lot {parent} was split: {parts}; {remaining_face_value} stays in lot {parent}.",
            "凭证 {parent} 拆分：{parts}；{remaining_face_value} 留在凭证 {parent}。",
        ),
        "fact.TransferProposed": Text(
            "{from} offered lot {lot} to {to}, open until {expires_at}.",
            "{from}将凭证 {lot} 流转给{to}，待其签收，有效期至 {expires_at}。",
        ),
        "fact.TransferAccepted": Text(
            "Lot {lot} passed from {from} to {to}, which accepted it.",
            "凭证 {lot} 由{from}流转给{to}，后者已签收。",
        ),
        "fact.TransferRejected": Text(
            "{to} declined lot {lot}; it stays with {from}.",
            "{to}拒收凭证 {lot}，仍归{from}持有。",
        ),
        "fact.TransferRevoked": Text(
            "{from} took back its offer of lot {lot} to {to}.",
            "{from}撤回向{to}流转凭证 {lot}。",
        ),
        "fact.TransferLapsed": Text(
            "The offer of lot {lot} to {to} lapsed; it stays with {from}.",
            "向{to}流转凭证 {lot} 逾期未签收，仍归{from}持有。",
        ),
        "fact.LotTransferred": Text(
            "Lot {lot} passed from {from} to {to}.", "凭证 {lot} 由{from}流转给{to}。"
        ),
        "fact.LotPaidEarly": Text(
            "{obligor} bought {face_value} of lot {lot} back from {holder}; it is owed no more.",
            "{obligor}提前付款，向{holder}清偿凭证 {lot} 中的 {face_value}。",
        ),
        "fact.LotFinanced": Text(
            "{face_value} was taken off lot {parent} as lot {lot}; title passed from {from} to "
            "{to}.",
            "从凭证 {parent} 拆出凭证 {lot}（{face_value}），权利由{from}转让给{to}。",
        ),
        "fact.LotFinanced.whole": Text(
            "Title to lot {lot} of {face_value} passed from {from} to {to}.",
            "凭证 {lot}（{face_value}）的权利由{from}转让给{to}。",
        ),
        "fact.ReceivableSettled": Text(
            "{obligor} paid {amount}; {paid} is now paid in all.",
            "{obligor}支付 {amount}，累计已付 {paid}。",
        ),
        "fact.LotsPaid": Text("Paid to holders: {payments}.", "支付给持有人：{payments}。"),
        "fact.ReceivableOverdue": Text(
            "{obligor} has not paid {outstanding} when it was due.",
            "{obligor}到期未付 {outstanding}。",
        ),
        "fact.ReceivableDefaulted": Text(
            "{obligor} is in default with {outstanding}: every earlier party has notice.",
            "{obligor}违约未付 {outstanding}，已通知各前手。",
        ),
        "fact.LateInterestCharged": Text(
            "{obligor} paid {amount} of late interest.",
            "{obligor}支付逾期利息 {amount}。",
        ),
        "fact.LateInterestPaid": Text(
            "Late interest paid to holders: {payments}.",
            "逾期利息支付给持有人：{payments}。",
        ),
        "fact.PledgeProposed": Text(
            "{holder} offered lot {lot} to {pledgee} as security for {secured_amount}.",
            "{holder}拟将凭证 {lot} 质押给{pledgee}，担保 {secured_amount}。",
        ),
        "fact.LotPledged": Text(
            "{holder} pledged lot {lot} to {pledgee} for {secured_amount}, filed {filed_at}.",
            "{holder}将凭证 {lot} 质押给{pledgee}，担保 {secured_amount}，登记于 {filed_at}。",
        ),
        "fact.PledgeReleased": Text(
            "{pledgee} released the pledge of lot {lot}.", "{pledgee}解除凭证 {lot} 的质押。"
        ),
        "fact.PledgeEnforced": Text(
            "{pledgee} collects what is paid on lot {lot}.", "{pledgee}收取凭证 {lot} 的款项。"
        ),
        "fact.LotFrozen": Text(
            "{court} froze lot {lot} of {holder} until {expires_at}.",
            "{court}冻结{holder}的凭证 {lot}，至 {expires_at}。",
        ),
        "fact.LotHeld": Text(
            "{court} held lot {lot} of {holder} until {expires_at}.",
            "{court}临时冻结{holder}的凭证 {lot}，至 {expires_at}。",
        ),
        "fact.FreezeRenewed": Text(
            "The freeze of lot {lot} was renewed until {expires_at}.",
            "凭证 {lot} 的冻结续期至 {expires_at}。",
        ),
        "fact.FreezeLifted": Text(
            "The freeze of lot {lot} was lifted.", "凭证 {lot} 的冻结已解除。"
        ),
        "fact.PaymentConfirmed": Text(
            "{payee} confirmed that {amount} and {late_interest} of late interest came in for lot "
            "{lot} at {bank}; that alone pays nothing.",
            "{payee}确认凭证 {lot} 的 {amount} 及逾期利息 {late_interest} 已到其{bank}账户；"
            "仅此不结清。",
        ),
        "fact.PaymentAttested": Text(
            "{bank} attested that {amount} and {late_interest} of late interest came in for "
            "{payee} on {value_at}: lot {lot} is paid.",
            "{bank}证明 {amount} 及逾期利息 {late_interest} 已于 {value_at} 入{payee}账户："
            "凭证 {lot} 已结清。",
        ),
        "fact.LotWrittenOff": Text(
            "{holder} wrote off lot {lot} with {amount} outstanding.",
            "{holder}核销凭证 {lot}，未付 {amount}。",
        ),
        "fact.QuoteFunded": Text(
            "{funder} set {amount} aside for its quote under financing request {request_id} until "
            "{expires_at}.",
            "{funder}为其在融资申请 {request_id} 下的报价专项划存 {amount}，至 {expires_at}。",
        ),
        "fact.FundedQuoteEnded": Text(
            "What {funder} had set aside for its quote under financing request {request_id} was "
            "drawn or is free again.",
            "{funder}为其在融资申请 {request_id} 下的报价所作的专项划存已动用或解除。",
        ),
        "fact.DepositReserved": Text(
            "{organisation} set {amount} aside for a financing.",
            "{organisation}为融资专项划存 {amount}。",
        ),
        "fact.ReserveReleased": Text(
            "{amount} that {organisation} had set aside for a financing is free again.",
            "{organisation}为融资专项划存的 {amount} 已解除。",
        ),
        "fact.HoldbackKept": Text(
            "The last {amount} of what is paid on lot {lot} is {seller}'s.",
            "凭证 {lot} 最后收回的 {amount} 为{seller}的尾款。",
        ),
        "fact.HoldbackEnded": Text(
            "{seller} has lot {lot} again, and with it the {amount} held back.",
            "{seller}重新持有凭证 {lot}，原留尾款 {amount} 随之终止。",
        ),
        "fact.InterestBorne": Text(
            "{obligor} bears {share_bps} of the discount of financing request {request_id}, at "
            "most {amount}, until {expires_at}.",
            "{obligor}承担融资申请 {request_id} 贴现息的 {share_bps}，至多 {amount}，至 "
            "{expires_at}。",
        ),
        "fact.InterestEnded": Text(
            "Of the discount of financing request {request_id} {obligor} paid {amount}; the rest "
            "of what it set aside is free again.",
            "{obligor}就融资申请 {request_id} 支付贴现息 {amount}，其余专项划存解除。",
        ),
        "fact.FilingRecorded": Text(
            "{funder} filed what it will buy with the national registry.",
            "{funder}就拟受让的凭证在统一登记公示系统办理登记。",
        ),
        "fact.RecourseClaimed": Text(
            "{holder} claimed {amount} and {late_interest} of late interest on lot {lot} from "
            "{seller}.",
            "{holder}就凭证 {lot} 向{seller}追索 {amount} 及逾期利息 {late_interest}。",
        ),
        "fact.LotRepurchased": Text(
            "{seller} took lot {lot} back from {holder} for {amount} and {late_interest} of late "
            "interest.",
            "{seller}以 {amount} 及逾期利息 {late_interest} 向{holder}回购凭证 {lot}。",
        ),
        "fact.FinancingRequested": Text(
            "{holder} asked funders to buy {part_face_value} of lot {lot}, {with_recourse}, until "
            "{expires_at}.",
            "{holder}就凭证 {lot} 中的 {part_face_value} 申请融资，{with_recourse}，"
            "有效期至 {expires_at}。",
        ),
        "fact.FinancingRequestEnded": Text(
            "Financing request {request_id} {status}; the lot is free.",
            "融资申请 {request_id} {status}，凭证解除锁定。",
        ),
        "fact.QuoteAwarded": Text(
            "{funder}'s quote under financing request {request_id} was awarded: {net_proceeds} was "
            "paid for title.",
            "选定{funder}在融资申请 {request_id} 下的报价，对价 {net_proceeds} 已支付。",
        ),
        "fact.QuoteAwarded.awaited": Text(
            "{funder}'s quote under financing request {request_id} was awarded; its price is "
            "{net_proceeds}.",
            "选定{funder}在融资申请 {request_id} 下的报价，对价 {net_proceeds}。",
        ),
        "fact.FundingAwaited": Text(
            "The price under financing request {request_id} is to come by bank transfer until "
            "{pay_by}; title waits until {bank} has attested it.",
            "融资申请 {request_id} 的价款须于 {pay_by} 前以银行转账支付；"
            "经{bank}证明到账后权利转让。",
        ),
        "fact.FundingConfirmed": Text(
            "{payee} confirmed that the price of {amount} under financing request {request_id} "
            "came in at {bank}; that alone passes no title.",
            "{payee}确认融资申请 {request_id} 的价款 {amount} 已到其{bank}账户；仅此不转让权利。",
        ),
        "fact.FundingAttested": Text(
            "{bank} attested that {amount} came in for {payee} on {value_at}: title to lot {lot} "
            "passed to {funder}.",
            "{bank}证明 {amount} 已于 {value_at} 入{payee}账户：凭证 {lot} 的权利转让给{funder}。",
        ),
        "fact.DepositEarmarked": Text(
            "{organisation} set {amount} aside for this receivable.",
            "{organisation}为本应收账款专项划存 {amount}。",
        ),
        "fact.EarmarkPaid": Text(
            "{payer} paid holders out of the money it had set aside.",
            "{payer}以专项划存的款项向持有人付款。",
        ),
        # Parts of facts.
        "item.part": Text(
            "lot {lot} of {face_value} to {holder}", "凭证 {lot}（{face_value}）归{holder}"
        ),
        "item.payment": Text("{amount} to {payee} for lot {lot}", "{payee} {amount}（凭证 {lot}）"),
        "item.separator": Text("; ", "；"),
        "item.unnamed": Text("organisation no. {number}", "{number} 号机构"),
        "item.minor_units": Text(
            "{amount} minor units of {currency}", "{amount} 个 {currency} 最小货币单位"
        ),
        "recourse.yes": Text("with recourse", "有追索权"),
        "recourse.no": Text("without recourse", "无追索权"),
        "ended.withdrawn": Text("was withdrawn", "已撤回"),
        "ended.lapsed": Text("lapsed", "已失效"),
        "ended.funded": Text("was funded", "已放款"),
        "ended.funding_failed": Text("ended without its price", "因价款未到账终止"),
    }
)


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of one language: called with a key and the fields of its template."""

    language: Language

    def __call__(self, key: str, **fields: object) -> str:
        """A text, filled in."""
        text = TEXTS[key].of(self.language)
        return text.format(**fields) if fields else text

    def has(self, key: str) -> bool:
        """Whether there is such a text."""
        return key in TEXTS
