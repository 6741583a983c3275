// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "./IParticipantRegistry.sol";
import {AttestDocuments} from "../types/Orders.sol";
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
    event EpochOpened(uint32 epoch);
    event IssuerAdmitted(address issuer);

    error IssuerUnknown(address issuer);
    error EpochClosed(uint32 epoch, uint32 liveEpoch);
    error DocumentMismatch(bytes32 fingerprint);
    error DocumentAlreadyUsed(bytes32 fingerprint, uint64 amount, uint64 used, uint64 requested);
    error FingerprintMissing();

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
    /// Requirements:
    /// - The caller must be an admitted issuing contract.
    function release(bytes32 fingerprint, uint64 usedAmount, uint64 receivableId) external;

    function document(bytes32 fingerprint) external view returns (Document memory);
    function liveEpoch() external view returns (uint32);
    function registry() external view returns (IParticipantRegistry);
    function isIssuer(address issuer) external view returns (bool);

    /// @notice Lets an issuing contract (one a ledger version) use documents.
    function admitIssuer(address issuer) external;

    /// @notice Moves on to the next fingerprint key. Documents must have been entered under it before.
    function openEpoch(uint32 epoch) external;
}
