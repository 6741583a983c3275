// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {TenorLimits} from "../../../src/types/Ledger.sol";
import {Base} from "../../Base.t.sol";

contract SetTenorLimitsTest is Base {
    uint32 private constant LEGACY_UNTIL = 1_850_000_000;

    // when the caller is not the administration
    function test_RevertWhen_TheCallerIsNotTheAdministration() external {
        // it should revert with AccessManagedUnauthorized
        vm.expectPartialRevert(IAccessManaged.AccessManagedUnauthorized.selector);
        ledger.setTenorLimits(184, 184, 0, 0);
    }

    // when the usual term is nothing, or longer than the longest
    function test_RevertWhen_TheUsualTermIsNothingOrLongerThanTheLongest() external {
        vm.startPrank(administration);

        // it should revert with TenorLimitsMalformed
        vm.expectRevert(abi.encodeWithSelector(IReceivableLedger.TenorLimitsMalformed.selector, 366, 0));
        ledger.setTenorLimits(366, 0, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(IReceivableLedger.TenorLimitsMalformed.selector, 183, 184));
        ledger.setTenorLimits(183, 184, 0, 0);
    }

    // when the usual term is the longest
    function test_WhenTheUsualTermIsTheLongest() external {
        vm.prank(administration);
        ledger.setTenorLimits(184, 184, 0, LEGACY_UNTIL);

        // it should hold
        assertEq(ledger.tenorLimits().toStruct().nextMaximumDays, 184);
        assertEq(ledger.tenorLimits().toStruct().nextUsualDays, 184);
    }

    // when the limits are in order
    function test_WhenTheLimitsAreInOrder() external {
        uint40 from = uint40(block.timestamp + 30 days);
        TenorLimits memory limits = TenorLimits({
            maximumDays: 366,
            usualDays: 184,
            nextMaximumDays: 180,
            nextUsualDays: 90,
            nextFrom: from,
            legacyUntil: LEGACY_UNTIL
        });

        // it should emit TenorLimitsSet with what holds until then and from then on
        vm.expectEmit(address(ledger));
        emit IReceivableLedger.TenorLimitsSet(limits);
        vm.prank(administration);
        ledger.setTenorLimits(180, 90, from, LEGACY_UNTIL);
        assertEq(abi.encode(ledger.tenorLimits().toStruct()), abi.encode(limits));

        // it should let the old ones hold until that instant, and the new ones from it (R-02)
        (, uint16 longestDays) = ledger.issueRules(programmeId);
        assertEq(longestDays, 365);
        vm.warp(from - 1);
        (, longestDays) = ledger.issueRules(programmeId);
        assertEq(longestDays, 365);
        skip(1);
        (, longestDays) = ledger.issueRules(programmeId);
        assertEq(longestDays, 180);
    }
}
