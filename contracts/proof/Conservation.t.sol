// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Lot} from "../src/types/Ledger.sol";
import {Part} from "../src/types/Orders.sol";
import {Proof} from "./Proof.sol";

/// @notice CONSERVATION and LINEAGE: a split takes from the parent what it gives the children, to the minor unit.
contract ConservationProof is Proof {
    /// @dev For every face, every two parts and every two receivers.
    function check_ConservationOfASplitInThree(uint64 faceValue, Part memory first, Part memory second) external {
        _active(faceValue, false);
        Part[] memory parts = new Part[](2);
        (parts[0], parts[1]) = (first, second);

        if (!_trySplit(root, faceValue, parts)) return;

        (Lot memory parent, Lot memory one, Lot memory two) = (_lot(1), _lot(2), _lot(3));
        assertEq(uint256(parent.faceValue) + one.faceValue + two.faceValue, faceValue);
        assertEq(one.faceValue, first.faceValue);
        assertEq(two.faceValue, second.faceValue);
        assertEq(one.holder, first.to);
        assertEq(two.holder, second.to);
        assertEq(one.parent, 1);
        assertEq(two.parent, 1);
        assertEq(parent.holder, SUPPLIER);
        assertTrue(parent.faceValue != 0 && one.faceValue != 0 && two.faceValue != 0);
    }

    /// @dev The same where receivers have to accept: the title stays until they do.
    function check_ConservationOfAnOfferedSplit(uint64 faceValue, Part memory part) external {
        _active(faceValue, true);
        Part[] memory parts = new Part[](1);
        parts[0] = part;

        if (!_trySplit(root, faceValue, parts)) return;

        (Lot memory parent, Lot memory child) = (_lot(1), _lot(2));
        assertEq(uint256(parent.faceValue) + child.faceValue, faceValue);
        assertEq(child.holder, SUPPLIER);
    }

    /// @dev The second split sees what the first left.
    function check_ConservationOfTwoSplits(uint64 faceValue, uint64 first, uint64 second) external {
        _active(faceValue, false);
        Part[] memory parts = new Part[](1);
        parts[0] = Part({to: SUPPLIER, faceValue: first});
        if (!_trySplit(root, faceValue, parts)) return;
        parts[0].faceValue = second;
        if (!_trySplit(root, faceValue - first, parts)) return;

        assertEq(uint256(_lot(1).faceValue) + _lot(2).faceValue + _lot(3).faceValue, faceValue);
    }
}
