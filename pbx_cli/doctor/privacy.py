"""The doctor's question about privacy: what can other users of this machine read?"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from models.config import parse_url
from models.errors import ModelsError
from pbx_cli.doctor.findings import Finding, up, warning
from pbx_cli.home import is_open_to_others
from stasis_apps.settings import Settings
from stasis_apps.settings.file import find_settings_file

NAME: Final = "privacy"
SPOOL: Final = "journal.*"

TO_EVERYBODY: Final = 0o007
"""A group may have been chosen: /etc/pbx/pbx.env is 0640 root:pbx, a key 0640 root:ssl-cert."""

WITH_PASSWORDS: Final = ("PBX_DATABASE_URL", "PBX_SMTP_URL")


async def check_privacy(settings: Settings) -> Finding:
    """Do home, database, recordings and what opens other doors belong to this user alone?"""
    advice = await asyncio.to_thread(_advice, settings)
    if advice:
        return warning(NAME, f"other users of this machine may read part of it: {advice}")
    return up(NAME, "other users of this machine can read nothing of it")


def _advice(settings: Settings) -> str:
    """The commands that close what is open; empty when nothing is."""
    ours = [place for place in _our_places(settings) if is_open_to_others(place)]
    shared = [place for place in _shared_places(settings) if _is_open_to_everybody(place)]
    commands = (("go", ours), ("o", shared))
    return "; ".join(
        f"chmod {whom}= {' '.join(map(str, places))}" for whom, places in commands if places
    )


def _our_places(settings: Settings) -> Sequence[Path]:
    """What nobody else has to do with; the key of passwords has a line of its own."""
    places = [settings.home, settings.sound_folder, settings.voicemail_folder]
    places += [*settings.home.glob(SPOOL)]
    with suppress(ModelsError):  # told by the check of the database
        file = parse_url(settings.database_url).sqlite_path
        places += [Path(file)] if file is not None else []
    return places


def _shared_places(settings: Settings) -> Sequence[Path]:
    """What a group may read, and nobody else."""
    found = find_settings_file(os.environ)
    places = [found.path] if found and _holds_a_password(found.values) else []
    return [*places, settings.tls.key_file] if settings.tls else places


def _holds_a_password(values: Mapping[str, str]) -> bool:
    return any(_has_password(values.get(name, "")) for name in WITH_PASSWORDS)


def _has_password(url: str) -> bool:
    try:
        return bool(urlsplit(url).password)
    except ValueError:  # unreadable, and set aside by the environment
        return True


def _is_open_to_everybody(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & TO_EVERYBODY)
    except OSError:
        return False
