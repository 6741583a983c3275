// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {
    Act,
    Admission,
    Approval,
    KEY_CONTRACT,
    KIND_SUPPLIER,
    ParticipantStatus
} from "../../../src/types/Participants.sol";
import {Actor, Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

/// @dev A key that is a contract, in every mood.
contract WalletDouble is IERC1271 {
    enum Mood {
        AGREES,
        DISAGREES,
        REVERTS,
        BURNS,
        RAMBLES
    }

    Mood private _mood;

    function setMood(Mood mood) external {
        _mood = mood;
    }

    function isValidSignature(bytes32, bytes calldata) external view returns (bytes4) {
        if (_mood == Mood.REVERTS) revert("no");
        while (_mood == Mood.BURNS) {}
        if (_mood == Mood.RAMBLES) {
            assembly {
                mstore(0x00, shl(224, 0x1626ba7e))
                return(0x00, 0x40)
            }
        }
        return _mood == Mood.AGREES ? IERC1271.isValidSignature.selector : bytes4(0);
    }
}

/// @dev This test is a venue of the network, and asks as one.
contract AuthoriseTest is Base {
    bytes32 private constant ORDER = keccak256("some order");
    uint256 private constant ORDER_OF_CURVE = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
    uint64 private constant LIMIT = 5_000_00;

    uint256 private nonce;
    Approval[] private signed;

    function setUp() public override {
        super.setUp();
        vm.prank(administration);
        registry.admitVenue(address(this));
        nonce = _nonce(supplier.maker);
    }

    // when the caller is no contract of the network
    function test_RevertWhen_TheCallerIsNoContractOfTheNetwork() external {
        Approval[] memory approvals = _approve(supplier, ORDER);

        // it should revert with VenueUnknown
        vm.prank(stranger.maker);
        _refused(supplier, Act.SPLIT_LOT, approvals, IParticipantRegistry.VenueUnknown.selector);
    }

    // given the venue is paused
    function test_RevertGiven_TheVenueIsPaused() external {
        vm.prank(administration);
        registry.pauseVenue(address(this));

        // it should revert with VenueIsPaused
        _refused(supplier, Act.SPLIT_LOT, _approve(supplier, ORDER), IParticipantRegistry.VenueIsPaused.selector);
    }

    // when the deadline has passed
    function test_RevertWhen_TheDeadlineHasPassed() external {
        Approval[] memory approvals = _approve(supplier, ORDER);
        uint64 deadline = uint64(block.timestamp - 1);

        // it should revert with OrderExpired
        vm.expectRevert(
            abi.encodeWithSelector(IParticipantRegistry.OrderExpired.selector, ORDER, deadline, uint64(block.timestamp))
        );
        registry.authorise(ORDER, supplier.organisation, nonce, deadline, Act.SPLIT_LOT, CNY, 0, approvals);
    }

    // when nobody has the organisation's number
    function test_RevertWhen_NobodyHasTheOrganisationsNumber() external {
        Actor memory nobody = supplier;
        nobody.organisation = 99;

        // it should revert with ParticipantUnknown
        _refused(nobody, Act.SPLIT_LOT, _approve(nobody, ORDER), IParticipantRegistry.ParticipantUnknown.selector);
    }

    // given the organisation is suspended > when the act is not to pay
    function test_RevertWhen_TheActIsNotToPay() external {
        _setStatus(supplier, ParticipantStatus.SUSPENDED);

        // it should revert with ParticipantSuspended
        _refused(supplier, Act.SPLIT_LOT, _approve(supplier, ORDER), IParticipantRegistry.ParticipantSuspended.selector);
    }

    // given the organisation is suspended > when the act is to pay
    function test_WhenTheActIsToPay() external {
        _setStatus(supplier, ParticipantStatus.SUSPENDED);

        _ask(supplier, Act.SETTLE_RECEIVABLE, 1, _approve(supplier, ORDER));

        // it should use up the nonce of the suspended payer
        assertTrue(registry.isNonceUsed(supplier.maker, nonce));
    }

    // given the organisation is blocked
    function test_RevertGiven_TheOrganisationIsBlocked() external {
        _setStatus(supplier, ParticipantStatus.BLOCKED);

        // it should revert with ParticipantBlocked even when it pays
        _refused(
            supplier, Act.SETTLE_RECEIVABLE, _approve(supplier, ORDER), IParticipantRegistry.ParticipantBlocked.selector
        );
    }

    // given the organisation is not of the kind the act asks for
    function test_RevertGiven_TheOrganisationIsNotOfTheKindTheActAsksFor() external {
        Act[5] memory acts =
            [Act.OPEN_PROGRAMME, Act.ISSUE_RECEIVABLE, Act.QUOTE, Act.MINT_DEPOSIT, Act.OPEN_DEPOSIT_ACCOUNTS];
        Approval[] memory approvals = _approve(supplier, ORDER);

        // it should revert with KindRequired
        for (uint256 i; i < acts.length; ++i) {
            _refused(supplier, acts[i], approvals, IParticipantRegistry.KindRequired.selector);
        }
    }

    // given the funder's licence has lapsed > when it quotes
    function test_RevertWhen_ItQuotes() external {
        skip(700 days);
        nonce = _nonce(funder.maker);

        // it should revert with LicenceLapsed (R-06)
        _refused(funder, Act.QUOTE, _approve(funder, ORDER), IParticipantRegistry.LicenceLapsed.selector);
    }

    // given the funder's licence has lapsed > when it does anything else
    function test_WhenItDoesAnythingElse() external {
        skip(700 days);
        nonce = _nonce(funder.maker);

        _ask(funder, Act.PROPOSE_TRANSFER, 1, _approve(funder, ORDER));

        // it should use up the nonce of the funder
        assertTrue(registry.isNonceUsed(funder.maker, nonce));
    }

    // when there is no approval, or a third
    function test_RevertWhen_ThereIsNoApprovalOrAThird() external {
        // it should revert with ApprovalsMalformed
        bytes4 expected = IParticipantRegistry.ApprovalsMalformed.selector;
        _refused(supplier, Act.SPLIT_LOT, new Approval[](0), expected);
        _refused(supplier, Act.SPLIT_LOT, new Approval[](3), expected);
    }

    // when a key of another organisation signs
    function test_RevertWhen_AKeyOfAnotherOrganisationSigns() external {
        Approval[] memory approvals = _approve(supplier, ORDER);
        approvals[1] = _approve(stranger, ORDER)[1];

        // it should revert with SignerUnknown
        _refused(supplier, Act.SPLIT_LOT, approvals, IParticipantRegistry.SignerUnknown.selector);
        _refused(supplier, Act.SPLIT_LOT, _approve(stranger, ORDER), IParticipantRegistry.SignerUnknown.selector);
    }

    // given the key's delay has not passed
    function test_RevertGiven_TheKeysDelayHasNotPassed() external {
        Actor storage late = anchor;
        _admit(late, "late", KIND_SUPPLIER);

        // it should revert with KeyNotValid before the delay is over
        _refused(late, Act.SPLIT_LOT, _approve(late, ORDER), IParticipantRegistry.KeyNotValid.selector);
    }

    // given the key has expired
    function test_RevertGiven_TheKeyHasExpired() external {
        skip(1000 days);

        // it should revert with KeyNotValid after the key's end
        _refused(supplier, Act.SPLIT_LOT, _approve(supplier, ORDER), IParticipantRegistry.KeyNotValid.selector);
    }

    // given the first key is no maker's
    function test_RevertGiven_TheFirstKeyIsNoMakers() external {
        Approval[] memory approvals = _approve(supplier, ORDER);
        (approvals[0], approvals[1]) = (approvals[1], approvals[0]);

        // it should revert with RoleRequired for the maker
        _refused(supplier, Act.SPLIT_LOT, approvals, IParticipantRegistry.RoleRequired.selector);
    }

    // given the second key is no checker's
    function test_RevertGiven_TheSecondKeyIsNoCheckers() external {
        Approval[] memory approvals = _approve(supplier, ORDER);
        approvals[1] = approvals[0];

        // it should revert with RoleRequired for the checker
        _refused(supplier, Act.SPLIT_LOT, approvals, IParticipantRegistry.RoleRequired.selector);
    }

    // given both keys are of one person
    function test_RevertGiven_BothKeysAreOfOnePerson() external {
        Actor memory alone = _newActor("alone");
        Admission memory admission = _admission(alone, "alone", KIND_SUPPLIER);
        admission.keys[1] = _grant(admission.identity, alone.checkerKey, 2, admission.keys[0].person);
        alone.organisation = _admitOne(admission);
        skip(KEY_DELAY);

        // it should revert with SamePerson
        _refused(alone, Act.SPLIT_LOT, _approve(alone, ORDER), IParticipantRegistry.SamePerson.selector);
    }

    // when the signature is not the key's over this order
    /// @dev R-32: whatever changes after signing shows.
    function test_RevertWhen_TheSignatureIsNotTheKeysOverThisOrder() external {
        bytes memory good = _signature(supplier.makerKey, ORDER);
        bytes[5] memory bad = [
            _signature(supplier.checkerKey, ORDER),
            _signature(supplier.makerKey, keccak256("another order")),
            abi.encodePacked(good, hex"00"),
            new bytes(65),
            new bytes(0)
        ];
        Approval[] memory approvals = _approve(supplier, ORDER);

        // it should revert with SignatureInvalid
        for (uint256 i; i < bad.length; ++i) {
            approvals[0].signature = bad[i];
            _refused(supplier, Act.SPLIT_LOT, approvals, IParticipantRegistry.SignatureInvalid.selector);
        }
    }

    // when the signature is the malleable twin of a good one
    function test_RevertWhen_TheSignatureIsTheMalleableTwinOfAGoodOne() external {
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", domainSeparator, ORDER));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(supplier.makerKey, digest);
        Approval[] memory approvals = _approve(supplier, ORDER);
        approvals[0].signature = abi.encodePacked(r, bytes32(ORDER_OF_CURVE - uint256(s)), v == 27 ? 28 : 27);

        // it should revert with SignatureInvalid for the high s
        _refused(supplier, Act.SPLIT_LOT, approvals, IParticipantRegistry.SignatureInvalid.selector);
    }

    // given the chain has split off with another chain id
    function test_RevertGiven_TheChainHasSplitOffWithAnotherChainId() external {
        Approval[] memory approvals = _approve(supplier, ORDER);
        vm.chainId(block.chainid + 1);

        // it should revert with SignatureInvalid on the other chain
        _refused(supplier, Act.SPLIT_LOT, approvals, IParticipantRegistry.SignatureInvalid.selector);
    }

    // when the nonce names another key
    function test_RevertWhen_TheNonceNamesAnotherKey() external {
        nonce = _nonce(supplier.checker);

        // it should revert with NonceOfAnotherKey
        _refused(supplier, Act.SPLIT_LOT, _approve(supplier, ORDER), IParticipantRegistry.NonceOfAnotherKey.selector);
    }

    // given the nonce is used
    function test_RevertGiven_TheNonceIsUsed() external {
        _ask(supplier, Act.SPLIT_LOT, 1, _approve(supplier, ORDER));

        // it should revert with OrderAlreadyUsed
        _refused(supplier, Act.SPLIT_LOT, _approve(supplier, ORDER), IParticipantRegistry.OrderAlreadyUsed.selector);
    }

    // when the maker signs alone > given the organisation has set no limit
    function test_RevertGiven_TheOrganisationHasSetNoLimit() external {
        // it should revert with CheckerRequired, for the limit begins at zero
        _refused(supplier, Act.SPLIT_LOT, _approveAlone(supplier, ORDER), IParticipantRegistry.CheckerRequired.selector);
    }

    // when the maker signs alone > given a limit > when the act has no amount
    function test_RevertWhen_TheActHasNoAmount() external {
        Actor memory limited = _limited();
        Approval[] memory approvals = _approveAlone(limited, ORDER);

        // it should revert with CheckerRequired for an act without amount
        vm.expectPartialRevert(IParticipantRegistry.CheckerRequired.selector);
        _ask(limited, Act.WITHDRAW_FINANCING_REQUEST, 0, approvals);
    }

    // when the maker signs alone > given a limit > when the day's orders exceed it together
    function test_RevertWhen_TheDaysOrdersExceedItTogether() external {
        Actor memory limited = _limited();
        Approval[] memory approvals = _approveAlone(limited, ORDER);
        _ask(limited, Act.SPLIT_LOT, LIMIT, approvals);
        nonce = _nonce(limited.maker);

        // it should revert with CheckerRequired, naming what is left of the day
        vm.expectRevert(
            abi.encodeWithSelector(IParticipantRegistry.CheckerRequired.selector, limited.organisation, 1, 0)
        );
        _ask(limited, Act.SPLIT_LOT, 1, approvals);
    }

    // when the maker signs alone > given a limit > when it is the next day
    function test_WhenItIsTheNextDay() external {
        Actor memory limited = _limited();
        Approval[] memory approvals = _approveAlone(limited, ORDER);
        _ask(limited, Act.SPLIT_LOT, LIMIT, approvals);
        nonce = _nonce(limited.maker);
        skip(1 days);

        _ask(limited, Act.SPLIT_LOT, LIMIT, approvals);

        // it should authorise up to the limit again
        assertTrue(registry.isNonceUsed(limited.maker, nonce));
    }

    // when maker and checker sign
    function test_WhenMakerAndCheckerSign() external {
        // it should emit OrderExecuted with both keys
        vm.expectEmit(address(registry));
        emit IParticipantRegistry.OrderExecuted(ORDER, supplier.organisation, supplier.maker, supplier.checker, nonce);
        _ask(supplier, Act.SPLIT_LOT, type(uint64).max, _approve(supplier, ORDER));

        // it should use up the maker's nonce and no other
        assertTrue(registry.isNonceUsed(supplier.maker, nonce));
        assertFalse(registry.isNonceUsed(supplier.maker, nonce + 1));
        assertEq(registry.nonceWord(supplier.maker, 0), 1 << uint8(nonce));
    }

    // given a key is a contract > when the contract says no, or says nothing sensible
    function test_RevertWhen_TheContractSaysNoOrSaysNothingSensible() external {
        (Actor memory modern, WalletDouble wallet) = _withWallet();
        Approval[] memory approvals = _approve(modern, ORDER);

        // it should revert with SignatureInvalid, within bounded gas
        for (uint256 mood = 1; mood < 5; ++mood) {
            wallet.setMood(WalletDouble.Mood(mood));
            uint256 before = gasleft();
            _refused(modern, Act.SPLIT_LOT, approvals, IParticipantRegistry.SignatureInvalid.selector);
            assertLt(before - gasleft(), 300_000);
        }
    }

    // given a key is a contract > when the contract agrees
    function test_WhenTheContractAgrees() external {
        (Actor memory modern,) = _withWallet();

        _ask(modern, Act.SPLIT_LOT, 1, _approve(modern, ORDER));

        // it should use up the nonce of the contract's key
        assertTrue(registry.isNonceUsed(modern.maker, nonce));
    }

    // --- Internals

    function _ask(Actor memory by, Act act, uint64 amount, Approval[] memory approvals) private {
        registry.authorise(ORDER, by.organisation, nonce, _deadline(), act, CNY, amount, approvals);
    }

    function _refused(Actor memory by, Act act, Approval[] memory approvals, bytes4 expected) private {
        vm.expectPartialRevert(expected);
        _ask(by, act, 1, approvals);
    }

    function _setStatus(Actor memory of_, ParticipantStatus status) private {
        _setStatus(of_.organisation, status);
    }

    function _limited() private returns (Actor memory limited) {
        limited = _newActor("limited");
        Admission memory admission = _admission(limited, "limited", KIND_SUPPLIER);
        limited.organisation = _admitOne(_withLimit(admission, LIMIT));
        nonce = _nonce(limited.maker);
        skip(KEY_DELAY);
    }

    function _withWallet() private returns (Actor memory modern, WalletDouble wallet) {
        wallet = new WalletDouble();
        modern = _newActor("modern");
        Admission memory admission = _admission(modern, "modern", KIND_SUPPLIER);
        modern.maker = address(wallet);
        admission.keys[0].key = address(wallet);
        admission.keys[0].kind = KEY_CONTRACT;
        modern.organisation = _admitOne(admission);
        nonce = _nonce(modern.maker);
        skip(KEY_DELAY);
    }
}
