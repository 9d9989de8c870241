"""PINs of mailboxes: hashed, compared, and weak ones refused; no tables."""

import asyncio
import base64
import hashlib
import hmac
import secrets
from typing import Final

from models.errors import Fault

SHORTEST: Final = 4
LONGEST: Final = 8

_COST: Final = 2**14  # scrypt's N; with r and p below, about 50 ms and 16 MB
_BLOCK: Final = 8
_LANES: Final = 1
_SALT_BYTES: Final = 16
_DIGITS: Final = "01234567890123456789"


class HashedPin(str):
    """A PIN of which only the hash is known: one that was taken away, and is given back."""

    __slots__ = ()


def pin_faults(pin: str) -> list[Fault]:
    """Say what is wrong with a PIN that somebody chose; the PIN is never repeated."""
    if isinstance(pin, HashedPin):
        return []
    if not (pin.isascii() and pin.isdigit() and SHORTEST <= len(pin) <= LONGEST):
        return [_fault(f"a PIN has {SHORTEST} to {LONGEST} digits")]
    if len(set(pin)) == 1:
        return [_fault("a PIN is not one digit over and over")]
    if pin in _DIGITS or pin in _DIGITS[::-1]:
        return [_fault("a PIN is not a row of digits, up or down")]
    half = len(pin) // 2
    if len(pin) % 2 == 0 and pin[:half] == pin[half:] and len(set(pin)) <= half:
        return [_fault("a PIN is not the same digits twice")]
    return []


async def hash_pin(pin: str) -> str:
    """Hash a PIN so that it can be stored: ``scrypt$salt$hash``."""
    if isinstance(pin, HashedPin):
        return str(pin)
    salt = secrets.token_bytes(_SALT_BYTES)
    return f"scrypt${_text(salt)}${_text(await asyncio.to_thread(_hash, pin, salt))}"


async def is_pin(hashed: str, pin: str) -> bool:
    """Whether a PIN is the one that was hashed; takes the same time for right and wrong."""
    kind, _, rest = hashed.partition("$")
    salt, _, expected = rest.partition("$")
    if kind != "scrypt":
        return False
    found = await asyncio.to_thread(_hash, pin, base64.b64decode(salt))
    return hmac.compare_digest(found, base64.b64decode(expected))


def _hash(pin: str, salt: bytes) -> bytes:
    return hashlib.scrypt(pin.encode(), salt=salt, n=_COST, r=_BLOCK, p=_LANES)


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def _fault(rule: str) -> Fault:
    return Fault("pin", "(hidden)", rule, f"pin: {rule}")
