"""Who may ask for what: every route, as data. A route that is not here is the operator's alone.

Which objects somebody may read or act on is decided beside each object (`Caller.require_party`):
whoever is no party gets 404, as if there were none.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from chainfin.domain.access import Scope
from chainfin.services.context import Caller


@dataclass(frozen=True, slots=True)
class Rule:
    """What a route asks of its caller.

    Attributes:
        scope: What the credential must be made for; None for routes that ask for no credential.
        is_operators: Nobody but the operator of this service.
    """

    scope: Scope | None
    is_operators: bool = False

    def check(self, caller: Caller) -> None:
        """Refuse a caller that may not use the route.

        Raises:
            RightRequired: The credential, or its organisation, is not made for it.
        """
        if self.is_operators:
            caller.require_operator()
        if self.scope is not None:
            caller.require_scope(self.scope)


OPEN = Rule(None)
READ = Rule(Scope.READ)
WRITE = Rule(Scope.WRITE)
ADMINISTER = Rule(Scope.ADMINISTER)
OPERATE = Rule(Scope.WRITE, is_operators=True)
CLOSED = Rule(Scope.ADMINISTER, is_operators=True)

RIGHTS: Mapping[str, Rule] = {
    "GET /v1/about": OPEN,
    "GET /v1/about/indexing": OPEN,
    "GET /v1/access-keys": ADMINISTER,
    "POST /v1/access-keys": ADMINISTER,
    "DELETE /v1/access-keys/{key_id}": ADMINISTER,
    "POST /v1/access-keys/{key_id}/rotation": ADMINISTER,
    "GET /v1/bank-accounts": READ,
    "POST /v1/bank-accounts": WRITE,
    "POST /v1/bulk-requests": WRITE,
    "GET /v1/bulk-requests/{bulk_request_id}": READ,
    "GET /v1/council": READ,
    "GET /v1/council/decisions": READ,
    "POST /v1/council/decisions": WRITE,
    "GET /v1/council/decisions/{decision}": READ,
    "POST /v1/council/decisions/{decision}/execution": WRITE,
    "GET /v1/credit-lines": READ,
    "POST /v1/credit-lines": READ,
    "GET /v1/credit-lines/utilisations": READ,
    "GET /v1/deposits": READ,
    "POST /v1/deposits/missing-accounts": READ,
    "GET /v1/dishonour-notices": READ,
    "GET /v1/documents": READ,
    "POST /v1/documents": WRITE,
    "POST /v1/documents/encryption-key": WRITE,
    "POST /v1/documents/inspections": READ,
    "POST /v1/documents/invoices": WRITE,
    "POST /v1/documents/rules": WRITE,
    "GET /v1/documents/{fingerprint}": READ,
    "DELETE /v1/documents/{fingerprint}/dispute": WRITE,
    "POST /v1/documents/{fingerprint}/dispute": WRITE,
    "POST /v1/documents/{fingerprint}/erasure": WRITE,
    "GET /v1/documents/{fingerprint}/fields/{name}": READ,
    "GET /v1/documents/{fingerprint}/sealed": READ,
    "GET /v1/events": READ,
    "GET /v1/exports": READ,
    "POST /v1/exports": WRITE,
    "GET /v1/exports/{export_id}": READ,
    "GET /v1/exports/{export_id}/file": READ,
    "GET /v1/exports/{export_id}/progress": READ,
    "GET /v1/financing-requests": READ,
    "GET /v1/financing-requests/{request_id}": READ,
    "POST /v1/financing-requests/{request_id}/attestations": READ,
    "POST /v1/financing-requests/{request_id}/confirmations": READ,
    "POST /v1/financing-requests/{request_id}/denial": READ,
    "POST /v1/financing-requests/{request_id}/release": READ,
    "GET /v1/financing-requests/{request_id}/filings": READ,
    "POST /v1/financing-requests/{request_id}/early-payment": READ,
    "POST /v1/financing-requests/{request_id}/filings": READ,
    "GET /v1/financing-requests/{request_id}/interest": READ,
    "POST /v1/financing-requests/{request_id}/interest": READ,
    "GET /v1/financing-requests/{request_id}/quotes": READ,
    "POST /v1/financing-requests/{request_id}/quotes": READ,
    "GET /v1/freezes": READ,
    "POST /v1/freezes": READ,
    "POST /v1/freezes/lift": READ,
    "POST /v1/freezes/renewal": READ,
    "GET /v1/health/live": OPEN,
    "GET /v1/health/ready": OPEN,
    "GET /v1/holdbacks": READ,
    "POST /v1/holds": READ,
    "GET /v1/attestations": READ,
    "GET /v1/attestations/proposals": READ,
    "GET /v1/settlement-banks": READ,
    "POST /v1/settlement-banks": READ,
    "POST /v1/lots/{lot_id}/attestations": READ,
    "POST /v1/lots/{lot_id}/confirmations": READ,
    "GET /v1/lots": READ,
    "GET /v1/transfers": READ,
    "GET /v1/fundings": READ,
    "GET /v1/fundings/attestations": READ,
    "GET /v1/fundings/awaited": READ,
    "GET /v1/settlements": READ,
    "GET /v1/payments": READ,
    "GET /v1/lots/{lot_id}": READ,
    "GET /v1/lots/{lot_id}/audit": READ,
    "GET /v1/lots/{lot_id}/claims": READ,
    "GET /v1/lots/{lot_id}/evidence": READ,
    "POST /v1/lots/{lot_id}/financing-requests": READ,
    "GET /v1/lots/{lot_id}/freezes": READ,
    "GET /v1/lots/{lot_id}/lineage": READ,
    "POST /v1/lots/{lot_id}/pledge": READ,
    "POST /v1/lots/{lot_id}/pledge/acceptance": READ,
    "POST /v1/lots/{lot_id}/pledge/enforcement": READ,
    "POST /v1/lots/{lot_id}/pledge/release": READ,
    "POST /v1/lots/{lot_id}/recourse-claim": READ,
    "POST /v1/lots/{lot_id}/repurchase": READ,
    "POST /v1/lots/{lot_id}/return": READ,
    "POST /v1/lots/{lot_id}/split": READ,
    "POST /v1/lots/{lot_id}/transfers": READ,
    "POST /v1/lots/{lot_id}/write-off": READ,
    "GET /v1/maturities": READ,
    "GET /v1/notices/{number}": READ,
    "GET /v1/orders": READ,
    "POST /v1/orders": WRITE,
    "POST /v1/orders/draft": READ,
    "GET /v1/orders/{order_hash}": READ,
    "GET /v1/participants": READ,
    "POST /v1/participants": OPERATE,
    "POST /v1/participants/lookup": READ,
    "GET /v1/participants/{organisation}": READ,
    "POST /v1/participants/{organisation}/api-keys": CLOSED,
    "GET /v1/participants/{organisation}/evidence": READ,
    "GET /v1/participants/{organisation}/keys": READ,
    "GET /v1/participants/{organisation}/limits": READ,
    "GET /v1/participants/{organisation}/statement": READ,
    "DELETE /v1/people": ADMINISTER,
    "GET /v1/people": ADMINISTER,
    "POST /v1/people": ADMINISTER,
    "GET /v1/pledges": READ,
    "GET /v1/programmes": READ,
    "POST /v1/programmes": READ,
    "POST /v1/quotes": WRITE,
    "POST /v1/quotes/{quote_hash}/award": READ,
    "POST /v1/quotes/{quote_hash}/funding": READ,
    "GET /v1/receivables": READ,
    "POST /v1/receivables": READ,
    "GET /v1/receivables/{receivable_id}": READ,
    "POST /v1/receivables/{receivable_id}/acceptance": READ,
    "POST /v1/receivables/{receivable_id}/cancellation": READ,
    "GET /v1/receivables/{receivable_id}/evidence": READ,
    "GET /v1/receivables/{receivable_id}/lineage": READ,
    "GET /v1/receivables/{receivable_id}/notices": READ,
    "GET /v1/receivables/{receivable_id}/payment-file": READ,
    "GET /v1/receivables/{receivable_id}/reconciliation": READ,
    "POST /v1/receivables/{receivable_id}/refusal": READ,
    "POST /v1/receivables/{receivable_id}/settlement": READ,
    "POST /v1/receivables/{receivable_id}/withdrawal": READ,
    "GET /v1/reconciliation": READ,
    "GET /v1/reconciliation/exceptions": READ,
    "POST /v1/reconciliation/exceptions/{line_hash}/resolution": WRITE,
    "POST /v1/reconciliation/matches": WRITE,
    "POST /v1/registry/checks": WRITE,
    "POST /v1/registry/contacts": WRITE,
    "GET /v1/registry/uses": READ,
    "GET /v1/reports/arrears/{anchor}": READ,
    "GET /v1/reports/{name}": READ,
    "POST /v1/simulations/clock": OPERATE,
    "DELETE /v1/sign-in": READ,
    "POST /v1/sign-in": OPEN,
    "POST /v1/sign-in/nonce": OPEN,
    "GET /v1/statement-lines/{line_hash}": READ,
    "GET /v1/statements": READ,
    "POST /v1/statements": WRITE,
    "GET /v1/statements/{number}": READ,
    "POST /v1/transfers/{lot_id}/acceptance": READ,
    "POST /v1/transfers/{lot_id}/rejection": READ,
    "POST /v1/transfers/{lot_id}/revocation": READ,
    "GET /v1/webhook-endpoints": READ,
    "POST /v1/webhook-endpoints": ADMINISTER,
    "DELETE /v1/webhook-endpoints/{endpoint_id}": ADMINISTER,
    "GET /v1/webhook-endpoints/{endpoint_id}": READ,
    "POST /v1/webhook-endpoints/{endpoint_id}/activation": ADMINISTER,
    "GET /v1/webhook-endpoints/{endpoint_id}/deliveries": READ,
    "GET /v1/webhook-endpoints/{endpoint_id}/deliveries/{delivery_id}": READ,
    "POST /v1/webhook-endpoints/{endpoint_id}/deliveries/{delivery_id}/replay": WRITE,
    "POST /v1/webhook-endpoints/{endpoint_id}/secret": ADMINISTER,
    "POST /v1/webhook-endpoints/{endpoint_id}/test": WRITE,
}
"""Rules by method and path, as the OpenAPI document has them. A POST that drafts asks for READ: it
prepares something to sign and writes nothing."""


def rule_of(method: str, path: str) -> Rule:
    """What a route asks for; a forgotten one is closed to everybody but the operator."""
    return RIGHTS.get(f"{method} {path}", CLOSED)
