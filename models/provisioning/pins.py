"""PINs of mailboxes and switches: set and taken away; what they open is in models.voicemail."""

from models.errors import Fault, refuse_if_any
from models.mailbox_pin import MailboxPin
from models.numbering import is_extension_number
from models.pins import hash_pin, pin_faults
from models.provisioning.catalogue import MAILBOX_KINDS, thrower_kind_faults
from models.provisioning.change import changing, stamp
from models.provisioning.finding import every, only, tenant_called
from models.provisioning.reading import element_of, extension_of
from models.tenant import Tenant


async def set_pin(*, tenant: str, box: str, pin: str | None) -> bool:
    """Give a mailbox a PIN, or take it away; the count of wrong ones begins anew.

    Args:
        tenant: Whose.
        box: The number of the mailbox.
        pin: 4 to 8 digits; None takes the PIN away.

    Returns:
        Whether it had one before.

    Raises:
        NotFound: There is no such tenant, or nothing behind that number.
        InvalidSettings: It is no mailbox, or the PIN is too easy to guess, or none.
    """
    if pin is not None:
        refuse_if_any(pin_faults(pin))
    refuse_if_any(await _mailbox_faults(await tenant_called(tenant), box))
    return await _put_pin(tenant, box, pin)


async def _put_pin(tenant: str, box: str, pin: str | None) -> bool:
    hashed = None if pin is None else await hash_pin(pin)
    async with changing():
        owner = await tenant_called(tenant)
        row = await only(MailboxPin.of(owner), number=box)
        if row is not None:
            await row.delete()
        if hashed is not None:
            await MailboxPin.create(tenant=owner, number=box, hash=hashed, failed=0)
        if row is not None or hashed is not None:
            await stamp(owner)
        return row is not None


async def set_switch_pin(*, tenant: str, number: str, pin: str | None) -> bool:
    """Say which PIN throws a switch by phone, or that none is asked for; as with `set_pin`.

    Args:
        tenant: Whose.
        number: What is dialled: the number of a ``set_switch`` element.
        pin: 4 to 8 digits; None takes the PIN away.

    Returns:
        Whether it had one before.

    Raises:
        NotFound: There is no such tenant, or no element of that number.
        InvalidSettings: It is another kind of element, or the PIN is too easy to guess, or none.
    """
    element = await element_of(await tenant_called(tenant), number)
    refuse_if_any(thrower_kind_faults(number, element.kind))
    if pin is not None:
        refuse_if_any(pin_faults(pin))
    return await _put_pin(tenant, number, pin)


async def list_pins(*, tenant: str) -> list[str]:
    """Name the mailboxes that have a PIN.

    Raises:
        NotFound: There is no such tenant.
    """
    owner = await tenant_called(tenant)
    return [row.number for row in await every(MailboxPin.of(owner).order_by("number"))]


async def _mailbox_faults(owner: Tenant, box: str) -> list[Fault]:
    if is_extension_number(box):
        has_one = (await extension_of(owner, box)).settings.get("voicemail", False)
        return [] if has_one else [Fault("number", box, "is a user without voicemail")]
    kind = (await element_of(owner, box)).kind
    return [] if kind in MAILBOX_KINDS else [Fault("number", box, f"is a {kind} and no mailbox")]
