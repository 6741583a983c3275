// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDocumentRegistry} from "../interfaces/IDocumentRegistry.sol";
import {IReceivableLedger} from "../interfaces/IReceivableLedger.sol";
import {IssueRow} from "../types/Orders.sol";

/// @title What issue asks of the documents and of the ledger for a run of rows, written word for word.
/// @notice The words are those of DocumentUse and NewReceivable. Building these structs in memory and encoding them
/// costs more than all the rules a row is checked against. Every field with a width is validated where it is read: most
/// by the rules of issue, the document's type by the documents.
library RowWriter {
    uint256 private constant ROW_SIZE = 0x100;
    uint256 private constant USE_SIZE = 0xa0;
    uint256 private constant RECEIVABLE_SIZE = 0x120;

    /// @dev Where in calldata a row lies.
    function placeOf(IssueRow calldata row) internal pure returns (uint256 place) {
        assembly {
            place := row
        }
    }

    /// @dev Where in calldata the rows lie, one behind the other.
    function placeOf(IssueRow[] calldata rows) internal pure returns (uint256 place) {
        assembly {
            place := rows.offset
        }
    }

    /// @notice Uses the documents of the rows that have no reason against them, and notes the documents' own reasons.
    /// @return sequences Each document's running number.
    function occupy(address documents, uint32 obligor, bytes3 currency, uint256 place, bytes4[] memory reasons)
        internal
        returns (uint32[] memory sequences)
    {
        bytes memory data =
            abi.encodeWithSelector(IDocumentRegistry.occupy.selector, obligor, currency, 0x60, reasons.length);
        uint256 size = reasons.length * USE_SIZE;
        uint256 use = _end(data);
        uint256 row = place;
        for (uint256 i; i < reasons.length; ++i) {
            // A row refused already is offered as nothing: fingerprint 0.
            bool isRefused = reasons[i] != bytes4(0);
            assembly ("memory-safe") {
                switch isRefused
                case 0 {
                    mstore(use, calldataload(add(row, 0xc0))) // documentFingerprint
                    mstore(add(use, 0x20), calldataload(add(row, 0x80))) // documentType
                    mstore(add(use, 0x40), calldataload(row)) // supplier
                    mstore(add(use, 0x60), calldataload(add(row, 0xa0))) // documentAmount
                    mstore(add(use, 0x80), calldataload(add(row, 0x20))) // faceValue
                }
                default { calldatacopy(use, calldatasize(), USE_SIZE) }
                row := add(row, ROW_SIZE)
                use := add(use, USE_SIZE)
            }
        }
        uint256 answer = _call(documents, data, size);
        bytes4[] memory found;
        assembly ("memory-safe") {
            // The two arrays lie in the answer as they would in memory.
            found := add(answer, mload(answer))
            sequences := add(answer, mload(add(answer, 0x20)))
        }
        for (uint256 i; i < reasons.length; ++i) {
            if (reasons[i] == bytes4(0)) reasons[i] = found[i];
        }
    }

    /// @notice Opens the receivables of the rows that have no reason against them.
    /// @return firstReceivableId The first one's number.
    /// @return issued A bit for each row, lowest first.
    function open(
        address ledger,
        uint32 obligor,
        uint32 programmeId,
        uint256 place,
        bytes4[] memory reasons,
        uint32[] memory sequences
    ) internal returns (uint64 firstReceivableId, uint256 issued) {
        bytes memory data = abi.encodeWithSelector(
            IReceivableLedger.open.selector, obligor, programmeId, 0x60, uint256(0)
        );
        uint256 start = _end(data);
        uint256 receivable = start;
        uint256 row = place;
        for (uint256 i; i < reasons.length; ++i) {
            if (reasons[i] == bytes4(0)) {
                issued |= 1 << i;
                uint256 sequence = sequences[i];
                assembly ("memory-safe") {
                    // supplier, faceValue, maturityAt, graceEndsAt, documentType, documentAmount
                    calldatacopy(receivable, row, 0xc0)
                    mstore(add(receivable, 0xc0), sequence)
                    // documentFingerprint, documentCommitment
                    calldatacopy(add(receivable, 0xe0), add(row, 0xc0), 0x40)
                    receivable := add(receivable, RECEIVABLE_SIZE)
                }
            }
            row += ROW_SIZE;
        }
        uint256 size = receivable - start;
        assembly ("memory-safe") {
            mstore(sub(start, 0x20), div(size, RECEIVABLE_SIZE))
        }
        uint256 answer = _call(ledger, data, size);
        assembly ("memory-safe") {
            firstReceivableId := mload(answer)
        }
    }

    /// @dev Where the bytes end: memory behind them is free, for they were allocated last.
    function _end(bytes memory data) private pure returns (uint256 end) {
        assembly {
            end := add(add(data, 0x20), mload(data))
        }
    }

    /// @dev Calls with `data` and the `size` bytes written behind it; answers where the returned words lie in memory.
    function _call(address target, bytes memory data, uint256 size) private returns (uint256 answer) {
        assembly ("memory-safe") {
            let length := add(mload(data), size)
            let succeeded := call(gas(), target, 0, add(data, 0x20), length, 0x00, 0x00)
            answer := add(add(data, 0x20), and(add(length, 0x1f), not(0x1f)))
            returndatacopy(answer, 0, returndatasize())
            if iszero(succeeded) { revert(answer, returndatasize()) }
            mstore(0x40, add(answer, and(add(returndatasize(), 0x1f), not(0x1f))))
        }
    }
}
