"""Recordings for tests: tones, silence, and the same in every file format."""

import io

import numpy as np
import numpy.typing as npt
import soundfile

Samples = npt.NDArray[np.float64]


def a_tone(
    *, seconds: float = 1.0, rate_hz: int = 8_000, loudness: float = 0.5, pitch_hz: float = 440.0
) -> Samples:
    """Hum a note."""
    moments = np.arange(int(seconds * rate_hz)) / rate_hz
    return loudness * np.sin(2 * np.pi * pitch_hz * moments)


def as_wav(samples: Samples, *, rate_hz: int = 8_000, coding: str = "PCM_16") -> bytes:
    """Store it as WAV."""
    return as_file(samples, rate_hz=rate_hz, container="WAV", coding=coding)


def as_file(samples: Samples, *, rate_hz: int, container: str, coding: str | None = None) -> bytes:
    """Store it in any format that libsndfile writes."""
    file = io.BytesIO()
    soundfile.write(file, samples, rate_hz, format=container, subtype=coding)
    return file.getvalue()
