"""Keeps the trunks inside Asterisk equal to those of the plans, without a reload.

Asterisk is told through ARI, into its memory; a registration begins within a second. Passwords
pass through here on their way and stand nowhere else in clear.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Final

import structlog

from ari_client import AriClient, AriError, AriRefused, ResourceGone
from stasis_apps.services.trunk_objects import (
    CONFIG_CLASS,
    TAG,
    DynamicObject,
    TrunkLine,
    all_keys,
    objects_of,
)

__all__ = ["DynamicObject", "TrunkLine", "TrunkLines", "objects_of"]

PREFIX: Final = "trunk-"

RETRY_S: Final = 60.0
"""When what Asterisk has refused is tried again: a name may be known to DNS by then."""

RENEWAL_S: Final = 600.0
"""How often names are looked up anew: a carrier moves its servers."""

log = structlog.get_logger(__name__)


class TrunkLines:
    """The trunks that Asterisk holds.

    Call `forget` whenever Asterisk was connected to, then `make_equal`; call `make_equal` again
    when a trunk has changed, and let `keep_trying` run beside.
    """

    def __init__(self, ari: AriClient) -> None:
        self._ari = ari
        self._wanted: tuple[TrunkLine, ...] | None = None
        self._left_alone: frozenset[str] = frozenset()
        self._held: dict[str, dict[tuple[str, str], DynamicObject]] = {}
        self._faulty: set[str] = set()
        self._knows_asterisk = False
        self._one_at_a_time = asyncio.Lock()

    def forget(self) -> None:
        """It may be another Asterisk now: ask it what it holds before the next change."""
        self._knows_asterisk = False

    async def make_equal(
        self, wanted: Sequence[TrunkLine], *, left_alone: Collection[str] = ()
    ) -> None:
        """Give Asterisk what is new or has changed, and take away what nobody wants.

        A trunk that Asterisk refuses is logged and tried again later; the others go on. Asterisk
        that does not answer is logged too: the next `Connected` brings everything.

        Args:
            wanted: The trunks of all tenants.
            left_alone: Endpoints of trunks that go on as they are, because their password, say,
                cannot be read at this moment.
        """
        self._wanted = tuple(wanted)
        self._left_alone = frozenset(left_alone)
        async with self._one_at_a_time:
            try:
                await self._make_equal(self._wanted)
            except AriError as fault:
                self._knows_asterisk = False
                log.warning("trunks_not_told", reason=str(fault))

    async def keep_trying(self) -> None:
        """Try again what was refused, and have names looked up anew, until cancelled."""
        loop = asyncio.get_running_loop()
        renewed_at = loop.time()
        while True:
            await asyncio.sleep(RETRY_S)
            if loop.time() - renewed_at >= RENEWAL_S:
                renewed_at = loop.time()
                await self._look_names_up_anew()
            if self._wanted is not None and (self._faulty or not self._knows_asterisk):
                await self.make_equal(self._wanted, left_alone=self._left_alone)

    async def _make_equal(self, lines: Sequence[TrunkLine]) -> None:
        wanted = {line.facts.endpoint: objects_of(line) for line in lines}
        if not self._knows_asterisk:
            await self._ask_asterisk(wanted)
        unwanted = [name for name in self._held if not wanted.get(name)]
        for trunk in (name for name in unwanted if name not in self._left_alone):
            await self._equal_one(trunk, [])
        for trunk, objects in wanted.items():
            await self._equal_one(trunk, objects)

    async def _ask_asterisk(self, wanted: Mapping[str, Sequence[DynamicObject]]) -> None:
        """Find out which trunks it holds, and which of these are as they should be."""
        endpoints = await self._ari.endpoints.list_by_tech("PJSIP")
        self._held = {}
        for trunk in (one.resource for one in endpoints if one.resource.startswith(PREFIX)):
            objects = wanted.get(trunk, ())
            is_equal = bool(objects) and await self._tag_of(trunk) == objects[-1].fields[TAG]
            self._held[trunk] = {one.key: one for one in objects} if is_equal else {}
        self._knows_asterisk = True

    async def _tag_of(self, trunk: str) -> str:
        try:
            told = await self._ari.asterisk.get_object(CONFIG_CLASS, "endpoint", trunk)
        except AriRefused:
            return ""
        return next((one.value for one in told if one.attribute == TAG), "")

    async def _equal_one(self, trunk: str, objects: Sequence[DynamicObject]) -> None:
        if self._is_equal(trunk, objects):
            self._faulty.discard(trunk)
            return
        try:
            await self._replace(trunk, objects)
        except AriError as fault:
            self._faulty.add(trunk)
            log.warning("trunk_not_told", trunk=trunk, reason=str(fault))
            return
        self._faulty.discard(trunk)
        if not objects:
            del self._held[trunk]
        log.info("trunk_told" if objects else "trunk_taken_away", trunk=trunk)

    def _is_equal(self, trunk: str, objects: Sequence[DynamicObject]) -> bool:
        held = self._held.get(trunk)
        if held is None:
            return not objects
        return bool(objects) and list(held.values()) == list(objects)

    async def _replace(self, trunk: str, objects: Sequence[DynamicObject]) -> None:
        """Take away and make anew what differs; what Asterisk would merge is never merged."""
        is_known = bool(self._held.get(trunk))
        held = self._held.setdefault(trunk, {})
        changed = _changed(held, objects)
        going = {key for key in held if key not in {one.key for one in objects}}
        going |= {one.key for one in changed}
        if not is_known:
            going |= all_keys(trunk)
        for key in sorted(going, reverse=True):  # the registration first
            await self._delete(*key)
            held.pop(key, None)
        trouble: AriError | None = None
        for one in changed:  # a slow DNS is to cost the senders by name, not the trunk
            try:
                await self._put(_untagged(one) if trouble else one)
                held[one.key] = one
            except AriError as fault:
                trouble = fault
        if trouble:
            raise trouble
        self._held[trunk] = {one.key: one for one in objects}

    async def _look_names_up_anew(self) -> None:
        async with self._one_at_a_time:
            for held in self._held.values():
                for one in [one for one in held.values() if one.holds_names]:
                    try:
                        await self._delete(*one.key)
                        await self._put(one)
                    except AriError as fault:
                        self._faulty.add(one.fields["endpoint"])
                        del held[one.key]
                        log.warning("trunk_name_not_found", trunk=one.id, reason=str(fault))

    async def _put(self, one: DynamicObject) -> None:
        await self._ari.asterisk.update_object(
            one.config_class,
            one.object_type,
            one.id,
            fields=[{"attribute": name, "value": value} for name, value in one.fields.items()],
        )

    async def _delete(self, object_type: str, id_: str) -> None:
        try:
            await self._ari.asterisk.delete_object(CONFIG_CLASS, object_type, id_)
        except ResourceGone:
            return


def _changed(
    held: Mapping[tuple[str, str], DynamicObject], objects: Sequence[DynamicObject]
) -> list[DynamicObject]:
    """What is not there as it should be; with a new password the registration begins anew."""
    changed = {one.key for one in objects if held.get(one.key) != one}
    has_new_login = any(kind == "auth" for kind, _ in changed)
    return [
        one
        for one in objects
        if one.key in changed or (has_new_login and one.object_type == "registration")
    ]


def _untagged(one: DynamicObject) -> DynamicObject:
    """An endpoint that another process is not to take for a complete trunk."""
    if one.object_type != "endpoint":
        return one
    return replace(one, fields={**one.fields, TAG: ""})
