"""What a verified file proves and what it does not, in sentences, English and Chinese.

They stand in the file's own statement, so that whoever is handed the file reads the limits beside
the proof, and nobody can hand it on without them.
"""

from collections.abc import Sequence
from typing import TypedDict

from chainfin.evidence.package import Subject
from chainfin.evidence.seals import Seals


class Sentence(TypedDict):
    """One sentence in both languages."""

    en: str
    zh: str


class Claims(TypedDict):
    """What the file proves, and what it does not."""

    proves: list[Sentence]
    does_not_prove: list[Sentence]


def _say(en: str, zh: str) -> Sentence:
    return {"en": en, "zh": zh}


_ROOT = _say(
    "All headers are ancestors of the block whose hash the auditor trusts.",
    "全部区块头均为审计方所信任区块的祖先。",
)
_SEALED = _say(
    "Each header was sealed by at least two thirds of the validators the auditor trusts, as votes "
    "in sealed blocks have changed them.",
    "每个区块头均由审计方所信任的验证者（以及经已封印区块内投票产生的变更）中至少三分之二封印。",
)
_INCLUDED = _say(
    "Every transaction shown and its receipt are in these blocks, and it succeeded.",
    "所示每笔交易及其回执均包含在这些区块中，且执行成功。",
)
_ORDERED = _say(
    "Every order shown was signed by keys that were registered to the organisation with the "
    "needed role and valid when it ran, for this network, this contract and before its deadline.",
    "所示每份指令均由当时登记于该机构、具有所需角色且有效的密钥签署，"
    "仅用于本网络与本合约，并在截止时间前执行。",
)
_COMPLETE = _say(
    "No fact of these receivables up to the last block is missing or invented, and each is what "
    "its signed order asked for.",
    "截至最后区块，这些应收款的事实既无遗漏亦无虚构，且均与所签指令一致。",
)
_CONSERVED = _say(
    "What lots are owed and were paid adds up to the face value of each receivable, and every lot "
    "leads back to the root.",
    "每笔应收款各份额的未付与已付之和等于票面金额，且每个份额均可追溯至根份额。",
)
_OPENED = _say(
    "The disclosed documents are those committed to at issue.",
    "所披露的贸易单据即开立时所承诺的单据。",
)

_LATER = _say(
    "What happened after the last block.",
    "最后区块之后发生的事项。",
)
_IDENTITY = _say(
    "Which legal entity an organisation's number stands for; the registry holds a commitment to "
    "it that is opened elsewhere.",
    "机构编号对应的法律主体；登记簿中仅有其承诺值，须另行核验。",
)
_REALITY = _say(
    "That the trade behind a document took place.",
    "单据所载贸易真实发生。",
)
_CHAIN_ONLY = _say(
    "What only the contracts could check: the daily limit of a maker alone, an organisation's "
    "kind, status and licence, which bank it had named for what it is paid outside the chain, and "
    "signatures of keys that are contracts. Each was a condition of the transaction's success.",
    "仅合约可核查的事项：单独经办的每日限额、机构类别、状态与牌照，其为链下收款所指定的账户行，"
    "以及合约型密钥的签名。"
    "这些均为交易成功的前提条件。",
)
_CODE = _say(
    "That the contracts at the trusted addresses do what they should.",
    "受信地址上的合约按其应有方式运行。",
)
_OTHERS = _say(
    "That these are all the receivables this participant had a part in.",
    "这些即为该参与方涉及的全部应收款。",
)
_NEWER = _say(
    "That no newer block existed when the file was made.",
    "制作本文件时不存在更新的区块。",
)
_CLOSED = _say(
    "What is in the documents that are not disclosed.",
    "未披露单据的内容。",
)


def make_claims(subject: Subject, seals: Seals | None, opened: Sequence[bool]) -> Claims:
    """The sentences that fit a file.

    Args:
        subject: What it is about.
        seals: What its seals said; None where one block is trusted.
        opened: For each receivable whether its document is disclosed.
    """
    proves = [_ROOT if seals is None else _SEALED, _INCLUDED, _ORDERED, _COMPLETE, _CONSERVED]
    does_not = [_LATER, _IDENTITY, _REALITY, _CHAIN_ONLY, _CODE]
    if any(opened):
        proves.append(_OPENED)
    if not all(opened):
        does_not.append(_CLOSED)
    if seals is not None:
        does_not.append(_NEWER)
    if subject.kind == "participant":
        does_not.append(_OTHERS)
    return {"proves": proves, "does_not_prove": does_not}
