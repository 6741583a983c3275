// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {LotId} from "../../../src/types/Ids.sol";
import {CancelOrder, ProposeTransfer} from "../../../src/types/Orders.sol";
import {Approval, ParticipantStatus} from "../../../src/types/Participants.sol";
import {Actor, Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

contract CancelOrderTest is Base {
    LotId private root;
    uint256 private cancelled;
    bytes32 private transfer;

    function setUp() public override {
        super.setUp();
        (, root) = _activeReceivable(programmeId);
        ProposeTransfer memory order = _transferOrder(supplier, root, subSupplier.organisation);
        cancelled = order.nonce;
        transfer = Hash.order(order);
    }

    // when the order is for another contract
    function test_RevertWhen_TheOrderIsForAnotherContract() external {
        CancelOrder memory order = _order(supplier);
        order.target = address(ledger);

        // it should revert with WrongTarget
        _refused(order, supplier, IParticipantRegistry.WrongTarget.selector);
    }

    // when the deadline has passed
    function test_RevertWhen_TheDeadlineHasPassed() external {
        CancelOrder memory order = _order(supplier);
        order.deadline = uint64(block.timestamp - 1);

        // it should revert with OrderExpired
        _refused(order, supplier, IParticipantRegistry.OrderExpired.selector);
    }

    // when another organisation signs
    function test_RevertWhen_AnotherOrganisationSigns() external {
        // it should revert with SignerUnknown
        _refused(_order(supplier), stranger, IParticipantRegistry.SignerUnknown.selector);
    }

    // given the maker's key is another organisation's
    function test_RevertGiven_TheMakersKeyIsAnotherOrganisations() external {
        CancelOrder memory order = _order(stranger);
        order.makerKey = supplier.maker;

        // it should revert with SignerUnknown for the maker's key
        _refused(order, stranger, IParticipantRegistry.SignerUnknown.selector);
    }

    // given the order has run
    function test_RevertGiven_TheOrderHasRun() external {
        ProposeTransfer memory order = _transferOrder(supplier, root, subSupplier.organisation);
        order.nonce = cancelled;
        ledger.proposeTransfer(order, _approve(supplier, Hash.order(order)));

        // it should revert with OrderAlreadyUsed
        _refused(_order(supplier), supplier, IParticipantRegistry.OrderAlreadyUsed.selector);
    }

    // when any one key of the organisation signs
    function test_WhenAnyOneKeyOfTheOrganisationSigns() external {
        CancelOrder memory order = _order(supplier);
        Approval memory approval = _approve(supplier, Hash.order(order))[1];

        // it should emit OrderCancelled and OrderExecuted
        vm.expectEmit(address(registry));
        emit IParticipantRegistry.OrderCancelled(transfer, supplier.organisation, supplier.maker, cancelled);
        vm.expectEmit(address(registry));
        emit IParticipantRegistry.OrderExecuted(
            Hash.order(order), supplier.organisation, supplier.checker, address(0), order.nonce
        );
        registry.cancelOrder(order, approval);

        // it should leave the cancelled order unusable
        ProposeTransfer memory dead = _transferOrder(supplier, root, subSupplier.organisation);
        dead.nonce = cancelled;
        Approval[] memory signed = _approve(supplier, Hash.order(dead));
        vm.expectPartialRevert(IParticipantRegistry.OrderAlreadyUsed.selector);
        ledger.proposeTransfer(dead, signed);
    }

    // given the organisation is suspended
    function test_GivenTheOrganisationIsSuspended() external {
        _setStatus(supplier.organisation, ParticipantStatus.SUSPENDED);
        CancelOrder memory order = _order(supplier);

        registry.cancelOrder(order, _approve(supplier, Hash.order(order))[1]);

        // it should use up the nonce all the same: cancelling only restricts
        assertTrue(registry.isNonceUsed(supplier.maker, cancelled));
    }

    function _order(Actor memory by) private returns (CancelOrder memory) {
        return CancelOrder({
            target: address(registry),
            organisation: by.organisation,
            nonce: _nonce(by.checker),
            deadline: _deadline(),
            makerKey: by.maker,
            cancelledNonce: cancelled,
            cancelledOrder: transfer
        });
    }

    function _refused(CancelOrder memory order, Actor memory by, bytes4 expected) private {
        Approval memory approval = _approve(by, Hash.order(order))[1];
        vm.expectPartialRevert(expected);
        registry.cancelOrder(order, approval);
    }
}
