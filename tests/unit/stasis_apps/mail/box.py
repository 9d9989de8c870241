"""Recordings and messages for tests, made with a line where the details do not matter."""

from __future__ import annotations

import io
import resource
from collections.abc import Coroutine, Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
import soundfile

from models import voicemail
from models.facts import TenantFacts
from models.message_files import MessageFolder, make_message_id
from stasis_apps.services.message_drafts import NewMessage
from stasis_apps.services.messages import RecordingGone, RecordingsAway

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
RATE_HZ = 8_000

_Result = TypeVar("_Result")


def a_tone(seconds: float = 3.0, hertz: float = 440.0) -> bytes:
    """What a phone that plays a tone leaves: a WAV file as Asterisk writes it."""
    time = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    wav = io.BytesIO()
    soundfile.write(
        wav, 0.5 * np.sin(2 * np.pi * hertz * time), RATE_HZ, format="WAV", subtype="PCM_16"
    )
    return wav.getvalue()


def pitch_of(sound: bytes) -> float:
    """The loudest frequency of a sound file, in hertz."""
    samples, rate = soundfile.read(io.BytesIO(sound))
    spectrum = np.abs(np.fft.rfft(samples))
    return float(np.argmax(spectrum) * rate / len(samples))


def new_message(tenant_id: int, *recipients: str, **changes: object) -> NewMessage:
    """Somebody calls 5120 and is about to hear the beep."""
    message_id = make_message_id()
    message = NewMessage(
        id=message_id,
        tenant_id=tenant_id,
        domain="acme.test",
        box="5120",
        caller_number="+79161234567",
        caller_name="Anna",
        call_id="pbx-1.1",
        recording=f"voicemail-{message_id}",
        received_at=NOON,
        recipients=recipients,
    )
    return replace(message, **changes)  # type: ignore[arg-type] # the names are checked


@contextmanager
def a_full_disk(*, room_bytes: int) -> Iterator[None]:
    """A disk on which a file comes to so many bytes and no further."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


class RecordingsOnShelf:
    """The recordings that an Asterisk has stored, which may be away."""

    def __init__(self) -> None:
        self.shelf: dict[str, bytes] = {}
        self.is_away = False
        self.strange = ""

    async def fetch(self, name: str) -> bytes:
        if self.strange == name:
            message = "Asterisk says something that nobody understands"
            raise ValueError(message)
        if self.is_away:
            raise RecordingsAway("no answer")
        if name not in self.shelf:
            raise RecordingGone(name)
        return self.shelf[name]

    async def delete(self, name: str) -> None:
        if self.is_away:
            raise RecordingsAway("no answer")
        self.shelf.pop(name, None)


class Killed(BaseException):
    """The process ends here."""


class DiesAfter(Generic[_Result]):
    """Work that is ended after so many of its steps: places where it waits for something.

    What a step had begun goes on to its end, as a write to disk does; nothing after it happens.
    """

    def __init__(self, steps: int, work: Coroutine[object, object, _Result]) -> None:
        self._steps_left = steps
        self._work = work

    def __await__(self) -> Generator[object, None, _Result]:
        step = self._work.__await__()
        waited_for = next(step)
        while True:
            try:
                yield waited_for
                self._steps_left -= 1
                waited_for = step.throw(Killed()) if self._steps_left == 0 else next(step)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return] # StopIteration carries anything


def pending(files: MessageFolder) -> list[Path]:
    """Drafts, and whatever else lies beside them."""
    return [path for path in files.folder.rglob("*") if path.parent.name == "pending"]


async def in_box(tenant: TenantFacts, box: str = "5120") -> list[str]:
    """The ids of the messages in a mailbox."""
    return [one.id for one in await voicemail.messages_in(tenant_id=tenant.id, box=box)]
