// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "./interfaces/IParticipantRegistry.sol";
import {ITransferRules, Movement} from "./interfaces/ITransferRules.sol";
import {StandardRules} from "./libraries/StandardRules.sol";

/// @notice Specified in ITransferRules.
contract TransferRules is ITransferRules {
    IParticipantRegistry public immutable registry;

    constructor(IParticipantRegistry registry_) {
        registry = registry_;
    }

    /// @inheritdoc ITransferRules
    function check(Movement calldata movement) external view returns (bytes4) {
        return StandardRules.refusal(registry, movement);
    }
}
