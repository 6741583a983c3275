// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {LotId} from "../types/Ids.sol";
import {Lot, PendingTransfer, Programme, ReceivableProgress, ReceivableTerms} from "../types/Ledger.sol";
import {IReceivableLedger} from "./IReceivableLedger.sol";

/// @dev A receivable with all its lots, as the ledger has them; lot n is at index n − 1.
struct ReceivableState {
    ReceivableTerms terms;
    ReceivableProgress progress;
    Lot[] lots;
}

/// @title Read views over the ledger, field by field and in pages. No state, no authority.
/// @notice What is unknown comes back empty.
interface ILedgerLens {
    function lot(LotId lotId) external view returns (Lot memory);
    function receivableTerms(uint64 receivableId) external view returns (ReceivableTerms memory);
    function receivableProgress(uint64 receivableId) external view returns (ReceivableProgress memory);
    function receivable(uint64 receivableId) external view returns (ReceivableState memory state);

    /// @notice The states of `count` receivables from `firstReceivableId` on.
    function receivables(uint64 firstReceivableId, uint64 count) external view returns (ReceivableState[] memory states);
    function programme(uint32 programmeId) external view returns (Programme memory);
    function pendingTransfer(LotId lotId) external view returns (PendingTransfer memory);

    /// @notice The smallest lot that a split of the receivable may leave or make.
    function minimumLot(uint64 receivableId) external view returns (uint64);

    /// @notice ERC-3525's reading of a lot: the receivable it is part of.
    function slotOf(uint256 tokenId) external view returns (uint256);

    /// @notice ERC-3525's reading of a lot: its face value still outstanding.
    function balanceOf(uint256 tokenId) external view returns (uint256);

    /// @notice ERC-721's reading of a lot: its holder as address(uint160(organisation)).
    function ownerOf(uint256 tokenId) external view returns (address);
    function ledger() external view returns (IReceivableLedger);
}
