// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// The struct hash (EIP-712) of every order, written out once more in the plainest way: what the contracts compute must
// equal this, and tests/vectors/orders.json must equal both.

import {
    ACCEPT_PLEDGE_TYPEHASH,
    ACCEPT_RECEIVABLE_TYPEHASH,
    ATTEST_DOCUMENTS_TYPEHASH,
    ATTEST_FUNDING_TYPEHASH,
    ATTEST_PAYMENT_TYPEHASH,
    AWARD_QUOTE_TYPEHASH,
    AcceptPledge,
    AcceptReceivable,
    AttestDocuments,
    AttestFunding,
    AttestPayment,
    AwardQuote,
    BEAR_INTEREST_TYPEHASH,
    BearInterest,
    CANCEL_ORDER_TYPEHASH,
    CANCEL_RECEIVABLE_TYPEHASH,
    CARRY_DOCUMENTS_TYPEHASH,
    CLAIM_RECOURSE_TYPEHASH,
    CONFIRM_FUNDING_TYPEHASH,
    CONFIRM_PAYMENT_TYPEHASH,
    COUNCIL_VOTE_TYPEHASH,
    CancelOrder,
    CancelReceivable,
    CarryDocuments,
    ClaimRecourse,
    ConfirmFunding,
    ConfirmPayment,
    CouncilVote,
    FREEZE_LOTS_TYPEHASH,
    FUND_QUOTE_TYPEHASH,
    FreezeLots,
    FundQuote,
    FundingEnd,
    HOLD_LOTS_TYPEHASH,
    HoldLots,
    ISSUE_BATCH_TYPEHASH,
    ISSUE_RECEIVABLE_TYPEHASH,
    ISSUE_ROW_TYPEHASH,
    IssueBatch,
    IssueReceivable,
    IssueRow,
    KEY_POSSESSION_TYPEHASH,
    LIFT_FREEZE_TYPEHASH,
    LiftFreeze,
    MINT_DEPOSIT_TYPEHASH,
    MintDeposit,
    NAME_SETTLEMENT_BANK_TYPEHASH,
    NameSettlementBank,
    OFFER_TYPEHASH,
    OPEN_DEPOSIT_ACCOUNTS_TYPEHASH,
    OPEN_PROGRAMME_TYPEHASH,
    OfferEnd,
    OpenDepositAccounts,
    OpenProgramme,
    PART_TYPEHASH,
    PROPOSE_PLEDGE_TYPEHASH,
    PROPOSE_TRANSFER_TYPEHASH,
    PledgeEnd,
    ProposePledge,
    ProposeTransfer,
    QUOTE_TERMS_TYPEHASH,
    QUOTE_TYPEHASH,
    Quote,
    RECORD_FILING_TYPEHASH,
    REDEEM_DEPOSIT_TYPEHASH,
    REFUSE_RECEIVABLE_TYPEHASH,
    REGISTER_KEY_TYPEHASH,
    RENEW_FREEZE_TYPEHASH,
    REPURCHASE_LOT_TYPEHASH,
    REQUEST_FINANCING_TYPEHASH,
    REVOKE_KEY_TYPEHASH,
    RecordFiling,
    RedeemDeposit,
    RegisterKey,
    RenewFreeze,
    RepurchaseLot,
    RequestFinancing,
    RevokeKey,
    SETTLE_RECEIVABLE_TYPEHASH,
    SET_CREDIT_LINE_TYPEHASH,
    SET_DUAL_CONTROL_LIMIT_TYPEHASH,
    SPLIT_LOT_TYPEHASH,
    SUCCESSION_TYPEHASH,
    SetCreditLine,
    SetDualControlLimit,
    SettleReceivable,
    SplitLot,
    TransferAnswer,
    UNSPLIT_LOT_TYPEHASH,
    UnsplitLot,
    VETO_KEY_TYPEHASH,
    VetoKey,
    WITHDRAW_FINANCING_REQUEST_TYPEHASH,
    WRITE_OFF_LOT_TYPEHASH,
    WithdrawFinancingRequest,
    WriteOffLot
} from "../../src/types/Orders.sol";

library Hash {
    // --- ParticipantRegistry

    function possession(address target, bytes32 identity, address key, uint16 roles, bytes15 person)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(KEY_POSSESSION_TYPEHASH, target, identity, key, roles, person));
    }

    function order(SetDualControlLimit memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(SET_DUAL_CONTROL_LIMIT_TYPEHASH, message));
    }

    function order(NameSettlementBank memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(NAME_SETTLEMENT_BANK_TYPEHASH, message));
    }

    function order(RegisterKey memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(REGISTER_KEY_TYPEHASH, message));
    }

    function order(VetoKey memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(VETO_KEY_TYPEHASH, message));
    }

    function order(RevokeKey memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(REVOKE_KEY_TYPEHASH, message));
    }

    function order(CancelOrder memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(CANCEL_ORDER_TYPEHASH, message));
    }

    // --- Council

    function order(CouncilVote memory message) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                COUNCIL_VOTE_TYPEHASH,
                message.target,
                message.organisation,
                message.nonce,
                message.deadline,
                message.subject,
                message.salt,
                message.inFavour,
                keccak256(message.data)
            )
        );
    }

    // --- DocumentRegistry

    function order(AttestDocuments memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(ATTEST_DOCUMENTS_TYPEHASH, message));
    }

    function order(CarryDocuments memory message) internal pure returns (bytes32) {
        bytes memory documents;
        for (uint256 i; i < message.documents.length; ++i) {
            documents = bytes.concat(documents, keccak256(abi.encode(SUCCESSION_TYPEHASH, message.documents[i])));
        }
        return keccak256(
            abi.encode(
                CARRY_DOCUMENTS_TYPEHASH,
                message.target,
                message.organisation,
                message.deadline,
                message.epoch,
                keccak256(documents)
            )
        );
    }

    // --- Issuance

    function order(OpenProgramme memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(OPEN_PROGRAMME_TYPEHASH, message));
    }

    function order(IssueReceivable memory message) internal pure returns (bytes32) {
        bytes32 row = keccak256(abi.encode(ISSUE_ROW_TYPEHASH, message.row));
        return keccak256(
            abi.encode(
                ISSUE_RECEIVABLE_TYPEHASH,
                message.target,
                message.organisation,
                message.nonce,
                message.deadline,
                message.programmeId,
                message.currency,
                row
            )
        );
    }

    function order(IssueBatch memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(ISSUE_BATCH_TYPEHASH, message));
    }

    /// @dev Not a struct hash: the leaf of a row in its batch.
    function leaf(uint256 index, IssueRow memory row) internal pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(index, row))));
    }

    function leaves(IssueRow[] memory rows) internal pure returns (bytes32[] memory nodes) {
        nodes = new bytes32[](rows.length);
        for (uint256 i; i < rows.length; ++i) {
            nodes[i] = leaf(i, rows[i]);
        }
    }

    /// @dev The nodes of one level of the tree, the slow way: every level in full, missing leaves zero.
    function level(bytes32[] memory nodes, uint256 height) internal pure returns (bytes32[] memory here) {
        uint256 width = 1;
        while (width < nodes.length) width *= 2;
        here = new bytes32[](width);
        for (uint256 i; i < nodes.length; ++i) {
            here[i] = nodes[i];
        }
        for (uint256 h; h < height; ++h) {
            bytes32[] memory above = new bytes32[](here.length / 2);
            for (uint256 i; i < above.length; ++i) {
                above[i] = keccak256(bytes.concat(here[2 * i], here[2 * i + 1]));
            }
            here = above;
        }
    }

    function depth(uint256 count) internal pure returns (uint256 height) {
        while ((1 << height) < count) ++height;
    }

    function root(IssueRow[] memory rows) internal pure returns (bytes32) {
        return level(leaves(rows), depth(rows.length))[0];
    }

    /// @dev Siblings from a run's own root upwards.
    function proof(bytes32[] memory nodes, uint256 height, uint256 index)
        internal
        pure
        returns (bytes32[] memory siblings)
    {
        siblings = new bytes32[](depth(nodes.length) - height);
        for (uint256 i; i < siblings.length; ++i) {
            siblings[i] = level(nodes, height + i)[(index >> i) ^ 1];
        }
    }

    function order(AcceptReceivable memory message) internal pure returns (bytes32) {
        bytes memory offers;
        for (uint256 i; i < message.offers.length; ++i) {
            offers = bytes.concat(offers, keccak256(abi.encode(OFFER_TYPEHASH, message.offers[i])));
        }
        return keccak256(
            abi.encode(
                ACCEPT_RECEIVABLE_TYPEHASH,
                message.target,
                message.organisation,
                message.nonce,
                message.deadline,
                message.currency,
                message.totalFaceValue,
                keccak256(offers)
            )
        );
    }

    function ending(bytes32 typeHash, OfferEnd memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(typeHash, message));
    }

    function order(CancelReceivable memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(CANCEL_RECEIVABLE_TYPEHASH, message));
    }

    function order(UnsplitLot memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(UNSPLIT_LOT_TYPEHASH, message));
    }

    // --- ReceivableLedger

    function order(SplitLot memory message) internal pure returns (bytes32) {
        bytes memory parts;
        for (uint256 i; i < message.parts.length; ++i) {
            parts = bytes.concat(parts, keccak256(abi.encode(PART_TYPEHASH, message.parts[i])));
        }
        return keccak256(
            abi.encode(
                SPLIT_LOT_TYPEHASH,
                message.target,
                message.organisation,
                message.nonce,
                message.deadline,
                message.lotId,
                message.faceValue,
                message.paid,
                message.expiresAt,
                keccak256(parts)
            )
        );
    }

    function order(ProposeTransfer memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(PROPOSE_TRANSFER_TYPEHASH, message));
    }

    /// @param typeHash That of AcceptTransfer, RejectTransfer or RevokeTransfer.
    function answer(bytes32 typeHash, TransferAnswer memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(typeHash, message));
    }

    // --- FinancingMarket

    function order(RequestFinancing memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(REQUEST_FINANCING_TYPEHASH, message));
    }

    function order(WithdrawFinancingRequest memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(WITHDRAW_FINANCING_REQUEST_TYPEHASH, message));
    }

    function terms(uint32 discountRateBps, string memory dayCount, uint32 tenorDays, uint64 valueAt, bytes32 salt)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(
            abi.encode(QUOTE_TERMS_TYPEHASH, discountRateBps, keccak256(bytes(dayCount)), tenorDays, valueAt, salt)
        );
    }

    function order(Quote memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(QUOTE_TYPEHASH, message));
    }

    function order(AwardQuote memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(AWARD_QUOTE_TYPEHASH, message));
    }

    function order(FundQuote memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(FUND_QUOTE_TYPEHASH, message));
    }

    function order(RecordFiling memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(RECORD_FILING_TYPEHASH, message));
    }

    function order(ClaimRecourse memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(CLAIM_RECOURSE_TYPEHASH, message));
    }

    function order(RepurchaseLot memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(REPURCHASE_LOT_TYPEHASH, message));
    }

    // --- Settlement

    function order(SettleReceivable memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(SETTLE_RECEIVABLE_TYPEHASH, message));
    }

    function order(WriteOffLot memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(WRITE_OFF_LOT_TYPEHASH, message));
    }

    function order(BearInterest memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(BEAR_INTEREST_TYPEHASH, message));
    }

    function order(AttestFunding memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(ATTEST_FUNDING_TYPEHASH, message));
    }

    function order(ConfirmFunding memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(CONFIRM_FUNDING_TYPEHASH, message));
    }

    function fundingEnd(bytes32 typeHash, FundingEnd memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(typeHash, message));
    }

    function order(AttestPayment memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(ATTEST_PAYMENT_TYPEHASH, message));
    }

    function order(ConfirmPayment memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(CONFIRM_PAYMENT_TYPEHASH, message));
    }

    // --- TokenisedDeposit

    function order(OpenDepositAccounts memory message) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                OPEN_DEPOSIT_ACCOUNTS_TYPEHASH,
                message.target,
                message.organisation,
                message.nonce,
                message.deadline,
                keccak256(abi.encodePacked(message.holders))
            )
        );
    }

    function order(MintDeposit memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(MINT_DEPOSIT_TYPEHASH, message));
    }

    function order(RedeemDeposit memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(REDEEM_DEPOSIT_TYPEHASH, message));
    }

    // --- CreditLines

    function order(SetCreditLine memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(SET_CREDIT_LINE_TYPEHASH, message));
    }

    // --- Encumbrances

    function order(FreezeLots memory message) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                FREEZE_LOTS_TYPEHASH,
                message.target,
                message.organisation,
                message.nonce,
                message.deadline,
                message.receivableId,
                message.holder,
                message.referenceHash,
                message.expiresAt,
                message.toCourt,
                keccak256(abi.encodePacked(message.lotSequences))
            )
        );
    }

    function order(HoldLots memory message) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                HOLD_LOTS_TYPEHASH,
                message.target,
                message.organisation,
                message.nonce,
                message.deadline,
                message.receivableId,
                message.holder,
                message.referenceHash,
                message.expiresAt,
                keccak256(abi.encodePacked(message.lotSequences))
            )
        );
    }

    function order(RenewFreeze memory message) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                RENEW_FREEZE_TYPEHASH,
                message.target,
                message.organisation,
                message.nonce,
                message.deadline,
                message.receivableId,
                message.referenceHash,
                message.expiresAt,
                keccak256(abi.encodePacked(message.lotSequences))
            )
        );
    }

    function order(LiftFreeze memory message) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                LIFT_FREEZE_TYPEHASH,
                message.target,
                message.organisation,
                message.nonce,
                message.deadline,
                message.receivableId,
                message.referenceHash,
                keccak256(abi.encodePacked(message.lotSequences))
            )
        );
    }

    function order(ProposePledge memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(PROPOSE_PLEDGE_TYPEHASH, message));
    }

    function order(AcceptPledge memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(ACCEPT_PLEDGE_TYPEHASH, message));
    }

    function pledgeEnd(bytes32 typeHash, PledgeEnd memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(typeHash, message));
    }
}
