"""A stored prompt as a file that people can play, and that can be imported again; pure."""

import io
import wave
from typing import Final

_RATE_HZ: Final = 16_000
_BYTES_PER_SAMPLE: Final = 2


def wav_of(samples: bytes) -> bytes:
    """Put a header before samples of 16 bits at 16 kHz, which are the best that is stored.

    The same samples give the same file, byte by byte.
    """
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(_BYTES_PER_SAMPLE)
        written.setframerate(_RATE_HZ)
        written.writeframes(samples)
    return file.getvalue()
