"""What one phone has heard: the sound files that it writes, and questions about them."""

from pathlib import Path

import numpy as np

from tests.support import sound
from tests.support.waiting import until

LISTENING_S = 5.0
LOOK_EVERY_S = 0.05


class Ear:
    """Listens to a phone; time is counted in what came in, pauses without packets are not in it.

    Args:
        whose: for the messages of failed tests.
        folder: where the phone writes one file for each stretch of a call.
    """

    def __init__(self, whose: str, folder: Path) -> None:
        self._whose = whose
        self._folder = folder

    def samples(self) -> sound.Samples:
        """All that was heard until now."""
        files = sorted(self._folder.glob("dump-*-dec.wav"))
        parts = [sound.read_growing_wav(file) for file in files]
        return np.concatenate(parts) if parts else np.zeros(0, np.int16)

    def mark(self) -> int:
        """Remember this moment; give it as ``since`` to look at what came later only."""
        return len(self.samples())

    def seconds_of(self, wanted: sound.Sound, *, since: int = 0, until: int | None = None) -> float:
        """How long the sound was heard between two marks."""
        return sound.seconds_heard(self.samples()[since:until], wanted)

    def seconds_in_all(self) -> float:
        """How much of anything, silence too, has come in."""
        return len(self.samples()) / sound.SAMPLE_RATE_HZ

    async def hears(
        self,
        *wanted: sound.Sound,
        for_s: float = 0.3,
        within_s: float = LISTENING_S,
        since: int = 0,
    ) -> sound.Sound:
        """Listen until one of the sounds was heard for ``for_s`` seconds in all; say which."""

        def heard() -> sound.Sound | None:
            samples = self.samples()[since:]
            return next((one for one in wanted if sound.seconds_heard(samples, one) >= for_s), None)

        return await until(heard, within_s=within_s, saying=self._story, pause_s=LOOK_EVERY_S)

    def _story(self) -> str:
        return f"{self._whose} hears it, but only {sound.sounds_in(self.samples())}"
