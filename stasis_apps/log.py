"""Logging: structlog for us, and what the libraries say through the same output."""

from __future__ import annotations

import logging
import sys

import structlog


def set_up_logging(*, log_format: str, level: str) -> None:
    """Log to stderr: lines for people, or one JSON document a line for machines.

    Args:
        log_format: ``console`` or ``json``.
        level: ``debug``, ``info``, ``warning`` or ``error``.
    """
    threshold = logging.getLevelNamesMapping()[level.upper()]
    renderer = _console() if log_format == "console" else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info if log_format == "json" else _as_it_is,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(stream=sys.stderr, level=max(threshold, logging.WARNING), force=True)


def _console() -> structlog.dev.ConsoleRenderer:
    # The usual formatter prints the local variables of every frame: passwords, keys, numbers.
    return structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
    )


def _as_it_is(
    _logger: object, _name: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    return event
