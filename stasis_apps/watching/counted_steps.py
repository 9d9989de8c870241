"""Counts calls by the very steps that make their records: what is recorded is what is counted."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from models.call_log import CallWrite, ClosedCall, JournalLine, OpenedCall
from stasis_apps.call_webhooks import LEFT_FIRST
from stasis_apps.journal import What
from stasis_apps.live_call.room import Writer
from stasis_apps.plan_store import PlanStore
from stasis_apps.watching.figures import ANSWERED, GIVEN_UP, REMOVED, UNUSABLE, Figures

_RESULTS: Final = {"": ANSWERED, LEFT_FIRST: GIVEN_UP}
"""What became of a question to a server, by the reason in the journal; all others are unusable."""

_SIGNS_OF_LIFE: Final = frozenset({What.RANG, What.PICKED_UP, What.ANSWERED})


class CountedSteps:
    """Hands each step on to the writer, and counts it."""

    def __init__(self, writer: Writer, figures: Figures, plans: PlanStore) -> None:
        """Stand between calls and the writer.

        Args:
            writer: Takes the steps.
            figures: Where they are counted.
            plans: Know the state of each tenant.
        """
        self._writer = writer
        self._figures = figures
        self._plans = plans
        self._silent_since: dict[str, datetime] = {}

    def put(self, step: CallWrite) -> None:
        """Take a step at once; never waits."""
        self._writer.put(step)
        match step:
            case OpenedCall():
                self._figures.calls_taken.labels(self._state(step.tenant_id), step.how).inc()
                self._silent_since[step.id] = step.started_at
            case JournalLine(what=What.REQUESTED):
                self._server_answered(step)
            case JournalLine(what=What.FAULT):
                self._figures.faults.inc()
            case JournalLine(what=what) if what in _SIGNS_OF_LIFE:
                self._first_sign_of_life(step, step.at)
            case ClosedCall():
                self._silent_since.pop(step.id, None)
                self._figures.calls_ended.labels(self._state(step.tenant_id), step.reason).inc()
                self._figures.talk.inc(max(0.0, step.talk_s))
            case _:
                pass  # the other steps tell of what happens within a call

    def _first_sign_of_life(self, step: JournalLine, at: datetime) -> None:
        since = self._silent_since.pop(step.call_id, None)
        if since is not None:
            self._figures.setup.observe(max(0.0, (at - since).total_seconds()))

    def _server_answered(self, step: JournalLine) -> None:
        """The caller has heard ringback all the while."""
        took_s = step.facts.get("took_s")
        if isinstance(took_s, int | float):
            result = _RESULTS.get(step.reason, UNUSABLE)
            self._figures.http_requests.labels(result).observe(took_s)
            rings_since = step.at - timedelta(seconds=took_s)
            self._first_sign_of_life(step, rings_since)

    def _state(self, tenant_id: int) -> str:
        plan = self._plans.plan_of(str(tenant_id))
        return plan.tenant.state if plan else REMOVED
