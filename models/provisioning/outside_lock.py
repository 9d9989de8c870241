"""What Asterisk itself holds a tenant's legs outside to, whatever the application says."""

from models.outside_codes import open_codes
from models.outside_policy import policy_of
from models.provisioning.change import only
from models.tenant import Tenant
from models.tenant_event import OutsideLock


async def renew_outside_lock(owner: Tenant) -> None:
    """Write anew what the dialplan looks up before it dials; inside `changing` only.

    To be called whenever a tenant's policy, country or state may have changed. The state itself is
    read from the tenant's row.
    """
    policy = policy_of(owner.outside)
    lock = await only(OutsideLock.of(owner)) or OutsideLock(tenant_id=owner.id)
    lock.max_calls = policy.max_calls
    lock.max_calls_per_device = policy.max_calls_per_device
    lock.codes = open_codes(policy, country=owner.country, state=owner.state)
    await lock.save()
