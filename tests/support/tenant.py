"""A customer of the exchange under test, set up and asked about through ``pbx`` alone."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Generic

import msgspec

from tests.support.account import Account
from tests.support.any_exchange import Running
from tests.support.exchange import Exchange
from tests.support.seen import SeenEvent, Story
from tests.support.sip_station import Place
from tests.support.waiting import COMES_S, until_told

MOST_CALLS = 1_000
"""What ``pbx calls list`` gives at most; the newest first."""

Option = str | bool | Sequence[str]
"""What stands behind an option of a command: a text, whether it is given, or several texts."""


class CallRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One row of ``pbx calls list --json``."""

    id: str
    caller_number: str
    dialled: str
    started_at: datetime
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None
    reason: str | None = None
    comment: str | None = None
    talk_s: float | None = None
    answered_by: str | None = None


class SeenDevice(msgspec.Struct, frozen=True):
    """One row of ``pbx device list --json``."""

    name: str
    state: str
    is_registered: bool | None = None
    address: str | None = None
    user_agent: str | None = None
    round_trip_ms: float | None = None


class Setup(msgspec.Struct, frozen=True):
    """``pbx device show --setup --json``: what a person types into a phone."""

    domain: str
    login: str
    password: str


class Refusal(msgspec.Struct, frozen=True):
    """What a carrier has refused a registration with."""

    status: int
    text: str


class SeenTrunk(msgspec.Struct, frozen=True):
    """One row of ``pbx trunk list --json``."""

    name: str
    endpoint: str
    state: str
    round_trip_ms: float | None
    last_refusal: Refusal | None


class SeenMail(msgspec.Struct, frozen=True):
    """What has become of the mail of a message to one recipient."""

    recipient: str
    state: str
    attempts: int
    last_status: int | None


class SeenMessage(msgspec.Struct, frozen=True):
    """One row of ``pbx voicemail list --json``."""

    id: str
    caller_number: str
    duration_s: float
    is_heard: bool
    mails: tuple[SeenMail, ...]

    @property
    def states(self) -> dict[str, str]:
        """The state of each mail by its recipient."""
        return {mail.recipient: mail.state for mail in self.mails}


class _Revision(msgspec.Struct):
    revision: int


class _Code(msgspec.Struct):
    name: str
    code: str


class _Codes(msgspec.Struct):
    feature_codes: list[_Code]


class _NewDevice(msgspec.Struct):
    device: str
    password: str


class _Applied(msgspec.Struct):
    passwords: dict[str, str]


class _NewTrunk(msgspec.Struct):
    endpoint: str


@dataclass(slots=True)
class Tenant(Generic[Running]):
    """A customer of the exchange, with the passwords that were shown once."""

    exchange: Running
    name: str
    domain: str
    passwords: dict[str, str] = field(default_factory=dict)

    def account(
        self,
        user: str,
        *,
        transport: str = "udp",
        domain: str | None = None,
        password: str | None = None,
    ) -> Account:
        """What the person types into their phone; ``domain`` when they know an alias only."""
        return Account(
            user=user,
            password=password or self.passwords[user],
            domain=domain or self.domain,
            host=self.exchange.host,
            port=self.exchange.sip_port,
            transport=transport,
        )

    def apply(self, file: Path) -> None:
        """Become what stands in a tenant file, and wait until its trunks are in use."""
        said = self.exchange.pbx_now("apply", str(file), "--yes")
        for applied in msgspec.json.decode(said, type=list[_Applied]):
            self.passwords |= applied.passwords
        for trunk in msgspec.json.decode(self._pbx("trunk", "list"), type=list[SeenTrunk]):
            self.exchange.wait_for_trunk(trunk.endpoint)

    def add_extension(self, number: str, *, ring_s: int | None = None) -> None:
        """Create an extension with its first device."""
        ringing = () if ring_s is None else ("--ring-s", str(ring_s))
        said = self._pbx("extension", "create", number, "--name", f"Person {number}", *ringing)
        shown = msgspec.json.decode(said, type=_NewDevice)
        self.passwords[shown.device] = shown.password

    def add_device(self, name: str, *, extension: str, password: str) -> None:
        """Give the extension one more device, with a password that the person chose."""
        self._pbx(
            *("device", "create", name, "--extension", extension, "--password-stdin"),
            typed=f"{password}\n",
        )
        self.passwords[name] = password

    def add_sound(self, name: str, file: Path) -> None:
        """Upload a sound."""
        self._pbx("sound", "create", name, str(file))

    def add_trunk(
        self, name: str, place: Place, *, password: str | None = None, **options: str
    ) -> str:
        """Create a trunk and wait until it is in use; ``qualify_s`` stands for ``--qualify-s``.

        What Asterisk calls it is given back: the login of one that registers here.

        A carrier that is known by its address is not asked whether it is there: it is at work
        during tests alone.
        """
        known = {"registration": "none", "host": place.host, "port": str(place.port)} | options
        if known["registration"] == "none":
            known |= {"address": place.host, "qualify_s": "0"}
        flags = [part for key, value in known.items() for part in (_flag(key), value)]
        typed = () if password is None else ("--password-stdin",)
        said = self._pbx("trunk", "create", name, *flags, *typed, typed=f"{password}\n")
        endpoint = msgspec.json.decode(said, type=_NewTrunk).endpoint
        self.exchange.wait_for_trunk(endpoint)
        return endpoint

    def add_number(self, number: str, *, trunk: str, to: str = "") -> None:
        """Let an outside number lead somewhere."""
        self._pbx("number", "create", number, "--trunk", trunk, *(("--to", to) if to else ()))

    def add_alias(self, name: str, *, to: str, is_open: bool = False) -> None:
        """Let a name lead somewhere; when open, for strangers too."""
        self._pbx("alias", "create", name, "--to", to, *(("--direct-sip",) if is_open else ()))

    def set_extension(self, number: str, **settings: str) -> None:
        """Change what happens to calls to a person; ``rules__0__when`` is ``rules.0.when``."""
        self._pbx("extension", "set", number, *_pairs(settings))

    def add_calendar(self, name: str, file: Path) -> None:
        """Upload holidays."""
        self._pbx("calendar", "put", name, str(file))

    def throw_switch(self, number: str, position: str, *, span: str | None = None) -> None:
        """Force an element open or closed, for a time when ``span`` is given (``2s``)."""
        self._pbx("switch", "set", number, position, *(("--for", span) if span else ()))

    def clear_switch(self, number: str) -> None:
        """Leave an element to itself again."""
        self._pbx("switch", "clear", number)

    def change(self, noun: str, name: str, **options: Option) -> None:
        """Change a trunk, device or rule: ``max_channels="2"``, ``hides_number=True``."""
        self._pbx(noun, "set", name, *_options(options))

    def set_tenant(self, **options: Option) -> None:
        """Change what holds for the whole customer."""
        self.exchange.pbx_now("tenant", "set", self.name, *_options(options))

    def add_rule(self, name: str, mask: str, *, pin: str = "", **options: Option) -> None:
        """Add an outbound rule, behind all others; ``trunk=["moscow", "spb"], only="102;103"``."""
        typed = ("--pin-stdin",) if pin else ()
        self._pbx(
            *("rule", "create", name, "--mask", mask, *_options(options), *typed), typed=f"{pin}\n"
        )

    def move_rule(self, name: str, **whereto: Option) -> None:
        """Move an outbound rule: ``up=True``, ``down=True`` or ``to="1"``."""
        self._pbx("rule", "move", name, *(_options(whereto)))

    async def explain(self, number: str, **who: Option) -> bytes:
        """What ``pbx rule explain`` says of a number."""
        return await asyncio.to_thread(self._pbx, "rule", "explain", number, *_options(who))

    def add_location(self, name: str, **options: Option) -> None:
        """Add a place where phones stand."""
        self._pbx("location", "create", name, *_options(options))

    def set_emergency_address(self, number: str, **address: Option) -> None:
        """Put an address on record with a number of ours."""
        self._pbx("emergency", "address", "set", number, *_options(address))

    def feature_codes(self) -> dict[str, str]:
        """What phones can dial besides numbers: the code of each feature."""
        shown = self.exchange.pbx_now("tenant", "show", self.name)
        return {one.name: one.code for one in msgspec.json.decode(shown, type=_Codes).feature_codes}

    async def events(self) -> list[SeenEvent]:
        """What the administrators of this tenant have to hear of, oldest first."""
        said = await self.exchange.pbx("tenant", "events", self.name)
        return sorted(msgspec.json.decode(said, type=list[SeenEvent]), key=lambda one: one.at)

    async def story(self, call_id: str) -> Story:
        """One call as ``pbx calls explain`` tells it."""
        said = await asyncio.to_thread(self._pbx, "calls", "explain", call_id)
        return msgspec.json.decode(said, type=Story)

    def add_element(self, kind: str, number: str, **settings: str) -> None:
        """Create an element; ``keys__1="100"`` stands for ``--set keys.1=100``."""
        self._pbx("element", "create", kind, number, *_pairs(settings))

    def set_pin(self, box: str, pin: str) -> None:
        """Give a mailbox a PIN."""
        self._pbx("voicemail", "pin", box, typed=f"{pin}\n")

    def set_switch_pin(self, number: str, pin: str) -> None:
        """Give a number that throws a switch a PIN."""
        self._pbx("switch", "pin", number, typed=f"{pin}\n")

    def remove_message(self, message_id: str) -> None:
        """Throw a message away."""
        self._pbx("voicemail", "delete", message_id, "--yes")

    def remove(self, noun: str, name: str) -> None:
        """Remove what was set up."""
        self._pbx(noun, "remove", name, "--yes")

    def wait_until_in_effect(self) -> None:
        """Wait until the next call goes by what has been set up; promised within half a second."""
        shown = msgspec.json.decode(
            self.exchange.pbx_now("tenant", "show", self.name), type=_Revision
        )
        self.exchange.wait_for_plan(self.name, shown.revision)

    async def calls(self) -> list[CallRecord]:
        """All calls of this tenant, oldest first."""
        said = await asyncio.to_thread(self._pbx, "calls", "list", "--limit", str(MOST_CALLS))
        records = msgspec.json.decode(said, type=list[CallRecord])
        return sorted(records, key=lambda record: record.started_at)

    async def devices(self) -> dict[str, SeenDevice]:
        """The phones of this tenant by name, and where they are."""
        said = await asyncio.to_thread(self._pbx, "device", "list")
        return {one.name: one for one in msgspec.json.decode(said, type=list[SeenDevice])}

    async def trunk(self, name: str) -> SeenTrunk:
        """How a trunk stands."""
        said = await asyncio.to_thread(self._pbx, "trunk", "list")
        (found,) = [
            one for one in msgspec.json.decode(said, type=list[SeenTrunk]) if one.name == name
        ]
        return found

    async def messages(self, box: str) -> list[SeenMessage]:
        """What lies in a mailbox."""
        said = await asyncio.to_thread(self._pbx, "voicemail", "list", "--box", box)
        return msgspec.json.decode(said, type=list[SeenMessage])

    def new_calls(self) -> "NewCalls[Running]":
        """Begin to watch the call list; calls that began before are not looked at."""
        now = datetime.now(UTC)
        return NewCalls(self, now.replace(microsecond=now.microsecond // 1000 * 1000))

    def _pbx(self, *arguments: str, typed: str | None = None) -> bytes:
        return self.exchange.pbx_now(*arguments, "--tenant", self.name, typed=typed)


@dataclass(frozen=True, slots=True)
class NewCalls(Generic[Running]):
    """The calls that a tenant has had since a moment."""

    tenant: Tenant[Running]
    since: datetime

    async def so_far(self) -> list[CallRecord]:
        """The calls since that moment, oldest first."""
        return [call for call in await self.tenant.calls() if call.started_at >= self.since]

    async def ended(self, count: int, within_s: float = COMES_S) -> list[CallRecord]:
        """Wait until there are so many more calls and all are over, oldest first."""
        found: list[CallRecord] = []

        async def are_there() -> list[CallRecord] | None:
            found[:] = await self.so_far()
            over = all(record.ended_at for record in found)
            return list(found) if over and len(found) >= count else None

        records = await until_told(
            are_there, within_s=within_s, saying=lambda: f"{count} ended calls: {found}"
        )
        assert len(records) == count, f"{count} calls, but the list has {records}"
        return records

    async def one(self) -> CallRecord:
        """Wait for the end of the only call."""
        return (await self.ended(1))[0]


def _pairs(settings: dict[str, str]) -> list[str]:
    return [f"--set={key.replace('__', '.')}={value}" for key, value in settings.items()]


def _options(options: dict[str, Option]) -> list[str]:
    """``trunk=["a", "b"]`` as ``--trunk a --trunk b``, ``default=False`` as ``--no-default``."""
    parts: list[str] = []
    for name, value in options.items():
        if isinstance(value, bool):
            parts.append(_flag(name if value else f"no_{name}"))
            continue
        for one in [value] if isinstance(value, str) else value:
            parts += [_flag(name), one]
    return parts


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


async def demo_tenant(exchange: Exchange) -> Tenant:
    """The demo tenant that ``pbx run`` makes on its first use, as a person is shown it."""
    shown = [
        msgspec.json.decode(
            await exchange.pbx("device", "show", name, "--setup", "--tenant", "demo"), type=Setup
        )
        for name in ("100", "101")
    ]
    passwords = {setup.login: setup.password for setup in shown}
    return Tenant(exchange, "demo", shown[0].domain, passwords)
