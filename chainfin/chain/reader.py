"""The chain as the indexer reads it: heads, headers, and the logs of our contracts."""

from collections.abc import Sequence
from dataclasses import dataclass

from chainfin.chain.client import Node
from chainfin.chain.network import Network
from chainfin.chain.proofs import read_proven_blocks
from chainfin.codec.errors import RpcMalformed
from chainfin.codec.logs import parse_logs
from chainfin.domain.audit import Finding
from chainfin.domain.events import BlockRef, ProvenBlock, RawLog
from chainfin.domain.service_errors import LogsRefused


@dataclass(frozen=True, slots=True)
class ChainReader:
    """Reads blocks and the logs of one deployment."""

    network: Network

    def head(self) -> BlockRef:
        """The newest block."""
        return self._node.head()

    def final_head(self) -> BlockRef:
        """The newest block the node calls final."""
        return self._node.final_head()

    def block(self, number: int) -> BlockRef | None:
        """A block by number; None if the node has none."""
        return self._node.block(number)

    def blocks(self, numbers: Sequence[int]) -> Sequence[BlockRef | None]:
        """Several blocks, in the order asked for, in few requests."""
        return self._node.blocks(numbers)

    def logs(self, from_block: int, to_block: int) -> list[RawLog]:
        """Logs of our contracts in a closed range of blocks, in chain order.

        Raises:
            LogsRefused: The answer is none.
        """
        answer = self._node.logs_answer(from_block, to_block, self._addresses)
        try:
            return parse_logs(answer)
        except RpcMalformed as error:
            raise LogsRefused(str(error)[:200]) from None

    def endpoint(self) -> tuple[str, float, str]:
        """The node in use: its URL, how many seconds it may take, and the token it wants."""
        return self._node.url, self._node.timeout_seconds, self._node.token

    def proven_blocks(self, numbers: Sequence[int]) -> list[ProvenBlock | Finding]:
        """Blocks with the logs of our contracts, each proven by its own hash, in the order asked.

        In place of one whose receipts prove nothing stands what is wrong with it.

        Raises:
            NodeUnavailable: No answer.
            NodeRefused: The node gives no receipts of whole blocks.
        """
        wanted = set(self._addresses)
        found: list[ProvenBlock | Finding] = []
        for number, block in zip(numbers, read_proven_blocks(self._node, numbers), strict=True):
            if isinstance(block, ProvenBlock):
                logs = tuple([log for log in block.logs if log.address in wanted])
                found.append(ProvenBlock(block.ref, logs))
            else:
                found.append(Finding(f"block {number}", str(block)))
        return found

    @property
    def _node(self) -> Node:
        return self.network.node

    @property
    def _addresses(self) -> list[str]:
        return sorted(self.network.deployment.contracts_by_address)
