"""Why evidence is refused: one class per reason, and its name is the reason.

What the contracts refuse too has their name. What is already refused by a wire format keeps that
format's name (`chainfin.codec.errors`):
`ProofInvalid`, `CalldataNotCanonical`, `LogNotCanonical` and their like.
"""


class EvidenceRefused(ValueError):
    """The file does not prove what it says."""


# --- the two files ----------------------------------------------------------------------------


class TrustMalformed(EvidenceRefused):
    """The trust file is not in its form."""


class TrustMismatch(EvidenceRefused):
    """The evidence was made for another network, other contracts or another root of trust."""


class CheckpointUnsigned(EvidenceRefused):
    """A signature or time stamp of the trust file is wrong, or one that was asked for is absent."""


class FormUnknown(EvidenceRefused):
    """The evidence is of another format or version."""


class MemberMalformed(EvidenceRefused):
    """A member of the file is missing, unknown or in another form than its own."""


# --- headers and proofs -----------------------------------------------------------------------


class HeadersNotChained(EvidenceRefused):
    """A header is not the parent of the next one."""


class CheckpointMismatch(EvidenceRefused):
    """The last header is not the block that the auditor trusts."""


class HeaderSuperfluous(EvidenceRefused):
    """A header is before the first fact, or has no fact and no vote and is not the last."""


class HeaderMissing(EvidenceRefused):
    """The header of a fact's block is not there."""


class NodeMisplaced(EvidenceRefused):
    """A trie node is not used, is there twice, or does not stand where it is first used."""


class TransactionMisplaced(EvidenceRefused):
    """Transactions are not in chain order, or one is in no block of the file."""


class TransactionReverted(EvidenceRefused):
    """A transaction did not succeed: nothing happened in it."""


class TransactionSuperfluous(EvidenceRefused):
    """A transaction holds no fact of the receivable."""


class StateMismatch(EvidenceRefused):
    """The facts lead to another state than the contracts had at the checkpoint."""


# --- seals ------------------------------------------------------------------------------------


class ValidatorsMismatch(EvidenceRefused):
    """A header names other validators than the trusted ones as votes have changed them."""


class ProposerUnknown(EvidenceRefused):
    """A block was proposed by none of the validators in force."""


class SealByStranger(EvidenceRefused):
    """A seal is by none of the validators in force."""


class SealTwice(EvidenceRefused):
    """One validator sealed a block twice."""


class SealsTooFew(EvidenceRefused):
    """Fewer than two thirds of the validators sealed a block."""


# --- facts ------------------------------------------------------------------------------------


class FactMissing(EvidenceRefused):
    """The running numbers of the facts have a gap, or end before the contract's own count."""


class FactImpossible(EvidenceRefused):
    """A fact contradicts the facts before it."""


class FactNotOrdered(EvidenceRefused):
    """A fact is not what the signed order in its transaction asked for."""


class PaymentMissing(EvidenceRefused):
    """Title moved or a claim was reduced, and the money that belongs to it did not move."""


class LotUnknown(EvidenceRefused):
    """The receivable has no such lot at the checkpoint."""


class ValueNotConserved(EvidenceRefused):
    """What lots are owed and were paid is not the face of the receivable."""


# --- orders and keys --------------------------------------------------------------------------


class CallUnknown(EvidenceRefused):
    """A transaction does not call an act of a trusted contract directly."""


class OrderNotExecuted(EvidenceRefused):
    """The chain did not say that it ran this order with these keys."""


class WrongTarget(EvidenceRefused):
    """An order is for another contract."""


class OrderExpired(EvidenceRefused):
    """An order ran after its deadline."""


class ApprovalsMalformed(EvidenceRefused):
    """An order has no signature, or too many."""


class SamePerson(EvidenceRefused):
    """One person signed an order twice."""


class NonceOfAnotherKey(EvidenceRefused):
    """The nonce of an order is not its maker's."""


class SignatureInvalid(EvidenceRefused):
    """A signature is not by the key it names."""


class SignerUnknown(EvidenceRefused):
    """A key was not registered to the organisation, or its registration is not proven."""


class KeySuperfluous(EvidenceRefused):
    """A proven key signed nothing here, or the keys are not in order."""


class RoleRequired(EvidenceRefused):
    """A key may not sign what it signed."""


class KeyNotValid(EvidenceRefused):
    """A key was not yet valid, or no longer, when its order ran."""


# --- subject, documents and statement ---------------------------------------------------------


class SubjectMismatch(EvidenceRefused):
    """The file's receivables and lots are not those its subject asks for."""


class DocumentMismatch(EvidenceRefused):
    """The document is not the one whose commitment is on the chain."""


class StatementMismatch(EvidenceRefused):
    """The file's statement is not what its proofs say."""
