"""From where trunks are called, written down so that who asks about a place reads few of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from operator import or_
from typing import Final

from tortoise.expressions import Q, Subquery

from models.facts import TrunkFacts
from models.provisioning.finding import every
from models.provisioning.lines import trunk_facts
from models.tenant import Tenant
from models.trunk import Trunk
from models.trunk_claim import TrunkClaim
from models.trunk_places import Claim, around, claims_of, place_key

_ASKED_AT_ONCE: Final = 50
"""An address of IPv6 lies in more than a hundred networks, and a question has so many words."""

_WRITTEN_AT_ONCE: Final = 500

_Key = tuple[int, str, bool]


async def renew_trunk_claims(owner: Tenant, *, is_new: bool = False) -> None:
    """Write anew from where a tenant's trunks are called; inside `changing` only.

    Args:
        owner: Whose.
        is_new: Nothing is written yet, and nobody needs to look.
    """
    trunks = await every(Trunk.of(owner))
    wanted = {key for row in trunks for key in _keys_of(row)}
    there = {} if is_new else {_key(row): row.id for row in await every(TrunkClaim.of(owner))}
    stale = [there[key] for key in there if key not in wanted]
    if stale:
        await TrunkClaim.of(owner).filter(id__in=stale).delete()
    await _write({owner.id: [key for key in wanted if key not in there]})


async def write_missing_claims() -> None:
    """Write down the trunks of an older version; belongs into the transaction of the upgrade."""
    known = {row.trunk_id for row in await every(TrunkClaim.all().only("id", "trunk_id"))}
    missing: dict[int, list[_Key]] = {}
    for row in await every(Trunk.all()):
        if row.id not in known:
            missing.setdefault(row.tenant_id, []).extend(_keys_of(row))
    await _write(missing)


async def rivals_of(trunks: Iterable[TrunkFacts], *, besides: int) -> list[TrunkFacts]:
    """The trunks that may be known by a place of one of these, and some others perhaps.

    Those who register with one carrier may share its name, and are not asked about each other.

    Args:
        trunks: As they shall be; their places are well-formed.
        besides: The tenant whose trunks are left out.
    """
    claims = [claim for trunk in trunks for claim in claims_of(trunk)]
    found: dict[int, TrunkFacts] = {}
    for start in range(0, len(claims), _ASKED_AT_ONCE):
        meet = reduce(or_, map(_meets, claims[start : start + _ASKED_AT_ONCE]))
        theirs = TrunkClaim.filter(meet).exclude(tenant_id=besides).values("trunk_id")
        rows = await every(Trunk.filter(id__in=Subquery(theirs)).order_by("id"))
        found |= {row.id: trunk_facts(row) for row in rows}
    return list(found.values())


def _meets(claim: Claim) -> Q:
    look = around(claim.place)
    there = Q(place__in=look.same_or_wider) | Q(place__gte=look.first, place__lte=look.last)
    return there & Q(may_be_shared=False) if claim.may_be_shared else there


def _keys_of(row: Trunk) -> Iterator[_Key]:
    for claim in claims_of(trunk_facts(row)):
        yield row.id, place_key(claim.place), claim.may_be_shared


def _key(row: TrunkClaim) -> _Key:
    return row.trunk_id, row.place, row.may_be_shared


async def _write(news: dict[int, list[_Key]]) -> None:
    rows: Sequence[TrunkClaim] = [
        TrunkClaim(tenant_id=tenant_id, trunk_id=trunk, place=place, may_be_shared=is_shared)
        for tenant_id, keys in news.items()
        for trunk, place, is_shared in sorted(set(keys))
    ]
    if rows:
        await TrunkClaim.bulk_create(rows, batch_size=_WRITTEN_AT_ONCE)
