// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "./IParticipantRegistry.sol";
import {IReceivableLedger} from "./IReceivableLedger.sol";
import {LotId} from "../types/Ids.sol";
import {
    AcceptPledge,
    FreezeLots,
    HoldLots,
    LiftFreeze,
    PledgeEnd,
    ProposePledge,
    RenewFreeze
} from "../types/Orders.sol";
import {Approval} from "../types/Participants.sol";

/// @dev What one order keeps a lot for. Two storage words.
struct Freeze {
    /// The court or authority that ordered it, and alone renews or lifts it.
    uint32 court;
    uint40 startedAt;
    /// Its last instant: it ends by the clock.
    uint40 expiresAt;
    /// Whether what is paid on the lot meanwhile goes to the court's account; else it waits, set aside.
    bool toCourt;
    /// A hold against money laundering, of 48 hours at most.
    bool isHold;
    bytes32 referenceHash;
}

enum PledgeStatus {
    NONE,
    /// The holder has offered it; nothing is encumbered.
    PROPOSED,
    /// The pledgee has accepted it and registered it.
    HELD,
    /// The secured debt was not paid in time: what is paid on the lot is the pledgee's, up to what is secured.
    ENFORCED
}

/// @dev One lot as security for a debt of its holder. Three storage words.
struct Pledge {
    /// The order that proposed it.
    bytes32 pledge;
    uint32 pledgee;
    PledgeStatus status;
    /// When the secured debt is due: its pledgee enforces after it.
    uint40 dueAt;
    /// Until when it can be accepted.
    uint40 expiresAt;
    uint64 securedAmount;
    /// What the lot had been paid before its pledgee enforced.
    uint64 paidBefore;
    uint32 holder;
}

/// @dev What a seller still gets of a lot it sold: what is collected beyond the holder's share. One storage word.
struct Holdback {
    uint32 seller;
    /// What the lot pays before anything of it is the seller's.
    uint64 holdersShare;
    uint64 amount;
}

/// @title Encumbrances: what keeps a lot where it is, beside the ledger's own locks.
/// @notice A freeze may lie over any other encumbrance, and over other freezes: of several, each ends by itself, and
/// the earliest that still holds says where money goes. A frozen lot neither moves nor is divided, financed or paid to
/// its holder; offers and requests that stood before may be taken back, never completed. Assumption: organisations of
/// the kind registrar are courts and authorities that may order this by law; the Council admits them as such.
interface IEncumbrances {
    event LotFrozen(
        uint64 indexed receivableId,
        uint32 sequence,
        uint32 lotSequence,
        uint32 holder,
        uint32 court,
        bytes32 referenceHash,
        bool toCourt,
        uint40 expiresAt
    );
    event LotHeld(
        uint64 indexed receivableId,
        uint32 sequence,
        uint32 lotSequence,
        uint32 holder,
        uint32 court,
        bytes32 referenceHash,
        uint40 expiresAt
    );
    event FreezeRenewed(
        uint64 indexed receivableId, uint32 sequence, uint32 lotSequence, bytes32 referenceHash, uint40 expiresAt
    );
    event PledgeProposed(
        uint64 indexed receivableId,
        uint32 sequence,
        uint32 lotSequence,
        uint32 holder,
        uint32 pledgee,
        uint64 securedAmount,
        uint40 dueAt,
        uint40 expiresAt,
        bytes32 pledge,
        bytes32 agreementHash
    );
    event LotPledged(
        uint64 indexed receivableId,
        uint32 sequence,
        uint32 lotSequence,
        uint32 holder,
        uint32 pledgee,
        uint64 securedAmount,
        uint40 dueAt,
        bytes32 pledge,
        bytes32 filingHash,
        uint40 filedAt
    );
    event PledgeReleased(
        uint64 indexed receivableId, uint32 sequence, uint32 lotSequence, uint32 pledgee, bytes32 pledge
    );
    event PledgeEnforced(
        uint64 indexed receivableId, uint32 sequence, uint32 lotSequence, uint32 pledgee, bytes32 pledge
    );
    event FreezeLifted(uint64 indexed receivableId, uint32 sequence, uint32 lotSequence, bytes32 referenceHash);
    /// @dev A lot was sold for less than all of it: the last `amount` of what is paid on its face is the seller's.
    event HoldbackKept(
        uint64 indexed receivableId, uint32 sequence, uint32 lotSequence, uint32 indexed seller, uint64 amount
    );
    /// @dev The seller has the lot again, and with it what was held back.
    event HoldbackEnded(
        uint64 indexed receivableId, uint32 sequence, uint32 lotSequence, uint32 indexed seller, uint64 amount
    );

    error ReferenceMissing();
    error FreezeTooLong(uint64 expiresAt, uint64 latest);
    error FreezeRepeated(LotId lotId, bytes32 referenceHash);
    error FreezeUnknown(LotId lotId, bytes32 referenceHash);
    error TooManyFreezes(LotId lotId, uint256 most);
    error NotFreezer(LotId lotId, uint32 court, uint32 organisation);
    /// @dev A hold ends; who wants more obtains a court's freeze.
    error HoldNotRenewable(LotId lotId, bytes32 referenceHash);
    error NothingToFreeze(uint64 receivableId, uint32 holder);
    error AmountTooLarge(uint64 amount, uint64 limit);
    error CourtAccountMissing(address deposit, uint32 court);
    error PledgeeRefused(uint32 pledgee);
    error PledgeUnknown(LotId lotId, bytes32 pledge);
    error PledgeExpired(LotId lotId, uint40 expiresAt);
    error NotPledgee(LotId lotId, uint32 pledgee, uint32 organisation);
    error PledgeNotFiled(LotId lotId);
    error PledgeNotDue(LotId lotId, uint40 dueAt);
    error HoldbackStanding(LotId lotId, uint32 seller, uint64 amount);

    /// @notice A court freezes lots of one holder in one receivable: those named, or all it has.
    ///
    /// @dev Emits {LotFrozen} for each, {OrderExecuted}.
    ///
    /// Notes:
    /// - It holds from the block it arrives in, whatever stood before, and ends by the clock.
    /// - With `toCourt`, what is paid on the lots goes to the court's account; without, it waits set aside in the
    ///   anchor's, and anyone may have the holder paid once the freeze has ended.
    ///
    /// Requirements:
    /// - The order must be signed by maker and checker of an organisation of the kind registrar.
    /// - It must end within three years (R-25), and name a reference that has not frozen the lot before.
    /// - Every lot named must be live and the holder's; where none is named, there must be one.
    /// - With `toCourt`, the court must have an account at the receivable's deposit bank.
    function freezeLots(FreezeLots calldata order, Approval[] calldata approvals) external;

    /// @notice An authority holds lots for at most 48 hours on suspicion of money laundering (R-27).
    ///
    /// @dev Emits {LotHeld} for each, {OrderExecuted}.
    ///
    /// Notes:
    /// - It ends by itself; what is paid meanwhile waits. It is continued only by a court's freeze.
    ///
    /// Requirements:
    /// - Those of {freezeLots}, with 48 hours for three years: once for each lot and reference.
    function holdLots(HoldLots calldata order, Approval[] calldata approvals) external;

    /// @notice A court renews its freeze before it lapses: of the lots named, or of all under the reference.
    ///
    /// @dev Emits {FreezeRenewed} for each, {OrderExecuted}.
    ///
    /// Requirements:
    /// - The court that froze them must have signed; the freeze must still hold and be no hold.
    /// - The new end must be later than the old one, and within three years from now.
    function renewFreeze(RenewFreeze calldata order, Approval[] calldata approvals) external;

    /// @notice Whoever froze or held lots lets them go: those named, or all under the reference.
    ///
    /// @dev Emits {FreezeLifted} for each, {OrderExecuted}.
    ///
    /// Notes:
    /// - A suspended court still lifts.
    ///
    /// Requirements:
    /// - The organisation that froze or held them must have signed; the freeze must still hold.
    function liftFreeze(LiftFreeze calldata order, Approval[] calldata approvals) external;

    /// @notice A holder offers a lot as security for what it owes.
    ///
    /// @dev Emits {PledgeProposed}, {OrderExecuted}.
    ///
    /// Notes:
    /// - Nothing is encumbered yet: the lot may move, and the offer is void then. A new offer replaces the one before.
    ///
    /// Requirements:
    /// - The lot's holder must have signed, naming the lot's face value and what was paid on it; it must be free.
    /// - The pledgee must be admitted, have an account at the receivable's deposit bank, and be neither holder nor
    ///   obligor.
    function proposePledge(ProposePledge calldata order, Approval[] calldata approvals) external;

    /// @notice The pledgee accepts, with the filing that registers the pledge; it exists from now on (R-24).
    ///
    /// @dev Emits {LotPledged}, {OrderExecuted}.
    ///
    /// Notes:
    /// - A pledged lot does not move until its pledgee releases it. What is paid on it meanwhile waits.
    ///
    /// Requirements:
    /// - The pledgee must have signed this very offer in time, with a filing no later than now.
    /// - The lot must be free, still its holder's and as it was offered.
    function acceptPledge(AcceptPledge calldata order, Approval[] calldata approvals) external;

    /// @notice The pledgee lets the lot go; to be transferred, it must.
    ///
    /// @dev Emits {PledgeReleased}, {OrderExecuted}.
    ///
    /// Notes:
    /// - A suspended pledgee still releases. What waited is paid to the holder by the next call of the crank.
    ///
    /// Requirements:
    /// - The pledgee must have signed, naming the lot's face value and what was paid on it.
    function releasePledge(PledgeEnd calldata order, Approval[] calldata approvals) external;

    /// @notice The pledgee collects after the debt was not paid in time.
    ///
    /// @dev Emits {PledgeEnforced}, {OrderExecuted}.
    ///
    /// Notes:
    /// - Title stays the holder's: what is paid on the lot is the pledgee's up to what is secured, the rest the
    ///   holder's. Late interest on the lot is the holder's.
    ///
    /// Requirements:
    /// - The pledgee must have signed, naming the lot's face value and what was paid on it.
    /// - The secured debt must have been due.
    function enforcePledge(PledgeEnd calldata order, Approval[] calldata approvals) external;

    // --- Market

    /// @notice Keeps the last `amount` of what a lot is paid for the seller that sells it now. For the market only.
    ///
    /// @dev Emits {HoldbackKept}.
    ///
    /// Requirements:
    /// - No other seller may have anything held back of the lot.
    function keepHoldback(LotId lotId, uint32 seller, uint64 amount) external;

    /// @notice Ends what is held back of a lot for a seller that has the lot again. For the market only.
    ///
    /// @dev Emits {HoldbackEnded}, where there was anything.
    function endHoldback(LotId lotId, uint32 seller) external;

    // --- Views

    /// @notice What is held back of a lot, and for whom; 0 where nothing is.
    function holdbackOf(LotId lotId) external view returns (uint32 seller, uint64 amount);
    /// @notice The last instant at which the lot is frozen, as far as is ordered; 0 where it is not.
    function frozenUntil(LotId lotId) external view returns (uint40);
    /// @notice Who is paid what is due to the lot's face now, and how much of it; 0 where it has to wait.
    ///
    /// @dev The holder's share comes first: its court's while frozen, its pledgee's up to the secured amount, else its
    /// own. What is held back for another seller comes after it, and no freeze or pledge of the holder's touches it.
    function paymentOf(LotId lotId, uint32 holder, uint64 paid, uint64 due)
        external
        view
        returns (uint32 payee, uint64 amount);
    function pledgeOf(LotId lotId) external view returns (Pledge memory);
    /// @notice Who is paid late interest on the lot now; 0 where it has to wait.
    function payeeOf(LotId lotId, uint32 holder) external view returns (uint32);
    /// @notice The freezes that hold now, in the order they came.
    function freezesOf(LotId lotId) external view returns (Freeze[] memory);
    function registry() external view returns (IParticipantRegistry);
    function ledger() external view returns (IReceivableLedger);
}
