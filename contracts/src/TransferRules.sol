// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "./interfaces/IParticipantRegistry.sol";
import {ITokenisedDeposit} from "./interfaces/ITokenisedDeposit.sol";
import {ITransferRules, Movement} from "./interfaces/ITransferRules.sol";
import {ParticipantStatus} from "./types/Participants.sol";

/// @notice Specified in ITransferRules.
contract TransferRules is ITransferRules {
    IParticipantRegistry public immutable registry;

    constructor(IParticipantRegistry registry_) {
        registry = registry_;
    }

    /// @inheritdoc ITransferRules
    function check(Movement calldata movement) external view returns (bytes4) {
        uint32 to = movement.to;
        if (to == movement.from) return ReceiverIsSender.selector;
        if (to == movement.obligor) return ReceiverIsObligor.selector;
        if (movement.tier > movement.maximumTier) return TierLimitReached.selector;
        if (registry.statusOf(to) != ParticipantStatus.ADMITTED) return ReceiverNotAdmitted.selector;
        // Money must be able to reach whoever holds the lot at maturity.
        if (!ITokenisedDeposit(movement.deposit).hasAccount(to)) return ReceiverHasNoAccount.selector;
        return bytes4(0);
    }
}
