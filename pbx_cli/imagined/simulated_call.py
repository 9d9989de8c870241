"""A simulated call for people and for scripts: its way, element by element, and its end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, timedelta
from textwrap import wrap
from typing import Final

from models.call_log import JournalLine, RecordedCall
from pbx_cli.output import emit_line, emit_table
from pbx_cli.story import ending, opening, tell
from stasis_apps.call import HowCame, WayIn
from stasis_apps.decisions.ending import Reason
from stasis_apps.journal import What
from stasis_apps.plan import NumberPlan
from stasis_apps.simulation import Hop, SimulatedEnd

HEADINGS: Final = ("After", "Number", "Kind", "Lasted", "Left by", "To", "Why")

WIDTH: Final = 100
MOST_NUMBERS: Final = 5

LONGEST_REFRAIN: Final = 8
"""Prompts that come again and again in the same order are told once."""

_CALL_ID: Final = "simulation"


def simulated_document(plan: NumberPlan, end: SimulatedEnd) -> dict[str, object]:
    """All of it, for scripts."""
    scenario, (number, trunk) = end.scenario, end.sent_outside
    call = record_of(plan, end)
    return {
        "tenant": plan.tenant.name,
        "revision": end.revision,
        "from": scenario.caller,
        "to": scenario.dialled,
        "at": call.started_at,
        "how": call.how,
        "path": [_hop_document(hop) for hop in end.path],
        "end": {
            "by": end.end.by.value,
            "reason": end.end.reason.value,
            "cause": end.end.cause,
            "comment": end.end.comment(plan.tenant.language),
        },
        "lasted_s": end.lasted_s,
        "answered_by": end.answered_by or None,
        "rang": list(end.rang),
        "heard": list(end.heard),
        "voicemail": end.voicemail or None,
        "sent_outside": {"number": number, "trunk": trunk} if number else None,
        "doubts": list(end.doubts),
        "unsaid": list(end.unsaid),
        "journal": [_step_document(line, call) for line in end.journal],
    }


def emit_simulated(plan: NumberPlan, end: SimulatedEnd) -> None:
    """Print the way and the end for people."""
    call = record_of(plan, end)
    local = call.started_at.astimezone(plan.tenant.timezone)
    when = f"{local:%A %Y-%m-%d %H:%M} ({plan.tenant.timezone})"
    emit_line((opening(call), "bold"))
    emit_line((f"{when}, by the plan of {plan.tenant.name}", "dim"))
    if end.path:
        emit_table(HEADINGS, [_row(hop) for hop in end.path], numeric=frozenset({0, 3}))
    emit_line((ending(call), "bold"))
    for sentence in _more(end):
        emit_line(sentence)


def emit_story(plan: NumberPlan, end: SimulatedEnd) -> None:
    """Print each step, in the words in which ``pbx calls explain`` tells a real call."""
    for sentence in tell(record_of(plan, end), end.journal):
        indent = "" if sentence.is_arrival or not sentence.line.element else "  "
        style = "red" if sentence.is_bad_news else "cyan" if sentence.is_arrival else ""
        emit_line((f"{sentence.after_s:8.1f} s  ", "dim"), (f"{indent}{sentence.text}", style))


def hints(plan: NumberPlan, end: SimulatedEnd) -> Iterator[str]:
    """What may have been overlooked by who imagined the call."""
    at, zone = end.scenario.at, plan.tenant.timezone
    shown = at.astimezone(UTC).astimezone(at.tzinfo)
    if shown.replace(tzinfo=None) != at.replace(tzinfo=None):
        where = f"{zone}: clocks skip that hour"
        yield f"There is no {at:%H:%M} on {at:%Y-%m-%d} in {where}; {shown:%H:%M} was taken."
    is_by_trunk = end.journal[0].facts.get("way_in") == WayIn.TRUNK
    if end.end.reason is Reason.NO_SUCH_NUMBER and is_by_trunk:
        yield _numbers_there_are(plan)
    for doubt in end.doubts:
        yield f"{doubt[:1].upper()}{doubt[1:]}."
    for number in end.unsaid:
        yield (
            f"Nobody has said what the server of {number} answers, so it was taken to be away: "
            f"--reply {number}=..., or --ask-servers."
        )


def _numbers_there_are(plan: NumberPlan) -> str:
    """The first outside numbers of a tenant, for who has dialled none of them."""
    numbers = sorted(plan.numbers)
    if not numbers:
        return f"{plan.tenant.name} has no outside number: no call comes in by its trunks."
    listed = ", ".join(numbers[:MOST_NUMBERS])
    more = len(numbers) - MOST_NUMBERS
    rest = f" and {more} more" if more > 0 else ""
    return f"Calls come in by trunks for these numbers of {plan.tenant.name}: {listed}{rest}."


def record_of(plan: NumberPlan, end: SimulatedEnd) -> RecordedCall:
    """The record that such a call would leave."""
    started, scenario = end.journal[0], end.scenario
    answered_at = next((line.at for line in end.journal if line.what == What.ANSWERED), None)
    ended_at = started.at + timedelta(seconds=end.lasted_s)
    phone = plan.phone(str(started.facts.get("device") or ""))
    return RecordedCall(
        id=_CALL_ID,
        tenant=plan.tenant.name,
        channel_id=_CALL_ID,
        revision=end.revision,
        how=str(started.facts["way_in"]),
        caller_number=phone.extension if phone else scenario.caller,
        caller_name=phone.caller_name if phone else scenario.caller_name,
        caller_device=phone.name if phone else None,
        dialled=scenario.dialled,
        started_at=started.at,
        answered_at=answered_at,
        answered_by=end.answered_by or None,
        ended_at=ended_at,
        ended_by=end.end.by.value,
        reason=end.end.reason.value,
        comment=end.end.comment(plan.tenant.language),
        talk_s=(ended_at - answered_at).total_seconds() if answered_at else 0.0,
    )


def _row(hop: Hop) -> list[str]:
    came = [] if hop.how is HowCame.DIRECT else [f"came by {hop.how.value}"]
    return [
        f"{hop.after_s:.1f} s",
        hop.number,
        hop.kind,
        f"{hop.lasted_s:.1f} s",
        hop.way_out or "-",
        hop.target or "-",
        "; ".join([*came, *hop.reasons]) or "-",
    ]


def _more(end: SimulatedEnd) -> Iterator[str]:
    if end.rang:
        yield f"Rang: {', '.join(end.rang)}."
    if end.heard:
        heard = f"Heard: {', '.join(folded(end.heard))}."
        yield from wrap(heard, WIDTH, subsequent_indent="  ", break_on_hyphens=False)
    if end.sent_outside[0]:
        number, trunk = end.sent_outside
        yield f"Sent outside: {number} through trunk {trunk}."
    if end.voicemail:
        yield f"A message was left in mailbox {end.voicemail}."


def folded(heard: Sequence[str]) -> Iterator[str]:
    """What was heard, with repetitions counted: ``welcome x50``, ``(welcome, ringback) x25``."""
    place = 0
    while place < len(heard):
        length, times = _refrain(heard, place)
        words = ", ".join(heard[place : place + length])
        words = f"({words})" if length > 1 and times > 1 else words
        yield f"{words} x{times}" if times > 1 else words
        place += length * times


def _refrain(heard: Sequence[str], place: int) -> tuple[int, int]:
    """How many prompts come again from here on, the fewest that do, and how often they come."""
    for length in range(1, LONGEST_REFRAIN + 1):
        block = heard[place : place + length]
        times = 1
        while heard[place + length * times : place + length * (times + 1)] == block:
            times += 1
        if times > 1:
            return length, times
    return 1, 1


def _hop_document(hop: Hop) -> dict[str, object]:
    return {
        "number": hop.number,
        "kind": hop.kind,
        "how": hop.how.value,
        "after_s": hop.after_s,
        "lasted_s": hop.lasted_s,
        "exit": hop.way_out or None,
        "target": hop.target or None,
        "reasons": list(hop.reasons),
    }


def _step_document(line: JournalLine, call: RecordedCall) -> dict[str, object]:
    return {
        "at": line.at,
        "after_s": round((line.at - call.started_at).total_seconds(), 3),
        "what": str(line.what),
        "element": line.element,
        "exit": line.exit,
        "reason": line.reason,
        "facts": dict(line.facts),
    }
