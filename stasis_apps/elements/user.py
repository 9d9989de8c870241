"""User: ring every phone of one person, then whomever their personal rules name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from stasis_apps.call import (
    FAILED,
    NOWHERE,
    Answered,
    Call,
    Endpoint,
    Exit,
    GoTo,
    HowCame,
    Party,
    Person,
    Target,
)
from stasis_apps.decisions.ending import Reason
from stasis_apps.decisions.forwarding import (
    ForwardRule,
    GoElsewhere,
    HandOver,
    Leave,
    LeaveMessage,
    RingThere,
    When,
    Whom,
    known_at_once,
    own_ring_s,
    rules_run,
    steps,
    what_happened,
)
from stasis_apps.decisions.hangup_cause import OUTSIDE_FAULTS, LegOutcome
from stasis_apps.element import (
    TARGET,
    Fault,
    Settings,
    element,
    is_element_number,
    is_outside,
)
from stasis_apps.leaving_messages import (
    FULL,
    MAILBOX,
    SAVED,
    TOO_SHORT,
    Reception,
    leave_message,
)
from stasis_apps.reaching import is_caller, of_rule, party_of

MAX_CALLS = 5
"""Calls that a person takes at once unless told otherwise: as many as a desk phone has keys."""

_ENDS: Mapping[Exit, Reason] = {
    SAVED: Reason.MESSAGE_LEFT,
    TOO_SHORT: Reason.NO_MESSAGE,
    FULL: Reason.MAILBOX_FULL,
}

_RULES = {
    "type": "array",
    "maxItems": 20,
    "items": {
        "type": "object",
        "required": ["when", "to"],
        "additionalProperties": False,
        "properties": {
            "when": {
                "type": "string",
                "enum": [when.value for when in When],
                "description": "What has to happen for the rule to act",
            },
            "to": {**TARGET, "description": "The number that is rung: a user, an element, outside"},
            "after_s": {
                "type": "number",
                "minimum": 1,
                "maximum": 600,
                "description": "With no_answer: seconds that whoever rings before rings",
            },
            "ring_s": {
                "type": "number",
                "minimum": 1,
                "maximum": 600,
                "default": 30,
                "description": "Seconds that the number of this rule rings",
            },
            "confirm": {
                "type": "boolean",
                "default": True,
                "description": "Whether who picks up an outside number presses 1 to take the call",
            },
        },
    },
}

_VIA = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "group": {"type": "boolean", "description": "Calls through a group"},
        "queue": {"type": "boolean", "description": "Calls through a queue"},
    },
}


def _check(settings: Settings) -> Iterator[Fault]:
    """A rule leads somewhere else, and waits only where there is something to wait for.

    An exit that leads back to the user would ring the same phones over and over.
    """
    own = settings.get("number")
    for name in (*LegOutcome, FAILED):
        if own and settings.get(name) == own:
            yield Fault(path=name, value=own, rule="is the user's own number")
    for place, rule in enumerate(settings.get("rules", ())):
        path = f"rules.{place}"
        if not rule["to"]:
            yield Fault(path=f"{path}.to", value="", rule="must name a number")
        elif rule["to"] == own:
            yield Fault(path=f"{path}.to", value=rule["to"], rule="is the user's own number")
        if "after_s" in rule and rule["when"] != When.NO_ANSWER:
            wrong = "is only for rules with when: no_answer"
            yield Fault(path=f"{path}.after_s", value=rule["after_s"], rule=wrong)


@element(
    "user",
    settings={
        "number": {"type": "string", "description": "The extension number; filled in"},
        "name": {"type": "string", "description": "The person's name; filled in"},
        "devices": {
            "type": "array",
            "items": {"type": "string"},
            "description": "The endpoints of the person's phones; filled in from their devices",
        },
        "ring_s": {
            "type": "number",
            "minimum": 1,
            "maximum": 600,
            "default": 20,
            "description": "Seconds to ring before the call counts as not answered",
        },
        "rules": {**_RULES, "description": "Personal rules, in order"},
        "apply_rules_via": {
            **_VIA,
            "description": "The ways in, besides direct calls, for which the rules run too",
        },
        "dnd": {
            "type": "boolean",
            "default": False,
            "description": "Whether the person does not want to be disturbed",
        },
        "max_calls": {
            "type": "integer",
            "minimum": 1,
            "maximum": 100,
            "default": MAX_CALLS,
            "description": "Calls the person takes at once; a further one finds them busy",
        },
        "voicemail": {
            "type": "boolean",
            "default": False,
            "description": "Whether callers may leave a message when nobody is reached",
        },
        "mailbox": {
            "type": "object",
            "properties": dict(MAILBOX),
            "additionalProperties": False,
            "description": "How the person's voicemail works",
        },
        "allow_direct_sip": {
            "type": "boolean",
            "default": False,
            "description": "Whether anybody on the internet may call the person by SIP",
        },
        "busy": {**TARGET, "description": "Where to go when the person is busy"},
        "no_answer": {**TARGET, "description": "Where to go when nobody picks up"},
        "declined": {**TARGET, "description": "Where to go when the person refuses the call"},
        "unregistered": {**TARGET, "description": "Where to go when no phone is registered"},
        "unreachable": {**TARGET, "description": "Where to go when no phone can be reached"},
        "failed": {**TARGET, "description": "Where to go when the exchange itself fails"},
    },
    of_extension=True,
    check=_check,
)
@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Ring all phones of a person at once, then follow the person's rules, then take a message.

    The first phone to answer talks, the rest stop ringing. Personal rules run in their order, and
    for calls that came directly only, unless ``apply_rules_via`` opens them. ``always`` acts
    instead of ringing the person; ``busy`` also when the person declines; who has no rule for
    ``unregistered`` is looked for as after ``no_answer``, at once. When the last rule names another
    user and voicemail is off, the call is handed over, and the other user's rules run; otherwise
    the other user's phones ring plainly. A rule that names an element gives the call away to it;
    one that names the caller is skipped. An outside number is dialled for the user, whoever calls:
    what outbound rules forbid to them stays forbidden.

    Exits: ``busy``, ``no_answer``, ``declined``, ``unregistered``, ``unreachable``; ``failed``.
    """

    number: str = ""
    name: str = ""
    devices: tuple[Endpoint, ...] = ()
    ring_s: float = 20.0
    rules: tuple[Settings, ...] = ()
    apply_rules_via: Mapping[str, bool] = field(default_factory=lambda: MappingProxyType({}))
    dnd: bool = False
    max_calls: int = MAX_CALLS
    voicemail: bool = False
    mailbox: Settings = field(default_factory=lambda: MappingProxyType({}))
    allow_direct_sip: bool = False
    busy: Target = NOWHERE
    no_answer: Target = NOWHERE
    declined: Target = NOWHERE
    unregistered: Target = NOWHERE
    unreachable: Target = NOWHERE
    failed: Target = NOWHERE

    def exits(self) -> Mapping[Exit, Target]:
        """One way out for each way of not being answered."""
        return {
            Exit(LegOutcome.BUSY): self.busy,
            Exit(LegOutcome.NO_ANSWER): self.no_answer,
            Exit(LegOutcome.DECLINED): self.declined,
            Exit(LegOutcome.UNREGISTERED): self.unregistered,
            Exit(LegOutcome.UNREACHABLE): self.unreachable,
            FAILED: self.failed,
        }

    async def run(self, call: Call) -> Exit | GoTo:
        """Ring, follow the rules, and talk when somebody answers."""
        rules = self._rules_for(call)
        is_busy = call.lines_in_use(self.number) >= self.max_calls
        at_once = known_at_once(rules, is_on_dnd=self.dnd, is_busy=is_busy)
        if at_once is None:
            outcome = await self._ring_own(call, own_ring_s(rules, self.ring_s))
            when = what_happened(outcome)
        else:
            when, outcome = at_once
            call.note(f"{self.number} is not rung: {when.value}")
        has_mailbox = self.voicemail and call.how not in (HowCame.GROUP, HowCame.QUEUE)
        users = call.extensions()
        for step in steps(rules, when, outcome, users=users, has_mailbox=has_mailbox):
            if isinstance(step, Leave):
                break
            if isinstance(step, LeaveMessage):
                return await self._take_message(call, is_busy=outcome is LegOutcome.BUSY)
            if is_caller(call, step.to):
                call.note(f"rule {when.value} of {self.number} skipped: {step.to} is the caller")
                continue
            if not isinstance(step, RingThere):
                return self._pass_on(step)
            call.note(f"personal rule {when.value} of {self.number}: {step.to}")
            became = await self._ring_there(call, step)
            if when is When.ALWAYS:
                outcome = became
        return self._exit(outcome)

    def _exit(self, outcome: LegOutcome) -> Exit:
        """A fault on the way to an outside number is told as such where no exit takes it."""
        is_fault = outcome in OUTSIDE_FAULTS and self.unreachable != NOWHERE
        return Exit(LegOutcome.UNREACHABLE if is_fault else outcome)

    def _pass_on(self, step: HandOver | GoElsewhere) -> GoTo:
        if isinstance(step, HandOver):
            return GoTo(Target(step.to), f"{self.number} hands the call over")
        return GoTo(Target(step.to), f"personal rule of {self.number}", HowCame.FORWARD)

    async def _ring_own(self, call: Call, ring_s: float) -> LegOutcome:
        if not self.devices:
            call.note("the user has no device")
            return LegOutcome.UNREGISTERED
        return await _ring(call, Party(number=self.number, phones=self.devices), ring_s)

    async def _ring_there(self, call: Call, step: RingThere) -> LegOutcome:
        party = party_of(
            call, step.to, on_behalf=of_rule(self.number), must_confirm=step.must_confirm
        )
        if isinstance(party, LegOutcome):
            return party
        return await _ring(call, party, step.ring_s)

    async def _take_message(self, call: Call, *, is_busy: bool) -> Exit:
        """Let the caller speak to the person's own voicemail, and end the call with that."""
        reception = Reception.of(self.mailbox)
        call.note(
            f"voicemail of {self.number} takes the call{': they are busy' if is_busy else ''}"
        )
        became = await leave_message(call, self.number, reception, is_busy=is_busy)
        if became != FAILED:
            await call.hang_up(_ENDS[became])
        return FAILED

    def _rules_for(self, call: Call) -> Sequence[ForwardRule]:
        """The person's rules, if they run for a call that came this way."""
        rules = rules_of(self.rules)
        if not rules or rules_run(call.how, _ways_of(self.apply_rules_via)):
            return rules
        call.note(f"personal rules of {self.number} ignored: the call came via {call.how.value}")
        return ()


def person_of(
    *, number: str, name: str, phones: Sequence[Endpoint], ring_s: float, settings: Settings
) -> Person:
    """A user as those see them who ring them along with others.

    Args:
        number: The extension number.
        name: What phones show.
        phones: Their devices.
        ring_s: How long their phones ring.
        settings: Those of the kind ``user``; rules with faults are passed over.
    """
    try:
        rules = rules_of(settings.get("rules", ()))
    except (KeyError, TypeError, ValueError):
        rules = ()
    return Person(
        number=number,
        name=name,
        phones=tuple(phones),
        ring_s=ring_s,
        rules=rules,
        rules_via=_ways_of(settings.get("apply_rules_via", {})),
        is_on_dnd=bool(settings.get("dnd", False)),
        has_mailbox=bool(settings.get("voicemail", False)),
        max_lines=int(settings.get("max_calls", MAX_CALLS)),
    )


def rules_of(given: Sequence[Settings]) -> tuple[ForwardRule, ...]:
    """Personal rules as they stand in the settings."""
    return tuple(
        ForwardRule(
            when=When(rule["when"]),
            to=rule["to"],
            whom=_whom(rule["to"]),
            after_s=rule.get("after_s"),
            ring_s=rule.get("ring_s", 30.0),
            must_confirm=rule.get("confirm", True),
        )
        for rule in given
    )


def _whom(number: str) -> Whom:
    if is_outside(number):
        return Whom.OUTSIDE
    return Whom.ELEMENT if is_element_number(number) else Whom.USER


def _ways_of(given: Mapping[str, bool]) -> frozenset[HowCame]:
    return frozenset(way for way in HowCame if given.get(way.value))


async def _ring(call: Call, party: Party, ring_s: float) -> LegOutcome:
    """Ring one party, and talk when they answer."""
    result = await call.dial([party], ring_s=ring_s)
    if isinstance(result, Answered):
        await call.talk(result)
    return result.outcome
