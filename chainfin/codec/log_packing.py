"""The logs of one block as one run of bytes, which is how the index keeps them.

A row a log costs a database more than reading the log did; one value a block costs little more than
copying it. All numbers have four bytes, big-endian:

```
how many logs │ head head head … │ body body body …
head: log index │ transaction index │ how many topics │ bytes of the body
body: 0 address │ 0 transaction hash │ 0 topic … │ 0 data
```

The zero byte is what becomes of a text's `0x`: putting a zero in the place of `x` is far cheaper
than taking both out.
"""

from binascii import unhexlify
from collections.abc import Container, Iterator, Sequence
from struct import Struct, pack

from chainfin.codec.errors import LogNotCanonical
from chainfin.codec.hashing import ADDRESS_BYTES, WORD_BYTES
from chainfin.domain.events import LogPosition, RawLog

_COUNT = Struct(">I")
_HEAD = Struct(">IIII")
_ADDRESS_END = 2 * (1 + ADDRESS_BYTES)
_HASH_END = _ADDRESS_END + 2 * (1 + WORD_BYTES)
_TOPIC_DIGITS = 2 * (1 + WORD_BYTES)


def pack_logs(logs: Sequence[RawLog]) -> bytes:
    """Logs of one block, in order.

    Raises:
        LogNotCanonical: What should be hexadecimal text is not, or a hash has another length.
    """
    heads, digits = [len(logs)], 0
    texts: list[str] = []
    for address, topics, data, (_, _, _, transaction_hash, transaction_index, log_index) in logs:
        length = _HASH_END + _TOPIC_DIGITS * len(topics) + len(data)
        heads += (log_index, transaction_index, len(topics), length // 2)
        texts += (address, transaction_hash, *topics, data)
        digits += length
    text = "".join(texts)
    if len(text) != digits or text.count("x") != len(texts):
        raise LogNotCanonical(f"of {len(logs)} logs, one has a member of another length")
    try:
        return pack(f">{len(heads)}I", *heads) + unhexlify(text.replace("x", "0"))
    except ValueError as error:
        raise LogNotCanonical(f"a log is no hexadecimal text: {error}") from None


def unpack_logs(
    packed: bytes,
    block_number: int,
    block_hash: str,
    timestamp: int,
    wanted: Container[int] | None = None,
) -> Iterator[RawLog]:
    """The logs that were packed, in order, with what is known of their block.

    Args:
        packed: What `pack_logs` made.
        block_number: The block they are of.
        block_hash: Its hash.
        timestamp: Its time.
        wanted: Only the logs with these indexes; None for all.
    """
    (count,) = _COUNT.unpack_from(packed)
    end = _COUNT.size + count * _HEAD.size
    for head in _HEAD.iter_unpack(packed[_COUNT.size : end]):
        log_index, transaction_index, topics, length = head
        begin, end = end, end + length
        if wanted is not None and log_index not in wanted:
            continue
        text = packed[begin:end].hex()
        data = _HASH_END + _TOPIC_DIGITS * topics
        yield RawLog(
            "0x" + text[2:_ADDRESS_END],
            tuple(
                [
                    "0x" + text[at + 2 : at + _TOPIC_DIGITS]
                    for at in range(_HASH_END, data, _TOPIC_DIGITS)
                ]
            ),
            "0x" + text[data + 2 :],
            LogPosition(
                block_number,
                block_hash,
                timestamp,
                "0x" + text[_ADDRESS_END + 2 : _HASH_END],
                transaction_index,
                log_index,
            ),
        )
