"""What can be wrong with bytes or text before anybody asks what they mean.

These are refusals of the wire, not of the trade: a rule of the business that is broken has its
class in `chainfin.domain.errors`. Every refusal of this package is a `CodecError`, so an edge may
catch one class; the subclasses say which format was hurt.
"""

from typing import Self


class CodecError(ValueError):
    """Bytes or text that are not what their wire format says."""


class HexMalformed(CodecError):
    """Text is not lower-case, even-length hexadecimal behind `0x`, or has the wrong length."""


class RlpMalformed(CodecError):
    """Bytes are not the one canonical RLP form of an item."""


class RpcMalformed(CodecError):
    """A node's JSON answer lacks a field or has it in another form than the standard's."""


class EnvelopeBroken(CodecError):
    """Sealed bytes do not open with this key for this document and reader."""


class FieldError(CodecError):
    """A value does not fit the type it is encoded as.

    Attributes:
        path: Where in the message, like `parts[1].faceValue`; empty at the top.
        why: What is wrong there.
    """

    def __init__(self, why: str, path: str = "") -> None:
        super().__init__(f"{path}: {why}" if path else why)
        self.path = path
        self.why = why

    def inside(self, step: str) -> Self:
        """The same refusal seen from one level further out."""
        joint = "." if self.path and not self.path.startswith("[") else ""
        return type(self)(self.why, f"{step}{joint}{self.path}")


class FieldMissing(FieldError):
    """A field that the type has is absent."""


class FieldUnknown(FieldError):
    """A field is present that the type does not have."""


class FieldInvalid(FieldError):
    """A field holds a value outside its type."""


class TypeMalformed(CodecError):
    """The text or JSON that should describe a type does not."""


class AbiNotCanonical(CodecError):
    """ABI data is not what a compiler would have encoded for the value it seems to hold."""


class CalldataNotCanonical(AbiNotCanonical):
    """Calldata is not the only encoding of its arguments."""


class ResultNotCanonical(AbiNotCanonical):
    """The answer of a call is not the only encoding of its values."""


class LogNotCanonical(AbiNotCanonical):
    """Topics and data of a log are not the only encoding of its event."""


class RevertNotCanonical(AbiNotCanonical):
    """Revert data is not the only encoding of its error."""


class SelectorUnknown(CodecError):
    """The first four bytes name no function or error that we know."""


class EventUnknown(CodecError):
    """A log's contract and first topic name no event that we know."""


class TypedDataMalformed(CodecError):
    """A typed-data document does not have the four parts of EIP-712, or their form."""


class UnknownAct(TypedDataMalformed):
    """The primary type is no act of this system."""


class WrongTypes(TypedDataMalformed):
    """The document's types differ from the pinned ones of its act."""


class WrongChain(TypedDataMalformed):
    """The document is for another chain."""


class WrongDomain(TypedDataMalformed):
    """The document is for another system, version, registry or twin network."""


class KeyMalformed(CodecError):
    """A private key is not 32 bytes within the order of the curve."""


class SiweMalformed(CodecError):
    """A text is no sign-in message in the one form of EIP-4361."""


class SignatureMalformed(CodecError):
    """A signature is not r, s and v of 65 bytes, or no key can have made it."""


class SignatureNotLow(SignatureMalformed):
    """The s of a signature is in the upper half: the malleable twin of a valid one."""


class TransactionMalformed(CodecError):
    """Bytes are not the one canonical form of a signed transaction."""


class TransactionTypeUnsupported(TransactionMalformed):
    """A transaction of a type this system neither sends nor reads, such as a blob transaction."""


class TransactionMismatch(CodecError):
    """The transaction a node described does not have the hash the node gave."""


class HeaderMalformed(CodecError):
    """Bytes are not the one canonical form of a block header."""


class HeaderMismatch(CodecError):
    """The header a node described does not have the hash the node gave."""


class ReceiptMalformed(CodecError):
    """Bytes or a node's answer are not a receipt."""


class ProofInvalid(CodecError):
    """Trie nodes do not lead from the root to the item, or there are more of them than needed."""


class JsonUnsupported(CodecError):
    """A value has no canonical JSON form here: a float, a large integer, an odd key."""


class JsonNotCanonical(CodecError):
    """Bytes are not the canonical form of the JSON they hold."""


class JsonTooLarge(CodecError):
    """A JSON text is longer or deeper than its reader allows."""
