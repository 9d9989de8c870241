"""What the database remembers of calls that an earlier process was running."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import structlog

from models.call_log import JournalLine, RecordedCall, journal_of, show_call, unfinished
from models.errors import ModelsError, NotFound
from stasis_apps.call import HowCame
from stasis_apps.decisions.outbound import Purpose
from stasis_apps.journal import CALLS_BACK, MEANS_PICKED_UP, SHOWN_AS, ResumePoint, What
from stasis_apps.plan import LedBy

UNKNOWN_SEQ = 10_000
"""Where a journal goes on when its last step is not known: behind any real one."""

log = structlog.get_logger(__name__)


async def unfinished_calls() -> list[RecordedCall]:
    """The calls without an end; none when the database is away (they are closed another time)."""
    try:
        return await unfinished()
    except ModelsError as fault:
        log.warning("call_records_not_read", fault=str(fault))
        return []


async def resume_point(call_id: str) -> ResumePoint:
    """Where to go on; at the beginning when the database does not know or does not answer."""
    try:
        steps = await journal_of(call_id=call_id)
        record = await show_call(call_id=call_id)
    except NotFound:
        return ResumePoint()
    except ModelsError as fault:
        log.warning("resume_point_unknown", call_id=call_id, fault=str(fault))
        return ResumePoint(seq=UNKNOWN_SEQ, is_known=False)
    recording = _recording(steps)
    entered = [step for step in steps if step.what == What.ENTERED and step.element]
    return ResumePoint(
        seq=max((step.seq for step in steps), default=0),
        element=entered[-1].element or "" if entered else "",
        how=_how_it_came(entered[-1]) if entered else HowCame.DIRECT,
        led_by=_who_led(entered[-1]) if entered else None,
        answered_at=record.answered_at,
        answered_by=record.answered_by,
        last_at=max((step.at for step in steps), default=record.started_at),
        playback=_playing(steps),
        recording=recording.get("recording", ""),
        message=recording.get("message", ""),
        box=recording.get("box", ""),
        shown_as=_shown_as(steps, before=entered[-1].seq if entered else 0),
        is_picked_up=any(step.what in MEANS_PICKED_UP for step in steps),
        is_recorded=True,
        is_over=record.ended_at is not None,
    )


def _how_it_came(entered: JournalLine) -> HowCame:
    return HowCame(str(entered.facts.get("how", HowCame.DIRECT.value)))


def _who_led(entered: JournalLine) -> LedBy | None:
    facts = entered.facts
    purpose = next((one for one in Purpose if one == facts.get("purpose")), None)
    if purpose is None:
        return None
    return LedBy(
        acting=str(facts.get("acting", "")),
        purpose=purpose,
        hides_number=bool(facts.get("hides_number", False)),
        is_dialling=purpose is Purpose.DIALLED and not facts.get(CALLS_BACK, False),
    )


def _shown_as(steps: Sequence[JournalLine], *, before: int) -> str | None:
    """The name that was set last; not by the element that begins anew, which sets it again."""
    names = [step.facts[SHOWN_AS] for step in steps if step.seq < before and SHOWN_AS in step.facts]
    return str(names[-1]) if names else None


def _playing(steps: Sequence[JournalLine]) -> str:
    """The prompt that had begun and not ended."""
    prompts = [step for step in steps if step.what in (What.PLAYING, What.PLAYED, What.ASKED)]
    if not prompts or prompts[-1].what != What.PLAYING:
        return ""
    return str(prompts[-1].facts.get("playback", ""))


def _recording(steps: Sequence[JournalLine]) -> Mapping[str, str]:
    """The recording that had begun and of which nothing has become: it, its message, its box."""
    kinds = (What.RECORDING, What.MESSAGE_KEPT, What.MESSAGE_WAITS, What.MESSAGE_DROPPED)
    recordings = [step for step in steps if step.what in kinds]
    if not recordings or recordings[-1].what != What.RECORDING:
        return {}
    return {name: str(value) for name, value in recordings[-1].facts.items()}
