"""The Asterisk of a simulated call: in memory, with people at its telephones who do as was said."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self

import msgspec

from ari_client import Response
from ari_client.testing import FakeAsterisk, NeverAnswers, Phone
from stasis_apps.call import Endpoint
from stasis_apps.live_call.outside_ways import outside_leg_in
from stasis_apps.plan import ASTERISK_SOUND, NumberPlan
from stasis_apps.simulation.people import People, phone_of
from stasis_apps.simulation.scenario import Doing, Scenario

CALLER_ID: Final = "simulation"
"""The channel of the caller, and the call itself."""

RINGBACK: Final = "ringback"

BUILT_IN_S: Final = 2.0
"""How long a prompt takes that ships with Asterisk; whoever imagines a call does not hear it."""

WORD_S: Final = 0.7
"""How long a word of a number takes."""

CONFIRMS_AFTER_S: Final = 1.0
"""How long somebody who has picked up needs to press the key that takes the call."""

LONGEST_TONE_S: Final = 3600.0

OUTSIDE_NUMBER: Final = "CALLERID(num)"
"""The variable of a leg through a trunk that says which number is dialled, as the plan has it."""

_SOUND: Final = "sound:"
_TONE: Final = "tone:"
_LOCAL: Final = "Local/"


@dataclass(slots=True)
class SimulatedAsterisk:
    """Carries requests to an Asterisk in memory, and lets people react to what it does.

    Attributes:
        heard: What the caller has heard, in order.
        sent_outside: The number that was sent to a trunk last, and that trunk.
        about_to_play: What the caller is to hear next: each medium, and how elements call it; the
            words of a number after the first have no name.
        speaking_since_s: When each recording began, on the loop's clock.
    """

    fake: FakeAsterisk
    plan: NumberPlan
    scenario: Scenario
    heard: list[str] = field(default_factory=list)
    sent_outside: tuple[str, str] = ("", "")
    about_to_play: deque[tuple[str, str]] = field(default_factory=deque)
    speaking_since_s: dict[str, float] = field(default_factory=dict)
    _people: People = field(init=False)
    _doing: dict[str, Doing] = field(default_factory=dict)
    _falls_silent: dict[str, asyncio.TimerHandle] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Let people know what they are to do."""
        self._people = People(self.scenario, self.plan.tenant.country)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Nothing is left open."""

    def connect_events(
        self, query: Mapping[str, str]
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """What happens, as Asterisk tells it."""
        return self.fake.connect_events(query)

    async def request(
        self, method: str, path: str, query: Mapping[str, str], json: bytes | None
    ) -> Response:
        """Do what is asked, and let people react."""
        match method, path.strip("/").split("/"):
            case "POST", ["channels", "create"]:
                self._somebody_is_dialled(query, json)
            case "POST", ["channels", channel_id, "ring"] if channel_id == CALLER_ID:
                self.heard.append(RINGBACK)
            case "POST", ["channels", channel_id, "play", *_]:
                self._somebody_hears(channel_id, query, json)
            case "GET", ["endpoints", _, trunk]:
                self.fake.phone(trunk, self._at_the_end_of(trunk))
            case "POST", ["channels", _, "record"]:
                self._caller_speaks(query["name"])
            case "POST", ["recordings", "live", recording, "stop"]:
                self._falls_silent[recording].cancel()
            case _:
                pass
        return await self.fake.request(method, path, query, json)

    def doing_of(self, channel_id: str) -> Doing:
        """What the one does who was dialled by this leg."""
        return self._doing[channel_id]

    def length_s(self, media: str) -> float:
        """How long a prompt takes."""
        if media.startswith(_TONE):
            return LONGEST_TONE_S
        path = media.removeprefix(_SOUND)
        own = self.plan.sounds.get(path.rpartition("/")[2])
        if own is not None and own.media == media:
            return own.duration_s
        return WORD_S if "/" in path else BUILT_IN_S

    def _somebody_is_dialled(self, query: Mapping[str, str], json: bytes | None) -> None:
        endpoint = query["endpoint"]
        if endpoint.startswith(_LOCAL):
            self._note_trunk(endpoint)
            variables = msgspec.json.decode(json or b"{}").get("variables", {})
            number, trunk = self.sent_outside
            doing = self._people.outside(variables.get(OUTSIDE_NUMBER, ""), number, trunk=trunk)
        else:
            doing = self._people.at_phone(self.plan.device(Endpoint(endpoint.partition("/")[2])))
        self.fake.phone(endpoint, phone_of(doing))
        self._doing[query["channelId"]] = doing

    def _at_the_end_of(self, endpoint: str) -> Phone:
        """What Asterisk knows of a trunk: it is up, unless something else is said of it."""
        trunk = self.plan.trunks.get(endpoint)
        doing = self.scenario.doing.get(trunk.name) if trunk else None
        return phone_of(doing) if doing else NeverAnswers()

    def _note_trunk(self, endpoint: str) -> None:
        found = outside_leg_in(f"{endpoint.removesuffix('/nm')}-0;1")
        trunk = self.plan.trunks.get(found.trunk) if found else None
        if found and trunk:
            self.sent_outside = (found.number, trunk.name)

    def _somebody_hears(
        self, channel_id: str, query: Mapping[str, str], json: bytes | None
    ) -> None:
        media = query.get("media") or msgspec.json.decode(json or b"{}").get("media", [""])[0]
        if channel_id != CALLER_ID:
            doing = self._doing.get(channel_id)
            if doing is not None and doing.confirms:
                self.later(CONFIRMS_AFTER_S, channel_id, "1")
            return
        self.fake.sounds[media] = self.length_s(media)
        if name := self._name_of(media):
            self.heard.append(name)

    def _name_of(self, media: str) -> str:
        """How elements call a prompt that begins; empty for a word after the first."""
        while self.about_to_play:
            expected, name = self.about_to_play.popleft()
            if expected == media:
                return name
        return media.replace(_SOUND, ASTERISK_SOUND, 1)

    def _caller_speaks(self, recording: str) -> None:
        """They say something and press the key that ends it, unless they are cut short before."""
        self.speaking_since_s[recording] = asyncio.get_running_loop().time()
        self._falls_silent[recording] = self.later(self.scenario.says_s, CALLER_ID, "#")

    def later(self, after_s: float, channel_id: str, keys: str) -> asyncio.TimerHandle:
        """Somebody presses keys after a while, if they are still there."""

        def press() -> None:
            if channel_id in self.fake.channels:
                self.fake.press(channel_id, keys)

        return asyncio.get_running_loop().call_later(after_s, press)
