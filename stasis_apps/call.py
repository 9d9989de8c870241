"""What an element may see of a call and do to it: the vocabulary of a telephonist.

Not here: how it is done on real channels (see live_call).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NewType, NoReturn, Protocol

from stasis_apps.call_mailboxes import Mailboxes
from stasis_apps.call_webhooks import Webhooks
from stasis_apps.decisions.digits import DigitClocks
from stasis_apps.decisions.ending import CallEnd, Reason
from stasis_apps.decisions.forwarding import ForwardRule
from stasis_apps.decisions.hangup_cause import LegOutcome
from stasis_apps.decisions.outbound import Purpose

Exit = NewType("Exit", str)
"""A way out of an element, by its fixed name or the key that was pressed."""

Target = NewType("Target", str)
"""Where an exit leads: an internal number, an outside number, or ``NOWHERE``."""

SoundName = NewType("SoundName", str)
"""What a caller can be played.

A prompt of the tenant by its name (``welcome``), one that ships with Asterisk (``asterisk:beep``),
a number spoken in the tenant's language (``number:12``), digits one by one (``digits:5120``), how
many new and old messages there are (``messages:2+1``), or a voicemail message by its id
(``message:1f2e3d``).
"""

Endpoint = NewType("Endpoint", str)
"""A device as Asterisk knows it: ``100@acme.test``."""

NOWHERE = Target("")
"""Nothing is set: a call that is led here ends with the comment "no route set"."""

FAILED = Exit("failed")
"""The exit that every element has, taken when the element could not do its work."""


class HowCame(StrEnum):
    """How a call reached an element; personal rules run for ``direct`` alone (A8.4)."""

    DIRECT = "direct"
    GROUP = "group"
    QUEUE = "queue"
    FORWARD = "forward"
    CALLBACK = "callback"


class WayIn(StrEnum):
    """By which door a call came into the exchange."""

    PHONE = "phone"
    TRUNK = "trunk"
    DIRECT_SIP = "direct_sip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls, as Asterisk authenticated them.

    Attributes:
        number: Their extension number, or an outside number as the carrier sent it; empty when
            they hide it.
        name: What phones show beside the number; may be empty.
        device: The device they call from; empty for calls from outside.
    """

    number: str
    name: str
    device: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFacts:
    """What is known of a call from its first moment on, and never changes.

    Attributes:
        call_id: The call.
        caller: Who calls.
        dialled: What they dialled; for a call from outside, the outside number that they called.
        way_in: By which door they came.
        trunk: The name of the trunk they came through, or empty.
        hides_number: Whether the called are to see no number, as the caller asked with a prefix or
            their phone is set.
    """

    call_id: str
    caller: Caller
    dialled: str
    way_in: WayIn = WayIn.PHONE
    trunk: str = ""
    hides_number: bool = False


@dataclass(frozen=True, slots=True)
class GoTo:
    """Follow a target that is no exit: a number that the caller, a rule or a server named.

    Attributes:
        target: Where to.
        reason: Why, for the journal.
        how: How the call comes to the next element.
        by_caller: Whether it may have been the caller who named it.
    """

    target: Target
    reason: str
    how: HowCame = HowCame.DIRECT
    by_caller: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A user of the tenant as others see them, who ring them or look after their calls.

    Attributes:
        number: The extension number.
        name: What phones show.
        phones: Their devices.
        ring_s: How long their phones ring.
        rules: Their personal rules, in order.
        rules_via: The ways in, besides ``direct``, for which their rules run too.
        is_on_dnd: Whether they do not want to be disturbed.
        has_mailbox: Whether voicemail is their last resort.
        max_lines: Calls they take at once; a further one finds them busy.
    """

    number: str
    name: str
    phones: tuple[Endpoint, ...] = ()
    ring_s: float = 20.0
    rules: tuple[ForwardRule, ...] = ()
    rules_via: frozenset[HowCame] = frozenset()
    is_on_dnd: bool = False
    has_mailbox: bool = False
    max_lines: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """One who is to be rung: a person with all their phones, or an outside number.

    Attributes:
        number: Who it is: the extension, or the outside number that is dialled through a trunk.
        phones: Their devices; empty for an outside number.
        after_s: Seconds to wait before their phones ring, at most: they ring at once when nobody
            else rings any more.
        ring_s: How long they ring; None for as long as the others.
        must_confirm: Whether who picks up has to press a key to take the call, so that a mobile's
            own voicemail does not swallow it.
        otherwise: Who is rung in their place when this became of them; the answer of the one who
            was rung last counts as theirs.
        acting: For an outside number: the user or element for whom it is dialled; empty for nobody.
        purpose: For an outside number: why it is dialled.
        is_emergency: Whether help is called: no rule, limit or state stands in its way.
        pin_given_for: The outbound rule whose PIN the caller has given, by name; empty for none.
        is_dialling: For an outside number: whether the caller dials it on a phone of the tenant;
            only then may a rule make an emergency number of it.
        hides_number: Whether they are to see no number, besides what the facts of the call say.
    """

    number: str
    phones: tuple[Endpoint, ...] = ()
    after_s: float = 0.0
    ring_s: float | None = None
    must_confirm: bool = False
    otherwise: Mapping[LegOutcome, Party] = field(default_factory=dict)
    acting: str = ""
    purpose: Purpose = Purpose.LED
    is_emergency: bool = False
    pin_given_for: str = ""
    is_dialling: bool = False
    hides_number: bool = False

    @property
    def is_outside(self) -> bool:
        """Whether it is reached through a trunk."""
        return not self.phones


@dataclass(frozen=True, slots=True)
class Answered:
    """Somebody picked up; the leg waits to be talked to.

    Attributes:
        leg_id: Their channel.
        endpoint: The device, or the outside number, that answered.
        number: The party it belongs to.
    """

    leg_id: str
    endpoint: Endpoint
    number: str = ""


@dataclass(frozen=True, slots=True)
class NotAnswered:
    """Nobody picked up.

    Attributes:
        outcome: One answer for all.
        outcomes: What became of each party, in the order in which they were given.
    """

    outcome: LegOutcome
    outcomes: tuple[LegOutcome, ...] = ()


DialResult = Answered | NotAnswered


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """Whether and how an outside number would leave, before it is dialled.

    Attributes:
        refused: Why it may not leave; None when it may.
        rule: The outbound rule that says so, by name; empty when none fired.
        asks_pin: Whether the caller has to give the rule's PIN first.
    """

    refused: LegOutcome | None = None
    rule: str = ""
    asks_pin: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Holiday:
    """Days of a calendar, from the first to the last, both included."""

    first: date
    last: date
    name: str


class Position(StrEnum):
    """Which way a switch stands."""

    OPEN = "open"
    CLOSED = "closed"


class CallEnded(Exception):
    """The call is over: the caller has gone, the talk has ended, or the plan hung up."""

    def __init__(self, end: CallEnd) -> None:
        super().__init__(end.reason.value)
        self.end = end


class SoundUnplayable(Exception):
    """Asterisk could not play a prompt; the element leaves by ``failed``."""


class Call(Protocol):
    """One caller's experience. Every verb raises `CallEnded` when the caller has gone."""

    @property
    def facts(self) -> CallFacts:
        """Who calls and what they dialled."""

    @property
    def how(self) -> HowCame:
        """How the call came to the element that runs."""

    @property
    def number(self) -> str:
        """The number of the element that runs."""

    @property
    def mailboxes(self) -> Mailboxes:
        """The voicemail of this tenant."""

    @property
    def webhooks(self) -> Webhooks:
        """The servers of this tenant."""

    def now(self) -> datetime:
        """The present moment in the tenant's time zone; an element's only clock."""

    def caller_numbers(self) -> tuple[str, ...]:
        """The caller's number in all the ways to write it; none when it is hidden.

        As it came, then E.164 with and without its plus, then as it is dialled at home.
        """

    def extensions(self) -> Sequence[str]:
        """The numbers of all users of this tenant."""

    def person(self, number: str) -> Person | None:
        """The user with this extension number, or None."""

    def turn(self) -> int:
        """How many calls came to the element that runs before this one, since the process began."""

    def lines_in_use(self, number: str) -> int:
        """On how many calls the user is at this moment, this call not counted.

        A call that still rings at their phones is one.
        """

    def is_on_a_call(self, number: str) -> bool:
        """Whether the user has answered or places another call; one that only rings is none."""

    def calendar(self, name: str) -> Sequence[Holiday]:
        """The days of a calendar of this tenant, by their order; none when there is no such."""

    def position(self, number: str) -> Position | None:
        """Which way the switch at an element is forced at this moment, or None."""

    def position_in_effect(self, number: str) -> Position:
        """Which way calls go at an element now: as it is forced, or by its own hours or setting."""

    def note(self, reason: str) -> None:
        """Write into the journal why the element decides as it does."""

    def show_caller_as(self, name: str) -> None:
        """From now on, the phones that are rung show this name beside the caller's number."""

    @property
    def caller_name(self) -> str:
        """The name that phones which are rung now would show."""

    async def set_position(
        self, number: str, position: Position | None, *, until_at: datetime | None = None
    ) -> None:
        """Throw the switch at an element for all calls that come; None leaves it to the plan.

        Args:
            number: The element.
            position: Which way.
            until_at: When it falls back by itself; never when None.
        """

    async def answer(self) -> None:
        """Pick up. Does nothing when the call was picked up before."""

    async def play(self, *sounds: SoundName) -> None:
        """Let the caller hear prompts, one after the other, to their end.

        Raises:
            SoundUnplayable: Asterisk could not play one.
        """

    async def ask(
        self,
        *sounds: SoundName,
        wants_more: Callable[[str], bool],
        clocks: DigitClocks,
        barge_in: bool,
    ) -> str:
        """Play prompts and collect keys; empty when the caller pressed none.

        Keys pressed earlier in the call and not yet used count first. With ``barge_in`` the first
        key stops the prompts; without, keys are kept until they have ended.

        Args:
            *sounds: The prompts; without any, keys are awaited in silence.
            wants_more: Whether another key could still matter after those pressed so far.
            clocks: How long to wait for keys.
            barge_in: Whether a key interrupts the prompts.
        """

    def leave(self, party: Party) -> Leave:
        """How this outside party would leave, by the rules; nothing is dialled or counted."""

    async def last_dialled(self) -> str:
        """What the caller's phone dialled before this call, as it sent it; empty for nothing."""

    async def is_pin_of_rule(self, rule: str, pin: str) -> bool:
        """Whether this is the PIN of an outbound rule; takes the same time for right and wrong."""

    async def dial(self, parties: Sequence[Party], *, ring_s: float) -> DialResult:
        """Ring these parties; the first to answer wins, the others stop ringing.

        The caller hears ringback, or the callee's early media when only one device is rung.
        Phones that ring in vain are told why they stop: "answered elsewhere" is no missed call.

        Args:
            parties: Who, and when each of them rings.
            ring_s: After how long it counts as not answered.
        """

    async def wait(self, wait_s: float) -> None:
        """Let the caller hear ringback for so long, while nobody rings."""

    async def talk(self, answered: Answered) -> NoReturn:
        """Connect the caller with the leg that answered, until one of them hangs up."""

    async def hang_up(self, reason: Reason, *, cause: int | None = None) -> NoReturn:
        """End the call for this reason; ``cause`` (Q.850) overrides what the phone is told."""
