// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

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
    LIFT_FREEZE_TYPEHASH,
    LiftFreeze,
    MINT_DEPOSIT_TYPEHASH,
    MintDeposit,
    NAME_SETTLEMENT_BANK_TYPEHASH,
    NameSettlementBank,
    OFFER_TYPEHASH,
    OPEN_DEPOSIT_ACCOUNTS_TYPEHASH,
    OPEN_PROGRAMME_TYPEHASH,
    Offer,
    OfferEnd,
    OpenDepositAccounts,
    OpenProgramme,
    PART_TYPEHASH,
    PROPOSE_PLEDGE_TYPEHASH,
    PROPOSE_TRANSFER_TYPEHASH,
    Part,
    PledgeEnd,
    ProposePledge,
    ProposeTransfer,
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
    Succession,
    TransferAnswer,
    UNSPLIT_LOT_TYPEHASH,
    UnsplitLot,
    VETO_KEY_TYPEHASH,
    VetoKey,
    WITHDRAW_FINANCING_REQUEST_TYPEHASH,
    WRITE_OFF_LOT_TYPEHASH,
    WithdrawFinancingRequest,
    WriteOffLot
} from "../types/Orders.sol";

/// @dev What every order begins with.
struct OrderHead {
    address target;
    uint32 organisation;
    uint256 nonce;
    uint64 deadline;
}

/// @title The struct hash (EIP-712) and the head of each order.
/// @notice An order's fields lie in calldata one word each, as they are hashed, so they are copied as they are, for a
/// fraction of what encoding them again costs. A word with bits its type does not have changes the hash, and is
/// refused when the field is read. The numbers count each struct's fields; tests/vectors/orders.json checks them all.
library OrderReader {
    // --- ParticipantRegistry

    function read(SetDualControlLimit calldata order)
        internal
        pure
        returns (bytes32 orderHash, OrderHead calldata head)
    {
        assembly {
            head := order
        }
        orderHash = _hashWords(SET_DUAL_CONTROL_LIMIT_TYPEHASH, _offset(head), 6);
    }

    function read(NameSettlementBank calldata order)
        internal
        pure
        returns (bytes32 orderHash, OrderHead calldata head)
    {
        assembly {
            head := order
        }
        orderHash = _hashWords(NAME_SETTLEMENT_BANK_TYPEHASH, _offset(head), 6);
    }

    function read(RegisterKey calldata order) internal pure returns (bytes32 orderHash, OrderHead calldata head) {
        assembly {
            head := order
        }
        orderHash = _hashWords(REGISTER_KEY_TYPEHASH, _offset(head), 10);
    }

    function read(VetoKey calldata order) internal pure returns (bytes32 orderHash, OrderHead calldata head) {
        assembly {
            head := order
        }
        orderHash = _hashWords(VETO_KEY_TYPEHASH, _offset(head), 5);
    }

    function read(RevokeKey calldata order) internal pure returns (bytes32 orderHash, OrderHead calldata head) {
        assembly {
            head := order
        }
        orderHash = _hashWords(REVOKE_KEY_TYPEHASH, _offset(head), 5);
    }

    function read(CancelOrder calldata order) internal pure returns (bytes32 orderHash, OrderHead calldata head) {
        assembly {
            head := order
        }
        orderHash = _hashWords(CANCEL_ORDER_TYPEHASH, _offset(head), 7);
    }

    // --- Council

    function read(CouncilVote calldata order) internal pure returns (bytes32 orderHash, OrderHead calldata head) {
        assembly {
            head := order
        }
        orderHash = _hashWordsAnd(COUNCIL_VOTE_TYPEHASH, _offset(head), 7, keccak256(order.data));
    }

    // --- DocumentRegistry

    function hash(AttestDocuments calldata attestation) internal pure returns (bytes32) {
        uint256 offset;
        assembly {
            offset := attestation
        }
        return _hashWords(ATTEST_DOCUMENTS_TYPEHASH, offset, 8);
    }

    function hash(CarryDocuments calldata statement) internal pure returns (bytes32) {
        Succession[] calldata documents = statement.documents;
        uint256 offset;
        uint256 list;
        assembly {
            offset := statement
            list := documents.offset
        }
        bytes32 listHash = _hashList(SUCCESSION_TYPEHASH, list, documents.length, 2);
        return _hashWordsAnd(CARRY_DOCUMENTS_TYPEHASH, offset, 4, listHash);
    }

    // --- Issuance

    function read(OpenProgramme calldata order) internal pure returns (bytes32 orderHash, OrderHead calldata head) {
        assembly {
            head := order
        }
        orderHash = _hashWords(OPEN_PROGRAMME_TYPEHASH, _offset(head), 20);
    }

    function read(IssueReceivable calldata order) internal pure returns (bytes32 orderHash, OrderHead calldata head) {
        IssueRow calldata row = order.row;
        uint256 offset;
        assembly {
            head := order
            offset := row
        }
        bytes32 rowHash = _hashWords(ISSUE_ROW_TYPEHASH, offset, 8);
        orderHash = _hashWordsAnd(ISSUE_RECEIVABLE_TYPEHASH, _offset(head), 6, rowHash);
    }

    function read(IssueBatch calldata order) internal pure returns (bytes32 orderHash, OrderHead calldata head) {
        assembly {
            head := order
        }
        orderHash = _hashWords(ISSUE_BATCH_TYPEHASH, _offset(head), 10);
    }

    /// @dev The leaf of a row in its batch: keccak256(keccak256(abi.encode(index, row))).
    function leaf(uint256 index, IssueRow calldata row) internal pure returns (bytes32 node) {
        uint256 offset;
        assembly {
            offset := row
        }
        node = _hashWords(bytes32(index), offset, 8);
        assembly ("memory-safe") {
            mstore(0x00, node)
            node := keccak256(0x00, 0x20)
        }
    }

    function read(AcceptReceivable calldata order) internal pure returns (bytes32 orderHash, OrderHead calldata head) {
        Offer[] calldata offers = order.offers;
        uint256 offset;
        assembly {
            head := order
            offset := offers.offset
        }
        bytes32 list = _hashList(OFFER_TYPEHASH, offset, offers.length, 6);
        orderHash = _hashWordsAnd(ACCEPT_RECEIVABLE_TYPEHASH, _offset(head), 6, list);
    }

    /// @param typeHash That of RefuseReceivable or WithdrawReceivable.
    function read(bytes32 typeHash, OfferEnd calldata order)
        internal
        pure
        returns (bytes32 orderHash, OrderHead calldata head)
    {
        assembly {
            head := order
        }
        orderHash = _hashWords(typeHash, _offset(head), 8);
    }

    function read(CancelReceivable calldata order) internal pure returns (bytes32 orderHash, OrderHead calldata head) {
        assembly {
            head := order
        }
        orderHash = _hashWords(CANCEL_RECEIVABLE_TYPEHASH, _offset(head), 9);
    }

    // --- ReceivableLedger

    function read(SplitLot calldata order) internal pure returns (bytes32 orderHash, OrderHead calldata head) {
        Part[] calldata parts = order.parts;
        uint256 offset;
        assembly {
            head := order
            offset := parts.offset
        }
        bytes32 list = _hashList(PART_TYPEHASH, offset, parts.length, 2);
        orderHash = _hashWordsAnd(SPLIT_LOT_TYPEHASH, _offset(head), 8, list);
    }

    function read(UnsplitLot calldata order) internal pure returns (bytes32 orderHash, OrderHead calldata head) {
        assembly {
            head := order
        }
        orderHash = _hashWords(UNSPLIT_LOT_TYPEHASH, _offset(head), 8);
    }

    function read(ProposeTransfer calldata order) internal pure returns (bytes32 orderHash, OrderHead calldata head) {
        assembly {
            head := order
        }
        orderHash = _hashWords(PROPOSE_TRANSFER_TYPEHASH, _offset(head), 10);
    }

    /// @param typeHash That of AcceptTransfer, RejectTransfer or RevokeTransfer.
    function read(bytes32 typeHash, TransferAnswer calldata answer)
        internal
        pure
        returns (bytes32 orderHash, OrderHead calldata head)
    {
        assembly {
            head := answer
        }
        orderHash = _hashWords(typeHash, _offset(head), 8);
    }

    // --- FinancingMarket

    function read(RequestFinancing calldata order) internal pure returns (bytes32 orderHash, OrderHead calldata head) {
        assembly {
            head := order
        }
        orderHash = _hashWords(REQUEST_FINANCING_TYPEHASH, _offset(head), 10);
    }

    function read(WithdrawFinancingRequest calldata order)
        internal
        pure
        returns (bytes32 orderHash, OrderHead calldata head)
    {
        assembly {
            head := order
        }
        orderHash = _hashWords(WITHDRAW_FINANCING_REQUEST_TYPEHASH, _offset(head), 5);
    }

    function read(Quote calldata quote) internal pure returns (bytes32 orderHash, OrderHead calldata head) {
        assembly {
            head := quote
        }
        orderHash = _hashWords(QUOTE_TYPEHASH, _offset(head), 16);
    }

    function read(AwardQuote calldata order) internal pure returns (bytes32 orderHash, OrderHead calldata head) {
        assembly {
            head := order
        }
        orderHash = _hashWords(AWARD_QUOTE_TYPEHASH, _offset(head), 13);
    }

    function read(FundQuote calldata order) internal pure returns (bytes32 orderHash, OrderHead calldata head) {
        assembly {
            head := order
        }
        orderHash = _hashWords(FUND_QUOTE_TYPEHASH, _offset(head), 9);
    }

    function read(BearInterest calldata order) internal pure returns (bytes32 orderHash, OrderHead calldata head) {
        assembly {
            head := order
        }
        orderHash = _hashWords(BEAR_INTEREST_TYPEHASH, _offset(head), 10);
    }

    function read(AttestFunding calldata order) internal pure returns (bytes32 orderHash, OrderHead calldata head) {
        assembly {
            head := order
        }
        orderHash = _hashWords(ATTEST_FUNDING_TYPEHASH, _offset(head), 12);
    }

    function read(ConfirmFunding calldata order) internal pure returns (bytes32 orderHash, OrderHead calldata head) {
        assembly {
            head := order
        }
        orderHash = _hashWords(CONFIRM_FUNDING_TYPEHASH, _offset(head), 12);
    }

    /// @param typeHash That of ReleaseFunding or DenyFunding.
    function read(bytes32 typeHash, FundingEnd calldata order)
        internal
        pure
        returns (bytes32 orderHash, OrderHead calldata head)
    {
        assembly {
            head := order
        }
        orderHash = _hashWords(typeHash, _offset(head), 6);
    }

    function read(RecordFiling calldata order) internal pure returns (bytes32 orderHash, OrderHead calldata head) {
        assembly {
            head := order
        }
        orderHash = _hashWords(RECORD_FILING_TYPEHASH, _offset(head), 8);
    }

    function read(ClaimRecourse calldata order) internal pure returns (bytes32 orderHash, OrderHead calldata head) {
        assembly {
            head := order
        }
        orderHash = _hashWords(CLAIM_RECOURSE_TYPEHASH, _offset(head), 7);
    }

    function read(RepurchaseLot calldata order) internal pure returns (bytes32 orderHash, OrderHead calldata head) {
        assembly {
            head := order
        }
        orderHash = _hashWords(REPURCHASE_LOT_TYPEHASH, _offset(head), 11);
    }

    // --- Settlement

    function read(SettleReceivable calldata order) internal pure returns (bytes32 orderHash, OrderHead calldata head) {
        assembly {
            head := order
        }
        orderHash = _hashWords(SETTLE_RECEIVABLE_TYPEHASH, _offset(head), 10);
    }

    function read(WriteOffLot calldata order) internal pure returns (bytes32 orderHash, OrderHead calldata head) {
        assembly {
            head := order
        }
        orderHash = _hashWords(WRITE_OFF_LOT_TYPEHASH, _offset(head), 7);
    }

    function read(AttestPayment calldata order) internal pure returns (bytes32 orderHash, OrderHead calldata head) {
        assembly {
            head := order
        }
        orderHash = _hashWords(ATTEST_PAYMENT_TYPEHASH, _offset(head), 14);
    }

    function read(ConfirmPayment calldata order) internal pure returns (bytes32 orderHash, OrderHead calldata head) {
        assembly {
            head := order
        }
        orderHash = _hashWords(CONFIRM_PAYMENT_TYPEHASH, _offset(head), 14);
    }

    // --- TokenisedDeposit

    function read(OpenDepositAccounts calldata order)
        internal
        pure
        returns (bytes32 orderHash, OrderHead calldata head)
    {
        assembly {
            head := order
        }
        bytes32 list = keccak256(abi.encodePacked(order.holders));
        orderHash = _hashWordsAnd(OPEN_DEPOSIT_ACCOUNTS_TYPEHASH, _offset(head), 4, list);
    }

    function read(MintDeposit calldata order) internal pure returns (bytes32 orderHash, OrderHead calldata head) {
        assembly {
            head := order
        }
        orderHash = _hashWords(MINT_DEPOSIT_TYPEHASH, _offset(head), 8);
    }

    function read(RedeemDeposit calldata order) internal pure returns (bytes32 orderHash, OrderHead calldata head) {
        assembly {
            head := order
        }
        orderHash = _hashWords(REDEEM_DEPOSIT_TYPEHASH, _offset(head), 7);
    }

    // --- CreditLines

    function read(SetCreditLine calldata order) internal pure returns (bytes32 orderHash, OrderHead calldata head) {
        assembly {
            head := order
        }
        orderHash = _hashWords(SET_CREDIT_LINE_TYPEHASH, _offset(head), 8);
    }

    // --- Encumbrances

    function read(FreezeLots calldata order) internal pure returns (bytes32 orderHash, OrderHead calldata head) {
        assembly {
            head := order
        }
        bytes32 list = keccak256(abi.encodePacked(order.lotSequences));
        orderHash = _hashWordsAnd(FREEZE_LOTS_TYPEHASH, _offset(head), 9, list);
    }

    function read(HoldLots calldata order) internal pure returns (bytes32 orderHash, OrderHead calldata head) {
        assembly {
            head := order
        }
        bytes32 list = keccak256(abi.encodePacked(order.lotSequences));
        orderHash = _hashWordsAnd(HOLD_LOTS_TYPEHASH, _offset(head), 8, list);
    }

    function read(RenewFreeze calldata order) internal pure returns (bytes32 orderHash, OrderHead calldata head) {
        assembly {
            head := order
        }
        bytes32 list = keccak256(abi.encodePacked(order.lotSequences));
        orderHash = _hashWordsAnd(RENEW_FREEZE_TYPEHASH, _offset(head), 7, list);
    }

    function read(LiftFreeze calldata order) internal pure returns (bytes32 orderHash, OrderHead calldata head) {
        assembly {
            head := order
        }
        bytes32 list = keccak256(abi.encodePacked(order.lotSequences));
        orderHash = _hashWordsAnd(LIFT_FREEZE_TYPEHASH, _offset(head), 6, list);
    }

    function read(ProposePledge calldata order) internal pure returns (bytes32 orderHash, OrderHead calldata head) {
        assembly {
            head := order
        }
        orderHash = _hashWords(PROPOSE_PLEDGE_TYPEHASH, _offset(head), 12);
    }

    function read(AcceptPledge calldata order) internal pure returns (bytes32 orderHash, OrderHead calldata head) {
        assembly {
            head := order
        }
        orderHash = _hashWords(ACCEPT_PLEDGE_TYPEHASH, _offset(head), 10);
    }

    function read(bytes32 typeHash, PledgeEnd calldata order)
        internal
        pure
        returns (bytes32 orderHash, OrderHead calldata head)
    {
        assembly {
            head := order
        }
        orderHash = _hashWords(typeHash, _offset(head), 8);
    }

    // --- Internals

    function _offset(OrderHead calldata head) private pure returns (uint256 offset) {
        assembly {
            offset := head
        }
    }

    /// @dev keccak256(first ‖ `count` words of calldata from `offset`).
    function _hashWords(bytes32 first, uint256 offset, uint256 count) private pure returns (bytes32 result) {
        assembly ("memory-safe") {
            let memoryAt := mload(0x40)
            let size := shl(5, count)
            mstore(memoryAt, first)
            calldatacopy(add(memoryAt, 0x20), offset, size)
            result := keccak256(memoryAt, add(size, 0x20))
        }
    }

    /// @dev keccak256(first ‖ `count` words of calldata from `offset` ‖ last).
    function _hashWordsAnd(bytes32 first, uint256 offset, uint256 count, bytes32 last)
        private
        pure
        returns (bytes32 result)
    {
        assembly ("memory-safe") {
            let memoryAt := mload(0x40)
            let size := shl(5, count)
            mstore(memoryAt, first)
            calldatacopy(add(memoryAt, 0x20), offset, size)
            mstore(add(memoryAt, add(size, 0x20)), last)
            result := keccak256(memoryAt, add(size, 0x40))
        }
    }

    /// @dev keccak256 of the hashes of `length` structs of `count` words each, one behind the other from `offset`.
    function _hashList(bytes32 typeHash, uint256 offset, uint256 length, uint256 count)
        private
        pure
        returns (bytes32 result)
    {
        assembly ("memory-safe") {
            let hashes := mload(0x40)
            let end := add(hashes, shl(5, length))
            let size := shl(5, count)
            // Behind the hashes, the struct that is being hashed.
            mstore(end, typeHash)
            for { let place := hashes } lt(place, end) { place := add(place, 0x20) } {
                calldatacopy(add(end, 0x20), offset, size)
                mstore(place, keccak256(end, add(size, 0x20)))
                offset := add(offset, size)
            }
            result := keccak256(hashes, shl(5, length))
        }
    }
}
