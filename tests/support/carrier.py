"""A carrier for tests: has an address of its own, keeps registrations, calls in, takes calls.

What it does with a call that we send it is the test's own doing: ring, answer, refuse, press keys.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from types import TracebackType
from typing import Self

from tests.support import sound
from tests.support.exchange import Exchange
from tests.support.ports import small_block
from tests.support.raw_sip import CHALLENGE, proof_of
from tests.support.sip_call import Dialling, SipCall
from tests.support.sip_station import Place, SipStation
from tests.support.sip_text import SipMessage
from tests.support.waiting import COMES_S, until

REALM = "carrier.test"
NONCE = "5e7f0c1d"
EXPIRES_S = 60

MOBILE = "79161234567"

_last_parts = cycle(range(1, 255))


@contextmanager
def carrier_place() -> Iterator[Place]:
    """An address that no carrier has had: we tell carriers apart by it (127.0.0.0/8 is ours).

    The port belongs to this test run alone while the carrier is there, and the last part of the
    address changes with every carrier of it: trunks outlive the tests that made them.
    """
    with small_block() as block:
        port = block.one()
        yield Place(f"127.{port // 256}.{port % 256}.{next(_last_parts)}", port)


@dataclass(slots=True)
class Registrar:
    """Keeps registrations of customers, or refuses them.

    Attributes:
        passwords: by user name.
        refuses: a status such as ``403 Forbidden`` for every registration; empty to be sensible.
        retry_after_s: after how long whoever was refused shall try again; 0 says nothing of it.
        expires_s: for how long a registration holds.
        contacts: where each registered customer can be reached.
        attempts: how many REGISTER requests have come.
    """

    passwords: dict[str, str] = field(default_factory=dict)
    refuses: str = ""
    retry_after_s: int = 0
    expires_s: int = EXPIRES_S
    contacts: dict[str, str] = field(default_factory=dict)
    attempts: int = 0

    def judge(self, request: SipMessage) -> tuple[str, tuple[str, ...]]:
        """The status for a REGISTER, and its headers."""
        self.attempts += 1
        if self.refuses:
            again = (f"Retry-After: {self.retry_after_s}",) if self.retry_after_s else ()
            return self.refuses, again
        user = self._who(request)
        if not user:
            return "401 Unauthorized", (f"WWW-Authenticate: {challenge()}",)
        contact = request.header("Contact")
        if "expires=0" in contact or request.header("Expires") == "0":
            self.contacts.pop(user, None)
            return "200 OK", ()
        self.contacts[user] = contact.partition("<")[2].partition(">")[0]
        return "200 OK", (f"Contact: <{self.contacts[user]}>;expires={self.expires_s}",)

    def _who(self, request: SipMessage) -> str:
        """The user whose password was proved, or empty."""
        parts = dict(CHALLENGE.findall(request.header("Authorization")))
        user = parts.get("username", "")
        if user not in self.passwords:
            return ""
        method, target = request.first_line.split()[:2]
        expected = proof_of(user, self.passwords[user], method, target, parts)
        return user if parts.get("response") == expected else ""


class Carrier:
    """A carrier at its address.

    Args:
        place: where it is.
        exchange: to which it sends calls.
        plays: what is heard from the people behind it.
    """

    def __init__(
        self, place: Place, exchange: Exchange, *, plays: sound.Sound | None = sound.CLARA
    ) -> None:
        self.place = place
        self._exchange = Place(exchange.host, exchange.sip_port)
        self.registrar = Registrar()
        self._station = SipStation(f"carrier {place}", place, self._exchange, plays)
        self._station.on_other = {"REGISTER": self._register}
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Begin to work."""
        await self._open.enter_async_context(self._station.listening())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Go out of business."""
        await self._open.__aexit__(kind, error, trace)

    @asynccontextmanager
    async def away(self) -> AsyncIterator[None]:
        """Be unreachable while the block runs, as with a cut cable."""
        self._station.is_deaf = True
        try:
            yield
        finally:
            self._station.is_deaf = False

    def call(
        self,
        number: str,
        *,
        caller: str = MOBILE,
        name: str = "",
        uri: str = "",
        to: str = "",
        headers: tuple[str, ...] = (),
        domain: str = "",
    ) -> SipCall:
        """Somebody outside calls one of our numbers.

        Args:
            number: what they dialled, in the request URI.
            caller: the user part of From; ``anonymous`` hides it.
            name: the display name of From.
            uri: the request URI, when the carrier does not name the number there.
            to: the To header, when it differs from the request URI.
            headers: further header lines, ``P-Asserted-Identity`` for example.
            domain: the domain of From; when empty, the carrier's or ``anonymous.invalid``.
        """
        domain = domain or ("anonymous.invalid" if caller == "anonymous" else self.place.host)
        shown = f'"{name}" ' if name else ""
        address = f"sip:{caller}@{domain}" if caller else f"sip:{domain}"
        return self._station.dial(
            Dialling(
                uri=uri or f"sip:{number}@{self._exchange}",
                from_=f"{shown}<{address}>",
                to=to,
                headers=headers,
            )
        )

    async def rings(self, within_s: float = COMES_S) -> SipCall:
        """Wait for the next call that the exchange sends out through us."""
        return await self._station.rings(within_s)

    @property
    def times_rung(self) -> int:
        """How many calls have come to us."""
        return self._station.times_rung

    async def is_called_in_vain(self, times: int) -> None:
        """Wait until so many calls in all have come while we were away."""

        def have_come() -> bool:
            calls = (one for one in self._station.unheard if one.first_line.startswith("INVITE"))
            return len({one.header("Call-ID") for one in calls}) >= times

        await until(have_come, saying=f"{times} calls to a carrier that is away")

    async def has_registration(self, user: str, within_s: float = COMES_S) -> str:
        """Wait until this customer is registered; give where they can be reached."""
        return await until(
            lambda: self.registrar.contacts.get(user),
            within_s=within_s,
            saying=lambda: f"{user} registers:\n{self._station.story()}",
        )

    async def has_signed_off(self, user: str, within_s: float = COMES_S) -> None:
        """Wait until this customer has taken their registration back."""
        await until(
            lambda: user not in self.registrar.contacts,
            within_s=within_s,
            saying=lambda: f"{user} signs off:\n{self.story()}",
        )

    async def has_refused(self, times: int = 1, within_s: float = COMES_S) -> None:
        """Wait until so many registrations have come in all."""
        await until(
            lambda: self.registrar.attempts >= times,
            within_s=within_s,
            saying=lambda: f"{times} attempts to register:\n{self._station.story()}",
        )

    def story(self) -> str:
        """Tell what was said, for the reader of a failed test."""
        return self._station.story()

    def _register(self, request: SipMessage) -> None:
        status, headers = self.registrar.judge(request)
        self._station.reply(request, status, *headers, tag="registrar")


def challenge() -> str:
    """What a carrier asks before it believes who somebody is."""
    return f'Digest realm="{REALM}", nonce="{NONCE}", algorithm=MD5, qop="auth"'
