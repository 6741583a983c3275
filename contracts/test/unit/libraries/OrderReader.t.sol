// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";
import {OrderHead, OrderReader} from "../../../src/libraries/OrderReader.sol";
import {LotId} from "../../../src/types/Ids.sol";
import {
    ACCEPT_PLEDGE_TYPEHASH,
    ACCEPT_RECEIVABLE_TYPEHASH,
    ACCEPT_TRANSFER_TYPEHASH,
    ATTEST_DOCUMENTS_TYPEHASH,
    ATTEST_FUNDING_TYPEHASH,
    ATTEST_PAYMENT_TYPEHASH,
    AWARD_QUOTE_TYPEHASH,
    AcceptPledge,
    AcceptReceivable,
    AttestDocuments,
    AttestFunding,
    AttestPayment,
    BEAR_INTEREST_TYPEHASH,
    BearInterest,
    CARRY_DOCUMENTS_TYPEHASH,
    CarryDocuments,
    AwardQuote,
    CANCEL_ORDER_TYPEHASH,
    CANCEL_RECEIVABLE_TYPEHASH,
    CLAIM_RECOURSE_TYPEHASH,
    CONFIRM_FUNDING_TYPEHASH,
    CONFIRM_PAYMENT_TYPEHASH,
    COUNCIL_VOTE_TYPEHASH,
    CancelOrder,
    CancelReceivable,
    ClaimRecourse,
    ConfirmFunding,
    ConfirmPayment,
    CouncilVote,
    DENY_FUNDING_TYPEHASH,
    DOMAIN_TYPEHASH,
    ENFORCE_PLEDGE_TYPEHASH,
    FREEZE_LOTS_TYPEHASH,
    FUND_QUOTE_TYPEHASH,
    FreezeLots,
    FundQuote,
    FundingEnd,
    HOLD_LOTS_TYPEHASH,
    HoldLots,
    ISSUE_BATCH_TYPEHASH,
    ISSUE_RECEIVABLE_TYPEHASH,
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
    OPEN_DEPOSIT_ACCOUNTS_TYPEHASH,
    OPEN_PROGRAMME_TYPEHASH,
    Offer,
    OfferEnd,
    OpenDepositAccounts,
    OpenProgramme,
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
    REJECT_TRANSFER_TYPEHASH,
    RELEASE_FUNDING_TYPEHASH,
    RELEASE_PLEDGE_TYPEHASH,
    RENEW_FREEZE_TYPEHASH,
    REPURCHASE_LOT_TYPEHASH,
    REQUEST_FINANCING_TYPEHASH,
    REVOKE_KEY_TYPEHASH,
    REVOKE_TRANSFER_TYPEHASH,
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
    WITHDRAW_RECEIVABLE_TYPEHASH,
    WRITE_OFF_LOT_TYPEHASH,
    WithdrawFinancingRequest,
    WriteOffLot
} from "../../../src/types/Orders.sol";
import {Hash} from "../../support/Hash.sol";

address constant TARGET = 0x2222222222222222222222222222222222222222;
uint32 constant ORGANISATION = 7;
/// @dev Made by the key 0x33...33: lane 1, place 2.
uint256 constant NONCE = (uint256(uint160(0x3333333333333333333333333333333333333333)) << 96) | 0x102;
uint64 constant DEADLINE = 1_800_000_000;

/// @dev The library reads calldata.
contract OrderReaderHarness {
    function read(SetDualControlLimit calldata order) external pure returns (bytes32 orderHash) {
        OrderHead calldata head;
        (orderHash, head) = OrderReader.read(order);
        _check(head);
    }

    function read(RegisterKey calldata order) external pure returns (bytes32 orderHash) {
        OrderHead calldata head;
        (orderHash, head) = OrderReader.read(order);
        _check(head);
    }

    /// @dev Outside it looks like a RevokeKey.
    function readVeto(VetoKey calldata order) external pure returns (bytes32 orderHash) {
        OrderHead calldata head;
        (orderHash, head) = OrderReader.read(order);
        _check(head);
    }

    function read(CouncilVote calldata order) external pure returns (bytes32 orderHash) {
        OrderHead calldata head;
        (orderHash, head) = OrderReader.read(order);
        _check(head);
    }

    function read(RevokeKey calldata order) external pure returns (bytes32 orderHash) {
        OrderHead calldata head;
        (orderHash, head) = OrderReader.read(order);
        _check(head);
    }

    function read(CancelOrder calldata order) external pure returns (bytes32 orderHash) {
        OrderHead calldata head;
        (orderHash, head) = OrderReader.read(order);
        _check(head);
    }

    function read(OpenProgramme calldata order) external pure returns (bytes32 orderHash) {
        OrderHead calldata head;
        (orderHash, head) = OrderReader.read(order);
        _check(head);
    }

    function read(IssueReceivable calldata order) external pure returns (bytes32 orderHash) {
        OrderHead calldata head;
        (orderHash, head) = OrderReader.read(order);
        _check(head);
    }

    function read(IssueBatch calldata order) external pure returns (bytes32 orderHash) {
        OrderHead calldata head;
        (orderHash, head) = OrderReader.read(order);
        _check(head);
    }

    function read(AcceptReceivable calldata order) external pure returns (bytes32 orderHash) {
        OrderHead calldata head;
        (orderHash, head) = OrderReader.read(order);
        _check(head);
    }

    function read(bytes32 typeHash, OfferEnd calldata order) external pure returns (bytes32 orderHash) {
        OrderHead calldata head;
        (orderHash, head) = OrderReader.read(typeHash, order);
        _check(head);
    }

    function read(CancelReceivable calldata order) external pure returns (bytes32 orderHash) {
        OrderHead calldata head;
        (orderHash, head) = OrderReader.read(order);
        _check(head);
    }

    function read(UnsplitLot calldata order) external pure returns (bytes32 orderHash) {
        OrderHead calldata head;
        (orderHash, head) = OrderReader.read(order);
        _check(head);
    }

    function read(SplitLot calldata order) external pure returns (bytes32 orderHash) {
        OrderHead calldata head;
        (orderHash, head) = OrderReader.read(order);
        _check(head);
    }

    function read(ProposeTransfer calldata order) external pure returns (bytes32 orderHash) {
        OrderHead calldata head;
        (orderHash, head) = OrderReader.read(order);
        _check(head);
    }

    function read(RequestFinancing calldata order) external pure returns (bytes32 orderHash) {
        OrderHead calldata head;
        (orderHash, head) = OrderReader.read(order);
        _check(head);
    }

    function read(WithdrawFinancingRequest calldata order) external pure returns (bytes32 orderHash) {
        OrderHead calldata head;
        (orderHash, head) = OrderReader.read(order);
        _check(head);
    }

    function read(Quote calldata order) external pure returns (bytes32 orderHash) {
        OrderHead calldata head;
        (orderHash, head) = OrderReader.read(order);
        _check(head);
    }

    function read(AwardQuote calldata order) external pure returns (bytes32 orderHash) {
        OrderHead calldata head;
        (orderHash, head) = OrderReader.read(order);
        _check(head);
    }

    function read(SettleReceivable calldata order) external pure returns (bytes32 orderHash) {
        OrderHead calldata head;
        (orderHash, head) = OrderReader.read(order);
        _check(head);
    }

    function read(OpenDepositAccounts calldata order) external pure returns (bytes32 orderHash) {
        OrderHead calldata head;
        (orderHash, head) = OrderReader.read(order);
        _check(head);
    }

    function read(MintDeposit calldata order) external pure returns (bytes32 orderHash) {
        OrderHead calldata head;
        (orderHash, head) = OrderReader.read(order);
        _check(head);
    }

    function read(RedeemDeposit calldata order) external pure returns (bytes32 orderHash) {
        OrderHead calldata head;
        (orderHash, head) = OrderReader.read(order);
        _check(head);
    }

    function read(FundQuote calldata order) external pure returns (bytes32 orderHash) {
        OrderHead calldata head;
        (orderHash, head) = OrderReader.read(order);
        _check(head);
    }

    function read(RecordFiling calldata order) external pure returns (bytes32 orderHash) {
        OrderHead calldata head;
        (orderHash, head) = OrderReader.read(order);
        _check(head);
    }

    function read(ClaimRecourse calldata order) external pure returns (bytes32 orderHash) {
        OrderHead calldata head;
        (orderHash, head) = OrderReader.read(order);
        _check(head);
    }

    function read(RepurchaseLot calldata order) external pure returns (bytes32 orderHash) {
        OrderHead calldata head;
        (orderHash, head) = OrderReader.read(order);
        _check(head);
    }

    /// @dev Its fields are those of ClaimRecourse, so it cannot have the same name here.
    function readWriteOff(WriteOffLot calldata order) external pure returns (bytes32 orderHash) {
        OrderHead calldata head;
        (orderHash, head) = OrderReader.read(order);
        _check(head);
    }

    /// @dev Outside it looks like an order of deposits would.
    function readBank(NameSettlementBank calldata order) external pure returns (bytes32 orderHash) {
        OrderHead calldata head;
        (orderHash, head) = OrderReader.read(order);
        _check(head);
    }

    function read(AttestPayment calldata order) external pure returns (bytes32 orderHash) {
        OrderHead calldata head;
        (orderHash, head) = OrderReader.read(order);
        _check(head);
    }

    /// @dev Its fields are those of AttestPayment.
    function readConfirmation(ConfirmPayment calldata order) external pure returns (bytes32 orderHash) {
        OrderHead calldata head;
        (orderHash, head) = OrderReader.read(order);
        _check(head);
    }

    /// @dev Its fields are those of FundQuote, but for one.
    function read(BearInterest calldata order) external pure returns (bytes32 orderHash) {
        OrderHead calldata head;
        (orderHash, head) = OrderReader.read(order);
        _check(head);
    }

    function read(AttestFunding calldata order) external pure returns (bytes32 orderHash) {
        OrderHead calldata head;
        (orderHash, head) = OrderReader.read(order);
        _check(head);
    }

    /// @dev Its fields are those of AttestFunding.
    function readConfirmation(ConfirmFunding calldata order) external pure returns (bytes32 orderHash) {
        OrderHead calldata head;
        (orderHash, head) = OrderReader.read(order);
        _check(head);
    }

    function readEnd(bytes32 typeHash, FundingEnd calldata order) external pure returns (bytes32 orderHash) {
        OrderHead calldata head;
        (orderHash, head) = OrderReader.read(typeHash, order);
        _check(head);
    }

    function read(SetCreditLine calldata order) external pure returns (bytes32 orderHash) {
        OrderHead calldata head;
        (orderHash, head) = OrderReader.read(order);
        _check(head);
    }

    function read(FreezeLots calldata order) external pure returns (bytes32 orderHash) {
        OrderHead calldata head;
        (orderHash, head) = OrderReader.read(order);
        _check(head);
    }

    function read(HoldLots calldata order) external pure returns (bytes32 orderHash) {
        OrderHead calldata head;
        (orderHash, head) = OrderReader.read(order);
        _check(head);
    }

    function read(RenewFreeze calldata order) external pure returns (bytes32 orderHash) {
        OrderHead calldata head;
        (orderHash, head) = OrderReader.read(order);
        _check(head);
    }

    function read(LiftFreeze calldata order) external pure returns (bytes32 orderHash) {
        OrderHead calldata head;
        (orderHash, head) = OrderReader.read(order);
        _check(head);
    }

    function read(ProposePledge calldata order) external pure returns (bytes32 orderHash) {
        OrderHead calldata head;
        (orderHash, head) = OrderReader.read(order);
        _check(head);
    }

    function read(AcceptPledge calldata order) external pure returns (bytes32 orderHash) {
        OrderHead calldata head;
        (orderHash, head) = OrderReader.read(order);
        _check(head);
    }

    function readEnd(bytes32 typeHash, PledgeEnd calldata order) external pure returns (bytes32 orderHash) {
        OrderHead calldata head;
        (orderHash, head) = OrderReader.read(typeHash, order);
        _check(head);
    }

    function read(bytes32 typeHash, TransferAnswer calldata answer) external pure returns (bytes32 orderHash) {
        OrderHead calldata head;
        (orderHash, head) = OrderReader.read(typeHash, answer);
        _check(head);
    }

    function hash(AttestDocuments calldata attestation) external pure returns (bytes32) {
        return OrderReader.hash(attestation);
    }

    function hash(CarryDocuments calldata statement) external pure returns (bytes32) {
        return OrderReader.hash(statement);
    }

    function leaf(uint256 index, IssueRow calldata row) external pure returns (bytes32) {
        return OrderReader.leaf(index, row);
    }

    function _check(OrderHead calldata head) private pure {
        require(head.target == TARGET && head.organisation == ORGANISATION, "not the order's head");
        require(head.nonce == NONCE && head.deadline == DEADLINE, "not the order's head");
    }
}

/// @notice One fixed message of every order, its struct hash and digest. Contracts (OrderReader), the plain way (Hash)
/// and Python (tests/unit) must agree on tests/vectors/orders.json.
contract OrderReaderTest is Test {
    string private constant VECTORS = "../tests/vectors/orders.json";
    bytes3 private constant CNY = "CNY";
    LotId private constant LOT = LotId.wrap((17 << 32) | 3);
    uint256 private constant OTHER_NONCE = (uint256(uint160(0x4444444444444444444444444444444444444444)) << 96) | 5;
    address private constant REGISTRY = 0x1111111111111111111111111111111111111111;
    uint256 private constant CHAIN = 31_337;

    OrderReaderHarness private reader = new OrderReaderHarness();

    function test_TheVectorsAreWhatSolidityComputes() external view {
        assertEq(vm.readFile(VECTORS), _document(), "run test_Write with write access to tests/vectors");
    }

    /// @dev CHAINFIN_WRITE_VECTORS=1 and write access in fs_permissions make the file anew.
    function test_Write() external {
        vm.skip(!vm.envOr("CHAINFIN_WRITE_VECTORS", false));
        vm.writeFile(VECTORS, _document());
    }

    /// @dev The leaf of a row is the library's as it is the plain way's, at whatever place.
    function testFuzz_Leaf(uint256 index, IssueRow calldata row) external view {
        assertEq(reader.leaf(index, row), Hash.leaf(index, row));
    }

    /// @dev Lists of any length.
    function testFuzz_Lists(SplitLot memory order) external view {
        (order.target, order.organisation, order.nonce, order.deadline) = (TARGET, ORGANISATION, NONCE, DEADLINE);
        assertEq(reader.read(order), Hash.order(order));
    }

    function testFuzz_Successions(CarryDocuments calldata statement) external view {
        assertEq(reader.hash(statement), Hash.order(statement));
    }

    // --- The document

    function _document() private view returns (string memory text) {
        text = string.concat(
            "{\n",
            '  "about": "One fixed message of every order in contracts/src/types/Orders.sol; an integer wider than 48 bits is decimal text.",\n',
            '  "domain": {\n    "name": "chainfin",\n    "version": "1",\n    "chainId": ',
            vm.toString(CHAIN),
            ',\n    "verifyingContract": ',
            _text(abi.encodePacked(REGISTRY)),
            ',\n    "salt": ',
            _text(abi.encodePacked(_salt()))
        );
        text = string.concat(
            text, '\n  },\n  "domainSeparator": ', _text(abi.encodePacked(_domainSeparator())), ',\n  "orders": [\n'
        );
        function() view returns (string memory)[52] memory entries = [
            _keyPossession,
            _setDualControlLimit,
            _registerKey,
            _vetoKey,
            _revokeKey,
            _cancelOrder,
            _councilVote,
            _attestDocuments,
            _carryDocuments,
            _openProgramme,
            _issueReceivable,
            _issueBatch,
            _acceptReceivable,
            _refuseReceivable,
            _withdrawReceivable,
            _cancelReceivable,
            _splitLot,
            _unsplitLot,
            _proposeTransfer,
            _acceptTransfer,
            _rejectTransfer,
            _revokeTransfer,
            _requestFinancing,
            _withdrawFinancingRequest,
            _quote,
            _awardQuote,
            _settleReceivable,
            _openDepositAccounts,
            _mintDeposit,
            _redeemDeposit,
            _claimRecourse,
            _repurchaseLot,
            _writeOffLot,
            _setCreditLine,
            _recordFiling,
            _fundQuote,
            _freezeLots,
            _holdLots,
            _renewFreeze,
            _liftFreeze,
            _proposePledge,
            _acceptPledge,
            _releasePledge,
            _enforcePledge,
            _nameSettlementBank,
            _attestPayment,
            _confirmPayment,
            _bearInterest,
            _attestFunding,
            _confirmFunding,
            _releaseFunding,
            _denyFunding
        ];
        for (uint256 i; i < entries.length; ++i) {
            text = string.concat(text, i == 0 ? "" : ",\n", entries[i]());
        }
        return string.concat(text, "\n  ]\n}\n");
    }

    function _keyPossession() private view returns (string memory) {
        address key = address(uint160(NONCE >> 96));
        bytes15 person = bytes15(keccak256("person"));
        bytes32 structHash = Hash.possession(TARGET, keccak256("identity"), key, 3, person);
        string memory message = _first("target", _text(abi.encodePacked(TARGET)));
        message = _and(message, "identity", _text(abi.encodePacked(keccak256("identity"))));
        message = _and(message, "key", _text(abi.encodePacked(key)));
        message = _and(message, "roles", "3");
        message = _and(message, "person", _text(abi.encodePacked(person)));
        return _entry("KeyPossession", KEY_POSSESSION_TYPEHASH, message, structHash, structHash);
    }

    function _attestDocuments() private view returns (string memory) {
        AttestDocuments memory order = AttestDocuments({
            target: TARGET,
            organisation: ORGANISATION,
            deadline: DEADLINE,
            epoch: 1,
            obligor: 6,
            currency: CNY,
            count: 100,
            root: keccak256("root")
        });
        string memory message = _first("target", _text(abi.encodePacked(TARGET)));
        message = _and(message, "organisation", vm.toString(ORGANISATION));
        message = _and(message, "deadline", _text(DEADLINE));
        message = _and(message, "epoch", "1");
        message = _and(message, "obligor", "6");
        message = _and(message, "currency", _text(abi.encodePacked(CNY)));
        message = _and(message, "count", "100");
        message = _and(message, "root", _text(abi.encodePacked(order.root)));
        return _entry("AttestDocuments", ATTEST_DOCUMENTS_TYPEHASH, message, Hash.order(order), reader.hash(order));
    }

    function _issueReceivable() private view returns (string memory) {
        IssueRow memory row = IssueRow({
            supplier: 8,
            faceValue: 100_000_000,
            maturityAt: 1_815_552_000,
            graceEndsAt: 1_815_984_000,
            documentType: 4,
            documentAmount: 113_000_000,
            documentFingerprint: keccak256("fingerprint"),
            documentCommitment: keccak256("commitment")
        });
        IssueReceivable memory order = IssueReceivable({
            target: TARGET,
            organisation: ORGANISATION,
            nonce: NONCE,
            deadline: DEADLINE,
            programmeId: 9,
            currency: CNY,
            row: row
        });
        string memory inner = _first("supplier", "8");
        inner = _and(inner, "faceValue", _text(row.faceValue));
        inner = _and(inner, "maturityAt", _text(row.maturityAt));
        inner = _and(inner, "graceEndsAt", _text(row.graceEndsAt));
        inner = _and(inner, "documentType", "4");
        inner = _and(inner, "documentAmount", _text(row.documentAmount));
        inner = _and(inner, "documentFingerprint", _text(abi.encodePacked(row.documentFingerprint)));
        inner = _and(inner, "documentCommitment", _text(abi.encodePacked(row.documentCommitment)));
        string memory message = _and(_head(), "programmeId", "9");
        message = _and(message, "currency", _text(abi.encodePacked(CNY)));
        message = _and(message, "row", string.concat("{", inner, "}"));
        return _entry("IssueReceivable", ISSUE_RECEIVABLE_TYPEHASH, message, Hash.order(order), reader.read(order));
    }

    function _acceptReceivable() private view returns (string memory) {
        AcceptReceivable memory order;
        (order.target, order.organisation, order.nonce, order.deadline) = (TARGET, ORGANISATION, NONCE, DEADLINE);
        (order.currency, order.totalFaceValue) = (CNY, 3_000_000);
        order.offers = new Offer[](2);
        string memory list;
        for (uint64 i; i < 2; ++i) {
            Offer memory offer = Offer({
                receivableId: 17 + i,
                obligor: 6,
                programmeId: 9,
                faceValue: 1_000_000 * (1 + i),
                maturityAt: 1_815_552_000,
                graceEndsAt: 1_815_984_000
            });
            order.offers[i] = offer;
            string memory inner = _first("receivableId", _text(offer.receivableId));
            inner = _and(inner, "obligor", "6");
            inner = _and(inner, "programmeId", "9");
            inner = _and(inner, "faceValue", _text(offer.faceValue));
            inner = _and(inner, "maturityAt", _text(offer.maturityAt));
            inner = _and(inner, "graceEndsAt", _text(offer.graceEndsAt));
            list = string.concat(list, i == 0 ? "" : ", ", "{", inner, "}");
        }
        string memory message = _and(_head(), "currency", _text(abi.encodePacked(CNY)));
        message = _and(message, "totalFaceValue", _text(order.totalFaceValue));
        message = _and(message, "offers", string.concat("[", list, "]"));
        return _entry("AcceptReceivable", ACCEPT_RECEIVABLE_TYPEHASH, message, Hash.order(order), reader.read(order));
    }

    function _splitLot() private view returns (string memory) {
        SplitLot memory order;
        (order.target, order.organisation, order.nonce, order.deadline) = (TARGET, ORGANISATION, NONCE, DEADLINE);
        (order.lotId, order.faceValue, order.paid, order.expiresAt) = (LOT, 100_000_000, 0, 1_800_200_000);
        order.parts = new Part[](2);
        (order.parts[0], order.parts[1]) = (Part({to: 8, faceValue: 30_000_000}), Part({to: 7, faceValue: 1}));
        string memory message = _and(_head(), "lotId", _text(LotId.unwrap(LOT)));
        message = _and(message, "faceValue", _text(order.faceValue));
        message = _and(message, "paid", _text(order.paid));
        message = _and(message, "expiresAt", _text(order.expiresAt));
        message = _and(message, "parts", '[{"to": 8, "faceValue": "30000000"}, {"to": 7, "faceValue": "1"}]');
        return _entry("SplitLot", SPLIT_LOT_TYPEHASH, message, Hash.order(order), reader.read(order));
    }

    function _carryDocuments() private view returns (string memory) {
        CarryDocuments memory order;
        (order.target, order.organisation, order.deadline, order.epoch) = (TARGET, ORGANISATION, DEADLINE, 2);
        order.documents = new Succession[](2);
        for (uint256 i; i < 2; ++i) {
            order.documents[i].fingerprint = keccak256(abi.encode("fingerprint", i));
            order.documents[i].successor = keccak256(abi.encode("successor", i));
        }
        string memory message = _first("target", _text(abi.encodePacked(TARGET)));
        message = _and(message, "organisation", vm.toString(ORGANISATION));
        message = _and(message, "deadline", _text(DEADLINE));
        message = _and(message, "epoch", "2");
        message = _and(
            message, "documents", string.concat("[", _pair(order.documents[0]), ", ", _pair(order.documents[1]), "]")
        );
        return _entry("CarryDocuments", CARRY_DOCUMENTS_TYPEHASH, message, Hash.order(order), reader.hash(order));
    }

    function _pair(Succession memory pair) private pure returns (string memory) {
        return string.concat(
            '{"fingerprint": ',
            _text(abi.encodePacked(pair.fingerprint)),
            ', "successor": ',
            _text(abi.encodePacked(pair.successor)),
            "}"
        );
    }

    function _quote() private view returns (string memory) {
        bytes32 salt = keccak256("quote salt");
        Quote memory order;
        (order.target, order.organisation, order.nonce, order.deadline) = (TARGET, ORGANISATION, NONCE, DEADLINE);
        (order.requestId, order.lotId, order.faceValue, order.partFaceValue) = (21, LOT, 100_000_000, 50_000_000);
        (order.holder, order.currency, order.netProceeds, order.withRecourse) = (8, CNY, 48_625_000, true);
        (order.holdback, order.payBy) = (1_000_000, 1_800_700_000);
        order.terms = Hash.terms(550, "ACT/360", 180, 1_800_100_000, salt);
        string memory terms = _first("discountRateBps", "550");
        terms = _and(terms, "dayCount", '"ACT/360"');
        terms = _and(terms, "tenorDays", "180");
        terms = _and(terms, "valueAt", _text(1_800_100_000));
        terms = _and(terms, "salt", _text(abi.encodePacked(salt)));
        string memory message = _and(_head(), "requestId", _text(order.requestId));
        message = _and(message, "lotId", _text(LotId.unwrap(LOT)));
        message = _and(message, "faceValue", _text(order.faceValue));
        message = _and(message, "paid", _text(order.paid));
        message = _and(message, "partFaceValue", _text(order.partFaceValue));
        message = _and(message, "holder", "8");
        message = _and(message, "currency", _text(abi.encodePacked(CNY)));
        message = _and(message, "netProceeds", _text(order.netProceeds));
        message = _and(message, "holdback", _text(order.holdback));
        message = _and(message, "payBy", _text(order.payBy));
        message = _and(message, "withRecourse", "true");
        message = _and(message, "terms", string.concat("{", terms, "}"));
        return _entry("Quote", QUOTE_TYPEHASH, message, Hash.order(order), reader.read(order));
    }

    function _openDepositAccounts() private view returns (string memory) {
        OpenDepositAccounts memory order;
        (order.target, order.organisation, order.nonce, order.deadline) = (TARGET, ORGANISATION, NONCE, DEADLINE);
        order.holders = new uint32[](3);
        (order.holders[0], order.holders[1], order.holders[2]) = (6, 8, 9);
        string memory message = _and(_head(), "holders", "[6, 8, 9]");
        return
            _entry(
                "OpenDepositAccounts", OPEN_DEPOSIT_ACCOUNTS_TYPEHASH, message, Hash.order(order), reader.read(order)
            );
    }

    function _setDualControlLimit() private view returns (string memory) {
        SetDualControlLimit memory order = SetDualControlLimit({
            target: TARGET,
            organisation: ORGANISATION,
            nonce: NONCE,
            deadline: DEADLINE,
            currency: CNY,
            limit: 500000000
        });
        string memory message = _head();
        message = _and(message, "currency", _text(abi.encodePacked(order.currency)));
        message = _and(message, "limit", _text(order.limit));
        return
            _entry(
                "SetDualControlLimit", SET_DUAL_CONTROL_LIMIT_TYPEHASH, message, Hash.order(order), reader.read(order)
            );
    }

    function _registerKey() private view returns (string memory) {
        RegisterKey memory order = RegisterKey({
            target: TARGET,
            organisation: ORGANISATION,
            nonce: NONCE,
            deadline: DEADLINE,
            identity: keccak256("identity"),
            key: 0x4444444444444444444444444444444444444444,
            roles: 3,
            kind: 1,
            validUntil: 1_900_000_000,
            person: bytes15(keccak256("person"))
        });
        string memory message = _head();
        message = _and(message, "identity", _text(abi.encodePacked(order.identity)));
        message = _and(message, "key", _text(abi.encodePacked(order.key)));
        message = _and(message, "roles", vm.toString(order.roles));
        message = _and(message, "kind", vm.toString(order.kind));
        message = _and(message, "validUntil", vm.toString(order.validUntil));
        message = _and(message, "person", _text(abi.encodePacked(order.person)));
        return _entry("RegisterKey", REGISTER_KEY_TYPEHASH, message, Hash.order(order), reader.read(order));
    }

    function _vetoKey() private view returns (string memory) {
        VetoKey memory order = VetoKey({
            target: TARGET,
            organisation: ORGANISATION,
            nonce: NONCE,
            deadline: DEADLINE,
            key: 0x4444444444444444444444444444444444444444
        });
        string memory message = _head();
        message = _and(message, "key", _text(abi.encodePacked(order.key)));
        return _entry("VetoKey", VETO_KEY_TYPEHASH, message, Hash.order(order), reader.readVeto(order));
    }

    function _councilVote() private view returns (string memory) {
        CouncilVote memory order = CouncilVote({
            target: TARGET,
            organisation: ORGANISATION,
            nonce: NONCE,
            deadline: DEADLINE,
            subject: 0x4444444444444444444444444444444444444444,
            salt: keccak256("salt"),
            inFavour: true,
            data: hex"0123456789"
        });
        string memory message = _head();
        message = _and(message, "subject", _text(abi.encodePacked(order.subject)));
        message = _and(message, "salt", _text(abi.encodePacked(order.salt)));
        message = _and(message, "inFavour", "true");
        message = _and(message, "data", _text(order.data));
        return _entry("CouncilVote", COUNCIL_VOTE_TYPEHASH, message, Hash.order(order), reader.read(order));
    }

    function _revokeKey() private view returns (string memory) {
        RevokeKey memory order = RevokeKey({
            target: TARGET,
            organisation: ORGANISATION,
            nonce: NONCE,
            deadline: DEADLINE,
            key: 0x4444444444444444444444444444444444444444
        });
        string memory message = _head();
        message = _and(message, "key", _text(abi.encodePacked(order.key)));
        return _entry("RevokeKey", REVOKE_KEY_TYPEHASH, message, Hash.order(order), reader.read(order));
    }

    function _cancelOrder() private view returns (string memory) {
        CancelOrder memory order = CancelOrder({
            target: TARGET,
            organisation: ORGANISATION,
            nonce: NONCE,
            deadline: DEADLINE,
            makerKey: 0x4444444444444444444444444444444444444444,
            cancelledNonce: OTHER_NONCE,
            cancelledOrder: keccak256("cancelled order")
        });
        string memory message = _head();
        message = _and(message, "makerKey", _text(abi.encodePacked(order.makerKey)));
        message = _and(message, "cancelledNonce", _text(order.cancelledNonce));
        message = _and(message, "cancelledOrder", _text(abi.encodePacked(order.cancelledOrder)));
        return _entry("CancelOrder", CANCEL_ORDER_TYPEHASH, message, Hash.order(order), reader.read(order));
    }

    function _openProgramme() private view returns (string memory) {
        OpenProgramme memory order = OpenProgramme({
            target: TARGET,
            organisation: ORGANISATION,
            nonce: NONCE,
            deadline: DEADLINE,
            technique: 4,
            currency: CNY,
            deposit: 0x5555555555555555555555555555555555555555,
            withRecourse: false,
            acceptanceRequired: true,
            maximumTier: 5,
            maximumLots: 500,
            minimumLotFaceValue: 10000,
            maximumTenorDays: 365,
            tenorReasonHash: keccak256("reason"),
            legacy: true,
            minimumTenorDays: 15,
            filingRequired: true,
            lateInterestBps: 1825,
            replaces: 3,
            termsHash: keccak256("terms")
        });
        string memory message = _head();
        message = _and(message, "technique", vm.toString(order.technique));
        message = _and(message, "currency", _text(abi.encodePacked(order.currency)));
        message = _and(message, "deposit", _text(abi.encodePacked(order.deposit)));
        message = _and(message, "withRecourse", vm.toString(order.withRecourse));
        message = _and(message, "acceptanceRequired", vm.toString(order.acceptanceRequired));
        message = _and(message, "maximumTier", vm.toString(order.maximumTier));
        message = _and(message, "maximumLots", vm.toString(order.maximumLots));
        message = _and(message, "minimumLotFaceValue", _text(order.minimumLotFaceValue));
        message = _and(message, "maximumTenorDays", vm.toString(order.maximumTenorDays));
        message = _and(message, "tenorReasonHash", _text(abi.encodePacked(order.tenorReasonHash)));
        message = _and(message, "legacy", vm.toString(order.legacy));
        message = _and(message, "minimumTenorDays", vm.toString(order.minimumTenorDays));
        message = _and(message, "filingRequired", vm.toString(order.filingRequired));
        message = _and(message, "lateInterestBps", vm.toString(order.lateInterestBps));
        message = _and(message, "replaces", vm.toString(order.replaces));
        message = _and(message, "termsHash", _text(abi.encodePacked(order.termsHash)));
        return _entry("OpenProgramme", OPEN_PROGRAMME_TYPEHASH, message, Hash.order(order), reader.read(order));
    }

    function _issueBatch() private view returns (string memory) {
        IssueBatch memory order = IssueBatch({
            target: TARGET,
            organisation: ORGANISATION,
            nonce: NONCE,
            deadline: DEADLINE,
            programmeId: 9,
            currency: CNY,
            count: 100,
            totalFaceValue: 9223372036854775807,
            fileHash: keccak256("payment file"),
            root: keccak256("root")
        });
        string memory message = _head();
        message = _and(message, "programmeId", vm.toString(order.programmeId));
        message = _and(message, "currency", _text(abi.encodePacked(order.currency)));
        message = _and(message, "count", vm.toString(order.count));
        message = _and(message, "totalFaceValue", _text(order.totalFaceValue));
        message = _and(message, "fileHash", _text(abi.encodePacked(order.fileHash)));
        message = _and(message, "root", _text(abi.encodePacked(order.root)));
        return _entry("IssueBatch", ISSUE_BATCH_TYPEHASH, message, Hash.order(order), reader.read(order));
    }

    function _refuseReceivable() private view returns (string memory) {
        return _ending("RefuseReceivable", REFUSE_RECEIVABLE_TYPEHASH);
    }

    function _withdrawReceivable() private view returns (string memory) {
        return _ending("WithdrawReceivable", WITHDRAW_RECEIVABLE_TYPEHASH);
    }

    function _ending(string memory name, bytes32 typeHash) private view returns (string memory) {
        OfferEnd memory order = OfferEnd({
            target: TARGET,
            organisation: ORGANISATION,
            nonce: NONCE,
            deadline: DEADLINE,
            receivableId: 17,
            faceValue: 100000000,
            documentFingerprint: keccak256("fingerprint"),
            reasonHash: keccak256("goods not delivered")
        });
        string memory message = _head();
        message = _and(message, "receivableId", _text(order.receivableId));
        message = _and(message, "faceValue", _text(order.faceValue));
        message = _and(message, "documentFingerprint", _text(abi.encodePacked(order.documentFingerprint)));
        message = _and(message, "reasonHash", _text(abi.encodePacked(order.reasonHash)));
        return _entry(name, typeHash, message, Hash.ending(typeHash, order), reader.read(typeHash, order));
    }

    function _cancelReceivable() private view returns (string memory) {
        CancelReceivable memory order;
        (order.target, order.organisation, order.nonce, order.deadline) = (TARGET, ORGANISATION, NONCE, DEADLINE);
        (order.receivableId, order.faceValue, order.amount) = (17, 100_000_000, 2_500_000);
        (order.documentFingerprint, order.reasonHash) = (keccak256("fingerprint"), keccak256("short delivery"));
        string memory message = _and(_head(), "receivableId", _text(order.receivableId));
        message = _and(message, "faceValue", _text(order.faceValue));
        message = _and(message, "amount", _text(order.amount));
        message = _and(message, "documentFingerprint", _text(abi.encodePacked(order.documentFingerprint)));
        message = _and(message, "reasonHash", _text(abi.encodePacked(order.reasonHash)));
        return _entry("CancelReceivable", CANCEL_RECEIVABLE_TYPEHASH, message, Hash.order(order), reader.read(order));
    }

    function _unsplitLot() private view returns (string memory) {
        UnsplitLot memory order;
        (order.target, order.organisation, order.nonce, order.deadline) = (TARGET, ORGANISATION, NONCE, DEADLINE);
        (order.lotId, order.faceValue, order.paid, order.parentFaceValue) = (LOT, 30_000_000, 0, 70_000_000);
        string memory message = _and(_head(), "lotId", _text(LotId.unwrap(LOT)));
        message = _and(message, "faceValue", _text(order.faceValue));
        message = _and(message, "paid", _text(order.paid));
        message = _and(message, "parentFaceValue", _text(order.parentFaceValue));
        return _entry("UnsplitLot", UNSPLIT_LOT_TYPEHASH, message, Hash.order(order), reader.read(order));
    }

    function _proposeTransfer() private view returns (string memory) {
        ProposeTransfer memory order = ProposeTransfer({
            target: TARGET,
            organisation: ORGANISATION,
            nonce: NONCE,
            deadline: DEADLINE,
            lotId: LOT,
            faceValue: 100000000,
            paid: 25000000,
            to: 8,
            expiresAt: 1800200000,
            remarkHash: keccak256("remark")
        });
        string memory message = _head();
        message = _and(message, "lotId", _text(LotId.unwrap(order.lotId)));
        message = _and(message, "faceValue", _text(order.faceValue));
        message = _and(message, "paid", _text(order.paid));
        message = _and(message, "to", vm.toString(order.to));
        message = _and(message, "expiresAt", _text(order.expiresAt));
        message = _and(message, "remarkHash", _text(abi.encodePacked(order.remarkHash)));
        return _entry("ProposeTransfer", PROPOSE_TRANSFER_TYPEHASH, message, Hash.order(order), reader.read(order));
    }

    function _acceptTransfer() private view returns (string memory) {
        TransferAnswer memory order = TransferAnswer({
            target: TARGET,
            organisation: ORGANISATION,
            nonce: NONCE,
            deadline: DEADLINE,
            lotId: LOT,
            faceValue: 100000000,
            paid: 25000000,
            offer: keccak256("offer")
        });
        string memory message = _head();
        message = _and(message, "lotId", _text(LotId.unwrap(order.lotId)));
        message = _and(message, "faceValue", _text(order.faceValue));
        message = _and(message, "paid", _text(order.paid));
        message = _and(message, "offer", _text(abi.encodePacked(order.offer)));
        return _entry(
            "AcceptTransfer",
            ACCEPT_TRANSFER_TYPEHASH,
            message,
            Hash.answer(ACCEPT_TRANSFER_TYPEHASH, order),
            reader.read(ACCEPT_TRANSFER_TYPEHASH, order)
        );
    }

    function _rejectTransfer() private view returns (string memory) {
        TransferAnswer memory order = TransferAnswer({
            target: TARGET,
            organisation: ORGANISATION,
            nonce: NONCE,
            deadline: DEADLINE,
            lotId: LOT,
            faceValue: 100000000,
            paid: 25000000,
            offer: keccak256("offer")
        });
        string memory message = _head();
        message = _and(message, "lotId", _text(LotId.unwrap(order.lotId)));
        message = _and(message, "faceValue", _text(order.faceValue));
        message = _and(message, "paid", _text(order.paid));
        message = _and(message, "offer", _text(abi.encodePacked(order.offer)));
        return _entry(
            "RejectTransfer",
            REJECT_TRANSFER_TYPEHASH,
            message,
            Hash.answer(REJECT_TRANSFER_TYPEHASH, order),
            reader.read(REJECT_TRANSFER_TYPEHASH, order)
        );
    }

    function _revokeTransfer() private view returns (string memory) {
        TransferAnswer memory order = TransferAnswer({
            target: TARGET,
            organisation: ORGANISATION,
            nonce: NONCE,
            deadline: DEADLINE,
            lotId: LOT,
            faceValue: 100000000,
            paid: 25000000,
            offer: keccak256("offer")
        });
        string memory message = _head();
        message = _and(message, "lotId", _text(LotId.unwrap(order.lotId)));
        message = _and(message, "faceValue", _text(order.faceValue));
        message = _and(message, "paid", _text(order.paid));
        message = _and(message, "offer", _text(abi.encodePacked(order.offer)));
        return _entry(
            "RevokeTransfer",
            REVOKE_TRANSFER_TYPEHASH,
            message,
            Hash.answer(REVOKE_TRANSFER_TYPEHASH, order),
            reader.read(REVOKE_TRANSFER_TYPEHASH, order)
        );
    }

    function _requestFinancing() private view returns (string memory) {
        RequestFinancing memory order = RequestFinancing({
            target: TARGET,
            organisation: ORGANISATION,
            nonce: NONCE,
            deadline: DEADLINE,
            lotId: LOT,
            faceValue: 100000000,
            paid: 0,
            partFaceValue: 50000000,
            withRecourse: true,
            expiresAt: 1800600000
        });
        string memory message = _head();
        message = _and(message, "lotId", _text(LotId.unwrap(order.lotId)));
        message = _and(message, "faceValue", _text(order.faceValue));
        message = _and(message, "paid", _text(order.paid));
        message = _and(message, "partFaceValue", _text(order.partFaceValue));
        message = _and(message, "withRecourse", vm.toString(order.withRecourse));
        message = _and(message, "expiresAt", _text(order.expiresAt));
        return _entry("RequestFinancing", REQUEST_FINANCING_TYPEHASH, message, Hash.order(order), reader.read(order));
    }

    function _withdrawFinancingRequest() private view returns (string memory) {
        WithdrawFinancingRequest memory order = WithdrawFinancingRequest({
            target: TARGET, organisation: ORGANISATION, nonce: NONCE, deadline: DEADLINE, requestId: 21
        });
        string memory message = _head();
        message = _and(message, "requestId", _text(order.requestId));
        return _entry(
            "WithdrawFinancingRequest",
            WITHDRAW_FINANCING_REQUEST_TYPEHASH,
            message,
            Hash.order(order),
            reader.read(order)
        );
    }

    function _awardQuote() private view returns (string memory) {
        AwardQuote memory order = AwardQuote({
            target: TARGET,
            organisation: ORGANISATION,
            nonce: NONCE,
            deadline: DEADLINE,
            requestId: 21,
            quote: keccak256("quote"),
            currency: CNY,
            netProceeds: 48625000,
            holdback: 1000000,
            obligorInterest: 187500,
            payBy: 1800700000,
            quoteCount: 3,
            quoteHead: keccak256("receipts")
        });
        string memory message = _head();
        message = _and(message, "requestId", _text(order.requestId));
        message = _and(message, "quote", _text(abi.encodePacked(order.quote)));
        message = _and(message, "currency", _text(abi.encodePacked(order.currency)));
        message = _and(message, "netProceeds", _text(order.netProceeds));
        message = _and(message, "holdback", _text(order.holdback));
        message = _and(message, "obligorInterest", _text(order.obligorInterest));
        message = _and(message, "payBy", _text(order.payBy));
        message = _and(message, "quoteCount", vm.toString(order.quoteCount));
        message = _and(message, "quoteHead", _text(abi.encodePacked(order.quoteHead)));
        return _entry("AwardQuote", AWARD_QUOTE_TYPEHASH, message, Hash.order(order), reader.read(order));
    }

    function _settleReceivable() private view returns (string memory) {
        SettleReceivable memory order = SettleReceivable({
            target: TARGET,
            organisation: ORGANISATION,
            nonce: NONCE,
            deadline: DEADLINE,
            receivableId: 17,
            faceValue: 100000000,
            paid: 25000000,
            currency: CNY,
            amount: 75000000,
            lateInterest: 1125000
        });
        string memory message = _head();
        message = _and(message, "receivableId", _text(order.receivableId));
        message = _and(message, "faceValue", _text(order.faceValue));
        message = _and(message, "paid", _text(order.paid));
        message = _and(message, "currency", _text(abi.encodePacked(order.currency)));
        message = _and(message, "amount", _text(order.amount));
        message = _and(message, "lateInterest", _text(order.lateInterest));
        return _entry("SettleReceivable", SETTLE_RECEIVABLE_TYPEHASH, message, Hash.order(order), reader.read(order));
    }

    function _recordFiling() private view returns (string memory) {
        RecordFiling memory order = RecordFiling({
            target: TARGET,
            organisation: ORGANISATION,
            nonce: NONCE,
            deadline: DEADLINE,
            requestId: 7,
            lotId: LOT,
            filedAt: 1790812800,
            filing: keccak256("filing")
        });
        string memory message = _head();
        message = _and(message, "requestId", _text(order.requestId));
        message = _and(message, "lotId", _text(LotId.unwrap(order.lotId)));
        message = _and(message, "filedAt", _text(order.filedAt));
        message = _and(message, "filing", _text(abi.encodePacked(order.filing)));
        return _entry("RecordFiling", RECORD_FILING_TYPEHASH, message, Hash.order(order), reader.read(order));
    }

    function _fundQuote() private view returns (string memory) {
        FundQuote memory order = FundQuote({
            target: TARGET,
            organisation: ORGANISATION,
            nonce: NONCE,
            deadline: DEADLINE,
            requestId: 7,
            quote: keccak256("quote"),
            currency: "CNY",
            amount: 40000000,
            expiresAt: 1793404800
        });
        string memory message = _head();
        message = _and(message, "requestId", _text(order.requestId));
        message = _and(message, "quote", _text(abi.encodePacked(order.quote)));
        message = _and(message, "currency", _text(abi.encodePacked(order.currency)));
        message = _and(message, "amount", _text(order.amount));
        message = _and(message, "expiresAt", _text(order.expiresAt));
        return _entry("FundQuote", FUND_QUOTE_TYPEHASH, message, Hash.order(order), reader.read(order));
    }

    function _bearInterest() private view returns (string memory) {
        BearInterest memory order = BearInterest({
            target: TARGET,
            organisation: ORGANISATION,
            nonce: NONCE,
            deadline: DEADLINE,
            requestId: 21,
            lotId: LOT,
            currency: CNY,
            amount: 375000,
            shareBps: 5000,
            expiresAt: 1800600000
        });
        string memory message = _head();
        message = _and(message, "requestId", _text(order.requestId));
        message = _and(message, "lotId", _text(LotId.unwrap(order.lotId)));
        message = _and(message, "currency", _text(abi.encodePacked(order.currency)));
        message = _and(message, "amount", _text(order.amount));
        message = _and(message, "shareBps", vm.toString(order.shareBps));
        message = _and(message, "expiresAt", _text(order.expiresAt));
        return _entry("BearInterest", BEAR_INTEREST_TYPEHASH, message, Hash.order(order), reader.read(order));
    }

    function _attestFunding() private view returns (string memory) {
        AttestFunding memory order = AttestFunding({
            target: TARGET,
            organisation: ORGANISATION,
            nonce: NONCE,
            deadline: DEADLINE,
            requestId: 21,
            quote: keccak256("quote"),
            payee: 8,
            currency: CNY,
            amount: 48625000,
            valueAt: 1800650000,
            lineHash: keccak256("line"),
            lineAmount: 50000000
        });
        string memory message = _and(_fundingHead(), "payee", "8");
        message = _fundingTail(message, order.amount, order.valueAt, order.lineHash, order.lineAmount);
        return _entry("AttestFunding", ATTEST_FUNDING_TYPEHASH, message, Hash.order(order), reader.read(order));
    }

    function _confirmFunding() private view returns (string memory) {
        ConfirmFunding memory order = ConfirmFunding({
            target: TARGET,
            organisation: ORGANISATION,
            nonce: NONCE,
            deadline: DEADLINE,
            requestId: 21,
            quote: keccak256("quote"),
            bank: 9,
            currency: CNY,
            amount: 48625000,
            valueAt: 1800650000,
            lineHash: keccak256("line"),
            lineAmount: 50000000
        });
        string memory message = _and(_fundingHead(), "bank", "9");
        message = _fundingTail(message, order.amount, order.valueAt, order.lineHash, order.lineAmount);
        return
            _entry(
                "ConfirmFunding", CONFIRM_FUNDING_TYPEHASH, message, Hash.order(order), reader.readConfirmation(order)
            );
    }

    function _releaseFunding() private view returns (string memory) {
        return _fundingEnd("ReleaseFunding", RELEASE_FUNDING_TYPEHASH);
    }

    function _denyFunding() private view returns (string memory) {
        return _fundingEnd("DenyFunding", DENY_FUNDING_TYPEHASH);
    }

    function _fundingEnd(string memory name, bytes32 typeHash) private view returns (string memory) {
        FundingEnd memory order = FundingEnd({
            target: TARGET,
            organisation: ORGANISATION,
            nonce: NONCE,
            deadline: DEADLINE,
            requestId: 21,
            quote: keccak256("quote")
        });
        return _entry(name, typeHash, _fundingHead(), Hash.fundingEnd(typeHash, order), reader.readEnd(typeHash, order));
    }

    function _fundingHead() private pure returns (string memory message) {
        message = _and(_head(), "requestId", _text(uint256(21)));
        return _and(message, "quote", _text(abi.encodePacked(keccak256("quote"))));
    }

    function _fundingTail(string memory message, uint64 amount, uint64 valueAt, bytes32 lineHash, uint64 lineAmount)
        private
        pure
        returns (string memory)
    {
        message = _and(message, "currency", _text(abi.encodePacked(CNY)));
        message = _and(message, "amount", _text(amount));
        message = _and(message, "valueAt", _text(valueAt));
        message = _and(message, "lineHash", _text(abi.encodePacked(lineHash)));
        return _and(message, "lineAmount", _text(lineAmount));
    }

    function _claimRecourse() private view returns (string memory) {
        ClaimRecourse memory order = ClaimRecourse({
            target: TARGET,
            organisation: ORGANISATION,
            nonce: NONCE,
            deadline: DEADLINE,
            lotId: LOT,
            faceValue: 100000000,
            paid: 100000000
        });
        string memory message = _head();
        message = _and(message, "lotId", _text(LotId.unwrap(order.lotId)));
        message = _and(message, "faceValue", _text(order.faceValue));
        message = _and(message, "paid", _text(order.paid));
        return _entry("ClaimRecourse", CLAIM_RECOURSE_TYPEHASH, message, Hash.order(order), reader.read(order));
    }

    function _repurchaseLot() private view returns (string memory) {
        RepurchaseLot memory order = RepurchaseLot({
            target: TARGET,
            organisation: ORGANISATION,
            nonce: NONCE,
            deadline: DEADLINE,
            lotId: LOT,
            faceValue: 100000000,
            paid: 100000000,
            holder: 8,
            currency: CNY,
            amount: 100000000,
            lateInterest: 100000000
        });
        string memory message = _head();
        message = _and(message, "lotId", _text(LotId.unwrap(order.lotId)));
        message = _and(message, "faceValue", _text(order.faceValue));
        message = _and(message, "paid", _text(order.paid));
        message = _and(message, "holder", vm.toString(order.holder));
        message = _and(message, "currency", _text(abi.encodePacked(order.currency)));
        message = _and(message, "amount", _text(order.amount));
        message = _and(message, "lateInterest", _text(order.lateInterest));
        return _entry("RepurchaseLot", REPURCHASE_LOT_TYPEHASH, message, Hash.order(order), reader.read(order));
    }

    function _writeOffLot() private view returns (string memory) {
        WriteOffLot memory order = WriteOffLot({
            target: TARGET,
            organisation: ORGANISATION,
            nonce: NONCE,
            deadline: DEADLINE,
            lotId: LOT,
            faceValue: 100000000,
            paid: 100000000
        });
        string memory message = _head();
        message = _and(message, "lotId", _text(LotId.unwrap(order.lotId)));
        message = _and(message, "faceValue", _text(order.faceValue));
        message = _and(message, "paid", _text(order.paid));
        return _entry("WriteOffLot", WRITE_OFF_LOT_TYPEHASH, message, Hash.order(order), reader.readWriteOff(order));
    }

    function _nameSettlementBank() private view returns (string memory) {
        NameSettlementBank memory order = NameSettlementBank({
            target: TARGET, organisation: ORGANISATION, nonce: NONCE, deadline: DEADLINE, currency: CNY, bank: 8
        });
        string memory message = _head();
        message = _and(message, "currency", _text(abi.encodePacked(order.currency)));
        message = _and(message, "bank", vm.toString(order.bank));
        return
            _entry(
                "NameSettlementBank", NAME_SETTLEMENT_BANK_TYPEHASH, message, Hash.order(order), reader.readBank(order)
            );
    }

    function _attestPayment() private view returns (string memory) {
        AttestPayment memory order = AttestPayment({
            target: TARGET,
            organisation: ORGANISATION,
            nonce: NONCE,
            deadline: DEADLINE,
            lotId: LOT,
            faceValue: 100000000,
            paid: 25000000,
            payee: 8,
            currency: CNY,
            amount: 75000000,
            lateInterest: 1125000,
            valueAt: 1790812800,
            lineHash: keccak256("line"),
            lineAmount: 76125000
        });
        string memory message = _head();
        message = _and(message, "lotId", _text(LotId.unwrap(order.lotId)));
        message = _and(message, "faceValue", _text(order.faceValue));
        message = _and(message, "paid", _text(order.paid));
        message = _and(message, "payee", vm.toString(order.payee));
        message = _and(message, "currency", _text(abi.encodePacked(order.currency)));
        message = _and(message, "amount", _text(order.amount));
        message = _and(message, "lateInterest", _text(order.lateInterest));
        message = _and(message, "valueAt", _text(order.valueAt));
        message = _and(message, "lineHash", _text(abi.encodePacked(order.lineHash)));
        message = _and(message, "lineAmount", _text(order.lineAmount));
        return _entry("AttestPayment", ATTEST_PAYMENT_TYPEHASH, message, Hash.order(order), reader.read(order));
    }

    function _confirmPayment() private view returns (string memory) {
        ConfirmPayment memory order = ConfirmPayment({
            target: TARGET,
            organisation: ORGANISATION,
            nonce: NONCE,
            deadline: DEADLINE,
            lotId: LOT,
            faceValue: 100000000,
            paid: 25000000,
            bank: 8,
            currency: CNY,
            amount: 75000000,
            lateInterest: 1125000,
            valueAt: 1790812800,
            lineHash: keccak256("line"),
            lineAmount: 76125000
        });
        string memory message = _head();
        message = _and(message, "lotId", _text(LotId.unwrap(order.lotId)));
        message = _and(message, "faceValue", _text(order.faceValue));
        message = _and(message, "paid", _text(order.paid));
        message = _and(message, "bank", vm.toString(order.bank));
        message = _and(message, "currency", _text(abi.encodePacked(order.currency)));
        message = _and(message, "amount", _text(order.amount));
        message = _and(message, "lateInterest", _text(order.lateInterest));
        message = _and(message, "valueAt", _text(order.valueAt));
        message = _and(message, "lineHash", _text(abi.encodePacked(order.lineHash)));
        message = _and(message, "lineAmount", _text(order.lineAmount));
        return
            _entry(
                "ConfirmPayment", CONFIRM_PAYMENT_TYPEHASH, message, Hash.order(order), reader.readConfirmation(order)
            );
    }

    function _setCreditLine() private view returns (string memory) {
        SetCreditLine memory order = SetCreditLine({
            target: TARGET,
            organisation: ORGANISATION,
            nonce: NONCE,
            deadline: DEADLINE,
            anchor: 8,
            currency: CNY,
            limit: 100000000,
            expiresAt: 100000000
        });
        string memory message = _head();
        message = _and(message, "anchor", vm.toString(order.anchor));
        message = _and(message, "currency", _text(abi.encodePacked(order.currency)));
        message = _and(message, "limit", _text(order.limit));
        message = _and(message, "expiresAt", _text(order.expiresAt));
        return _entry("SetCreditLine", SET_CREDIT_LINE_TYPEHASH, message, Hash.order(order), reader.read(order));
    }

    function _freezeLots() private view returns (string memory) {
        FreezeLots memory order;
        (order.target, order.organisation, order.nonce, order.deadline) = (TARGET, ORGANISATION, NONCE, DEADLINE);
        order.receivableId = 17;
        order.holder = 8;
        order.referenceHash = keccak256("court order");
        order.expiresAt = 100000000;
        order.toCourt = true;
        order.lotSequences = new uint32[](2);
        (order.lotSequences[0], order.lotSequences[1]) = (3, 5);
        string memory message = _head();
        message = _and(message, "receivableId", _text(order.receivableId));
        message = _and(message, "holder", vm.toString(order.holder));
        message = _and(message, "referenceHash", _text(abi.encodePacked(order.referenceHash)));
        message = _and(message, "expiresAt", _text(order.expiresAt));
        message = _and(message, "toCourt", vm.toString(order.toCourt));
        message = _and(message, "lotSequences", "[3, 5]");
        return _entry("FreezeLots", FREEZE_LOTS_TYPEHASH, message, Hash.order(order), reader.read(order));
    }

    function _holdLots() private view returns (string memory) {
        HoldLots memory order;
        (order.target, order.organisation, order.nonce, order.deadline) = (TARGET, ORGANISATION, NONCE, DEADLINE);
        order.receivableId = 17;
        order.holder = 8;
        order.referenceHash = keccak256("court order");
        order.expiresAt = 100000000;
        order.lotSequences = new uint32[](2);
        (order.lotSequences[0], order.lotSequences[1]) = (3, 5);
        string memory message = _head();
        message = _and(message, "receivableId", _text(order.receivableId));
        message = _and(message, "holder", vm.toString(order.holder));
        message = _and(message, "referenceHash", _text(abi.encodePacked(order.referenceHash)));
        message = _and(message, "expiresAt", _text(order.expiresAt));
        message = _and(message, "lotSequences", "[3, 5]");
        return _entry("HoldLots", HOLD_LOTS_TYPEHASH, message, Hash.order(order), reader.read(order));
    }

    function _renewFreeze() private view returns (string memory) {
        RenewFreeze memory order;
        (order.target, order.organisation, order.nonce, order.deadline) = (TARGET, ORGANISATION, NONCE, DEADLINE);
        order.receivableId = 17;
        order.referenceHash = keccak256("court order");
        order.expiresAt = 100000000;
        order.lotSequences = new uint32[](2);
        (order.lotSequences[0], order.lotSequences[1]) = (3, 5);
        string memory message = _head();
        message = _and(message, "receivableId", _text(order.receivableId));
        message = _and(message, "referenceHash", _text(abi.encodePacked(order.referenceHash)));
        message = _and(message, "expiresAt", _text(order.expiresAt));
        message = _and(message, "lotSequences", "[3, 5]");
        return _entry("RenewFreeze", RENEW_FREEZE_TYPEHASH, message, Hash.order(order), reader.read(order));
    }

    function _liftFreeze() private view returns (string memory) {
        LiftFreeze memory order;
        (order.target, order.organisation, order.nonce, order.deadline) = (TARGET, ORGANISATION, NONCE, DEADLINE);
        order.receivableId = 17;
        order.referenceHash = keccak256("court order");
        order.lotSequences = new uint32[](2);
        (order.lotSequences[0], order.lotSequences[1]) = (3, 5);
        string memory message = _head();
        message = _and(message, "receivableId", _text(order.receivableId));
        message = _and(message, "referenceHash", _text(abi.encodePacked(order.referenceHash)));
        message = _and(message, "lotSequences", "[3, 5]");
        return _entry("LiftFreeze", LIFT_FREEZE_TYPEHASH, message, Hash.order(order), reader.read(order));
    }

    function _proposePledge() private view returns (string memory) {
        ProposePledge memory order = ProposePledge({
            target: TARGET,
            organisation: ORGANISATION,
            nonce: NONCE,
            deadline: DEADLINE,
            lotId: LOT,
            faceValue: 100000000,
            paid: 5,
            pledgee: 8,
            securedAmount: 90000000,
            dueAt: 100000001,
            expiresAt: 100000000,
            agreementHash: keccak256("agreement")
        });
        string memory message = _lot(order.lotId, order.faceValue, order.paid);
        message = _and(message, "pledgee", vm.toString(order.pledgee));
        message = _and(message, "securedAmount", _text(order.securedAmount));
        message = _and(message, "dueAt", _text(order.dueAt));
        message = _and(message, "expiresAt", _text(order.expiresAt));
        message = _and(message, "agreementHash", _text(abi.encodePacked(order.agreementHash)));
        return _entry("ProposePledge", PROPOSE_PLEDGE_TYPEHASH, message, Hash.order(order), reader.read(order));
    }

    function _acceptPledge() private view returns (string memory) {
        AcceptPledge memory order = AcceptPledge({
            target: TARGET,
            organisation: ORGANISATION,
            nonce: NONCE,
            deadline: DEADLINE,
            lotId: LOT,
            faceValue: 100000000,
            paid: 5,
            pledge: keccak256("pledge"),
            filingHash: keccak256("filing"),
            filedAt: 100000000
        });
        string memory message = _lot(order.lotId, order.faceValue, order.paid);
        message = _and(message, "pledge", _text(abi.encodePacked(order.pledge)));
        message = _and(message, "filingHash", _text(abi.encodePacked(order.filingHash)));
        message = _and(message, "filedAt", _text(order.filedAt));
        return _entry("AcceptPledge", ACCEPT_PLEDGE_TYPEHASH, message, Hash.order(order), reader.read(order));
    }

    function _releasePledge() private view returns (string memory) {
        return _pledgeEnd("ReleasePledge", RELEASE_PLEDGE_TYPEHASH);
    }

    function _enforcePledge() private view returns (string memory) {
        return _pledgeEnd("EnforcePledge", ENFORCE_PLEDGE_TYPEHASH);
    }

    function _pledgeEnd(string memory name, bytes32 typeHash) private view returns (string memory) {
        PledgeEnd memory order = PledgeEnd({
            target: TARGET,
            organisation: ORGANISATION,
            nonce: NONCE,
            deadline: DEADLINE,
            lotId: LOT,
            faceValue: 100000000,
            paid: 5,
            pledge: keccak256("pledge")
        });
        string memory message = _lot(order.lotId, order.faceValue, order.paid);
        message = _and(message, "pledge", _text(abi.encodePacked(order.pledge)));
        return _entry(name, typeHash, message, Hash.pledgeEnd(typeHash, order), reader.readEnd(typeHash, order));
    }

    function _lot(LotId lotId, uint64 faceValue, uint64 paid) private pure returns (string memory message) {
        message = _and(_head(), "lotId", _text(LotId.unwrap(lotId)));
        message = _and(message, "faceValue", _text(faceValue));
        return _and(message, "paid", _text(paid));
    }

    function _mintDeposit() private view returns (string memory) {
        MintDeposit memory order = MintDeposit({
            target: TARGET,
            organisation: ORGANISATION,
            nonce: NONCE,
            deadline: DEADLINE,
            to: 8,
            currency: CNY,
            amount: 100000000,
            referenceHash: keccak256("statement line")
        });
        string memory message = _head();
        message = _and(message, "to", vm.toString(order.to));
        message = _and(message, "currency", _text(abi.encodePacked(order.currency)));
        message = _and(message, "amount", _text(order.amount));
        message = _and(message, "referenceHash", _text(abi.encodePacked(order.referenceHash)));
        return _entry("MintDeposit", MINT_DEPOSIT_TYPEHASH, message, Hash.order(order), reader.read(order));
    }

    function _redeemDeposit() private view returns (string memory) {
        RedeemDeposit memory order = RedeemDeposit({
            target: TARGET,
            organisation: ORGANISATION,
            nonce: NONCE,
            deadline: DEADLINE,
            currency: CNY,
            amount: 100000000,
            referenceHash: keccak256("payout")
        });
        string memory message = _head();
        message = _and(message, "currency", _text(abi.encodePacked(order.currency)));
        message = _and(message, "amount", _text(order.amount));
        message = _and(message, "referenceHash", _text(abi.encodePacked(order.referenceHash)));
        return _entry("RedeemDeposit", REDEEM_DEPOSIT_TYPEHASH, message, Hash.order(order), reader.read(order));
    }

    // --- JSON

    function _entry(
        string memory name,
        bytes32 typeHash,
        string memory message,
        bytes32 structHash,
        bytes32 byTheContracts
    ) private pure returns (string memory text) {
        assertEq(byTheContracts, structHash, name);
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", _domainSeparator(), structHash));
        text = string.concat('    {\n      "type": "', name, '",\n      "typeHash": ');
        text = string.concat(text, _text(abi.encodePacked(typeHash)), ',\n      "message": {', message);
        text = string.concat(text, '},\n      "structHash": ', _text(abi.encodePacked(structHash)));
        return string.concat(text, ',\n      "digest": ', _text(abi.encodePacked(digest)), "\n    }");
    }

    function _head() private pure returns (string memory message) {
        message = _first("target", _text(abi.encodePacked(TARGET)));
        message = _and(message, "organisation", vm.toString(ORGANISATION));
        message = _and(message, "nonce", _text(NONCE));
        return _and(message, "deadline", _text(DEADLINE));
    }

    function _first(string memory name, string memory value) private pure returns (string memory) {
        return string.concat('"', name, '": ', value);
    }

    function _and(string memory members, string memory name, string memory value) private pure returns (string memory) {
        return string.concat(members, ', "', name, '": ', value);
    }

    function _text(uint256 number) private pure returns (string memory) {
        return string.concat('"', vm.toString(number), '"');
    }

    function _text(bytes memory data) private pure returns (string memory) {
        return string.concat('"', vm.toLowercase(vm.toString(data)), '"');
    }

    function _salt() private pure returns (bytes32) {
        return keccak256("chainfin-vectors");
    }

    function _domainSeparator() private pure returns (bytes32) {
        return keccak256(abi.encode(DOMAIN_TYPEHASH, keccak256("chainfin"), keccak256("1"), CHAIN, REGISTRY, _salt()));
    }
}
