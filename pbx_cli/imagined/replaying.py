"""`pbx diff --replay`: what a change would have made of the calls of the last days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from models.call_log import RecordedCall, count_calls, past_calls
from models.facts import TenantRows
from pbx_cli.context import Desk
from pbx_cli.output import counted, emit_line, json_is_wanted, moment
from pbx_cli.progress_bar import progress_bar
from stasis_apps.decisions.ending import Reason, ended_by_plan
from stasis_apps.planning import build_plan
from stasis_apps.replay import Difference, Reenacted, Replayed, replay
from stasis_apps.simulation import Hop

MOST_SHOWN: Final = 50
"""Kinds of differences that are shown to people; ``--json`` has every call."""


async def show_replay(
    desk: Desk, before: TenantRows, wanted: TenantRows, span: timedelta
) -> dict[str, object]:
    """Send the calls of the last days through a tenant as it is and as it would be.

    Prints what would become of them, for people, and returns the same for ``--json``.

    Args:
        desk: Where sounds lie.
        before: The tenant as it is.
        wanted: The tenant as it would be.
        span: From how long ago on.
    """
    since = datetime.now(UTC) - span
    tenant = before.tenant.name
    folder = desk.settings.sound_folder
    plans = [build_plan(rows, sound_folder=folder) for rows in (before, wanted)]
    with progress_bar("Replaying", await count_calls(tenant=tenant, since=since)) as progress:
        calls = past_calls(tenant=tenant, since=since)
        replayed = await replay(calls, plans[0], plans[1], progress=progress)
    if not json_is_wanted():
        _tell(replayed, since)
    return replay_document(replayed, since)


def replay_document(replayed: Replayed, since: datetime) -> dict[str, object]:
    """What would become of recorded calls, for scripts: every call that would go another way."""
    return {
        "since": since,
        "calls": replayed.count,
        "same": replayed.same,
        "different": [_difference(one) for one in replayed.differences],
        "unknown": [{"call": one.call.id, "why": one.why} for one in replayed.untold],
    }


def _difference(one: Difference) -> dict[str, object]:
    return {
        "call": one.call.id,
        "started_at": one.call.started_at,
        "caller_number": one.call.caller_number,
        "dialled": one.call.dialled,
        "ends_elsewhere": one.ends_elsewhere,
        "fork": one.fork_number,
        "now": _reenacted(one.before),
        "then": _reenacted(one.after),
        "strangers": list(one.strangers),
    }


def _reenacted(made: Reenacted) -> dict[str, object]:
    number, trunk = made.sent_outside
    return {
        "path": [
            {"number": hop.number, "kind": hop.kind, "exit": hop.way_out, "target": hop.target}
            for hop in made.path
        ],
        "ends": made.ends,
        "answered_by": made.answered_by,
        "voicemail": made.voicemail,
        "sent": number,
        "through": trunk,
        "impossible": made.impossible,
    }


def _tell(replayed: Replayed, since: datetime) -> None:
    if not replayed.count:
        emit_line(f"No calls since {moment(since)}: there is nothing to replay.")
        return
    elsewhere = sum(one.ends_elsewhere for one in replayed.differences)
    emit_line((f"{counted(replayed.count, 'call')} since {moment(since)}:", "bold"))
    emit_line(f"{replayed.same:7d} would go just the same way")
    emit_line((f"{elsewhere:7d} would end elsewhere", "red" if elsewhere else ""))
    others = len(replayed.differences) - elsewhere
    emit_line(f"{others:7d} would go another way to the same end")
    if replayed.untold:
        emit_line(f"{len(replayed.untold):7d} could not be judged:")
        for why, count in Counter(one.why for one in replayed.untold).most_common():
            emit_line(f"{count:11d} {why}")
    alike = _alike(replayed.differences)
    for group in alike[:MOST_SHOWN]:
        _tell_group(group)
    if len(alike) > MOST_SHOWN:
        emit_line(f"And {len(alike) - MOST_SHOWN} more kinds of differences; --json lists all.")


def _alike(differences: Sequence[Difference]) -> list[list[Difference]]:
    """Differences that are told in the same words, those that end elsewhere and many ones first."""
    groups: dict[tuple[str, str], list[Difference]] = {}
    for one in differences:
        groups.setdefault(_words(one), []).append(one)
    return sorted(groups.values(), key=lambda group: (not group[0].ends_elsewhere, -len(group)))


def _tell_group(group: Sequence[Difference]) -> None:
    latest = group[0]
    now, then = _words(latest)
    emit_line("")
    emit_line((f"{counted(len(group), 'call')}, the latest: {_who(latest.call)}", "bold"))
    emit_line("  now   ", (now, ""))
    emit_line("  then  ", (then, "red" if latest.ends_elsewhere else "yellow"))
    strangers = sorted({number for one in group for number in one.strangers})
    if strangers:
        emit_line(f"        (nothing tells what {', '.join(strangers)} would have done)")


def _words(one: Difference) -> tuple[str, str]:
    """Both ways from the fork on."""
    return _way(one.before, one.fork), _way(one.after, one.fork)


def _way(made: Reenacted, fork: int) -> str:
    if made.impossible:
        return f"cannot be made: {made.impossible}"
    hops = [_hop(hop) for hop in made.path[fork:]]
    return ": ".join(part for part in (" > ".join(hops), _end(made)) if part)


def _hop(hop: Hop) -> str:
    return f"{hop.number} ({hop.way_out})" if hop.way_out and hop.target else hop.number


def _end(made: Reenacted) -> str:
    number, trunk = made.sent_outside
    parts = [
        f"sent as {number} through {trunk}" if number else "",
        f"answered by {made.answered_by}" if made.answered_by else "",
        f"a message in {made.voicemail}" if made.voicemail else "",
    ]
    if not (made.answered_by or made.voicemail):
        parts.append(ended_by_plan(Reason(made.ends)).comment("en"))
    return ", ".join(part for part in parts if part)


def _who(call: RecordedCall) -> str:
    caller = call.caller_number or "somebody"
    return f"{caller} to {call.dialled}, {moment(call.started_at)} ({call.id})"
