// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {Test} from "forge-std/Test.sol";
import {ICreditLines} from "../src/interfaces/ICreditLines.sol";
import {IDocumentRegistry} from "../src/interfaces/IDocumentRegistry.sol";
import {IEncumbrances} from "../src/interfaces/IEncumbrances.sol";
import {IFinancingMarket} from "../src/interfaces/IFinancingMarket.sol";
import {IFunding} from "../src/interfaces/IFunding.sol";
import {IIssuance} from "../src/interfaces/IIssuance.sol";
import {ILedgerLens} from "../src/interfaces/ILedgerLens.sol";
import {IParticipantRegistry} from "../src/interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "../src/interfaces/IReceivableLedger.sol";
import {ISettlement} from "../src/interfaces/ISettlement.sol";
import {ITokenisedDeposit} from "../src/interfaces/ITokenisedDeposit.sol";
import {ITransferRules} from "../src/interfaces/ITransferRules.sol";
import {LotId, toLotId} from "../src/types/Ids.sol";
import {Lot, ReceivableTerms} from "../src/types/Ledger.sol";
import {
    ACCEPT_TRANSFER_TYPEHASH,
    AcceptPledge,
    AcceptReceivable,
    AttestDocuments,
    AwardQuote,
    CarryDocuments,
    ClaimRecourse,
    ENFORCE_PLEDGE_TYPEHASH,
    FreezeLots,
    FundQuote,
    HoldLots,
    IssueBatch,
    IssueReceivable,
    IssueRow,
    LiftFreeze,
    MintDeposit,
    Offer,
    OpenDepositAccounts,
    OpenProgramme,
    Part,
    PledgeEnd,
    ProposePledge,
    ProposeTransfer,
    Quote,
    RELEASE_PLEDGE_TYPEHASH,
    RecordFiling,
    RenewFreeze,
    RepurchaseLot,
    RequestFinancing,
    SetCreditLine,
    SettleReceivable,
    SplitLot,
    Succession,
    TransferAnswer,
    WriteOffLot
} from "../src/types/Orders.sol";
import {
    Admission,
    Approval,
    CurrencyLimit,
    KEY_PLAIN,
    KIND_ANCHOR,
    KIND_AUDITOR,
    KIND_FUNDER,
    KIND_KEEPER,
    KIND_REGISTRAR,
    KIND_SETTLEMENT_BANK,
    KIND_SUPPLIER,
    KeyGrant,
    ParticipantStatus,
    ROLE_ADMINISTRATOR,
    ROLE_CHECKER,
    ROLE_KEEPER,
    ROLE_MAKER
} from "../src/types/Participants.sol";
import {Hash} from "./support/Hash.sol";

/// @dev An organisation with the keys of two persons. The checker is its administrator as well.
struct Actor {
    uint32 organisation;
    address maker;
    address checker;
    uint256 makerKey;
    uint256 checkerKey;
}

/// @dev The whole network, deployed and wired as in production, and a hand that signs any order.
/// A function `_xOrder` fills in an order as an honest signer would; `_x` signs and sends it.
abstract contract Base is Test {
    uint256 internal constant START = 1_790_812_800; // 2026-10-01T00:00:00Z
    uint40 internal constant KEY_DELAY = 2 days;
    bytes3 internal constant CNY = "CNY";
    uint64 internal constant FACE = 1_000_000_00;
    uint64 internal constant MINIMUM_LOT = 100_00;
    uint32 internal constant MAXIMUM_LOTS = 500;
    uint8 internal constant MAXIMUM_TIER = 5;
    uint64 internal constant OPENING_BALANCE = 10_000_000_00;
    uint8 internal constant INVOICE = 4;

    AccessManager internal authority;
    IParticipantRegistry internal registry;
    IDocumentRegistry internal documents;
    ITransferRules internal rules;
    IReceivableLedger internal ledger;
    IIssuance internal issuance;
    IFinancingMarket internal market;
    IFunding internal funding;
    ISettlement internal settlement;
    ICreditLines internal creditLines;
    IEncumbrances internal encumbrances;
    ITokenisedDeposit internal deposit;
    ILedgerLens internal lens;
    bytes32 internal domainSeparator;

    address internal administration = makeAddr("administration");
    Actor internal anchor;
    Actor internal supplier;
    Actor internal subSupplier;
    Actor internal funder;
    Actor internal bank;
    Actor internal keeper;
    Actor internal auditor;
    /// @dev With an account at the bank, for what it has paid to itself.
    Actor internal court;
    /// @dev Admitted, with an account, but no party to anything.
    Actor internal stranger;

    /// @dev Receivers must accept under the first; under the second a transfer is done when it is ordered.
    uint32 internal programmeId;
    uint32 internal freeProgrammeId;

    mapping(address maker => uint96) private _nextNonce;
    uint256 private _lastDocument;

    function setUp() public virtual {
        vm.warp(START);
        vm.roll(100);
        _deploy();
        _admitActors();
        skip(KEY_DELAY);
        _openAccounts();
        programmeId = _openProgramme(_programmeOrder(true));
        freeProgrammeId = _openProgramme(_programmeOrder(false));
    }

    // --- The network

    /// @dev Bytecode is taken from the artifacts: a copy of every contract in every test would double the compile time.
    function _deploy() private {
        authority = AccessManager(deployCode("AccessManager.sol:AccessManager", abi.encode(administration)));
        registry = IParticipantRegistry(
            deployCode("ParticipantRegistry.sol:ParticipantRegistry", abi.encode(authority, KEY_DELAY))
        );
        documents =
            IDocumentRegistry(deployCode("DocumentRegistry.sol:DocumentRegistry", abi.encode(authority, registry)));
        rules = ITransferRules(deployCode("TransferRules.sol:TransferRules", abi.encode(registry)));
        // The ledger and its companions name each other for ever, so their addresses are known before they exist.
        uint256 next = vm.getNonce(address(this));
        address[6] memory companions = [
            vm.computeCreateAddress(address(this), next + 1),
            vm.computeCreateAddress(address(this), next + 2),
            vm.computeCreateAddress(address(this), next + 3),
            vm.computeCreateAddress(address(this), next + 4),
            vm.computeCreateAddress(address(this), next + 5),
            vm.computeCreateAddress(address(this), next + 6)
        ];
        ledger = IReceivableLedger(
            deployCode(
                "ReceivableLedger.sol:ReceivableLedger",
                abi.encode(authority, registry, companions[0], companions[1], companions[2], companions[4])
            )
        );
        issuance = IIssuance(deployCode("Issuance.sol:Issuance", abi.encode(registry, documents, ledger, rules)));
        market = IFinancingMarket(
            deployCode(
                "FinancingMarket.sol:FinancingMarket", abi.encode(registry, ledger, companions[3], companions[5])
            )
        );
        settlement = ISettlement(deployCode("Settlement.sol:Settlement", abi.encode(registry, ledger)));
        creditLines = ICreditLines(deployCode("CreditLines.sol:CreditLines", abi.encode(registry, ledger, market)));
        encumbrances = IEncumbrances(deployCode("Encumbrances.sol:Encumbrances", abi.encode(registry, ledger)));
        funding = IFunding(deployCode("Funding.sol:Funding", abi.encode(registry, ledger, market)));
        lens = ILedgerLens(deployCode("LedgerLens.sol:LedgerLens", abi.encode(ledger)));
        domainSeparator = registry.domainSeparator();
    }

    function _admitActors() private {
        _admit(anchor, "anchor", KIND_ANCHOR);
        _admit(supplier, "supplier", KIND_SUPPLIER);
        _admit(subSupplier, "subSupplier", KIND_SUPPLIER);
        _admit(funder, "funder", KIND_FUNDER);
        _admit(bank, "bank", KIND_SETTLEMENT_BANK);
        _admit(keeper, "keeper", KIND_KEEPER);
        _admit(auditor, "auditor", KIND_AUDITOR);
        _admit(stranger, "stranger", KIND_SUPPLIER | KIND_FUNDER);
        _admit(court, "court", KIND_REGISTRAR);
        // The bank's contract names its bank, so it comes after the admission.
        deposit = _deployDeposit(bank.organisation, CNY);
        vm.startPrank(administration);
        registry.admitVenue(address(issuance));
        registry.admitVenue(address(ledger));
        registry.admitVenue(address(market));
        registry.admitVenue(address(settlement));
        registry.admitVenue(address(creditLines));
        registry.admitVenue(address(encumbrances));
        registry.admitVenue(address(funding));
        registry.admitVenue(address(deposit));
        documents.admitIssuer(address(issuance));
        vm.stopPrank();
    }

    function _deployDeposit(uint32 bankId, bytes3 currency) internal returns (ITokenisedDeposit) {
        bytes memory arguments = abi.encode(
            registry, market, funding, settlement, bankId, currency, uint8(2), "Deposit at the bank", "dCNY"
        );
        return ITokenisedDeposit(deployCode("TokenisedDeposit.sol:TokenisedDeposit", arguments));
    }

    function _openAccounts() private {
        uint32[] memory holders = new uint32[](6);
        holders[0] = anchor.organisation;
        holders[1] = supplier.organisation;
        holders[2] = subSupplier.organisation;
        holders[3] = funder.organisation;
        holders[4] = stranger.organisation;
        holders[5] = court.organisation;
        _openDepositAccounts(holders);
        _mint(anchor.organisation, OPENING_BALANCE);
        _mint(funder.organisation, OPENING_BALANCE);
    }

    // --- Organisations, keys and signatures

    function _setStatus(uint32 organisation, ParticipantStatus status) internal {
        bool isStricter = status > registry.participant(organisation).status;
        vm.prank(administration);
        if (isStricter) registry.restrictParticipant(organisation, status);
        else registry.reinstateParticipant(organisation, status);
    }

    function _newActor(string memory name) internal returns (Actor memory actor) {
        (actor.maker, actor.makerKey) = makeAddrAndKey(string.concat(name, " maker"));
        (actor.checker, actor.checkerKey) = makeAddrAndKey(string.concat(name, " checker"));
    }

    function _admit(Actor storage place, string memory name, uint16 kinds) internal {
        Actor memory actor = _newActor(name);
        place.organisation = _admitOne(_admission(actor, name, kinds));
        place.maker = actor.maker;
        place.checker = actor.checker;
        place.makerKey = actor.makerKey;
        place.checkerKey = actor.checkerKey;
    }

    function _admission(Actor memory actor, string memory name, uint16 kinds)
        internal
        view
        returns (Admission memory admission)
    {
        bytes32 identity = keccak256(bytes(name));
        admission.kinds = kinds;
        admission.identity = identity;
        admission.licenceExpiresAt = uint40(block.timestamp + 700 days);
        admission.keys = new KeyGrant[](2);
        uint16 makerRoles = kinds & KIND_KEEPER == 0 ? ROLE_MAKER : ROLE_MAKER | ROLE_KEEPER;
        admission.keys[0] = _grant(identity, actor.makerKey, makerRoles, _person(name, "maker"));
        admission.keys[1] =
            _grant(identity, actor.checkerKey, ROLE_CHECKER | ROLE_ADMINISTRATOR, _person(name, "checker"));
        admission.dualControlLimits = new CurrencyLimit[](0);
    }

    function _admitOne(Admission memory admission) internal returns (uint32) {
        Admission[] memory admissions = new Admission[](1);
        admissions[0] = admission;
        vm.prank(administration);
        return registry.admitParticipants(admissions);
    }

    /// @dev What a maker's key may order alone a day, in the tests' currency.
    function _withLimit(Admission memory admission, uint64 limit) internal pure returns (Admission memory) {
        admission.dualControlLimits = new CurrencyLimit[](1);
        admission.dualControlLimits[0] = CurrencyLimit({currency: CNY, limit: limit});
        return admission;
    }

    function _person(string memory organisation, string memory person) internal pure returns (bytes15) {
        return bytes15(keccak256(bytes(string.concat(organisation, " ", person))));
    }

    function _grant(bytes32 identity, uint256 privateKey, uint16 roles, bytes15 person)
        internal
        view
        returns (KeyGrant memory)
    {
        address key = vm.addr(privateKey);
        bytes32 possession = Hash.possession(address(registry), identity, key, roles, person);
        return KeyGrant({
            key: key,
            roles: roles,
            kind: KEY_PLAIN,
            validUntil: uint40(block.timestamp + 1000 days),
            person: person,
            possession: _signature(privateKey, possession)
        });
    }

    function _signature(uint256 privateKey, bytes32 structHash) internal view returns (bytes memory) {
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", domainSeparator, structHash));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(privateKey, digest);
        return abi.encodePacked(r, s, v);
    }

    /// @dev Maker's and checker's signatures.
    function _approve(Actor memory by, bytes32 structHash) internal view returns (Approval[] memory approvals) {
        approvals = new Approval[](2);
        approvals[0] = Approval({key: by.maker, signature: _signature(by.makerKey, structHash)});
        approvals[1] = Approval({key: by.checker, signature: _signature(by.checkerKey, structHash)});
    }

    function _approveAlone(Actor memory by, bytes32 structHash) internal view returns (Approval[] memory approvals) {
        approvals = new Approval[](1);
        approvals[0] = Approval({key: by.maker, signature: _signature(by.makerKey, structHash)});
    }

    /// @dev A nonce names its maker's key, then counts.
    function _nonce(address maker) internal returns (uint256) {
        return (uint256(uint160(maker)) << 96) | _nextNonce[maker]++;
    }

    function _deadline() internal view returns (uint64) {
        return uint64(block.timestamp + 1 days);
    }

    // --- Deposit

    function _openDepositAccounts(uint32[] memory holders) internal {
        OpenDepositAccounts memory order = OpenDepositAccounts({
            target: address(deposit),
            organisation: bank.organisation,
            nonce: _nonce(bank.maker),
            deadline: _deadline(),
            holders: holders
        });
        deposit.openDepositAccounts(order, _approve(bank, Hash.order(order)));
    }

    function _mintOrder(uint32 to, uint64 amount) internal returns (MintDeposit memory) {
        return MintDeposit({
            target: address(deposit),
            organisation: bank.organisation,
            nonce: _nonce(bank.maker),
            deadline: _deadline(),
            to: to,
            currency: CNY,
            amount: amount,
            referenceHash: keccak256("statement line")
        });
    }

    function _mint(uint32 to, uint64 amount) internal {
        MintDeposit memory order = _mintOrder(to, amount);
        deposit.mint(order, _approve(bank, Hash.order(order)));
    }

    // --- Issue

    function _programmeOrder(bool acceptanceRequired) internal returns (OpenProgramme memory) {
        return OpenProgramme({
            target: address(issuance),
            organisation: anchor.organisation,
            nonce: _nonce(anchor.maker),
            deadline: _deadline(),
            technique: 4,
            currency: CNY,
            deposit: address(deposit),
            withRecourse: false,
            acceptanceRequired: acceptanceRequired,
            maximumTier: MAXIMUM_TIER,
            maximumLots: MAXIMUM_LOTS,
            minimumLotFaceValue: MINIMUM_LOT,
            maximumTenorDays: 365,
            tenorReasonHash: keccak256("reason"),
            legacy: false,
            minimumTenorDays: 0,
            filingRequired: false,
            lateInterestBps: 1825,
            replaces: 0,
            termsHash: keccak256("terms")
        });
    }

    /// @dev One whose lots are financed only after a filing, and with 15 days to run.
    function _strictProgrammeOrder() internal returns (OpenProgramme memory order) {
        order = _programmeOrder(true);
        order.minimumTenorDays = 15;
        order.filingRequired = true;
    }

    function _openProgramme(OpenProgramme memory order) internal returns (uint32) {
        issuance.openProgramme(order, _approve(anchor, Hash.order(order)));
        return ledger.programmeCount();
    }

    /// @dev A row over a new invoice of just its face value.
    function _row(uint32 to, uint64 faceValue) internal returns (IssueRow memory) {
        return IssueRow({
            supplier: to,
            faceValue: faceValue,
            maturityAt: uint64(block.timestamp + 180 days),
            graceEndsAt: uint64(block.timestamp + 185 days),
            documentType: INVOICE,
            documentAmount: faceValue,
            documentFingerprint: keccak256(abi.encode("fingerprint", ++_lastDocument)),
            documentCommitment: keccak256(abi.encode("commitment", _lastDocument))
        });
    }

    function _issueOrder(uint32 programme, IssueRow memory row) internal returns (IssueReceivable memory) {
        return IssueReceivable({
            target: address(issuance),
            organisation: anchor.organisation,
            nonce: _nonce(anchor.maker),
            deadline: _deadline(),
            programmeId: programme,
            currency: CNY,
            row: row
        });
    }

    function _batchOrder(uint32 programme, uint32 count, uint64 total, bytes32 root)
        internal
        returns (IssueBatch memory)
    {
        return IssueBatch({
            target: address(issuance),
            organisation: anchor.organisation,
            nonce: _nonce(anchor.maker),
            deadline: _deadline(),
            programmeId: programme,
            currency: CNY,
            count: count,
            totalFaceValue: total,
            fileHash: keccak256("payment file"),
            root: root
        });
    }

    function _attestation(uint32 count, bytes32 root) internal view returns (AttestDocuments memory) {
        return AttestDocuments({
            target: address(documents),
            organisation: keeper.organisation,
            deadline: _deadline(),
            epoch: documents.liveEpoch(),
            obligor: anchor.organisation,
            currency: CNY,
            count: count,
            root: root
        });
    }

    function _attest(AttestDocuments memory attestation) internal view returns (Approval memory) {
        return _approveAlone(keeper, Hash.order(attestation))[0];
    }

    /// @dev The keeper's statement that a document goes by another fingerprint in the next epoch.
    function _carriage(bytes32 fingerprint) internal view returns (CarryDocuments memory statement) {
        (statement.target, statement.organisation) = (address(documents), keeper.organisation);
        (statement.deadline, statement.epoch) = (_deadline(), documents.liveEpoch() + 1);
        statement.documents = new Succession[](1);
        statement.documents[0] = Succession({fingerprint: fingerprint, successor: _nextOf(fingerprint)});
    }

    function _nextOf(bytes32 fingerprint) internal pure returns (bytes32) {
        return keccak256(abi.encode("next", fingerprint));
    }

    function _carried(CarryDocuments memory statement) internal view returns (Approval memory) {
        return _approveAlone(keeper, Hash.order(statement))[0];
    }

    function _issue(IssueReceivable memory order) internal returns (uint64 receivableId) {
        AttestDocuments memory attestation = _attestation(1, Hash.leaf(0, order.row));
        issuance.issueReceivable(order, _approve(anchor, Hash.order(order)), attestation, _attest(attestation));
        return ledger.receivableCount();
    }

    function _issue(uint32 programme, Actor memory to, uint64 faceValue) internal returns (uint64 receivableId) {
        return _issue(_issueOrder(programme, _row(to.organisation, faceValue)));
    }

    function _offerOf(uint64 receivableId) internal view returns (Offer memory) {
        ReceivableTerms memory terms = lens.receivableTerms(receivableId);
        return Offer({
            receivableId: receivableId,
            obligor: terms.obligor,
            programmeId: terms.programmeId,
            faceValue: terms.faceValue,
            maturityAt: terms.maturityAt,
            graceEndsAt: terms.graceEndsAt
        });
    }

    function _acceptanceOrder(Actor memory by, uint64 receivableId) internal returns (AcceptReceivable memory order) {
        order.target = address(issuance);
        order.organisation = by.organisation;
        order.nonce = _nonce(by.maker);
        order.deadline = _deadline();
        order.currency = CNY;
        order.offers = new Offer[](1);
        order.offers[0] = _offerOf(receivableId);
        order.totalFaceValue = order.offers[0].faceValue;
    }

    function _accept(Actor memory by, uint64 receivableId) internal {
        AcceptReceivable memory order = _acceptanceOrder(by, receivableId);
        issuance.acceptReceivable(order, _approve(by, Hash.order(order)));
    }

    /// @dev Issued and accepted; its only lot is the supplier's.
    function _activeReceivable(uint32 programme) internal returns (uint64 receivableId, LotId root) {
        receivableId = _issue(programme, supplier, FACE);
        _accept(supplier, receivableId);
        root = toLotId(receivableId, 1);
    }

    // --- Lots

    function _part(uint32 to, uint64 faceValue) internal pure returns (Part[] memory parts) {
        parts = new Part[](1);
        parts[0] = Part({to: to, faceValue: faceValue});
    }

    function _splitOrder(Actor memory by, LotId lotId, Part[] memory parts) internal returns (SplitLot memory) {
        Lot memory lot = lens.lot(lotId);
        return SplitLot({
            target: address(ledger),
            organisation: by.organisation,
            nonce: _nonce(by.maker),
            deadline: _deadline(),
            lotId: lotId,
            faceValue: lot.faceValue,
            paid: lot.paid,
            expiresAt: uint64(block.timestamp + 3 days),
            parts: parts
        });
    }

    /// @return child The first part's lot.
    function _split(Actor memory by, LotId lotId, Part[] memory parts) internal returns (LotId child) {
        uint64 receivableId = lotId.receivableOf();
        child = toLotId(receivableId, lens.receivableProgress(receivableId).lotCount + 1);
        SplitLot memory order = _splitOrder(by, lotId, parts);
        ledger.splitLot(order, _approve(by, Hash.order(order)));
    }

    function _transferOrder(Actor memory by, LotId lotId, uint32 to) internal returns (ProposeTransfer memory) {
        Lot memory lot = lens.lot(lotId);
        return ProposeTransfer({
            target: address(ledger),
            organisation: by.organisation,
            nonce: _nonce(by.maker),
            deadline: _deadline(),
            lotId: lotId,
            faceValue: lot.faceValue,
            paid: lot.paid,
            to: to,
            expiresAt: uint64(block.timestamp + 3 days),
            remarkHash: keccak256("remark")
        });
    }

    /// @return offer The offer's hash, which the receiver's answer names.
    function _propose(Actor memory by, LotId lotId, uint32 to) internal returns (bytes32 offer) {
        ProposeTransfer memory order = _transferOrder(by, lotId, to);
        offer = Hash.order(order);
        ledger.proposeTransfer(order, _approve(by, offer));
    }

    function _answerOrder(Actor memory by, LotId lotId, bytes32 offer) internal returns (TransferAnswer memory) {
        Lot memory lot = lens.lot(lotId);
        return TransferAnswer({
            target: address(ledger),
            organisation: by.organisation,
            nonce: _nonce(by.maker),
            deadline: _deadline(),
            lotId: lotId,
            faceValue: lot.faceValue,
            paid: lot.paid,
            offer: offer
        });
    }

    function _acceptTransfer(Actor memory by, LotId lotId, bytes32 offer) internal {
        TransferAnswer memory answer = _answerOrder(by, lotId, offer);
        ledger.acceptTransfer(answer, _approve(by, Hash.answer(ACCEPT_TRANSFER_TYPEHASH, answer)));
    }

    // --- Financing

    function _requestOrder(Actor memory by, LotId lotId, uint64 partFaceValue)
        internal
        returns (RequestFinancing memory)
    {
        Lot memory lot = lens.lot(lotId);
        return RequestFinancing({
            target: address(market),
            organisation: by.organisation,
            nonce: _nonce(by.maker),
            deadline: _deadline(),
            lotId: lotId,
            faceValue: lot.faceValue,
            paid: lot.paid,
            partFaceValue: partFaceValue,
            withRecourse: false,
            expiresAt: uint64(block.timestamp + 7 days)
        });
    }

    /// @dev Financed for its face less three in a hundred.
    function _financeWithRecourse(Actor memory by, LotId lotId, Actor memory to) internal {
        _financeWithRecourse(by, lotId, to, lens.lot(lotId).faceValue / 100 * 97, 0);
    }

    function _financeWithRecourse(Actor memory by, LotId lotId, Actor memory to, uint64 price, uint64 holdback)
        internal
    {
        RequestFinancing memory order = _requestOrder(by, lotId, lens.lot(lotId).faceValue);
        order.withRecourse = true;
        market.requestFinancing(order, _approve(by, Hash.order(order)));
        Quote memory quote = _quoteFor(to, market.requestCount(), price);
        (quote.withRecourse, quote.holdback) = (true, holdback);
        _award(by, to, quote);
    }

    function _repurchaseOrder(Actor memory by, LotId lotId) internal returns (RepurchaseLot memory) {
        Lot memory lot = lens.lot(lotId);
        return RepurchaseLot({
            target: address(market),
            organisation: by.organisation,
            nonce: _nonce(by.maker),
            deadline: _deadline(),
            lotId: lotId,
            faceValue: lot.faceValue,
            paid: lot.paid,
            holder: lot.holder,
            currency: CNY,
            amount: _owedToHolder(lotId, lot),
            lateInterest: lot.faceValue
        });
    }

    /// @dev What is outstanding, less what of it is an earlier seller's.
    function _owedToHolder(LotId lotId, Lot memory lot) internal view returns (uint64) {
        (, uint64 holdback) = encumbrances.holdbackOf(lotId);
        uint64 outstanding = lot.faceValue - lot.paid;
        return outstanding > holdback ? outstanding - holdback : 0;
    }

    function _repurchase(Actor memory by, LotId lotId) internal {
        RepurchaseLot memory order = _repurchaseOrder(by, lotId);
        market.repurchaseLot(order, _approve(by, Hash.order(order)));
    }

    function _claimOrder(Actor memory by, LotId lotId) internal returns (ClaimRecourse memory) {
        Lot memory lot = lens.lot(lotId);
        return ClaimRecourse({
            target: address(market),
            organisation: by.organisation,
            nonce: _nonce(by.maker),
            deadline: _deadline(),
            lotId: lotId,
            faceValue: lot.faceValue,
            paid: lot.paid
        });
    }

    // --- Credit lines

    function _lineOrder(Actor memory by, uint32 on, uint64 limit) internal returns (SetCreditLine memory) {
        return SetCreditLine({
            target: address(creditLines),
            organisation: by.organisation,
            nonce: _nonce(by.maker),
            deadline: _deadline(),
            anchor: on,
            currency: CNY,
            limit: limit,
            expiresAt: uint64(block.timestamp + 300 days)
        });
    }

    function _setLine(Actor memory by, uint32 on, uint64 limit) internal {
        SetCreditLine memory order = _lineOrder(by, on, limit);
        creditLines.setCreditLine(order, _approve(by, Hash.order(order)));
    }

    function _request(Actor memory by, LotId lotId, uint64 partFaceValue) internal returns (uint64 requestId) {
        RequestFinancing memory order = _requestOrder(by, lotId, partFaceValue);
        market.requestFinancing(order, _approve(by, Hash.order(order)));
        return market.requestCount();
    }

    function _filingOrder(Actor memory by, uint64 requestId) internal returns (RecordFiling memory) {
        return RecordFiling({
            target: address(market),
            organisation: by.organisation,
            nonce: _nonce(by.maker),
            deadline: _deadline(),
            requestId: requestId,
            lotId: market.financingRequest(requestId).lotId,
            filedAt: uint64(block.timestamp),
            filing: keccak256("salt and number")
        });
    }

    function _recordFiling(Actor memory by, uint64 requestId) internal {
        RecordFiling memory order = _filingOrder(by, requestId);
        market.recordFiling(order, _approve(by, Hash.order(order)));
    }

    function _quoteFor(Actor memory by, uint64 requestId, uint64 netProceeds) internal returns (Quote memory quote) {
        quote.target = address(market);
        quote.organisation = by.organisation;
        quote.nonce = _nonce(by.maker);
        quote.deadline = _deadline();
        quote.requestId = requestId;
        quote.lotId = market.financingRequest(requestId).lotId;
        quote.partFaceValue = market.financingRequest(requestId).partFaceValue;
        Lot memory lot = lens.lot(quote.lotId);
        quote.faceValue = lot.faceValue;
        quote.paid = lot.paid;
        quote.holder = lot.holder;
        quote.currency = CNY;
        quote.netProceeds = netProceeds;
        quote.terms = Hash.terms(550, "ACT/360", 180, uint64(block.timestamp), keccak256("salt"));
    }

    /// @dev Sets the face aside, so that nobody sees the price, for as long as the request is open.
    function _fundOrder(Actor memory by, Quote memory quote) internal returns (FundQuote memory) {
        return FundQuote({
            target: address(market),
            organisation: by.organisation,
            nonce: _nonce(by.maker),
            deadline: _deadline(),
            requestId: quote.requestId,
            quote: Hash.order(quote),
            currency: quote.currency,
            amount: quote.partFaceValue,
            expiresAt: market.financingRequest(quote.requestId).expiresAt
        });
    }

    function _fund(Actor memory by, Quote memory quote) internal {
        FundQuote memory order = _fundOrder(by, quote);
        market.fundQuote(order, _approve(by, Hash.order(order)));
    }

    /// @dev The award of a funded quote: its funder signs nothing more.
    function _awardFunded(Actor memory by, Quote memory quote) internal {
        AwardQuote memory order = _awardOrder(by, quote);
        market.awardQuote(order, _approve(by, Hash.order(order)), quote, new Approval[](0));
    }

    function _awardOrder(Actor memory by, Quote memory quote) internal returns (AwardQuote memory) {
        return AwardQuote({
            target: address(market),
            organisation: by.organisation,
            nonce: _nonce(by.maker),
            deadline: _deadline(),
            requestId: quote.requestId,
            quote: Hash.order(quote),
            currency: quote.currency,
            netProceeds: quote.netProceeds,
            holdback: quote.holdback,
            obligorInterest: 0,
            payBy: quote.payBy,
            quoteCount: 1,
            quoteHead: keccak256("receipts")
        });
    }

    function _award(Actor memory by, Actor memory to, Quote memory quote) internal {
        AwardQuote memory order = _awardOrder(by, quote);
        market.awardQuote(order, _approve(by, Hash.order(order)), quote, _approve(to, Hash.order(quote)));
    }

    // --- Encumbrances

    /// @dev Of a single lot, for 300 days, what is paid to the court.
    function _freezeOrder(Actor memory by, LotId lotId) internal returns (FreezeLots memory) {
        return FreezeLots({
            target: address(encumbrances),
            organisation: by.organisation,
            nonce: _nonce(by.maker),
            deadline: _deadline(),
            receivableId: lotId.receivableOf(),
            holder: lens.lot(lotId).holder,
            referenceHash: keccak256("order of the court"),
            expiresAt: uint64(block.timestamp + 300 days),
            toCourt: true,
            lotSequences: _sequences(lotId)
        });
    }

    function _freeze(FreezeLots memory order) internal {
        encumbrances.freezeLots(order, _approve(court, Hash.order(order)));
    }

    function _freeze(LotId lotId) internal {
        _freeze(_freezeOrder(court, lotId));
    }

    function _holdOrder(Actor memory by, LotId lotId) internal returns (HoldLots memory) {
        return HoldLots({
            target: address(encumbrances),
            organisation: by.organisation,
            nonce: _nonce(by.maker),
            deadline: _deadline(),
            receivableId: lotId.receivableOf(),
            holder: lens.lot(lotId).holder,
            referenceHash: keccak256("suspicion"),
            expiresAt: uint64(block.timestamp + 48 hours),
            lotSequences: _sequences(lotId)
        });
    }

    function _hold(LotId lotId) internal {
        HoldLots memory order = _holdOrder(court, lotId);
        encumbrances.holdLots(order, _approve(court, Hash.order(order)));
    }

    function _renewOrder(Actor memory by, LotId lotId, bytes32 referenceHash) internal returns (RenewFreeze memory) {
        return RenewFreeze({
            target: address(encumbrances),
            organisation: by.organisation,
            nonce: _nonce(by.maker),
            deadline: _deadline(),
            receivableId: lotId.receivableOf(),
            referenceHash: referenceHash,
            expiresAt: uint64(block.timestamp + 1000 days),
            lotSequences: _sequences(lotId)
        });
    }

    function _liftOrder(Actor memory by, LotId lotId, bytes32 referenceHash) internal returns (LiftFreeze memory) {
        return LiftFreeze({
            target: address(encumbrances),
            organisation: by.organisation,
            nonce: _nonce(by.maker),
            deadline: _deadline(),
            receivableId: lotId.receivableOf(),
            referenceHash: referenceHash,
            lotSequences: _sequences(lotId)
        });
    }

    function _lift(LotId lotId, bytes32 referenceHash) internal {
        LiftFreeze memory order = _liftOrder(court, lotId, referenceHash);
        encumbrances.liftFreeze(order, _approve(court, Hash.order(order)));
    }

    /// @dev For three quarters of the lot's face, due in a hundred days.
    function _pledgeOrder(Actor memory by, LotId lotId, uint32 to) internal returns (ProposePledge memory) {
        Lot memory lot = lens.lot(lotId);
        return ProposePledge({
            target: address(encumbrances),
            organisation: by.organisation,
            nonce: _nonce(by.maker),
            deadline: _deadline(),
            lotId: lotId,
            faceValue: lot.faceValue,
            paid: lot.paid,
            pledgee: to,
            securedAmount: lot.faceValue / 4 * 3,
            dueAt: uint64(block.timestamp + 100 days),
            expiresAt: uint64(block.timestamp + 3 days),
            agreementHash: keccak256("loan agreement")
        });
    }

    /// @return pledge The offer's hash, which the pledgee's orders name.
    function _proposePledge(Actor memory by, LotId lotId, uint32 to) internal returns (bytes32 pledge) {
        ProposePledge memory order = _pledgeOrder(by, lotId, to);
        pledge = Hash.order(order);
        encumbrances.proposePledge(order, _approve(by, pledge));
    }

    function _pledgeAcceptance(Actor memory by, LotId lotId, bytes32 pledge) internal returns (AcceptPledge memory) {
        Lot memory lot = lens.lot(lotId);
        return AcceptPledge({
            target: address(encumbrances),
            organisation: by.organisation,
            nonce: _nonce(by.maker),
            deadline: _deadline(),
            lotId: lotId,
            faceValue: lot.faceValue,
            paid: lot.paid,
            pledge: pledge,
            filingHash: keccak256("filing"),
            filedAt: uint64(block.timestamp)
        });
    }

    function _acceptPledge(Actor memory by, LotId lotId, bytes32 pledge) internal {
        AcceptPledge memory order = _pledgeAcceptance(by, lotId, pledge);
        encumbrances.acceptPledge(order, _approve(by, Hash.order(order)));
    }

    function _pledge(Actor memory by, LotId lotId, Actor memory to) internal returns (bytes32 pledge) {
        pledge = _proposePledge(by, lotId, to.organisation);
        _acceptPledge(to, lotId, pledge);
    }

    function _pledgeEndOrder(Actor memory by, LotId lotId, bytes32 pledge) internal returns (PledgeEnd memory) {
        Lot memory lot = lens.lot(lotId);
        return PledgeEnd({
            target: address(encumbrances),
            organisation: by.organisation,
            nonce: _nonce(by.maker),
            deadline: _deadline(),
            lotId: lotId,
            faceValue: lot.faceValue,
            paid: lot.paid,
            pledge: pledge
        });
    }

    function _releasePledge(Actor memory by, LotId lotId, bytes32 pledge) internal {
        PledgeEnd memory order = _pledgeEndOrder(by, lotId, pledge);
        encumbrances.releasePledge(order, _approve(by, Hash.pledgeEnd(RELEASE_PLEDGE_TYPEHASH, order)));
    }

    function _enforcePledge(Actor memory by, LotId lotId, bytes32 pledge) internal {
        PledgeEnd memory order = _pledgeEndOrder(by, lotId, pledge);
        encumbrances.enforcePledge(order, _approve(by, Hash.pledgeEnd(ENFORCE_PLEDGE_TYPEHASH, order)));
    }

    function _sequences(LotId lotId) internal pure returns (uint32[] memory lotSequences) {
        lotSequences = new uint32[](1);
        lotSequences[0] = lotId.sequenceOf();
    }

    // --- Settlement

    function _settleOrder(uint64 receivableId, uint64 amount) internal returns (SettleReceivable memory) {
        return SettleReceivable({
            target: address(settlement),
            organisation: anchor.organisation,
            nonce: _nonce(anchor.maker),
            deadline: _deadline(),
            receivableId: receivableId,
            faceValue: lens.receivableTerms(receivableId).faceValue,
            paid: lens.receivableProgress(receivableId).paid,
            currency: CNY,
            amount: amount,
            lateInterest: amount
        });
    }

    function _settle(uint64 receivableId, uint64 amount, uint32[] memory lotSequences) internal {
        SettleReceivable memory order = _settleOrder(receivableId, amount);
        settlement.settleReceivable(order, _approve(anchor, Hash.order(order)), lotSequences);
    }

    /// @dev The root named twice: for its holder's share, and for what is held back of it.
    function _rootTwice() internal pure returns (uint32[] memory lotSequences) {
        lotSequences = new uint32[](2);
        (lotSequences[0], lotSequences[1]) = (1, 1);
    }

    /// @dev 1, 2, ... up to the number of lots of the receivable.
    function _allLots(uint64 receivableId) internal view returns (uint32[] memory lotSequences) {
        lotSequences = new uint32[](lens.receivableProgress(receivableId).lotCount);
        for (uint32 i; i < lotSequences.length; ++i) {
            lotSequences[i] = i + 1;
        }
    }

    function _writeOffOrder(Actor memory by, LotId lotId) internal returns (WriteOffLot memory) {
        Lot memory lot = lens.lot(lotId);
        return WriteOffLot({
            target: address(settlement),
            organisation: by.organisation,
            nonce: _nonce(by.maker),
            deadline: _deadline(),
            lotId: lotId,
            faceValue: lot.faceValue,
            paid: lot.paid
        });
    }

    function _writeOff(Actor memory by, LotId lotId) internal {
        WriteOffLot memory order = _writeOffOrder(by, lotId);
        settlement.writeOffLot(order, _approve(by, Hash.order(order)));
    }

    /// @dev The second after the grace; ten whole days late where grace is ten days.
    function _toDefault(uint64 receivableId) internal {
        vm.warp(lens.receivableTerms(receivableId).graceEndsAt + 1);
    }

    function _toMaturity(uint64 receivableId) internal {
        vm.warp(lens.receivableTerms(receivableId).maturityAt);
    }

    // --- What a test sees

    function _balance(Actor memory owner) internal view returns (uint64) {
        return deposit.account(owner.organisation).balance;
    }

    function _holder(LotId lotId) internal view returns (uint32) {
        return lens.lot(lotId).holder;
    }
}

contract WiringTest is Base {
    function test_Wiring() external view {
        assertEq(ledger.issuance(), address(issuance));
        assertEq(ledger.market(), address(market));
        assertEq(ledger.settlement(), address(settlement));
        assertEq(address(ledger.registry()), address(registry));
        assertEq(address(issuance.ledger()), address(ledger));
        assertEq(address(issuance.documents()), address(documents));
        assertEq(address(market.ledger()), address(ledger));
        assertEq(address(settlement.ledger()), address(ledger));
        assertEq(address(market.creditLines()), address(creditLines));
        assertEq(creditLines.market(), address(market));
        assertEq(address(creditLines.ledger()), address(ledger));
        assertEq(address(creditLines.registry()), address(registry));
        assertEq(address(ledger.encumbrances()), address(encumbrances));
        assertEq(address(encumbrances.ledger()), address(ledger));
        assertEq(address(encumbrances.registry()), address(registry));
        assertEq(deposit.market(), address(market));
        assertEq(deposit.settlement(), address(settlement));
        assertTrue(documents.isIssuer(address(issuance)));
        assertEq(registry.participantCount(), 9);
        assertEq(_balance(anchor), OPENING_BALANCE);
    }
}
