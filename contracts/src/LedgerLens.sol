// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IReceivableLedger} from "./interfaces/IReceivableLedger.sol";
import {LotId, toLotId} from "./types/Ids.sol";
import {Lot, ReceivableProgress, ReceivableTerms} from "./types/Ledger.sol";

/// @dev A receivable with all its lots, as the ledger has them; lot n is at index n − 1.
struct ReceivableState {
    ReceivableTerms terms;
    ReceivableProgress progress;
    Lot[] lots;
}

/// @title Read views over the ledger, in pages. No state, no authority.
contract LedgerLens {
    IReceivableLedger public immutable ledger;

    constructor(IReceivableLedger ledger_) {
        ledger = ledger_;
    }

    /// @notice The states of `count` receivables from `firstReceivableId` on; unknown ones come back empty.
    function receivables(uint64 firstReceivableId, uint64 count)
        external
        view
        returns (ReceivableState[] memory states)
    {
        states = new ReceivableState[](count);
        for (uint64 i; i < count; ++i) {
            states[i] = receivable(firstReceivableId + i);
        }
    }

    function receivable(uint64 receivableId) public view returns (ReceivableState memory state) {
        state.terms = ledger.receivableTerms(receivableId);
        state.progress = ledger.receivableProgress(receivableId);
        state.lots = new Lot[](state.progress.lotCount);
        for (uint32 sequence = 1; sequence <= state.progress.lotCount; ++sequence) {
            state.lots[sequence - 1] = ledger.lot(toLotId(receivableId, sequence));
        }
    }

    /// @notice ERC-3525's reading of a lot: the receivable it is part of.
    function slotOf(uint256 tokenId) external pure returns (uint256) {
        return LotId.wrap(uint96(tokenId)).receivableOf();
    }

    /// @notice ERC-3525's reading of a lot: its face value still outstanding.
    function balanceOf(uint256 tokenId) external view returns (uint256) {
        Lot memory subject = ledger.lot(LotId.wrap(uint96(tokenId)));
        return subject.settled ? 0 : subject.faceValue - subject.paid;
    }

    /// @notice ERC-721's reading of a lot: its holder as address(uint160(organisation)).
    function ownerOf(uint256 tokenId) external view returns (address) {
        return address(uint160(ledger.lot(LotId.wrap(uint96(tokenId))).holder));
    }
}
