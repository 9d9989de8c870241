"""Questions to the servers of tenants, and what comes back; values, and nothing of the network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a server is asked.

    Attributes:
        tenant_id: Whose server it is.
        element: The number of the element that asks.
        url: Where to.
        form: Names and values.
        timeout_s: How long all of it may take.
    """

    tenant_id: int
    element: str
    url: str = field(repr=False)
    form: Mapping[str, str] = field(repr=False)
    timeout_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server has answered.

    Attributes:
        status: Of HTTP.
        content_type: The header, or empty.
        body: At most one byte more than may be read.
    """

    status: int
    content_type: str = ""
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """There is no answer; the sentence says why."""

    why: str
