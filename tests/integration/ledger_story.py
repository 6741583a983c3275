"""A core enterprise's ledger on a chain: its rows issued in batches, then split and passed on.

Every row becomes a receivable of one anchor; the beneficiaries are folded into a few suppliers. A
good part of the lots is split, and what leaves is split again or passed on, a few tiers down.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from chainfin.bench.load import Load, Party
from chainfin.codec import merkle
from chainfin.codec.hashing import keccak
from chainfin.codec.orders import approval_argument, row_leaf
from chainfin.domain.receivable import ROOT_SEQUENCE, LotId

RUN_LEVEL = 6
RUN = 1 << RUN_LEVEL
BATCH = 1_024
SUPPLIERS = 12
CURRENCY = b"CNY"
"""Of the deposit the load has; the amounts are the ledger's."""
TIERS = 5
DAY = 86_400


@dataclass(slots=True)
class Lot:
    """A live lot: what an order about it has to name."""

    lot_id: LotId
    holder: Party
    face: int
    tier: int = 1


class LedgerStory:
    """Plays a ledger on a load's chain."""

    def __init__(self, load: Load, seed: int) -> None:
        """Admit the parties and open the programme; its receivers need not accept."""
        self._load, self._dice = load, Random(seed)  # noqa: S311 - one seed is one story
        self._anchor = load.admit("Infrastructure manager", "anchor")
        self._suppliers = [load.admit(f"Beneficiary {n}", "supplier") for n in range(SUPPLIERS)]
        load.mine()
        parties = [self._anchor, *self._suppliers]
        deposit = load.deployment.deposits[0]
        holders = [party.number for party in parties]
        load.order(load.bank, "open_deposit_accounts", target=deposit, holders=holders)
        load.order(
            self._anchor,
            "open_programme",
            technique=0,
            currency=CURRENCY,
            deposit=deposit,
            withRecourse=False,
            acceptanceRequired=False,
            maximumTier=TIERS,
            maximumLots=100,
            minimumLotFaceValue=1,
            maximumTenorDays=120,
            tenorReasonHash=keccak(b"reason"),
            legacy=False,
            minimumTenorDays=0,
            filingRequired=False,
            lateInterestBps=0,
            replaces=0,
            termsHash=keccak(b"terms"),
        )
        load.mine()

    def play(self, rows: Sequence[tuple[str, int]]) -> None:
        """Beneficiary and minor units of each row, from issue to the last hop."""
        lots = self._issue(rows)
        for lot in lots:
            if self._dice.random() < 1 / 2:
                self._divide(lot)
        self._load.mine()

    def _issue(self, rows: Sequence[tuple[str, int]]) -> list[Lot]:
        lots: list[Lot] = []
        for start in range(0, len(rows), BATCH):
            page = rows[start : start + BATCH]
            holders = [self._supplier(name) for name, _ in page]
            structs = [
                self._row(start + place, holder, face)
                for place, (holder, (_, face)) in enumerate(zip(holders, page, strict=True))
            ]
            self._issue_batch(structs)
            lots += [
                Lot(LotId(start + place + 1, ROOT_SEQUENCE), holder, face)
                for place, (holder, (_, face)) in enumerate(zip(holders, page, strict=True))
            ]
            self._accept(lots[start:], structs)
        return lots

    def _supplier(self, name: str) -> Party:
        return self._suppliers[keccak(name.encode())[0] % SUPPLIERS]

    def _row(self, number: int, supplier: Party, face: int) -> dict[str, Any]:
        maturity_at = self._load.now + 90 * DAY
        return {
            "supplier": supplier.number,
            "faceValue": face,
            "maturityAt": maturity_at,
            "graceEndsAt": maturity_at + 3 * DAY,
            "documentType": 0,
            "documentAmount": face,
            "documentFingerprint": keccak(b"fingerprint %d" % number),
            "documentCommitment": keccak(b"commitment %d" % number),
        }

    def _issue_batch(self, rows: Sequence[dict[str, Any]]) -> None:
        leaves = [row_leaf(index, row) for index, row in enumerate(rows)]
        root, count = merkle.root(leaves), len(rows)
        batch = self._load.sign(
            self._anchor,
            "issue_batch",
            programmeId=1,
            currency=CURRENCY,
            count=count,
            totalFaceValue=sum(row["faceValue"] for row in rows),
            fileHash=keccak(leaves[0]),
            root=root,
        )
        attestation, approval = self._load.attest(
            epoch=1, obligor=self._anchor.number, currency=CURRENCY, count=count, root=root
        )
        for index in range(-(-count // RUN)):
            self._load.relay(
                batch,
                attestation=attestation,
                attestationApproval=approval_argument(approval),
                rows=rows[index * RUN : (index + 1) * RUN],
                run={
                    "level": RUN_LEVEL,
                    "index": index,
                    "proof": merkle.subtree_proof(leaves, RUN_LEVEL, index),
                },
            )
            self._load.mine()

    def _accept(self, lots: Sequence[Lot], rows: Sequence[dict[str, Any]]) -> None:
        offers: dict[int, list[dict[str, Any]]] = {}
        for lot, row in zip(lots, rows, strict=True):
            offers.setdefault(lot.holder.number, []).append(
                {
                    "receivableId": lot.lot_id.receivable_id,
                    "obligor": self._anchor.number,
                    "programmeId": 1,
                    "faceValue": lot.face,
                    "maturityAt": row["maturityAt"],
                    "graceEndsAt": row["graceEndsAt"],
                }
            )
        for supplier in self._suppliers:
            own = offers.get(supplier.number, [])
            for start in range(0, len(own), RUN):
                some = own[start : start + RUN]
                self._load.order(
                    supplier,
                    "accept_receivable",
                    currency=CURRENCY,
                    totalFaceValue=sum(offer["faceValue"] for offer in some),
                    offers=some,
                )
        self._load.mine()

    def _divide(self, root: Lot) -> None:
        """Split a lot, then what left it, or pass it on; as long as the dice say so."""
        waiting, last = [root], ROOT_SEQUENCE
        while waiting and last < 12:
            lot = self._dice.choice(waiting)
            waiting.remove(lot)
            if lot.tier < TIERS and self._dice.random() < 1 / 4:
                self._pass_on(lot)
                waiting.append(lot)
            else:
                parts = self._split(lot, last)
                last += len(parts)
                waiting += [part for part in parts if self._dice.random() < 1 / 3]

    def _split(self, lot: Lot, last: int) -> list[Lot]:
        face = lot.face // 5
        parts: list[Lot] = []
        for place in range(self._dice.randrange(1, 4)):
            is_sold = lot.tier < TIERS and self._dice.random() < 1 / 2
            holder = self._dice.choice(self._suppliers) if is_sold else lot.holder
            tier = lot.tier + (holder is not lot.holder)
            lot_id = LotId(lot.lot_id.receivable_id, last + place + 1)
            parts.append(Lot(lot_id, holder, face, tier))
        self._load.order(
            lot.holder,
            "split_lot",
            **_named(lot),
            expiresAt=self._load.deadline,
            parts=[{"to": part.holder.number, "faceValue": part.face} for part in parts],
        )
        lot.face -= sum(part.face for part in parts)
        return parts

    def _pass_on(self, lot: Lot) -> None:
        receiver = self._dice.choice([each for each in self._suppliers if each is not lot.holder])
        self._load.order(
            lot.holder,
            "propose_transfer",
            **_named(lot),
            to=receiver.number,
            expiresAt=self._load.deadline,
            remarkHash=keccak(b"remark"),
        )
        lot.holder, lot.tier = receiver, lot.tier + 1


def _named(lot: Lot) -> dict[str, int]:
    return {"lotId": lot.lot_id.token_id, "faceValue": lot.face, "paid": 0}
