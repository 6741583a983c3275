// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../interfaces/IParticipantRegistry.sol";
import {ITokenisedDeposit} from "../interfaces/ITokenisedDeposit.sol";
import {ITransferRules, Movement} from "../interfaces/ITransferRules.sol";
import {ParticipantStatus} from "../types/Participants.sol";

/// @title The rules of every programme that has none of its own.
/// @notice The ledger applies them itself, for the price of a call less; TransferRules answers the same to whoever asks
/// before acting.
library StandardRules {
    /// @notice Zero where the movement is allowed, else the selector of the error that says why not.
    function refusal(IParticipantRegistry registry, Movement memory movement) internal view returns (bytes4) {
        uint32 to = movement.to;
        if (to == movement.from) return ITransferRules.ReceiverIsSender.selector;
        if (to == movement.obligor) return ITransferRules.ReceiverIsObligor.selector;
        if (movement.tier > movement.maximumTier) return ITransferRules.TierLimitReached.selector;
        if (registry.statusOf(to) != ParticipantStatus.ADMITTED) return ITransferRules.ReceiverNotAdmitted.selector;
        // Money must be able to reach whoever holds the lot at maturity.
        if (!ITokenisedDeposit(movement.deposit).hasAccount(to)) return ITransferRules.ReceiverHasNoAccount.selector;
        return bytes4(0);
    }
}
