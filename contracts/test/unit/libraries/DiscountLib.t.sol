// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";
import {DiscountLib} from "../../../src/libraries/DiscountLib.sol";

contract DiscountLibHarness {
    function straightDiscount(uint256 faceValue, uint256 bps, uint256 numberOfDays, uint256 basisDays)
        external
        pure
        returns (uint256)
    {
        return DiscountLib.straightDiscountHalfUp(faceValue, bps, numberOfDays, basisDays);
    }
}

/// @notice The same vectors as tests/unit/test_pricing.py reads.
contract DiscountLibTest is Test {
    DiscountLibHarness private library_ = new DiscountLibHarness();
    string private vectors = vm.readFile("../tests/vectors/discount.json");

    struct Case {
        uint256 amount;
        uint256 rateBps;
        uint256 numberOfDays;
        uint256 basisDays;
        uint256 result;
    }

    function test_Vectors() external view {
        uint256 discounts;
        for (; vm.keyExistsJson(vectors, _place("straight_discount", discounts)); ++discounts) {
            Case memory row = _case(_place("straight_discount", discounts));
            assertEq(library_.straightDiscount(row.amount, row.rateBps, row.numberOfDays, row.basisDays), row.result);
        }
        uint256 late;
        for (; vm.keyExistsJson(vectors, _place("late_interest", late)); ++late) {
            Case memory row = _case(_place("late_interest", late));
            assertEq(
                DiscountLib.lateInterestHalfUp(row.amount, row.rateBps, row.numberOfDays, row.basisDays), row.result
            );
        }
        assertGt(discounts, 50, "discounts in the vectors");
        assertGt(late, 50, "late interests in the vectors");
    }

    function test_ADiscountThatTakesTheWholeFaceIsRefused() external {
        vm.expectRevert(abi.encodeWithSelector(DiscountLib.DiscountExceedsFace.selector, 100, 100));
        library_.straightDiscount(100, 10_000, 360, 360);
    }

    /// @dev R-17: without an agreed rate 0.05 % a day; one million for 30 days is 15,000.
    function test_TheStatutoryRateIsByTheDay() external pure {
        assertEq(DiscountLib.lateInterestAt(100_000_000, 0, 1_000, 1_000 + 30 days), 1_500_000);
    }

    function test_LateInterestRunsByWholeDaysFromTheDueInstant() external pure {
        assertEq(DiscountLib.lateInterestAt(100_000_000, 1825, 1_000, 1_000), 0);
        assertEq(DiscountLib.lateInterestAt(100_000_000, 1825, 1_000, 999 + 1 days), 0);
        assertEq(DiscountLib.lateInterestAt(100_000_000, 1825, 1_000, 1_000 + 1 days), 50_000);
        assertEq(DiscountLib.lateInterestAt(100_000_000, 1825, 1_000, 999 + 2 days), 50_000);
    }

    /// @dev Paid in parts, the interest differs from that on the whole by the roundings alone.
    function testFuzz_PartsCarryTheInterestOfTheWhole(uint64 whole, uint64 part, uint16 daysLate) external pure {
        whole = uint64(bound(whole, 1, 1e17));
        part = uint64(bound(part, 0, whole));
        uint256 paidAt = uint256(daysLate % 1000) * 1 days;
        uint256 together = DiscountLib.lateInterestAt(whole, 1825, 0, paidAt);
        uint256 apart = DiscountLib.lateInterestAt(part, 1825, 0, paidAt)
            + DiscountLib.lateInterestAt(whole - part, 1825, 0, paidAt);
        assertApproxEqAbs(together, apart, 1);
    }

    function _case(string memory place) private view returns (Case memory row) {
        row.amount = vm.parseUint(vm.parseJsonString(vectors, string.concat(place, ".amount")));
        row.rateBps = vm.parseJsonUint(vectors, string.concat(place, ".rate_bps"));
        row.numberOfDays = vm.parseJsonUint(vectors, string.concat(place, ".days"));
        row.basisDays = vm.parseJsonUint(vectors, string.concat(place, ".basis_days"));
        row.result = vm.parseUint(vm.parseJsonString(vectors, string.concat(place, ".result")));
    }

    function _place(string memory list, uint256 index) private pure returns (string memory) {
        return string.concat(".", list, "[", vm.toString(index), "]");
    }
}
