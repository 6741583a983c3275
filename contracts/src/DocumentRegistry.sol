// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Document, DocumentUse, IDocumentRegistry} from "./interfaces/IDocumentRegistry.sol";
import {IParticipantRegistry} from "./interfaces/IParticipantRegistry.sol";
import {ATTEST_DOCUMENTS_TYPEHASH, AttestDocuments} from "./types/Orders.sol";
import {Approval, KIND_KEEPER, ROLE_KEEPER} from "./types/Participants.sol";

/// @notice Specified in IDocumentRegistry.
contract DocumentRegistry is IDocumentRegistry, AccessManaged {
    IParticipantRegistry public immutable registry;

    uint32 public liveEpoch = 1;
    mapping(bytes32 fingerprint => Document) private _documents;
    mapping(address issuer => bool) public isIssuer;

    constructor(address initialAuthority, IParticipantRegistry registry_) AccessManaged(initialAuthority) {
        registry = registry_;
    }

    /// @notice Lets an issuing contract (one a ledger version) use documents.
    function admitIssuer(address issuer) external restricted {
        isIssuer[issuer] = true;
        emit IssuerAdmitted(issuer);
    }

    /// @notice Moves on to the next fingerprint key. Documents must have been entered under it before.
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
        registry.verifyStatement(
            keccak256(abi.encode(ATTEST_DOCUMENTS_TYPEHASH, attestation)),
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
        Document storage entry = _documents[fingerprint];
        entry.used -= usedAmount;
        emit DocumentReleased(fingerprint, ++entry.sequence, entry.used, receivableId);
    }

    function document(bytes32 fingerprint) external view returns (Document memory) {
        return _documents[fingerprint];
    }

    function _occupy(uint32 obligor, bytes3 currency, DocumentUse calldata use)
        private
        returns (bytes4 reason, uint32 sequence)
    {
        if (use.fingerprint == bytes32(0)) return (FingerprintMissing.selector, 0);
        Document memory entry = _documents[use.fingerprint];
        if (entry.sequence == 0) {
            entry = Document({
                amount: use.documentAmount,
                used: 0,
                obligor: obligor,
                seller: use.seller,
                currency: currency,
                documentType: use.documentType,
                sequence: 0
            });
        } else if (
            entry.amount != use.documentAmount || entry.obligor != obligor || entry.seller != use.seller
                || entry.currency != currency || entry.documentType != use.documentType
        ) {
            return (DocumentMismatch.selector, 0);
        }
        if (use.usedAmount > entry.amount - entry.used) return (DocumentAlreadyUsed.selector, 0);
        entry.used += use.usedAmount;
        entry.sequence += 1;
        _documents[use.fingerprint] = entry;
        return (bytes4(0), entry.sequence);
    }
}
