// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";
import {ParticipantRegistry} from "../src/ParticipantRegistry.sol";

/// @dev The real registry, with the function that uses up a nonce laid open.
contract OpenRegistry is ParticipantRegistry {
    constructor(address authority) ParticipantRegistry(authority, 0) {}

    function use(address maker, uint256 nonce) external {
        _useNonce(maker, nonce);
    }
}

/// @notice ONCE: a nonce is used once, by the key it names, and using it uses no other.
contract OnceProof is Test {
    OpenRegistry private registry;

    function setUp() public {
        vm.roll(2);
        registry = new OpenRegistry(address(this));
    }

    /// @dev For every key and every nonce.
    function check_OnceANonceIsUsed(address maker, uint256 nonce) external {
        vm.assume(!registry.isNonceUsed(maker, nonce));
        (bool first,) = address(registry).call(abi.encodeCall(registry.use, (maker, nonce)));
        if (!first) return;
        (bool second,) = address(registry).call(abi.encodeCall(registry.use, (maker, nonce)));

        assertFalse(second);
        assertEq(nonce >> 96, uint160(maker));
        assertTrue(registry.isNonceUsed(maker, nonce));
    }

    /// @dev Another number or another key stays free.
    function check_OnceUsesNoOtherNonce(address maker, uint96 number, address other, uint96 otherNumber) external {
        vm.assume(maker != other || number != otherNumber);
        registry.use(maker, uint256(uint160(maker)) << 96 | number);

        assertFalse(registry.isNonceUsed(other, uint256(uint160(other)) << 96 | otherNumber));
    }
}
