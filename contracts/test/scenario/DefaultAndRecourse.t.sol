// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {LotId, toLotId} from "../../src/types/Ids.sol";
import {Lot, ReceivableProgress, ReceivableStatus} from "../../src/types/Ledger.sol";
import {Part} from "../../src/types/Orders.sol";
import {Actor, Base} from "../Base.t.sol";

/// @notice An undertaking in three tiers and 41 lots is paid to 61 %, defaults, and comes back to its sellers, who are
/// paid in the end. Every minor unit is somebody's on the way (CONSERVATION, ROUNDING, EARMARK).
contract DefaultAndRecourseTest is Base {
    uint64 private constant ODD_FACE = 987_654_321;
    uint32 private constant SPLITS = 40;

    uint64 private receivableId;
    uint256 private supply;

    function test_ThreeTiersFortySplitsPartPaymentDefaultAndRepurchase() external {
        receivableId = _issue(freeProgrammeId, supplier, ODD_FACE);
        _accept(supplier, receivableId);
        supply = deposit.totalSupply();

        // Tier 1 gives twenty parts to tier 2; tier 2 gives one more to tier 3 out of each.
        for (uint32 i; i < SPLITS / 2; ++i) {
            _split(supplier, toLotId(receivableId, 1), _part(subSupplier.organisation, 44_000_00 + 7 * i + 1));
        }
        for (uint32 i; i < SPLITS / 2; ++i) {
            LotId lotId = toLotId(receivableId, 2 + i);
            _split(subSupplier, lotId, _part(stranger.organisation, 20_000_00 + 3 * i + 1));
        }
        assertEq(lens.receivableProgress(receivableId).lotCount, SPLITS + 1);
        assertEq(lens.lot(toLotId(receivableId, SPLITS + 1)).tier, 3);
        _conserves();

        // Tiers 1 and 2 sell what they hold with recourse; the first funder sells one lot on, with recourse too.
        _financeWithRecourse(supplier, toLotId(receivableId, 1), funder);
        for (uint32 i; i < 5; ++i) {
            _financeWithRecourse(subSupplier, toLotId(receivableId, 2 + i), funder);
        }
        _mint(stranger.organisation, ODD_FACE);
        supply += ODD_FACE;
        _financeWithRecourse(funder, toLotId(receivableId, 2), stranger);
        _conserves();

        // The anchor pays 61 % on the due day, and no more.
        _toMaturity(receivableId);
        _settle(receivableId, uint64(uint256(ODD_FACE) * 61 / 100), _allLots(receivableId));
        _conserves();
        _toDefault(receivableId);
        settlement.noteDefault(receivableId);
        assertEq(ledger.overdueCount(anchor.organisation), 1);

        // Whoever sold with recourse repurchases; the lot sold twice goes back twice.
        _fundSellers();
        _repurchase(supplier, toLotId(receivableId, 1));
        _repurchase(funder, toLotId(receivableId, 2));
        for (uint32 i; i < 5; ++i) {
            _repurchase(subSupplier, toLotId(receivableId, 2 + i));
            assertEq(_holder(toLotId(receivableId, 2 + i)), subSupplier.organisation);
        }
        assertEq(_holder(toLotId(receivableId, 1)), supplier.organisation);
        _conserves();

        // Thirty days late the anchor pays the rest with its interest: nothing is left over, and it may issue again.
        vm.warp(lens.receivableTerms(receivableId).maturityAt + 30 days);
        uint64 rest = ODD_FACE - lens.receivableProgress(receivableId).paid;
        _settle(receivableId, rest, _allLots(receivableId));
        _conserves();
        ReceivableProgress memory progress = lens.receivableProgress(receivableId);
        assertEq(uint8(progress.status), uint8(ReceivableStatus.SETTLED));
        assertEq(progress.cleared, ODD_FACE, "every minor unit of the face has arrived");
        assertEq(settlement.lateInterest(receivableId).paid, (uint256(rest) * 1825 * 30 * 2 + 3_650_000) / 7_300_000);
        assertLt(
            settlement.lateInterest(receivableId).paid - settlement.lateInterest(receivableId).cleared,
            SPLITS + 1,
            "what the floors of the interest leave is less than a minor unit a lot"
        );
        assertEq(ledger.overdueCount(anchor.organisation), 0);
    }

    function _fundSellers() private {
        _mint(supplier.organisation, ODD_FACE);
        _mint(subSupplier.organisation, ODD_FACE);
        supply += 2 * uint256(ODD_FACE);
    }

    /// @dev What the lots are owed and were paid is the face; what is set aside is what was paid and has not arrived;
    /// all the money is the organisations'.
    function _conserves() private view {
        ReceivableProgress memory progress = lens.receivableProgress(receivableId);
        uint256 owed;
        uint256 received;
        for (uint32 i = 1; i <= progress.lotCount; ++i) {
            Lot memory lot = lens.lot(toLotId(receivableId, i));
            owed += lot.faceValue - lot.paid;
            received += lot.paid;
        }
        assertEq(owed + received, ODD_FACE, "CONSERVATION");
        assertEq(received, progress.cleared, "EARMARK");
        assertLt(progress.paid - received, progress.lotCount, "ROUNDING");
        uint64 interest = settlement.lateInterest(receivableId).paid - settlement.lateInterest(receivableId).cleared;
        assertEq(deposit.account(anchor.organisation).earmarked, progress.paid - received + interest, "EARMARK");
        uint256 held = _held(anchor) + _held(supplier) + _held(subSupplier) + _held(funder) + _held(stranger);
        assertEq(held, supply, "NO_CUSTODY");
        assertEq(held, deposit.totalSupply(), "NO_CUSTODY");
    }

    function _held(Actor memory owner) private view returns (uint256) {
        return uint256(deposit.account(owner.organisation).balance) + deposit.account(owner.organisation).earmarked;
    }
}
