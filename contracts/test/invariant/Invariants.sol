// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice The laws, as sentences. An assertion that fails prints its law.
abstract contract Invariants {
    string internal constant CONSERVATION =
        "CONSERVATION: the face of a receivable is what its lots are still owed and what they were paid";

    string internal constant LINEAGE =
        "LINEAGE: a lot's face was taken from its parent when it was made, and every lot goes back to its root";

    string internal constant TITLE =
        "TITLE: a lot has one holder, the one the events name, and at most one encumbrance, with its one reason";

    string internal constant ONCE = "ONCE: no order hash is executed twice, and no statement line pays more than it is";

    string internal constant BATCH =
        "BATCH: rows and faces issued are what the signature covered, less what is left of it";

    string internal constant OCCUPANCY =
        "OCCUPANCY: what is used of a document is the faces of its living receivables, within its amount, in every epoch";

    string internal constant EARMARK =
        "EARMARK: what is set aside for a receivable is what was paid on it, less what its lots received, and for a quote or a share of a discount what its funder or anchor signed";

    string internal constant CREDIT =
        "CREDIT: what is used of a line is what its funder's lots, funded quotes and awards by transfer use, and within its limit when it is taken up";

    /// @dev R-05: nobody but a bank holds or pools participants' money.
    string internal constant NO_CUSTODY =
        "NO_CUSTODY: every unit of deposit money is an organisation's, none is a contract's of ours";

    string internal constant FINALITY = "FINALITY: a settled lot never changes";

    /// @dev R-25, R-26, R-27: whatever stood before the freeze, and whoever relays.
    string internal constant FREEZE =
        "FREEZE: a frozen lot does not move, from the block the freeze arrives, and its holder is not paid";

    string internal constant ROUNDING =
        "ROUNDING: lots receive the floors of their shares: short by fewer units than there are lots, and by none at the end";

    string internal constant HOLDBACK =
        "HOLDBACK: the holder's share of a lot and what its seller held back are its face, paid in this order, and it stays whole";

    string internal constant SEQUENCE =
        "SEQUENCE: every stream counts its events from 1 without a gap, and its counter is its last number";
}
