// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {RegisterKey, VetoKey} from "../../src/types/Orders.sol";
import {
    Admission,
    Approval,
    KEY_PLAIN,
    KIND_SUPPLIER,
    KeyGrant,
    ROLE_ADMINISTRATOR,
    ROLE_CHECKER,
    ROLE_MAKER
} from "../../src/types/Participants.sol";
import {Base} from "../Base.t.sol";
import {Hash} from "./Hash.sol";

/// @dev A key with what signs for it.
struct Signer {
    address key;
    uint256 privateKey;
}

/// @dev An organisation that registers and vetoes keys: two administrators, a maker, and a successor who has no key
/// yet.
abstract contract Firm is Base {
    bytes32 internal constant IDENTITY = keccak256("firm");

    uint32 internal firm;
    Signer internal director;
    Signer internal secretary;
    Signer internal clerk;
    Signer internal successor;

    function setUp() public virtual override {
        super.setUp();
        director = _signer("director");
        secretary = _signer("secretary");
        clerk = _signer("clerk");
        successor = _signer("successor");
        Admission memory admission;
        admission.kinds = KIND_SUPPLIER;
        admission.identity = IDENTITY;
        admission.keys = new KeyGrant[](3);
        admission.keys[0] = _firmGrant(director, ROLE_MAKER | ROLE_ADMINISTRATOR, "director");
        admission.keys[1] = _firmGrant(secretary, ROLE_CHECKER | ROLE_ADMINISTRATOR, "secretary");
        admission.keys[2] = _firmGrant(clerk, ROLE_MAKER, "clerk");
        firm = _admitOne(admission);
        skip(KEY_DELAY);
    }

    function _signer(string memory name) internal returns (Signer memory signer) {
        (signer.key, signer.privateKey) = makeAddrAndKey(string.concat("firm ", name));
    }

    function _firmGrant(Signer memory holder, uint16 roles, string memory person)
        internal
        view
        returns (KeyGrant memory)
    {
        return _grant(IDENTITY, holder.privateKey, roles, _person("firm", person));
    }

    /// @dev The successor's key, to sign as maker.
    function _registerOrder() internal returns (RegisterKey memory) {
        return RegisterKey({
            target: address(registry),
            organisation: firm,
            nonce: _nonce(director.key),
            deadline: _deadline(),
            identity: IDENTITY,
            key: successor.key,
            roles: ROLE_MAKER,
            kind: KEY_PLAIN,
            validUntil: uint40(block.timestamp + 1000 days),
            person: _person("firm", "successor")
        });
    }

    function _possession(RegisterKey memory order) internal view returns (bytes memory) {
        bytes32 possessed = Hash.possession(address(registry), order.identity, order.key, order.roles, order.person);
        return _signature(successor.privateKey, possessed);
    }

    /// @dev Signed by both administrators and by the key itself.
    function _register(RegisterKey memory order) internal {
        registry.registerKey(order, _signedBy(director, secretary, Hash.order(order)), _possession(order));
    }

    function _vetoOrder(Signer memory by) internal returns (VetoKey memory) {
        return VetoKey({
            target: address(registry),
            organisation: firm,
            nonce: _nonce(by.key),
            deadline: _deadline(),
            key: successor.key
        });
    }

    function _veto(Signer memory by) internal {
        VetoKey memory order = _vetoOrder(by);
        registry.vetoKey(order, _signed(by, Hash.order(order)));
    }

    function _signed(Signer memory by, bytes32 structHash) internal view returns (Approval memory) {
        return Approval({key: by.key, signature: _signature(by.privateKey, structHash)});
    }

    function _signedBy(Signer memory first, Signer memory second, bytes32 structHash)
        internal
        view
        returns (Approval[] memory approvals)
    {
        approvals = new Approval[](2);
        approvals[0] = _signed(first, structHash);
        approvals[1] = _signed(second, structHash);
    }
}
