"""A request to the fake, and the table of what each one does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeAlias, TypeVar

from ari_client.testing.media import Media
from ari_client.testing.state import FakeRecording
from ari_client.testing.switchboard import Switchboard

Model: TypeAlias = object
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it arrived.

    Attributes:
        method: HTTP method.
        path: Path below the base URL, decoded.
        query: Its parameters.
        json: Its body.
        ids: What stood in the places of the path's ids and names, in order.
    """

    method: str
    path: str
    query: Mapping[str, str]
    json: Mapping[str, object] = field(default_factory=dict)
    ids: tuple[str, ...] = ()

    def text(self, name: str, default: str = "") -> str:
        """A parameter as text."""
        return self.query.get(name, default)

    def number(self, name: str) -> float:
        """A parameter as a number; 0 when it is missing."""
        return float(self.query.get(name) or 0)

    def texts(self, name: str) -> tuple[str, ...]:
        """A parameter that is a list, from the body or comma-separated from the query."""
        in_body = self.json.get(name)
        if isinstance(in_body, list):
            return tuple(map(str, in_body))
        return tuple(filter(None, self.text(name).split(",")))

    def pairs(self, name: str) -> dict[str, str]:
        """A table in the body, such as `variables`."""
        in_body = self.json.get(name)
        return {str(k): str(v) for k, v in in_body.items()} if isinstance(in_body, dict) else {}


@dataclass(frozen=True, slots=True)
class World:
    """All parts of the fake, as a command sees them."""

    switchboard: Switchboard
    media: Media


def recording_of(request: Request, app: str, target_uri: str) -> FakeRecording:
    """The recording that a request asks for."""
    return FakeRecording(
        name=request.text("name"),
        app=app,
        format=request.text("format"),
        target_uri=target_uri,
        longest_s=request.number("maxDurationSeconds"),
        longest_silence_s=request.number("maxSilenceSeconds"),
        terminate_on=request.text("terminateOn", "none"),
    )


Command: TypeAlias = Callable[[World, Request], Awaitable[Model | None]]
"""Does what is asked; answers with a model or nothing, or raises `Refusal`."""


class Routes(Generic[T]):
    """What a request such as `POST /channels/{}/answer` leads to, whatever stands for each `{}`."""

    def __init__(self, routes: Mapping[str, T]) -> None:
        """Lay the table out, so that no request is compared with all of it."""
        self._by_length: defaultdict[tuple[str, int], list[tuple[list[str], T]]]
        self._by_length = defaultdict(list)
        for pattern, route in routes.items():
            method, _, path = pattern.partition(" ")
            wanted = path.strip("/").split("/")
            self._by_length[method, len(wanted)].append((wanted, route))

    def find(self, method: str, segments: Sequence[str]) -> tuple[T, tuple[str, ...]]:
        """The route of a request, and what stands for each `{}`.

        Raises:
            LookupError: the fake does not know the request.
        """
        for wanted, route in self._by_length.get((method, len(segments)), ()):
            pairs = list(zip(wanted, segments, strict=True))
            if all(want in ("{}", got) for want, got in pairs):
                return route, tuple(got for want, got in pairs if want == "{}")
        raise LookupError(f"FakeAsterisk does not know {method} /{'/'.join(segments)}")
