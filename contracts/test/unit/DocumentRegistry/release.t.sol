// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {stdError} from "forge-std/StdError.sol";
import {DocumentUse, IDocumentRegistry} from "../../../src/interfaces/IDocumentRegistry.sol";
import {CarryDocuments} from "../../../src/types/Orders.sol";
import {Base} from "../../Base.t.sol";

/// @dev This test is an issuing contract.
contract ReleaseTest is Base {
    bytes32 private constant INVOICE_7 = keccak256("invoice 7");

    function setUp() public override {
        super.setUp();
        vm.prank(administration);
        documents.admitIssuer(address(this));
        DocumentUse[] memory uses = new DocumentUse[](1);
        uses[0] = DocumentUse({
            fingerprint: INVOICE_7, documentType: INVOICE, seller: 2, documentAmount: 100, usedAmount: 40
        });
        documents.occupy(1, CNY, uses);
    }

    // when the caller is no issuing contract
    function test_RevertWhen_TheCallerIsNoIssuingContract() external {
        // it should revert with IssuerUnknown
        vm.prank(stranger.maker);
        vm.expectPartialRevert(IDocumentRegistry.IssuerUnknown.selector);
        documents.release(INVOICE_7, 1, 1);
    }

    // when more is released than was used
    function test_RevertWhen_MoreIsReleasedThanWasUsed() external {
        // it should revert with a panic
        vm.expectRevert(stdError.arithmeticError);
        documents.release(INVOICE_7, 41, 1);
    }

    // when what was used is released
    function test_WhenWhatWasUsedIsReleased() external {
        // it should emit DocumentReleased with the document's next number
        vm.expectEmit(address(documents));
        emit IDocumentRegistry.DocumentReleased(INVOICE_7, 2, 0, 17);
        documents.release(INVOICE_7, 40, 17);

        // it should keep the document
        assertEq(documents.document(INVOICE_7).amount, 100);
        assertEq(documents.document(INVOICE_7).used, 0);
    }

    // given the document was carried
    function test_GivenTheDocumentWasCarried() external {
        CarryDocuments memory statement = _carriage(INVOICE_7);
        documents.carryDocuments(statement, _carried(statement));
        vm.prank(administration);
        documents.openEpoch(2);
        statement = _carriage(_nextOf(INVOICE_7));
        documents.carryDocuments(statement, _carried(statement));

        // it should free it under its newest fingerprint
        vm.expectEmit(address(documents));
        emit IDocumentRegistry.DocumentReleased(INVOICE_7, 4, 30, 17);
        documents.release(INVOICE_7, 10, 17);
        assertEq(documents.document(_nextOf(_nextOf(INVOICE_7))).used, 30);
    }
}
