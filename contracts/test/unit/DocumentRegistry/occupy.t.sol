// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Document, DocumentUse, IDocumentRegistry} from "../../../src/interfaces/IDocumentRegistry.sol";
import {CarryDocuments} from "../../../src/types/Orders.sol";
import {Base} from "../../Base.t.sol";

/// @dev This test is an issuing contract.
contract OccupyTest is Base {
    bytes32 private constant INVOICE_7 = keccak256("invoice 7");

    function setUp() public override {
        super.setUp();
        vm.prank(administration);
        documents.admitIssuer(address(this));
    }

    // when the caller is no issuing contract
    function test_RevertWhen_TheCallerIsNoIssuingContract() external {
        // it should revert with IssuerUnknown
        vm.prank(stranger.maker);
        vm.expectPartialRevert(IDocumentRegistry.IssuerUnknown.selector);
        documents.occupy(1, CNY, new DocumentUse[](0));
    }

    // when the fingerprint is missing
    function test_WhenTheFingerprintIsMissing() external {
        DocumentUse memory use = _use(100, 100);
        use.fingerprint = bytes32(0);

        // it should answer FingerprintMissing
        _assertRefused(use, 1, CNY, IDocumentRegistry.FingerprintMissing.selector);
    }

    // given the document is new > when the use is within its amount
    function test_WhenTheUseIsWithinItsAmount() external {
        (bytes4 reason, uint32 sequence) = _occupy(_use(100, 40), 1, CNY);

        // it should enter the document with its first event
        assertEq(reason, bytes4(0));
        assertEq(sequence, 1);
        Document memory document = documents.document(INVOICE_7);
        assertEq(document.amount, 100);
        assertEq(document.used, 40);
        assertEq(document.obligor, 1);
        assertEq(document.seller, 2);
        assertEq(document.currency, CNY);
        assertEq(document.documentType, INVOICE);
        assertEq(document.sequence, 1);
    }

    // given the document is new > when the use is above its amount
    function test_WhenTheUseIsAboveItsAmount() external {
        // it should answer DocumentAlreadyUsed and enter nothing
        _assertRefused(_use(100, 101), 1, CNY, IDocumentRegistry.DocumentAlreadyUsed.selector);
        assertEq(documents.document(INVOICE_7).sequence, 0);
    }

    // given the document was carried
    function test_GivenTheDocumentWasCarried() external {
        _occupy(_use(100, 40), 1, CNY);
        CarryDocuments memory statement = _carriage(INVOICE_7);
        documents.carryDocuments(statement, _carried(statement));
        DocumentUse memory next = _use(100, 20);
        next.fingerprint = _nextOf(INVOICE_7);

        // it should count its uses under whichever fingerprint
        (, uint32 sequence) = _occupy(next, 1, CNY);
        assertEq(sequence, 3);
        (, sequence) = _occupy(_use(100, 20), 1, CNY);
        assertEq(sequence, 4);
        assertEq(documents.document(INVOICE_7).used, 80);
        assertEq(documents.document(_nextOf(INVOICE_7)).used, 80);

        // it should answer DocumentAlreadyUsed beyond its amount
        next.usedAmount = 21;
        _assertRefused(next, 1, CNY, IDocumentRegistry.DocumentAlreadyUsed.selector);
        _assertRefused(_use(100, 21), 1, CNY, IDocumentRegistry.DocumentAlreadyUsed.selector);
    }

    // given the document is entered > when anything about it differs
    function test_WhenAnythingAboutItDiffers() external {
        _occupy(_use(100, 40), 1, CNY);
        DocumentUse[3] memory others = [_use(99, 1), _use(100, 1), _use(100, 1)];
        others[1].seller = 3;
        others[2].documentType = 1;

        // it should answer DocumentMismatch
        for (uint256 i; i < 3; ++i) {
            _assertRefused(others[i], 1, CNY, IDocumentRegistry.DocumentMismatch.selector);
        }
        _assertRefused(_use(100, 1), 5, CNY, IDocumentRegistry.DocumentMismatch.selector);
        _assertRefused(_use(100, 1), 1, "USD", IDocumentRegistry.DocumentMismatch.selector);
    }

    // given the document is entered > when the uses exceed its amount together
    function test_WhenTheUsesExceedItsAmountTogether() external {
        _occupy(_use(100, 40), 1, CNY);

        // it should answer DocumentAlreadyUsed (R-04)
        _assertRefused(_use(100, 61), 1, CNY, IDocumentRegistry.DocumentAlreadyUsed.selector);
    }

    // given the document is entered > when the uses are just its amount
    function test_WhenTheUsesAreJustItsAmount() external {
        _occupy(_use(100, 40), 1, CNY);

        (bytes4 reason, uint32 sequence) = _occupy(_use(100, 60), 1, CNY);

        // it should count the use and the event
        assertEq(reason, bytes4(0));
        assertEq(sequence, 2);
        assertEq(documents.document(INVOICE_7).used, 100);
    }

    // when one run uses a document twice
    function test_WhenOneRunUsesADocumentTwice() external {
        DocumentUse[] memory uses = new DocumentUse[](3);
        (uses[0], uses[1], uses[2]) = (_use(100, 60), _use(100, 60), _use(100, 40));

        (bytes4[] memory reasons, uint32[] memory sequences) = documents.occupy(1, CNY, uses);

        // it should count each use before the next
        assertEq(reasons[0], bytes4(0));
        assertEq(reasons[1], IDocumentRegistry.DocumentAlreadyUsed.selector);
        assertEq(reasons[2], bytes4(0));
        assertEq(sequences[2], 2);
    }

    /// @dev OCCUPANCY: whatever is asked in whatever order, what is used stays within the amount.
    function testFuzz_Occupancy(uint64 amount, uint64[8] calldata uses) external {
        uint256 sum;
        for (uint256 i; i < uses.length; ++i) {
            (bytes4 reason,) = _occupy(_use(amount, uses[i]), 1, CNY);
            if (reason == bytes4(0)) sum += uses[i];
        }

        assertLe(sum, amount);
        assertEq(documents.document(INVOICE_7).used, sum);
    }

    function _use(uint64 amount, uint64 used) private pure returns (DocumentUse memory) {
        return DocumentUse({
            fingerprint: INVOICE_7, documentType: INVOICE, seller: 2, documentAmount: amount, usedAmount: used
        });
    }

    function _occupy(DocumentUse memory use, uint32 obligor, bytes3 currency) private returns (bytes4, uint32) {
        DocumentUse[] memory uses = new DocumentUse[](1);
        uses[0] = use;
        (bytes4[] memory reasons, uint32[] memory sequences) = documents.occupy(obligor, currency, uses);
        return (reasons[0], sequences[0]);
    }

    function _assertRefused(DocumentUse memory use, uint32 obligor, bytes3 currency, bytes4 expected) private {
        (bytes4 reason, uint32 sequence) = _occupy(use, obligor, currency);
        assertEq(reason, expected);
        assertEq(sequence, 0);
    }
}
