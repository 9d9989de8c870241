"""An Asterisk in memory, for tests of whatever stands on `ari_client`.

`FakeAsterisk` is a `Transport`: give it to `AriClient` and no network is needed. It behaves as a
real Asterisk 22 does wherever the contract suite compares the two. Time is the running loop's, so
that a clock that jumps (`JumpingClockLoop`) drives it: whoever wants to know what a call would come
to, without making one, waits for nothing.
"""

from ari_client.testing.fake import FakeAsterisk
from ari_client.testing.jumping_clock import Deadlock, JumpingClockLoop
from ari_client.testing.phones import (
    Answers,
    Busy,
    Declines,
    HangsUp,
    NeverAnswers,
    Phone,
    Step,
    StepKind,
    Unreachable,
    Unregistered,
)
from ari_client.testing.requests import Request

__all__ = [
    "Answers",
    "Busy",
    "Deadlock",
    "Declines",
    "FakeAsterisk",
    "HangsUp",
    "JumpingClockLoop",
    "NeverAnswers",
    "Phone",
    "Request",
    "Step",
    "StepKind",
    "Unreachable",
    "Unregistered",
]
