// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDocumentRegistry} from "../../../src/interfaces/IDocumentRegistry.sol";
import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {AttestDocuments} from "../../../src/types/Orders.sol";
import {Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

contract CheckAttestationTest is Base {
    AttestDocuments private attestation;

    function setUp() public override {
        super.setUp();
        attestation = _attestation(3, keccak256("root"));
    }

    // when the statement is for another contract
    function test_RevertWhen_TheStatementIsForAnotherContract() external {
        attestation.target = address(issuance);

        // it should revert with WrongTarget
        _refused(IParticipantRegistry.WrongTarget.selector);
    }

    // given its epoch is over
    function test_RevertGiven_ItsEpochIsOver() external {
        vm.prank(administration);
        documents.openEpoch(2);

        // it should revert with EpochClosed
        _refused(IDocumentRegistry.EpochClosed.selector);
    }

    // when its deadline has passed
    function test_RevertWhen_ItsDeadlineHasPassed() external {
        skip(2 days);

        // it should revert with OrderExpired
        _refused(IParticipantRegistry.OrderExpired.selector);
    }

    // when the signer is no keeper
    function test_RevertWhen_TheSignerIsNoKeeper() external {
        attestation.organisation = anchor.organisation;

        // it should revert with KindRequired
        _refused(IParticipantRegistry.KindRequired.selector);
    }

    // when any field is not what was signed
    function test_RevertWhen_AnyFieldIsNotWhatWasSigned() external {
        AttestDocuments memory changed = attestation;
        changed.count += 1;

        // it should revert with SignatureInvalid
        vm.expectPartialRevert(IParticipantRegistry.SignatureInvalid.selector);
        documents.checkAttestation(changed, _attest(attestation));
    }

    // when a keeper's key has signed
    function test_WhenAKeepersKeyHasSigned() external view {
        // it should not revert
        documents.checkAttestation(attestation, _attest(attestation));
    }

    function _refused(bytes4 expected) private {
        vm.expectPartialRevert(expected);
        documents.checkAttestation(attestation, _approve(keeper, Hash.order(attestation))[0]);
    }
}
