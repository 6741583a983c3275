"""A whole system in one process: real anvil, real database, the application, a worker by hand.

Nothing runs behind a test's back: `world.work()` is the worker, step by step until it is idle.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from api.main import create_app
from chainfin.bench.node_proxy import NodeProxy
from chainfin.chain.embedded import EmbeddedNetwork
from chainfin.cli.runtime import Worker, operator_key, runtime_of, start_embedded, unit_of_work
from chainfin.cli.side_work import SideWork
from chainfin.client.api import Api, Draft
from chainfin.client.development import MAPPED_ROLES, development_admission, load_seed
from chainfin.client.wallet import CHECKER, MAKER, Wallet, approve_with, domain_document, open_key
from chainfin.codec.hashing import from_hex, to_hex
from chainfin.codec.identities import sign_possession
from chainfin.codec.signers import Signer
from chainfin.config import Settings
from chainfin.domain.names import normalise_name
from chainfin.domain.order import Approval, OrderStatus
from chainfin.models.orders import take_orders
from chainfin.models.relay import RelayStatus, relayed_with_status
from chainfin.services.credentials import create_api_key
from chainfin.services.development import BANK_NAME
from chainfin.services.runtime import Runtime
from chainfin.signing.sources import open_signer

ROOT = Path(__file__).parents[1]
ANCHOR = "Meridian Rail Works"
SUPPLIER = "Harbour Steel Fabrication"
SUB_SUPPLIER = "Linden Fasteners"
FUNDER = "Northgate Bank"
AUDITOR = "Public Audit Office"
STRANGER = "Elsewhere Trading"
KINDS = {
    ANCHOR: ["anchor"],
    SUPPLIER: ["supplier"],
    SUB_SUPPLIER: ["supplier"],
    FUNDER: ["funder"],
    AUDITOR: ["auditor"],
    STRANGER: ["supplier"],
}
CURRENCY = "CNY"
URL = "http://127.0.0.1:9"
LICENCE_SECONDS = 5 * 366 * 86_400
MOST_SECONDS = 60
ROLES = (MAKER, CHECKER)
Place = Callable[[str, str], str]
"""Where the key of an organisation's role is."""


@dataclass(frozen=True)
class Actor:
    """An organisation with its wallet and its connection."""

    wallet: Wallet
    api: Api

    @property
    def number(self) -> int:
        return self.wallet.organisation


class World:
    """Everything, under one roof."""

    def __init__(
        self, settings: Settings, network: EmbeddedNetwork, proxy: NodeProxy | None = None
    ) -> None:
        self.settings = settings
        self.proxy = proxy
        self.network = network
        self.runtime: Runtime = runtime_of(settings)
        self.worker = Worker(self.runtime, settings)
        self.side_work = SideWork(self.runtime, settings)
        self.app = create_app(settings)
        self.client = TestClient(self.app, raise_server_exceptions=False)
        self.operator_key = operator_key(settings, self.runtime)
        self.operator = self.api(self.operator_key)
        self.actors: dict[str, Actor] = {}
        self.signers: dict[tuple[str, str], Signer] = {}

    def relay_with(self, signer: Signer) -> None:
        """Go on with another relayer's key."""
        assert self.runtime.keys is not None
        self.runtime = replace(self.runtime, keys=replace(self.runtime.keys, relayers=(signer,)))
        self.worker.stop()
        self.worker = Worker(self.runtime, self.settings)

    @property
    def relayers(self) -> dict[str, Signer]:
        assert self.runtime.keys is not None
        return {signer.address: signer for signer in self.runtime.keys.relayers}

    # --- organisations

    def api(self, key: str) -> Api:
        return Api(URL, key, transport=self.client._transport)  # noqa: SLF001

    def admit(self, kinds: dict[str, list[str]], place: Place | None = None) -> None:
        """Admit organisations, with development keys unless their keys have a place."""
        licence = int(time.time()) + LICENCE_SECONDS
        entries = [self._admission(name, kind, licence, place) for name, kind in kinds.items()]
        self.operator.post("/participants", {"admissions": entries})
        self.work()
        numbers = self.operator.post("/participants/lookup", {"names": list(kinds)})["found"]
        for name in kinds:
            self.actors[name] = self.actor(name, numbers[name], place)

    def _admission(
        self, name: str, kinds: list[str], licence: int, place: Place | None
    ) -> dict[str, Any]:
        domain = self.runtime.network.deployment.domain
        seed = load_seed(self.settings.home)
        entry = development_admission(seed, domain, name, kinds=kinds, licence_expires_at=licence)
        if place is None:
            return entry
        for grant, label in zip(entry["keys"], MAPPED_ROLES, strict=True):
            signer = self.signers[name, label] = open_signer(place(name, label))
            possession = sign_possession(
                signer,
                domain,
                identity=from_hex(entry["identity"]),
                roles=MAPPED_ROLES[label].value,
                person=from_hex(grant["person"]),
            )
            grant |= {"key": signer.address, "possession": to_hex(possession)}
        return entry

    def actor(self, name: str, number: int, place: Place | None = None) -> Actor:
        with unit_of_work(self.runtime) as context:
            key = create_api_key(context, number)
        owner = normalise_name(name)
        keys = {role: place(name, role) if place else f"development:{owner}" for role in ROLES}
        wallet = Wallet(
            name=name,
            organisation=number,
            url=URL,
            api_key=key,
            keys=keys,
            domain=domain_document(self.runtime.network.deployment.domain),
        )
        return Actor(wallet, self.api(key))

    def populate(self, place: Place | None = None) -> None:
        """The story's organisations, accounts, money and programme."""
        self.work()
        self.admit(KINDS, place)
        bank = self.operator.post("/participants/lookup", {"names": [BANK_NAME]})["found"]
        self.actors[BANK_NAME] = self.actor(BANK_NAME, bank[BANK_NAME])
        holders = [self[name].number for name in (ANCHOR, SUPPLIER, SUB_SUPPLIER, FUNDER)]
        self.order(BANK_NAME, "open_deposit_accounts", holders=holders, currency=CURRENCY)
        for name in (ANCHOR, FUNDER):
            self.order(
                BANK_NAME,
                "mint_deposit",
                to=self[name].number,
                amount_minor=5_000_000_00,
                currency=CURRENCY,
            )
        self.order(ANCHOR, "open_programme", currency=CURRENCY)

    def __getitem__(self, name: str) -> Actor:
        return self.actors[name]

    # --- acts

    def draft(self, name: str, act: str, **fields: Any) -> Draft:
        return self[name].api.draft(act, fields)

    def approvals(
        self, name: str, draft: Draft, roles: tuple[str, ...] = (MAKER, CHECKER)
    ) -> list[Approval]:
        wallet = self[name].wallet
        return [approve_with(self.signer(name, role), wallet, draft.typed_data) for role in roles]

    def signer(self, name: str, role: str) -> Signer:
        """An organisation's key, opened once."""
        if (name, role) not in self.signers:
            self.signers[name, role] = open_key(self.settings.home, self[name].wallet, role)
        return self.signers[name, role]

    def submit(self, name: str, draft: Draft, **options: Any) -> dict[str, Any]:
        return self[name].api.submit(draft, self.approvals(name, draft), **options)

    def order(self, name: str, act: str, **fields: Any) -> dict[str, Any]:
        """Draft, sign, submit, work until it is final."""
        draft = self.draft(name, act, **fields)
        self.submit(name, draft)
        self.work()
        order = self[name].api.get(f"/orders/{draft.order_hash}")
        assert order["status"] == "final", order
        return order

    def quote(self, name: str, **fields: Any) -> str:
        """A signed quote; answers its hash."""
        draft = self.draft(name, "submit_quote", **fields)
        return str(self.submit(name, draft, path="/quotes")["quote_hash"])

    def record(self, name: str, seller: str, number: str, amount_minor: int) -> str:
        """A recorded document; answers its fingerprint."""
        document = {
            "seller": self[seller].number,
            "document_type": "invoice",
            "number": number,
            "file": "aW52b2ljZQ==",
            "facts": {"number": number},
            "amount_minor": amount_minor,
            "currency": CURRENCY,
        }
        (recorded,) = self[name].api.post("/documents", {"documents": [document]})["data"]
        return str(recorded["fingerprint"])

    def issue(
        self, number: str, amount_minor: int, *, supplier: str = SUPPLIER, programme_id: int = 1
    ) -> int:
        """A receivable, accepted; answers its number."""
        tag = self.record(ANCHOR, supplier, number, amount_minor)
        self.order(
            ANCHOR,
            "issue_receivable",
            programme_id=programme_id,
            document_fingerprint=tag,
            tenor_days=90,
        )
        newest = list(self[supplier].api.pages("/receivables"))[-1]["receivable_id"]
        self.order(supplier, "accept_receivable", receivable_ids=[newest])
        return int(newest)

    # --- time

    def work(self) -> None:
        """The worker, until it is idle and nothing it sent waits for its block."""
        deadline = time.monotonic() + MOST_SECONDS
        while time.monotonic() < deadline:
            if not self.worker.step():
                if not self.waiting():
                    return
                time.sleep(0.01)
        raise AssertionError("the worker never comes to rest")

    def work_beside(self) -> None:
        """The worker's side work, until it is idle."""
        while self.side_work.step() or self.side_work.is_sending:
            time.sleep(0.002)

    def process(
        self, *module: str, before: Sequence[str] = (), lease_seconds: int | None = None
    ) -> "subprocess.Popen[bytes]":
        """A further process on this system: a module with its arguments, behind a command."""
        settings = self.settings
        environment = os.environ | {
            "CHAINFIN_HOME": str(settings.home),
            "CHAINFIN_DATABASE_URL": settings.effective_database_url,
            "CHAINFIN_RPC_URL": settings.effective_rpc_url,
            "CHAINFIN_LEASE_SECONDS": str(lease_seconds or settings.lease_seconds),
        }
        return subprocess.Popen(
            [*before, sys.executable, "-m", *module],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def waiting(self) -> bool:
        """Whether an order waits to be relayed, or a transaction is under way."""
        with unit_of_work(self.runtime) as context:
            states = (RelayStatus.STORED, RelayStatus.SENT)
            relayed = [relayed_with_status(context.session, state, 1) for state in states]
            return any(relayed) or bool(take_orders(context.session, OrderStatus.RECEIVED, 1))

    def move_clock(self, instant_at: int) -> None:
        self.operator.post("/simulations/clock", {"instant_at": instant_at})
        self.work()

    def close(self) -> None:
        self.client.close()
        self.runtime.engine.dispose()
        self.app.state.service.runtime.engine.dispose()


@contextmanager
def running_world(
    home: Path,
    database_url: str,
    *,
    through: Callable[[str], AbstractContextManager[NodeProxy]] | None = None,
    upkeep: bool = False,
) -> Iterator[World]:
    """A system on a fresh chain and an empty database; `through` puts a proxy before its node.

    Without upkeep, time can pass over what a test leaves unpaid.
    """
    settings = Settings(
        _env_file=None,
        home=home,
        database_url=database_url,
        url=URL,
        lease_seconds=1,
        upkeep=upkeep,
        upkeep_seconds=0,
    )
    network = start_embedded(settings, lambda _: None)
    try:
        with through(network.url) if through else nullcontext() as proxy:
            if proxy is not None:
                settings = settings.model_copy(update={"rpc_url": proxy.url})
            world = World(settings, network, proxy)
            try:
                yield world
            finally:
                world.close()
    finally:
        network.stop()


def play_story(world: World) -> int:
    """The straight path to the day before maturity; answers the receivable's number."""
    receivable_id = world.issue("HSF-1", 1_270_120_00)
    root, part = f"{receivable_id}-1", f"{receivable_id}-2"
    world.order(SUPPLIER, "split_lot", lot_id=root, parts=[{"face_value_minor": 508_048_00}])
    world.order(SUPPLIER, "propose_transfer", lot_id=part, to=world[SUB_SUPPLIER].number)
    world.order(SUB_SUPPLIER, "accept_transfer", lot_id=part)
    world.order(SUB_SUPPLIER, "request_financing", lot_id=part, part_face_value_minor=254_024_00)
    (request,) = world[FUNDER].api.get("/financing-requests")["data"]
    quote = world.quote(FUNDER, request_id=request["request_id"], discount_rate_bps=380)
    world.order(SUB_SUPPLIER, "award_quote", quote_hash=quote)
    return receivable_id


def settle(world: World, receivable_id: int, amount_minor: int | None = None) -> None:
    """Maturity comes and the anchor pays."""
    due_at = world[ANCHOR].api.get(f"/receivables/{receivable_id}")["maturity_at"]
    world.move_clock(due_at)
    fields = {} if amount_minor is None else {"amount_minor": amount_minor}
    world.order(ANCHOR, "settle_receivable", receivable_id=receivable_id, **fields)


def signature_of(approval: Approval) -> dict[str, str]:
    """An approval as requests carry it."""
    return {"key": approval.key, "signature": to_hex(approval.signature)}
