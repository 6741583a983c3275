"""Orders from signed POST to final row, beside what the node takes when nothing stands before it.

The load is transfers of lots: each moves title, with maker's and checker's signatures, the rules
and every event. All are signed beforehand. A round sends some of them raw to the node (the limit),
some in bulk requests, and some one a request; ratios are of one round, figures the rounds' medians.
"""

import os
import statistics
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count, islice
from typing import Any

from chainfin.bench.parties import CURRENCY, POLL_SECONDS, WAIT_SECONDS, Parties, System
from chainfin.chain.artifacts import load_artifact
from chainfin.chain.client import RpcError
from chainfin.chain.transactor import sign
from chainfin.codec.hashing import to_hex
from chainfin.codec.orders import TYPES, order_calldata, order_hash
from chainfin.codec.signers import LocalSigner
from chainfin.codec.typed_data import from_json, to_json
from chainfin.domain.order import ACTS_BY_TYPE, nonce_of, number_of
from chainfin.domain.receivable import LotId
from chainfin.domain.service_errors import NodeUnavailable

ANCHOR, SUPPLIER, RECEIVER = "Bench Anchor", "Bench Supplier", "Bench Receiver"
KINDS = {ANCHOR: ["anchor"], SUPPLIER: ["supplier"], RECEIVER: ["supplier"]}
LOT_FACE = 1_000_00
LOTS_A_RECEIVABLE = 481
PARTS_A_SPLIT = 40
ORDERS_A_REQUEST = 100
ORDERS_A_PAGE = 500
CONNECTIONS = 4
RAW_A_BATCH = 100
TRANSFER_GAS = 400_000
_REQUESTS_AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Round:
    """Orders a second, each way."""

    limit: float
    bulk: float
    single: float


def measure_orders(system: System, rounds: int, orders: int) -> dict[str, Any]:
    """Measure so many rounds of so many orders each way.

    Returns:
        Medians: orders a second, and ratios to the limit of the same round; the 99th percentile of
        the answer to a single POST at half the single rate, milliseconds.
    """
    load = Load(system, lots=rounds * 3 * orders + orders)
    measured = []
    for _ in range(rounds):
        measured.append(
            Round(
                limit=orders / load.send_raw(load.take(orders)),
                bulk=orders / load.send_bulk(load.take(orders)),
                single=orders / load.send_singly(load.take(orders)),
            )
        )
    single = statistics.median(entry.single for entry in measured)
    latencies = load.paced(load.take(orders), per_second=single / 2)
    return {
        "orders": orders,
        "rounds": rounds,
        "limit_orders_per_s": round(statistics.median(entry.limit for entry in measured)),
        "bulk_orders_per_s": round(statistics.median(entry.bulk for entry in measured)),
        "single_orders_per_s": round(single),
        "bulk_ratio": round(statistics.median(e.bulk / e.limit for e in measured), 3),
        "single_ratio": round(statistics.median(e.single / e.limit for e in measured), 3),
        "post_p99_ms": round(1000 * statistics.quantiles(latencies, n=100)[98], 1),
    }


@dataclass(frozen=True, slots=True)
class Signed:
    """A transfer, signed by both: as the service takes it, and as the contract does."""

    order_hash: str
    body: dict[str, Any]
    calldata: bytes


class Load:
    """Lots of one supplier, and a signed transfer of each.

    Attributes:
        parties: Anchor, supplier, receiver and bank.
    """

    def __init__(self, system: System, lots: int) -> None:
        """Admit the parties, issue, accept and split until there are lots enough; sign."""
        self._system = system
        self.parties = Parties(system, KINDS)
        self._numbering = count(1)
        self.parties.order(ANCHOR, "open_programme", currency=CURRENCY, acceptance_required=False)
        receivables = -(-lots // LOTS_A_RECEIVABLE)
        held = [lot for _ in range(receivables) for lot in self._new_lots()]
        self._signed = self._sign(held[:lots])

    def take(self, count: int) -> list[Signed]:
        """The next transfers."""
        return [next(self._signed) for _ in range(count)]

    # --- ways to send: seconds until the last one is done

    def send_raw(self, orders: Sequence[Signed]) -> float:
        """As transactions of an account of our own, signed beforehand, to the node in batches."""
        node, signer = self._system.node, LocalSigner(os.urandom(32))
        chain_id = node.chain_id()
        calls: list[tuple[str, list[Any]]] = []
        for nonce, order in enumerate(orders):
            transaction = sign(
                signer,
                chain_id=chain_id,
                nonce=nonce,
                to=self._system.ledger,
                data=order.calldata,
                gas=TRANSFER_GAS,
            )
            calls.append(("eth_sendRawTransaction", [to_hex(transaction.raw)]))
        started = time.perf_counter()
        for start in range(0, len(calls), RAW_A_BATCH):
            for answer in node.send_batch(calls[start : start + RAW_A_BATCH]):
                if isinstance(answer, RpcError):
                    raise NodeUnavailable(answer.message)
        while node.transaction_count(signer.address) < len(calls):
            time.sleep(POLL_SECONDS)
        return time.perf_counter() - started

    def send_bulk(self, orders: Sequence[Signed]) -> float:
        """In bulk requests, two at a time."""
        pages = [
            [order.body for order in orders[start : start + ORDERS_A_REQUEST]]
            for start in range(0, len(orders), ORDERS_A_REQUEST)
        ]
        started = time.perf_counter()
        with ThreadPoolExecutor(_REQUESTS_AT_ONCE) as pool:
            list(pool.map(lambda page: self._post("/bulk-requests", {"orders": page}), pages))
        self._wait(orders)
        return time.perf_counter() - started

    def send_singly(self, orders: Sequence[Signed]) -> float:
        """One a request, over a few connections."""
        started = time.perf_counter()
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            list(pool.map(lambda order: self._post("/orders", order.body), orders))
        self._wait(orders)
        return time.perf_counter() - started

    def paced(self, orders: Sequence[Signed], per_second: float) -> list[float]:
        """One a request at a steady pace; the seconds each answer took."""
        started = time.perf_counter()

        def post(numbered: tuple[int, Signed]) -> float:
            number, order = numbered
            time.sleep(max(0.0, started + number / per_second - time.perf_counter()))
            asked = time.perf_counter()
            self._post("/orders", order.body)
            return time.perf_counter() - asked

        with ThreadPoolExecutor(CONNECTIONS) as pool:
            seconds = list(pool.map(post, enumerate(orders)))
        self._wait(orders)
        return seconds

    def _post(self, path: str, body: Any) -> None:
        self.parties.apis[SUPPLIER].post(path, body)

    def _wait(self, orders: Sequence[Signed]) -> None:
        """Until every one of them is final: the newest by itself, then the others by the page.

        Asking for each would cost the service as much as accepting it.
        """
        deadline = time.monotonic() + WAIT_SECONDS
        last = f"/orders/{orders[-1].order_hash}"
        while self.parties.apis[SUPPLIER].get(last)["status"] != "final" or not self._ended(orders):
            if time.monotonic() > deadline:
                raise NodeUnavailable(f"an order is not final after {WAIT_SECONDS} s")
            time.sleep(POLL_SECONDS)

    def _ended(self, orders: Sequence[Signed]) -> bool:
        rows = self.parties.apis[SUPPLIER].pages("/orders", limit=ORDERS_A_PAGE)
        newest = islice(rows, len(orders))
        final = {row["order_hash"] for row in newest if row["status"] == "final"}
        return final >= {order.order_hash for order in orders}

    # --- what the transfers need

    def _new_lots(self) -> list[LotId]:
        """One more receivable, in as many lots of one size as a receivable may have."""
        number = next(self._numbering)
        supplier = self.parties.apis[SUPPLIER]
        face = LOTS_A_RECEIVABLE * LOT_FACE
        tag = self.parties.record(ANCHOR, SUPPLIER, f"BENCH-{number}", face)
        self.parties.order(
            ANCHOR,
            "issue_receivable",
            programme_id=1,
            document_fingerprint=tag,
            tenor_days=90,
        )
        receivable_id = max(entry["receivable_id"] for entry in supplier.pages("/receivables"))
        self.parties.order(SUPPLIER, "accept_receivable", receivable_ids=[receivable_id])
        parts = [{"face_value_minor": LOT_FACE}] * PARTS_A_SPLIT
        for _ in range(1, LOTS_A_RECEIVABLE, PARTS_A_SPLIT):
            self.parties.order(SUPPLIER, "split_lot", lot_id=f"{receivable_id}-1", parts=parts)
        return [LotId(receivable_id, sequence) for sequence in range(1, LOTS_A_RECEIVABLE + 1)]

    def _sign(self, lots: Sequence[LotId]) -> Iterator[Signed]:
        """A transfer of each lot: the service's draft of the first, with other lots and nonces."""
        draft = self.parties.apis[SUPPLIER].draft(
            "propose_transfer", {"lot_id": str(lots[0]), "to": self.parties.numbers[RECEIVER]}
        )
        primary_type, message = from_json(draft.typed_data, TYPES, self._system.domain)
        spec = ACTS_BY_TYPE[primary_type]
        function = load_artifact(spec.contract).interface.functions[spec.function]
        maker = self.parties.keys[SUPPLIER][0].address
        first = number_of(message["nonce"])
        for number, lot in enumerate(lots, first):
            message |= {"lotId": lot.token_id, "nonce": nonce_of(maker, number)}
            hash_ = order_hash(primary_type, message)
            approvals = self.parties.approve(SUPPLIER, hash_)
            yield Signed(
                order_hash=to_hex(hash_),
                body={
                    "typed_data": to_json(self._system.domain, TYPES[primary_type], message),
                    "approvals": [
                        {"key": entry.key, "signature": to_hex(entry.signature)}
                        for entry in approvals
                    ],
                    "attachments": draft.attachments,
                },
                calldata=order_calldata(function, primary_type, message, approvals, {}),
            )
