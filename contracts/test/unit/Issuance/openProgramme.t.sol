// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IIssuance} from "../../../src/interfaces/IIssuance.sol";
import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {Programme} from "../../../src/types/Ledger.sol";
import {OpenProgramme} from "../../../src/types/Orders.sol";
import {Approval, KIND_ANCHOR} from "../../../src/types/Participants.sol";
import {Actor, Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

contract OpenProgrammeTest is Base {
    Actor private rival;

    // when the order is for another contract
    function test_RevertWhen_TheOrderIsForAnotherContract() external {
        OpenProgramme memory order = _programmeOrder(true);
        order.target = address(ledger);

        // it should revert with WrongTarget
        _refused(order, IParticipantRegistry.WrongTarget.selector);
    }

    // when the organisation is no anchor
    function test_RevertWhen_TheOrganisationIsNoAnchor() external {
        OpenProgramme memory order = _programmeOrder(true);
        order.organisation = supplier.organisation;

        // it should revert with KindRequired
        _refused(order, IParticipantRegistry.KindRequired.selector);
    }

    // when the maker signs alone
    function test_RevertWhen_TheMakerSignsAlone() external {
        OpenProgramme memory order = _programmeOrder(true);
        Approval[] memory approvals = _approveAlone(anchor, Hash.order(order));

        // it should revert with CheckerRequired
        vm.expectPartialRevert(IParticipantRegistry.CheckerRequired.selector);
        issuance.openProgramme(order, approvals);
    }

    // when a limit is zero
    function test_RevertWhen_ALimitIsZero() external {
        OpenProgramme[3] memory orders = [_programmeOrder(true), _programmeOrder(true), _programmeOrder(true)];
        orders[0].maximumTier = 0;
        orders[1].maximumLots = 0;
        orders[2].maximumTenorDays = 0;

        // it should revert with ProgrammeMalformed
        for (uint256 i; i < 3; ++i) {
            _refused(orders[i], IIssuance.ProgrammeMalformed.selector);
        }
    }

    // when the deposit is no contract of the network
    function test_RevertWhen_TheDepositIsNoContractOfTheNetwork() external {
        OpenProgramme memory order = _programmeOrder(true);
        order.deposit = address(_deployDeposit(bank.organisation, CNY));

        // it should revert with DepositUnknown
        _refused(order, IIssuance.DepositUnknown.selector);
    }

    // when the deposit is in another currency
    function test_RevertWhen_TheDepositIsInAnotherCurrency() external {
        OpenProgramme memory order = _programmeOrder(true);
        order.currency = "USD";

        // it should revert with CurrencyMismatch
        _refused(order, IIssuance.CurrencyMismatch.selector);
    }

    // when it runs longer than is usual without a reason
    function test_RevertWhen_ItRunsLongerThanIsUsualWithoutAReason() external {
        OpenProgramme memory order = _programmeOrder(true);
        order.maximumTenorDays = 185;
        order.tenorReasonHash = bytes32(0);

        // it should revert with TenorReasonRequired (R-01)
        _refused(order, IIssuance.TenorReasonRequired.selector);
        order.maximumTenorDays = 184;
        _openProgramme(order);
    }

    // when it carries receivables over after the transition
    function test_RevertWhen_ItCarriesReceivablesOverAfterTheTransition() external {
        vm.warp(ledger.tenorLimits().legacyUntil());
        OpenProgramme memory order = _programmeOrder(true);
        order.legacy = true;
        uint32 legacy = _openProgramme(order);
        assertTrue(lens.programme(legacy).legacy);
        skip(1);
        order = _programmeOrder(true);
        order.legacy = true;

        // it should revert with TransitionEnded (R-11)
        _refused(order, IIssuance.TransitionEnded.selector);
    }

    // when it replaces a version > given that version is another anchor's
    function test_RevertGiven_ThatVersionIsAnotherAnchors() external {
        _admit(rival, "rival", KIND_ANCHOR);
        skip(KEY_DELAY);
        OpenProgramme memory order = _programmeOrder(true);
        order.organisation = rival.organisation;
        order.nonce = _nonce(rival.maker);
        order.replaces = programmeId;
        Approval[] memory approvals = _approve(rival, Hash.order(order));

        // it should revert with ProgrammeNotOwned
        vm.expectPartialRevert(IIssuance.ProgrammeNotOwned.selector);
        issuance.openProgramme(order, approvals);
    }

    // when it replaces a version > given that version is closed already
    function test_RevertGiven_ThatVersionIsClosedAlready() external {
        OpenProgramme memory order = _programmeOrder(true);
        order.replaces = programmeId;
        _openProgramme(order);
        order.nonce = _nonce(anchor.maker);

        // it should revert with ProgrammeClosed
        _refused(order, IIssuance.ProgrammeClosed.selector);
    }

    // when it replaces a version > given that version is its own and open
    function test_GivenThatVersionIsItsOwnAndOpen() external {
        OpenProgramme memory order = _programmeOrder(true);
        order.replaces = programmeId;

        uint32 next = _openProgramme(order);

        // it should close that version for new issue, and no other
        assertTrue(issuance.isProgrammeClosed(programmeId));
        assertFalse(issuance.isProgrammeClosed(next));
        assertEq(lens.programme(next).replaces, programmeId);
    }

    // when it replaces none
    function test_WhenItReplacesNone() external {
        OpenProgramme memory order = _programmeOrder(true);
        Programme memory expected = Programme({
            anchor: anchor.organisation,
            currency: CNY,
            technique: order.technique,
            withRecourse: true,
            acceptanceRequired: true,
            maximumTier: MAXIMUM_TIER,
            maximumLots: MAXIMUM_LOTS,
            minimumLotFaceValue: MINIMUM_LOT,
            maximumTenorDays: order.maximumTenorDays,
            hasTenorReason: true,
            legacy: false,
            minimumTenorDays: 15,
            filingRequired: true,
            lateInterestBps: order.lateInterestBps,
            replaces: 0,
            deposit: address(deposit),
            transferRules: address(rules)
        });
        order.withRecourse = true;
        order.minimumTenorDays = 15;
        order.filingRequired = true;
        Approval[] memory approvals = _approve(anchor, Hash.order(order));

        // it should emit ProgrammeOpened with the rules as ordered
        vm.expectEmit(address(ledger));
        emit IReceivableLedger.ProgrammeOpened(3, anchor.organisation, expected, order.tenorReasonHash, order.termsHash);
        issuance.openProgramme(order, approvals);

        // it should keep them
        assertEq(abi.encode(lens.programme(3)), abi.encode(expected));
    }

    function _refused(OpenProgramme memory order, bytes4 expected) private {
        Approval[] memory approvals = _approve(anchor, Hash.order(order));
        vm.expectPartialRevert(expected);
        issuance.openProgramme(order, approvals);
    }
}
