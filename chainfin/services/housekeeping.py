"""What is forgotten after a time: first answers to requests, deliveries of webhooks that ended.

Orders, documents and the audit log are kept for ever. A request that is repeated after its key was
forgotten is a new one; an order is still known by its hash.
"""

from dataclasses import dataclass

from chainfin.models.orders import answered_before, drop_answers
from chainfin.models.webhooks import drop_deliveries, ended_before
from chainfin.services.context import Context

MOST_AT_ONCE = 400
"""Rows of one kind in one transaction: others wait to write meanwhile."""


@dataclass(frozen=True, slots=True)
class Outdated:
    """What can be forgotten.

    Attributes:
        answers: Caller and Idempotency-Key of each request.
        deliveries: Their numbers.
    """

    answers: tuple[tuple[int, str], ...]
    deliveries: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing."""
        return not (self.answers or self.deliveries)


def outdated(context: Context, keep_seconds: int) -> Outdated:
    """Some of what is older than it is kept; only reads."""
    before = context.now - keep_seconds
    return Outdated(
        tuple(
            (caller, key) for caller, key in answered_before(context.session, before, MOST_AT_ONCE)
        ),
        tuple(ended_before(context.session, before, MOST_AT_ONCE)),
    )


def forget(context: Context, found: Outdated) -> None:
    """Delete what was found."""
    drop_answers(context.session, found.answers)
    drop_deliveries(context.session, found.deliveries)
