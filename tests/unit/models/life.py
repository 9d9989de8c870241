"""The life of a tenant: every kind of change that can be made, in an order that works."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Final

from models import provisioning
from models.calendar_import import ImportedCalendar
from models.facts import CalendarDay
from models.imported_sound import ImportedSound
from models.seal import Seal
from models.sound_files import SoundFolder
from stasis_apps.element import Catalogue

ACME: Final = "acme"
OURS: Final = "+74951234567"
PIN, ANOTHER_PIN = "48260571", "91736402"
PASSWORD: Final = "their-secret-not-ours"
CATALOGUE: Final = Catalogue()
NEW_YEAR: Final = ImportedCalendar(
    days=(CalendarDay(first=date(2027, 1, 1), last=date(2027, 1, 8), name="Новый год"),),
    covers_until=date(2031, 1, 1),
    source="russia.ics",
)


@dataclass(frozen=True, slots=True)
class Step:
    """One change.

    Attributes:
        function: What of `provisioning` makes it.
        make: Makes it.
        touches: The sections of the tenant's file in which it is seen.
        note: What it leaves besides, or a part of that.
    """

    function: str
    make: Callable[[], Awaitable[object]]
    touches: frozenset[str] = frozenset()
    note: str = ""


def a_sound(name: str = "a", duration_s: float = 1.5) -> ImportedSound:
    """A prompt without audio worth hearing; another name makes another upload."""
    return ImportedSound(
        duration_s=duration_s,
        source_rate_hz=8_000,
        sha256=(name.encode().hex() * 64)[:64],
        warnings=("quiet",),
        files={"wav": name.encode(), "alaw": b"", "ulaw": b"", "sln16": b""},
    )


def step(function: str, *touches: str, note: str = "", **given: object) -> Step:
    """A change of acme's by the function of that name."""
    change: Callable[..., Awaitable[object]] = getattr(provisioning, function)
    return Step(function, lambda: change(tenant=ACME, **given), frozenset(touches), note)


def beginning(seal: Seal) -> list[Step]:
    """People, phones, trunks, numbers and places come."""
    return [*_people(seal), *_lines(seal)]


def _people(seal: Seal) -> list[Step]:
    made: Callable[..., Awaitable[object]] = provisioning.create_tenant
    changed: Callable[..., Awaitable[object]] = provisioning.set_tenant
    return [
        Step(
            "create_tenant",
            lambda: made(name=ACME, domain="acme.test", country="RU"),
            frozenset({"tenant", "domain", "country"}),
        ),
        Step("set_tenant", lambda: changed(name=ACME, timezone="Europe/Moscow"), _one("timezone")),
        step("create_extension", "extensions", number="100", name="Анна", seal=seal),
        step("create_extension", "extensions", number="101", name="Boris", seal=seal),
        step("set_extension", "extensions", number="101", ring_s=30),
        step("create_device", "extensions", name="100-kitchen", extension="100", seal=seal),
        step("set_device", "extensions", name="100-kitchen", caller_name="Kitchen", seal=seal),
        step("set_device", note="device 100 was changed", name="100", new_password=True, seal=seal),
    ]


def _lines(seal: Seal) -> list[Step]:
    return [
        step(
            "create_trunk",
            "trunks",
            "outbound",
            name="moscow",
            host="sip.test",
            username="u",
            password=PASSWORD,
            seal=seal,
        ),
        step("set_trunk", note="trunk moscow was changed", name="moscow", password="x", seal=seal),
        step("set_trunk", "trunks", name="moscow", host="sip2.test", seal=seal),
        step("create_number", "numbers", number=OURS, trunk="moscow"),
        step("set_number", "numbers", number=OURS, target="100", label="front desk"),
        step("create_location", "locations", name="office", detail="third floor"),
        step("set_location", "locations", name="office", new_name="hq"),
        step(
            "set_emergency_address",
            "emergency",
            number=OURS,
            party="Acme",
            street="Arbat 1",
            city="Moscow",
        ),
        step("set_emergency_trunks", "emergency", trunks=("moscow",)),
    ]


def middle(files: SoundFolder) -> list[Step]:
    """Elements, sounds, holidays, PINs, switches and rules come."""
    return [
        step("put_calendar", "calendars", name="ru", calendar=NEW_YEAR),
        step("put_sound", "sounds", name="hello", sound=a_sound(), files=files),
        _element("voicemail", "5120"),
        _element("switch", "5300", open="100"),
        _element("set_switch", "5301", switch="5300"),
        *_decisions(),
    ]


def _element(kind: str, number: str, **settings: str) -> Step:
    return step(
        "create_element",
        "elements",
        kind=kind,
        number=number,
        settings=settings,
        catalogue=CATALOGUE,
    )


def _decisions() -> list[Step]:
    closed = {"closed": "5120"}
    return [
        step("set_element", "elements", number="5300", settings=closed, catalogue=CATALOGUE),
        step("set_switch", note="5300 was forced closed", number="5300", position="closed", by="x"),
        step("clear_switch", note="5300 was left", number="5300"),
        step("set_pin", "elements", box="5120", pin=PIN),
        step("set_pin", note="the PIN of 5120 was changed", box="5120", pin=ANOTHER_PIN),
        step("set_switch_pin", "elements", number="5301", pin=PIN),
        step("create_alias", "aliases", name="info", target="5300"),
        step("set_alias", "aliases", name="info", allows_direct_sip=True),
        step("create_rule", "outbound", name="home", mask="(+7+)", pin=PIN, catalogue=CATALOGUE),
        step("create_rule", "outbound", name="rest", mask="(+)", catalogue=CATALOGUE),
        step("set_rule", "outbound", name="rest", output="8$", catalogue=CATALOGUE),
        step("move_rule", "outbound", name="rest", place=1),
    ]


def end(files: SoundFolder) -> list[Step]:
    """All of it goes, but the tenant itself and its first person."""
    return [
        step("remove_rule", "outbound", name="home"),
        step("remove_alias", "aliases", name="info"),
        step("remove_element", "elements", number="5301", catalogue=CATALOGUE),
        step("remove_element", "elements", number="5300", catalogue=CATALOGUE),
        step("remove_element", "elements", number="5120", catalogue=CATALOGUE),
        step("remove_sound", "sounds", name="hello", files=files, catalogue=CATALOGUE),
        step("remove_calendar", "calendars", name="ru", catalogue=CATALOGUE),
        step("set_emergency_trunks", "emergency", trunks=()),
        step("remove_emergency_address", "emergency", number=OURS),
        step("remove_location", "locations", name="hq"),
        step("remove_number", "numbers", number=OURS),
        step("remove_trunk", "trunks", "outbound", name="moscow"),
        step("remove_device", "extensions", name="100-kitchen"),
        step("remove_extension", "extensions", number="101", catalogue=CATALOGUE),
    ]


def _one(section: str) -> frozenset[str]:
    return frozenset({section})
