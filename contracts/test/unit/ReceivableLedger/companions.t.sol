// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {LotId, toLotId} from "../../../src/types/Ids.sol";
import {
    Arrears,
    Delivery,
    Encumbrance,
    NewReceivable,
    Programme,
    ReceivableStatus
} from "../../../src/types/Ledger.sol";
import {Offer} from "../../../src/types/Orders.sol";
import {Act, Approval, Signed} from "../../../src/types/Participants.sol";
import {Base} from "../../Base.t.sol";

/// @dev The functions only the market, settlement and issuance may call; what they do is tested where they are called.
contract CompanionsTest is Base {
    LotId private root;

    function setUp() public override {
        super.setUp();
        (, root) = _activeReceivable(programmeId);
    }

    // when the caller is not the issuance
    function test_RevertWhen_TheCallerIsNotTheIssuance() external {
        Programme memory programme;

        // it should revert with CompanionRequired for programmes, issue, acceptance and refusal
        vm.startPrank(address(market));
        _expectRefusal();
        ledger.recordProgramme(programme, bytes32(0), bytes32(0));
        _expectRefusal();
        ledger.open(1, 1, new NewReceivable[](0));
        _expectRefusal();
        ledger.accept(1, new Offer[](0));
        _expectRefusal();
        ledger.take(1, 1, 1, bytes32(0), ReceivableStatus.OFFERED, ReceivableStatus.VOID);
    }

    // when the caller is not the market
    function test_RevertWhen_TheCallerIsNotTheMarket() external {
        // it should revert with CompanionRequired for locks, deliveries and returns
        vm.startPrank(address(settlement));
        _expectRefusal();
        ledger.lockForFinancing(root, FACE, 0, FACE, _unsigned());
        _expectRefusal();
        ledger.unlock(root);
        _expectRefusal();
        ledger.deliver(_delivery(), _unsigned());
        _expectRefusal();
        ledger.reassign(root, FACE, 0, supplier.organisation, false);
    }

    // when the caller is not settlement
    function test_RevertWhen_TheCallerIsNotSettlement() external {
        // it should revert with CompanionRequired for payments, arrears and write-offs
        vm.startPrank(address(issuance));
        _expectRefusal();
        ledger.recordSettlement(1, FACE, 0, FACE);
        _expectRefusal();
        ledger.payLots(1, new uint32[](0));
        _expectRefusal();
        ledger.noteArrears(1, Arrears.OVERDUE);
        _expectRefusal();
        ledger.writeOff(root, FACE, 0, _unsigned());
        _expectRefusal();
        ledger.advance(1);
    }

    // when the caller is not encumbrances
    function test_RevertWhen_TheCallerIsNotEncumbrances() external {
        // it should revert with CompanionRequired for marks and pledges
        _expectRefusal();
        ledger.mark(root);
        _expectRefusal();
        ledger.pledge(root, supplier.organisation, FACE, 0);
        _expectRefusal();
        ledger.endPledge(root);
    }

    // when the issuance opens a receivable > given the obligor is not the programme's anchor
    function test_RevertGiven_TheObligorIsNotTheProgrammesAnchor() external {
        // it should revert with ProgrammeUnknown
        vm.prank(address(issuance));
        vm.expectPartialRevert(IReceivableLedger.ProgrammeUnknown.selector);
        ledger.open(supplier.organisation, programmeId, new NewReceivable[](0));
    }

    // when the issuance accepts an offer > given there is none
    function test_RevertGiven_ThereIsNone() external {
        Offer[] memory offers = new Offer[](1);
        offers[0] = _offerOf(root.receivableOf());
        vm.startPrank(address(issuance));

        // it should revert with ReceivableNotOffered or ReceivableUnknown
        vm.expectRevert(
            abi.encodeWithSelector(
                IReceivableLedger.ReceivableNotOffered.selector, root.receivableOf(), ReceivableStatus.ACTIVE
            )
        );
        ledger.accept(supplier.organisation, offers);
        offers[0].receivableId = 99;
        vm.expectRevert(abi.encodeWithSelector(IReceivableLedger.ReceivableUnknown.selector, 99));
        ledger.accept(supplier.organisation, offers);
    }

    // when the issuance accepts an offer > given the due instant has come
    function test_RevertGiven_TheDueInstantHasCome() external {
        Offer[] memory offers = new Offer[](1);
        offers[0] = _offerOf(_issue(programmeId, supplier, FACE));
        uint40 maturityAt = uint40(offers[0].maturityAt);
        vm.startPrank(address(issuance));

        // it should revert with OfferLapsed, to the second
        vm.warp(maturityAt);
        vm.expectRevert(
            abi.encodeWithSelector(IReceivableLedger.OfferLapsed.selector, offers[0].receivableId, maturityAt)
        );
        ledger.accept(supplier.organisation, offers);
        vm.warp(maturityAt - 1);
        ledger.accept(supplier.organisation, offers);
        assertEq(uint8(lens.receivableProgress(offers[0].receivableId).status), uint8(ReceivableStatus.ACTIVE));
    }

    // when the market unlocks a lot > given it is not locked for financing
    function test_RevertGiven_ItIsNotLockedForFinancing() external {
        // it should revert with LotEncumbered
        vm.prank(address(market));
        vm.expectRevert(abi.encodeWithSelector(IReceivableLedger.LotEncumbered.selector, root, Encumbrance.NONE));
        ledger.unlock(root);
    }

    // when encumbrances ends a pledge > given the lot is encumbered otherwise
    function test_GivenTheLotIsEncumberedOtherwise() external {
        _propose(supplier, root, subSupplier.organisation);

        vm.prank(address(encumbrances));
        uint32 sequence = ledger.endPledge(root);

        // it should leave it so, and count the act
        assertEq(uint8(lens.lot(root).encumbrance), uint8(Encumbrance.LOCKED_TRANSFER));
        assertEq(sequence, 4);
    }

    // when the market locks or delivers without the holder's signature
    function test_RevertWhen_TheMarketLocksOrDeliversWithoutTheHoldersSignature() external {
        // it should revert, for the ledger asks the registry itself (AUTHORITY)
        vm.startPrank(address(market));
        vm.expectRevert();
        ledger.lockForFinancing(root, FACE, 0, FACE, _unsigned());
        vm.expectRevert();
        ledger.deliver(_delivery(), _unsigned());
        vm.expectPartialRevert(IReceivableLedger.LotUnknown.selector);
        ledger.lockForFinancing(toLotId(99, 1), FACE, 0, FACE, _unsigned());
    }

    // when the market delivers a part that leaves too little
    function test_RevertWhen_TheMarketDeliversAPartThatLeavesTooLittle() external {
        _request(supplier, root, FACE);
        Delivery memory delivery = _delivery();
        delivery.partFaceValue = FACE - 1;
        bytes32 orderHash = keccak256("an award");
        Signed memory signed = Signed({
            orderHash: orderHash,
            nonce: _nonce(supplier.maker),
            deadline: _deadline(),
            act: Act.AWARD_QUOTE,
            approvals: _approve(supplier, orderHash)
        });

        // it should revert with LotTooSmall, whatever was locked
        vm.prank(address(market));
        vm.expectPartialRevert(IReceivableLedger.LotTooSmall.selector);
        ledger.deliver(delivery, signed);
    }

    // when transfer rules are replaced > when the caller does not hold the administration's role
    function test_RevertWhen_TheCallerDoesNotHoldTheAdministrationsRole() external {
        // it should revert with AccessManagedUnauthorized
        vm.expectPartialRevert(IAccessManaged.AccessManagedUnauthorized.selector);
        ledger.replaceTransferRules(programmeId, address(1));
    }

    // when transfer rules are replaced > given nobody opened the programme
    function test_RevertGiven_NobodyOpenedTheProgramme() external {
        // it should revert with ProgrammeUnknown for the number
        vm.prank(administration);
        vm.expectPartialRevert(IReceivableLedger.ProgrammeUnknown.selector);
        ledger.replaceTransferRules(99, address(1));
    }

    // when transfer rules are replaced > given the programme exists
    function test_GivenTheProgrammeExists() external {
        // it should emit TransferRulesReplaced and change nothing else
        Programme memory expected = lens.programme(programmeId);
        expected.transferRules = address(1);
        vm.expectEmit(address(ledger));
        emit IReceivableLedger.TransferRulesReplaced(programmeId, address(1));
        vm.prank(administration);
        ledger.replaceTransferRules(programmeId, address(1));
        assertEq(abi.encode(lens.programme(programmeId)), abi.encode(expected));
    }

    function _expectRefusal() private {
        vm.expectPartialRevert(IReceivableLedger.CompanionRequired.selector);
    }

    function _delivery() private view returns (Delivery memory) {
        return Delivery({
            lotId: root,
            faceValue: FACE,
            paid: 0,
            partFaceValue: FACE,
            holder: supplier.organisation,
            to: funder.organisation,
            indivisible: false
        });
    }

    function _unsigned() private view returns (Signed memory) {
        return Signed({
            orderHash: bytes32(0),
            nonce: 0,
            deadline: _deadline(),
            act: Act.REQUEST_FINANCING,
            approvals: new Approval[](1)
        });
    }
}
