// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice The number of a lot: its receivable's number in the upper 64 bits, its own running number below.
/// @dev Written `17-3` for people. The receivable of a lot therefore costs nothing to know.
type LotId is uint96;

using {receivableOf, sequenceOf} for LotId global;

function toLotId(uint64 receivableId, uint32 lotSequence) pure returns (LotId) {
    return LotId.wrap((uint96(receivableId) << 32) | lotSequence);
}

function receivableOf(LotId lotId) pure returns (uint64) {
    return uint64(LotId.unwrap(lotId) >> 32);
}

function sequenceOf(LotId lotId) pure returns (uint32) {
    return uint32(LotId.unwrap(lotId));
}

/// @dev Every amount is minor units of its currency and at most this, so that a signed 64-bit column holds it.
uint64 constant MAXIMUM_AMOUNT = uint64(type(int64).max);

/// @dev The first lot of a receivable. Every other lot descends from it.
uint32 constant ROOT_SEQUENCE = 1;
