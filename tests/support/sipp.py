"""SIPp in tests: many phones at once, odd answers, races; the scenarios are in telephone/scenarios.

A scenario is a template: what may differ between tests is a field of ``Callee`` or ``Caller``.
"""

import asyncio
import csv
import re
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tests.support.account import Account
from tests.support.exchange import Exchange
from tests.support.ports import is_held, small_block
from tests.support.sip_station import Place
from tests.support.sip_text import SipMessage, parse_message
from tests.support.waiting import COMES_S, until

SCENARIOS = Path(__file__).parents[1] / "telephone" / "scenarios"
OVERTAKEN = re.compile(
    r"Aborting call on unexpected [^']*'([^']+)': "
    r"while (?:sending \(|pausing [^,]*, received 'ACK )"
)
"""Two messages crossed, and SIPp read the second one before it had answered the first.

SIPp reads whole batches from its socket and knows no message that comes while it is to send: the
ACK of a refusal that crossed a CANCEL, the 200 for a BYE that crossed another BYE. Nor does it know
an ACK that a BYE has overtaken: the call is over for it, and it pauses for what may come again.
"""
TRACE_HEAD = re.compile(r"^-{20,} .*\n(?:UDP|TCP) message (sent|received).*$", re.MULTILINE)

LONGEST_S = 100.0
"""How long the calls of a test may take together."""

Span = tuple[int, int]
"""From and to, in milliseconds; SIPp draws a number between them for every call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """A phone that registers, or with 0 s takes its registration back."""

    scenario = "register.xml"
    expires_s: int = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Callee:
    """A phone that is called.

    Attributes:
        ring_ms: how long it rings before it answers or refuses.
        refuse_chance: 0 answers always, 1 refuses always.
        refuse_status: how it refuses.
        rings: it tells that it rings; without, its answer is the first that is heard of it.
        early_media: it opens the line for sound before the answer (183 instead of 180); the sound
            itself is sent by ``speak`` from the phone's ``speech_port``.
        hangs_up_after_ms: when it hangs up by itself; without it, it waits for the caller.
    """

    scenario = "callee.xml"
    ring_ms: Span = (0, 1)
    refuse_chance: float = 0.0
    refuse_status: str = "486 Busy Here"
    rings: bool = True
    early_media: bool = False
    hangs_up_after_ms: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A phone that calls.

    Attributes:
        cancels_after_ms: it hangs up while it rings, so long after the first ring.
        keys: pressed one by one once the call is answered.
        thinks_ms: pause before each key.
        leaves_chance: how probable it is that the caller hangs up instead of pressing the key.
        talks_ms: how long the call goes on after the last key.
    """

    scenario = "caller.xml"
    cancels_after_ms: Span | None = None
    keys: str = ""
    thinks_ms: Span = (0, 1)
    leaves_chance: float = 0.0
    talks_ms: Span = (0, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialler:
    """A phone that dials one number of a list after the other, and takes every answer as it comes.

    Attributes:
        talks_ms: for how long it holds the line where somebody answers.
    """

    scenario = "dialler.xml"
    talks_ms: Span = (0, 1)


Role = Register | Callee | Caller | Dialler


@dataclass(frozen=True, slots=True)
class Score:
    """How SIPp judged its calls; one in which messages crossed before its eyes is in neither."""

    successful: int
    failed: int


class Sipp:
    """One SIPp process: registers first when it is a phone that is called, then plays its part.

    Args:
        account: whose phone it is.
        role: what it does.
        number: what a caller dials.
        numbers: what a dialler dials, one after the other; it stops at the end of the list.
        calls: how many calls in all; 0 for a callee that stays until the test ends.
        rate: new calls per second.
        place: where it is, when it is a carrier, which registers nowhere.
    """

    def __init__(
        self,
        account: Account,
        role: Callee | Caller | Dialler,
        *,
        number: str = "",
        numbers: Sequence[str] = (),
        calls: int = 0,
        rate: float = 10,
        place: Place | None = None,
    ) -> None:
        self._account = account
        self._role = role
        self._number = number
        self._numbers = numbers
        self._calls = calls or len(numbers)
        self._rate = rate
        self._place = place
        self._stack = ExitStack()

    async def __aenter__(self) -> Self:
        """Start it; a callee is registered when this returns."""
        self._folder = Path(self._stack.enter_context(TemporaryDirectory(prefix="pbx-sipp-")))
        self._ports = self._stack.enter_context(small_block())
        self._host, self._sip = "127.0.0.1", self._ports.one()
        if self._place is not None:
            self._host, self._sip = self._place.host, self._place.port
        self._control = self._ports.one()
        self.speech_port = self._ports.one()
        self._media_port = self._ports.rest()[0]
        try:
            if self._is_registered:
                await self._register(Register())
            self._process = await self._spawn(self._role, self._calls)
            await until(self._is_listening, saying="SIPp listens")
        except BaseException:
            self._stack.close()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End it by its id; SIPp may outlive its own limits when calls are stuck."""
        with self._stack:
            if error is not None and not isinstance(error, asyncio.CancelledError):
                error.add_note(self.story())
            if self._process.returncode is None:
                self._process.kill()
            await self._process.wait()
            if self._is_registered:
                await self._register(Register(expires_s=0))

    async def finished(self, within_s: float = LONGEST_S) -> Score:
        """Wait until all calls are over, and say how they went."""
        try:
            await asyncio.wait_for(self._process.wait(), within_s)
        except TimeoutError:
            raise AssertionError(f"SIPp still has calls after {within_s} s") from None
        return self.score()

    def score(self) -> Score:
        """How the calls went until now (SIPp writes this every second)."""
        with (self._folder / "statistics.csv").open(newline="") as file:
            rows = list(csv.DictReader(file, delimiter=";"))
        last = rows[-1]
        failed = int(last["FailedCall(C)"])
        return Score(int(last["SuccessfulCall(C)"]), failed - min(failed, self._overtaken()))

    def _overtaken(self) -> int:
        """How many calls SIPp gave up because messages that may cross did."""
        path = self._folder / "errors.log"
        complaints = path.read_text(errors="replace") if path.exists() else ""
        return len(set(OVERTAKEN.findall(complaints)))

    def messages(self, start: str = "", *, sent: bool | None = None) -> list[SipMessage]:
        """The SIP messages whose first line begins so; sent, received or both."""
        path = self._folder / "messages.log"
        text = path.read_text(errors="replace") if path.exists() else ""
        heads = list(TRACE_HEAD.finditer(text))
        ends = [*(head.start() for head in heads[1:]), len(text)][: len(heads)]
        every = (
            parse_message(text[head.end() : end], sent=head.group(1) == "sent")
            for head, end in zip(heads, ends, strict=True)
        )
        return [
            message
            for message in every
            if message.first_line.startswith(start) and sent in (None, message.sent)
        ]

    def statuses(self) -> Counter[str]:
        """What the exchange finally said to the calls of a dialler: how often 403, 503, 200."""
        return Counter(
            message.first_line.split()[1]
            for message in self.messages("SIP/2.0", sent=False)
            if message.header("CSeq") == "2 INVITE"
            and not message.first_line.startswith("SIP/2.0 1")
        )

    def invites(self) -> list[SipMessage]:
        """How each call came in to a carrier, in their order; what was said again is left out."""
        came: dict[str, SipMessage] = {}
        for invite in self.messages("INVITE", sent=False):
            came.setdefault(invite.header("Call-ID"), invite)
        return list(came.values())

    def calls_at_once(self) -> list[int]:
        """How many calls a carrier had when each of its calls had come in, this one included."""
        up: set[str] = set()
        counts: list[int] = []
        for message in self.messages():
            call, line = message.header("Call-ID"), message.first_line
            if not message.sent and line.startswith("INVITE") and call not in up:
                up.add(call)
                counts.append(len(up))
            elif _ends_call(message):
                up.discard(call)
        return counts

    async def received(self, start: str) -> SipMessage:
        """Wait for a message of the exchange whose first line begins so."""
        return await until(
            lambda: next(iter(self.messages(start, sent=False)), None),
            saying=lambda: f"{start} comes:\n{self.story()}",
        )

    def story(self) -> str:
        """Tell what SIPp complained about, for the reader of a failed test."""
        path = self._folder / "errors.log"
        complaints = path.read_text(errors="replace")[:4000] if path.exists() else "nothing"
        talk = [
            f"  {'->' if message.sent else '<-'} {message.first_line}"
            for message in self.messages()[-40:]
        ]
        return "\n".join([f"SIPp {self._account.address} complains: {complaints}", *talk])

    def _is_listening(self) -> bool:
        assert self._process.returncode is None, f"SIPp gave up:\n{self.story()}"
        return is_held(self._sip, self._host)

    @property
    def _is_registered(self) -> bool:
        return self._place is None and isinstance(self._role, Callee)

    async def _register(self, registration: Register) -> None:
        process = await self._spawn(registration, 1)
        status = await asyncio.wait_for(process.wait(), COMES_S)
        assert status == 0, f"SIPp could not register:\n{self.story()}"

    async def _spawn(self, role: Role, calls: int) -> asyncio.subprocess.Process:
        account = self._account
        script = write_scenario(self._folder, role, speech_port=self.speech_port)
        calling = [] if isinstance(role, Callee) else [f"{account.host}:{account.port}"]
        calling += ["-s", self._number] if isinstance(role, Caller) else []
        calling += ["-inf", str(self._list_of_numbers())] if isinstance(role, Dialler) else []
        return await asyncio.create_subprocess_exec(
            "sipp",
            *calling,
            *("-sf", str(script), "-nostdin", "-aa", "-timeout_error", "-timeout", "200"),
            *("-i", self._host, "-p", str(self._sip), "-cp", str(self._control)),
            *("-mi", self._host, "-mp", str(self._media_port)),
            *("-t", "t1" if account.transport == "tcp" else "u1"),
            *("-au", account.user, "-ap", account.password),
            *("-key", "user", account.user, "-key", "domain", account.domain),
            *("-r", str(self._rate), *(["-m", str(calls)] if calls else [])),
            *("-trace_msg", "-message_file", str(self._folder / "messages.log")),
            *("-trace_err", "-error_file", str(self._folder / "errors.log")),
            *("-trace_stat", "-stf", str(self._folder / "statistics.csv"), "-fd", "1"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=self._folder,
        )

    def _list_of_numbers(self) -> Path:
        path = self._folder / "numbers.csv"
        path.write_text(
            "\n".join(["SEQUENTIAL", *(f"{number};" for number in self._numbers)]) + "\n"
        )
        return path


def write_scenario(folder: Path, role: Role, *, speech_port: int = 0) -> Path:
    """Write down for SIPp what a phone does; it sends early sound from ``speech_port``."""
    templates = Environment(
        loader=FileSystemLoader(SCENARIOS),
        undefined=StrictUndefined,
        trim_blocks=True,
        autoescape=False,  # noqa: S701 - SIP messages, not web pages
    )
    text = templates.get_template(role.scenario).render(asdict(role), speech_port=speech_port)
    path = folder / role.scenario
    path.write_text('<?xml version="1.0" encoding="ISO-8859-1" ?>\n' + text.lstrip())
    return path


def carrier_by_sipp(place: Place, exchange: Exchange, role: Callee | None = None) -> Sipp:
    """A carrier that takes as many calls as come, each in the same way."""
    account = Account(
        user="carrier", password="", domain=place.host, host=exchange.host, port=exchange.sip_port
    )
    return Sipp(account, role or Callee(), place=place)


def _ends_call(message: SipMessage) -> bool:
    """Whether a carrier is rid of a call by this message: hung up, taken back or refused."""
    if not message.first_line.startswith("SIP/2.0"):
        return message.first_line.startswith(("BYE", "CANCEL"))
    is_refusal = message.first_line.startswith(("SIP/2.0 4", "SIP/2.0 5", "SIP/2.0 6"))
    return message.sent and is_refusal and message.header("CSeq").endswith("INVITE")
