"""What Asterisk itself holds a tenant's legs outside to, whatever the application says."""

from dataclasses import asdict

from models.outside_lock import lock_of
from models.outside_policy import policy_of
from models.provisioning.finding import only
from models.tenant import Tenant
from models.tenant_event import OutsideLock


async def renew_outside_lock(owner: Tenant, *, is_new: bool = False) -> None:
    """Write anew what the dialplan looks up before it dials; inside `changing` only.

    To be called whenever a tenant's policy, country or state may have changed. State and time zone
    are read from the tenant's row, and what was talked today from that of the day.

    Args:
        owner: Whose.
        is_new: Nothing is written yet, and nobody needs to look.
    """
    policy = policy_of(owner.outside)
    there = None if is_new else await only(OutsideLock.of(owner))
    lock = there or OutsideLock(tenant_id=owner.id)
    held = lock_of(policy, country=owner.country, state=owner.state)
    lock.update_from_dict(asdict(held))
    await lock.save()
