// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ITokenisedDeposit} from "../../src/interfaces/ITokenisedDeposit.sol";
import {IEncumbrances} from "../../src/interfaces/IEncumbrances.sol";
import {IDocumentRegistry} from "../../src/interfaces/IDocumentRegistry.sol";
import {FinancingStatus, IFinancingMarket} from "../../src/interfaces/IFinancingMarket.sol";
import {IFunding} from "../../src/interfaces/IFunding.sol";
import {IIssuance, Run} from "../../src/interfaces/IIssuance.sol";
import {IParticipantRegistry} from "../../src/interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "../../src/interfaces/IReceivableLedger.sol";
import {ISettlement} from "../../src/interfaces/ISettlement.sol";
import {LotId, toLotId} from "../../src/types/Ids.sol";
import {Lot} from "../../src/types/Ledger.sol";
import {
    AcceptPledge,
    AttestDocuments,
    AttestFunding,
    AttestPayment,
    AwardQuote,
    BearInterest,
    CarryDocuments,
    DENY_FUNDING_TYPEHASH,
    FreezeLots,
    FundQuote,
    FundingEnd,
    IssueBatch,
    IssueReceivable,
    IssueRow,
    MintDeposit,
    OpenProgramme,
    ProposePledge,
    ProposeTransfer,
    Quote,
    RepurchaseLot,
    RequestFinancing,
    SettleReceivable,
    SplitLot,
    WithdrawFinancingRequest
} from "../../src/types/Orders.sol";
import {
    Admission,
    Approval,
    KIND_SETTLEMENT_BANK,
    KIND_SUPPLIER,
    KeyGrant,
    ParticipantStatus,
    ROLE_CHECKER,
    ROLE_MAKER
} from "../../src/types/Participants.sol";
import {Actor} from "../Base.t.sol";
import {Awaiting} from "../support/Awaiting.sol";
import {Hash} from "../support/Hash.sol";

/// @notice What a counterparty, an insider or a relayer might try. Each must fail, or do no harm.
contract AttacksTest is Awaiting {
    uint64 private receivableId;
    LotId private root;

    function setUp() public override {
        super.setUp();
        (receivableId, root) = _activeReceivable(freeProgrammeId);
    }

    // --- AS SIGNED

    /// @custom:law AS_SIGNED
    function test_ALotSplitBetweenQuoteAndAwardIsNotSoldAsQuoted() external {
        uint64 requestId = _request(supplier, root, FACE);
        Quote memory quote = _quoteFor(funder, requestId, 970_000_00);
        Approval[] memory quoted = _approve(funder, Hash.order(quote));

        // While the request is open the lot cannot be split.
        _expect(IReceivableLedger.LotEncumbered.selector);
        this.split(supplier, root, FACE / 2);

        // The holder withdraws, splits, and asks again for the smaller lot: the old quote is for another request.
        _withdraw(requestId);
        this.split(supplier, root, FACE / 2);
        uint64 again = _request(supplier, root, FACE / 2);
        AwardQuote memory order = _awardOrder(supplier, quote);
        Approval[] memory approvals = _approve(supplier, Hash.order(order));
        _expect(IFinancingMarket.RequestNotOpen.selector);
        market.awardQuote(order, approvals, quote, quoted);

        // Nor does the signature fit a quote that names the new request.
        quote.requestId = again;
        order = _awardOrder(supplier, quote);
        approvals = _approve(supplier, Hash.order(order));
        _expect(IFinancingMarket.QuoteMismatch.selector);
        market.awardQuote(order, approvals, quote, quoted);
    }

    /// @custom:law AS_SIGNED
    function test_ReorderedOrdersDoNothingThatWasNotSigned() external {
        // Signed to run in this order: 400,000 to the sub-supplier, then the rest to the stranger.
        SplitLot memory first = _splitOrder(supplier, root, _part(subSupplier.organisation, 400_000_00));
        ProposeTransfer memory second = _transferOrder(supplier, root, stranger.organisation);
        second.faceValue = 600_000_00;
        Approval[] memory firstSigned = _approve(supplier, Hash.order(first));
        Approval[] memory secondSigned = _approve(supplier, Hash.order(second));

        // The relayer turns them round: the second is not what it names yet.
        _expect(IReceivableLedger.LotChanged.selector);
        ledger.proposeTransfer(second, secondSigned);

        // In the order they were meant both run.
        ledger.splitLot(first, firstSigned);
        ledger.proposeTransfer(second, secondSigned);
        assertEq(_holder(root), stranger.organisation);
        assertEq(_holder(toLotId(receivableId, 2)), subSupplier.organisation);
    }

    /// @custom:law AS_SIGNED
    function test_APartPaidLotIsNotSoldAsUnpaid() external {
        vm.warp(lens.receivableTerms(receivableId).maturityAt - 1 days);
        uint64 requestId = _request(supplier, root, FACE);
        Quote memory quote = _quoteFor(funder, requestId, 990_000_00);
        _toMaturity(receivableId);

        // The anchor pays half; the holder does not turn the crank, so that the lot still reads as unpaid.
        _settle(receivableId, FACE / 2, new uint32[](0));
        assertEq(lens.lot(root).paid, 0);
        AwardQuote memory order = _awardOrder(supplier, quote);
        Approval[] memory approvals = _approve(supplier, Hash.order(order));
        Approval[] memory quoted = _approve(funder, Hash.order(quote));
        _expect(IReceivableLedger.LotPartlyPaid.selector);
        market.awardQuote(order, approvals, quote, quoted);
    }

    /// @custom:law AS_SIGNED
    function test_APredictedIdThatAnothersSplitTookMovesNothing() external {
        // Two holders of one receivable. The supplier expects its own split to make lot 3, and signs for it in advance.
        this.splitTo(supplier, root, subSupplier.organisation, 500_000_00);
        LotId expected = toLotId(receivableId, 3);
        ProposeTransfer memory early = _transferOrder(supplier, expected, stranger.organisation);
        early.faceValue = 100_000_00;
        Approval[] memory approvals = _approve(supplier, Hash.order(early));

        // The sub-supplier splits first: lot 3 is its own, of the very face.
        this.splitTo(subSupplier, toLotId(receivableId, 2), subSupplier.organisation, 100_000_00);
        _expect(IReceivableLedger.NotHolder.selector);
        ledger.proposeTransfer(early, approvals);
        assertEq(_holder(expected), subSupplier.organisation);
    }

    /// @dev Whatever bit of the calldata a relayer flips: the call fails, or does exactly what was signed.
    /// @custom:law AS_SIGNED
    function testFuzz_NoFlippedBitDoesWhatWasNotSigned(uint256 position) external {
        ProposeTransfer memory order = _transferOrder(supplier, root, subSupplier.organisation);
        bytes memory data = abi.encodeCall(ledger.proposeTransfer, (order, _approve(supplier, Hash.order(order))));
        position = bound(position, 32, 8 * data.length - 1);
        data[position / 8] ^= bytes1(uint8(1 << (position % 8)));

        (bool succeeded,) = address(ledger).call(data);

        Lot memory lot = lens.lot(root);
        assertEq(lot.holder, succeeded ? subSupplier.organisation : supplier.organisation);
        assertEq(lot.faceValue, FACE);
        assertEq(registry.isNonceUsed(supplier.maker, order.nonce), succeeded);
    }

    /// @dev The market hands signatures on as bytes: the same must hold for them.
    /// @custom:law AS_SIGNED
    function testFuzz_NoFlippedBitOfAnAwardDoesWhatWasNotSigned(uint256 position) external {
        Quote memory quote = _quoteFor(funder, _request(supplier, root, FACE), 970_000_00);

        bool succeeded = _awardFlipped(quote, position);

        assertEq(_holder(root), succeeded ? funder.organisation : supplier.organisation);
        assertEq(_balance(supplier), succeeded ? 970_000_00 : 0);
    }

    // --- ONCE and four eyes

    /// @custom:law ONCE
    function test_ASecondMakerDoesNotRepeatAColleaguesOrderWithTheCheckersOldSignature() external {
        // A bank with two makers. The first and the checker mint; the second finds both signatures on the chain.
        (Actor memory first, Actor memory second, ITokenisedDeposit deposit_) = _bankWithTwoMakers();
        MintDeposit memory order = _mintBy(first, deposit_, supplier.organisation);
        Approval[] memory approvals = _approve(first, Hash.order(order));
        deposit_.mint(order, approvals);

        // It puts its own signature over the same order in place of the first maker's.
        approvals[0] = _approve(second, Hash.order(order))[0];
        _expect(IParticipantRegistry.NonceOfAnotherKey.selector);
        deposit_.mint(order, approvals);
    }

    /// @custom:law ONCE
    function test_TwoPersonsWithBothRolesAreNotOneOrderTwice() external {
        // Two persons, each maker and checker. A relayer turns their signatures round to run the order again.
        Actor memory pair = _newActor("pair");
        Admission memory admission = _admission(pair, "pair", KIND_SUPPLIER);
        uint16 both = ROLE_MAKER | ROLE_CHECKER;
        admission.keys[0] = _grant(admission.identity, pair.makerKey, both, _person("pair", "one"));
        admission.keys[1] = _grant(admission.identity, pair.checkerKey, both, _person("pair", "two"));
        pair.organisation = _admitOne(admission);
        skip(KEY_DELAY);
        _openAccountFor(pair.organisation);
        this.splitTo(supplier, root, pair.organisation, 500_000_00);
        SplitLot memory order = _splitOrder(pair, toLotId(receivableId, 2), _part(pair.organisation, 250_000_00));
        order.faceValue = 500_000_00;
        Approval[] memory approvals = _approve(pair, Hash.order(order));
        ledger.splitLot(order, approvals);

        (approvals[0], approvals[1]) = (approvals[1], approvals[0]);
        _expect(IParticipantRegistry.NonceOfAnotherKey.selector);
        ledger.splitLot(order, approvals);
    }

    /// @custom:law ONCE
    function test_AnOrderForOneContractIsNoOrderForAnother() external {
        // A second ledger of the same network, under the same registry.
        IReceivableLedger other = IReceivableLedger(
            deployCode(
                "ReceivableLedger.sol:ReceivableLedger",
                abi.encode(authority, registry, address(issuance), address(market), address(settlement), encumbrances)
            )
        );
        vm.prank(administration);
        registry.admitVenue(address(other));
        ProposeTransfer memory order = _transferOrder(supplier, root, subSupplier.organisation);
        Approval[] memory approvals = _approve(supplier, Hash.order(order));

        _expect(IParticipantRegistry.WrongTarget.selector);
        other.proposeTransfer(order, approvals);
    }

    /// @custom:law AUTHORITY
    function test_ATwinNetworkWithTheSameChainIdRefusesTheSignatures() external {
        // Deployed the same way on a copy of the chain: another parent block, so another domain.
        vm.roll(block.number + 1);
        vm.setBlockhash(block.number - 1, keccak256("another history"));
        IParticipantRegistry twin = IParticipantRegistry(
            deployCode("ParticipantRegistry.sol:ParticipantRegistry", abi.encode(authority, KEY_DELAY))
        );
        assertEq(registry.domainSeparator(), domainSeparator);
        assertNotEq(twin.domainSalt(), registry.domainSalt());

        // Even a key's consent to be registered does not carry over.
        Actor memory newcomer = _newActor("newcomer");
        Admission[] memory admissions = new Admission[](1);
        admissions[0] = _admission(newcomer, "newcomer", KIND_SUPPLIER);
        vm.prank(administration);
        _expect(IParticipantRegistry.SignatureInvalid.selector);
        twin.admitParticipants(admissions);
    }

    // --- Settlement

    /// @dev Whichever quote comes first in the block, the other finds the request closed; nobody pays twice.
    /// @custom:law ONCE
    function test_OfTwoAwardsOfOneLotInOneBlockExactlyOneWins() external {
        uint64 requestId = _request(supplier, root, FACE);
        _mint(stranger.organisation, FACE);
        Quote memory first = _quoteFor(funder, requestId, 970_000_00);
        Quote memory second = _quoteFor(stranger, requestId, 971_000_00);
        AwardQuote memory secondAward = _awardOrder(supplier, second);
        Approval[] memory approvals = _approve(supplier, Hash.order(secondAward));
        Approval[] memory quoted = _approve(stranger, Hash.order(second));

        uint256 block_ = block.number;
        _award(supplier, funder, first);
        vm.expectRevert(
            abi.encodeWithSelector(IFinancingMarket.RequestNotOpen.selector, requestId, FinancingStatus.FUNDED)
        );
        market.awardQuote(secondAward, approvals, second, quoted);

        assertEq(block.number, block_);
        assertEq(_holder(root), funder.organisation);
        assertEq(_balance(stranger), FACE);
        assertEq(_balance(supplier), 970_000_00);
    }

    /// @custom:law LIQUIDITY
    function test_ACentPaidEarlyDoesNotCloseEverybodysTitle() external {
        SettleReceivable memory order = _settleOrder(receivableId, 1);
        Approval[] memory approvals = _approve(anchor, Hash.order(order));

        _expect(IReceivableLedger.PaymentBeforeMaturity.selector);
        settlement.settleReceivable(order, approvals, new uint32[](0));
        this.splitTo(supplier, root, subSupplier.organisation, 500_000_00);
        assertEq(_holder(toLotId(receivableId, 2)), subSupplier.organisation);
    }

    /// @dev The anchor's bank says that the anchor has paid: by itself, and in the payee's bank's name.
    /// @custom:law AUTHORITY
    function test_ThePayersOwnBankAttestsNothing() external {
        _introduceBanks();
        AttestPayment memory order = _attestOrder(payersBank, root, LINE);
        _refusedAttestation(order, payersBank, ISettlement.NotPayeesBank.selector);
        order.organisation = payeesBank.organisation;
        _refusedAttestation(order, payersBank, IParticipantRegistry.SignerUnknown.selector);

        // The payee banks there too: the bank's word is not enough, the payee says the same, or nothing is paid.
        _nameBank(supplier, payersBank.organisation);
        skip(KEY_DELAY);
        order = _attestOrder(payersBank, root, LINE);
        _refusedAttestation(order, payersBank, ISettlement.ConfirmationMissing.selector);
        assertEq(lens.lot(root).paid, 0);
        _confirm(supplier, order);
        settlement.attestPayment(order, _approve(payersBank, Hash.order(order)));
        assertTrue(lens.lot(root).settled);
    }

    /// @dev The payer hides where it banks.
    /// @custom:law AUTHORITY
    function test_APayerThatNamesNoBankMakesNoBankFarFromIt() external {
        _introduceBanks();
        _nameBank(anchor, 0);
        AttestPayment memory order = _attestOrder(payeesBank, root, LINE);
        _refusedAttestation(order, payeesBank, ISettlement.ConfirmationMissing.selector);
    }

    /// @dev Money that came in once pays one lot, and no second.
    /// @custom:law ONCE
    function test_OneStatementLineDoesNotPayTwoLots() external {
        _introduceBanks();
        (, LotId second) = _activeReceivable(freeProgrammeId);
        _attest(payeesBank, root, LINE);
        AttestPayment memory order = _attestOrder(payeesBank, second, LINE);
        _refusedAttestation(order, payeesBank, ISettlement.StatementLineUsed.selector);
        order.lineAmount = 2 * FACE;
        _refusedAttestation(order, payeesBank, ISettlement.StatementLineChanged.selector);
        assertEq(lens.lot(second).paid, 0);
    }

    /// @dev One holder is paid outside the chain; what the anchor set aside for the others stays theirs.
    /// @custom:law EARMARK
    function test_AnAttestedPaymentTakesNothingOfWhatIsSetAsideForOthers() external {
        _introduceBanks();
        this.splitTo(supplier, root, subSupplier.organisation, 300_000_00);
        _toMaturity(receivableId);
        _settle(receivableId, FACE / 2, _allLots(receivableId));
        _attest(payeesBank, toLotId(receivableId, 2), LINE);

        settlement.payLots(receivableId, _allLots(receivableId));
        assertEq(_balance(subSupplier), 150_000_00);
        assertEq(_balance(supplier), 350_000_00);
        _settle(receivableId, 350_000_00, _allLots(receivableId));
        assertEq(_balance(supplier), 700_000_00);
        assertEq(deposit.account(anchor.organisation).earmarked, 0);
    }

    // --- Prices that come by bank transfer

    /// @dev The funder's bank says that the funder has paid: by itself, and in the payee's bank's name.
    /// @custom:law AUTHORITY
    function test_TheFundersOwnBankAttestsNoPrice() external {
        _introduceFar();
        Quote memory quote = _awardedByTransfer(root);
        AttestFunding memory order = _attestFundingOrder(payersBank, quote, LINE);
        _refusedFunding(order, payersBank, ISettlement.NotPayeesBank.selector);
        order.organisation = payeesBank.organisation;
        _refusedFunding(order, payersBank, IParticipantRegistry.SignerUnknown.selector);

        // The funder moves to the payee's bank, or hides where it banks: then that bank's word is not enough.
        _nameBank(funder, 0);
        order = _attestFundingOrder(payeesBank, quote, LINE);
        _refusedFunding(order, payeesBank, ISettlement.ConfirmationMissing.selector);
        _nameBank(funder, payeesBank.organisation);
        skip(KEY_DELAY);
        order = _attestFundingOrder(payeesBank, quote, LINE);
        _refusedFunding(order, payeesBank, ISettlement.ConfirmationMissing.selector);
        assertEq(_holder(root), supplier.organisation);
    }

    /// @dev Money that came in once buys one lot, and neither buys nor pays a second.
    /// @custom:law ONCE
    function test_OneStatementLineDoesNotFundTwoLotsNorPayOne() external {
        _introduceFar();
        (, LotId second) = _activeReceivable(freeProgrammeId);
        (, LotId third) = _activeReceivable(freeProgrammeId);
        Quote memory first = _awardedByTransfer(root);
        Quote memory next = _awardedByTransfer(second);
        AttestFunding memory order = _attestFundingOrder(payeesBank, first, LINE);
        order.lineAmount = FACE;
        funding.attestFunding(order, _approve(payeesBank, Hash.order(order)));

        order = _attestFundingOrder(payeesBank, next, LINE);
        order.lineAmount = FACE;
        _refusedFunding(order, payeesBank, ISettlement.StatementLineUsed.selector);
        order.lineAmount = 2 * FACE;
        _refusedFunding(order, payeesBank, ISettlement.StatementLineChanged.selector);
        _refusedAttestation(_attestOrder(payeesBank, third, LINE), payeesBank, ISettlement.StatementLineUsed.selector);
        assertEq(_holder(second), supplier.organisation);
        assertEq(lens.lot(third).paid, 0);

        // Nor does the line that paid a lot buy another.
        _attest(payeesBank, third, keccak256("the line of a payment"));
        order = _attestFundingOrder(payeesBank, next, keccak256("the line of a payment"));
        order.lineAmount = FACE;
        _refusedFunding(order, payeesBank, ISettlement.StatementLineUsed.selector);
    }

    /// @dev The bank says at once that nothing came, so that its customer may sell the lot again.
    /// @custom:law CLOCK
    function test_ABankDoesNotDenyAPriceThatIsStillToCome() external {
        _introduceFar();
        Quote memory quote = _awardedByTransfer(root);
        vm.warp(quote.payBy);
        FundingEnd memory order = _fundingEndOrder(payeesBank, quote);
        Approval[] memory approvals = _approve(payeesBank, Hash.fundingEnd(DENY_FUNDING_TYPEHASH, order));
        _expect(IFunding.FundingAwaitedUntil.selector);
        funding.denyFunding(order, approvals);
        _expect(IFunding.FundingAwaitedUntil.selector);
        funding.lapseFunding(quote.requestId);
        skip(LONG_STOP);
        _expect(IFunding.FundingAwaitedUntil.selector);
        funding.lapseFunding(quote.requestId);
        _attestFunding(payeesBank, quote, LINE);
        assertEq(_holder(root), funder.organisation);
    }

    /// @dev A debtor sells its lot by transfer, and the price is attested after the court has frozen it.
    /// @custom:law FREEZE
    function test_ALotFrozenSinceItsAwardIsNotDeliveredForItsPrice() external {
        _introduceFar();
        Quote memory quote = _awardedByTransfer(root);
        _freeze(root);
        AttestFunding memory order = _attestFundingOrder(payeesBank, quote, LINE);
        _refusedFunding(order, payeesBank, IReceivableLedger.LotFrozen.selector);
        assertEq(_holder(root), supplier.organisation);
        assertEq(settlement.statementLine(LINE).used, 0);

        // The court lets it go while the award still waits: the price that came in counts.
        _lift(root, keccak256("order of the court"));
        funding.attestFunding(order, _approve(payeesBank, Hash.order(order)));
        assertEq(_holder(root), funder.organisation);
    }

    /// @dev The same quote reserves the funder's line twice: by its award, and by a word for another request.
    /// @custom:law CREDIT
    function test_OneQuoteDoesNotReserveALineTwice() external {
        _introduceFar();
        _setLine(funder, anchor.organisation, 3 * FACE);
        (, LotId second) = _activeReceivable(freeProgrammeId);
        Quote memory quote = _awardedByTransfer(root);
        FundQuote memory firm = _fundOrder(funder, quote);
        firm.requestId = _request(supplier, second, FACE);
        Approval[] memory approvals = _approve(funder, Hash.order(firm));
        _expect(ITokenisedDeposit.AlreadyReserved.selector);
        market.fundQuote(firm, approvals);

        _releaseFunding(funder, quote);
        assertEq(creditLines.creditLine(funder.organisation, anchor.organisation, CNY).utilised, 0);
    }

    /// @dev A request's number is another's after a reorganisation: the anchor's share is for the lot it saw.
    /// @custom:law AS_SIGNED
    function test_AShareIsNotBorneForALotThatTookTheRequestsNumber() external {
        (, LotId second) = _activeReceivable(freeProgrammeId);
        uint256 fork = vm.snapshotState();
        uint64 requestId = _request(supplier, root, FACE);
        BearInterest memory order = _bearOrder(anchor, requestId, 1_000_00, 5_000);
        Approval[] memory approvals = _approve(anchor, Hash.order(order));

        vm.revertToState(fork);
        assertEq(_request(supplier, second, FACE), requestId);
        _expect(IFinancingMarket.RequestChanged.selector);
        funding.bearInterest(order, approvals);
        assertEq(_balance(anchor), OPENING_BALANCE);
    }

    /// @dev Both promises' signatures reach the registry through two contracts: whatever bit is flipped.
    /// @custom:law AS_SIGNED
    function testFuzz_NoFlippedBitOfAnAwardByTransferDoesWhatWasNotSigned(uint256 position) external {
        _introduceFar();
        Quote memory quote = _quoteByTransfer(funder, _request(supplier, root, FACE), 970_000_00);
        quote.holdback = 10_000_00;
        bytes32 signed = Hash.order(quote);

        bool succeeded = _awardFlipped(quote, position);

        assertEq(funding.awaited(quote.requestId).quote, succeeded ? signed : bytes32(0));
        assertEq(funding.awaited(quote.requestId).netProceeds, succeeded ? 970_000_00 : 0);
        assertEq(funding.awaited(quote.requestId).holdback, succeeded ? 10_000_00 : 0);
        assertEq(_holder(root), supplier.organisation);
    }

    // --- Holdbacks

    /// @dev The funder splits the lot, sells a part of it, or hands it on, to have the last of it paid to itself.
    /// @custom:law HOLDBACK
    function test_AFunderDoesNotDodgeTheHoldback() external {
        _sellWithHoldback();
        _expect(IReceivableLedger.LotIndivisible.selector);
        this.split(funder, root, FACE / 2);
        RequestFinancing memory part = _requestOrder(funder, root, FACE / 2);
        Approval[] memory approvals = _approve(funder, Hash.order(part));
        _expect(IReceivableLedger.LotIndivisible.selector);
        market.requestFinancing(part, approvals);

        _propose(funder, root, stranger.organisation);
        _settle(receivableId, FACE, _rootTwice());
        assertEq(_balance(stranger), 900_000_00);
        assertEq(_balance(supplier), 870_000_00 + 100_000_00);
    }

    /// @dev Anchor and funder agree on a price for all of it, and share what the seller held back; or they settle it
    /// outside the chain.
    /// @custom:law HOLDBACK
    function test_AnAnchorDoesNotPayEarlyOverTheSellersHoldback() external {
        _introduceBanks();
        _sellWithHoldback();
        AttestPayment memory outside = _attestOrder(payeesBank, root, LINE);
        _refusedAttestation(outside, payeesBank, ISettlement.PaymentShared.selector);
        Quote memory quote = _quoteFor(anchor, _request(funder, root, FACE), 950_000_00);
        AwardQuote memory order = _awardOrder(funder, quote);
        Approval[] memory approvals = _approve(funder, Hash.order(order));
        Approval[] memory quoted = _approve(anchor, Hash.order(quote));
        _expect(IEncumbrances.HoldbackStanding.selector);
        market.awardQuote(order, approvals, quote, quoted);
        assertEq(_holder(root), funder.organisation);
    }

    /// @dev The funder's creditors freeze its lot for the court, or it pledges the lot for more than its share.
    /// @custom:law HOLDBACK
    function test_TheFundersCreditorsDoNotTakeTheSellersHoldback() external {
        _sellWithHoldback();
        uint256 start = vm.snapshotState();
        _freeze(root);
        _settle(receivableId, FACE, _rootTwice());
        assertEq(_balance(court), 900_000_00);
        assertEq(_balance(supplier), 870_000_00 + 100_000_00);

        vm.revertToState(start);
        ProposePledge memory offer = _pledgeOrder(funder, root, stranger.organisation);
        (offer.securedAmount, offer.dueAt) = (2 * FACE, uint64(block.timestamp));
        bytes32 pledge = Hash.order(offer);
        encumbrances.proposePledge(offer, _approve(funder, pledge));
        _acceptPledge(stranger, root, pledge);
        skip(1);
        _enforcePledge(stranger, root, pledge);
        _settle(receivableId, FACE, _rootTwice());
        assertEq(_balance(stranger), 900_000_00);
        assertEq(_balance(supplier), 870_000_00 + 100_000_00);
    }

    // --- Bulk payments

    /// @custom:law EARMARK
    function test_OneLotDoesNotSpoilTheBulk() external {
        this.splitTo(supplier, root, subSupplier.organisation, 300_000_00);
        this.splitTo(supplier, root, stranger.organisation, 300_000_00);
        _setStatus(subSupplier.organisation, ParticipantStatus.BLOCKED);
        uint32[] memory lots = new uint32[](7);
        (lots[0], lots[1], lots[2], lots[3]) = (2, 77, 3, 3);
        (lots[4], lots[5], lots[6]) = (type(uint32).max, 0, 1);

        // A blocked holder, an unknown lot, a repeated one, lot 0: the others are paid, each once.
        _settle(receivableId, FACE, lots);
        assertEq(_balance(stranger), 300_000_00);
        assertEq(_balance(supplier), 400_000_00);
        assertEq(_balance(subSupplier), 0);

        // The blocked holder's money waits, set aside, for as long as it takes.
        assertEq(deposit.account(anchor.organisation).earmarked, 300_000_00);
        _setStatus(subSupplier.organisation, ParticipantStatus.ADMITTED);
        settlement.payLots(receivableId, lots);
        assertEq(_balance(subSupplier), 300_000_00);
    }

    /// @custom:law EARMARK
    function test_AFullAccountDoesNotSpoilTheBulk() external {
        this.splitTo(supplier, root, stranger.organisation, 300_000_00);
        // The bank fills the stranger's account as far as it can.
        _mint(stranger.organisation, uint64(uint256(uint64(type(int64).max)) - deposit.totalSupply()));

        _settle(receivableId, FACE, _allLots(receivableId));

        assertTrue(lens.lot(toLotId(receivableId, 2)).settled);
        assertEq(_balance(supplier), 700_000_00);
    }

    // --- FREEZE

    /// @custom:law AS_SIGNED
    function test_AFreezeOfADebtorsLotDoesNotHitWhoeverBoughtIt() external {
        FreezeLots memory order = _freezeOrder(court, root);
        Approval[] memory approvals = _approve(court, Hash.order(order));
        _propose(supplier, root, subSupplier.organisation);

        _expect(IReceivableLedger.NotHolder.selector);
        encumbrances.freezeLots(order, approvals);

        assertEq(encumbrances.frozenUntil(root), 0);
    }

    /// @custom:law FREEZE
    function test_AnAwardInTheBlockOfTheFreezeDeliversNothing() external {
        uint64 requestId = _request(supplier, root, FACE);
        Quote memory quote = _quoteFor(funder, requestId, 970_000_00);
        AwardQuote memory award = _awardOrder(supplier, quote);
        Approval[] memory awarded = _approve(supplier, Hash.order(award));
        Approval[] memory quoted = _approve(funder, Hash.order(quote));
        _freeze(root);

        _expect(IReceivableLedger.LotFrozen.selector);
        market.awardQuote(award, awarded, quote, quoted);

        assertEq(_holder(root), supplier.organisation);
        assertEq(_balance(supplier), 0);
    }

    /// @custom:law FREEZE
    function test_ARepurchaseDoesNotEmptyAFrozenLot() external {
        _financeWithRecourse(supplier, root, funder);
        _toDefault(receivableId);
        _mint(supplier.organisation, 2 * FACE);
        RepurchaseLot memory order = _repurchaseOrder(supplier, root);
        Approval[] memory approvals = _approve(supplier, Hash.order(order));
        _freeze(root);

        _expect(IReceivableLedger.LotFrozen.selector);
        market.repurchaseLot(order, approvals);

        assertEq(_holder(root), funder.organisation);
    }

    /// @custom:law FREEZE
    function test_AHolderDoesNotCrankItselfPaidInTheLastSecondOfAFreeze() external {
        FreezeLots memory order = _freezeOrder(court, root);
        order.toCourt = false;
        _freeze(order);
        _settle(receivableId, FACE, new uint32[](0));
        vm.warp(order.expiresAt);

        settlement.payLots(receivableId, _allLots(receivableId));

        assertEq(_balance(supplier), 0);
    }

    /// @custom:law AUTHORITY
    function test_APledgeOfAnEarlierHolderDoesNotBindALaterOne() external {
        bytes32 pledge = _proposePledge(supplier, root, funder.organisation);
        _propose(supplier, root, subSupplier.organisation);
        AcceptPledge memory order = _pledgeAcceptance(funder, root, pledge);
        Approval[] memory approvals = _approve(funder, Hash.order(order));

        _expect(IReceivableLedger.NotHolder.selector);
        encumbrances.acceptPledge(order, approvals);

        assertEq(uint8(lens.lot(root).encumbrance), 0);
    }

    /// @custom:law TITLE
    function test_ALotPledgedToTwoIsPledgedToTheFirstThatAccepts() external {
        bytes32 first = _proposePledge(supplier, root, funder.organisation);
        bytes32 second = _proposePledge(supplier, root, stranger.organisation);
        AcceptPledge memory late = _pledgeAcceptance(funder, root, first);
        Approval[] memory approvals = _approve(funder, Hash.order(late));
        _acceptPledge(stranger, root, second);

        _expect(IEncumbrances.PledgeUnknown.selector);
        encumbrances.acceptPledge(late, approvals);

        assertEq(encumbrances.pledgeOf(root).pledgee, stranger.organisation);
    }

    /// @custom:law AUTHORITY
    function test_OrganisationZeroDoesNotExist() external {
        Actor memory nobody;
        (nobody.maker, nobody.makerKey) = makeAddrAndKey("nobody");
        (nobody.checker, nobody.checkerKey) = makeAddrAndKey("nobody else");
        LotId unborn = toLotId(receivableId, 99);
        SettleReceivable memory pay = _settleOrder(77, 0);
        pay.organisation = 0;
        ProposeTransfer memory move = _transferOrder(nobody, unborn, subSupplier.organisation);
        RequestFinancing memory ask = _requestOrder(nobody, unborn, 0);
        ProposeTransfer memory toNobody = _transferOrder(supplier, root, 0);
        Approval[] memory settled = _approve(nobody, Hash.order(pay));
        Approval[] memory moved = _approve(nobody, Hash.order(move));
        Approval[] memory asked = _approve(nobody, Hash.order(ask));
        Approval[] memory given = _approve(supplier, Hash.order(toNobody));

        _expect(ISettlement.NotObligor.selector);
        settlement.settleReceivable(pay, settled, new uint32[](0));
        _expect(IParticipantRegistry.ParticipantUnknown.selector);
        ledger.proposeTransfer(move, moved);
        _expect(IReceivableLedger.LotUnknown.selector);
        market.requestFinancing(ask, asked);
        _expect(IReceivableLedger.TransferRefused.selector);
        ledger.proposeTransfer(toNobody, given);
    }

    // --- Batches and documents

    /// @custom:law BATCH
    function test_ARowIsNotProvedAtAnotherIndex() external {
        (IssueBatch memory order, IssueRow[] memory rows) = _batch();
        IssueRow[] memory one = new IssueRow[](1);
        one[0] = rows[0];

        // Row 0 with its own proof at index 1, and with the proof of index 1.
        _refusedRun(order, one, Run({level: 0, index: 1, proof: _proof(rows, 0)}), IIssuance.RowNotInBatch.selector);
        _refusedRun(order, one, Run({level: 0, index: 1, proof: _proof(rows, 1)}), IIssuance.RowNotInBatch.selector);
    }

    /// @custom:law BATCH
    function test_AnInnerNodeIsNoRow() external {
        (IssueBatch memory order, IssueRow[] memory rows) = _batch();
        bytes32[] memory above = Hash.level(Hash.leaves(rows), 1);
        // The pair of nodes under the root, dressed as a row: what is hashed as a row is hashed twice, with its index.
        IssueRow[] memory dressed = new IssueRow[](1);
        dressed[0].documentFingerprint = above[0];
        dressed[0].documentCommitment = above[1];
        bytes32[] memory proof = new bytes32[](1);
        proof[0] = above[1];

        _refusedRun(order, dressed, Run({level: 0, index: 0, proof: proof}), bytes4(0));
        order.count = 2;
        _refusedRun(order, dressed, Run({level: 0, index: 0, proof: proof}), IIssuance.RowNotInBatch.selector);
    }

    /// @custom:law BATCH
    function test_AnUnderstatedTotalIssuesNothing() external {
        (IssueBatch memory order, IssueRow[] memory rows) = _batch();
        order.totalFaceValue = 1;

        // The limit a maker signs alone for would be asked of 1 unit; the rows do not fit into it.
        _refusedRun(
            order, rows, Run({level: 2, index: 0, proof: new bytes32[](0)}), IIssuance.BatchTotalExceeded.selector
        );
        assertEq(ledger.receivableCount(), 1);
    }

    /// @custom:law AUTHORITY
    function test_AMakerAloneDoesNotFinishABatchThatNeededAChecker() external {
        (IssueBatch memory order, IssueRow[] memory rows) = _batch();
        _issueRun(order, rows, 0, _approve(anchor, Hash.order(order)));
        Approval[] memory alone = _approveAlone(anchor, Hash.order(order));

        _expect(IParticipantRegistry.CheckerRequired.selector);
        this.issueRun(order, rows, 1, alone);
    }

    /// @custom:law OCCUPANCY
    function test_AnInventedFingerprintNeedsTheKeeper() external {
        IssueRow memory row = _row(supplier.organisation, FACE);
        row.documentFingerprint = keccak256("made up");
        IssueReceivable memory order = _issueOrder(freeProgrammeId, row);
        AttestDocuments memory attestation = _attestation(1, Hash.leaf(0, row));
        Approval[] memory approvals = _approve(anchor, Hash.order(order));

        // The anchor signs in the keeper's place, in its own and in the keeper's name.
        Approval memory byAnchor = _approve(anchor, Hash.order(attestation))[0];
        _expect(IParticipantRegistry.SignerUnknown.selector);
        issuance.issueReceivable(order, approvals, attestation, byAnchor);
        attestation.organisation = anchor.organisation;
        byAnchor = _approve(anchor, Hash.order(attestation))[0];
        _expect(IParticipantRegistry.KindRequired.selector);
        issuance.issueReceivable(order, approvals, attestation, byAnchor);
    }

    /// @custom:law OCCUPANCY
    function test_ASquattedFingerprintDoesNotKeepTheTrueSellerOut() external {
        // The keeper signed for the true invoice. A rival with the anchor's help wants it entered as its own first.
        IssueRow memory row = _row(supplier.organisation, FACE);
        AttestDocuments memory attestation = _attestation(1, Hash.leaf(0, row));
        Approval memory attested = _attest(attestation);
        IssueRow memory squat = _row(stranger.organisation, FACE);
        squat.documentFingerprint = row.documentFingerprint;
        IssueReceivable memory order = _issueOrder(freeProgrammeId, squat);
        Approval[] memory approvals = _approve(anchor, Hash.order(order));

        _expect(IIssuance.AttestationMismatch.selector);
        issuance.issueReceivable(order, approvals, attestation, attested);

        // Once entered it is the true seller's, whatever a keeper may sign later.
        _issue(_issueOrder(freeProgrammeId, row));
        squat.documentAmount = 2 * FACE;
        order = _issueOrder(freeProgrammeId, squat);
        approvals = _approve(anchor, Hash.order(order));
        attestation = _attestation(1, Hash.leaf(0, squat));
        vm.expectRevert(
            abi.encodeWithSelector(IIssuance.IssueRefused.selector, IDocumentRegistry.DocumentMismatch.selector)
        );
        issuance.issueReceivable(order, approvals, attestation, _attest(attestation));
    }

    /// @custom:law OCCUPANCY
    function test_OneDocumentIsNotUsedInTwoVersions() external {
        // A new version of ledger and issue beside the old one, over the same documents.
        (IIssuance newer, uint32 programme) = _newerVersion();
        IssueRow memory row = _row(supplier.organisation, FACE);
        _issue(_issueOrder(freeProgrammeId, row));
        IssueReceivable memory again = _issueOrder(programme, row);
        again.target = address(newer);
        Approval[] memory approvals = _approve(anchor, Hash.order(again));
        AttestDocuments memory attestation = _attestation(1, Hash.leaf(0, row));
        Approval memory attested = _attest(attestation);

        vm.expectRevert(
            abi.encodeWithSelector(IIssuance.IssueRefused.selector, IDocumentRegistry.DocumentAlreadyUsed.selector)
        );
        newer.issueReceivable(again, approvals, attestation, attested);
    }

    /// @custom:law OCCUPANCY
    function test_OneDocumentIsNotUsedInTwoEpochs() external {
        // The fingerprint key is rotated, and the same invoice comes back under its fingerprint of the next epoch.
        IssueRow memory row = _row(supplier.organisation, FACE);
        bytes32 old = row.documentFingerprint;
        uint64 offered = _issue(_issueOrder(freeProgrammeId, row));
        _carry(keccak256(abi.encode("fingerprint", 1)));
        _expect(IDocumentRegistry.DocumentsNotCarried.selector);
        vm.prank(administration);
        documents.openEpoch(2);
        _carry(old);
        vm.prank(administration);
        documents.openEpoch(2);
        row.documentFingerprint = _nextOf(old);

        _tryIssue(row, IDocumentRegistry.DocumentAlreadyUsed.selector);
        row.documentFingerprint = old;
        _tryIssue(row, IDocumentRegistry.DocumentAlreadyUsed.selector);

        // A receivable that ends gives its use back under the old fingerprint: one more fits under the new one.
        skip(181 days);
        issuance.lapseReceivable(offered, old);
        row.documentFingerprint = _nextOf(old);
        row.maturityAt = uint64(block.timestamp + 180 days);
        row.graceEndsAt = uint64(block.timestamp + 185 days);
        _issue(_issueOrder(freeProgrammeId, row));
        _tryIssue(row, IDocumentRegistry.DocumentAlreadyUsed.selector);
    }

    /// @custom:law NEW_POWER_WAITS
    function test_ANewKeyDoesNotActBeforeItsDelay() external {
        // Whoever admits an organisation, or breaks in as the administration, cannot use its keys at once.
        Actor memory newcomer = _newActor("newcomer");
        Admission memory admission = _admission(newcomer, "newcomer", KIND_SUPPLIER);
        newcomer.organisation = _admitOne(admission);
        _openAccountFor(newcomer.organisation);
        this.splitTo(supplier, root, newcomer.organisation, 500_000_00);
        SplitLot memory order =
            _splitOrder(newcomer, toLotId(receivableId, 2), _part(newcomer.organisation, 250_000_00));
        order.deadline = uint64(block.timestamp + KEY_DELAY);
        Approval[] memory approvals = _approve(newcomer, Hash.order(order));

        skip(KEY_DELAY - 1);
        _expect(IParticipantRegistry.KeyNotValid.selector);
        ledger.splitLot(order, approvals);
        skip(1);
        ledger.splitLot(order, approvals);
    }

    // --- Internals

    function _carry(bytes32 fingerprint) private {
        CarryDocuments memory statement = _carriage(fingerprint);
        documents.carryDocuments(statement, _carried(statement));
    }

    function _tryIssue(IssueRow memory row, bytes4 reason) private {
        IssueReceivable memory order = _issueOrder(freeProgrammeId, row);
        Approval[] memory approvals = _approve(anchor, Hash.order(order));
        AttestDocuments memory attestation = _attestation(1, Hash.leaf(0, row));
        Approval memory attested = _attest(attestation);
        vm.expectRevert(abi.encodeWithSelector(IIssuance.IssueRefused.selector, reason));
        issuance.issueReceivable(order, approvals, attestation, attested);
    }

    function _newerVersion() private returns (IIssuance newer, uint32 programme) {
        address predicted = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
        IReceivableLedger newLedger = IReceivableLedger(
            deployCode(
                "ReceivableLedger.sol:ReceivableLedger",
                abi.encode(authority, registry, predicted, address(market), address(settlement), encumbrances)
            )
        );
        newer = IIssuance(deployCode("Issuance.sol:Issuance", abi.encode(registry, documents, newLedger, rules)));
        assertEq(address(newer), predicted);
        vm.startPrank(administration);
        registry.admitVenue(predicted);
        documents.admitIssuer(predicted);
        vm.stopPrank();
        OpenProgramme memory order = _programmeOrder(false);
        order.target = predicted;
        newer.openProgramme(order, _approve(anchor, Hash.order(order)));
        programme = newLedger.programmeCount();
    }

    function split(Actor memory by, LotId lotId, uint64 faceValue) external {
        _split(by, lotId, _part(by.organisation, faceValue));
    }

    function splitTo(Actor memory by, LotId lotId, uint32 to, uint64 faceValue) external {
        _split(by, lotId, _part(to, faceValue));
    }

    function issueRun(IssueBatch memory order, IssueRow[] memory rows, uint32 index, Approval[] memory approvals)
        external
    {
        _issueRun(order, rows, index, approvals);
    }

    function _expect(bytes4 expected) private {
        vm.expectPartialRevert(expected);
    }

    function _withdraw(uint64 requestId) private {
        WithdrawFinancingRequest memory order = WithdrawFinancingRequest({
            target: address(market),
            organisation: supplier.organisation,
            nonce: _nonce(supplier.maker),
            deadline: _deadline(),
            requestId: requestId
        });
        market.withdrawFinancingRequest(order, _approve(supplier, Hash.order(order)));
    }

    function _refusedAttestation(AttestPayment memory order, Actor memory by, bytes4 expected) private {
        Approval[] memory approvals = _approve(by, Hash.order(order));
        _expect(expected);
        settlement.attestPayment(order, approvals);
    }

    function _refusedFunding(AttestFunding memory order, Actor memory by, bytes4 expected) private {
        Approval[] memory approvals = _approve(by, Hash.order(order));
        _expect(expected);
        funding.attestFunding(order, approvals);
    }

    /// @dev The whole lot for 970,000, on its way.
    function _awardedByTransfer(LotId lotId) private returns (Quote memory quote) {
        quote = _quoteByTransfer(funder, _request(supplier, lotId, FACE), 970_000_00);
        _award(supplier, funder, quote);
    }

    /// @dev For 870,000, and the last 100,000 held back.
    function _sellWithHoldback() private {
        Quote memory quote = _quoteFor(funder, _request(supplier, root, FACE), 870_000_00);
        quote.holdback = 100_000_00;
        _award(supplier, funder, quote);
    }

    /// @dev Sends the award of a quote with one bit of its calldata flipped.
    function _awardFlipped(Quote memory quote, uint256 position) private returns (bool succeeded) {
        AwardQuote memory order = _awardOrder(supplier, quote);
        bytes memory data = abi.encodeCall(
            market.awardQuote,
            (order, _approve(supplier, Hash.order(order)), quote, _approve(funder, Hash.order(quote)))
        );
        position = bound(position, 32, 8 * data.length - 1);
        data[position / 8] ^= bytes1(uint8(1 << (position % 8)));
        (succeeded,) = address(market).call(data);
    }

    function _openAccountFor(uint32 organisation) private {
        uint32[] memory holders = new uint32[](1);
        holders[0] = organisation;
        _openDepositAccounts(holders);
    }

    function _bankWithTwoMakers()
        private
        returns (Actor memory first, Actor memory second, ITokenisedDeposit deposit_)
    {
        first = _newActor("first");
        second = _newActor("second");
        Admission memory admission = _admission(first, "two makers", KIND_SETTLEMENT_BANK);
        KeyGrant[] memory keys = new KeyGrant[](3);
        (keys[0], keys[1]) = (admission.keys[0], admission.keys[1]);
        keys[2] = _grant(admission.identity, second.makerKey, ROLE_MAKER, _person("two makers", "second"));
        admission.keys = keys;
        first.organisation = _admitOne(admission);
        (second.organisation, second.checker, second.checkerKey) = (first.organisation, first.checker, first.checkerKey);
        skip(KEY_DELAY);
        bank = first;
        deposit = _deployDeposit(first.organisation, CNY);
        vm.prank(administration);
        registry.admitVenue(address(deposit));
        _openAccountFor(supplier.organisation);
        return (first, second, deposit);
    }

    function _mintBy(Actor memory by, ITokenisedDeposit deposit_, uint32 to)
        private
        returns (MintDeposit memory order)
    {
        order = _mintOrder(to, 1_000_000_00);
        order.target = address(deposit_);
        order.organisation = by.organisation;
        order.nonce = _nonce(by.maker);
    }

    function _batch() private returns (IssueBatch memory order, IssueRow[] memory rows) {
        rows = new IssueRow[](4);
        for (uint256 i; i < 4; ++i) {
            rows[i] = _row(supplier.organisation, FACE);
        }
        order = _batchOrder(freeProgrammeId, 4, 4 * FACE, Hash.root(rows));
    }

    function _proof(IssueRow[] memory rows, uint256 index) private pure returns (bytes32[] memory) {
        return Hash.proof(Hash.leaves(rows), 0, index);
    }

    function _issueRun(IssueBatch memory order, IssueRow[] memory rows, uint32 index, Approval[] memory approvals)
        private
    {
        IssueRow[] memory one = new IssueRow[](1);
        one[0] = rows[index];
        AttestDocuments memory attestation = _attestation(order.count, order.root);
        Run memory run = Run({level: 0, index: index, proof: _proof(rows, index)});
        issuance.issueBatch(order, approvals, attestation, _attest(attestation), one, run);
    }

    /// @param expected Zero for any reason.
    function _refusedRun(IssueBatch memory order, IssueRow[] memory rows, Run memory run, bytes4 expected) private {
        AttestDocuments memory attestation = _attestation(order.count, order.root);
        Approval memory attested = _attest(attestation);
        Approval[] memory approvals = _approve(anchor, Hash.order(order));
        if (expected == bytes4(0)) vm.expectRevert();
        else vm.expectPartialRevert(expected);
        issuance.issueBatch(order, approvals, attestation, attested, rows, run);
    }
}
