// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IDocumentRegistry} from "../../../src/interfaces/IDocumentRegistry.sol";
import {Base} from "../../Base.t.sol";

/// @dev admitIssuer and openEpoch.
contract AdministrationTest is Base {
    address private issuer = makeAddr("issuer");

    // when the caller does not hold the administration's role
    function test_RevertWhen_TheCallerDoesNotHoldTheAdministrationsRole() external {
        // it should revert with AccessManagedUnauthorized
        vm.expectPartialRevert(IAccessManaged.AccessManagedUnauthorized.selector);
        documents.admitIssuer(issuer);
        vm.expectPartialRevert(IAccessManaged.AccessManagedUnauthorized.selector);
        documents.openEpoch(2);
    }

    // when an issuing contract is admitted
    function test_WhenAnIssuingContractIsAdmitted() external {
        // it should emit IssuerAdmitted and let it use documents
        vm.expectEmit(address(documents));
        emit IDocumentRegistry.IssuerAdmitted(issuer);
        vm.prank(administration);
        documents.admitIssuer(issuer);
        assertTrue(documents.isIssuer(issuer));
    }

    // when an epoch is opened > when it is not the next
    function test_RevertWhen_ItIsNotTheNext() external {
        // it should revert with EpochClosed
        vm.startPrank(administration);
        vm.expectPartialRevert(IDocumentRegistry.EpochClosed.selector);
        documents.openEpoch(3);
        vm.expectPartialRevert(IDocumentRegistry.EpochClosed.selector);
        documents.openEpoch(1);
    }

    // when an epoch is opened > given a document was not carried
    function test_RevertGiven_ADocumentWasNotCarried() external {
        _issue(freeProgrammeId, supplier, FACE);

        // it should revert with DocumentsNotCarried
        vm.prank(administration);
        vm.expectRevert(abi.encodeWithSelector(IDocumentRegistry.DocumentsNotCarried.selector, 1));
        documents.openEpoch(2);
    }

    // when an epoch is opened > when it is the next
    function test_WhenItIsTheNext() external {
        // it should emit EpochOpened and be live
        vm.expectEmit(address(documents));
        emit IDocumentRegistry.EpochOpened(2);
        vm.prank(administration);
        documents.openEpoch(2);
        assertEq(documents.liveEpoch(), 2);
    }
}
