"""The sound of a message: its length, its header mended, and the same as MP3; touches no disk."""

from __future__ import annotations

import io
from dataclasses import dataclass

import soundfile

_RIFF_HEADER = 12
_CHUNK_HEADER = 8
_DATA = b"data"


class SoundBroken(Exception):
    """This is no recording that anybody could listen to."""


@dataclass(frozen=True, slots=True)
class MeasuredSound:
    """A WAV file that programs can play, and how long it is."""

    wav: bytes
    duration_s: float


def measured(wav: bytes) -> MeasuredSound:
    """Measure a recording.

    Asterisk writes the length into a WAV file when it closes it. When it was killed before, the
    file says that it is empty: everything behind the header counts then.

    Raises:
        SoundBroken: It is no WAV file.
    """
    mended = _with_true_length(wav)
    try:
        seen = soundfile.info(io.BytesIO(mended))
    except (soundfile.SoundFileError, RuntimeError) as fault:
        raise SoundBroken(str(fault)) from fault
    return MeasuredSound(mended, seen.frames / seen.samplerate)


def as_mp3(wav: bytes) -> bytes:
    """Make an MP3 file of a recording: a tenth of the size.

    Raises:
        SoundBroken: It is no WAV file.
    """
    try:
        samples, rate = soundfile.read(io.BytesIO(wav), dtype="float32")
        mp3 = io.BytesIO()
        soundfile.write(mp3, samples, rate, format="MP3")
    except (soundfile.SoundFileError, RuntimeError) as fault:
        raise SoundBroken(str(fault)) from fault
    return mp3.getvalue()


def _with_true_length(wav: bytes) -> bytes:
    """Write the lengths of the file and of its sound anew, when they cannot be right."""
    if wav[:4] != b"RIFF" or wav[8:12] != b"WAVE":
        return wav
    at = _RIFF_HEADER
    while at + _CHUNK_HEADER <= len(wav):
        size = int.from_bytes(wav[at + 4 : at + _CHUNK_HEADER], "little")
        begins = at + _CHUNK_HEADER
        if wav[at : at + 4] == _DATA:
            there = len(wav) - begins
            if 0 < size <= there or there == 0:
                return wav
            riff = (len(wav) - 8).to_bytes(4, "little")
            return b"".join(
                (wav[:4], riff, wav[8 : at + 4], there.to_bytes(4, "little"), wav[begins:])
            )
        at = begins + size + size % 2
    return wav
