// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Document, DocumentUse, IDocumentRegistry} from "./interfaces/IDocumentRegistry.sol";
import {IParticipantRegistry} from "./interfaces/IParticipantRegistry.sol";
import {Authorisation} from "./libraries/Authorisation.sol";
import {OrderReader} from "./libraries/OrderReader.sol";
import {AttestDocuments} from "./types/Orders.sol";
import {Approval, KIND_KEEPER, ROLE_KEEPER} from "./types/Participants.sol";
import {DocumentWord, newDocument} from "./types/Words.sol";

/// @notice Specified in IDocumentRegistry.
contract DocumentRegistry is IDocumentRegistry, AccessManaged {
    using Authorisation for IParticipantRegistry;

    IParticipantRegistry public immutable registry;

    uint32 public liveEpoch = 1;
    mapping(bytes32 fingerprint => DocumentWord) private _documents;
    mapping(address issuer => bool) public isIssuer;

    constructor(address initialAuthority, IParticipantRegistry registry_) AccessManaged(initialAuthority) {
        registry = registry_;
    }

    /// @inheritdoc IDocumentRegistry
    function admitIssuer(address issuer) external restricted {
        isIssuer[issuer] = true;
        emit IssuerAdmitted(issuer);
    }

    /// @inheritdoc IDocumentRegistry
    function openEpoch(uint32 epoch) external restricted {
        if (epoch != liveEpoch + 1) revert EpochClosed(epoch, liveEpoch);
        liveEpoch = epoch;
        emit EpochOpened(epoch);
    }

    /// @inheritdoc IDocumentRegistry
    function checkAttestation(AttestDocuments calldata attestation, Approval calldata approval) external view {
        if (attestation.target != address(this)) {
            revert IParticipantRegistry.WrongTarget(attestation.target, address(this));
        }
        if (attestation.epoch != liveEpoch) revert EpochClosed(attestation.epoch, liveEpoch);
        registry.requireStatement(
            OrderReader.hash(attestation),
            attestation.organisation,
            KIND_KEEPER,
            ROLE_KEEPER,
            attestation.deadline,
            approval
        );
    }

    /// @inheritdoc IDocumentRegistry
    function occupy(uint32 obligor, bytes3 currency, DocumentUse[] calldata uses)
        external
        returns (bytes4[] memory reasons, uint32[] memory sequences)
    {
        if (!isIssuer[msg.sender]) revert IssuerUnknown(msg.sender);
        reasons = new bytes4[](uses.length);
        sequences = new uint32[](uses.length);
        for (uint256 i; i < uses.length; ++i) {
            (reasons[i], sequences[i]) = _occupy(obligor, currency, uses[i]);
        }
    }

    /// @inheritdoc IDocumentRegistry
    function release(bytes32 fingerprint, uint64 usedAmount, uint64 receivableId) external {
        if (!isIssuer[msg.sender]) revert IssuerUnknown(msg.sender);
        DocumentWord entry = _documents[fingerprint];
        entry = entry.withUsed(entry.used() - usedAmount);
        _documents[fingerprint] = entry;
        emit DocumentReleased(fingerprint, entry.sequence(), entry.used(), receivableId);
    }

    function document(bytes32 fingerprint) external view returns (Document memory) {
        return _documents[fingerprint].toStruct();
    }

    function _occupy(uint32 obligor, bytes3 currency, DocumentUse calldata use)
        private
        returns (bytes4 reason, uint32 sequence)
    {
        bytes32 fingerprint = use.fingerprint;
        if (fingerprint == bytes32(0)) return (FingerprintMissing.selector, 0);
        DocumentWord entry = _documents[fingerprint];
        DocumentWord first = newDocument(use.documentAmount, obligor, use.seller, currency, use.documentType);
        if (entry.sequence() == 0) entry = first;
        else if (!entry.isSameAs(first)) return (DocumentMismatch.selector, 0);
        uint64 used = entry.used();
        uint64 requested = use.usedAmount;
        if (requested > entry.amount() - used) return (DocumentAlreadyUsed.selector, 0);
        entry = entry.withUsed(used + requested);
        _documents[fingerprint] = entry;
        return (bytes4(0), entry.sequence());
    }
}
