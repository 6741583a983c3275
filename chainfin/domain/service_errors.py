"""Every rule the service itself refuses by, before or beside the contracts.

The contracts' own rules stand in `errors` and `refusals`; these are about requests, drafts, rights,
and the node and database the service stands on.
"""

from chainfin.domain.errors import ChainfinError


def catalogue() -> dict[str, type[ChainfinError]]:
    """Every rule of this module by class name."""
    known = ChainfinError.__subclasses__()
    return {error.__name__: error for error in known if error.__module__ == __name__}


# --- requests ---------------------------------------------------------------------------------


class RequestMalformed(ChainfinError):
    """A request has the form that the service's description gives."""

    reason: str
    en = ("The request cannot be read: {reason}.", "Compare it with /openapi.json.")
    zh = ("无法读取请求：{reason}。", "请对照 /openapi.json。")


class IdempotencyKeyMissing(ChainfinError):
    """A request that records something carries an Idempotency-Key."""

    en = (
        "The header Idempotency-Key is missing.",
        "Send a new random value, and the same one when you repeat the request.",
    )
    zh = ("缺少请求头 Idempotency-Key。", "请附上新的随机值，重试同一请求时使用相同的值。")


class IdempotencyKeyReused(ChainfinError):
    """An Idempotency-Key belongs to one request for ever."""

    key: str
    en = (
        "The Idempotency-Key “{key}” was used for another request.",
        "Send this request under a new key.",
    )
    zh = ("Idempotency-Key“{key}”已用于另一请求。", "请为本请求使用新的值。")


class IdempotencyKeyInProgress(ChainfinError):
    """A request is repeated only once its first attempt has been answered."""

    key: str
    en = (
        "The first request with the Idempotency-Key “{key}” is still running.",
        "Repeat it in a moment.",
    )
    zh = ("Idempotency-Key 为“{key}”的首次请求仍在处理。", "请稍后重试。")


class NotFound(ChainfinError):
    """What is asked for exists, and the asker may know of it."""

    noun: str
    identifier: str
    en = (
        "There is no {noun} {identifier} that you may see.",
        "Check the number, and that your organisation is a party.",
    )
    zh = ("没有您可查看的 {noun} {identifier}。", "请核对编号，并确认贵机构是当事方。")


class NotAuthenticated(ChainfinError):
    """Whoever asks says who they are."""

    en = ("The request has no valid credential.", "Send your API key as a bearer token.")
    zh = ("请求没有有效的凭据。", "请以 bearer token 方式附上 API 密钥。")


class RightRequired(ChainfinError):
    """A credential opens only what its rights name."""

    right: str
    en = (
        "The credential does not have the right {right}.",
        "Use a credential that has it, or ask your administrator for one.",
    )
    zh = ("该凭据没有权限 {right}。", "请使用具有该权限的凭据，或向管理员申请。")


class SignInRefused(ChainfinError):
    """Whoever signs in shows a fresh message for this service, by a key that is valid on chain."""

    reason: str
    en = ("The sign-in is refused: {reason}.", "Ask for a new message and sign that.")
    zh = ("登录被拒绝：{reason}。", "请重新获取登录消息并签名。")


class ProviderUnavailable(ChainfinError):
    """An identity provider answers, and describes itself."""

    issuer: str
    reason: str
    en = (
        "The identity provider {issuer} cannot be asked: {reason}.",
        "Try again, or sign in with a key.",
    )
    zh = ("无法访问身份提供方 {issuer}：{reason}。", "请重试，或使用密钥登录。")


class TooManyCredentials(ChainfinError):
    """Of one label two API keys live at a time: the old one and its successor."""

    label: str
    limit: int
    en = (
        "There are {limit} live API keys “{label}” already.",
        "Revoke one of them, or give the new one another label.",
    )
    zh = ("“{label}”已有 {limit} 个有效的 API 密钥。", "请先撤销其一，或为新密钥使用其他标签。")


class EvidenceUnavailable(ChainfinError):
    """Evidence is handed out only if it verifies."""

    reason: str
    en = (
        "No evidence can be made: {reason}.",
        "Take a newer checkpoint and ask again; if it stays so, report it to the operator.",
    )
    zh = (
        "无法生成证据：{reason}。",
        "请采用更新的检查点后重试；若仍如此，请告知运营方。",
    )


class StampUnavailable(ChainfinError):
    """A time-stamping authority stamps what it is sent."""

    url: str
    reason: str
    en = (
        "The authority at {url} gave no time stamp: {reason}.",
        "Check the address, or ask another authority.",
    )
    zh = ("{url} 的时间戳机构未给出时间戳：{reason}。", "请核对地址，或改用其他机构。")


# --- drafts and orders ------------------------------------------------------------------------


class ActUnknown(ChainfinError):
    """An order is of a known act."""

    act: str
    known: str
    en = ("There is no act “{act}”.", "Use one of: {known}.")
    zh = ("没有名为“{act}”的业务操作。", "可用操作：{known}。")


class FieldMissingInDraft(ChainfinError):
    """A draft names every field of its act."""

    field: str
    act: str
    en = ("“{field}” is missing for {act}.", "Add it to the draft.")
    zh = ("{act} 缺少字段“{field}”。", "请补充该字段。")


class FieldUnknownInDraft(ChainfinError):
    """A draft names only fields of its act."""

    field: str
    act: str
    en = ("{act} has no field “{field}”.", "Leave it out, or correct its name.")
    zh = ("{act} 没有字段“{field}”。", "请去掉该字段，或更正字段名。")


class FieldMalformed(ChainfinError):
    """A field's value is of its kind."""

    field: str
    value: str
    expected: str
    en = ("“{field}” is “{value}”; expected is {expected}.", "Correct the value.")
    zh = ("字段“{field}”的值为“{value}”，应为 {expected}。", "请更正该值。")


class BeneficiaryUnknown(ChainfinError):
    """An act in favour of somebody names an organisation of the network."""

    name: str
    en = (
        "No organisation is known as “{name}”.",
        "Give its number, or its name exactly as it was admitted.",
    )
    zh = ("没有名为“{name}”的机构。", "请填写机构编号，或与准入时完全一致的名称。")


class OrderMalformed(ChainfinError):
    """An order is the signed typed data of an act, unchanged."""

    reason: str
    en = ("The order cannot be read: {reason}.", "Submit the document exactly as it was drafted.")
    zh = ("无法读取指令：{reason}。", "请原样提交所起草的文件。")


class AttachmentMismatch(ChainfinError):
    """What is attached to an order is what the order was signed for."""

    reason: str
    en = (
        "The attachment does not fit the order: {reason}.",
        "Attach what the draft was made from.",
    )
    zh = ("附件与指令不符：{reason}。", "请附上起草时所用的内容。")


# --- statements and payments ------------------------------------------------------------------


class AccountNotYours(ChainfinError):
    """A statement is of an account that its importer has named."""

    account: str
    currency: str
    en = (
        "The statement is of account {account} in {currency}, which you have not named.",
        "Nothing was imported. Name the account first, or import the right file.",
    )
    zh = (
        "对账单属于账户 {account}（{currency}），贵机构未登记该账户。",
        "未导入任何内容。请先登记该账户，或导入正确的文件。",
    )


class StatementChanged(ChainfinError):
    """A bank's statement, once imported, stays what it was."""

    statement_id: str
    account: str
    en = (
        "Statement {statement_id} of account {account} was imported with other lines.",
        "Nothing was imported; ask the bank which of the two is right.",
    )
    zh = (
        "账户 {account} 的对账单 {statement_id} 已导入，且内容不同。",
        "未导入任何内容，请向银行确认哪一份正确。",
    )


class LineNotAttestable(ChainfinError):
    """Only a line that was recognised exactly, a booked credit with the bank's reference, proves.

    What is for a person to look at never becomes an attestation.
    """

    line_hash: str
    found: str
    en = (
        "Line {line_hash} proves no payment: {found}.",
        "Match the statement first; a line that differs from what was expected is not attested.",
    )
    zh = (
        "对账单明细 {line_hash} 不能证明付款：{found}。",
        "请先完成匹配；与应收不符的明细不能用于证明。",
    )


class AccountMissing(ChainfinError):
    """Whoever is paid has named an account."""

    organisation: int
    currency: str
    en = (
        "Organisation {organisation} has named no account in {currency}.",
        "Ask it to name one; a payment is not sent without.",
    )
    zh = ("机构 {organisation} 未登记 {currency} 账户。", "请通知其登记账户后再付款。")


# --- documents --------------------------------------------------------------------------------


class DocumentErased(ChainfinError):
    """A document whose key was destroyed is read by nobody."""

    fingerprint: str
    en = (
        "The key of document {fingerprint} was destroyed; nobody can read it any more.",
        "Ask its owner whether the paper exists; the chain still proves what was done on it.",
    )
    zh = (
        "单据 {fingerprint} 的密钥已销毁，任何人均无法再读取。",
        "请向其所有者查询原件；链上仍可证明相关行为。",
    )


class DocumentDisputed(ChainfinError):
    """A disputed document carries no new receivable."""

    fingerprint: str
    reason: str
    en = (
        "Document {fingerprint} is disputed: “{reason}”.",
        "Settle the dispute and have its owner withdraw it, or issue on an undisputed document.",
    )
    zh = (
        "单据 {fingerprint} 存在争议：“{reason}”。",
        "请解决争议并由其所有者撤回，或使用无争议的单据。",
    )


class AnchorNotAdmitted(ChainfinError):
    """An invoice is financed on the word of its buyer, who is an admitted anchor."""

    buyer: str
    en = (
        "“{buyer}” is not admitted as an anchor, or is suspended.",
        "Have the administration admit the buyer first.",
    )
    zh = ("“{buyer}”未以核心企业身份准入，或已暂停。", "请先由管理方准入该买方。")


class BuyerNotCaller(ChainfinError):
    """An anchor hands in invoices that are billed to itself."""

    buyer: str
    en = (
        "The invoice is billed to “{buyer}”, which is not your organisation.",
        "Have the buyer hand it in.",
    )
    zh = ("发票的买方为“{buyer}”，并非贵机构。", "请由买方提交。")


class CurrencyWithoutProgramme(ChainfinError):
    """An invoice is financed in a currency its anchor has an open programme in."""

    currency: str
    en = ("You have no open programme in {currency}.", "Order open_programme in it first.")
    zh = ("贵机构没有 {currency} 币种的有效项目。", "请先办理 open_programme。")


class ThreeWayMatchMissing(ChainfinError):
    """Where a programme asks for it, an invoice is matched with order and delivery before issue."""

    fingerprint: str
    programme_id: int
    en = (
        "Programme {programme_id} asks for a three-way match; document {fingerprint} has none.",
        "Hand the invoice in again, with its order and its delivery notes or warehouse receipts.",
    )
    zh = (
        "项目 {programme_id} 要求三单匹配，单据 {fingerprint} 尚未匹配。",
        "请连同订单和送货单重新提交发票。",
    )


class SupportingDocuments(ChainfinError):
    """A three-way match takes one order, and delivery notes or warehouse receipts on it."""

    orders: int
    deliveries: int
    en = (
        "{orders} orders and {deliveries} delivery notes or warehouse receipts were handed in.",
        "Hand in one order and at least one delivery note or warehouse receipt.",
    )
    zh = (
        "提交了 {orders} 份订单和 {deliveries} 份送货单或仓单。",
        "请提交一份订单和至少一份送货单或仓单。",
    )


class DocumentUsedElsewhere(ChainfinError):
    """A document financed on one platform is financed on no other."""

    en = (
        "Another platform of the consortium has financed this document.",
        "Do not finance it. Its parties are named on an order of a court or supervisor alone.",
    )
    zh = ("联盟内另一平台已对该单据融资。", "请勿重复融资；仅凭法院或监管机构指令告知相关方。")


class RegistryUnavailable(ChainfinError):
    """A document is taken only when every platform of the consortium has said it is free."""

    name: str
    en = (
        "The registry {name} does not answer.",
        "Try again; the document is not taken without its answer.",
    )
    zh = ("登记平台 {name} 没有应答。", "请重试；未获其答复前不受理该单据。")


class TooManyQuestions(ChainfinError):
    """A platform asks the registry no more than the operator allows."""

    limit: int
    en = (
        "More than {limit} claims were asked about within a minute.",
        "Wait a minute, or agree on a higher limit with the operator.",
    )
    zh = ("一分钟内查询超过 {limit} 笔。", "请稍候一分钟，或与运营方商定更高限额。")


class TooManyRequests(ChainfinError):
    """A caller asks no more often than the operator allows."""

    limit: int
    seconds: int
    en = (
        "More than {limit} requests came within a minute.",
        "Wait {seconds} seconds and ask again.",
    )
    zh = ("一分钟内请求超过 {limit} 次。", "请等待 {seconds} 秒后重试。")


class RequestTooLarge(ChainfinError):
    """A request's body is no larger than what it is for."""

    limit: int
    en = (
        "The request has more than {limit} bytes.",
        "Send it in parts; files and orders may be larger than other requests.",
    )
    zh = ("请求超过 {limit} 字节。", "请分批发送；文件和指令类请求的上限较大。")


class AnswerTooSlow(ChainfinError):
    """A question is answered within the time the operator allows."""

    en = (
        "The answer takes longer than one request may.",
        "Ask for less at a time, or ask for an export.",
    )
    zh = ("生成结果的时间超过单个请求的上限。", "请缩小查询范围，或申请导出。")


class TooManyExports(ChainfinError):
    """An organisation waits for a bounded number of exports at a time."""

    waiting: int
    limit: int
    en = (
        "{waiting} exports are being made for you; at most {limit} may be.",
        "Ask again when one of them is done.",
    )
    zh = ("正在为您生成 {waiting} 个导出文件，最多 {limit} 个。", "请在其中一个完成后再申请。")


class WebhookUrlRefused(ChainfinError):
    """Events are sent to public addresses over https alone."""

    reason: str
    en = (
        "The URL is refused: {reason}.",
        "Give an https URL on port 443 whose name has public addresses only.",
    )
    zh = ("该 URL 不可用：{reason}。", "请提供 443 端口的 https 地址，且其域名只指向公网地址。")


class WebhookEventUnknown(ChainfinError):
    """An endpoint is told events that there are."""

    event: str
    en = ("There is no event “{event}”.", "Use the names that the event feed has.")
    zh = ("没有名为“{event}”的事件。", "请使用事件流中的事件名称。")


class TooManyEndpoints(ChainfinError):
    """An organisation has a bounded number of webhook endpoints."""

    limit: int
    en = ("There may be {limit} endpoints and no more.", "Delete one that is not used.")
    zh = ("最多可设置 {limit} 个接收地址。", "请先删除不再使用的地址。")


class ExportNotDone(ChainfinError):
    """A file is handed out once it is complete, and until it expires."""

    export_id: str
    status: str
    en = (
        "The export {export_id} has no file: it is {status}.",
        "Wait until it is done; ask for a new one if it failed or expired.",
    )
    zh = (
        "导出 {export_id} 没有文件：其状态为 {status}。",
        "请等待完成；若已失败或过期，请重新申请。",
    )


class EpochKeyMissing(ChainfinError):
    """Fingerprints are made under the key of the epoch that the chain takes."""

    epoch: int
    en = (
        "This service does not hold the fingerprint key of epoch {epoch}.",
        "Have the consortium hand it over, add it to the service's keys and start anew.",
    )
    zh = ("本服务未持有第 {epoch} 期指纹密钥。", "请向联盟取得该密钥，加入服务密钥后重新启动。")


class DocumentUnnamed(ChainfinError):
    """A document is used under its fingerprint of the live epoch."""

    fingerprint: str
    epoch: int
    because: str
    en = (
        "Document {fingerprint} has no fingerprint of epoch {epoch} ({because}).",
        "Hand the document in again: its fingerprints of every epoch are computed then.",
    )
    zh = (
        "单据 {fingerprint} 没有第 {epoch} 期的指纹（{because}）。",
        "请重新提交该单据，系统将重新计算各期指纹。",
    )


class PeriodTooLong(ChainfinError):
    """A statement has room for a number of rows."""

    limit: int
    en = ("More than {limit} rows of one kind fall into the period.", "Ask for a shorter one.")
    zh = ("该期间的记录超过 {limit} 条。", "请缩短期间。")


class SigningKeyMissing(ChainfinError):
    """A document handed out as PDF is signed by the service."""

    en = (
        "This service has no certificate to sign documents with.",
        "Ask for JSON, or let the operator set CHAINFIN_DOCUMENT_SIGNING_FILE.",
    )
    zh = (
        "本服务没有用于签署文件的证书。",
        "请改用 JSON 格式，或由运营方设置 CHAINFIN_DOCUMENT_SIGNING_FILE。",
    )


class SigningKeyUnusable(ChainfinError):
    """The certificate that documents are signed with is PKCS#12 with its password."""

    file: str
    en = (
        "{file} cannot be opened.",
        "Check that it is PKCS#12, and CHAINFIN_DOCUMENT_SIGNING_PASSWORD.",
    )
    zh = ("无法打开 {file}。", "请确认文件为 PKCS#12，并检查 CHAINFIN_DOCUMENT_SIGNING_PASSWORD。")


# --- keys -------------------------------------------------------------------------------------


class SignerMalformed(ChainfinError):
    """A signer is named by a keystore's path, a PKCS#11 URI, or the URL of a remote signer."""

    place: str
    reason: str
    en = ("{place} names no signer: {reason}.", "docs/keys.md has the forms with examples.")
    zh = ("{place} 无法作为签名方：{reason}。", "写法与示例见 docs/keys.md。")


class SignerUnavailable(ChainfinError):
    """A key in a token or behind a remote signer answers in time."""

    place: str
    reason: str
    en = (
        "The signer ({place}) is away: {reason}.",
        "Nothing is lost; bring the token or the remote signer back, then try again.",
    )
    zh = ("签名方（{place}）不可用：{reason}。", "数据未丢失，请恢复令牌或远程签名服务后重试。")


class SignerRefused(ChainfinError):
    """A signer signs what it is asked, with the key it is asked for."""

    place: str
    reason: str
    en = (
        "The signer ({place}) refuses: {reason}.",
        "Check its PIN, its access rules and its key, then try again.",
    )
    zh = ("签名方（{place}）拒绝：{reason}。", "请检查 PIN、访问规则与密钥后重试。")


class KeyExposed(ChainfinError):
    """What production keeps secret is readable by its own user alone, and is not a sample."""

    place: str
    reason: str
    en = ("{place} is not fit for production: {reason}.", "Replace it, or correct its mode.")
    zh = ("{place} 不可用于生产：{reason}。", "请更换，或更正文件权限。")


# --- the node and the network -----------------------------------------------------------------


class WrongChain(ChainfinError):
    """The service works with the one network it was deployed for."""

    expected: int
    found: int
    en = (
        "The node is on chain {found}; this service belongs to chain {expected}.",
        "Correct the node's URL or choose the other network's deployment file.",
    )
    zh = (
        "节点所在链为 {found}，本服务属于链 {expected}。",
        "请更正节点地址，或改用相应网络的部署文件。",
    )


class WrongGenesis(ChainfinError):
    """Two networks with one chain id differ in their first block."""

    expected: str
    found: str
    en = (
        "The network begins with block {found}; expected was {expected}.",
        "Connect to the right network, or deploy to this one.",
    )
    zh = (
        "网络的创世区块为 {found}，应为 {expected}。",
        "请连接正确的网络，或在该网络上部署。",
    )


class WrongNetworkContracts(ChainfinError):
    """The contracts at the deployment's addresses are those of this release."""

    contract: str
    address: str
    en = (
        "There is no {contract} of this release at {address}.",
        "Use the deployment file of this network and the release it was deployed with.",
    )
    zh = (
        "地址 {address} 处没有本版本的 {contract}。",
        "请使用该网络的部署文件，以及部署时的版本。",
    )


class NodeUnavailable(ChainfinError):
    """The service needs its node's answer."""

    reason: str
    en = ("The node does not answer: {reason}.", "Try again; if it lasts, check the node.")
    zh = ("节点没有应答：{reason}。", "请重试；若持续出现，请检查节点。")


class LeaseLost(ChainfinError):
    """A job of the service is done by one process at a time."""

    name: str
    en = (
        "Another process has taken over “{name}”.",
        "Nothing to do: what this one had not committed, the other one does.",
    )
    zh = ("另一进程已接管“{name}”。", "无需处理：本进程未提交的工作将由该进程完成。")


class OutboxFull(ChainfinError):
    """Orders are accepted only as far as they can be relayed."""

    waiting: int
    most: int
    en = (
        "{waiting} orders wait for the network; no more than {most} may.",
        "Send the same request again later, under the same Idempotency-Key.",
    )
    zh = (
        "已有 {waiting} 笔指令等待上链，上限为 {most}。",
        "请稍后使用相同的 Idempotency-Key 重试。",
    )


class TransactionImpossible(ChainfinError):
    """An order fits into one transaction of its network."""

    reason: str
    en = (
        "No node takes the transaction that carries this order: {reason}.",
        "Split the order into smaller ones.",
    )
    zh = ("没有节点接受承载该指令的交易：{reason}。", "请将指令拆分为较小的指令。")


class NodeRefused(ChainfinError):
    """The node carries out what it is asked."""

    rpc_code: int
    reason: str
    en = (
        "The node answered with error {rpc_code}: {reason}.",
        "Check that the node offers what `chainfin doctor` asks for.",
    )
    zh = (
        "节点返回错误 {rpc_code}：{reason}。",
        "请用 `chainfin doctor` 检查节点是否满足要求。",
    )


class NodeBehind(ChainfinError):
    """A node has reached the block it is asked about."""

    head: int
    wanted: int
    en = ("The node is at block {head}; {wanted} is needed.", "Wait until it has caught up.")
    zh = ("节点位于区块 {head}，需要 {wanted}。", "请等待节点同步。")


# --- development ------------------------------------------------------------------------------


class DevelopmentOnly(ChainfinError):
    """Some commands exist for the embedded network only."""

    command: str
    en = (
        "“{command}” works on the embedded development network only.",
        "Run it there: chainfin up.",
    )
    zh = ("“{command}”仅可用于内置开发网络。", "请在开发网络中运行：chainfin up。")


class DevelopmentKeyRefused(ChainfinError):
    """A key that the whole world knows signs nothing in production."""

    key: str
    en = (
        "Key {key} is a known development key.",
        "Create a key of your own: chainfin keys create.",
    )
    zh = ("密钥 {key} 是公开的开发密钥。", "请自行创建密钥：chainfin keys create。")


# --- ourselves --------------------------------------------------------------------------------


class ServiceFault(ChainfinError):
    """The service answers every request, or says which rule it refuses by."""

    request_id: str
    en = (
        "An unexpected fault ended the request.",
        "Repeat it with the same Idempotency-Key; if it fails again, report {request_id}.",
    )
    zh = (
        "请求因意外故障中止。",
        "请以相同的 Idempotency-Key 重试；若再次失败，请上报 {request_id}。",
    )


# --- the index ---------------------------------------------------------------------------------


class DatabaseOfAnotherChain(ChainfinError):
    """A database belongs to one network for ever."""

    found: str
    expected: str
    en = (
        "The database was filled from {found}; the service is on {expected}.",
        "Point the service at the right node, or give it an empty database.",
    )
    zh = (
        "数据库的内容来自 {found}，而服务连接的是 {expected}。",
        "请连接正确的节点，或使用空数据库。",
    )


class DatabaseNotBound(ChainfinError):
    """A database is bound to its network before it is read or filled."""

    en = (
        "The database has no network yet.",
        "Start the worker once, or run `chainfin index sync`.",
    )
    zh = ("数据库尚未绑定网络。", "请先启动一次 worker，或运行 `chainfin index sync`。")


class SettingOpen(ChainfinError):
    """Production runs only with settings that keep others out."""

    setting: str
    reason: str
    en = (
        "{setting} is not fit for production: {reason}.",
        "Correct it; `chainfin doctor` lists all such settings.",
    )
    zh = (
        "{setting} 不适合生产环境：{reason}。",
        "请更正；`chainfin doctor` 会列出所有此类设置。",
    )


class DatabaseNeedsMigration(ChainfinError):
    """A database has the shape of the release that uses it."""

    found: str
    expected: str
    en = (
        "The database is of revision {found} or has an older index; this release needs {expected}.",
        "Stop worker and API, back it up, and run `chainfin migrate`.",
    )
    zh = (
        "数据库为版本 {found} 或索引较旧，本版本需要 {expected}。",
        "请停止 worker 和 API，备份后运行 `chainfin migrate`。",
    )


class DatabaseRevisionUnknown(ChainfinError):
    """A database was not made by a newer release than the one that uses it."""

    found: str
    newest: str
    en = (
        "The database is of revision {found}; this release knows them up to {newest}.",
        "Run the release that made it, or a newer one, or restore the backup made before.",
    )
    zh = (
        "数据库为版本 {found}，本版本最高只支持 {newest}。",
        "请运行创建该数据库的版本或更新的版本，或恢复此前的备份。",
    )


class ReorganisationTooDeep(ChainfinError):
    """A block that the network's rules call final is never taken back."""

    block_number: int
    depth: int
    en = (
        "The chain no longer has block {block_number}, nor any block up to {depth} below it.",
        "Check that the node is on the right network and in agreement with its peers. If the"
        " network really went back this far, rewind the index by hand.",
    )
    zh = (
        "链上已没有区块 {block_number}，其下 {depth} 个区块内也没有共同区块。",
        "请检查节点是否在正确的网络上并与其他节点一致；若网络确已回退，请手工回退索引。",
    )


class LogGap(ChainfinError):
    """Every stream of events is numbered without gaps; a missing number is a missing log."""

    stream: str
    expected: int
    found: int
    en = (
        "The next event of {stream} should be number {expected}, but is {found}.",
        "Nothing after it is read. Check that the node has its logs complete, then rewind the index"
        " to a block before the gap.",
    )
    zh = (
        "{stream} 的下一个事件应为第 {expected} 号，实际为第 {found} 号。",
        "后续内容不再读取。请检查节点日志是否完整，再将索引回退到缺口之前的区块。",
    )


class RowMissing(ChainfinError):
    """An event speaks only of what earlier events made."""

    table: str
    key: str
    en = (
        "An event speaks of {table} {key}, which no earlier event made.",
        "Nothing after it is read. Check that the node has its logs complete, then rewind the index"
        " to a block before the gap.",
    )
    zh = (
        "某事件涉及 {table} {key}，但此前没有事件产生它。",
        "后续内容不再读取。请检查节点日志是否完整，再将索引回退到缺口之前的区块。",
    )


class LogsRefused(ChainfinError):
    """A node's answer is the answer to what was asked."""

    why: str
    en = (
        "The node's logs are refused: {why}.",
        "Nothing was read. If it happens again, the node is not fit to be read from.",
    )
    zh = ("节点返回的日志被拒绝：{why}。", "本次未读取任何内容；若再次发生，请更换节点。")


class HomeInUse(ChainfinError):
    """One system at a time runs on a home."""

    home: str
    en = (
        "Another process runs on {home}.",
        "Stop it first, or choose another folder with --home.",
    )
    zh = ("另一个进程正在使用 {home}。", "请先停止该进程，或用 --home 指定其他目录。")


class DatabaseUnavailable(ChainfinError):
    """The database answers."""

    en = (
        "The database is away, or ended the transaction; nothing was recorded.",
        "Repeat the request with the same Idempotency-Key in a moment.",
    )
    zh = (
        "数据库不可用或已中止事务；未记录任何内容。",
        "请稍后以相同的 Idempotency-Key 重试。",
    )


class StorageFull(ChainfinError):
    """The database has room for what is recorded."""

    en = (
        "The database has no room left; nothing was recorded.",
        "The operator must free space; then repeat the request with the same Idempotency-Key.",
    )
    zh = (
        "数据库空间不足；未记录任何内容。",
        "运营方须释放空间；之后请以相同的 Idempotency-Key 重试。",
    )
