"""The chain as the indexer reads it: heads, headers, and the logs of our contracts."""

from collections.abc import Sequence
from dataclasses import dataclass

from chainfin.chain.network import Network
from chainfin.domain.events import BlockRef, RawLog


@dataclass(frozen=True, slots=True)
class ChainReader:
    """Reads blocks and the logs of one deployment."""

    network: Network

    def head(self) -> BlockRef:
        """The newest block."""
        return self.network.node.head()

    def block(self, number: int) -> BlockRef | None:
        """A block by number; None if the node has none."""
        return self.network.node.block(number)

    def blocks(self, numbers: Sequence[int]) -> Sequence[BlockRef | None]:
        """Several blocks, in the order asked for, in few requests."""
        return self.network.node.blocks(numbers)

    def logs(self, from_block: int, to_block: int) -> list[RawLog]:
        """Logs of our contracts in a closed range of blocks, in chain order."""
        addresses = sorted(self.network.deployment.contracts_by_address)
        return self.network.node.logs(from_block, to_block, addresses)
