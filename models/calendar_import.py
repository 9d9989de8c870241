"""Holidays out of the files that people have: iCalendar (.ics) or a table (.csv); pure."""

import codecs
import csv
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, tzinfo
from typing import Final

from models.calendar_ics import LONGEST_ENTRY_DAYS, NO_CALENDAR_FILE, Expansion, expand
from models.errors import Fault, InvalidSettings, refuse_if_any
from models.facts import CalendarDay
from models.storable import cut

LARGEST_FILE_BYTES: Final = 2_000_000
MOST_ENTRIES: Final = 20_000
LONGEST_NAME: Final = 120

_DELIMITERS: Final = ";\t,"
_ISO: Final = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})", re.ASCII)
_DAY_FIRST: Final = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})", re.ASCII)
_SEPARATOR_OF_EXCEL: Final = re.compile(r"sep=.", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedCalendar:
    """What was made of a file.

    Attributes:
        days: The holidays, by their order, none twice.
        covers_until: The last day that the file says anything about.
        source: The file's name.
        warnings: What was left out, one sentence each.
    """

    days: tuple[CalendarDay, ...]
    covers_until: date
    source: str
    warnings: tuple[str, ...] = ()


def import_calendar(
    content: bytes, *, file: str, today: date, timezone: tzinfo, asked: Collection[date] = ()
) -> ImportedCalendar:
    """Read a file of holidays.

    An .ics file is spread out from a year back to five years ahead, repetitions included; so it is
    around other days that are asked about, and between. A table
    has ``date;name`` or ``from;to;name`` in each line, parted by commas, semicolons or tabs, with
    or without a line of headings; dates are 2026-12-31 or 31.12.2026.

    Args:
        content: The file.
        file: Its name, for messages.
        today: The day from which years are counted.
        timezone: Whose days are meant by moments in UTC.
        asked: The days of calls that are imagined.

    Raises:
        InvalidSettings: All that cannot be read, each with its line.
    """
    if len(content) > LARGEST_FILE_BYTES:
        rule = f"is larger than {LARGEST_FILE_BYTES // 1_000_000} MB; no calendar is"
        raise InvalidSettings([Fault("file", file, rule)])
    text = _decoded(content)
    if not text.strip():
        raise InvalidSettings([Fault("file", file, "is empty")])
    if not _is_ics(text) and file.lower().endswith(".ics"):
        raise InvalidSettings([Fault("file", file, NO_CALENDAR_FILE)])
    if _is_ics(text):
        around = (today, *asked)
        found = expand(text, file=file, around=around, timezone=timezone, limit=MOST_ENTRIES)
    else:
        found = _table(text, file)
    days = _in_order(found.days)
    if not days:
        raise InvalidSettings([Fault("file", file, "names no holiday of these years")])
    return ImportedCalendar(
        days=days,
        covers_until=found.covers_until or max(day.last for day in days),
        source=cut(file, LONGEST_NAME),
        warnings=found.warnings,
    )


def _decoded(content: bytes) -> str:
    """Read the letters; files out of old Windows programs are in Cyrillic more often than not."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1251", "replace")


def _is_ics(text: str) -> bool:
    return text.lstrip()[:6].upper() == "BEGIN:"


def _in_order(days: tuple[CalendarDay, ...]) -> tuple[CalendarDay, ...]:
    named = (
        CalendarDay(first=day.first, last=day.last, name=cut(day.name.strip(), LONGEST_NAME))
        for day in days
    )
    return tuple(sorted(set(named), key=lambda day: (day.first, day.last, day.name)))


def _table(text: str, file: str) -> Expansion:
    rows = list(_rows(text))
    if len(rows) > MOST_ENTRIES:
        rule = f"has more than {MOST_ENTRIES} lines; no calendar has"
        raise InvalidSettings([Fault("file", file, rule)])
    days: list[CalendarDay] = []
    faults: list[Fault] = []
    for place, (line, cells) in enumerate(rows):
        entry = _entry(cells)
        if isinstance(entry, CalendarDay):
            days.append(entry)
        elif place > 0 or any(character.isdigit() for character in cells[0]):
            faults.append(_at_line(file, line, ";".join(cells), entry))
    refuse_if_any(faults)
    return Expansion(days=tuple(days))


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Every line with something in it, with its number; cells are stripped."""
    lines = text.splitlines()
    delimiter = _delimiter_of(lines)
    for number, line in enumerate(lines, start=1):
        if line.startswith("#") or _SEPARATOR_OF_EXCEL.fullmatch(line.strip()):
            continue
        cells = [cell.strip() for row in csv.reader([line], delimiter=delimiter) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            yield number, cells


def _delimiter_of(lines: list[str]) -> str:
    """What parts the cells: the first of ``;``, tab and ``,`` that stands behind a date."""
    dated = [line for line in lines if any(character.isdigit() for character in line)]
    return next((one for one in _DELIMITERS for line in dated[:1] if one in line), ",")


def _entry(cells: list[str]) -> CalendarDay | str:
    """The holiday in a line, or what is wrong with the line."""
    first = _date(cells[0])
    if first is None:
        return "does not begin with a date (2026-12-31 or 31.12.2026)"
    last = _date(cells[1]) if len(cells) > 1 else None
    names = cells[1:] if last is None else cells[2:]
    last = last or first
    if last < first:
        return "ends before it begins"
    if (last - first).days >= LONGEST_ENTRY_DAYS:
        return "is longer than a year"
    return CalendarDay(first=first, last=last, name=", ".join(name for name in names if name))


def _date(text: str) -> date | None:
    if found := _ISO.fullmatch(text):
        year, month, day = found.groups()
    elif found := _DAY_FIRST.fullmatch(text):
        day, month, year = found.groups()
    else:
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _at_line(file: str, line: int, text: str, rule: str) -> Fault:
    return Fault(f"line {line}", text, rule, f"{file}, line {line}: {rule}")
