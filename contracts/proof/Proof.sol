// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";
import {ReceivableLedger} from "../src/ReceivableLedger.sol";
import {IEncumbrances} from "../src/interfaces/IEncumbrances.sol";
import {IParticipantRegistry} from "../src/interfaces/IParticipantRegistry.sol";
import {LotId, toLotId} from "../src/types/Ids.sol";
import {Lot, NewReceivable, Programme} from "../src/types/Ledger.sol";
import {Offer, Part, SplitLot} from "../src/types/Orders.sol";
import {Approval} from "../src/types/Participants.sol";

/// @dev In the place of the registry and of the transfer rules: says yes to every question, and to a status or a reason
/// it answers zero, which stops nothing.
contract Yes {
    fallback(bytes calldata) external returns (bytes memory) {
        return abi.encode(uint256(0));
    }
}

/// @notice The real ledger, with this contract as its companions: what a proof says holds for every caller that is let
/// in, whatever it was signed or not. A function `check_x` is proved by Halmos for every argument.
abstract contract Proof is Test {
    uint32 internal constant ANCHOR = 1;
    uint32 internal constant SUPPLIER = 2;
    uint64 internal constant MATURITY = 1_900_000_000;
    uint64 internal constant RECEIVABLE = 1;
    uint64 internal constant MAXIMUM_AMOUNT = 2 ** 63 - 1;

    Yes internal yes;
    ReceivableLedger internal ledger;
    LotId internal root = toLotId(RECEIVABLE, 1);

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        yes = new Yes();
        ledger = new ReceivableLedger(
            address(this),
            IParticipantRegistry(address(yes)),
            address(this),
            address(this),
            address(this),
            IEncumbrances(address(this))
        );
    }

    /// @dev A receivable of this face, accepted, whose only lot is the supplier's.
    function _active(uint64 faceValue, bool acceptanceRequired) internal {
        vm.assume(faceValue != 0 && faceValue <= MAXIMUM_AMOUNT);
        Programme memory programme;
        programme.anchor = ANCHOR;
        programme.acceptanceRequired = acceptanceRequired;
        programme.maximumTier = 255;
        programme.maximumLots = type(uint32).max;
        programme.transferRules = address(yes);
        ledger.recordProgramme(programme, bytes32(0), bytes32(0));
        NewReceivable[] memory receivables = new NewReceivable[](1);
        receivables[0].supplier = SUPPLIER;
        receivables[0].faceValue = faceValue;
        receivables[0].maturityAt = uint40(MATURITY);
        receivables[0].graceEndsAt = uint40(MATURITY);
        ledger.open(ANCHOR, 1, receivables);
        Offer[] memory offers = new Offer[](1);
        offers[0] = Offer({
            receivableId: RECEIVABLE,
            obligor: ANCHOR,
            programmeId: 1,
            faceValue: faceValue,
            maturityAt: MATURITY,
            graceEndsAt: MATURITY
        });
        ledger.accept(SUPPLIER, offers);
    }

    /// @return succeeded Whether the ledger let it; if not, nothing has changed.
    function _trySplit(LotId lotId, uint64 faceValue, Part[] memory parts) internal returns (bool succeeded) {
        SplitLot memory order = SplitLot({
            target: address(ledger),
            organisation: SUPPLIER,
            nonce: 0,
            deadline: MATURITY,
            lotId: lotId,
            faceValue: faceValue,
            paid: 0,
            expiresAt: MATURITY,
            parts: parts
        });
        (succeeded,) = address(ledger).call(abi.encodeCall(ledger.splitLot, (order, new Approval[](0))));
    }

    function _lot(uint32 sequence) internal view returns (Lot memory) {
        return ledger.lotWord(toLotId(RECEIVABLE, sequence)).toStruct();
    }
}
