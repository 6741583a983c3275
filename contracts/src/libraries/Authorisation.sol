// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDocumentRegistry} from "../interfaces/IDocumentRegistry.sol";
import {IParticipantRegistry} from "../interfaces/IParticipantRegistry.sol";
import {AttestDocuments} from "../types/Orders.sol";
import {Act, Approval, Signed} from "../types/Participants.sol";
import {OrderHead} from "./OrderReader.sol";

/// @title How a contract asks the registry whether an order is signed, and hands signatures on to another contract.
/// @notice Approvals are the last argument of every such call and only the registry looks into them, so they are passed
/// on as they came, bytes behind a head: decoding and encoding them at every step would cost a tenth of an award. What
/// a malformed calldata puts there, the registry decodes with all its checks, and finds no signature.
library Authorisation {
    /// @notice Reverts unless the order is for this contract and signed; uses up its nonce.
    function authorise(
        IParticipantRegistry registry,
        bytes32 orderHash,
        OrderHead calldata head,
        Act act,
        bytes3 currency,
        uint64 amount,
        Approval[] calldata approvals
    ) internal {
        if (head.target != address(this)) revert IParticipantRegistry.WrongTarget(head.target, address(this));
        uint256 arguments = _select(IParticipantRegistry.authorise.selector);
        assembly ("memory-safe") {
            mstore(arguments, orderHash)
            // Organisation, nonce and deadline, in this order in both.
            calldatacopy(add(arguments, 0x20), add(head, 0x20), 0x60)
        }
        _put(arguments, 0x80, uint256(act));
        _putMoney(arguments, currency, amount);
        _call(address(registry), arguments, 0x100, _start(approvals));
    }

    /// @notice The same for an order that another contract received, signed by an owner whom this contract knows.
    function authoriseSigned(
        IParticipantRegistry registry,
        Signed calldata signed,
        uint32 owner,
        bytes3 currency,
        uint64 amount
    ) internal {
        uint256 arguments = _select(IParticipantRegistry.authorise.selector);
        assembly ("memory-safe") {
            mstore(arguments, calldataload(signed))
            // Nonce, deadline and act, in this order in both.
            calldatacopy(add(arguments, 0x40), add(signed, 0x20), 0x60)
        }
        _put(arguments, 0x20, owner);
        _putMoney(arguments, currency, amount);
        _call(address(registry), arguments, 0x100, _start(signed.approvals));
    }

    /// @notice Calls a companion whose last argument is `Signed`; the words before it are `data`.
    function callSigned(
        address target,
        bytes memory data,
        bytes32 orderHash,
        OrderHead calldata head,
        Act act,
        Approval[] calldata approvals
    ) internal returns (uint256 first, uint256 second) {
        // `data` was allocated last, so what follows it is free.
        uint256 size = data.length - 4;
        uint256 arguments;
        assembly ("memory-safe") {
            arguments := add(data, 0x24)
            let signed := add(arguments, size)
            mstore(signed, add(size, 0x20))
            mstore(add(signed, 0x20), orderHash)
            calldatacopy(add(signed, 0x40), add(head, 0x40), 0x40)
            mstore(add(signed, 0xa0), 0xa0)
        }
        _put(arguments, size + 0x80, uint256(act));
        return _call(target, arguments, size + 0xc0, _start(approvals));
    }

    /// @notice Reverts unless one key of the organisation has signed the statement.
    function requireStatement(
        IParticipantRegistry registry,
        bytes32 structHash,
        uint32 organisation,
        uint16 kinds,
        uint16 role,
        uint64 deadline,
        Approval calldata approval
    ) internal view {
        uint256 arguments = _select(IParticipantRegistry.verifyStatement.selector);
        _put(arguments, 0x00, uint256(structHash));
        _put(arguments, 0x20, organisation);
        _put(arguments, 0x40, kinds);
        _put(arguments, 0x60, role);
        _put(arguments, 0x80, deadline);
        _put(arguments, 0xa0, 0xc0);
        uint256 tail;
        assembly {
            tail := approval
        }
        _staticCall(address(registry), arguments, 0xc0, tail);
    }

    /// @notice Reverts unless a keeper has signed for the documents.
    function requireAttestation(
        IDocumentRegistry documents,
        AttestDocuments calldata attestation,
        Approval calldata approval
    ) internal view {
        uint256 arguments = _select(IDocumentRegistry.checkAttestation.selector);
        uint256 tail;
        assembly ("memory-safe") {
            calldatacopy(arguments, attestation, 0x100)
            mstore(add(arguments, 0x100), 0x120)
            tail := approval
        }
        _staticCall(address(documents), arguments, 0x120, tail);
    }

    // --- Internals

    /// @dev Writes the selector where memory is free; answers where its arguments go.
    function _select(bytes4 selector) private pure returns (uint256 arguments) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, selector)
            arguments := add(free, 0x04)
        }
    }

    /// @dev A word of memory that is free. As a function, because assembly would see what narrow types leave above
    /// their bits.
    function _put(uint256 arguments, uint256 offset, uint256 word) private pure {
        assembly ("memory-safe") {
            mstore(add(arguments, offset), word)
        }
    }

    /// @dev The last three words of {IParticipantRegistry.authorise}.
    function _putMoney(uint256 arguments, bytes3 currency, uint64 amount) private pure {
        _put(arguments, 0xa0, uint256(bytes32(currency)));
        _put(arguments, 0xc0, amount);
        _put(arguments, 0xe0, 0x100);
    }

    /// @dev Where in calldata the array begins, with its length.
    function _start(Approval[] calldata approvals) private pure returns (uint256 start) {
        assembly {
            start := sub(approvals.offset, 0x20)
        }
    }

    /// @dev Calls with the selector and arguments in memory and, behind them, calldata from `tail` on: what lies there
    /// is found by offsets of its own.
    function _call(address target, uint256 arguments, uint256 size, uint256 tail)
        private
        returns (uint256 first, uint256 second)
    {
        assembly ("memory-safe") {
            let tailSize := sub(calldatasize(), tail)
            calldatacopy(add(arguments, size), tail, tailSize)
            let succeeded := call(gas(), target, 0, sub(arguments, 4), add(add(size, tailSize), 4), 0x00, 0x40)
            if or(iszero(succeeded), iszero(extcodesize(target))) {
                let free := mload(0x40)
                returndatacopy(free, 0, returndatasize())
                revert(free, returndatasize())
            }
            if gt(returndatasize(), 0x3f) {
                first := mload(0x00)
                second := mload(0x20)
            }
        }
    }

    /// @dev The same for a question, which answers nothing or reverts.
    function _staticCall(address target, uint256 arguments, uint256 size, uint256 tail) private view {
        assembly ("memory-safe") {
            let tailSize := sub(calldatasize(), tail)
            calldatacopy(add(arguments, size), tail, tailSize)
            let succeeded := staticcall(gas(), target, sub(arguments, 4), add(add(size, tailSize), 4), 0x00, 0x00)
            if or(iszero(succeeded), iszero(extcodesize(target))) {
                let free := mload(0x40)
                returndatacopy(free, 0, returndatasize())
                revert(free, returndatasize())
            }
        }
    }
}
