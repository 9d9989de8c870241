"""Sounds that tests send and recognise: pure tones and chords, found again by their spectrum."""

import io
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]

SAMPLE_RATE_HZ = 8000
WINDOW_S = 0.05
"""Length of one look at the spectrum; its lines stand 20 Hz apart, so use multiples of 20 Hz."""

FAINTEST_RMS = 100.0
"""Below this a window counts as silence; full scale is 32767."""


@dataclass(frozen=True, slots=True)
class Sound:
    """One tone or several at once; two different sounds share no frequency."""

    name: str
    hertz: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.name} ({' + '.join(str(hz) for hz in self.hertz)} Hz)"


ALICE = Sound("the tone of Alice", (320,))
BORIS = Sound("the tone of Boris", (660,))
CLARA = Sound("the tone of Clara", (860,))
DIMITRI = Sound("the tone of Dimitri", (1020,))
PERSONAL = (ALICE, BORIS, CLARA, DIMITRI)

RINGBACK = Sound("ringback", (440, 480))
BUSY_OR_CONGESTION = Sound("busy or congestion", (480, 620))
BEEP = Sound("the beep", (700,))
TONES = (RINGBACK, BUSY_OR_CONGESTION, BEEP)
"""What Asterisk itself plays (indications of the US); no sound of ours is near to it."""

WELCOME = Sound("the welcome", (520, 1180))
SORRY = Sound("the wrong-key prompt", (560, 1380))
STILL_THERE = Sound("the silence prompt", (380, 1280))
AGAIN = Sound("the short repeat", (600, 1580))
NEWS = Sound("the news", (700, 1700))
SILENT_END = Sound("the end for silent callers", (760, 1240))
WRONG_END = Sound("the end for wrong keys", (820, 1460))
PROMPTS = (WELCOME, SORRY, STILL_THERE, AGAIN, NEWS, SILENT_END, WRONG_END)


def samples_of(sound: Sound, seconds: float, level: float = 0.4) -> Samples:
    """Make the sound; ``level`` is the peak as a part of full scale."""
    at = np.arange(int(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    waves = [np.sin(2 * np.pi * hz * at) for hz in sound.hertz]
    mixed = np.sum(waves, axis=0) / len(waves)
    samples: Samples = (mixed * level * 32767).astype(np.int16)
    return samples


def make_wav(path: Path, sound: Sound, seconds: float) -> Path:
    """Write the sound as a telephone WAV: 8 kHz, one channel, 16 bits."""
    write_wav(path, samples_of(sound, seconds))
    return path


def write_wav(path: Path, samples: Samples) -> None:
    """Write samples as a telephone WAV."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE_HZ)
        file.writeframes(samples.tobytes())


def samples_in_wav(content: bytes) -> Samples:
    """What is heard in a whole WAV of the telephone's kind."""
    with wave.open(io.BytesIO(content)) as file:
        assert (file.getframerate(), file.getnchannels()) == (SAMPLE_RATE_HZ, 1)
        return np.frombuffer(file.readframes(file.getnframes()), np.int16)


def read_growing_wav(path: Path) -> Samples:
    """Read what is there of a WAV while it grows; its header does not know its length yet.

    Wide-band sound (16 kHz) is thinned out to the telephone's 8 kHz.
    """
    content = path.read_bytes()
    start = content.find(b"data")
    if start < 0:
        return np.zeros(0, np.int16)
    rate_hz = int.from_bytes(content[24:28], "little")
    body = content[start + 8 :]
    samples = np.frombuffer(body[: len(body) // 2 * 2], dtype="<i2")
    return samples[:: max(1, rate_hz // SAMPLE_RATE_HZ)]


def is_heard(samples: Samples, sound: Sound) -> NDArray[np.bool_]:
    """Say for each window of 50 ms whether the sound, and hardly anything else, is in it."""
    size = int(SAMPLE_RATE_HZ * WINDOW_S)
    count = len(samples) // size
    if count == 0:
        return np.zeros(0, np.bool_)
    windows = samples[: count * size].reshape(count, size).astype(np.float64)
    loud = np.sqrt(np.mean(windows**2, axis=1)) > FAINTEST_RMS
    power = np.abs(np.fft.rfft(windows * np.hanning(size), axis=1)) ** 2
    total = np.sum(power, axis=1) + 1e-9
    shares = [_share(power, total, hz) for hz in sound.hertz]
    each_there = np.all(np.array(shares) > 0.25 / len(shares), axis=0)
    heard: NDArray[np.bool_] = loud & each_there & (np.sum(shares, axis=0) > 0.6)
    return heard


def seconds_heard(samples: Samples, sound: Sound) -> float:
    """How long the sound is heard in all."""
    return float(np.count_nonzero(is_heard(samples, sound))) * WINDOW_S


def starts_at_s(samples: Samples, sound: Sound) -> float | None:
    """When the sound is heard for the first time, in seconds from the first sample."""
    places = np.flatnonzero(is_heard(samples, sound))
    return None if len(places) == 0 else float(places[0]) * WINDOW_S


def times_started(samples: Samples, sound: Sound) -> int:
    """How often the sound begins anew."""
    heard = is_heard(samples, sound).astype(np.int8)
    return int(np.count_nonzero(np.diff(heard, prepend=np.int8(0)) == 1))


def sounds_in(
    samples: Samples, among: Sequence[Sound] = (*PERSONAL, *PROMPTS, *TONES)
) -> list[str]:
    """Describe what is heard, for the message of a failed test."""
    lengths = [(sound, seconds_heard(samples, sound)) for sound in among]
    return [f"{sound}: {length:.2f} s" for sound, length in lengths if length > 0]


def _share(power: NDArray[np.float64], total: NDArray[np.float64], hz: int) -> NDArray[np.float64]:
    line = round(hz * WINDOW_S)
    share: NDArray[np.float64] = np.sum(power[:, line - 1 : line + 2], axis=1) / total
    return share
