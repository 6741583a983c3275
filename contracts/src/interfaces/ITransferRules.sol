// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev A lot about to change hands.
struct Movement {
    uint32 from;
    uint32 to;
    uint32 obligor;
    /// Tier of the lot once it has moved.
    uint16 tier;
    uint8 maximumTier;
    address deposit;
}

/// @title May this lot move? One question, one reason.
/// @notice What it does not prevent: a receiver that the administration should not have admitted.
interface ITransferRules {
    error ReceiverIsSender(uint32 to);
    error ReceiverIsObligor(uint32 to);
    error ReceiverNotAdmitted(uint32 to);
    error ReceiverHasNoAccount(uint32 to, address deposit);
    error TierLimitReached(uint16 tier, uint8 maximumTier);

    /// @notice Answers zero where the movement is allowed, else the selector of the error that says why not.
    function check(Movement calldata movement) external view returns (bytes4 reason);
}
