"""Moments and spans as people type them: ``1h``, ``2026-11-01``, ``2026-11-01T09:30``."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

import click

from models.tenant_file.route_test_schema import OUT_OF_TIME, YEARS

_SPAN: Final = re.compile(r"(?P<count>[1-9][0-9]{0,5})(?P<unit>[smhdw])")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def read_moment(text: str, *, now: datetime) -> datetime | None:
    """The moment that a text means, None when it means none.

    Args:
        text: A span back from now (``30m``), or an ISO 8601 date or moment; in UTC unless it says
            otherwise.
        now: Where spans end.
    """
    span = read_span(text)
    if span is not None:
        return _before(now, span)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def read_span(text: str) -> timedelta | None:
    """The length of time that a text means (``90s``, ``30m``, ``2h``, ``7d``, ``1w``), or None."""
    span = _SPAN.fullmatch(text)
    return timedelta(**{_UNITS[span["unit"]]: int(span["count"])}) if span else None


class Span(click.ParamType[timedelta]):
    """A length of time, for options."""

    name = "span"

    def __init__(self, longest: timedelta) -> None:
        self._longest = longest

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        """Read it, or say how it is written."""
        span = read_span(str(value))
        if span is None:
            self.fail(f"{value!r} is no length of time (90s, 30m, 2h, 7d)", param, ctx)
        if span > self._longest:
            longest = f"{self._longest.days // 365} years"
            self.fail(f"{value!r} is longer than {longest}", param, ctx)
        return span


class Moment(click.ParamType[datetime]):
    """A moment in the past, for options."""

    name = "moment"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Read it, or say how it is written."""
        moment = read_moment(str(value), now=datetime.now(UTC))
        if moment is None:
            self.fail(
                f"{value!r} is neither a span (90s, 30m, 1h, 7d) nor a moment (2026-11-01T09:30)",
                param,
                ctx,
            )
        return moment


class MomentOfTenant(click.ParamType[datetime]):
    """A moment by a tenant's clock, which is known when the tenant is; past or to come."""

    name = "moment"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Read ``2026-11-23T10:00``; one without a zone is left without."""
        try:
            at = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is no moment (2026-11-23T10:00)", param, ctx)
        if at.year not in YEARS:
            self.fail(f"{value!r} {OUT_OF_TIME}", param, ctx)
        return at


def _before(now: datetime, span: timedelta) -> datetime:
    try:
        return now - span
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC)
