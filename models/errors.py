"""What can go wrong between a command and the database, as types with exit codes.

The tree::

    ModelsError
    ├── ProvisioningError
    │   ├── NotFound          3   what was named is not there
    │   ├── AlreadyExists     4   the name or number is taken
    │   ├── InUse             4   something still leads here
    │   ├── ChangedMeanwhile  1   somebody else was faster
    │   └── InvalidSettings   5   one fault or many, all listed at once
    ├── DatabaseError         6
    │   ├── DatabaseUnavailable   not reachable, not readable, not a database
    │   ├── DatabaseLocked        somebody else has held it for too long
    │   ├── DatabaseTooNew        written by a newer version of this program
    │   └── DatabaseBehind        needs to be migrated first
    └── SealError             1   the key does not open what is stored
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

_LONGEST_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with what was asked for.

    Attributes:
        path: The field, as the person wrote it (``number``, ``keys.3``).
        value: What was given there.
        rule: The rule it breaks, readable after the value.
        sentence: The whole message, where path, value and rule read badly in a row.
    """

    path: str
    value: object
    rule: str
    sentence: str = ""

    def __str__(self) -> str:
        given = "" if self.value is None else f" {_shown(self.value)}"
        return self.sentence or f"{self.path}{given}: {self.rule}"


def _shown(value: object) -> str:
    text = repr(value)
    if len(text) <= _LONGEST_SHOWN:
        return text
    return f"{text[:_LONGEST_SHOWN]}…"


class ModelsError(Exception):
    """Anything this package refuses or cannot do; the message is written for a person."""

    exit_code: ClassVar[int] = 1


class ProvisioningError(ModelsError):
    """A change to the configuration was refused, and nothing has been changed."""


class NotFound(ProvisioningError):
    """What was named is not there (or belongs to somebody else, which is told apart nowhere)."""

    exit_code = 3


class AlreadyExists(ProvisioningError):
    """The name or number is taken already.

    Attributes:
        faults: The one field that cannot be had.
    """

    exit_code = 4

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.faults = [fault]


class ChangedMeanwhile(ProvisioningError):
    """Somebody else has changed it since it was looked at."""


class InUse(ProvisioningError):
    """Something still leads to what should be removed.

    Attributes:
        users: What leads here, one sentence each.
    """

    exit_code = 4

    def __init__(self, message: str, users: Sequence[str]) -> None:
        super().__init__(message)
        self.users = tuple(users)


class InvalidSettings(ProvisioningError):
    """What was given breaks rules; every broken rule is listed.

    Attributes:
        faults: All faults, in the order of the fields.
    """

    exit_code = 5

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = list(faults)


class DatabaseError(ModelsError):
    """The database cannot be used now."""

    exit_code = 6


class DatabaseUnavailable(DatabaseError):
    """The database does not answer, cannot be opened, or is no database."""


class DatabaseLocked(DatabaseError):
    """Another process has held the database for longer than we wait."""


class DatabaseTooNew(DatabaseError):
    """A newer version of this program has written the database."""


class DatabaseBehind(DatabaseError):
    """The tables are older than this program; they have to be migrated first."""


class SealError(ModelsError):
    """The key file cannot be used, or it does not open what was sealed."""


def taken(path: str, value: object, sentence: str) -> AlreadyExists:
    """Say that somebody has a name or number already."""
    return AlreadyExists(Fault(path, value, "is taken", sentence))


def refuse_if_any(faults: Sequence[Fault]) -> None:
    """Raise all faults at once.

    Raises:
        InvalidSettings: There is at least one.
    """
    if faults:
        raise InvalidSettings(faults)
