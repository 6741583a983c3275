"""Receivables' stories, many at once: the events of all kinds in the proportions they have in life.

```
one cohort   issue a batch ─ accept ─ split ─ offer ─ answer ─ request ─ award ─ time ─ settle
beside it    a row refused in each run, an offer refused; transfers rejected, revoked, lapsed;
             requests withdrawn and lapsed; money minted and redeemed; a limit set; an
             organisation admitted and its key revoked; an order cancelled
```

What an order has to name (numbers of receivables, lots and requests) follows from the order of the
acts: contracts number in the order of execution, and so does this module.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chainfin.bench.load import Load, Party
from chainfin.codec import merkle
from chainfin.codec.hashing import keccak
from chainfin.codec.orders import approval_argument, as_contract_sees, row_leaf
from chainfin.domain.receivable import ROOT_SEQUENCE, LotId

COHORT = 256
"""Rows of a batch: receivables that go through their lives together, but for the refused ones."""

_RUN_LEVEL = 6
_RUN = 1 << _RUN_LEVEL
_SUPPLIERS = 4
_CURRENCY = b"CNY"
_DAY = 86_400
_TENOR_DAYS = 60
_FACE = 100_000_00
_PLENTY = 10**15
_EPOCH = 1
_NO_OFFER = bytes(32)

# One story in so many takes this turn; the primes keep the turns apart.
_REJECTED, _REVOKED, _LAPSED, _WITHDRAWN, _EXPIRED, _IN_PARTS = 17, 19, 23, 29, 31, 13


@dataclass(slots=True)
class _Story:
    """One receivable so far: what its next order has to name."""

    receivable_id: int
    row: Mapping[str, Any]
    supplier: Party
    sub_supplier: Party
    offer: bytes = _NO_OFFER
    request_id: int = 0

    @property
    def face(self) -> int:
        return int(self.row["faceValue"])

    @property
    def part(self) -> int:
        """Face of lot 2, which goes down the chain."""
        return self.face * 2 // 5

    def lot(self, sequence: int, face: int) -> dict[str, int]:
        """A lot as orders name it; nothing was paid on it."""
        return {
            "lotId": LotId(self.receivable_id, sequence).token_id,
            "faceValue": face,
            "paid": 0,
        }

    def turns(self, one_in: int) -> bool:
        return self.receivable_id % one_in == 0


class Stories:
    """Plays cohorts on a load's chain."""

    def __init__(self, load: Load) -> None:
        """Admit the organisations, open their accounts and their programmes."""
        self._load = load
        self._cohorts = self._receivables = self._requests = 0
        self._anchors = [load.admit(f"Anchor {n}", "anchor") for n in (1, 2)]
        numbers = range(1, _SUPPLIERS + 1)
        self._suppliers = [load.admit(f"Supplier {n}", "supplier") for n in numbers]
        self._sub_suppliers = [load.admit(f"Sub-supplier {n}", "supplier") for n in numbers]
        self._funder = load.admit("Funder", "funder")
        load.mine()
        deposit = self._deposit = load.deployment.deposits[0]
        parties = [*self._anchors, *self._suppliers, *self._sub_suppliers, self._funder]
        holders = [party.number for party in parties]
        load.order(load.bank, "open_deposit_accounts", target=deposit, holders=holders)
        load.mine()
        for party in (*self._anchors, self._funder):
            self._mint(party, _PLENTY)
        # The first anchor's receivers accept what they are given, the second's need not.
        for anchor, acceptance_required in zip(self._anchors, (True, False), strict=True):
            self._open_programme(anchor, acceptance_required=acceptance_required)
        load.mine()

    def play(self) -> None:
        """One cohort, from issue to settlement."""
        place = self._cohorts % len(self._anchors)
        anchor, must_accept = self._anchors[place], place == 0
        self._cohorts += 1
        refused, *stories = self._issue(anchor, place + 1)
        self._refuse(refused)
        self._accept(anchor, place + 1, stories)
        for story in stories:
            self._split(story)
        if must_accept:
            self._offer(stories)
        else:
            self._pass_on(stories)
        self._finance(stories)
        self._keep_house()
        self._load.pass_time(_TENOR_DAYS * _DAY)
        for story in stories:
            self._settle(anchor, story)
        self._load.mine()

    # --- before

    def _mint(self, party: Party, amount: int) -> None:
        self._load.order(
            self._load.bank,
            "mint_deposit",
            target=self._deposit,
            to=party.number,
            currency=_CURRENCY,
            amount=amount,
            referenceHash=keccak(b"mint"),
        )

    def _open_programme(self, anchor: Party, *, acceptance_required: bool) -> None:
        self._load.order(
            anchor,
            "open_programme",
            technique=0,
            currency=_CURRENCY,
            deposit=self._deposit,
            withRecourse=False,
            acceptanceRequired=acceptance_required,
            maximumTier=6,
            maximumLots=500,
            minimumLotFaceValue=1,
            maximumTenorDays=2 * _TENOR_DAYS,
            tenorReasonHash=keccak(b"reason"),
            legacy=False,
            minimumTenorDays=0,
            filingRequired=False,
            lateInterestBps=0,
            replaces=0,
            termsHash=keccak(b"terms"),
        )

    # --- issue and answer

    def _issue(self, anchor: Party, programme_id: int) -> list[_Story]:
        rows = [self._row(index) for index in range(COHORT)]
        leaves = [row_leaf(index, row) for index, row in enumerate(rows)]
        root = merkle.root(leaves)
        batch = self._load.sign(
            anchor,
            "issue_batch",
            programmeId=programme_id,
            currency=_CURRENCY,
            count=COHORT,
            totalFaceValue=sum(row["faceValue"] for row in rows),
            fileHash=keccak(b"file %d" % self._cohorts),
            root=root,
        )
        attestation, approval = self._load.attest(
            epoch=_EPOCH, obligor=anchor.number, currency=_CURRENCY, count=COHORT, root=root
        )
        for index in range(COHORT // _RUN):
            proof = merkle.subtree_proof(leaves, _RUN_LEVEL, index)
            self._load.relay(
                batch,
                attestation=attestation,
                attestationApproval=approval_argument(approval),
                rows=rows[index * _RUN : (index + 1) * _RUN],
                run={"level": _RUN_LEVEL, "index": index, "proof": proof},
            )
            self._load.mine()
        return [self._story(index, row) for index, row in enumerate(rows) if _is_issued(index)]

    def _row(self, index: int) -> dict[str, Any]:
        # The last row of a run is the one before it once more: its document is used up.
        original = index if _is_issued(index) else index - 1
        name = b"%d/%d" % (self._cohorts, original)
        maturity_at = self._load.now + _TENOR_DAYS * _DAY
        face = _FACE + 100 * original
        return {
            "supplier": self._suppliers[original * _SUPPLIERS // COHORT].number,
            "faceValue": face,
            "maturityAt": maturity_at,
            "graceEndsAt": maturity_at + 3 * _DAY,
            "documentType": 0,
            "documentAmount": face,
            "documentFingerprint": keccak(b"fingerprint " + name),
            "documentCommitment": keccak(b"commitment " + name),
        }

    def _story(self, index: int, row: Mapping[str, Any]) -> _Story:
        self._receivables += 1
        place = index * _SUPPLIERS // COHORT
        return _Story(self._receivables, row, self._suppliers[place], self._sub_suppliers[place])

    def _refuse(self, story: _Story) -> None:
        self._load.order(
            story.supplier,
            "refuse_receivable",
            receivableId=story.receivable_id,
            faceValue=story.face,
            documentFingerprint=story.row["documentFingerprint"],
            reasonHash=keccak(b"reason"),
        )

    def _accept(self, anchor: Party, programme_id: int, stories: Sequence[_Story]) -> None:
        for supplier in self._suppliers:
            offers = [
                {
                    "receivableId": story.receivable_id,
                    "obligor": anchor.number,
                    "programmeId": programme_id,
                    "faceValue": story.face,
                    "maturityAt": story.row["maturityAt"],
                    "graceEndsAt": story.row["graceEndsAt"],
                }
                for story in stories
                if story.supplier is supplier
            ]
            total = sum(offer["faceValue"] for offer in offers)
            self._load.order(
                supplier,
                "accept_receivable",
                currency=_CURRENCY,
                totalFaceValue=total,
                offers=offers,
            )
        self._load.mine()

    # --- down the chain

    def _split(self, story: _Story) -> None:
        """Lot 2 goes on to the sub-supplier later, lot 3 stays."""
        own = story.supplier.number
        parts = [{"to": own, "faceValue": face} for face in (story.part, story.face // 5)]
        self._load.order(
            story.supplier,
            "split_lot",
            **story.lot(ROOT_SEQUENCE, story.face),
            expiresAt=self._load.deadline,
            parts=parts,
        )

    def _offer(self, stories: Sequence[_Story]) -> None:
        """Offers, some of which come to nothing and are made again; then they are accepted."""
        soon = self._load.now + 3_600
        again = [story for story in stories if _comes_to_nothing(story)]
        for story in stories:
            self._propose(story, soon if story.turns(_LAPSED) else self._load.deadline)
        lapsing = []
        for story in again:
            if story.turns(_REJECTED):
                self._answer(story.sub_supplier, "reject_transfer", story)
            elif story.turns(_REVOKED):
                self._answer(story.supplier, "revoke_transfer", story)
            else:
                lapsing.append(story)
        self._load.pass_time(2 * 3_600)
        for story in lapsing:
            self._load.call(
                "ReceivableLedger", "lapseTransfer", [LotId(story.receivable_id, 2).token_id]
            )
        for story in again:
            self._propose(story, self._load.deadline)
        for story in stories:
            self._answer(story.sub_supplier, "accept_transfer", story)
        self._load.mine()

    def _pass_on(self, stories: Sequence[_Story]) -> None:
        for story in stories:
            self._propose(story, self._load.deadline)
        self._load.mine()

    def _propose(self, story: _Story, expires_at: int) -> None:
        story.offer = self._load.order(
            story.supplier,
            "propose_transfer",
            **story.lot(2, story.part),
            to=story.sub_supplier.number,
            expiresAt=expires_at,
            remarkHash=keccak(b"remark"),
        )

    def _answer(self, party: Party, act: str, story: _Story) -> None:
        self._load.order(party, act, **story.lot(2, story.part), offer=story.offer)

    # --- financing

    def _finance(self, stories: Sequence[_Story]) -> None:
        """Requests, some of which end without an award; then quotes are awarded."""
        soon = self._load.now + 3_600
        for story in stories:
            self._request(story, soon if story.turns(_EXPIRED) else self._load.deadline)
        lapsing: list[_Story] = []
        awarded: list[_Story] = []
        for story in stories:
            if story.turns(_WITHDRAWN):
                self._load.order(
                    story.sub_supplier, "withdraw_financing_request", requestId=story.request_id
                )
            else:
                (lapsing if story.turns(_EXPIRED) else awarded).append(story)
        self._load.pass_time(2 * 3_600)
        for story in lapsing:
            self._load.call("FinancingMarket", "lapseFinancingRequest", [story.request_id])
        for story in awarded:
            self._award(story)
        self._load.mine()

    def _request(self, story: _Story, expires_at: int) -> None:
        self._requests += 1
        story.request_id = self._requests
        self._load.order(
            story.sub_supplier,
            "request_financing",
            **story.lot(2, story.part),
            partFaceValue=_financed(story),
            withRecourse=False,
            expiresAt=expires_at,
        )

    def _award(self, story: _Story) -> None:
        price = _financed(story) * 99 // 100
        terms = {
            "discountRateBps": 600,
            "dayCount": "act/360",
            "tenorDays": _TENOR_DAYS,
            "valueAt": self._load.now,
            "salt": keccak(b"salt %d" % story.request_id),
        }
        quote = self._load.sign(
            self._funder,
            "submit_quote",
            requestId=story.request_id,
            **story.lot(2, story.part),
            partFaceValue=_financed(story),
            holder=story.sub_supplier.number,
            currency=_CURRENCY,
            netProceeds=price,
            holdback=0,
            payBy=0,
            withRecourse=False,
            terms=terms,
        )
        award = self._load.sign(
            story.sub_supplier,
            "award_quote",
            requestId=story.request_id,
            quote=quote.hash,
            currency=_CURRENCY,
            netProceeds=price,
            holdback=0,
            obligorInterest=0,
            payBy=0,
            quoteCount=1,
            quoteHead=keccak(bytes(32) + (1).to_bytes(32, "big") + quote.hash),
        )
        self._load.relay(
            award,
            quote=as_contract_sees("Quote", quote.message),
            quoteApprovals=[approval_argument(each) for each in quote.approvals],
        )
        self._load.note_order(quote)

    # --- maturity

    def _settle(self, anchor: Party, story: _Story) -> None:
        lots = list(range(1, 4 + (_is_awarded(story) and _financed(story) < story.part)))
        instalments = [story.face]
        if story.turns(_IN_PARTS):
            instalments = [story.face // 3, story.face - story.face // 3]
        paid = 0
        for amount in instalments:
            order = self._load.sign(
                anchor,
                "settle_receivable",
                receivableId=story.receivable_id,
                faceValue=story.face,
                paid=paid,
                currency=_CURRENCY,
                amount=amount,
                lateInterest=0,
            )
            self._load.relay(order, lotSequences=lots)
            paid += amount

    # --- beside the stories

    def _keep_house(self) -> None:
        load = self._load
        self._mint(self._anchors[0], _PLENTY // 100)
        for supplier in self._suppliers:
            load.order(
                supplier,
                "set_dual_control_limit",
                currency=_CURRENCY,
                limit=1_000_00 + self._cohorts,
            )
        for holder in self._sub_suppliers:
            load.order(
                holder,
                "redeem_deposit",
                target=self._deposit,
                currency=_CURRENCY,
                amount=1_000_00,
                referenceHash=keccak(b"redeem"),
            )
        unused = load.sign(self._funder, "set_dual_control_limit", currency=_CURRENCY, limit=1)
        load.restrict(
            self._funder,
            "cancel_order",
            makerKey=self._funder.maker.address,
            cancelledNonce=unused.message["nonce"],
            cancelledOrder=unused.hash,
        )
        newcomer = load.admit(f"Newcomer {self._cohorts}", "supplier")
        load.mine()
        load.restrict(newcomer, "revoke_key", key=newcomer.maker.address)


def _is_issued(index: int) -> bool:
    return (index + 1) % _RUN != 0


def _comes_to_nothing(story: _Story) -> bool:
    return any(story.turns(one_in) for one_in in (_REJECTED, _REVOKED, _LAPSED))


def _financed(story: _Story) -> int:
    """All of lot 2, or half of it, which then becomes a lot of its own."""
    return story.part if story.receivable_id % 2 else story.part // 2


def _is_awarded(story: _Story) -> bool:
    return not (story.turns(_WITHDRAWN) or story.turns(_EXPIRED))
