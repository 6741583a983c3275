"""A node together with the deployment on its chain: what every chain read needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chainfin.chain.artifacts import load_artifact
from chainfin.chain.calls import read
from chainfin.chain.client import BlockTag, Node
from chainfin.chain.deployment import Deployment
from chainfin.codec.hashing import to_hex
from chainfin.codec.typed_data import domain_separator


@dataclass(frozen=True, slots=True)
class Network:
    """One consortium network as this service reaches it."""

    node: Node
    deployment: Deployment

    def read(
        self,
        contract: str,
        function: str,
        arguments: Sequence[Any] = (),
        block: BlockTag = "latest",
        *,
        address: str | None = None,
    ) -> Any:
        """Ask a view function of one of our contracts at a block."""
        target = address or self.deployment.address(contract)
        return read(self.node, contract, target, function, arguments, block)

    def unsigned_overrides(self) -> Mapping[str, Any]:
        """State override that answers as if every order were signed, for simulating drafts."""
        # The registry's own constants, so that statements (a keeper's) are still checked.
        domain = self.deployment.domain
        code = load_artifact("UnsignedRegistry").code_with(
            {
                "_chainId": self.deployment.chain_id.to_bytes(32, "big"),
                "_domainSeparator": domain_separator(domain),
                "domainSalt": domain.salt,
                "keyDelay": self.deployment.key_delay_seconds.to_bytes(32, "big"),
            }
        )
        return {self.deployment.address("ParticipantRegistry"): {"code": to_hex(code)}}
