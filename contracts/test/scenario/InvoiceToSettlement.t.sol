// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {LotId, toLotId} from "../../src/types/Ids.sol";
import {ReceivableProgress, ReceivableStatus} from "../../src/types/Ledger.sol";
import {Base} from "../Base.t.sol";

/// @notice One receivable's story, from the invoice to the last cent.
contract InvoiceToSettlementTest is Base {
    function test_TheStoryOfOneReceivable() external {
        // The anchor owes its supplier a million for delivered goods, due in 180 days, and undertakes to pay it.
        uint64 receivableId = _issue(programmeId, supplier, FACE);
        LotId whole = toLotId(receivableId, 1);
        _says("the undertaking is the supplier's to accept", receivableId, ReceivableStatus.OFFERED);

        // The supplier accepts: the undertaking is its asset now.
        _accept(supplier, receivableId);
        _says("accepted, its lots may move", receivableId, ReceivableStatus.ACTIVE);

        // It owes its own supplier 300,000 and pays with a part of the undertaking.
        LotId part = _split(supplier, whole, _part(subSupplier.organisation, 300_000_00));
        assertEq(_holder(part), supplier.organisation, "an offered part is still the supplier's");
        _acceptTransfer(subSupplier, part, lens.pendingTransfer(part).offer);
        assertEq(_holder(part), subSupplier.organisation, "an accepted part is the sub-supplier's");

        // The supplier needs cash: it asks for 500,000 of the 700,000 it still holds to be financed.
        uint64 requestId = _request(supplier, whole, 500_000_00);

        // The bank next door quotes 486,250 for it, and gets it: title against money, in one transaction.
        _award(supplier, funder, _quoteFor(funder, requestId, 486_250_00));
        LotId financed = toLotId(receivableId, 3);
        assertEq(_holder(financed), funder.organisation, "the funder holds what it paid for");
        assertEq(_balance(supplier), 486_250_00, "the supplier has its cash");

        // 180 days later the anchor pays, 400,000 first.
        _toMaturity(receivableId);
        _settle(receivableId, 400_000_00, _allLots(receivableId));
        assertEq(_balance(subSupplier), 120_000_00, "three tenths of it are the sub-supplier's");
        assertEq(lens.lot(financed).paid, 200_000_00, "a half of it is the funder's");

        // The funder sells what is left of its lot; what it received stays its own.
        bytes32 offer = _propose(funder, financed, stranger.organisation);
        _acceptTransfer(stranger, financed, offer);

        // The anchor pays the rest, and anybody turns the crank.
        _settle(receivableId, 600_000_00, new uint32[](0));
        vm.prank(makeAddr("anybody"));
        settlement.payLots(receivableId, _allLots(receivableId));

        // Everybody has what it held, to the cent.
        assertEq(_balance(subSupplier), 300_000_00, "the sub-supplier");
        assertEq(_balance(stranger), 300_000_00, "who bought from the funder");
        assertEq(_balance(funder), OPENING_BALANCE - 486_250_00 + 200_000_00, "the funder");
        assertEq(_balance(supplier), 486_250_00 + 200_000_00, "the supplier");
        assertEq(_balance(anchor), OPENING_BALANCE - FACE, "the anchor");
        _says("nothing is owed any more", receivableId, ReceivableStatus.SETTLED);

        // And the whole stream is there: every act counted, one after the other, from issue to the last payment.
        ReceivableProgress memory progress = lens.receivableProgress(receivableId);
        assertEq(progress.sequence, 13, "issued, accepted, split, offered, accepted, asked, financed, paid, ...");
        assertEq(progress.cleared, FACE, "all that was paid has arrived");
    }

    function _says(string memory what, uint64 receivableId, ReceivableStatus status) private view {
        assertEq(uint8(lens.receivableProgress(receivableId).status), uint8(status), what);
    }
}
