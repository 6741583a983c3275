// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Document, DocumentUse, IDocumentRegistry} from "./interfaces/IDocumentRegistry.sol";
import {IParticipantRegistry} from "./interfaces/IParticipantRegistry.sol";
import {Authorisation} from "./libraries/Authorisation.sol";
import {OrderReader} from "./libraries/OrderReader.sol";
import {AttestDocuments, CarryDocuments, Succession} from "./types/Orders.sol";
import {Approval, KIND_KEEPER, ROLE_KEEPER} from "./types/Participants.sol";
import {CARRIED_DOCUMENT, DocumentWord, newDocument} from "./types/Words.sol";

/// @notice Specified in IDocumentRegistry.
contract DocumentRegistry is IDocumentRegistry, AccessManaged {
    using Authorisation for IParticipantRegistry;

    IParticipantRegistry public immutable registry;

    /// @dev The live epoch of the fingerprint key. All documents go by their fingerprint of this epoch, but for those
    /// carried to the next already.
    struct Epoch {
        uint32 number;
        uint64 uncarried;
        uint64 carried;
    }

    Epoch private _epoch = Epoch({number: 1, uncarried: 0, carried: 0});
    mapping(bytes32 fingerprint => DocumentWord) private _documents;
    /// @inheritdoc IDocumentRegistry
    mapping(bytes32 fingerprint => bytes32) public successor;
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
        Epoch memory live = _requireNext(epoch);
        if (live.uncarried != 0) revert DocumentsNotCarried(live.uncarried);
        _epoch = Epoch({number: epoch, uncarried: live.carried, carried: 0});
        emit EpochOpened(epoch);
    }

    /// @inheritdoc IDocumentRegistry
    function carryDocuments(CarryDocuments calldata statement, Approval calldata approval) external {
        // Check
        _requireKeeper(
            statement.target, OrderReader.hash(statement), statement.organisation, statement.deadline, approval
        );
        Epoch memory live = _requireNext(statement.epoch);
        // Effect
        uint64 count = uint64(statement.documents.length);
        for (uint256 i; i < count; ++i) {
            _carry(statement.documents[i], live.number);
        }
        (live.uncarried, live.carried) = (live.uncarried - count, live.carried + count);
        _epoch = live;
    }

    /// @inheritdoc IDocumentRegistry
    function checkAttestation(AttestDocuments calldata attestation, Approval calldata approval) external view {
        if (attestation.epoch != _epoch.number) revert EpochClosed(attestation.epoch, _epoch.number);
        _requireKeeper(
            attestation.target, OrderReader.hash(attestation), attestation.organisation, attestation.deadline, approval
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
        uint32 epoch = _epoch.number;
        uint64 entered;
        for (uint256 i; i < uses.length; ++i) {
            (reasons[i], sequences[i]) = _occupy(obligor, currency, uses[i], epoch);
            if (sequences[i] == 1) ++entered;
        }
        if (entered != 0) _epoch.uncarried += entered;
    }

    /// @inheritdoc IDocumentRegistry
    function release(bytes32 fingerprint, uint64 usedAmount, uint64 receivableId) external {
        if (!isIssuer[msg.sender]) revert IssuerUnknown(msg.sender);
        (bytes32 current, DocumentWord entry) = _find(fingerprint);
        entry = entry.withUsed(entry.used() - usedAmount);
        _documents[current] = entry;
        emit DocumentReleased(fingerprint, entry.sequence(), entry.used(), receivableId);
    }

    function document(bytes32 fingerprint) external view returns (Document memory) {
        (, DocumentWord entry) = _find(fingerprint);
        return entry.toStruct();
    }

    function uncarried() external view returns (uint64) {
        return _epoch.uncarried;
    }

    function liveEpoch() external view returns (uint32) {
        return _epoch.number;
    }

    // --- Internals

    function _requireNext(uint32 epoch) private view returns (Epoch memory live) {
        live = _epoch;
        if (epoch != live.number + 1) revert EpochClosed(epoch, live.number);
    }

    function _requireKeeper(
        address target,
        bytes32 structHash,
        uint32 organisation,
        uint64 deadline,
        Approval calldata approval
    ) private view {
        if (target != address(this)) revert IParticipantRegistry.WrongTarget(target, address(this));
        registry.requireStatement(structHash, organisation, KIND_KEEPER, ROLE_KEEPER, deadline, approval);
    }

    function _carry(Succession calldata pair, uint32 epoch) private {
        DocumentWord entry = _documents[pair.fingerprint];
        if (entry.sequence() == 0) revert DocumentUnknown(pair.fingerprint);
        if (entry.isCarried() || !entry.isOfEpoch(epoch)) revert DocumentCarriedBefore(pair.fingerprint);
        if (pair.successor == bytes32(0)) revert FingerprintMissing();
        if (_documents[pair.successor].sequence() != 0) revert FingerprintTaken(pair.successor);
        entry = entry.inNextEpoch();
        _documents[pair.successor] = entry;
        _documents[pair.fingerprint] = CARRIED_DOCUMENT;
        successor[pair.fingerprint] = pair.successor;
        emit DocumentCarried(pair.fingerprint, pair.successor, epoch + 1, entry.sequence());
    }

    /// @dev The document and the fingerprint it goes by now. It has one an epoch, so the way to it is as long as epochs
    /// were opened since it went by this one; for a document that was not carried it costs a comparison.
    function _find(bytes32 fingerprint) private view returns (bytes32 current, DocumentWord entry) {
        current = fingerprint;
        entry = _documents[current];
        while (entry.isCarried()) {
            current = successor[current];
            entry = _documents[current];
        }
    }

    function _occupy(uint32 obligor, bytes3 currency, DocumentUse calldata use, uint32 epoch)
        private
        returns (bytes4 reason, uint32 sequence)
    {
        if (use.fingerprint == bytes32(0)) return (FingerprintMissing.selector, 0);
        (bytes32 fingerprint, DocumentWord entry) = _find(use.fingerprint);
        DocumentWord first = newDocument(use.documentAmount, obligor, use.seller, currency, use.documentType, epoch);
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
