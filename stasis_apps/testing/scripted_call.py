"""ScriptedCall: a caller who follows a script; see `stasis_apps.testing`."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NoReturn

from stasis_apps.call import (
    Answered,
    CallEnded,
    CallFacts,
    DialResult,
    Endpoint,
    Holiday,
    HowCame,
    NotAnswered,
    Party,
    Person,
    Position,
    SoundName,
    SoundUnplayable,
)
from stasis_apps.call_mailboxes import Mailboxes
from stasis_apps.call_webhooks import Webhooks
from stasis_apps.decisions.digits import DigitClocks
from stasis_apps.decisions.ending import (
    NORMAL_CLEARING,
    CallEnd,
    EndedBy,
    Reason,
    ended_by_caller,
    ended_by_plan,
)
from stasis_apps.decisions.hangup_cause import LegOutcome, outcome_of_all
from stasis_apps.testing.calls_out import CallsOut, LeavesByScript
from stasis_apps.testing.mailboxes import ScriptedMailboxes
from stasis_apps.testing.script import (
    A_MONDAY_MORNING,
    MOST_VERBS,
    Asking,
    HangsUpAt,
    PhoneScript,
    Rang,
    Verb,
    a_call_of_alice,
    ringing_s,
    what_becomes_of,
)
from stasis_apps.testing.webhooks import ScriptedWebhooks


class ScriptedCall(LeavesByScript):
    """A call whose caller follows a script; see `stasis_apps.call.Call` for its verbs.

    Attributes:
        heard: Every prompt the caller heard, in order; a prompt that was skipped because keys
            had been typed ahead is not among them.
        asked: Each time the caller was asked for keys.
        rang: Each time phones were rung.
        wanted_out: Each outside number that was asked about before it was dialled.
        waited_s: How long the caller waited, each time nobody rang.
        verbs: What was asked of the call, in order.
        notes: What the element wrote into the journal.
        is_answered: Whether the caller's phone was picked up for.
        talked_to: The device or outside number the caller was connected with, or None.
        positions: How each switch is forced, by the number of its element.
        thrown_until_at: When the switch that was thrown last falls back; None for never.
        end: How the call ended, or None while it has not.

    The script:

    Args:
        presses: The keys pressed each time the caller is asked, ``""`` for silence; one who
            is asked more often stays silent. Keys that are not used count the next time.
        phones: What each device, or outside number, does when it rings; others are not
            registered.
        hangs_up_at: When the caller hangs up; never when None.
        unplayable: Prompts that Asterisk cannot play.
        extensions: The numbers of the tenant's users, besides ``people``.
        people: Users with all that others see of them.
        lines_in_use: On how many calls users are.
        on_a_call: Users who have answered or place another call.
        calendars: The days of each calendar.
        positions: How switches are forced; "" is that of the element which runs.
        closed: The elements that are closed by themselves, as by their hours.
        caller_numbers: The caller's number raw and normalised; as it came when None.
        mailboxes: The voicemail of the tenant; when None, every caller can leave messages.
        webhooks: The servers of the tenant; when None, none of them answers.
        calls_out: How outside numbers leave, and what was dialled before.
        how: How the call came to the element.
        number: The number of the element.
        turn: How many calls came to the element before.
        facts: Who calls and what they dialled.
        now: The moment of the call, in the tenant's time zone.
    """

    def __init__(  # noqa: PLR0913 - a script has many parts, and each has a default
        self,
        *,
        presses: Sequence[str] = (),
        phones: Mapping[str, PhoneScript] | None = None,
        hangs_up_at: HangsUpAt | None = None,
        unplayable: Collection[str] = (),
        extensions: Sequence[str] = (),
        people: Sequence[Person] = (),
        lines_in_use: Mapping[str, int] | None = None,
        on_a_call: Collection[str] = (),
        calendars: Mapping[str, Sequence[Holiday]] | None = None,
        positions: Mapping[str, Position] | None = None,
        closed: Collection[str] = (),
        caller_numbers: Sequence[str] | None = None,
        mailboxes: Mailboxes | None = None,
        webhooks: ScriptedWebhooks | None = None,
        calls_out: CallsOut | None = None,
        how: HowCame = HowCame.DIRECT,
        number: str = "5000",
        turn: int = 0,
        facts: CallFacts | None = None,
        now: datetime = A_MONDAY_MORNING,
    ) -> None:
        self._has_experienced_nothing()
        self._presses, self._keys = deque(presses), deque[str]()
        self._phones = dict(phones or {})
        self._hangs_up_at, self._unplayable = hangs_up_at, frozenset(unplayable)
        self._people = {person.number: person for person in people}
        self._extensions = (*extensions, *self._people)
        self._lines_in_use, self._on_a_call = dict(lines_in_use or {}), frozenset(on_a_call)
        self._calendars, self._closed = dict(calendars or {}), frozenset(closed)
        self.positions: dict[str, Position] = dict(positions or {})
        self._facts, self._caller_numbers = facts or a_call_of_alice(), caller_numbers
        self._mailboxes = mailboxes or ScriptedMailboxes()
        self._webhooks = webhooks or ScriptedWebhooks()
        self._let_them_reach_the_caller()
        self.calls_out = calls_out or CallsOut()
        self._how, self._number, self._turn = how, number, turn
        self._caller_name, self._now, self._zone = self._facts.caller.name, now, now.tzinfo

    def _let_them_reach_the_caller(self) -> None:
        self._webhooks.reach = lambda: self._reach(Verb.REQUEST)
        if isinstance(self._mailboxes, ScriptedMailboxes):
            self._mailboxes.reach = lambda: self._reach(Verb.RECORD)

    def _has_experienced_nothing(self) -> None:
        self.heard: list[str] = []
        self.asked: list[Asking] = []
        self.rang: list[Rang] = []
        self.wanted_out: list[Party] = []
        self.waited_s: list[float] = []
        self.verbs: list[Verb] = []
        self.notes: list[str] = []
        self.is_answered = False
        self.talked_to: Endpoint | None = None
        self.end: CallEnd | None = None
        self.thrown_until_at: datetime | None = None

    @property
    def facts(self) -> CallFacts:
        """Who calls and what they dialled."""
        return self._facts

    @property
    def how(self) -> HowCame:
        """How the call came to the element."""
        return self._how

    @property
    def number(self) -> str:
        """The number of the element that runs."""
        return self._number

    @property
    def caller_name(self) -> str:
        """The name that phones which are rung now would show."""
        return self._caller_name

    @property
    def mailboxes(self) -> Mailboxes:
        """The voicemail of the tenant, as the script has it."""
        return self._mailboxes

    @property
    def webhooks(self) -> Webhooks:
        """The servers of the tenant, as the script has them."""
        return self._webhooks

    def now(self) -> datetime:
        """The moment of the call; it moves on while phones ring and the caller waits."""
        return self._now

    def extensions(self) -> Sequence[str]:
        """The numbers of the tenant's users."""
        return self._extensions

    def arrive(self, number: str, how: HowCame) -> None:
        """The call reaches an element."""
        self._number, self._how = number, how

    def turn(self) -> int:
        """How many calls came to the element before, as the script has it."""
        return self._turn

    def caller_numbers(self) -> tuple[str, ...]:
        """The caller's number raw and normalised."""
        if self._caller_numbers is not None:
            return tuple(self._caller_numbers)
        number = self._facts.caller.number
        return (number,) if number else ()

    def person(self, number: str) -> Person | None:
        """A user of the script."""
        return self._people.get(number)

    def lines_in_use(self, number: str) -> int:
        """On how many calls a user is."""
        return self._lines_in_use.get(number, 0)

    def is_on_a_call(self, number: str) -> bool:
        """Whether a user has answered or places another call."""
        return number in self._on_a_call

    def calendar(self, name: str) -> Sequence[Holiday]:
        """The days of a calendar."""
        return self._calendars.get(name, ())

    def position(self, number: str) -> Position | None:
        """How a switch is forced."""
        return self.positions.get(number)

    def position_in_effect(self, number: str) -> Position:
        """How a switch is forced, or how it stands by itself."""
        by_itself = Position.CLOSED if number in self._closed else Position.OPEN
        return self.positions.get(number, by_itself)

    async def set_position(
        self, number: str, position: Position | None, *, until_at: datetime | None = None
    ) -> None:
        """Throw a switch."""
        self.thrown_until_at = until_at
        self.positions.pop(number, None)
        if position is not None:
            self.positions[number] = position

    def show_caller_as(self, name: str) -> None:
        """From now on phones show this name."""
        self._caller_name = name

    def note(self, reason: str) -> None:
        """Keep what the element writes into the journal."""
        self.notes.append(reason)

    async def answer(self) -> None:
        """Pick up for the caller."""
        self._reach(Verb.ANSWER)
        self.is_answered = True

    async def play(self, *sounds: SoundName) -> None:
        """Let the caller hear prompts."""
        for sound in sounds:
            self._hear(sound)
        self._reach(Verb.PLAY)

    async def ask(
        self,
        *sounds: SoundName,
        wants_more: Callable[[str], bool],
        clocks: DigitClocks,
        barge_in: bool,
    ) -> str:
        """Let the caller press the next keys of the script."""
        first = sounds[0] if sounds else SoundName("")
        self.asked.append(Asking(sound=first, clocks=clocks, barge_in=barge_in))
        if not (barge_in and self._keys):
            for sound in sounds:
                self._hear(sound)
        self._reach(Verb.ASK)
        pressed = self._take_keys("", wants_more)
        if wants_more(pressed) and self._presses:
            self._keys.extend(self._presses.popleft())
            pressed = self._take_keys(pressed, wants_more)
        return pressed

    async def dial(self, parties: Sequence[Party], *, ring_s: float) -> DialResult:
        """Ring parties; the first in order that is picked up (and confirms) answers."""
        rung = Rang(parties=tuple(parties), ring_s=ring_s, caller_name=self._caller_name)
        self.rang.append(rung)
        self._reach(Verb.DIAL)
        outcomes: list[LegOutcome] = []
        for party in parties:
            became = what_becomes_of(party, self._phones)
            if isinstance(became, Answered):
                return became
            outcomes.append(became)
        self._pass(ringing_s(parties, outcomes, ring_s))
        return NotAnswered(outcome_of_all(outcomes), tuple(outcomes))

    async def wait(self, wait_s: float) -> None:
        """Let the caller hear ringback while nobody rings."""
        self._reach(Verb.WAIT)
        self.waited_s.append(wait_s)
        self._pass(wait_s)

    async def talk(self, answered: Answered) -> NoReturn:
        """Connect both; the callee hangs up in the end, unless the script says the caller does."""
        self.is_answered = True
        self.talked_to = answered.endpoint
        self._reach(Verb.TALK)
        self._finish(CallEnd(by=EndedBy.CALLEE, reason=Reason.NORMAL, cause=NORMAL_CLEARING))

    async def hang_up(self, reason: Reason, *, cause: int | None = None) -> NoReturn:
        """End the call."""
        self._reach(Verb.HANG_UP)
        end = ended_by_plan(reason)
        self._finish(CallEnd(by=end.by, reason=reason, cause=end.cause if cause is None else cause))

    def _pass(self, seconds: float) -> None:
        self._now = self._now.astimezone(UTC) + timedelta(seconds=seconds)
        self._now = self._now.astimezone(self._zone)

    def _reach(self, verb: Verb) -> None:
        """Let the caller hang up if this is where the script says so."""
        if self.end is not None:
            raise CallEnded(self.end)
        self.verbs.append(verb)
        if len(self.verbs) > MOST_VERBS:
            message = f"the element never lets its caller go: {self.verbs[-6:]}"
            raise AssertionError(message)
        script = self._hangs_up_at
        if script and script.verb is verb and self.verbs.count(verb) == script.nth:
            self._finish(ended_by_caller(was_answered=self.is_answered))

    def _finish(self, end: CallEnd) -> NoReturn:
        self.end = end
        raise CallEnded(end)

    def _hear(self, sound: SoundName) -> None:
        if sound in self._unplayable:
            message = f"there is no sound {sound}"
            raise SoundUnplayable(message)
        self.heard.append(str(sound))

    def _take_keys(self, pressed: str, wants_more: Callable[[str], bool]) -> str:
        while self._keys and wants_more(pressed):
            pressed += self._keys.popleft()
        return pressed
