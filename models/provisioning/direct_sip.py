"""Which SIP addresses strangers may call: those of aliases and users who opted in."""

from collections.abc import Iterable

from models.alias import Alias, DirectSip
from models.extension import Extension
from models.facts import AliasFacts, ExtensionFacts
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
    domains = [row.domain for row in await every(TenantAlias.of(tenant))]
    await write_direct_sip(tenant, direct_names(aliases, extensions), domains)


def direct_names(
    aliases: Iterable[AliasFacts | Alias], extensions: Iterable[ExtensionFacts | Extension]
) -> list[str]:
    """Whom strangers may call, of these."""
    return [
        *(alias.name for alias in aliases if alias.allows_direct_sip),
        *(one.number for one in extensions if opts_in(one)),
    ]


async def write_direct_sip(
    tenant: Tenant, names: Iterable[str], aliases: Iterable[str], *, is_new: bool = False
) -> None:
    """Write whom strangers may call; inside `changing` only.

    Args:
        tenant: Whose.
        names: Of aliases and users.
        aliases: The domains that the tenant has besides its own.
        is_new: Nothing is written yet, and nobody needs to look.
    """
    domains = [tenant.domain, *aliases]
    wanted = {f"{name}@{domain}" for name in names for domain in domains}
    there = set() if is_new else {row.address for row in await every(DirectSip.of(tenant))}
    gone = there - wanted
    if gone:
        await DirectSip.of(tenant).filter(address__in=gone).delete()
    if wanted - there:
        await DirectSip.bulk_create(
            DirectSip(tenant_id=tenant.id, address=address) for address in sorted(wanted - there)
        )
