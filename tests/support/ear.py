"""What one phone has heard: the sound files that it writes, and questions about them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from tests.support import sound
from tests.support.waiting import COMES_S, until

LOOK_EVERY_S = 0.05

LOUD = 1_000
"""Louder than any noise on the line; full scale is 32767."""


class Ear:
    """Listens to a phone; time is counted in what came in, pauses without packets are not in it.

    Args:
        whose: for the messages of failed tests.
        samples: gives all that was heard until now.
    """

    def __init__(self, whose: str, samples: Callable[[], sound.Samples]) -> None:
        self._whose = whose
        self.samples = samples

    def mark(self) -> int:
        """Remember this moment; give it as ``since`` to look at what came later only."""
        return len(self.samples())

    def seconds_of(self, wanted: sound.Sound, *, since: int = 0) -> float:
        """How long the sound was heard since a mark."""
        return sound.seconds_heard(self.samples()[since:], wanted)

    def seconds_in_all(self) -> float:
        """How much of anything, silence too, has come in."""
        return len(self.samples()) / sound.SAMPLE_RATE_HZ

    async def hears(
        self,
        *wanted: sound.Sound,
        for_s: float = 0.3,
        within_s: float = COMES_S,
        since: int = 0,
    ) -> sound.Sound:
        """Listen until one of the sounds was heard for ``for_s`` seconds in all; say which."""

        def heard() -> sound.Sound | None:
            samples = self.samples()[since:]
            return next((one for one in wanted if sound.seconds_heard(samples, one) >= for_s), None)

        return await until(heard, within_s=within_s, saying=self._story, pause_s=LOOK_EVERY_S)

    async def hears_no_more(self, unwanted: sound.Sound, *, for_s: float = 0.5) -> None:
        """Listen until the sound is not in what came in last, so many seconds of it."""
        count = int(for_s * sound.SAMPLE_RATE_HZ)

        def is_gone() -> bool:
            latest = self.samples()[-count:]
            return len(latest) == count and not sound.is_heard(latest, unwanted).any()

        await until(is_gone, saying=self._story, pause_s=LOOK_EVERY_S)

    async def hears_anything(self, *, since: int) -> None:
        """Listen until anything but silence has come in, such as music, since a mark."""
        await until(
            lambda: self.is_loud(since=since), saying="anything is heard", pause_s=LOOK_EVERY_S
        )

    def is_loud(self, *, since: int = 0) -> bool:
        """Whether anything but silence was heard."""
        return _is_loud(self.samples()[since:])

    def sounds(self) -> list[str]:
        """All sounds of the tests that were heard, for the reader of a failed test."""
        return sound.sounds_in(self.samples())

    def _story(self) -> str:
        return f"{self._whose} hears it, but only {self.sounds()}"


def _is_loud(samples: sound.Samples) -> bool:
    return bool(np.any(np.abs(samples.astype(np.int32)) > LOUD))


def samples_in(folder: Path) -> sound.Samples:
    """What baresip has heard; it writes one file for each stretch of a call."""
    files = sorted(folder.glob("dump-*-dec.wav"))
    parts = [sound.read_growing_wav(file) for file in files]
    return np.concatenate(parts) if parts else np.zeros(0, np.int16)
