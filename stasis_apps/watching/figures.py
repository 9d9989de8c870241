"""What is counted and timed as it happens; each figure is counted in one place only.

No label is a name, a number or an id: each takes its values from a list that stands in the code,
so that the figures of ten thousand tenants are as many as those of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)

from models.rules import STATES
from stasis_apps.call import WayIn
from stasis_apps.decisions.ending import Reason

SETUP_BUCKETS_S: Final = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 2.0, 5.0, 10.0, 20.0)
REQUEST_BUCKETS_S: Final = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)
LAG_BUCKETS_S: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0)


REMOVED: Final = "removed"
"""The state of a tenant that is gone."""

STATES_OF_TENANTS: Final = (*STATES, REMOVED)

ANSWERED: Final = "answered"
UNUSABLE: Final = "unusable"
GIVEN_UP: Final = "given_up"
HTTP_RESULTS: Final = (ANSWERED, UNUSABLE, GIVEN_UP)
"""What becomes of questions to the servers of tenants; of the last, the caller did not wait."""

HTTP_BUCKETS_S: Final = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0)


class Figures:
    """The figures of this process since its start.

    Attributes:
        registry: All of them, and those that are looked up when somebody asks.
        calls_taken: Calls that have come in.
        calls_ended: Calls that are over.
        setup: How long callers waited for the first sign of life.
        talk: For how long people have talked.
        http_requests: How long calls waited for the servers of tenants.
        faults: Faults that calls met and survived.
        requests: How long Asterisk took to answer a request.
        request_errors: Requests that it refused or left without an answer.
        lag: How late the event loop comes to what is due.
    """

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call] # the library says no types here
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)  # reads /proc at each scrape, which is no disk
        self._of_calls()
        self._of_the_application()
        self._begin_at_zero()

    def _of_calls(self) -> None:
        self.calls_taken = self._counter(
            "pbx_calls_taken",
            "Calls that have come in, by the state of their tenant and the way in.",
            "tenant_state",
            "way_in",
        )
        self.calls_ended = self._counter(
            "pbx_calls_ended",
            "Calls that are over, by the state of their tenant and the reason of call records.",
            "tenant_state",
            "result",
        )
        self.setup = self._histogram(
            "pbx_call_setup_seconds",
            "From the arrival of a call to the first ringing, or to the exchange's answer.",
            SETUP_BUCKETS_S,
        )
        self.talk = self._counter(
            "pbx_talk_seconds", "Seconds from answer to end of the calls that are over."
        )
        self.http_requests = self._histogram(
            "pbx_http_request_seconds",
            "How long calls waited for the servers of tenants, by what became of the request.",
            HTTP_BUCKETS_S,
            "result",
        )
        self.faults = self._counter(
            "pbx_call_faults",
            "Faults of the exchange that calls met on their way, such as an element that failed.",
        )

    def _of_the_application(self) -> None:
        self.requests = self._histogram(
            "pbx_ari_request_seconds",
            "How long Asterisk took to answer a request, whatever the answer was.",
            REQUEST_BUCKETS_S,
            "operation",
        )
        self.request_errors = self._counter(
            "pbx_ari_request_errors",
            "Requests that Asterisk refused, by HTTP status, or left without answer (none).",
            "operation",
            "status",
        )
        self.lag = self._histogram(
            "pbx_event_loop_lag_seconds",
            "How late the application comes to what is due, looked at four times a second.",
            LAG_BUCKETS_S,
        )

    def _counter(self, name: str, words: str, *labels: str) -> Counter:
        return Counter(name, words, labels, registry=self.registry)

    def _histogram(
        self, name: str, words: str, buckets: Sequence[float], *labels: str
    ) -> Histogram:
        return Histogram(name, words, labels, buckets=buckets, registry=self.registry)

    def _begin_at_zero(self) -> None:
        """The first call of a kind is seen as one more only if there was a zero before."""
        for result in HTTP_RESULTS:
            self.http_requests.labels(result)
        for state in STATES_OF_TENANTS:
            for way_in in WayIn:
                self.calls_taken.labels(state, way_in)
            for reason in Reason:
                self.calls_ended.labels(state, reason)
