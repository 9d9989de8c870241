"""Keeps imagined calls out of the log, which tells of real ones; their story is their journal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import structlog
from structlog.typing import EventDict

_is_imagined: ContextVar[bool] = ContextVar("is_imagined", default=False)


@contextmanager
def unlogged() -> Iterator[None]:
    """Whatever is logged inside, by this context and its tasks, is dropped."""
    processors = structlog.get_config()["processors"]
    if _drop_imagined not in processors:
        processors.insert(0, _drop_imagined)
    token = _is_imagined.set(True)
    try:
        yield
    finally:
        _is_imagined.reset(token)


def _drop_imagined(_logger: object, _name: str, event: EventDict) -> EventDict:
    if _is_imagined.get():
        raise structlog.DropEvent
    return event
