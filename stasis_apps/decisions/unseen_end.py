"""Who ended a call that nobody saw end, and when, by how its channels ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from asterisk_conf.noted_ends import NotedEnd
from stasis_apps.decisions.ending import (
    CallEnd,
    Reason,
    ended_by_callee,
    ended_by_caller,
    ended_by_plan,
)
from stasis_apps.decisions.hangup_cause import ANSWERED_ELSEWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class UnseenEnd:
    """How a call ended, and when."""

    end: CallEnd
    at: datetime


def end_by_notes(
    call_id: str,
    ends: Mapping[str, NotedEnd],
    *,
    is_picked_up: bool,
    talks_since: datetime | None,
) -> UnseenEnd | None:
    """Whoever of the two hung up first has ended the call; None when nothing is known of them.

    Args:
        call_id: The call, and the caller's channel.
        ends: How channels of the call ended, by their ids.
        is_picked_up: Whether the caller's phone had been answered.
        talks_since: When a person had answered. Phones that ended before, or while nobody had, are
            those that were rung in vain; so are those that Asterisk took a moment to end.
    """
    of_talk = {
        channel_id: end
        for channel_id, end in ends.items()
        if channel_id == call_id or _is_of_talk(end, talks_since)
    }
    if not of_talk:
        return None
    hung_up = {channel_id: end for channel_id, end in of_talk.items() if end.is_somebodys}
    first, noted = min((hung_up or of_talk).items(), key=lambda item: item[1].at)
    if not noted.is_somebodys:
        return UnseenEnd(end=ended_by_plan(Reason.LOST), at=noted.at)
    is_caller = first == call_id
    end = ended_by_caller(was_answered=is_picked_up) if is_caller else ended_by_callee()
    return UnseenEnd(end=end, at=noted.at)


def _is_of_talk(end: NotedEnd, talks_since: datetime | None) -> bool:
    is_later = talks_since is not None and end.at >= talks_since
    return is_later and end.cause != ANSWERED_ELSEWHERE
