"""Sounds and calendars that a tenant file names, read off the disk; slow, call it in a thread."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, tzinfo
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from models import rules
from models.calendar_import import LARGEST_FILE_BYTES, import_calendar
from models.errors import InvalidSettings
from models.facts import CalendarFacts
from models.imported_sound import ImportedSound
from models.sound_import import LARGEST_UPLOAD_BYTES, import_sound
from models.tenant_file.contents import NoContent, NoSuchFile, content_beside
from models.tenant_file.parts import Route, RoutedFault
from models.tenant_file.places import calendars_in_document

Entries = Mapping[str, Any]  # JSON border: a section of a tenant file

_UNKNOWN: Final = "0" * 64
"""Stands for the hash of a sound whose file cannot be read."""


@dataclass(slots=True)
class Uploads:
    """What was found behind the names of sounds and calendars.

    Attributes:
        sounds: The prompts that were read, by name.
        hashes: The hash of the upload of every sound, by name.
        calendars: The calendars as they stand in a document, by name.
        faults: What cannot be read.
    """

    sounds: dict[str, ImportedSound] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)
    calendars: dict[str, Any] = field(default_factory=dict)  # JSON border: parts of a document
    faults: list[RoutedFault] = field(default_factory=list)


def read_uploads(raw: Entries, folder: Path, asked: Collection[date] = ()) -> Uploads:
    """Read all files that a tenant file names.

    Args:
        raw: The file.
        folder: Its folder; paths are relative to it.
        asked: The days of calls that are imagined; holidays are known around them, too.
    """
    found = Uploads()
    for name, entry in raw.get("sounds", {}).items():
        _take_sound(found, name, entry if isinstance(entry, dict) else {"file": entry}, folder)
    for name, entry in raw.get("calendars", {}).items():
        if isinstance(entry, str):
            zone = _zone(raw.get("timezone", "UTC"))
            _take_calendar(found, name, entry, folder, zone, asked)
        else:
            found.calendars[name] = entry
    return found


def files_named(raw: Entries) -> Iterator[str]:
    """Every file that a tenant file names, as it names it."""
    for section in ("sounds", "calendars"):
        entries = raw.get(section)
        for entry in entries.values() if isinstance(entries, dict) else ():
            file = entry.get("file") if isinstance(entry, dict) else entry
            if isinstance(file, str):
                yield file


def _take_sound(found: Uploads, name: str, entry: Mapping[str, str], folder: Path) -> None:
    route: Route = ("sounds", name)
    declared = entry.get("sha256")
    file = entry.get("file")
    try:
        content = _content_of_sound(file, folder)
    except NoContent as problem:
        if declared is None or not isinstance(problem, NoSuchFile):
            rule = problem.rule if file else "names neither a file nor a sha256"
            found.faults.append(RoutedFault(route, file, rule))
        found.hashes[name] = declared or _UNKNOWN
        return
    sha256 = hashlib.sha256(content).hexdigest()
    is_export = declared is not None and sha256 == entry.get("exported")
    try:
        sound = import_sound(content, file=str(file))
    except InvalidSettings as refusal:
        found.faults += [RoutedFault(route, file, fault.rule) for fault in refusal.faults]
        found.hashes[name] = sha256
        return
    found.sounds[name] = replace(sound, sha256=declared) if is_export and declared else sound
    found.hashes[name] = found.sounds[name].sha256


def _content_of_sound(file: str | None, folder: Path) -> bytes:
    if not file:
        raise NoSuchFile
    return content_beside(folder, file, LARGEST_UPLOAD_BYTES)


def _take_calendar(
    found: Uploads, name: str, file: str, folder: Path, zone: tzinfo, asked: Collection[date]
) -> None:
    route: Route = ("calendars", name)
    try:
        content = content_beside(folder, file, LARGEST_FILE_BYTES)
    except NoContent as problem:
        found.faults.append(RoutedFault(route, file, problem.rule))
        return
    today = datetime.now(zone).date()
    try:
        read = import_calendar(
            content, file=Path(file).name, today=today, timezone=zone, asked=asked
        )
    except InvalidSettings as refusal:
        found.faults += [
            RoutedFault(route, file, fault.rule, fault.sentence) for fault in refusal.faults
        ]
        return
    facts = CalendarFacts(
        name=name, days=read.days, covers_until=read.covers_until, source=read.source
    )
    found.calendars |= calendars_in_document([facts])


def _zone(timezone: str) -> tzinfo:
    return ZoneInfo("UTC" if rules.timezone_faults(timezone) else timezone)
