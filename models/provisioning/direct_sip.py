"""Which SIP addresses strangers may call: those of aliases and users who opted in."""

from models.alias import Alias, DirectSip
from models.extension import Extension
from models.facts import ExtensionFacts
from models.provisioning.finding import every
from models.tenant import Tenant, TenantAlias

_OPT_IN = "allow_direct_sip"


def opts_in(extension: ExtensionFacts | Extension) -> bool:
    """Whether anybody on the internet may call this user."""
    return extension.settings.get(_OPT_IN) is True


async def renew_direct_sip(tenant: Tenant) -> None:
    """Write anew what Asterisk looks up when a stranger calls; inside `changing` only."""
    aliases = await every(Alias.of(tenant).filter(allows_direct_sip=True))
    extensions = await every(Extension.of(tenant))
    names = [
        *(alias.name for alias in aliases),
        *(one.number for one in extensions if opts_in(one)),
    ]
    domains = [tenant.domain, *(row.domain for row in await every(TenantAlias.of(tenant)))]
    wanted = {f"{name}@{domain}" for name in names for domain in domains}
    there = {row.address for row in await every(DirectSip.of(tenant))}
    gone = there - wanted
    if gone:
        await DirectSip.of(tenant).filter(address__in=gone).delete()
    await DirectSip.bulk_create(
        DirectSip(tenant_id=tenant.id, address=address) for address in sorted(wanted - there)
    )
