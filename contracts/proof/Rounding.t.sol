// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {toLotId} from "../src/types/Ids.sol";
import {Lot, LotPayment} from "../src/types/Ledger.sol";
import {Part} from "../src/types/Orders.sol";
import {StandingWord} from "../src/types/Words.sol";
import {Proof} from "./Proof.sol";

/// @notice ROUNDING: what lots are paid is at most what was paid on the receivable, short by fewer minor units than
/// there are lots, and by none when all of it is paid. Products and quotients of unknowns are beyond a solver, and one
/// that is left to guess at a quotient finds nothing wrong with a broken law: so the face is small, and each amount
/// that can be paid on it is a path of its own. Fuzzing varies face, part and amount.
contract RoundingProof is Proof {
    uint64 private constant SMALL_FACE = 7;

    function check_RoundingOfHalves(uint8 paid) external {
        _everyAmount(3, paid);
    }

    function check_RoundingOfOneUnit(uint8 paid) external {
        _everyAmount(1, paid);
    }

    function _everyAmount(uint64 part, uint8 paid) private {
        vm.assume(paid != 0 && paid <= SMALL_FACE);
        if (paid == 1) _rounding(SMALL_FACE, part, 1);
        else if (paid == 2) _rounding(SMALL_FACE, part, 2);
        else if (paid == 3) _rounding(SMALL_FACE, part, 3);
        else if (paid == 4) _rounding(SMALL_FACE, part, 4);
        else if (paid == 5) _rounding(SMALL_FACE, part, 5);
        else if (paid == 6) _rounding(SMALL_FACE, part, 6);
        else _rounding(SMALL_FACE, part, 7);
    }

    /// @dev ONCE: what a lot was paid is not paid again.
    function check_OnceALotIsPaid(uint64 part, uint64 paid) external {
        _settled(1_000_003, part, paid);
        ledger.payLots(RECEIVABLE, _lots());

        assertEq(ledger.payLots(RECEIVABLE, _lots()).length, 0);
    }

    /// @dev EARMARK: one lot is paid outside the chain after a part payment; the other gets no more than its share of
    /// what is set aside, and in the end all of it.
    function check_AnAttestedLotLeavesTheOtherItsShare(uint8 paid) external {
        vm.assume(paid != 0 && paid < SMALL_FACE);
        if (paid == 1) _attested(1);
        else if (paid == 2) _attested(2);
        else if (paid == 3) _attested(3);
        else if (paid == 4) _attested(4);
        else if (paid == 5) _attested(5);
        else _attested(6);
    }

    function _attested(uint64 paid) private {
        _settled(SMALL_FACE, 3, paid);
        ledger.payLots(RECEIVABLE, _lots());

        uint64 before = ledger.recordAttestation(toLotId(RECEIVABLE, 2)).paid();

        ledger.payLots(RECEIVABLE, _lots());
        assertEq(uint256(_lot(1).paid), uint256(before) - 3);
        if (before != SMALL_FACE) ledger.recordSettlement(RECEIVABLE, SMALL_FACE, before, SMALL_FACE - before);
        ledger.payLots(RECEIVABLE, _lots());
        (, StandingWord standing) = ledger.receivableWords(RECEIVABLE);
        assertEq(standing.cleared(), SMALL_FACE);
        assertEq(uint256(_lot(1).paid) + _lot(2).paid, SMALL_FACE);
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
