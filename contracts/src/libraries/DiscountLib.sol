// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MAXIMUM_AMOUNT} from "../types/Ids.sol";

/// @title Discount and late interest in integers, as chainfin/domain/pricing.py computes them.
/// @notice Rates are basis points, a time is `time` over `timeBasis` of the rate's period, amounts are minor units.
/// Each function rounds once, at its end; half-up means a half goes up. Both sides are tested on
/// tests/vectors/discount.json.
library DiscountLib {
    uint256 internal constant BPS_PER_ONE = 10_000;
    uint256 internal constant DAYS_PER_YEAR = 365;

    /// @dev R-17: what is owed where nothing was agreed, 0.05 % a day.
    uint256 internal constant STATUTORY_DAILY_BPS = 5;

    error DiscountExceedsFace(uint256 discount, uint256 face);

    /// @notice Bank discount D = F × r × t / B.
    function straightDiscountHalfUp(uint256 faceValue, uint256 discountRateBps, uint256 numberOfDays, uint256 basisDays)
        internal
        pure
        returns (uint256 discount)
    {
        discount = _halfUp(faceValue * discountRateBps * numberOfDays, BPS_PER_ONE * basisDays);
        if (discount >= faceValue) revert DiscountExceedsFace(discount, faceValue);
    }

    /// @notice Simple interest on what is overdue: unpaid × rate × days / basis.
    function lateInterestHalfUp(uint256 unpaid, uint256 lateRateBps, uint256 daysLate, uint256 basisDays)
        internal
        pure
        returns (uint256)
    {
        return _halfUp(unpaid * lateRateBps * daysLate, BPS_PER_ONE * basisDays);
    }

    /// @notice Late interest on an amount paid at `paidAt`, by whole days from the due instant: at the agreed annual
    /// rate over 365 days, or, where none was agreed (0), at the statutory daily rate.
    function lateInterestAt(uint256 amount, uint256 agreedBps, uint256 maturityAt, uint256 paidAt)
        internal
        pure
        returns (uint64)
    {
        if (paidAt <= maturityAt) return 0;
        uint256 daysLate = (paidAt - maturityAt) / 1 days;
        uint256 interest = agreedBps == 0
            ? lateInterestHalfUp(amount, STATUTORY_DAILY_BPS, daysLate, 1)
            : lateInterestHalfUp(amount, agreedBps, daysLate, DAYS_PER_YEAR);
        // No deposit holds more than the largest amount, so the payer's falls short of it.
        return interest > MAXIMUM_AMOUNT ? MAXIMUM_AMOUNT : uint64(interest);
    }

    function _halfUp(uint256 numerator, uint256 denominator) private pure returns (uint256) {
        return (2 * numerator + denominator) / (2 * denominator);
    }
}
