"""Rules for single fields: each function says what is wrong with one value; pure.

All take the value as the person gave it and return a list with no fault or with one.
"""

import ipaddress
import re
import unicodedata
import zoneinfo
from functools import cache
from typing import Final

import phonenumbers

from models import numbering
from models.errors import Fault

LANGUAGES: Final = ("en", "ru")
STATES: Final = ("trial", "active", "blocked")
ENCRYPTIONS: Final = ("off", "optional", "required")
NAME_BYTES: Final = 70
SHORTEST_RING_S: Final = 1
LONGEST_RING_S: Final = 600

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_TENANT_NAME = re.compile(_LABEL)
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)*{_LABEL}")
_ALL_DIGITS_LABEL = re.compile(r"(?:.*\.)?[0-9]+")
_DOMAIN_LENGTH: Final = 253
_DEVICE_WORD = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_DEVICE_LENGTH: Final = 32
_SOUND_NAME = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
_SOUND_LENGTH: Final = 64
_EMAIL = re.compile(r"[^\s@<>,;:\"]+@[^\s@<>,;:\"]+\.[^\s@<>,;:\"]+")
_EMAIL_LENGTH: Final = 254
_UNSHOWABLE = {"Cc", "Cs", "Zl", "Zp"}


def tenant_name_faults(name: str) -> list[Fault]:
    """Refuse anything but ``[a-z0-9]`` with inner hyphens: it is part of addresses and paths."""
    if _TENANT_NAME.fullmatch(name):
        return []
    return [
        Fault(
            "name",
            name,
            "a tenant's name has 1 to 63 of a-z and 0-9, and hyphens between them",
        )
    ]


def domain_faults(domain: str, path: str = "domain") -> list[Fault]:
    """Refuse anything but a lower-case DNS name (RFC 1035, section 2.3.1; RFC 1123 digits)."""
    is_name = len(domain) <= _DOMAIN_LENGTH and _DOMAIN.fullmatch(domain)
    if is_name and not _ALL_DIGITS_LABEL.fullmatch(domain):
        return []
    return [
        Fault(
            path,
            domain,
            "a domain is a DNS name in lower case, without spaces (acme.example)",
        )
    ]


def domain_alias_faults(alias: str) -> list[Fault]:
    """Refuse anything but a lower-case DNS name or an IP address in its usual spelling."""
    if not domain_faults(alias):
        return []
    try:
        usual = str(ipaddress.ip_address(alias))
    except ValueError:
        rule = "an alias domain is a DNS name in lower case, or an IP address"
        return [Fault("domain_aliases", alias, rule)]
    if usual != alias:
        return [Fault("domain_aliases", alias, f"this address is written {usual}")]
    return []


def display_name_faults(name: str, path: str = "name") -> list[Fault]:
    """Refuse names over 70 bytes of UTF-8 (70 English or 35 Russian letters), or not showable."""
    if not name.strip():
        return [Fault(path, name, "a name must not be empty")]
    if name != name.strip():
        return [Fault(path, name, "a name has no spaces at its ends")]
    if any(unicodedata.category(character) in _UNSHOWABLE for character in name):
        return [Fault(path, name, "a name has no control characters")]
    size = len(name.encode())
    if size > NAME_BYTES:
        rule = f"a name has at most {NAME_BYTES} bytes of UTF-8, this one has {size} bytes"
        return [Fault(path, name, rule)]
    return []


def timezone_faults(timezone: str) -> list[Fault]:
    """Refuse what the time zone database does not know. Reads the disk at its first call."""
    if timezone in _timezones():
        return []
    return [
        Fault(
            "timezone",
            timezone,
            "a time zone has an IANA name (Europe/Moscow)",
        )
    ]


@cache
def _timezones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def country_faults(country: str, path: str = "country") -> list[Fault]:
    """Refuse what is no country with telephone numbers of its own."""
    if country in phonenumbers.SUPPORTED_REGIONS:
        return []
    return [Fault(path, country, "a country has an ISO 3166 code of two capitals (RU)")]


def language_faults(language: str) -> list[Fault]:
    """Refuse languages that we do not speak."""
    return _one_of("language", language, LANGUAGES)


def state_faults(state: str) -> list[Fault]:
    """Refuse unknown states of a tenant."""
    return _one_of("state", state, STATES)


def encryption_faults(encryption: str) -> list[Fault]:
    """Refuse what Asterisk is not told of."""
    return _one_of("encryption", encryption, ENCRYPTIONS)


def _one_of(path: str, value: str, allowed: tuple[str, ...]) -> list[Fault]:
    if value in allowed:
        return []
    return [Fault(path, value, f"one of {', '.join(allowed)}")]


def extension_number_faults(number: str, country: str) -> list[Fault]:
    """Refuse numbers that are not for people in this country."""
    if not numbering.is_extension_number(number):
        first, last = numbering.FIRST_EXTENSION, numbering.LAST_EXTENSION
        return [Fault("number", number, f"an extension has a number from {first} to {last}")]
    return _reserved_faults(number, country)


def element_number_faults(number: str, country: str) -> list[Fault]:
    """Refuse numbers that are not for elements in this country."""
    if not numbering.is_element_number(number):
        first, last = numbering.FIRST_ELEMENT, numbering.LAST_ELEMENT
        return [Fault("number", number, f"an element has a number from {first} to {last}")]
    return _reserved_faults(number, country)


def _reserved_faults(number: str, country: str) -> list[Fault]:
    if not numbering.is_reserved(number, country):
        return []
    return [Fault("number", number, f"this is an emergency number in {country}")]


def ring_time_faults(ring_s: int) -> list[Fault]:
    """Refuse times that nobody could answer in, or would wait for."""
    if SHORTEST_RING_S <= ring_s <= LONGEST_RING_S:
        return []
    rule = f"a phone rings for {SHORTEST_RING_S} to {LONGEST_RING_S} seconds"
    return [Fault("ring_s", ring_s, rule)]


def email_faults(email: str, path: str = "email") -> list[Fault]:
    """Refuse what cannot be one mail address; whether it exists is found out by writing to it."""
    if len(email) <= _EMAIL_LENGTH and email.isprintable() and _EMAIL.fullmatch(email):
        return []
    return [Fault(path, email, "a mail address looks like alice@acme.example")]


def device_name_faults(name: str, extension: str) -> list[Fault]:
    """Refuse names other than the extension's number, or that number, a hyphen and a word."""
    number, _, word = name.partition("-")
    is_right = name == extension or (number == extension and _DEVICE_WORD.fullmatch(word))
    if is_right and len(name) <= _DEVICE_LENGTH:
        return []
    rule = (
        f"a device of {extension} is called {extension}, or {extension}- and a word of a-z and 0-9 "
        f"({extension}-kitchen), {_DEVICE_LENGTH} characters at most"
    )
    return [Fault("name", name, rule)]


def sound_name_faults(name: str) -> list[Fault]:
    """Refuse names that are not simple words: they are file names, and elements name them."""
    return _word_faults(name, "a sound's name")


def calendar_name_faults(name: str) -> list[Fault]:
    """Refuse names that are not simple words: time rules name them."""
    return _word_faults(name, "a calendar's name")


def _word_faults(name: str, whose: str) -> list[Fault]:
    if len(name) <= _SOUND_LENGTH and _SOUND_NAME.fullmatch(name):
        return []
    rule = f"{whose} has 1 to {_SOUND_LENGTH} of a-z, 0-9, and hyphens or _ between them"
    return [Fault("name", name, rule)]
