// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ParticipantRegistry} from "../ParticipantRegistry.sol";
import {Approval} from "../types/Participants.sol";

/// @title Answers "what would this order do if it were signed?" for drafts.
/// @notice Never deployed: the service puts this code over the registry's address for the length of one `eth_call`
/// (a state override), so that every rule but the signatures is asked of the real state.
contract UnsignedRegistry is ParticipantRegistry {
    constructor() ParticipantRegistry(address(0), 0) {}

    function _checkApprovals(bytes32, uint32, uint16, uint16, Approval[] calldata)
        internal
        pure
        override
        returns (address first, address second)
    {
        // A non-zero second key: the dual-control limit is asked of the keys that will sign, not here.
        return (address(1), address(2));
    }

    function _spendAlone(uint32, address, bytes3, uint64) internal pure override {}

    /// @dev A draft's nonce names the maker that will sign it.
    function _useNonce(address, uint256 nonce) internal override {
        super._useNonce(address(uint160(nonce >> 96)), nonce);
    }
}
