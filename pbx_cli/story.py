"""A call told as a story: its journal in sentences; pure, reads no database and prints nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from models.call_log import JournalLine, RecordedCall
from stasis_apps.journal import What

BAD_NEWS: Final = frozenset({What.FAULT, What.RELEASED})
ARRIVALS: Final = frozenset({What.ENTERED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One thing that happened.

    Attributes:
        at: When.
        after_s: Seconds since the call began.
        text: What happened, in words.
        line: The journal's own line.
    """

    at: datetime
    after_s: float
    text: str
    line: JournalLine

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
    return [
        Sentence(
            at=line.at,
            after_s=(line.at - call.started_at).total_seconds(),
            text=sentence_of(line),
            line=line,
        )
        for line in journal
        if line.what != What.PLAYING  # its end tells more
    ]


def opening(call: RecordedCall) -> str:
    """Who called, and what they dialled."""
    name = f" ({call.caller_name})" if call.caller_name else ""
    device = f" from the device {call.caller_device}" if call.caller_device else ""
    return f"{call.caller_number}{name}{device} dialled {call.dialled}."


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


def _started(line: JournalLine) -> str:
    dialled = _fact(line, "dialled")
    return f"The call came in, dialling {dialled}" if dialled else "The call came in"


def _entered(line: JournalLine) -> str:
    return f"It reached {line.element} ({_fact(line, 'kind') or 'number'})"


def _asked(line: JournalLine) -> str:
    count = _fact(line, "keys_pressed")
    keys = {"0": "no key", "1": "one key"}.get(count, f"{count} keys")
    return f"{_fact(line, 'sound')} was played and {keys} came"


def _leg_ended(line: JournalLine) -> str:
    return f"{_fact(line, 'device')} did not get the call: {line.reason.replace('_', ' ')}"


def _left(line: JournalLine) -> str:
    way_out = f"by {line.exit}" if line.exit else f"({line.reason})"
    target = _fact(line, "target")
    return f"It left {line.element} {way_out}" + (
        f" towards {target}" if target else ", where nothing is set"
    )


def _ended(line: JournalLine) -> str:
    by = _WHO.get(_fact(line, "by"), "it ended")
    return f"{by[0].upper()}{by[1:]}: {line.reason.replace('_', ' ')}"


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

_SENTENCES: Final[Mapping[str, Callable[[JournalLine], str]]] = {
    What.STARTED: _started,
    What.ENTERED: _entered,
    What.NOTED: _because("Note"),
    What.ASKED: _asked,
    What.PLAYED: _with_fact("The caller heard", "sound"),
    What.PICKED_UP: lambda _: "The exchange picked up",
    What.RANG: _with_fact("It rang at", "device"),
    What.LEG_ENDED: _leg_ended,
    What.ANSWERED: _with_fact("Answered by", "device"),
    What.HELD: _with_fact("Put on hold by the", "by"),
    What.RESUMED: _with_fact("Taken off hold by the", "by"),
    What.LEFT: _left,
    What.FAULT: _because("Something went wrong"),
    What.ADOPTED: _because("Taken over"),
    What.RELEASED: _because("Released"),
    What.ENDED: _ended,
}
