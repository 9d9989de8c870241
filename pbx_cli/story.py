"""A call told as a story: its journal in sentences; pure, reads no database and prints nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from models.call_log import JournalLine, RecordedCall
from pbx_cli.sip_words import answer_of_cause, in_words
from stasis_apps.call_webhooks import LEFT_FIRST
from stasis_apps.decisions.ending import CallEnd, EndedBy, Reason
from stasis_apps.decisions.hangup_cause import LegOutcome
from stasis_apps.decisions.outbound import Purpose
from stasis_apps.journal import SHOWN_AS, UNSEEN, What

BAD_NEWS: Final = frozenset({What.FAULT, What.RELEASED})
ARRIVALS: Final = frozenset({What.ENTERED})

WORTH_TELLING_S: Final = 0.05
"""What took less is told without how long it took."""

_END_RINGING: Final = frozenset({What.ANSWERED, What.LEG_ENDED})

ASKED_TO_CONFIRM: Final = "asked to press 1"
"""How a call's journal notes that somebody has picked up and must press a key to take it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One thing that happened.

    Attributes:
        at: When.
        after_s: Seconds since the call began.
        text: What happened, in words.
        line: The journal's own line.
        lasted_s: How long that took which ends here: a stay at an element, a phone's ringing; None
            where nothing ends.
    """

    at: datetime
    after_s: float
    text: str
    line: JournalLine
    lasted_s: float | None = None

    @property
    def is_arrival(self) -> bool:
        """Whether the call comes to an element here."""
        return self.line.what in ARRIVALS

    @property
    def is_bad_news(self) -> bool:
        """Whether something went wrong here."""
        return self.line.what in BAD_NEWS


def tell(call: RecordedCall, journal: Sequence[JournalLine]) -> list[Sentence]:
    """Put every line of a call's journal into a sentence."""
    story: list[Sentence] = []
    so_far = _SoFar()
    for line in journal:
        if line.what == What.PLAYING:
            continue  # its end tells more
        lasted_s = so_far.lasted_s(line)
        text = _confirmed(line, so_far.asked) or sentence_of(line)
        text += _for_how_long(line, lasted_s) + so_far.what_the_phone_was_told(line)
        after_s = (line.at - call.started_at).total_seconds()
        story.append(Sentence(at=line.at, after_s=after_s, text=text, line=line, lasted_s=lasted_s))
    return story


@dataclass(slots=True)
class _SoFar:
    """What a story has told already and what comes must be measured by.

    Attributes:
        asked: Who has been asked to press a key.
        entered_at: When the call came to where it is.
        rang_at: When each phone began to ring.
        is_picked_up: Whether the caller's phone has been answered.
    """

    asked: set[str] = field(default_factory=set)
    entered_at: datetime | None = None
    rang_at: dict[str, datetime] = field(default_factory=dict)
    is_picked_up: bool = False

    def lasted_s(self, line: JournalLine) -> float | None:
        """How long that took which ends with this step; remembers what begins with it."""
        began_at = None
        match line.what:
            case What.ENTERED:
                self.entered_at = line.at
            case What.RANG:
                self.rang_at[_fact(line, "device")] = line.at
            case What.LEFT:
                began_at = self.entered_at
            case What.ANSWERED | What.LEG_ENDED:
                began_at = self.rang_at.pop(_fact(line, "device"), None)
            case _:
                pass
        self.is_picked_up |= line.what in (What.PICKED_UP, What.ANSWERED)
        return None if began_at is None else (line.at - began_at).total_seconds()

    def what_the_phone_was_told(self, line: JournalLine) -> str:
        """How the caller's phone was refused; one that was answered hears a tone and a BYE."""
        cause = line.facts.get("cause")
        if line.what != What.ENDED or self.is_picked_up or not isinstance(cause, int):
            return ""
        status = answer_of_cause(cause)
        is_refusal = status is not None and _fact(line, "by") != EndedBy.CALLER
        return f" (the caller's phone was told {in_words(status)})" if status and is_refusal else ""


def _for_how_long(line: JournalLine, lasted_s: float | None) -> str:
    if lasted_s is None or lasted_s < WORTH_TELLING_S:
        return ""
    return f", after {lasted_s:.1f} s" + (" of ringing" if line.what in _END_RINGING else "")


def opening(call: RecordedCall) -> str:
    """Who called, and what they dialled."""
    number = call.caller_number or "Somebody who hides their number"
    name = f" ({call.caller_name})" if call.caller_name else ""
    device = f" from the device {call.caller_device}" if call.caller_device else ""
    way = device or _FROM.get(call.how, "")
    dialled = call.dialled or "nothing"
    plan = f", on revision {call.revision} of the plan" if call.revision else ""
    return f"{number}{name}{way} dialled {dialled}{plan}."


def ending(call: RecordedCall) -> str:
    """Who ended it and why, or that it is still up."""
    if call.ended_at is None:
        return "The call is still up, or nobody has written its end."
    lasted_s = (call.ended_at - call.started_at).total_seconds()
    talked = f", of which {call.talk_s:.1f} s were talk" if call.talk_s else ""
    answered = f" {call.answered_by} had answered." if call.answered_by else ""
    comment = call.comment or call.reason
    return (
        f"It ended after {lasted_s:.1f} s{talked}: {comment}. Ended by: {call.ended_by}.{answered}"
    )


def whereabouts(journal: Sequence[JournalLine]) -> str:
    """Where a call is now, as far as its journal tells."""
    place = next((line for line in reversed(journal) if line.what == What.ENTERED), None)
    if place is None:
        return "at the entrance"
    kind = place.facts.get("kind", "element")
    last = sentence_of(journal[-1]) if journal[-1] is not place else "just arrived"
    return f"{place.element} ({kind}): {last}"


def sentence_of(line: JournalLine) -> str:
    """One line of the journal in words; a kind of line that is not known yet is shown as it is."""
    tell_it = _SENTENCES.get(line.what)
    if tell_it is None:
        facts = ", ".join(f"{name} {value}" for name, value in line.facts.items())
        return " ".join(part for part in (line.what, line.reason, facts) if part)
    return tell_it(line)


def _confirmed(line: JournalLine, asked: set[str]) -> str:
    """What became of somebody who was asked to press a key; empty for everything else.

    Args:
        line: The step.
        asked: Who has been asked so far in this call; kept up to date here.
    """
    device = _fact(line, "device")
    if line.what == What.NOTED and line.reason == ASKED_TO_CONFIRM:
        asked.add(device)
    elif device in asked and line.what == What.ANSWERED:
        return f"{device} pressed 1 and took the call"
    elif device in asked and line.what == What.LEG_ENDED:
        asked.discard(device)
        return _UNCONFIRMED.get(line.reason, "").format(device=device)
    return ""


def _started(line: JournalLine) -> str:
    way = _fact(line, "way_in")
    trunk = _fact(line, "trunk")
    by = f" by trunk {trunk}" if trunk else " by SIP from a stranger" if way == "direct_sip" else ""
    dialled = _fact(line, "dialled")
    return f"The call came in{by}, dialling {dialled}" if dialled else f"The call came in{by}"


def _entered(line: JournalLine) -> str:
    how = _CAME.get(_fact(line, "how"), "")
    acting = _fact(line, "acting")
    by = f", {_LED.get(_fact(line, 'purpose'), 'led')} by {acting}" if acting else ""
    return f"It reached {line.element} ({_fact(line, 'kind') or 'number'}){how}{by}"


def _noted(line: JournalLine) -> str:
    if line.reason == ASKED_TO_CONFIRM:
        return f"{_party(line)} picked up and was asked to press 1"
    if SHOWN_AS in line.facts:
        return f'From here on phones show the caller as "{_fact(line, SHOWN_AS)}"'
    number = _fact(line, "number")
    mask = f", by the mask {_fact(line, 'mask')}" if _fact(line, "mask") else ""
    return f"{_because('Note')(line)}" + (f" (for {number}{mask})" if number else "")


def _asked(line: JournalLine) -> str:
    count = _fact(line, "keys_pressed")
    keys = {"0": "no key", "1": "one key"}.get(count, f"{count} keys")
    sounds = _fact(line, "sound").split()
    if not sounds:
        return f"Keys were awaited and {keys} came"
    return f"{', '.join(sounds)} {'was' if len(sounds) == 1 else 'were'} played and {keys} came"


def _requested(line: JournalLine) -> str:
    """What a server was asked and answered, and how long that took."""
    took, status = line.facts.get("took_s"), _fact(line, "status")
    after = f" after {took:.2f} s" if isinstance(took, int | float) else ""
    if line.reason == LEFT_FIRST:
        return f"{_fact(line, 'server')} was asked; {line.reason}"
    if line.reason:
        return f"{_fact(line, 'server')} gave no usable answer{after}: {line.reason}"
    name, number = _fact(line, "set_name"), _fact(line, "transfer")
    says = [f'call them "{name}"' if name else "", f"lead them to {number}" if number else ""]
    wants = " and ".join(one for one in says if one) or "nothing"
    return f"{_fact(line, 'server')} answered {status}{after}: {wants}".replace("  ", " ")


def _played(line: JournalLine) -> str:
    return f"The caller heard {', '.join(_fact(line, 'sound').split())}"


def _recording(line: JournalLine) -> str:
    return f"The beep sounded, and the caller speaks to mailbox {_fact(line, 'box')}"


def _message_kept(line: JournalLine) -> str:
    length = _length(line)
    return (
        f"A message{f' of {length}' if length else ''} is in mailbox {_fact(line, 'box')}: "
        f"{_fact(line, 'message')}"
    )


def _message_waits(line: JournalLine) -> str:
    return f"A message for mailbox {_fact(line, 'box')} is not there yet: {line.reason}"


def _message_dropped(line: JournalLine) -> str:
    why = ", ".join(part for part in (line.reason, _length(line)) if part)
    return f"No message was left in mailbox {_fact(line, 'box')}: {why}"


def _rang(line: JournalLine) -> str:
    return f"It rang at {_party(line)}"


def _leg_ended(line: JournalLine) -> str:
    why = _UNANSWERED.get(line.reason, f"did not get the call: {line.reason.replace('_', ' ')}")
    sip = _fact(line, "sip")
    status = f" ({in_words(int(sip))})" if sip.isdecimal() else ""
    silent = ", for nothing was heard from the trunk" if _fact(line, "silent") else ""
    return f"{_party(line)} {why}{silent}{status}"


def _left(line: JournalLine) -> str:
    way_out = f"by {line.exit}" if line.exit else f"({line.reason})"
    target = _fact(line, "target")
    return f"It left {line.element} {way_out}" + (
        f" towards {target}" if target else ", where nothing is set"
    )


def _ended(line: JournalLine) -> str:
    by = _WHO.get(_fact(line, "by"), "it ended")
    away = " while the exchange was away" if _is_news_that_it_was_away(line) else ""
    return f"{by[0].upper()}{by[1:]}{away}: {_comment(line.reason)}"


def _is_news_that_it_was_away(line: JournalLine) -> bool:
    """Whether nobody saw the end, and the reason does not say so by itself."""
    return UNSEEN in line.facts and line.reason not in (Reason.LOST, Reason.RELEASED)


def _comment(reason: str) -> str:
    """The comment of the call record, in English."""
    try:
        end = CallEnd(by=EndedBy.UNKNOWN, reason=Reason(reason), cause=0)
    except ValueError:
        return reason.replace("_", " ")
    return end.comment("en")


def _party(line: JournalLine) -> str:
    """A phone, or an outside number and the trunk to it."""
    trunk = _fact(line, "trunk")
    return _fact(line, "device") + (f" by trunk {trunk}" if trunk else "")


def _length(line: JournalLine) -> str:
    length = line.facts.get("duration_s")
    return f"{length:.1f} s" if isinstance(length, int | float) else ""


def _because(start: str) -> Callable[[JournalLine], str]:
    return lambda line: f"{start}: {line.reason}" if line.reason else start


def _with_fact(start: str, name: str) -> Callable[[JournalLine], str]:
    return lambda line: f"{start} {_fact(line, name)}".rstrip()


def _fact(line: JournalLine, name: str) -> str:
    value = line.facts.get(name)
    return "" if value is None else str(value)


_WHO: Final[Mapping[str, str]] = {
    "caller": "the caller hung up",
    "callee": "the called side ended it",
    "plan": "the number plan ended it",
    "carrier": "the carrier ended it",
    "platform": "the exchange ended it",
    "unknown": "it ended, nobody knows by whom",
}

_FROM: Final[Mapping[str, str]] = {"trunk": " from outside", "direct_sip": ", a stranger by SIP,"}

_CAME: Final[Mapping[str, str]] = {
    "group": " through a group",
    "queue": " through a queue",
    "forward": " by somebody's personal rule",
    "callback": " by a call back",
}

_LED: Final[Mapping[str, str]] = {
    Purpose.DIALLED: "dialled",
    Purpose.FORWARDED: "forwarded",
}

_UNANSWERED: Final[Mapping[str, str]] = {
    LegOutcome.BUSY: "was busy",
    LegOutcome.NO_ANSWER: "was not picked up",
    LegOutcome.DECLINED: "refused the call",
    LegOutcome.UNREGISTERED: "is not registered",
    LegOutcome.UNREACHABLE: "cannot be reached",
    LegOutcome.CARRIER_FAILED: "was not reached: the carrier did not take the call",
}

_UNCONFIRMED: Final[Mapping[str, str]] = {
    LegOutcome.NO_ANSWER: "{device} did not press 1",
    LegOutcome.DECLINED: "{device} pressed 2 and refused the call",
}

_SENTENCES: Final[Mapping[str, Callable[[JournalLine], str]]] = {
    What.STARTED: _started,
    What.ENTERED: _entered,
    What.NOTED: _noted,
    What.ASKED: _asked,
    What.REQUESTED: _requested,
    What.PLAYING: lambda _: "The caller hears a prompt",
    What.PLAYED: _played,
    What.PICKED_UP: lambda _: "The exchange picked up",
    What.RECORDING: _recording,
    What.MESSAGE_KEPT: _message_kept,
    What.MESSAGE_WAITS: _message_waits,
    What.MESSAGE_DROPPED: _message_dropped,
    What.RANG: _rang,
    What.LEG_ENDED: _leg_ended,
    What.ANSWERED: lambda line: f"Answered by {_party(line)}",
    What.HELD: _with_fact("Put on hold by the", "by"),
    What.RESUMED: _with_fact("Taken off hold by the", "by"),
    What.LEFT: _left,
    What.FAULT: _because("Something went wrong"),
    What.LEFT_BEHIND: _because("Left as it is"),
    What.ADOPTED: _because("Taken over"),
    What.RELEASED: _because("Released"),
    What.ENDED: _ended,
}
