"""Group: ring several people, all at once or in turns, and connect the first who answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from stasis_apps.call import (
    FAILED,
    NOWHERE,
    Answered,
    Call,
    Exit,
    GoTo,
    HowCame,
    Party,
    Person,
    SoundName,
    Target,
)
from stasis_apps.decisions.hangup_cause import LegOutcome
from stasis_apps.decisions.ringing import (
    GroupRules,
    History,
    Member,
    Pause,
    Ring,
    Round,
    Strategy,
    Verdict,
    became_of,
    in_order,
    next_step,
    round_without,
    verdict,
)
from stasis_apps.element import (
    SOUND,
    TARGET,
    Fault,
    Settings,
    element,
    is_element_number,
    is_outside,
)
from stasis_apps.reaching import is_caller, of_group, party_by_rules, party_of

_SECONDS = {"type": "number", "minimum": 1, "maximum": 600}

_MEMBER = {
    "type": "object",
    "required": ["number"],
    "additionalProperties": False,
    "properties": {
        "number": {**TARGET, "description": "A user's extension or an outside number"},
        "delay_s": {
            "type": "number",
            "minimum": 0,
            "maximum": 600,
            "default": 0,
            "description": "With strategy all: seconds to wait before this member rings",
        },
        "ring_s": {**_SECONDS, "description": "Seconds that this member rings at most"},
        "confirm": {
            "type": "boolean",
            "description": "Whether who picks up presses 1 to take the call; outside numbers do "
            "unless told otherwise",
        },
    },
}


_HOW_RUNG: Mapping[Strategy, str] = {
    Strategy.ALL: "all at once",
    Strategy.SEQUENCE: "one after the other",
    Strategy.RANDOM: "one after the other, in an order of chance",
    Strategy.ROUND_ROBIN: "one after the other, beginning in turn",
    Strategy.PROGRESSIVE: "one joining the other",
}


def _check(settings: Settings) -> Iterator[Fault]:
    """Members are people and outside numbers, each once."""
    seen: set[str] = set()
    for place, member in enumerate(settings["members"]):
        number = _member(member)["number"]
        rule = ""
        if not number or is_element_number(number):
            rule = "must be a user's extension or an outside number"
        elif number in seen:
            rule = "is a member already"
        seen.add(number)
        if rule:
            yield Fault(path=f"members.{place}", value=number, rule=rule)


@element(
    "group",
    settings={
        "members": {
            "type": "array",
            "minItems": 1,
            "maxItems": 100,
            "items": {"anyOf": [TARGET, _MEMBER]},
            "description": "Whom to ring: extensions and outside numbers, alone or with how",
        },
        "strategy": {
            "type": "string",
            "enum": [strategy.value for strategy in Strategy],
            "default": Strategy.ALL.value,
            "description": "all at once; in sequence, random or round_robin one after the other; "
            "progressive: one more joins at each step",
        },
        "ring_s": {
            **_SECONDS,
            "default": 30,
            "description": "Seconds that the group rings altogether",
        },
        "step_s": {
            **_SECONDS,
            "default": 15,
            "description": "Seconds until the next member's turn, with strategies other than all",
        },
        "rounds": {
            "type": "integer",
            "minimum": 1,
            "maximum": 10,
            "default": 1,
            "description": "How often the members are gone through one after the other",
        },
        "retry_s": {
            **_SECONDS,
            "default": 5,
            "description": "Seconds of ringback before the next round when all were busy",
        },
        "skip_busy": {
            "type": "boolean",
            "default": False,
            "description": "Whether members are left in peace who are on another call",
        },
        "honour_forward": {
            "type": "boolean",
            "default": False,
            "description": "Whether the members' personal rules run",
        },
        "prefix": {
            "type": "string",
            "maxLength": 30,
            "description": "What phones show before the caller's name",
        },
        "greeting": {**SOUND, "description": "A prompt that the caller hears first"},
        "no_answer": {**TARGET, "description": "Where to go when nobody picks up"},
        "all_busy": {**TARGET, "description": "Where to go when all are busy"},
        "none_reachable": {**TARGET, "description": "Where to go when nobody can be reached"},
        "failed": {**TARGET, "description": "Where to go when the exchange itself fails"},
    },
    required=("members",),
    check=_check,
)
@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Ring the members by the strategy; the first who answers talks, the rest stop ringing.

    Their phones show no missed call then. Personal rules of members are ignored, for the group has
    its own exits, unless ``honour_forward`` or the member's ``apply_rules_via`` says otherwise.
    Outside members are dialled for the group: rules that are for certain users alone do not hold.
    Members who do not want to be disturbed are passed over, and so is whoever calls. Who is busy or
    away takes no time from the others: the next one rings at once. When nobody could ring in a
    round, and somebody was busy, the caller hears ringback for ``retry_s`` before the next of the
    ``rounds``; when nobody can be reached at all, no further round is tried.

    Exits: ``no_answer``, ``all_busy``, ``none_reachable``; ``failed``.
    """

    members: tuple[str | Settings, ...]
    strategy: str = Strategy.ALL.value
    ring_s: float = 30.0
    step_s: float = 15.0
    rounds: int = 1
    retry_s: float = 5.0
    skip_busy: bool = False
    honour_forward: bool = False
    prefix: str = ""
    greeting: SoundName | None = None
    no_answer: Target = NOWHERE
    all_busy: Target = NOWHERE
    none_reachable: Target = NOWHERE
    failed: Target = NOWHERE

    def exits(self) -> Mapping[Exit, Target]:
        """One way out for each way of not being answered."""
        return {
            Exit(Verdict.NO_ANSWER): self.no_answer,
            Exit(Verdict.ALL_BUSY): self.all_busy,
            Exit(Verdict.NONE_REACHABLE): self.none_reachable,
            FAILED: self.failed,
        }

    async def run(self, call: Call) -> Exit | GoTo:
        """Greet, ring, and talk when somebody answers."""
        if self.greeting:
            await call.answer()
            await call.play(self.greeting)
        shown = call.caller_name
        if self.prefix:
            call.show_caller_as(f"{self.prefix}{shown or call.facts.caller.number}".strip())
        outcomes = await self._ring(call)
        if self.prefix:
            call.show_caller_as(shown)
        return Exit(verdict(outcomes))

    async def _ring(self, call: Call) -> Sequence[LegOutcome]:
        """Ring round after round; returns what became of each member when nobody answers."""
        rules = GroupRules(
            strategy=Strategy(self.strategy),
            ring_s=self.ring_s,
            step_s=self.step_s,
            rounds=self.rounds,
            retry_s=self.retry_s,
        )
        members = _without_caller(call, self._in_order(call))
        self._note_what_is_ignored(call, members)
        names = ", ".join(member.number for member in members)
        call.note(f"rings {_HOW_RUNG[rules.strategy]}: {names or 'nobody is left'}")
        became: dict[str, LegOutcome] = {}
        history = History()
        while (step := next_step(rules, members, history)) is not None:
            began_s = call.now().timestamp()
            if isinstance(step, Pause):
                call.note(f"somebody is busy, the next round begins after {step.pause_s:g} s")
                await call.wait(step.pause_s)
                history = history.after_pause(call.now().timestamp() - began_s)
                continue
            found = {ring.number: self._party(call, ring.number) for ring in step.rings}
            away = {n: outcome for n, outcome in found.items() if isinstance(outcome, LegOutcome)}
            parties = {n: party for n, party in found.items() if isinstance(party, Party)}
            round_ = round_without(away, rules, members, history)
            outcomes = await self._ring_once(call, round_, parties)
            rung = {ring.number: one for ring, one in zip(round_.rings, outcomes, strict=True)}
            became = became_of(became, away | rung)
            took_s = call.now().timestamp() - began_s
            history = history.after(round_, outcomes, took_s, passed_over=away.values())
        return [*became.values()]

    async def _ring_once(
        self, call: Call, round_: Round, parties: Mapping[str, Party]
    ) -> Sequence[LegOutcome]:
        """Ring one round; returns what became of each member in it when nobody answers."""
        if not round_.rings:
            return ()
        rung = [_in_turn(parties[ring.number], ring) for ring in round_.rings]
        result = await call.dial(rung, ring_s=round_.ring_s)
        if isinstance(result, Answered):
            await call.talk(result)
        return result.outcomes

    def _in_order(self, call: Call) -> list[Member]:
        members = [
            Member(
                number=given["number"], delay_s=given.get("delay_s", 0), ring_s=given.get("ring_s")
            )
            for given in map(_member, self.members)
        ]
        shuffled = list(range(len(members)))
        Random(call.facts.call_id).shuffle(shuffled)  # noqa: S311 - fairness, not secrecy
        strategy = Strategy(self.strategy)
        turn = call.turn() if strategy is Strategy.ROUND_ROBIN else 0
        return in_order(strategy, members, shuffled=shuffled, turn=turn)

    def _runs_rules_of(self, person: Person) -> bool:
        return self.honour_forward or HowCame.GROUP in person.rules_via

    def _note_what_is_ignored(self, call: Call, members: Sequence[Member]) -> None:
        """Nobody shall wonder why a forward that works for direct calls did nothing here."""
        for member in members:
            person = call.person(member.number)
            if person is not None and person.rules and not self._runs_rules_of(person):
                name = person.number
                call.note(f"personal rules of {name} ignored: called via group {call.number}")

    def _party(self, call: Call, number: str) -> Party | LegOutcome:
        """Who is rung for a member at this moment, or why nobody is."""
        given = next(one for one in map(_member, self.members) if one["number"] == number)
        must_confirm = given.get("confirm", is_outside(number))
        group, person = of_group(call.number), call.person(number)
        if person is None:
            return party_of(call, number, on_behalf=group, must_confirm=must_confirm)
        if self.skip_busy and call.is_on_a_call(number):
            call.note(f"{number} is passed over: on a call")
            return LegOutcome.BUSY
        if self._runs_rules_of(person):
            return party_by_rules(call, person, must_confirm=must_confirm)
        return party_of(call, number, on_behalf=group, must_confirm=must_confirm)


def _without_caller(call: Call, members: Sequence[Member]) -> list[Member]:
    """Nobody rings themselves, nor does the group wait until they have hung up."""
    others = [member for member in members if not is_caller(call, member.number)]
    if len(others) < len(members):
        call.note(f"{call.facts.caller.number} is left out: it is they who call")
    return others


def _in_turn(party: Party, ring: Ring) -> Party:
    """The party when the strategy lets it ring; a person's own rules may end it sooner."""
    ring_s = ring.ring_s
    if party.ring_s is not None:
        ring_s = party.ring_s if ring_s is None else min(ring_s, party.ring_s)
    return replace(party, after_s=ring.after_s, ring_s=ring_s)


def _member(given: str | Settings) -> Settings:
    return {"number": given} if isinstance(given, str) else given
