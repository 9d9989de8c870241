"""What outboxes have in common: whose mail is next, who sends it, what becomes of it.

Every change of state names the state it comes from, so that two senders cannot both take a mail.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Final

from tortoise.expressions import F
from tortoise.functions import Count, Min
from tortoise.queryset import QuerySet

from models.database import failures_named
from models.delivery import LONGEST_ERROR, Delivery, DeliveryState
from models.storable import cut
from models.tenant_event import NoticeMail

NOT_REACHED: Final = 0
"""The status of an attempt in which no mail server was reached."""

BROKEN_OFF: Final = 1
"""The status when a server that was reached did not say whether it took the mail."""

NOT_WRITTEN: Final = 2
"""The status when there was no mail to offer: its sound could not be read, for instance."""

OPEN: Final = (DeliveryState.QUEUED, DeliveryState.DEFERRED)
"""States of mails that shall still go out."""

_NOT_GONE_OUT: Final = (*OPEN, DeliveryState.BOUNCED)

Outbox = type[Delivery] | type[NoticeMail]
MailRows = QuerySet[Delivery] | QuerySet[NoticeMail]


async def next_in_turn(waiting: MailRows, *, limit: int) -> list[int]:
    """The numbers of mails that wait, the longest waiting first.

    Each tenant's first comes before any tenant's second: however much one has waiting, the others
    do not wait for that.

    Args:
        waiting: All that are due.
        limit: How many are wanted; but each tenant that waits gets one in, be they more.
    """
    with failures_named("The database"):
        tenants = await (
            waiting.annotate(oldest=Min("next_attempt_at"))
            .group_by("tenant_id")
            .values_list("tenant_id", "oldest")
        )
        each = max(1, limit // max(1, len(tenants)))
        queues = [
            await waiting.filter(tenant_id=tenant_id)
            .order_by("next_attempt_at", "id")
            .limit(each)
            .values_list("next_attempt_at", "id")
            for tenant_id, _oldest in tenants
        ]
    turns = zip_longest(*queues)
    return [one[1] for turn in turns for one in sorted(filter(None, turn))]


async def count_unsent(outbox: Outbox) -> Mapping[DeliveryState, int]:
    """How many mails of all tenants wait, are tried again, or came back; one search of an index."""
    with failures_named("The database"):
        rows = await (
            outbox.filter(state__in=_NOT_GONE_OUT)
            .annotate(mails=Count("id"))
            .group_by("state")
            .values_list("state", "mails")
        )
    found = {DeliveryState(state): mails for state, mails in rows}
    return {state: found.get(state, 0) for state in _NOT_GONE_OUT}


async def take(outbox: Outbox, mail_number: int, *, at: datetime, lease: timedelta) -> bool:
    """Take a mail for one attempt, which is counted now.

    Args:
        outbox: Where it lies.
        mail_number: Which.
        at: Now.
        lease: After this long it may be taken again: its sender must have died.

    Returns:
        Whether it is ours; else somebody else has it, or it is not due.
    """
    with failures_named("The database"):
        waiting = outbox.filter(id=mail_number, state__in=OPEN, next_attempt_at__lte=at)
        return bool(
            await waiting.update(
                attempts=F("attempts") + 1, next_attempt_at=at + lease, last_status=None
            )
        )


async def note_sent(outbox: Outbox, mail_number: int, *, at: datetime, status: int) -> None:
    """The mail server has taken the mail; may be repeated."""
    with failures_named("The database"):
        await (
            outbox.filter(id=mail_number)
            .exclude(state=DeliveryState.SENT)
            .update(state=DeliveryState.SENT, sent_at=at, last_status=status, last_error="")
        )


async def settle(
    outbox: Outbox,
    mail_number: int,
    state: DeliveryState,
    *,
    status: int,
    error: str,
    next_attempt_at: datetime,
) -> None:
    """A mail that was not taken is tried again, or no more."""
    with failures_named("The database"):
        await outbox.filter(id=mail_number, state__in=OPEN).update(
            state=state,
            last_status=status,
            last_error=cut(error, LONGEST_ERROR),
            next_attempt_at=next_attempt_at,
        )


async def hurry(mails: MailRows, *, at: datetime) -> int:
    """Try at once what waits only because the mail server could not be reached.

    A mail that somebody is handing over at this moment has no answer yet, and stays theirs.
    """
    with failures_named("The database"):
        return await mails.filter(
            state=DeliveryState.DEFERRED, last_status=NOT_REACHED, next_attempt_at__gt=at
        ).update(next_attempt_at=at)


async def release(mails: MailRows, *, at: datetime) -> int:
    """Try at once what a process was handing over when it died; only while nobody hands over."""
    with failures_named("The database"):
        return await mails.filter(
            state__in=OPEN, last_status__isnull=True, attempts__gt=0, next_attempt_at__gt=at
        ).update(next_attempt_at=at)
