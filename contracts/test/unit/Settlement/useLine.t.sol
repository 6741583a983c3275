// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {ISettlement, StatementLine} from "../../../src/interfaces/ISettlement.sol";
import {LotId, toLotId} from "../../../src/types/Ids.sol";
import {Base} from "../../Base.t.sol";

/// @notice How a line of a bank's statement is used up by what was paid with it for financed lots.
contract UseLineTest is Base {
    bytes32 private constant LINE = keccak256("a statement's line");
    uint32 private constant BANK = 7;

    LotId private lotId;

    function setUp() public override {
        super.setUp();
        lotId = toLotId(3, 4);
        vm.prank(address(funding));
        settlement.useLine(lotId, BANK, LINE, FACE, FACE / 4);
    }

    // when the caller is not the market's funding
    function test_RevertWhen_TheCallerIsNotTheMarketsFunding() external {
        // it should revert with CompanionRequired, for the market as well
        vm.expectRevert(abi.encodeWithSelector(IReceivableLedger.CompanionRequired.selector, address(this)));
        settlement.useLine(lotId, BANK, LINE, FACE, 1);
        vm.prank(address(market));
        vm.expectRevert(abi.encodeWithSelector(IReceivableLedger.CompanionRequired.selector, address(market)));
        settlement.useLine(lotId, BANK, LINE, FACE, 1);
    }

    // when no line is named
    function test_RevertWhen_NoLineIsNamed() external {
        // it should revert with StatementLineMissing
        vm.prank(address(funding));
        vm.expectRevert(abi.encodeWithSelector(ISettlement.StatementLineMissing.selector, lotId));
        settlement.useLine(lotId, BANK, bytes32(0), FACE, 1);
    }

    // when the line is another bank's, or of another amount
    function test_RevertWhen_TheLineIsAnotherBanksOrOfAnotherAmount() external {
        bytes memory changed = abi.encodeWithSelector(ISettlement.StatementLineChanged.selector, LINE, BANK, FACE);
        vm.startPrank(address(funding));

        // it should revert with StatementLineChanged
        vm.expectRevert(changed);
        settlement.useLine(lotId, BANK + 1, LINE, FACE, 1);
        vm.expectRevert(changed);
        settlement.useLine(lotId, BANK, LINE, FACE + 1, 1);
    }

    // when more is used than the line is of
    function test_RevertWhen_MoreIsUsedThanTheLineIsOf() external {
        uint64 left = FACE - FACE / 4;

        // it should revert with StatementLineUsed: what is left of it, then what was asked
        vm.prank(address(funding));
        vm.expectRevert(abi.encodeWithSelector(ISettlement.StatementLineUsed.selector, LINE, left, left + 1));
        settlement.useLine(lotId, BANK, LINE, FACE, left + 1);
    }

    // when it is used in parts
    function test_WhenItIsUsedInParts() external {
        StatementLine memory line = settlement.statementLine(LINE);
        assertEq(line.bank, BANK);
        assertEq(line.amount, FACE);
        assertEq(line.used, FACE / 4);

        vm.prank(address(funding));
        settlement.useLine(lotId, BANK, LINE, FACE, FACE - FACE / 4);

        // it should count them, up to the whole
        assertEq(settlement.statementLine(LINE).used, FACE);
    }
}
