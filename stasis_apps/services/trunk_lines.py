"""Keeps the trunks inside Asterisk equal to those of the plans, without a reload.

Asterisk is told through ARI, into its memory; a registration begins within a second. Passwords
are opened on their way there, and stand nowhere else in clear.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Final, TypeAlias

import structlog

from ari_client import AriClient, AriError, AriRefused, ResourceGone
from models.errors import SealError
from stasis_apps.services.name_lookup import NameLookup
from stasis_apps.services.trunk_changes import changed, going, in_its_place, untagged
from stasis_apps.services.trunk_objects import (
    CONFIG_CLASS,
    TAG,
    DynamicObject,
    TrunkLine,
    identify_keys,
    objects_of,
)
from stasis_apps.services.trunk_senders import as_held, names_of, senders_of

__all__ = ["DynamicObject", "TrunkLine", "TrunkLines", "objects_of"]

LookUp: TypeAlias = Callable[[str], Awaitable[tuple[str, ...]]]
Opens: TypeAlias = Callable[[str], str]

PREFIX: Final = "trunk-"

RETRY_S: Final = 60.0
"""When what Asterisk has refused is tried again, and names that DNS did not know."""

FIRST_RETRY_S: Final = 1.0
"""When it is tried again the first time, then after twice as long each time: it may be loading."""

LOADS_FOR_TRIES: Final = 3
"""So often an Asterisk may not answer before that is told; one that has just started loads."""

RENEWAL_S: Final = 600.0
"""How often names are looked up anew: a carrier moves its servers."""

SIGN_OFF_S: Final = 1.0
"""How long a password outlives its registration: a carrier asks for it when we sign off, too."""

log = structlog.get_logger(__name__)


class TrunkLines:
    """The trunks that Asterisk holds.

    Call `forget` whenever Asterisk was connected to, then `make_equal`; call `make_equal` again
    when a trunk has changed, and let `keep_trying` run beside.
    """

    def __init__(
        self, ari: AriClient, look_up: LookUp | None = None, *, opens: Opens = str
    ) -> None:
        """Begin with an Asterisk of which nothing is known.

        Args:
            ari: The way to it.
            look_up: Gives the addresses behind a name, none when it has none; None to ask DNS.
            opens: Gives a password in clear; left out where lines bring theirs in clear.
        """
        self._ari = ari
        self._opens = opens
        self._look_up = look_up or NameLookup().addresses_of
        self._found: dict[str, tuple[str, ...]] = {}
        self._asked: set[str] = set()
        self._has_new_names = asyncio.Event()
        self._given_up: frozenset[tuple[str, str]] = frozenset()
        self._wanted: tuple[TrunkLine, ...] | None = None
        self._left_alone: tuple[TrunkLine, ...] = ()
        self._held: dict[str, dict[tuple[str, str], DynamicObject]] = {}
        self._strange: set[str] = set()
        self._faulty: dict[str, str] = {}
        self._knows_asterisk = False
        self._tries = 0
        self._has_news = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()

    def forget(self) -> None:
        """It may be another Asterisk now: ask it what it holds before the next change."""
        self._knows_asterisk = False

    async def make_equal(
        self, wanted: Sequence[TrunkLine], *, left_alone: Sequence[TrunkLine] = ()
    ) -> None:
        """Give Asterisk what is new or has changed, and take away what nobody wants.

        A trunk that Asterisk refuses is logged and tried again later; the others go on. So is
        everything when Asterisk does not answer.

        Args:
            wanted: The trunks of all tenants.
            left_alone: Trunks that go on as they are, because their password, say, cannot be read
                at this moment; nobody else gets their addresses.
        """
        self._wanted = tuple(wanted)
        self._left_alone = tuple(left_alone)
        if self._names() - self._asked:
            self._has_new_names.set()
        self._tries = 0
        await self._tell()
        self._has_news.set()

    async def keep_trying(self) -> None:
        """Look names up, now and then anew, and try again what was refused, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep_looking_up())
            group.create_task(self._keep_telling())

    async def _keep_looking_up(self) -> None:
        loop = asyncio.get_running_loop()
        renewed_at = loop.time()
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(RETRY_S):
                    await self._has_new_names.wait()
            self._has_new_names.clear()
            if loop.time() - renewed_at >= RENEWAL_S:
                renewed_at = loop.time()
                await self.ask_dns_again()
            else:
                await self._ask_dns(self._names() - self._found.keys())

    async def _keep_telling(self) -> None:
        """Tell again what Asterisk has not taken: soon after news, then ever more seldom."""
        while True:
            self._has_news.clear()
            pause_s = FIRST_RETRY_S * 2 ** min(self._tries, 10)
            with suppress(TimeoutError):
                async with asyncio.timeout(min(pause_s, RETRY_S)):
                    await self._has_news.wait()
            if not self._has_news.is_set():
                self._tries += 1
                if self._faulty or not self._knows_asterisk:
                    await self._tell()

    async def ask_dns_again(self) -> None:
        """Look all names up; a carrier that DNS does not tell of is still known as before."""
        await self._ask_dns(self._names())

    def _names(self) -> frozenset[str]:
        return names_of(line.facts for line in (*(self._wanted or ()), *self._left_alone))

    async def _ask_dns(self, names: Collection[str]) -> None:
        """Look names up; each answer is used as it comes, for another may be long in coming."""
        waiting = {asyncio.create_task(self._addresses_of(name)) for name in names}
        try:
            while waiting:
                done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                if self._is_news([task.result() for task in done]):
                    await self._tell()
        finally:
            for task in waiting:
                task.cancel()

    async def _addresses_of(self, name: str) -> tuple[str, tuple[str, ...]]:
        return name, await self._look_up(name)

    def _is_news(self, answers: Iterable[tuple[str, tuple[str, ...]]]) -> bool:
        """Take down what DNS has told, and whether it differs from before."""
        before = dict(self._found)
        for name, addresses in answers:
            self._asked.add(name)
            if addresses:
                self._found[name] = addresses
            else:
                log.warning("trunk_name_not_found", name=name, goes_on_with=before.get(name, ()))
        return self._found != before

    async def _tell(self) -> None:
        async with self._one_at_a_time:
            if self._wanted is None:
                return
            try:
                await self._make_equal(self._wanted, self._left_alone)
            except AriError as fault:
                self._knows_asterisk = False
                if self._tries == LOADS_FOR_TRIES:
                    log.warning("trunks_not_told", reason=str(fault))

    async def _make_equal(
        self, lines: Sequence[TrunkLine], left_alone: Sequence[TrunkLine]
    ) -> None:
        if not self._knows_asterisk:
            await self._ask_asterisk({line.facts.endpoint: objects_of(line) for line in lines})
        senders = self._senders([*lines, *left_alone])
        wanted = {
            line.facts.endpoint: objects_of(line, senders.get(line.facts.endpoint, ()))
            for line in lines
        }
        stays = {line.facts.endpoint for line in left_alone}
        unwanted = [name for name in self._held if not wanted.get(name) and name not in stays]
        changes = {**dict.fromkeys(unwanted, ()), **wanted}
        await self._sign_off(changes)
        for trunk in unwanted:
            await self._equal_one(trunk, ())
        for trunk, objects in wanted.items():
            await self._equal_one(trunk, objects)

    async def _sign_off(self, changes: Mapping[str, Sequence[DynamicObject]]) -> None:
        """End the registrations whose passwords go, all at once, and let carriers ask for these."""
        has_ended = False
        for trunk, objects in changes.items():
            held = self._held.get(trunk)
            if held is None:
                continue  # Asterisk has nothing of it
            key = ("registration", trunk)
            gone = self._going(trunk, objects)
            others = gone | {one.key for one in changed(held, objects)}
            if key in gone and ("auth", trunk) in others:
                with suppress(AriError):  # it is tried again, and told of, with the rest
                    await _delete(self._ari, *key)
                    held.pop(key, None)
                    has_ended = True
        if has_ended:
            await asyncio.sleep(SIGN_OFF_S)

    def _senders(self, lines: Sequence[TrunkLine]) -> Mapping[str, Sequence[str]]:
        """From where each trunk's calls come; an address that two tenants claim is neither's."""
        trunks = [(line.facts, line.tenant_id) for line in lines]
        senders = senders_of(trunks, self._found, _held_senders(self._held))
        for trunk, address in sorted(senders.given_up - self._given_up):
            log.error(
                "trunk_address_not_its_own",
                trunk=trunk,
                address=address,
                means="a call from there is this trunk's only if it repeats the mark we registered",
            )
        self._given_up = senders.given_up
        return senders.of

    async def _ask_asterisk(self, wanted: Mapping[str, Sequence[DynamicObject]]) -> None:
        """Find out which trunks it holds, and which of these are as they should be."""
        endpoints = await self._ari.endpoints.list()  # by tech, having none is a 404
        self._held, self._strange = {}, set()
        for trunk in (one.resource for one in endpoints if one.resource.startswith(PREFIX)):
            objects = wanted.get(trunk, ())
            is_equal = bool(objects) and await _tag_of(self._ari, trunk) == objects[-1].fields[TAG]
            held = [*(objects if is_equal else ()), *await _identifies_of(self._ari, trunk)]
            self._held[trunk] = {one.key: one for one in held}
            if not is_equal:
                self._strange.add(trunk)
        self._knows_asterisk = True

    async def _equal_one(self, trunk: str, objects: Sequence[DynamicObject]) -> None:
        held = self._held.get(trunk, {})
        wanted = [in_its_place(held, one) for one in objects]
        if trunk in self._held and objects and held == {one.key: one for one in wanted}:
            self._faulty.pop(trunk, None)
            return
        if trunk not in self._held and not objects:
            self._faulty.pop(trunk, None)
            return
        try:
            await self._replace(trunk, wanted)
        except (AriError, SealError) as fault:
            if self._faulty.get(trunk) != str(fault):
                log.warning("trunk_not_told", trunk=trunk, reason=str(fault))
            self._faulty[trunk] = str(fault)
            return
        self._faulty.pop(trunk, None)
        if not objects:
            del self._held[trunk]
        log.info("trunk_told" if objects else "trunk_taken_away", trunk=trunk)

    async def _replace(self, trunk: str, objects: Sequence[DynamicObject]) -> None:
        """Tell what differs; what Asterisk would merge is taken away and made anew.

        The endpoint is never away, nor are the senders: a call that comes meanwhile is this
        trunk's. Senders that have changed are there before the old ones go.
        """
        held = self._held.setdefault(trunk, {})
        new = changed(held, objects)
        later = {key for key in held if key[0] == "identify"} - {one.key for one in objects}
        for key in sorted(self._going(trunk, objects) - later, reverse=True):  # registration first
            await _delete(self._ari, *key)
            held.pop(key, None)
        self._strange.discard(trunk)
        trouble: AriError | SealError | None = None
        for one in new:  # what Asterisk refuses costs itself, not the trunk
            told = untagged(one) if trouble else one
            try:
                await _put(self._ari, told, self._opens)
                held[told.key] = told
            except (AriError, SealError) as fault:
                trouble = fault
        if trouble:
            raise trouble
        for key in later:
            await _delete(self._ari, *key)
            del held[key]

    def _going(self, trunk: str, objects: Sequence[DynamicObject]) -> set[tuple[str, str]]:
        held = self._held.get(trunk, {})
        return going(held, objects, strange=trunk if trunk in self._strange else "")


async def _tag_of(ari: AriClient, trunk: str) -> str:
    try:
        told = await ari.asterisk.get_object(CONFIG_CLASS, "endpoint", trunk)
    except AriRefused:
        return ""
    return next((one.value for one in told if one.attribute == TAG), "")


async def _identifies_of(ari: AriClient, trunk: str) -> list[DynamicObject]:
    """From where Asterisk takes its calls now: they go on until we know better."""
    found: list[DynamicObject] = []
    for kind, id_ in identify_keys(trunk):
        with suppress(AriRefused):
            told = await ari.asterisk.get_object(CONFIG_CLASS, kind, id_)
            senders = as_held(one.value for one in told if one.attribute == "match")
            fields = {"endpoint": trunk, "match": ",".join(senders)}
            found.append(DynamicObject(kind, id_, fields))
    return found


async def _put(ari: AriClient, one: DynamicObject, opens: Opens) -> None:
    fields = dict(one.fields)
    if "password" in fields:  # in clear from here to Asterisk
        fields["password"] = await asyncio.to_thread(opens, fields["password"])
    await ari.asterisk.update_object(
        one.config_class,
        one.object_type,
        one.id,
        fields=[{"attribute": name, "value": value} for name, value in fields.items()],
    )


async def _delete(ari: AriClient, object_type: str, id_: str) -> None:
    try:
        await ari.asterisk.delete_object(CONFIG_CLASS, object_type, id_)
    except ResourceGone:
        return


def _held_senders(
    held: Mapping[str, Mapping[tuple[str, str], DynamicObject]],
) -> Mapping[str, Sequence[str]]:
    return {
        trunk: [
            address
            for one in objects.values()
            if one.object_type == "identify"
            for address in one.fields.get("match", "").split(",")
        ]
        for trunk, objects in held.items()
    }
