"""Messages whose callers are still speaking: they come into the next backup, and whole."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from ari_client import AriClient, AriError, ResourceGone
from asterisk_conf import AsteriskError
from models.message_files import MessageFilesError, MessageFolder
from pbx_cli.asterisk import ari_access
from pbx_cli.backup.places import PENDING, RECORDINGS
from stasis_apps.services.message_drafts import NewMessage
from stasis_apps.settings import Settings

_ASTERISK_LIMIT_S: Final = 5.0
_RUNS: Final = frozenset({"queued", "recording", "paused"})


async def still_recording(settings: Settings) -> frozenset[str]:
    """The files of messages that are being recorded at this moment, or are about to be.

    An Asterisk that does not answer records nothing; what it has recorded is kept.
    """
    drafts = await asyncio.to_thread(_drafts, settings.home)
    unfinished = [one for one, has_sound in drafts if not has_sound]
    begun = [one for one, has_sound in drafts if has_sound]
    if begun:
        unfinished += await _running(settings, begun)
    return frozenset(path for one in unfinished for path in _files_of(one))


async def _running(settings: Settings, begun: Iterable[NewMessage]) -> list[NewMessage]:
    try:
        async with asyncio.timeout(_ASTERISK_LIMIT_S), AriClient(ari_access(settings)) as ari:
            return [one for one in begun if await _runs(ari, one.recording)]
    except (AriError, AsteriskError, TimeoutError):
        return []


def _drafts(home: Path) -> list[tuple[NewMessage, bool]]:
    """What has begun, and whether there is any sound of it yet."""
    found = []
    for file in (home / PENDING).glob("[!.]*.json"):
        try:
            draft = msgspec.json.decode(file.read_bytes(), type=NewMessage)
            in_place = MessageFolder(home / "voicemail").path(draft.tenant_id, draft.id)
        except (OSError, ValueError, msgspec.MsgspecError, MessageFilesError):
            continue  # finished meanwhile, or damaged: then it goes in as it is
        found.append((draft, (home / _recording_of(draft)).exists() or in_place.exists()))
    return found


async def _runs(ari: AriClient, recording: str) -> bool:
    try:
        return (await ari.recordings.get_live(recording)).state in _RUNS
    except ResourceGone:
        return False


def _files_of(draft: NewMessage) -> Iterable[str]:
    return f"{PENDING}/{draft.id}.json", _recording_of(draft)


def _recording_of(draft: NewMessage) -> str:
    return f"{RECORDINGS}/{draft.recording}.wav"
