"""Who is changing the configuration and by which command; every revision tells."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from models.storable import cut

LONGEST_WHO = 128
LONGEST_WHAT = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who does what.

    Attributes:
        who: A person or a caller: ``root``, ``caller 100``.
        what: What they do, without secrets: ``extension set 100``, ``apply acme.yaml``.
    """

    who: str
    what: str


NOBODY_KNOWN = Author(who="unknown", what="")

_AUTHOR: ContextVar[Author] = ContextVar("author", default=NOBODY_KNOWN)


@contextmanager
def changes_by(who: str, what: str) -> Iterator[None]:
    """Sign all changes that are made inside the block."""
    token = _AUTHOR.set(Author(who=cut(who, LONGEST_WHO), what=cut(what, LONGEST_WHAT)))
    try:
        yield
    finally:
        _AUTHOR.reset(token)


def author() -> Author:
    """Who signs what is changed now."""
    return _AUTHOR.get()
