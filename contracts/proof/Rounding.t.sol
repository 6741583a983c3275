// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Lot, LotPayment} from "../src/types/Ledger.sol";
import {Part} from "../src/types/Orders.sol";
import {StandingWord} from "../src/types/Words.sol";
import {Proof} from "./Proof.sol";

/// @notice ROUNDING: what lots are paid is at most what was paid on the receivable, short by fewer minor units than
/// there are lots, and by none when all of it is paid. A product and a quotient of two unknowns are beyond a solver:
/// face and part are numbers here, what is paid is unknown; fuzzing varies all three.
contract RoundingProof is Proof {
    function check_RoundingOfHalves(uint8 paid) external {
        _rounding(251, 125, paid);
    }

    function check_RoundingOfOneUnit(uint8 paid) external {
        _rounding(251, 1, paid);
    }

    /// @dev ONCE: what a lot was paid is not paid again.
    function check_OnceALotIsPaid(uint64 part, uint64 paid) external {
        _settled(1_000_003, part, paid);
        ledger.payLots(RECEIVABLE, _lots());

        assertEq(ledger.payLots(RECEIVABLE, _lots()).length, 0);
    }

    function _rounding(uint64 faceValue, uint64 part, uint64 paid) private {
        _settled(faceValue, part, paid);

        LotPayment[] memory payments = ledger.payLots(RECEIVABLE, _lots());

        uint256 total;
        for (uint256 i; i < payments.length; ++i) {
            total += payments[i].amount;
        }
        assertLe(total, paid);
        assertLt(paid - total, 2);
        if (paid == faceValue) assertEq(total, faceValue);
        (Lot memory one, Lot memory two) = (_lot(1), _lot(2));
        assertEq(uint256(one.paid) + two.paid, total);
        (, StandingWord standing) = ledger.receivableWords(RECEIVABLE);
        assertEq(standing.cleared(), total);
    }

    /// @dev A receivable of two lots on which this much is paid.
    function _settled(uint64 faceValue, uint64 part, uint64 paid) private {
        vm.assume(part != 0 && part < faceValue);
        vm.assume(paid != 0 && paid <= faceValue);
        _active(faceValue, false);
        Part[] memory parts = new Part[](1);
        parts[0] = Part({to: SUPPLIER, faceValue: part});
        assertTrue(_trySplit(root, faceValue, parts));
        vm.warp(MATURITY);
        ledger.recordSettlement(RECEIVABLE, faceValue, 0, paid);
    }

    function _lots() private pure returns (uint32[] memory lots) {
        lots = new uint32[](2);
        (lots[0], lots[1]) = (1, 2);
    }
}
