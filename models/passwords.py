"""Passwords of devices: one that can be read out on the telephone is made, weak ones refused."""

import secrets

from models.errors import Fault

LENGTH = 24
SHORTEST = 12
LONGEST = 128
_FEWEST_DIFFERENT = 5

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""No ``i l o 0 1`` and no capitals: people type this into a phone's keypad."""


def make_password() -> str:
    """Make a password of 24 letters and digits (118 bits), none of which looks like another."""
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def password_faults(password: str) -> list[Fault]:
    """Say what is wrong with a password that somebody chose; the password is never repeated.

    ASCII only, because SIP does not say in which encoding the rest is hashed.
    """
    if not (password.isascii() and password.isprintable() and " " not in password):
        return [_fault("a password has printable ASCII characters only, and no spaces")]
    if not SHORTEST <= len(password) <= LONGEST:
        return [_fault(f"a password has {SHORTEST} to {LONGEST} characters")]
    if len(set(password)) < _FEWEST_DIFFERENT:
        return [_fault(f"a password has at least {_FEWEST_DIFFERENT} different characters")]
    return []


def _fault(rule: str) -> Fault:
    return Fault("password", "(hidden)", rule, f"password: {rule}")
