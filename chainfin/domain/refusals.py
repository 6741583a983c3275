"""Every rule the contracts refuse by, as a class named after the contracts' custom error.

The fields stand in the order of the Solidity arguments, with the units in their names. What the
chain writes in code arrives here in words (`chainfin.chain.reverts` translates): a lot as `17-3`, a
currency as `CNY`, a status, encumbrance, role or kind by its lower-case name, a reason by the name
of the error, hashes and addresses as lower-case hexadecimal. A name that `errors` has already is
not repeated here: one rule, one class.

In Chinese an order 指令 is what an organisation signs; a lot is a 凭证.
"""

from chainfin.domain import errors
from chainfin.domain.errors import ChainfinError


def catalogue() -> dict[str, type[ChainfinError]]:
    """Every rule of this module and of `errors` by class name, the Solidity error's name."""
    known = ChainfinError.__subclasses__()
    own = {error.__name__: error for error in known if error.__module__ == __name__}
    return errors.catalogue() | own


# --- Who may act: ParticipantRegistry ---------------------------------------------------------


class VenueUnknown(ChainfinError):
    """Only contracts that the network has admitted may ask for an order's signatures or for money.

    The caller is a contract, so the way out is the operator's.
    """

    venue: str
    en = (
        "Contract {venue} is not admitted to this network.",
        "Use the addresses of the deployment file, or have the administration admit it.",
    )
    zh = ("合约 {venue} 未获本网络准入。", "请使用部署文件中的地址，或由管理方准入该合约。")


class VenueIsPaused(ChainfinError):
    """A paused contract takes no orders."""

    venue: str
    en = (
        "Contract {venue} is paused by the administration.",
        "Submit the order again once it runs; it stays valid until its deadline.",
    )
    zh = ("合约 {venue} 已被管理方暂停。", "请在恢复后重新提交；指令在截止时间前一直有效。")


class VenueIsCaller(ChainfinError):
    """Whoever pauses a contract is another one, or nobody could ask for its restart."""

    venue: str
    en = ("Contract {venue} cannot pause itself.", "Pause another contract.")
    zh = ("合约 {venue} 不能暂停自身。", "请暂停其他合约。")


class WrongTarget(ChainfinError):
    """An order runs only in the contract it names."""

    target: str
    expected: str
    en = (
        "The order is for contract {target}; this one is {expected}.",
        "Draft the order again and sign what the draft shows.",
    )
    zh = ("指令指定的合约是 {target}，而当前合约是 {expected}。", "请重新起草指令并签署草案内容。")


class OrderExpired(ChainfinError):
    """An order runs no later than its deadline."""

    order_hash: str
    deadline_at: int
    now_at: int
    en = (
        "Order {order_hash} was valid until {deadline_at}; now is {now_at}.",
        "Draft it again with a later deadline and sign that.",
    )
    zh = (
        "指令 {order_hash} 的有效期至 {deadline_at}，当前时间为 {now_at}。",
        "请以更晚的截止时间重新起草并签署。",
    )


class NonceOfAnotherKey(ChainfinError):
    """An order's nonce names the maker that signs it, so that it runs for one maker only."""

    key: str
    nonce: int
    en = (
        "Nonce {nonce} is not one of key {key}.",
        "Draft the order for the maker that signs it.",
    )
    zh = ("nonce {nonce} 不属于密钥 {key}。", "请为实际签署的经办人重新起草该指令。")


class OrderAlreadyUsed(ChainfinError):
    """A maker's key uses each nonce once."""

    key: str
    nonce: int
    en = (
        "Nonce {nonce} of key {key} is used up: the order has run or was cancelled.",
        "Look the order up before signing a new one with a fresh nonce.",
    )
    zh = (
        "密钥 {key} 的 nonce {nonce} 已用过：该指令已执行或已撤销。",
        "请先查询该指令，再用新的 nonce 签署。",
    )


class ApprovalsMalformed(ChainfinError):
    """An order carries one or two signatures: the maker's, then the checker's."""

    count: int
    en = (
        "The order carries {count} signatures.",
        "Attach the maker's signature and, where needed, the checker's after it.",
    )
    zh = ("指令附有 {count} 个签名。", "请附上经办签名，需要复核时再附上复核签名。")


class SignerUnknown(ChainfinError):
    """An order is signed with keys registered for the organisation that acts."""

    key: str
    organisation: int
    en = (
        "Key {key} is not registered for organisation {organisation}.",
        "Sign with a registered key of that organisation.",
    )
    zh = ("密钥 {key} 未登记在机构 {organisation} 名下。", "请使用该机构已登记的密钥签名。")


class SignatureInvalid(ChainfinError):
    """A signature is its key's, over exactly this order."""

    key: str
    order_hash: str
    en = (
        "The signature given for key {key} is not that key's over {order_hash}.",
        "Sign the draft again exactly as it is shown, on the right network.",
    )
    zh = (
        "所附签名不是密钥 {key} 对 {order_hash} 的有效签名。",
        "请在正确的网络上原样重新签署草案。",
    )


class KeyNotValid(ChainfinError):
    """A key signs only within its period of validity."""

    key: str
    valid_from_at: int
    valid_until_at: int
    en = (
        "Key {key} is valid from {valid_from_at} until {valid_until_at}.",
        "Sign with a key that is valid now.",
    )
    zh = (
        "密钥 {key} 的有效期为 {valid_from_at} 至 {valid_until_at}。",
        "请使用当前有效的密钥签名。",
    )


class RoleRequired(ChainfinError):
    """A key does only what its roles allow."""

    key: str
    role: str
    en = ("Key {key} does not have the role {role}.", "Sign with a key that has this role.")
    zh = ("密钥 {key} 没有角色 {role}。", "请使用具有该角色的密钥签名。")


class SamePerson(ChainfinError):
    """Maker and checker of an order are two persons."""

    maker_key: str
    checker_key: str
    en = (
        "Keys {maker_key} and {checker_key} belong to one person.",
        "Have another person's key check the order.",
    )
    zh = ("密钥 {maker_key} 与 {checker_key} 属于同一人。", "请由另一人的密钥复核。")


class CheckerRequired(ChainfinError):
    """Above the organisation's limit for one person a day, an order also needs a checker."""

    organisation: int
    amount_minor: int
    available_minor: int
    en = (
        "The order is for {amount_minor} minor units; one maker of organisation {organisation} "
        "may still order {available_minor} alone today. An act without an amount always needs two.",
        "Add the signature of a checker, another person.",
    )
    zh = (
        "指令金额为 {amount_minor} 个最小货币单位；机构 {organisation} 的该经办人今日还可单独办理 "
        "{available_minor}。不涉及金额的指令一律须双人办理。",
        "请由另一人补充复核签名。",
    )


class ParticipantUnknown(ChainfinError):
    """Only admitted organisations take part."""

    organisation: int
    en = (
        "There is no organisation {organisation}.",
        "Check the number; the administration admits new organisations.",
    )
    zh = ("不存在编号为 {organisation} 的机构。", "请核对编号；新机构由管理方准入。")


class ParticipantSuspended(ChainfinError):
    """A suspended organisation only pays what it owes, releases what it holds, and is paid."""

    organisation: int
    en = (
        "Organisation {organisation} is suspended.",
        "Ask the Council why; it can reinstate the organisation.",
    )
    zh = ("机构 {organisation} 已被暂停。", "请向理事会了解原因，由其恢复。")


class ParticipantBlocked(ChainfinError):
    """A blocked organisation, and every one it controls, does nothing and is paid nothing."""

    organisation: int
    en = (
        "Organisation {organisation} is blocked, or controlled by one that is.",
        "Ask the Council why; it can reinstate the organisation once it is cleared.",
    )
    zh = (
        "机构 {organisation} 已被封禁，或受被封禁机构控制。",
        "请向理事会了解原因，核实后由其恢复。",
    )


class KindRequired(ChainfinError):
    """An act is open only to organisations of its kind."""

    organisation: int
    kinds: str
    en = (
        "Organisation {organisation} is not admitted as {kinds}.",
        "Have an organisation of this kind act, or ask the administration for admission as such.",
    )
    zh = (
        "机构 {organisation} 未以 {kinds} 身份准入。",
        "请由具备该身份的机构办理，或向管理方申请该身份。",
    )


class LicenceLapsed(ChainfinError):
    """Only a funder whose licence is in force funds."""

    organisation: int
    licence_expires_at: int
    en = (
        "The licence of organisation {organisation} ended at {licence_expires_at}.",
        "Renew it and have the administration record the new date.",
    )
    zh = (
        "机构 {organisation} 的牌照已于 {licence_expires_at} 到期。",
        "请续期，并由管理方登记新的到期时间。",
    )


class IdentityAlreadyAdmitted(ChainfinError):
    """An identity is admitted once."""

    identity: str
    organisation: int
    en = (
        "Identity {identity} is organisation {organisation} already.",
        "Use that organisation, or correct the identity.",
    )
    zh = ("身份承诺 {identity} 已是机构 {organisation}。", "请使用该机构，或更正身份信息。")


class IdentityMissing(ChainfinError):
    """An organisation is admitted with the commitment to its identity."""

    en = (
        "The admission has no identity commitment.",
        "Give the commitment to its LEI or unified social credit code.",
    )
    zh = ("准入申请没有身份承诺。", "请提供 LEI 或统一社会信用代码的承诺值。")


class KeyAlreadyRegistered(ChainfinError):
    """A key's address is registered once, for ever."""

    key: str
    en = (
        "Key {key} was registered before, or is the zero address.",
        "Create a new key and register that.",
    )
    zh = ("密钥 {key} 曾经登记过，或为零地址。", "请创建新密钥再登记。")


class IdentityOfAnother(ChainfinError):
    """A key is registered for the organisation whose identity it signed for."""

    identity: str
    organisation: int
    en = (
        "Identity {identity} is not that of organisation {organisation}.",
        "Have the new key sign for the identity of its own organisation.",
    )
    zh = ("身份承诺 {identity} 不属于机构 {organisation}。", "请由新密钥为本机构的身份签名。")


class KeyNotWaiting(ChainfinError):
    """A key can be vetoed only while it waits to become valid."""

    key: str
    valid_from: int
    en = (
        "Key {key} has been valid since {valid_from}.",
        "Have an administrator revoke it.",
    )
    zh = ("密钥 {key} 自 {valid_from} 起已生效。", "请由管理员停用该密钥。")


class KeyKindUnknown(ChainfinError):
    """A key is a key pair or a contract."""

    key: str
    kind: int
    en = ("Key {key} cannot be of kind {kind}.", "Register it as kind 0 (plain) or 1 (contract).")
    zh = ("密钥 {key} 的类型不能是 {kind}。", "请按 0（普通）或 1（合约）登记。")


class RolesUnknown(ChainfinError):
    """A key has at least one role, and only roles that exist."""

    key: str
    roles: str
    en = (
        "Key {key} cannot have the roles {roles}.",
        "Give it one or more of maker, checker, administrator and keeper.",
    )
    zh = ("密钥 {key} 不能具有角色 {roles}。", "请选择经办、复核、管理员、单据保管中的一项或多项。")


class KindsUnknown(ChainfinError):
    """An organisation is of kinds that exist."""

    kinds: str
    en = (
        "There is no such kind of organisation: {kinds}.",
        "Name kinds such as anchor, supplier, funder or settlement_bank.",
    )
    zh = ("不存在此类机构：{kinds}。", "请使用 anchor、supplier、funder、settlement_bank 等身份。")


class ParentIsControlled(ChainfinError):
    """Control runs one way: nobody is controlled by whom it controls, or by itself."""

    organisation: int
    parent: int
    en = (
        "Organisation {parent} cannot be the parent of {organisation}, which controls it.",
        "Name the organisation that stands above both.",
    )
    zh = (
        "机构 {parent} 受机构 {organisation} 控制，不能作为其上级。",
        "请填写二者之上的机构。",
    )


class StatusChangeRefused(ChainfinError):
    """A restriction makes a status stricter, a reinstatement milder; no admission is undone."""

    organisation: int
    before: str
    status: str
    en = (
        "Organisation {organisation} is {before}; this cannot make it {status}.",
        "Restrict to a stricter status, or reinstate to a milder one.",
    )
    zh = (
        "机构 {organisation} 当前为 {before}，此操作不能使其成为 {status}。",
        "请以限制操作从严，或以恢复操作从宽。",
    )


class TermsNotNarrower(ChainfinError):
    """Narrowing takes kinds away or shortens a licence; it adds nothing."""

    organisation: int
    kinds: str
    licence_expires_at: int
    en = (
        "Organisation {organisation} is {kinds}, licensed until {licence_expires_at}; "
        "what was asked adds to that.",
        "Leave out what it does not have, or have the Council change its terms.",
    )
    zh = (
        "机构 {organisation} 为 {kinds}，许可至 {licence_expires_at}；所请求的超出现有范围。",
        "请仅在现有范围内缩减，或由理事会变更。",
    )


class LimitTooLarge(ChainfinError):
    """A limit is an amount, and no amount is larger than the largest."""

    limit: int
    largest: int
    en = ("A limit of {limit} minor units is above {largest}.", "Set a lower limit.")
    zh = ("额度 {limit}（最小货币单位）超过上限 {largest}。", "请设置较低的额度。")


class CurrencyMalformed(ChainfinError):
    """A currency is three letters from A to Z (ISO 4217)."""

    currency: str
    en = ("{currency} is no currency code.", "Use three capital letters, such as CNY.")
    zh = ("{currency} 不是货币代码。", "请使用三个大写字母，如 CNY。")


# --- Council ---------------------------------------------------------------------------------


class CouncilMalformed(ChainfinError):
    """A Council has 1 to 64 members, and a threshold they can reach."""

    members: int
    threshold: int
    en = (
        "A Council of {members} members cannot decide with {threshold}.",
        "Name 1 to 64 members and a threshold from 1 to their number.",
    )
    zh = (
        "{members} 名成员的理事会不能以 {threshold} 票决定。",
        "请指定 1 至 64 名成员及可达到的票数。",
    )


class MemberRefused(ChainfinError):
    """A member of the Council is an admitted organisation, named once."""

    organisation: int
    en = (
        "Organisation {organisation} cannot sit in the Council: it is not admitted, or is named "
        "twice.",
        "Name admitted organisations, each once.",
    )
    zh = (
        "机构 {organisation} 未准入或被重复列出，不能加入理事会。",
        "请列出已准入的机构，且各列一次。",
    )


class NotAMember(ChainfinError):
    """Only members of the Council vote in it."""

    organisation: int
    en = (
        "Organisation {organisation} does not sit in the Council.",
        "Have a member vote.",
    )
    zh = ("机构 {organisation} 不是理事会成员。", "请由理事会成员投票。")


class VoteUnchanged(ChainfinError):
    """A member's vote counts once; another one must change something."""

    decision: str
    organisation: int
    en = (
        "Organisation {organisation} has voted so on decision {decision} already.",
        "Nothing is to be done; wait for the other members.",
    )
    zh = ("机构 {organisation} 已对决定 {decision} 作出相同投票。", "无需重复，请等待其他成员。")


class DecisionClosed(ChainfinError):
    """Votes are given while a decision is open; while it waits, only against it."""

    decision: str
    status: str
    en = (
        "Decision {decision} is {status}.",
        "Prepare it anew if it shall be decided again.",
    )
    zh = ("决定 {decision} 当前为 {status}。", "如需再次决定，请重新拟定。")


class DecisionOfAnotherTerm(ChainfinError):
    """With a change of members a new term begins, and what was not done is put forward again."""

    decision: str
    term: int
    en = (
        "Decision {decision} was put forward in term {term}, which is over.",
        "Prepare it anew.",
    )
    zh = ("决定 {decision} 属于已结束的第 {term} 届。", "请重新拟定。")


class DecisionNotScheduled(ChainfinError):
    """Only a decision that has passed and waits can be carried out."""

    decision: str
    status: str
    en = (
        "Decision {decision} is {status}, not waiting to be carried out.",
        "Wait until enough members have voted for it.",
    )
    zh = ("决定 {decision} 当前为 {status}，并非待执行。", "请等待足够成员投票通过。")


class DecisionNotReady(ChainfinError):
    """What loosens waits for the Council's delay."""

    decision: str
    executable_at: int
    en = (
        "Decision {decision} can be carried out from {executable_at} on.",
        "Wait until then.",
    )
    zh = ("决定 {decision} 自 {executable_at} 起方可执行。", "请届时再执行。")


class PowerMissing(ChainfinError):
    """The Council decides what it has the role for."""

    subject: str
    selector: str
    en = (
        "The Council holds no role for {selector} of contract {subject}.",
        "Have the administration grant the role first.",
    )
    zh = ("理事会无权调用合约 {subject} 的 {selector}。", "请先由管理方授予相应角色。")


class AccessManagedUnauthorized(ChainfinError):
    """Administration is done by accounts that hold the administration's role for it."""

    caller: str
    en = (
        "Account {caller} does not hold the administration's role for this call.",
        "Send it from an account that does, or have the administration grant the role.",
    )
    zh = (
        "账户 {caller} 没有此项管理操作的权限。",
        "请使用有权限的账户，或由管理方授予该角色。",
    )


# --- Trade documents: DocumentRegistry --------------------------------------------------------


class IssuerUnknown(ChainfinError):
    """Only admitted issuing contracts use documents or give them back."""

    issuer: str
    en = (
        "Contract {issuer} is not admitted to use documents.",
        "Use the issuing contract of the deployment file, or have the administration admit it.",
    )
    zh = ("合约 {issuer} 无权占用单据。", "请使用部署文件中的开立合约，或由管理方准入。")


class EpochClosed(ChainfinError):
    """Documents are fingerprinted with the key of the live epoch."""

    epoch: int
    live_epoch: int
    en = (
        "Epoch {epoch} was named; {live_epoch} is live.",
        "Have the keeper fingerprint and sign again under the live epoch.",
    )
    zh = (
        "指定的是第 {epoch} 期指纹密钥，当前为第 {live_epoch} 期。",
        "请由单据保管方以当前密钥重新计算指纹并签名。",
    )


class DocumentUnknown(ChainfinError):
    """Only a document on which a receivable was issued is carried to another epoch."""

    fingerprint: str
    en = (
        "No document was entered under fingerprint {fingerprint}.",
        "Leave it out: it is entered when a receivable is first issued on it.",
    )
    zh = ("没有以指纹 {fingerprint} 登记的单据。", "请将其剔除：首次据以开立应收账款时才登记。")


class DocumentCarriedBefore(ChainfinError):
    """A document is carried once an epoch."""

    fingerprint: str
    en = (
        "Document {fingerprint} goes by another fingerprint already.",
        "Leave it out: ask what is still to carry, and carry that.",
    )
    zh = ("单据 {fingerprint} 已改用其他指纹。", "请将其剔除：查询尚待结转的单据后再结转。")


class FingerprintTaken(ChainfinError):
    """No two documents go by one fingerprint."""

    fingerprint: str
    en = (
        "Fingerprint {fingerprint} is a document's already.",
        "Compare the two documents: they are one, or the keys of the two epochs are not.",
    )
    zh = ("指纹 {fingerprint} 已属于某份单据。", "请核对两份单据：二者实为同一份，或两期密钥有误。")


class DocumentsNotCarried(ChainfinError):
    """An epoch opens when every document goes by its fingerprint of that epoch."""

    remaining: int
    en = (
        "{remaining} documents do not go by a fingerprint of the next epoch yet.",
        "Carry them first (chainfin documents carry): one left behind could be used twice.",
    )
    zh = (
        "尚有 {remaining} 份单据没有下一期的指纹。",
        "请先结转（chainfin documents carry）：遗漏的单据可能被重复使用。",
    )


class DocumentMismatch(ChainfinError):
    """A document keeps the seller, obligor, type, amount and currency it was entered with."""

    fingerprint: str
    en = (
        "Document {fingerprint} was entered before with another seller, obligor, type, amount "
        "or currency.",
        "Compare the document with its first use and correct what differs.",
    )
    zh = (
        "单据 {fingerprint} 首次登记的卖方、债务人、类型、金额或币种与此不同。",
        "请与首次使用时的单据核对并更正不同之处。",
    )


class DocumentAlreadyUsed(ChainfinError):
    """The uses of a document stay within its amount."""

    fingerprint: str
    amount_minor: int
    used_minor: int
    requested_minor: int
    en = (
        "Of the {amount_minor} minor units of document {fingerprint}, {used_minor} are used; "
        "{requested_minor} more were asked for.",
        "Issue at most what is left, or use another document.",
    )
    zh = (
        "单据 {fingerprint} 金额为 {amount_minor} 个最小货币单位，已占用 {used_minor}，"
        "本次申请 {requested_minor}。",
        "请在剩余金额内开立，或改用其他单据。",
    )


class FingerprintMissing(ChainfinError):
    """Every receivable names the fingerprint of its trade document."""

    en = ("The document has no fingerprint.", "Have the keeper fingerprint the document first.")
    zh = ("单据没有指纹。", "请先由单据保管方计算指纹。")


# --- Programmes and issue: Issuance, PositionalTree -------------------------------------------


class ProgrammeNotOwned(ChainfinError):
    """An anchor issues only under its own programmes."""

    programme_id: int
    organisation: int
    en = (
        "Programme {programme_id} is not one of organisation {organisation}.",
        "Name a programme of the organisation that signs.",
    )
    zh = ("项目 {programme_id} 不属于机构 {organisation}。", "请选择签署机构自己的项目。")


class TransitionEnded(ChainfinError):
    """Receivables from before the rules are carried over while the transition lasts."""

    legacy_until: int
    en = (
        "Legacy receivables could be issued until {legacy_until}.",
        "Issue new receivables under a programme that is not marked as legacy.",
    )
    zh = ("存量应收账款承接已于 {legacy_until} 截止。", "请在非存量项目下新开立应收账款。")


class TenorLimitsMalformed(ChainfinError):
    """The usual term is a day or more, and no longer than the longest."""

    maximum_days: int
    usual_days: int
    en = (
        "The longest term would be {maximum_days} days, the usual one {usual_days}.",
        "Give a usual term between one day and the longest.",
    )
    zh = (
        "最长期限为 {maximum_days} 天，通常期限为 {usual_days} 天。",
        "通常期限应不少于一天且不超过最长期限。",
    )


class ProgrammeClosed(ChainfinError):
    """A programme that another version replaced takes no new issue."""

    programme_id: int
    en = (
        "Programme {programme_id} was replaced by a newer version.",
        "Issue under the newer version.",
    )
    zh = ("项目 {programme_id} 已被新版本取代。", "请在新版本项目下开立。")


class DepositUnknown(ChainfinError):
    """A programme pays in the deposit money of an admitted settlement bank's contract."""

    deposit: str
    en = (
        "Deposit contract {deposit} is not admitted.",
        "Name an admitted deposit contract of the programme's currency.",
    )
    zh = ("存款合约 {deposit} 未获准入。", "请选择与项目同币种的已准入存款合约。")


class ProgrammeMalformed(ChainfinError):
    """A programme's limits are above zero."""

    field: str
    en = ("“{field}” of the programme is zero.", "Give it a value of at least 1.")
    zh = ("项目的“{field}”为零。", "请填写不小于 1 的值。")


class GraceBeforeMaturity(ChainfinError):
    """Days of grace end at or after the due instant, within the range of the contracts' clock."""

    grace_ends_at: int
    maturity_at: int
    en = (
        "Grace ends at {grace_ends_at}; the receivable falls due at {maturity_at}.",
        "Let grace end at the due instant or later, and not in the far future.",
    )
    zh = (
        "宽限期于 {grace_ends_at} 结束，到期时间为 {maturity_at}。",
        "宽限期应在到期时或之后结束，且不得过远。",
    )


class FaceValueMissing(ChainfinError):
    """A receivable has a face value above zero."""

    en = ("The face value is zero.", "State the amount owed.")
    zh = ("票面金额为零。", "请填写应付金额。")


class FaceValueAboveDocument(ChainfinError):
    """A receivable is for at most its document's amount."""

    face_value_minor: int
    document_amount_minor: int
    en = (
        "The face value is {face_value_minor} minor units; the document says "
        "{document_amount_minor}.",
        "Lower the face value, or add another receivable for another document.",
    )
    zh = (
        "票面金额为 {face_value_minor} 个最小货币单位，单据金额为 {document_amount_minor}。",
        "请降低票面金额，或就其他单据另行开立。",
    )


class SupplierNotAdmitted(ChainfinError):
    """A receivable is issued to an admitted organisation."""

    supplier: int
    en = (
        "Organisation {supplier} is not admitted, or is suspended or blocked.",
        "Have the administration admit the supplier first.",
    )
    zh = ("机构 {supplier} 未准入、已暂停或已封禁。", "请先由管理方准入该供应商。")


class SupplierIsObligor(ChainfinError):
    """Nobody owes a receivable to itself."""

    supplier: int
    en = (
        "Organisation {supplier} would owe the receivable to itself.",
        "Name another organisation as the supplier.",
    )
    zh = ("机构 {supplier} 将成为自己的债务人。", "请填写其他机构作为供应商。")


class AttestationMismatch(ChainfinError):
    """The keeper's statement covers the same rows, obligor and currency as the order."""

    root: str
    count: int
    en = (
        "The keeper signed for other documents than the order's {count} rows with root {root}.",
        "Attach the statement made for these very rows, obligor and currency.",
    )
    zh = (
        "保管方签署的单据与指令的 {count} 行（根 {root}）不一致。",
        "请附上针对这些行、债务人和币种的声明。",
    )


class RunTooLarge(ChainfinError):
    """A batch is issued in runs of at most 128 rows."""

    level: int
    en = (
        "A run of level {level} covers more rows than one call takes.",
        "Issue the batch in runs of level 7 or lower.",
    )
    zh = ("第 {level} 层的分段超过一次调用可处理的行数。", "请按第 7 层或更低的层级分段开立。")


class RowNotInBatch(ChainfinError):
    """Only rows of the signed batch are issued, at their own places."""

    root: str
    computed: str
    en = (
        "The rows and their proof lead to {computed}; the signed root is {root}.",
        "Take rows, place and proof from the file that was signed.",
    )
    zh = (
        "由这些行及其证明算得 {computed}，签署的根为 {root}。",
        "请使用已签署文件中的行、位置和证明。",
    )


class RowAlreadyUsed(ChainfinError):
    """Each row of a batch counts once."""

    order_hash: str
    row: int
    en = (
        "A row of the run that begins at row {row} of batch {order_hash} was issued or refused "
        "before.",
        "Leave this run out: the batch goes on with the next one.",
    )
    zh = (
        "批次 {order_hash} 中自第 {row} 行起的分段含有已开立或已拒绝的行。",
        "请略过该分段，继续下一段。",
    )


class BatchCountExceeded(ChainfinError):
    """A batch issues at most as many rows as were signed."""

    order_hash: str
    rows: int
    remaining: int
    en = (
        "Batch {order_hash} has {remaining} rows left; the run has {rows}.",
        "Sign another batch for the other rows.",
    )
    zh = (
        "批次 {order_hash} 还可开立 {remaining} 行，该分段有 {rows} 行。",
        "请为其余行另行签署批次。",
    )


class BatchTotalExceeded(ChainfinError):
    """The faces of a batch stay within the signed total."""

    order_hash: str
    face_value_minor: int
    remaining_minor: int
    en = (
        "A row of {face_value_minor} minor units exceeds the {remaining_minor} left of batch "
        "{order_hash}.",
        "Sign another batch with the right total.",
    )
    zh = (
        "一行金额 {face_value_minor} 个最小货币单位超过批次 {order_hash} 的剩余总额 "
        "{remaining_minor}。",
        "请以正确的总额另行签署批次。",
    )


class ProofMalformed(ChainfinError):
    """A batch's proof reaches from its run to the root."""

    level: int
    siblings: int
    depth: int
    en = (
        "A run of level {level} with {siblings} hashes does not reach the root at depth {depth}.",
        "Make the proof again from the signed file.",
    )
    zh = (
        "第 {level} 层的分段附 {siblings} 个哈希，到不了深度 {depth} 的根。",
        "请用已签署的文件重新生成证明。",
    )


class ChunkMalformed(ChainfinError):
    """A run has all of its rows and no row beyond the batch."""

    first: int
    size: int
    count: int
    en = (
        "A run of {size} rows from row {first} on does not fit a batch of {count} rows.",
        "Cut the runs again from the signed file.",
    )
    zh = (
        "自第 {first} 行起的 {size} 行不符合共 {count} 行的批次。",
        "请用已签署的文件重新分段。",
    )


class OffersMissing(ChainfinError):
    """An acceptance names at least one receivable."""

    en = ("The acceptance names no receivable.", "Name the receivables to accept.")
    zh = ("签收指令没有列出应收账款。", "请列出要签收的应收账款。")


class TotalMismatch(ChainfinError):
    """The signed total is the sum of the faces accepted."""

    total_minor: int
    signed_minor: int
    en = (
        "The offers add up to {total_minor} minor units; {signed_minor} were signed.",
        "Draft the acceptance again and sign that.",
    )
    zh = (
        "各项合计 {total_minor} 个最小货币单位，签署的总额为 {signed_minor}。",
        "请重新起草签收指令并签署。",
    )


class IssueRefused(ChainfinError):
    """A receivable is issued only where its row keeps every rule of issue and of documents."""

    reason: str
    en = ("Row refused: {reason}.", "Correct what this rule names, draft it again and sign that.")
    zh = ("该行未能开立：{reason}。", "请按该规则更正后重新起草并签署。")


# --- Receivables and lots: ReceivableLedger ---------------------------------------------------


class CompanionRequired(ChainfinError):
    """Only the ledger's own companion contracts change it."""

    caller: str
    en = (
        "{caller} is not the companion contract of the ledger for this.",
        "Call the public contract of the deployment file instead.",
    )
    zh = ("{caller} 不是账本指定的配套合约。", "请改为调用部署文件中的公开合约。")


class ProgrammeUnknown(ChainfinError):
    """A programme is one that was opened."""

    programme_id: int
    en = ("There is no programme {programme_id}.", "Check the number, or open the programme.")
    zh = ("不存在项目 {programme_id}。", "请核对编号，或先开立项目。")


class ReceivableUnknown(ChainfinError):
    """A receivable is one that was issued."""

    receivable_id: int
    en = ("There is no receivable {receivable_id}.", "Check the number.")
    zh = ("不存在应收账款 {receivable_id}。", "请核对编号。")


class ReceivableNotActive(ChainfinError):
    """Lots move and are paid only while their receivable is active."""

    receivable_id: int
    status: str
    en = (
        "Receivable {receivable_id} is {status}, not active.",
        "Wait for the supplier's acceptance; void, cancelled and settled are final.",
    )
    zh = (
        "应收账款 {receivable_id} 的状态为 {status}，不是 active。",
        "请等待供应商签收；作废、撤销和结清均为最终状态。",
    )


class ReceivableNotOffered(ChainfinError):
    """A supplier answers a receivable once, while it is offered."""

    receivable_id: int
    status: str
    en = (
        "Receivable {receivable_id} is {status}, no longer offered.",
        "Nothing to do: it has been answered.",
    )
    zh = ("应收账款 {receivable_id} 的状态为 {status}，不再待签收。", "无需处理：已有答复。")


class OfferChanged(ChainfinError):
    """A supplier answers exactly the offer it signed for."""

    receivable_id: int
    en = (
        "Receivable {receivable_id} is not the offer that was signed for.",
        "Read the offer again, draft the answer again and sign that.",
    )
    zh = (
        "应收账款 {receivable_id} 与所签署的内容不一致。",
        "请重新查看该应收账款，重新起草答复并签署。",
    )


class OfferLapsed(ChainfinError):
    """An offer can be accepted until it is due."""

    receivable_id: int
    maturity_at: int
    en = (
        "The offer of receivable {receivable_id} lapsed when it was due, at {maturity_at}.",
        "Ask the anchor to issue it again.",
    )
    zh = (
        "应收账款 {receivable_id} 已于 {maturity_at} 到期未签收而失效。",
        "请联系核心企业重新开立。",
    )


class OfferNotLapsed(ChainfinError):
    """An offer lapses only once it is due."""

    receivable_id: int
    maturity_at: int
    en = (
        "The offer of receivable {receivable_id} stands until {maturity_at}.",
        "Wait, or have the anchor withdraw it.",
    )
    zh = (
        "应收账款 {receivable_id} 在 {maturity_at} 前仍可签收。",
        "请等待，或由核心企业撤回。",
    )


class NotParty(ChainfinError):
    """Only anchor and supplier cancel a receivable, together."""

    receivable_id: int
    organisation: int
    en = (
        "Organisation {organisation} is neither anchor nor supplier of receivable {receivable_id}.",
        "Have anchor and supplier order it.",
    )
    zh = (
        "机构 {organisation} 既非应收账款 {receivable_id} 的核心企业，也非其供应商。",
        "请由核心企业与供应商共同下达指令。",
    )


class ReceivableTouched(ChainfinError):
    """A receivable is cancelled or reduced only as it was issued: later acts bind others (R-20)."""

    receivable_id: int
    en = (
        "Receivable {receivable_id} was split, moved, encumbered or paid since its issue.",
        "It can no longer be cancelled; settle it, or enter a new receivable against it.",
    )
    zh = (
        "应收账款 {receivable_id} 开立后已被拆分、流转、设限或付款。",
        "不可再撤销；请按期结清，或另行开立冲抵。",
    )


class LotIsRoot(ChainfinError):
    """The first lot of a receivable was split from nothing."""

    lot_id: str
    en = (
        "Lot {lot_id} is its receivable's first.",
        "Name a lot that was split from another.",
    )
    zh = ("凭证 {lot_id} 是该应收账款的主凭证。", "请指定由其他凭证拆出的凭证。")


class LotsApart(ChainfinError):
    """A lot goes back only where neither it nor its parent was handed on since the split."""

    lot_id: str
    parent_id: str
    en = (
        "Lot {lot_id} and lot {parent_id} have passed through different hands.",
        "They stay two lots; nothing needs to be done.",
    )
    zh = ("凭证 {lot_id} 与凭证 {parent_id} 的流转历史不同。", "两者须分别持有，无需处理。")


class LotUnknown(ChainfinError):
    """A lot is one that issue or a split created."""

    lot_id: str
    en = ("There is no lot {lot_id}.", "Check the number.")
    zh = ("不存在凭证 {lot_id}。", "请核对编号。")


class LotChanged(ChainfinError):
    """A lot moves only with the face value and the paid amount that were signed."""

    lot_id: str
    face_value_minor: int
    paid_minor: int
    en = (
        "Lot {lot_id} now has a face value of {face_value_minor} minor units, {paid_minor} paid.",
        "Draft the order again with these values and sign that.",
    )
    zh = (
        "凭证 {lot_id} 现有票面金额 {face_value_minor} 个最小货币单位，已付 {paid_minor}。",
        "请按现值重新起草并签署。",
    )


class LotEncumbered(ChainfinError):
    """A lot moves only while it is free, and leaves a lock only by the act the lock is for."""

    lot_id: str
    encumbrance: str
    en = (
        "The encumbrance of lot {lot_id} is {encumbrance}.",
        "End the transfer, financing request or pledge that holds it, or let it lapse.",
    )
    zh = (
        "凭证 {lot_id} 的锁定状态为 {encumbrance}。",
        "请先结束占用它的流转、融资申请或质押，或待其失效。",
    )


class LotAlreadySettled(ChainfinError):
    """A lot that is paid in full never changes."""

    lot_id: str
    en = ("Lot {lot_id} is paid in full.", "Nothing to do: it can no longer move.")
    zh = ("凭证 {lot_id} 已全额清偿。", "无需处理：不能再变动。")


class LotPartlyPaid(ChainfinError):
    """A lot with anything paid on it is not split or financed, and moves only paid up to date."""

    lot_id: str
    paid_minor: int
    en = (
        "{paid_minor} minor units are paid on lot {lot_id}, and more may be due to it.",
        "Have what is due paid out first; a partly paid lot only moves whole.",
    )
    zh = (
        "凭证 {lot_id} 已付 {paid_minor} 个最小货币单位，可能还有应付未付部分。",
        "请先付清应付部分；部分清偿的凭证只能整笔流转。",
    )


class NotHolder(ChainfinError):
    """Only a lot's holder disposes of it."""

    lot_id: str
    holder: int
    organisation: int
    en = (
        "Lot {lot_id} is held by organisation {holder}, not by {organisation}.",
        "Have the holder sign.",
    )
    zh = (
        "凭证 {lot_id} 由机构 {holder} 持有，而非机构 {organisation}。",
        "请由持有人签署。",
    )


class PartsMissing(ChainfinError):
    """A split names at least one part."""

    en = ("The split names no part.", "Name the parts to split off.")
    zh = ("拆分指令没有列出任何部分。", "请列出要拆出的部分。")


class PartTooLarge(ChainfinError):
    """A part is no more than its lot; what is split off leaves a remainder."""

    lot_id: str
    part_face_value_minor: int
    available_minor: int
    en = (
        "A part of {part_face_value_minor} minor units does not fit the {available_minor} of lot "
        "{lot_id}.",
        "Make the parts smaller, or transfer or finance the whole lot.",
    )
    zh = (
        "拆出的 {part_face_value_minor} 个最小货币单位超出凭证 {lot_id} 可用的 {available_minor}。",
        "请减小各部分金额，或整笔流转、融资。",
    )


class LotTooSmall(ChainfinError):
    """Every lot, the remainder too, has at least the programme's minimum."""

    face_value_minor: int
    minimum_minor: int
    en = (
        "A lot of {face_value_minor} minor units would arise; the minimum is {minimum_minor}.",
        "Choose parts that leave no lot below the minimum.",
    )
    zh = (
        "将产生 {face_value_minor} 个最小货币单位的凭证，最低为 {minimum_minor}。",
        "请调整金额，使各凭证均不低于最低金额。",
    )


class TransferRefused(ChainfinError):
    """A lot moves only where the programme's transfer rules allow it."""

    lot_id: str
    to: int
    reason: str
    en = (
        "Lot {lot_id} cannot move to organisation {to}: {reason}.",
        "Settle what this rule names, or choose another receiver.",
    )
    zh = (
        "凭证 {lot_id} 不能流转给机构 {to}：{reason}。",
        "请先满足该规则，或选择其他接收方。",
    )


class TransferNotPending(ChainfinError):
    """Only a transfer that waits for its receiver is answered, revoked or lapsed."""

    lot_id: str
    en = (
        "No transfer of lot {lot_id} waits for an answer.",
        "Look the lot up: the transfer was accepted, rejected, revoked or has lapsed.",
    )
    zh = (
        "凭证 {lot_id} 没有待答复的流转。",
        "请查询该凭证：流转已被接受、拒绝、撤回或失效。",
    )


class WrongOffer(ChainfinError):
    """An answer is to the very offer it names."""

    lot_id: str
    offer: str
    en = (
        "The transfer that lot {lot_id} waits for is not {offer}.",
        "Read the pending transfer, draft the answer again and sign that.",
    )
    zh = (
        "凭证 {lot_id} 等待答复的流转不是 {offer}。",
        "请查看当前待答复的流转，重新起草答复并签署。",
    )


class OfferExpired(ChainfinError):
    """A transfer is accepted no later than its expiry."""

    lot_id: str
    expires_at: int
    en = (
        "The transfer of lot {lot_id} could be accepted until {expires_at}.",
        "Ask the sender to propose it again.",
    )
    zh = ("凭证 {lot_id} 的流转须在 {expires_at} 前接受。", "请由转出方重新发起流转。")


class OfferNotExpired(ChainfinError):
    """A transfer lapses only after its expiry."""

    lot_id: str
    expires_at: int
    en = (
        "The transfer of lot {lot_id} is open until {expires_at}.",
        "Wait, or have the sender revoke it.",
    )
    zh = ("凭证 {lot_id} 的流转有效至 {expires_at}。", "请等待，或由转出方撤回。")


class NotReceiver(ChainfinError):
    """Only the organisation a lot is offered to answers."""

    lot_id: str
    to: int
    organisation: int
    en = (
        "Lot {lot_id} is offered to organisation {to}, not to {organisation}.",
        "Have the receiver sign.",
    )
    zh = (
        "凭证 {lot_id} 的接收方是机构 {to}，而非机构 {organisation}。",
        "请由接收方签署。",
    )


class InstantOutOfRange(ChainfinError):
    """An expiry lies in the future, within the range of the contracts' clock."""

    instant_at: int
    en = ("{instant_at} cannot be an expiry.", "Choose a later instant, not in the far future.")
    zh = ("{instant_at} 不能作为失效时间。", "请选择更晚但不过远的时间。")


class ReceivableChanged(ChainfinError):
    """A payment is made on the receivable as it was signed."""

    receivable_id: int
    face_value_minor: int
    paid_minor: int
    en = (
        "Receivable {receivable_id} now has a face value of {face_value_minor} minor units, "
        "{paid_minor} paid.",
        "Draft the payment again with these values and sign that.",
    )
    zh = (
        "应收账款 {receivable_id} 现有票面金额 {face_value_minor} 个最小货币单位，"
        "已付 {paid_minor}。",
        "请按现值重新起草付款并签署。",
    )


class PaymentBeforeMaturity(ChainfinError):
    """Before the due instant a receivable is paid in full or not at all."""

    receivable_id: int
    maturity_at: int
    amount_minor: int
    outstanding_minor: int
    en = (
        "Receivable {receivable_id} falls due at {maturity_at}; {amount_minor} of "
        "{outstanding_minor} minor units would be a part payment.",
        "Pay it in full, or pay a part from the due instant on.",
    )
    zh = (
        "应收账款 {receivable_id} 于 {maturity_at} 到期；{amount_minor}/{outstanding_minor} "
        "个最小货币单位属于部分付款。",
        "请全额支付，或到期后再部分支付。",
    )


class PaymentTooLarge(ChainfinError):
    """No more is paid on a receivable than is outstanding."""

    receivable_id: int
    amount_minor: int
    outstanding_minor: int
    en = (
        "{amount_minor} minor units exceed the {outstanding_minor} outstanding on receivable "
        "{receivable_id}.",
        "Pay at most what is outstanding.",
    )
    zh = (
        "{amount_minor} 个最小货币单位超过应收账款 {receivable_id} 未付的 {outstanding_minor}。",
        "付款不得超过未付金额。",
    )


class AmountMissing(ChainfinError):
    """An act about money is for an amount above zero."""

    en = ("The amount is zero.", "State an amount.")
    zh = ("金额为零。", "请填写金额。")


class AnchorOverdue(ChainfinError):
    """An anchor that has not paid in time issues nothing more until it has paid (R-08)."""

    anchor: int
    count: int
    en = (
        "Organisation {anchor} has {count} receivables overdue.",
        "Pay them in full with their late interest; issue is open again at once.",
    )
    zh = (
        "机构 {anchor} 有 {count} 笔应收账款逾期未付。",
        "请全额支付本金及逾期利息，之后即可恢复开立。",
    )


class NotYetOverdue(ChainfinError):
    """Nothing is overdue or in default before its time."""

    receivable_id: int
    until_at: int
    en = (
        "Receivable {receivable_id} is in time until {until_at}.",
        "Wait until then.",
    )
    zh = ("应收账款 {receivable_id} 在 {until_at} 之前未逾期。", "请等待至该时间。")


class ArrearsAlreadyNoted(ChainfinError):
    """That a receivable is overdue, or in default, is noted once."""

    receivable_id: int
    arrears: str
    en = (
        "Receivable {receivable_id} is noted as {arrears} already.",
        "Nothing to do: every reader sees it.",
    )
    zh = ("应收账款 {receivable_id} 已登记为 {arrears}。", "无需处理：各方均可查阅。")


class NotInDefault(ChainfinError):
    """Recourse and write-off wait for the end of the anchor's grace."""

    receivable_id: int
    grace_ends_at: int
    en = (
        "Receivable {receivable_id} is not in default; its grace ends at {grace_ends_at}.",
        "Wait until then, and have the default noted.",
    )
    zh = (
        "应收账款 {receivable_id} 尚未违约，宽限期至 {grace_ends_at}。",
        "请等待宽限期结束并登记违约。",
    )


class LotIndivisible(ChainfinError):
    """A lot sold with recourse or a holdback stays whole: the claim is for what was sold."""

    lot_id: str
    en = (
        "Lot {lot_id} was sold with recourse or a holdback and is not divided.",
        "Transfer or finance it whole.",
    )
    zh = ("凭证 {lot_id} 系带追索权或留有尾款转让，不得拆分。", "请整笔流转或融资。")


# --- Freezes and holds: Encumbrances ----------------------------------------------------------


class LotFrozen(ChainfinError):
    """A frozen lot does not move, is not divided, and is not financed."""

    lot_id: str
    until_at: int
    en = (
        "Lot {lot_id} is frozen until {until_at}.",
        "Ask the court or authority that froze it, or wait until the freeze has ended.",
    )
    zh = ("凭证 {lot_id} 已冻结至 {until_at}。", "请联系冻结机关，或待冻结解除、到期。")


class ReferenceMissing(ChainfinError):
    """Whoever freezes a lot names the order it does so by."""

    en = ("The order names no reference.", "Give the hash of the court's document.")
    zh = ("指令未注明文书。", "请提供法律文书的哈希。")


class FreezeTooLong(ChainfinError):
    """A court's freeze ends within three years, a hold within 48 hours (R-25, R-27)."""

    expires_at: int
    latest_at: int
    en = (
        "The freeze would end at {expires_at}; {latest_at} is the latest.",
        "Set an earlier end; a court renews its freeze before it lapses.",
    )
    zh = (
        "冻结到期时间 {expires_at} 超过最晚时间 {latest_at}。",
        "请提前到期时间；法院可在到期前续期。",
    )


class FreezeRepeated(ChainfinError):
    """One reference freezes a lot once."""

    lot_id: str
    reference_hash: str
    en = (
        "Lot {lot_id} was frozen under {reference_hash} before.",
        "Renew that freeze while it holds, or use a new order of the court.",
    )
    zh = (
        "凭证 {lot_id} 此前已依据 {reference_hash} 冻结。",
        "请在其有效期内续期，或使用新的法律文书。",
    )


class FreezeUnknown(ChainfinError):
    """Only a freeze that still holds is renewed or lifted."""

    lot_id: str
    reference_hash: str
    en = (
        "No freeze under {reference_hash} holds on lot {lot_id}.",
        "Look its freezes up; one that has lapsed needs a new order.",
    )
    zh = (
        "凭证 {lot_id} 上没有依据 {reference_hash} 的有效冻结。",
        "请查询其冻结情况；已到期的须重新冻结。",
    )


class TooManyFreezes(ChainfinError):
    """A bounded number of freezes lie over one lot at a time."""

    lot_id: str
    most: int
    en = (
        "Lot {lot_id} is under {most} freezes, the most there can be at a time.",
        "Freeze it once one of them has ended.",
    )
    zh = ("凭证 {lot_id} 上的冻结已达上限 {most} 个。", "请待其中之一解除后再冻结。")


class NotFreezer(ChainfinError):
    """A freeze is renewed and lifted by whoever ordered it."""

    lot_id: str
    court: int
    organisation: int
    en = (
        "Lot {lot_id} was frozen by organisation {court}, not by {organisation}.",
        "Have that organisation order it.",
    )
    zh = (
        "凭证 {lot_id} 由机构 {court} 冻结，而非 {organisation}。",
        "请由该机构下达指令。",
    )


class HoldNotRenewable(ChainfinError):
    """A hold against money laundering ends after 48 hours (R-27)."""

    lot_id: str
    reference_hash: str
    en = (
        "The hold {reference_hash} of lot {lot_id} cannot be renewed.",
        "Obtain a court's freeze before it ends.",
    )
    zh = (
        "凭证 {lot_id} 的临时冻结 {reference_hash} 不得续期。",
        "请在其结束前取得法院冻结。",
    )


class NothingToFreeze(ChainfinError):
    """A freeze without named lots takes those the holder has."""

    receivable_id: int
    holder: int
    en = (
        "Organisation {holder} has no live lot of receivable {receivable_id}.",
        "Check the holder and the receivable.",
    )
    zh = (
        "机构 {holder} 在应收账款 {receivable_id} 项下没有存续凭证。",
        "请核对持有人和应收账款。",
    )


class CourtAccountMissing(ChainfinError):
    """Money that goes to a court must be able to reach it."""

    deposit: str
    court: int
    en = (
        "Organisation {court} has no account in the receivable's deposit {deposit}.",
        "Have the settlement bank open one, or freeze without court deposit: the money waits then.",
    )
    zh = (
        "机构 {court} 在该应收账款的存款合约 {deposit} 中没有账户。",
        "请由结算银行开立账户，或不提存而使款项暂存。",
    )


class PledgeeRefused(ChainfinError):
    """A pledgee is admitted, reachable by money, and no party to the claim."""

    pledgee: int
    en = (
        "Organisation {pledgee} cannot be given this lot as security.",
        "Choose an admitted organisation with an account at the receivable's bank, other than its "
        "holder and its obligor.",
    )
    zh = (
        "机构 {pledgee} 不能作为该凭证的质权人。",
        "请选择已准入、在该应收账款的存款银行有账户且非持有人、债务人的机构。",
    )


class PledgeUnknown(ChainfinError):
    """A pledge is accepted once, and released or enforced while it binds."""

    lot_id: str
    pledge: str
    en = (
        "Lot {lot_id} has no pledge {pledge} this could be done with.",
        "Look its pledge up: it may have been replaced, released, or accepted already.",
    )
    zh = (
        "凭证 {lot_id} 没有可办理该业务的质押 {pledge}。",
        "请查询其质押：可能已被替换、解除或已接受。",
    )


class PledgeExpired(ChainfinError):
    """An offered pledge is accepted no later than its expiry."""

    lot_id: str
    expires_at: int
    en = (
        "The pledge of lot {lot_id} could be accepted until {expires_at}.",
        "Ask the holder to offer it again.",
    )
    zh = ("凭证 {lot_id} 的质押须在 {expires_at} 前接受。", "请由持有人重新发起。")


class NotPledgee(ChainfinError):
    """A pledge is accepted, released and enforced by its pledgee."""

    lot_id: str
    pledgee: int
    organisation: int
    en = (
        "The pledgee of lot {lot_id} is organisation {pledgee}, not {organisation}.",
        "Have the pledgee order it.",
    )
    zh = (
        "凭证 {lot_id} 的质权人是机构 {pledgee}，而非 {organisation}。",
        "请由质权人下达指令。",
    )


class PledgeNotFiled(ChainfinError):
    """A pledge exists only from its registration (R-24)."""

    lot_id: str
    en = (
        "The pledge of lot {lot_id} is not registered.",
        "File it with the register, and give the filing and its instant.",
    )
    zh = ("凭证 {lot_id} 的质押未登记。", "请先办理登记，并提供登记信息及时间。")


class PledgeNotDue(ChainfinError):
    """A pledge is enforced only after the secured debt was due."""

    lot_id: str
    due_at: int
    en = ("The debt behind the pledge of lot {lot_id} is due at {due_at}.", "Wait until then.")
    zh = ("凭证 {lot_id} 所担保的债务于 {due_at} 到期。", "请待到期后办理。")


# --- Financing: FinancingMarket ---------------------------------------------------------------


class RequestUnknown(ChainfinError):
    """A financing request is one that a holder made."""

    request_id: int
    en = ("There is no financing request {request_id}.", "Check the number.")
    zh = ("不存在融资申请 {request_id}。", "请核对编号。")


class RequestNotOpen(ChainfinError):
    """Only an open financing request is awarded, withdrawn or lapsed."""

    request_id: int
    status: str
    en = ("Financing request {request_id} is {status}.", "Nothing to do: it has ended.")
    zh = ("融资申请 {request_id} 的状态为 {status}。", "无需处理：该申请已结束。")


class RequestExpired(ChainfinError):
    """A quote is awarded no later than its request's expiry."""

    request_id: int
    expires_at: int
    en = (
        "Financing request {request_id} was open until {expires_at}.",
        "Request financing again.",
    )
    zh = ("融资申请 {request_id} 的有效期至 {expires_at}。", "请重新申请融资。")


class RequestNotExpired(ChainfinError):
    """A financing request lapses only after its expiry."""

    request_id: int
    expires_at: int
    en = (
        "Financing request {request_id} is open until {expires_at}.",
        "Wait, or have the holder withdraw it.",
    )
    zh = ("融资申请 {request_id} 有效至 {expires_at}。", "请等待，或由持有人撤回。")


class QuoteMismatch(ChainfinError):
    """An award is of the very quote and price it names, for the request and lot as they stand."""

    request_id: int
    quote: str
    en = (
        "Quote {quote} does not fit the award or financing request {request_id} as it stands.",
        "Read request and quote again; award a quote made for them.",
    )
    zh = (
        "报价 {quote} 与中标指令或融资申请 {request_id} 的现状不一致。",
        "请重新核对申请与报价，选择与之相符的报价。",
    )


class QuoteAlreadyFunded(ChainfinError):
    """Money is set aside for a quote once at a time."""

    funder: int
    quote: str
    en = (
        "Organisation {funder} has funded quote {quote} already.",
        "Nothing is to be done: the quote is firm until it expires.",
    )
    zh = ("机构 {funder} 已为报价 {quote} 备款。", "无需操作：该报价在有效期内已备款。")


class AlreadyReserved(ChainfinError):
    """A deposit sets money aside for a quote once at a time."""

    organisation: int
    quote: str
    en = (
        "Money of organisation {organisation} is set aside for quote {quote} already.",
        "Nothing is to be done: the quote is firm until it expires.",
    )
    zh = ("机构 {organisation} 已为报价 {quote} 专项划存。", "无需操作：该报价在有效期内已备款。")


class QuoteNotFunded(ChainfinError):
    """A quote without its funder's signatures is awarded only where money is set aside for it."""

    funder: int
    quote: str
    en = (
        "Organisation {funder} has set nothing aside for quote {quote}.",
        "Award the quote with its funder's signatures, or have the funder fund it.",
    )
    zh = (
        "机构 {funder} 未为报价 {quote} 备款。",
        "请附资金方签名选定该报价，或请资金方备款。",
    )


class FundedQuoteExpired(ChainfinError):
    """A funded quote binds until it expires, and no longer."""

    quote: str
    expires_at: int
    en = (
        "Quote {quote} was funded until {expires_at}.",
        "Ask its funder for a new quote.",
    )
    zh = ("报价 {quote} 的备款有效期至 {expires_at}。", "请资金方重新报价。")


class FundedQuoteBinding(ChainfinError):
    """What is set aside for a quote stays so until it expires or its request ends."""

    quote: str
    expires_at: int
    en = (
        "Quote {quote} is firm until {expires_at}.",
        "Wait until it expires or its financing request has ended.",
    )
    zh = ("报价 {quote} 在 {expires_at} 前不得撤回。", "请待其到期或融资申请结束。")


class ReceivableDue(ChainfinError):
    """An early payment comes before the due instant; from then on all of it is owed."""

    receivable_id: int
    maturity_at: int
    en = (
        "Receivable {receivable_id} is due since {maturity_at}.",
        "Pay it in full with settle_receivable.",
    )
    zh = ("应收账款 {receivable_id} 已于 {maturity_at} 到期。", "请以 settle_receivable 全额支付。")


class RequestChanged(ChainfinError):
    """An order about a financing request names the lot that the request is for."""

    request_id: int
    lot_id: str
    en = (
        "Financing request {request_id} is for lot {lot_id}.",
        "Read the request again and sign for its lot.",
    )
    zh = ("融资申请 {request_id} 对应的凭证为 {lot_id}。", "请重新核对申请，按其凭证签署。")


class RemainingTenorTooShort(ChainfinError):
    """A lot is financed while it still runs as long as its programme asks."""

    receivable_id: int
    maturity_at: int
    minimum_days: int
    en = (
        "Receivable {receivable_id} is due at {maturity_at}; its programme asks for "
        "{minimum_days} more days.",
        "Hold the lot until it is paid.",
    )
    zh = (
        "应收账款 {receivable_id} 于 {maturity_at} 到期，项目要求剩余期限不少于 "
        "{minimum_days} 天。",
        "请持有至到期收款。",
    )


class FilingMissing(ChainfinError):
    """Where a programme asks for it, a funder files with the registry before it buys."""

    request_id: int
    funder: int
    en = (
        "Organisation {funder} has recorded no filing for financing request {request_id}.",
        "The funder files with the national registry first, and orders record_filing.",
    )
    zh = (
        "机构 {funder} 尚未就融资申请 {request_id} 记录登记。",
        "请资金方先在统一登记公示系统办理登记，再办理 record_filing。",
    )


class PriceAboveFaceValue(ChainfinError):
    """A funder pays no more than the face value it gets, with what is held back."""

    net_proceeds_minor: int
    holdback_minor: int
    part_face_value_minor: int
    en = (
        "The price is {net_proceeds_minor} minor units and {holdback_minor} are held back, for a "
        "face value of {part_face_value_minor}.",
        "Quote price and holdback of at most the face value together.",
    )
    zh = (
        "报价 {net_proceeds_minor} 与尾款 {holdback_minor} 个最小货币单位之和，"
        "高于票面金额 {part_face_value_minor}。",
        "报价与尾款之和不得高于票面金额。",
    )


class EarlyPaymentWithTerms(ChainfinError):
    """An anchor that pays its own debt early holds nothing back, and bears its own discount."""

    request_id: int
    en = (
        "The anchor pays early under financing request {request_id}, with a holdback or a share "
        "of the discount.",
        "Quote without a holdback, and award without the anchor's share.",
    )
    zh = (
        "核心企业在融资申请 {request_id} 下提前付款，却附有尾款或贴现息分担。",
        "报价不得留尾款，选定时不得计入核心企业承担的贴现息。",
    )


class HoldbackStanding(ChainfinError):
    """What an earlier seller still gets of a lot is nobody else's to sell or hold back."""

    lot_id: str
    seller: int
    amount_minor: int
    en = (
        "Of lot {lot_id} the last {amount_minor} minor units are held back for organisation "
        "{seller}.",
        "Sell it without another holdback; the anchor cannot pay it early.",
    )
    zh = (
        "凭证 {lot_id} 的最后 {amount_minor} 个最小货币单位为机构 {seller} 的尾款。",
        "请不另留尾款转让；核心企业不得提前付款。",
    )


class PartByTransfer(ChainfinError):
    """Only a whole lot is sold against a bank transfer: it is locked whole meanwhile."""

    request_id: int
    part_face_value_minor: int
    face_value_minor: int
    en = (
        "Financing request {request_id} is for {part_face_value_minor} minor units of a lot of "
        "{face_value_minor}.",
        "Split the part off first and request financing of it, or award a quote from a deposit.",
    )
    zh = (
        "融资申请 {request_id} 只涉及凭证 {face_value_minor} 个最小货币单位中的 "
        "{part_face_value_minor}。",
        "请先拆分再就子凭证申请融资，或选定以存款支付的报价。",
    )


class SettlementBankMissing(ChainfinError):
    """Whoever is paid by bank transfer has named the bank whose word counts."""

    organisation: int
    currency: str
    en = (
        "Organisation {organisation} has named no settlement bank for {currency}.",
        "Name it with name_settlement_bank, or award a quote that is paid from a deposit.",
    )
    zh = (
        "机构 {organisation} 未指定 {currency} 账户行。",
        "请先指定账户行，或选定以存款支付的报价。",
    )


class FundingNotAwaited(ChainfinError):
    """Only an award that waits for its price is confirmed, attested or ended."""

    request_id: int
    quote: str
    en = (
        "No price of quote {quote} is awaited under financing request {request_id}.",
        "See the request: it may be funded already, or the award have ended.",
    )
    zh = (
        "融资申请 {request_id} 下的报价 {quote} 没有待到账的价款。",
        "请查看该申请：可能已放款，或选定已终止。",
    )


class NotFunder(ChainfinError):
    """An award that waits for its price is given up by its funder."""

    request_id: int
    funder: int
    organisation: int
    en = (
        "The funder of financing request {request_id} is organisation {funder}, not "
        "{organisation}.",
        "Have the funder order it.",
    )
    zh = (
        "融资申请 {request_id} 的资金方是机构 {funder}，而非 {organisation}。",
        "请由资金方下达指令。",
    )


class FundingAwaitedUntil(ChainfinError):
    """An award waits for its price until it is to be paid by, and a week more for its bank."""

    request_id: int
    instant_at: int
    en = (
        "The price under financing request {request_id} is awaited until {instant_at}.",
        "Wait until then, or have the funder give the award up.",
    )
    zh = (
        "融资申请 {request_id} 的价款等待至 {instant_at}。",
        "请等待至该时间，或由资金方放弃。",
    )


class FundedAmountDiffers(ChainfinError):
    """What is attested is the price that both sides signed, no cent else."""

    request_id: int
    net_proceeds_minor: int
    amount_minor: int
    en = (
        "The price under financing request {request_id} is {net_proceeds_minor} minor units, not "
        "{amount_minor}.",
        "Attest a line that bears the price, or have what is missing paid.",
    )
    zh = (
        "融资申请 {request_id} 的价款为 {net_proceeds_minor} 个最小货币单位，而非 {amount_minor}。",
        "请以足额的明细证明，或补足差额。",
    )


class InterestShareMalformed(ChainfinError):
    """An anchor bears more than nothing of a discount, and at most all of it."""

    share_bps: int
    en = (
        "A share of {share_bps} basis points is none of a discount.",
        "Give a share from 1 to 10,000 basis points.",
    )
    zh = ("贴现息分担比例 {share_bps} 个基点无效。", "请填写 1 至 10,000 个基点。")


class InterestAlreadyBorne(ChainfinError):
    """Of one request's discount the anchor bears one share."""

    request_id: int
    en = (
        "The anchor bears a share of the discount of financing request {request_id} already.",
        "Wait until it has expired and is released.",
    )
    zh = (
        "核心企业已承担融资申请 {request_id} 的部分贴现息。",
        "请待其到期并解除后再办理。",
    )


class InterestNotBorne(ChainfinError):
    """Only what is set aside for a discount is released."""

    request_id: int
    en = (
        "Nothing is set aside for the discount of financing request {request_id}.",
        "Nothing to do: it was paid or released.",
    )
    zh = ("融资申请 {request_id} 没有划存的贴现息。", "无需处理：已支付或已解除。")


class InterestBinding(ChainfinError):
    """What an anchor set aside stays so until it expires or its request ends."""

    request_id: int
    expires_at: int
    en = (
        "The anchor bears its share under financing request {request_id} until {expires_at}, or "
        "until the awarded price is there.",
        "Wait until it expires or the request has ended.",
    )
    zh = (
        "核心企业在融资申请 {request_id} 下承担贴现息至 {expires_at}，或至已选定的价款到账。",
        "请待其到期或融资申请结束。",
    )


class InterestChanged(ChainfinError):
    """The holder signs for the very share of the discount that the anchor pays it."""

    request_id: int
    obligor_interest_minor: int
    signed_minor: int
    en = (
        "The anchor pays {obligor_interest_minor} minor units of the discount under financing "
        "request {request_id}; {signed_minor} were signed.",
        "Draft the award again: the anchor's share has expired, or the quote is another.",
    )
    zh = (
        "核心企业在融资申请 {request_id} 下承担贴现息 {obligor_interest_minor} 个最小货币单位，"
        "签署的是 {signed_minor}。",
        "请重新起草：核心企业的承担已到期，或报价不同。",
    )


class RecourseMissing(ChainfinError):
    """A claim or a repurchase needs a sale with recourse."""

    lot_id: str
    en = (
        "Lot {lot_id} was not sold with recourse, or was repurchased since.",
        "Claim from the anchor: nobody else is answerable for the lot.",
    )
    zh = (
        "凭证 {lot_id} 并非带追索权转让，或已被回购。",
        "请向核心企业追偿，该凭证无其他追索对象。",
    )


class RecourseAlreadyClaimed(ChainfinError):
    """A claim for recourse is made once."""

    lot_id: str
    seller: int
    en = (
        "The claim on organisation {seller} for lot {lot_id} was made before.",
        "Wait for its repurchase.",
    )
    zh = ("已就凭证 {lot_id} 向机构 {seller} 提出追索。", "请等待其回购。")


class NotSeller(ChainfinError):
    """A lot is repurchased by the organisation that last sold it with recourse."""

    lot_id: str
    seller: int
    organisation: int
    en = (
        "Lot {lot_id} was last sold with recourse by organisation {seller}, not by {organisation}.",
        "Have that organisation repurchase it first.",
    )
    zh = (
        "凭证 {lot_id} 最近一次带追索权的转让方是机构 {seller}，而非 {organisation}。",
        "请先由该机构回购。",
    )


class LateInterestTooLow(ChainfinError):
    """Who pays late signs for at least the interest that has accrued when the order runs."""

    receivable_id: int
    late_interest_minor: int
    signed_minor: int
    en = (
        "{late_interest_minor} minor units of late interest have accrued on receivable "
        "{receivable_id}; {signed_minor} were signed for.",
        "Draft the order again and sign it in time.",
    )
    zh = (
        "应收账款 {receivable_id} 已产生逾期利息 {late_interest_minor} 个最小货币单位，"
        "签署的上限为 {signed_minor}。",
        "请重新起草并及时签署指令。",
    )


# --- Money outside the chain: ParticipantRegistry, Settlement ----------------------------------


class BankOfItself(ChainfinError):
    """What an organisation is paid, another than itself attests."""

    organisation: int
    en = ("Organisation {organisation} is not its own bank.", "Name another settlement bank.")
    zh = ("机构 {organisation} 不能作为自己的账户行。", "请指定其他结算银行。")


class NotPayeesBank(ChainfinError):
    """Only the bank that the payee named attests what the payee was paid."""

    payee: int
    bank: int
    organisation: int
    en = (
        "The bank of organisation {payee} is organisation {bank} (0: none named), not "
        "{organisation}.",
        "Have the payee name its bank, and wait until that counts.",
    )
    zh = (
        "机构 {payee} 的账户行是机构 {bank}（0 表示未指定），而非 {organisation}。",
        "请由收款方指定账户行，并等待生效。",
    )


class ConfirmationMissing(ChainfinError):
    """Where the payee's bank may be the payer's too, the payee says the same as its bank."""

    lot_id: str
    payee: int
    bank: int
    en = (
        "Organisation {bank} may be the payer's bank as well, and organisation {payee} has not "
        "confirmed this payment on lot {lot_id}.",
        "Have the payee confirm the very same; or the anchor name its own bank.",
    )
    zh = (
        "机构 {bank} 可能同时是付款方的银行，而机构 {payee} 尚未确认凭证 {lot_id} 的该笔付款。",
        "请由收款方确认同一笔付款，或由核心企业指定其账户行。",
    )


class PaymentShared(ChainfinError):
    """A payment outside the chain settles a lot whose payment is its holder's alone."""

    lot_id: str
    payee: int
    amount_minor: int
    en = (
        "Of what is outstanding on lot {lot_id} organisation {payee} gets {amount_minor} minor "
        "units (0: it waits): a pledgee or an earlier seller has a claim on it.",
        "Settle from the anchor's deposit, which pays each what is theirs.",
    )
    zh = (
        "凭证 {lot_id} 的未付款中，机构 {payee} 应得 {amount_minor} 个最小货币单位"
        "（0 表示须等待）：质权人或在先转让方享有权利。",
        "请由核心企业从存款支付，各方各得其份。",
    )


class AttestedAmountDiffers(ChainfinError):
    """What is attested is all that was outstanding, with the interest accrued; no cent else."""

    lot_id: str
    outstanding_minor: int
    late_interest_minor: int
    en = (
        "On lot {lot_id} {outstanding_minor} minor units were outstanding and "
        "{late_interest_minor} of late interest had accrued; another amount pays nothing.",
        "Have what is missing paid, or settle from the anchor's deposit.",
    )
    zh = (
        "凭证 {lot_id} 未付 {outstanding_minor} 个最小货币单位，逾期利息 {late_interest_minor}；"
        "金额不符的不能结清。",
        "请补足差额，或由核心企业从存款支付。",
    )


class StatementLineMissing(ChainfinError):
    """An attestation names the line of the bank's statement that it stands on."""

    lot_id: str
    en = (
        "The attestation of a payment on lot {lot_id} names no line of a statement.",
        "Import the statement and attest one of its lines.",
    )
    zh = ("凭证 {lot_id} 的付款证明未指明对账单明细。", "请导入对账单并以其明细证明。")


class StatementLineChanged(ChainfinError):
    """A line is one bank's and of one amount, whoever attests what part of it."""

    line_hash: str
    bank: int
    amount_minor: int
    en = (
        "Line {line_hash} was attested by organisation {bank} with {amount_minor} minor units.",
        "Attest it as it was before.",
    )
    zh = (
        "对账单明细 {line_hash} 此前由机构 {bank} 以 {amount_minor} 个最小货币单位证明。",
        "请与此前一致。",
    )


class StatementLineUsed(ChainfinError):
    """A line of a statement pays once: its parts are never more than it."""

    line_hash: str
    available_minor: int
    amount_minor: int
    en = (
        "Of line {line_hash} {available_minor} minor units are left; {amount_minor} are needed.",
        "Look up what the line paid; attest another line.",
    )
    zh = (
        "对账单明细 {line_hash} 剩余 {available_minor} 个最小货币单位，需要 {amount_minor}。",
        "请查询该明细已结清的凭证，或以其他明细证明。",
    )


# --- Credit lines: CreditLines ----------------------------------------------------------------


class CreditLineMissing(ChainfinError):
    """A funder that keeps credit lines buys nothing without one."""

    funder: int
    anchor: int
    currency: str
    en = (
        "Organisation {funder} keeps credit lines, but none in {currency} on organisation {anchor} "
        "or its group.",
        "Have the funder set one.",
    )
    zh = (
        "机构 {funder} 设有授信额度，但对机构 {anchor} 及其集团没有 {currency} 额度。",
        "请由资金方设立额度。",
    )


class CreditLineExceeded(ChainfinError):
    """A funder buys no more of an anchor's debt than its line has left."""

    funder: int
    anchor: int
    currency: str
    available_minor: int
    amount_minor: int
    en = (
        "The line of organisation {funder} on organisation {anchor} has {available_minor} minor "
        "units of {currency} left; {amount_minor} are needed.",
        "Finance a smaller part, wait for payments, or have the funder raise its limit.",
    )
    zh = (
        "机构 {funder} 对机构 {anchor} 的 {currency} 额度剩余 {available_minor} 个最小货币单位，"
        "需要 {amount_minor}。",
        "请减少融资金额、等待还款，或由资金方提高额度。",
    )


class CreditLineExpired(ChainfinError):
    """A credit line is used no later than its expiry."""

    funder: int
    anchor: int
    currency: str
    expires_at: int
    en = (
        "The {currency} line of organisation {funder} on organisation {anchor} was valid until "
        "{expires_at}.",
        "Have the funder renew it.",
    )
    zh = (
        "机构 {funder} 对机构 {anchor} 的 {currency} 额度有效期至 {expires_at}。",
        "请由资金方续期。",
    )


# --- Payment: Settlement, TokenisedDeposit ----------------------------------------------------


class NotObligor(ChainfinError):
    """Only a receivable's obligor orders its payment."""

    receivable_id: int
    obligor: int
    organisation: int
    en = (
        "Receivable {receivable_id} is owed by organisation {obligor}, not by {organisation}.",
        "Have the obligor sign.",
    )
    zh = (
        "应收账款 {receivable_id} 的债务人是机构 {obligor}，而非机构 {organisation}。",
        "请由债务人签署。",
    )


class OnlyByOrder(ChainfinError):
    """Deposit money moves only by signed orders, never by ERC-20 calls."""

    en = (
        "Deposit money cannot be moved by transfer, approve or transferFrom.",
        "Order an award, a settlement or a redemption instead.",
    )
    zh = (
        "代币化存款不能通过 transfer、approve 或 transferFrom 划转。",
        "请改用中标、付款或赎回指令。",
    )


class NotTheBank(ChainfinError):
    """Only a deposit's own bank opens its accounts and mints its money."""

    organisation: int
    bank: int
    en = (
        "Organisation {organisation} is not the bank of this deposit; organisation {bank} is.",
        "Have that bank sign, or use your own deposit contract.",
    )
    zh = (
        "机构 {organisation} 不是该存款合约的银行，该银行是机构 {bank}。",
        "请由该银行签署，或使用本行的存款合约。",
    )


class AccountUnknown(ChainfinError):
    """Money is paid from and to open deposit accounts."""

    organisation: int
    en = (
        "Organisation {organisation} has no account with this deposit's bank.",
        "Have the bank open one.",
    )
    zh = ("机构 {organisation} 在该存款银行没有账户。", "请由该银行开立账户。")


class AccountAlreadyOpen(ChainfinError):
    """An organisation has one account in a deposit."""

    organisation: int
    en = (
        "Organisation {organisation} has an account already.",
        "Leave it out of the list.",
    )
    zh = ("机构 {organisation} 已有账户。", "请将其从名单中去掉。")


class DepositTooLarge(ChainfinError):
    """All deposit money of one bank in one currency stays within the largest amount."""

    amount_minor: int
    available_minor: int
    en = (
        "{amount_minor} minor units cannot be credited; at most {available_minor} fit.",
        "Credit less, or have holders redeem first.",
    )
    zh = (
        "无法入金 {amount_minor} 个最小货币单位，最多可入 {available_minor}。",
        "请减少金额，或先由持有人赎回。",
    )


class DepositTooSmall(ChainfinError):
    """A payment is covered by free deposit money."""

    organisation: int
    balance_minor: int
    amount_minor: int
    en = (
        "Organisation {organisation} has {balance_minor} minor units for this; {amount_minor} "
        "would be needed.",
        "Have the bank credit the account, or lower the amount.",
    )
    zh = (
        "机构 {organisation} 可用 {balance_minor} 个最小货币单位，不足以办理 {amount_minor}。",
        "请先由银行入金，或降低金额。",
    )


class WrongCurrency(ChainfinError):
    """An order about money names the currency of the deposit it moves."""

    currency: str
    expected: str
    en = (
        "The order says {currency}; the deposit is in {expected}.",
        "Draft the order again in {expected} and sign that.",
    )
    zh = (
        "指令币种为 {currency}，存款币种为 {expected}。",
        "请以 {expected} 重新起草指令并签署。",
    )


# --- May a lot move: TransferRules ------------------------------------------------------------


class ReceiverIsSender(ChainfinError):
    """A transfer changes the holder."""

    to: int
    en = ("Organisation {to} holds the lot already.", "Choose another receiver.")
    zh = ("机构 {to} 已持有该凭证。", "请选择其他接收方。")


class ReceiverIsObligor(ChainfinError):
    """A lot does not move to the organisation that owes it."""

    to: int
    en = (
        "Organisation {to} owes the lot.",
        "Choose another receiver; the obligor pays by settlement.",
    )
    zh = ("机构 {to} 是该凭证的债务人。", "请选择其他接收方；债务人应通过清分付款。")


class ReceiverNotAdmitted(ChainfinError):
    """A lot moves only to an admitted organisation."""

    to: int
    en = (
        "Organisation {to} is not admitted, or is suspended or blocked.",
        "Choose another receiver, or have the administration admit it.",
    )
    zh = ("机构 {to} 未准入、已暂停或已封禁。", "请选择其他接收方，或由管理方准入。")


class ReceiverHasNoAccount(ChainfinError):
    """A lot moves only to an organisation that its money can reach."""

    to: int
    deposit: str
    en = (
        "Organisation {to} has no account in the programme's deposit {deposit}.",
        "Have the settlement bank open one first.",
    )
    zh = (
        "机构 {to} 在项目的存款合约 {deposit} 中没有账户。",
        "请先由结算银行开立账户。",
    )


class TierLimitReached(ChainfinError):
    """A lot moves at most as many tiers as its programme allows."""

    tier: int
    maximum_tier: int
    en = (
        "The lot would reach tier {tier}; the programme allows {maximum_tier}.",
        "Finance the lot or keep it until it is paid.",
    )
    zh = (
        "流转后层级为 {tier}，项目上限为 {maximum_tier}。",
        "请改为融资，或持有至到期。",
    )


# --- What has no name of ours -----------------------------------------------------------------


class UnknownRefusal(ChainfinError):
    """A contract refuses by a rule that this catalogue names.

    Raised where it did not: another version of the contracts, or out of gas (no data at all).
    """

    revert_data: str
    en = (
        "The contracts refused with {revert_data}, which names no known rule.",
        "Check that service and contracts are of one version, then report the data.",
    )
    zh = (
        "合约以 {revert_data} 拒绝，未对应任何已知规则。",
        "请确认服务与合约版本一致，然后上报该数据。",
    )


class ContractFault(ChainfinError):
    """A contract ends an act by one of its rules, not by a fault of its language or libraries."""

    reason: str
    en = ("A contract stopped with a fault: {reason}.", "Nothing has changed; report the fault.")
    zh = ("合约因故障中止：{reason}。", "未发生任何变更，请上报该故障。")
