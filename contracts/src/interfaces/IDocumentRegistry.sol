// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "./IParticipantRegistry.sol";
import {AttestDocuments, CarryDocuments} from "../types/Orders.sol";
import {Approval} from "../types/Participants.sol";

/// @dev One trade document: as first entered, and how much of it is used.
struct Document {
    uint64 amount;
    uint64 used;
    uint32 obligor;
    uint32 seller;
    bytes3 currency;
    uint8 documentType;
    /// Running number of this document's own events.
    uint32 sequence;
}

/// @dev One use of one document.
struct DocumentUse {
    bytes32 fingerprint;
    uint8 documentType;
    uint32 seller;
    uint64 documentAmount;
    uint64 usedAmount;
}

/// @title Trade documents: how much of each is used. One registry for all versions of the ledger.
/// @notice Assumptions. No document is financed twice while (1) the keepers who hold the fingerprint key compute
/// fingerprints by the published canonical form, (2) the epoch's key stays secret. If (1) breaks, the same invoice can
/// enter under two fingerprints; if (2) breaks, outsiders can test guesses against fingerprints, not forge uses.
interface IDocumentRegistry {
    event DocumentReleased(bytes32 indexed fingerprint, uint32 sequence, uint64 used, uint64 receivableId);
    event DocumentCarried(bytes32 indexed fingerprint, bytes32 indexed successor, uint32 epoch, uint32 sequence);
    event EpochOpened(uint32 epoch);
    event IssuerAdmitted(address issuer);

    error IssuerUnknown(address issuer);
    error EpochClosed(uint32 epoch, uint32 liveEpoch);
    error DocumentMismatch(bytes32 fingerprint);
    error DocumentAlreadyUsed(bytes32 fingerprint, uint64 amount, uint64 used, uint64 requested);
    error FingerprintMissing();
    error FingerprintTaken(bytes32 fingerprint);
    error DocumentUnknown(bytes32 fingerprint);
    error DocumentCarriedBefore(bytes32 fingerprint);
    error DocumentsNotCarried(uint64 remaining);

    /// @notice Checks the keeper's signature over a batch of documents. Reverts unless it holds.
    ///
    /// @dev Emits nothing.
    ///
    /// Notes:
    /// - The root is that of the issue order's rows, which carry fingerprint, commitment, seller and amount.
    ///
    /// Requirements:
    /// - The epoch must be the live one.
    /// - A keeper organisation's valid keeper key must have signed before its deadline.
    function checkAttestation(AttestDocuments calldata attestation, Approval calldata approval) external view;

    /// @notice Uses part of each document, in order. A use that a rule refuses is answered with its error's selector.
    ///
    /// @dev Emits nothing: the receivable's own event carries the document's running number.
    ///
    /// Notes:
    /// - The first use of a fingerprint enters the document; later uses must match its seller, obligor, type, amount
    ///   and currency.
    /// - A document carried to the next epoch is found by its older fingerprints too; its stream goes on.
    ///
    /// Requirements:
    /// - The caller must be an admitted issuing contract.
    /// - The sum of uses must stay within the document's amount.
    function occupy(uint32 obligor, bytes3 currency, DocumentUse[] calldata uses)
        external
        returns (bytes4[] memory reasons, uint32[] memory sequences);

    /// @notice Gives back what a void or cancelled receivable used.
    ///
    /// @dev Emits {DocumentReleased}.
    ///
    /// Notes:
    /// - A receivable keeps the fingerprint it was issued with; the document is found wherever it was carried.
    ///
    /// Requirements:
    /// - The caller must be an admitted issuing contract.
    function release(bytes32 fingerprint, uint64 usedAmount, uint64 receivableId) external;

    /// @notice Moves documents, as they are, to their fingerprints of the next epoch, ahead of its opening.
    ///
    /// @dev Emits {DocumentCarried} for each.
    ///
    /// Notes:
    /// - Anyone may send a keeper's statement. One sent twice is refused the second time.
    /// - Until the epoch opens, documents are entered and used under the live one as before; what is entered after must
    ///   be carried as well.
    /// - All or none of a statement's documents are carried.
    ///
    /// Requirements:
    /// - The epoch must be the one after the live one.
    /// - A keeper organisation's valid keeper key must have signed before its deadline.
    /// - Each document must have been entered and not carried to that epoch.
    /// - Each successor must be no document's fingerprint.
    function carryDocuments(CarryDocuments calldata statement, Approval calldata approval) external;

    /// @notice The document that goes, or went, by this fingerprint.
    function document(bytes32 fingerprint) external view returns (Document memory);

    /// @notice The fingerprint a document was carried to from this one; zero while it goes by this one.
    function successor(bytes32 fingerprint) external view returns (bytes32);

    /// @notice How many documents must still be carried before the next epoch may open.
    function uncarried() external view returns (uint64);
    function liveEpoch() external view returns (uint32);
    function registry() external view returns (IParticipantRegistry);
    function isIssuer(address issuer) external view returns (bool);

    /// @notice Lets an issuing contract (one a ledger version) use documents.
    function admitIssuer(address issuer) external;

    /// @notice Moves on to the next fingerprint key.
    ///
    /// @dev Emits {EpochOpened}.
    ///
    /// Requirements:
    /// - The epoch must be the one after the live one.
    /// - Every document must have been carried to it: one left behind could be used a second time.
    function openEpoch(uint32 epoch) external;
}
