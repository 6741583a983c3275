// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Freeze, IEncumbrances} from "../../../src/interfaces/IEncumbrances.sol";
import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {LotId, toLotId} from "../../../src/types/Ids.sol";
import {Encumbrance} from "../../../src/types/Ledger.sol";
import {
    ACCEPT_TRANSFER_TYPEHASH,
    CancelReceivable,
    FreezeLots,
    ProposeTransfer,
    RequestFinancing,
    SplitLot,
    TransferAnswer
} from "../../../src/types/Orders.sol";
import {Approval, ParticipantStatus} from "../../../src/types/Participants.sol";
import {Actor, Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

contract FreezeLotsTest is Base {
    bytes32 private constant REFERENCE = keccak256("order of the court");

    uint64 private receivableId;
    LotId private root;

    function setUp() public override {
        super.setUp();
        (receivableId, root) = _activeReceivable(programmeId);
    }

    // when the order is for another contract
    function test_RevertWhen_TheOrderIsForAnotherContract() external {
        FreezeLots memory order = _freezeOrder(court, root);
        order.target = address(ledger);

        // it should revert with WrongTarget
        _refused(court, order, IParticipantRegistry.WrongTarget.selector);
    }

    // when the organisation is no court
    function test_RevertWhen_TheOrganisationIsNoCourt() external {
        // it should revert with KindRequired
        _refused(funder, _freezeOrder(funder, root), IParticipantRegistry.KindRequired.selector);
        _refused(auditor, _freezeOrder(auditor, root), IParticipantRegistry.KindRequired.selector);
    }

    // when only the maker has signed
    function test_RevertWhen_OnlyTheMakerHasSigned() external {
        FreezeLots memory order = _freezeOrder(court, root);
        Approval[] memory alone = _approveAlone(court, Hash.order(order));

        // it should revert with CheckerRequired
        vm.expectPartialRevert(IParticipantRegistry.CheckerRequired.selector);
        encumbrances.freezeLots(order, alone);
    }

    // when it ends now or after more than three years
    function test_RevertWhen_ItEndsNowOrAfterMoreThanThreeYears() external {
        FreezeLots memory ended = _freezeOrder(court, root);
        ended.expiresAt = uint64(block.timestamp);
        FreezeLots memory long = _freezeOrder(court, root);
        long.expiresAt = uint64(block.timestamp + 1096 days + 1);

        // it should revert with InstantOutOfRange or FreezeTooLong (R-25)
        _refused(court, ended, IReceivableLedger.InstantOutOfRange.selector);
        _refused(court, long, IEncumbrances.FreezeTooLong.selector);
    }

    // when it names no reference
    function test_RevertWhen_ItNamesNoReference() external {
        FreezeLots memory order = _freezeOrder(court, root);
        order.referenceHash = bytes32(0);

        // it should revert with ReferenceMissing
        _refused(court, order, IEncumbrances.ReferenceMissing.selector);
    }

    // when money is to go to a court that has no account
    function test_RevertWhen_MoneyIsToGoToACourtThatHasNoAccount() external {
        FreezeLots memory order = _freezeOrder(court, root);
        deposit = _deployDeposit(bank.organisation, CNY);
        vm.prank(administration);
        registry.admitVenue(address(deposit));
        uint32[] memory holders = new uint32[](2);
        (holders[0], holders[1]) = (anchor.organisation, supplier.organisation);
        _openDepositAccounts(holders);
        (order.receivableId,) = _activeReceivable(_openProgramme(_programmeOrder(true)));

        // it should revert with CourtAccountMissing
        _refused(court, order, IEncumbrances.CourtAccountMissing.selector);
    }

    // when the receivable is unknown
    function test_RevertWhen_TheReceivableIsUnknown() external {
        FreezeLots memory order = _freezeOrder(court, root);
        order.receivableId = 99;

        // it should revert with ReceivableUnknown
        _refused(court, order, IReceivableLedger.ReceivableUnknown.selector);
    }

    // when a lot is unknown, another's or settled
    function test_RevertWhen_ALotIsUnknownAnothersOrSettled() external {
        FreezeLots memory unknown = _freezeOrder(court, root);
        unknown.lotSequences[0] = 2;
        FreezeLots memory others = _freezeOrder(court, root);
        others.holder = subSupplier.organisation;
        FreezeLots memory late = _freezeOrder(court, root);

        // it should revert with LotUnknown, NotHolder or LotAlreadySettled
        _refused(court, unknown, IReceivableLedger.LotUnknown.selector);
        _refused(court, others, IReceivableLedger.NotHolder.selector);
        _settle(receivableId, FACE, _allLots(receivableId));
        _refused(court, late, IReceivableLedger.LotAlreadySettled.selector);
    }

    // when the reference has frozen the lot before
    function test_RevertWhen_TheReferenceHasFrozenTheLotBefore() external {
        _freeze(root);
        FreezeLots memory again = _freezeOrder(court, root);

        // it should revert with FreezeRepeated, even after it was lifted
        _refused(court, again, IEncumbrances.FreezeRepeated.selector);
        _lift(root, REFERENCE);
        _refused(court, again, IEncumbrances.FreezeRepeated.selector);
    }

    // when eight freezes hold already
    function test_RevertWhen_EightFreezesHoldAlready() external {
        for (uint256 i; i < 8; ++i) {
            FreezeLots memory order = _freezeOrder(court, root);
            order.referenceHash = bytes32(i + 1);
            order.expiresAt = uint64(block.timestamp + (i + 1) * 1 days);
            _freeze(order);
        }

        // it should revert with TooManyFreezes, until one has ended
        FreezeLots memory ninth = _freezeOrder(court, root);
        _refused(court, ninth, IEncumbrances.TooManyFreezes.selector);
        skip(1 days + 1);
        _freeze(_freezeOrder(court, root));
        assertEq(encumbrances.freezesOf(root).length, 8);
        assertEq(encumbrances.freezesOf(root)[0].referenceHash, bytes32(uint256(2)));
    }

    // when it names no lot and the holder has none
    function test_RevertWhen_ItNamesNoLotAndTheHolderHasNone() external {
        FreezeLots memory order = _freezeOrder(court, root);
        (order.holder, order.lotSequences) = (funder.organisation, new uint32[](0));

        // it should revert with NothingToFreeze
        _refused(court, order, IEncumbrances.NothingToFreeze.selector);
    }

    // when it names no lot
    function test_WhenItNamesNoLot() external {
        LotId moved = _split(supplier, root, _part(supplier.organisation, 300_000_00));
        LotId kept = _split(supplier, root, _part(supplier.organisation, 200_000_00));
        bytes32 offer = _propose(supplier, moved, subSupplier.organisation);
        _acceptTransfer(subSupplier, moved, offer);
        FreezeLots memory order = _freezeOrder(court, root);
        order.lotSequences = new uint32[](0);

        _freeze(order);

        // it should freeze every lot the holder has in the receivable, and no other
        assertEq(encumbrances.frozenUntil(root), order.expiresAt);
        assertEq(encumbrances.frozenUntil(kept), order.expiresAt);
        assertEq(encumbrances.frozenUntil(moved), 0);
    }

    // when it names a lot
    function test_WhenItNamesALot() external {
        FreezeLots memory order = _freezeOrder(court, root);
        Approval[] memory approvals = _approve(court, Hash.order(order));
        uint32 next = lens.receivableProgress(receivableId).sequence + 1;

        // it should emit LotFrozen with the receivable's next number
        vm.expectEmit(address(encumbrances));
        emit IEncumbrances.LotFrozen(
            receivableId, next, 1, supplier.organisation, court.organisation, REFERENCE, true, uint40(order.expiresAt)
        );
        encumbrances.freezeLots(order, approvals);
        assertEq(lens.receivableProgress(receivableId).sequence, next);

        // it should keep who ordered it and until when
        Freeze memory kept = encumbrances.freezesOf(root)[0];
        assertEq(kept.court, court.organisation);
        assertEq(kept.startedAt, block.timestamp);
        assertEq(kept.expiresAt, order.expiresAt);
        assertEq(encumbrances.frozenUntil(root), order.expiresAt);

        // it should leave the lot its holder
        assertEq(_holder(root), supplier.organisation);
    }

    // when a frozen lot is moved, divided or offered for financing
    /// @custom:law FREEZE
    function test_RevertWhen_AFrozenLotIsMovedDividedOrOfferedForFinancing() external {
        _freeze(root);
        ProposeTransfer memory move = _transferOrder(supplier, root, subSupplier.organisation);
        SplitLot memory split = _splitOrder(supplier, root, _part(supplier.organisation, FACE / 2));
        RequestFinancing memory request = _requestOrder(supplier, root, FACE);

        // it should revert with LotFrozen
        Approval[] memory approvals = _approve(supplier, Hash.order(move));
        vm.expectPartialRevert(IReceivableLedger.LotFrozen.selector);
        ledger.proposeTransfer(move, approvals);
        approvals = _approve(supplier, Hash.order(split));
        vm.expectPartialRevert(IReceivableLedger.LotFrozen.selector);
        ledger.splitLot(split, approvals);
        approvals = _approve(supplier, Hash.order(request));
        vm.expectPartialRevert(IReceivableLedger.LotFrozen.selector);
        market.requestFinancing(request, approvals);
    }

    // when a frozen lot is cancelled
    /// @custom:law FREEZE
    function test_RevertWhen_AFrozenLotIsCancelled() external {
        _freeze(root);
        CancelReceivable memory order = CancelReceivable({
            target: address(issuance),
            organisation: supplier.organisation,
            nonce: _nonce(supplier.maker),
            deadline: _deadline(),
            receivableId: receivableId,
            faceValue: FACE,
            amount: FACE,
            documentFingerprint: keccak256(abi.encode("fingerprint", uint256(1))),
            reasonHash: bytes32(0)
        });
        Approval[] memory approvals = _approve(supplier, Hash.order(order));

        // it should revert with LotFrozen
        vm.expectPartialRevert(IReceivableLedger.LotFrozen.selector);
        issuance.cancelReceivable(order, approvals);
    }

    // when its last instant has passed
    function test_WhenItsLastInstantHasPassed() external {
        FreezeLots memory order = _freezeOrder(court, root);
        order.expiresAt = uint64(block.timestamp + 30 days);
        _freeze(order);
        vm.warp(order.expiresAt);
        assertNotEq(encumbrances.frozenUntil(root), 0);
        skip(1);

        // it should be free to move again by the clock alone
        assertEq(encumbrances.frozenUntil(root), 0);
        assertEq(encumbrances.freezesOf(root).length, 0);
        bytes32 offer = _propose(supplier, root, subSupplier.organisation);
        _acceptTransfer(subSupplier, root, offer);
        assertEq(_holder(root), subSupplier.organisation);
    }

    // when a lot that was offered is frozen
    function test_WhenALotThatWasOfferedIsFrozen() external {
        bytes32 offer = _propose(supplier, root, subSupplier.organisation);
        _freeze(root);
        TransferAnswer memory answer = _answerOrder(subSupplier, root, offer);
        Approval[] memory approvals = _approve(subSupplier, Hash.answer(ACCEPT_TRANSFER_TYPEHASH, answer));

        // it should not be accepted
        vm.expectPartialRevert(IReceivableLedger.LotFrozen.selector);
        ledger.acceptTransfer(answer, approvals);

        // it should go back to its holder when the offer lapses, still frozen
        skip(4 days);
        ledger.lapseTransfer(root);
        assertEq(uint8(lens.lot(root).encumbrance), uint8(Encumbrance.NONE));
        assertNotEq(encumbrances.frozenUntil(root), 0);
    }

    // when the anchor pays while it is frozen for the court
    function test_WhenTheAnchorPaysWhileItIsFrozenForTheCourt() external {
        _freeze(root);
        _settle(receivableId, FACE, _allLots(receivableId));

        // it should pay the court and not the holder (R-26)
        assertEq(_balance(court), FACE);
        assertEq(_balance(supplier), 0);
        assertTrue(lens.lot(root).settled);
    }

    // when the anchor pays while it is frozen without a court's account
    function test_WhenTheAnchorPaysWhileItIsFrozenWithoutACourtsAccount() external {
        LotId other = _split(supplier, root, _part(supplier.organisation, 300_000_00));
        FreezeLots memory order = _freezeOrder(court, root);
        order.toCourt = false;
        _freeze(order);
        _settle(receivableId, FACE, _allLots(receivableId));

        // it should pay the other lots and keep its share set aside
        assertTrue(lens.lot(other).settled);
        assertEq(_balance(supplier), 300_000_00);
        assertEq(deposit.account(anchor.organisation).earmarked, 700_000_00);

        // it should pay the holder once it is lifted, whoever asks
        _lift(root, REFERENCE);
        settlement.payLots(receivableId, _allLots(receivableId));
        assertEq(_balance(supplier), FACE);
        assertEq(_balance(court), 0);
    }

    // when late interest is paid while it is frozen for the court
    function test_WhenLateInterestIsPaidWhileItIsFrozenForTheCourt() external {
        _freeze(root);
        vm.warp(lens.receivableTerms(receivableId).maturityAt + 10 days);
        _settle(receivableId, FACE, _allLots(receivableId));

        // it should go the same way
        assertEq(_balance(court), FACE + 5_000_00);
        assertEq(_balance(supplier), 0);
    }

    // when several freezes hold
    function test_WhenSeveralFreezesHold() external {
        _hold(root);
        FreezeLots memory order = _freezeOrder(court, root);
        _freeze(order);

        // it should ask the earliest that still holds where money goes
        assertEq(encumbrances.payeeOf(root, supplier.organisation), 0);
        skip(48 hours + 1);
        assertEq(encumbrances.payeeOf(root, supplier.organisation), court.organisation);

        // it should be frozen until the last has ended
        assertEq(encumbrances.frozenUntil(root), order.expiresAt);
        vm.warp(order.expiresAt + 1);
        assertEq(encumbrances.payeeOf(root, supplier.organisation), supplier.organisation);
    }

    // when the holder is blocked and the court is not
    function test_WhenTheHolderIsBlockedAndTheCourtIsNot() external {
        _freeze(root);
        _setStatus(supplier.organisation, ParticipantStatus.BLOCKED);
        _settle(receivableId, FACE, _allLots(receivableId));

        // it should pay the court
        assertEq(_balance(court), FACE);
    }

    function _refused(Actor memory by, FreezeLots memory order, bytes4 expected) private {
        Approval[] memory approvals = _approve(by, Hash.order(order));
        vm.expectPartialRevert(expected);
        encumbrances.freezeLots(order, approvals);
    }
}
