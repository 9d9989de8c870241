"""What goes with a number that is taken away: its mailbox, so that no successor opens it."""

from collections.abc import Collection

from models.mailbox_pin import MailboxPin
from models.message import Message, MessageState
from models.tenant import Tenant


async def empty_mailbox(owner: Tenant, number: str) -> None:
    """Delete the messages and the PIN behind a number; inside `changing` only.

    Mails that wait still go out; the sounds go after them.
    """
    await empty_mailboxes(owner, [number])


async def empty_mailboxes(owner: Tenant, numbers: Collection[str]) -> None:
    """Do the same behind many numbers."""
    await MailboxPin.of(owner).filter(number__in=numbers).delete()
    there = Message.of(owner).filter(box__in=numbers, state=MessageState.KEPT)
    await there.update(state=MessageState.DELETED)
