"""Any WAV, MP3, OGG or FLAC in, what Asterisk plays out; pure, but slow: call it in a thread."""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from models.errors import Fault, InvalidSettings
from models.imported_sound import ImportedSound

SHORTEST_S: Final = 0.1
LONGEST_S: Final = 15 * 60.0
LARGEST_UPLOAD_BYTES: Final = 200 * 1024 * 1024

_CONTAINERS: Final = {"WAV", "WAVEX", "RF64", "MP3", "OGG", "FLAC"}
_CONTAINERS_IN_WORDS: Final = "a WAV, MP3, OGG or FLAC file"
_MOST_CHANNELS: Final = 8
_LOWEST_RATE_HZ: Final = 4_000
_HIGHEST_RATE_HZ: Final = 384_000
_NARROW_HZ: Final = 8_000
_WIDE_HZ: Final = 16_000
_BLOCK_FRAMES: Final = 65_536
_FULL_SCALE_16_BIT: Final = 32_767

_QUIET_WINDOW: Final = _NARROW_HZ // 50  # 20 ms
_QUIET_RMS: Final = 10 ** (-50 / 20)  # 50 dB below full scale: nobody hears it in an office
_QUIET_SHARE: Final = 0.95

_CLIPPED_LEVEL: Final = 0.99996  # the largest 16-bit sample, and what lossy formats overshoot to
_CLIPPED_RUN: Final = 3  # a loud but healthy wave touches full scale for a sample or two
_CLIPPED_SHARE: Final = 0.001

_Samples = npt.NDArray[np.float32]


class _Unfit(Exception):
    """The upload is no prompt; says why."""


def import_sound(upload: bytes, *, file: str = "upload") -> ImportedSound:
    """Make a prompt of an upload: mono, 8 and 16 kHz, nothing trimmed.

    Decodes in blocks, so that memory is bounded by `LONGEST_S` whatever the upload claims to be.

    Args:
        upload: The bytes of a file.
        file: What the person who uploads it calls it.

    Raises:
        InvalidSettings: It is empty, no sound, broken, too long or too large; the fault names the
            rule.
    """
    try:
        reading = _decoded(upload)
    except _Unfit as problem:
        raise InvalidSettings([Fault("file", file, str(problem))]) from problem
    return ImportedSound(
        duration_s=round(len(reading.narrow) / _NARROW_HZ, 3),
        source_rate_hz=reading.rate_hz,
        sha256=hashlib.sha256(upload).hexdigest(),
        warnings=_warnings(reading),
        files=_files(_as_16_bit(reading.narrow), _as_16_bit(reading.wide)),
    )


@dataclass(frozen=True, slots=True)
class _Reading:
    rate_hz: int
    frames: int
    clipped: int
    narrow: _Samples
    wide: _Samples


def _decoded(upload: bytes) -> _Reading:
    if not upload:
        raise _Unfit("a sound has something in it; this file is empty")
    if len(upload) > LARGEST_UPLOAD_BYTES:
        raise _Unfit(too_large(len(upload)))
    try:
        with soundfile.SoundFile(io.BytesIO(upload)) as source:
            _check_header(source)
            return _read(source)
    except soundfile.LibsndfileError as failure:
        rule = f"a sound is {_CONTAINERS_IN_WORDS}; this is none, or broken"
        raise _Unfit(rule) from failure


def _check_header(source: soundfile.SoundFile) -> None:
    """Refuse before anything is decoded: the header decides how much memory decoding takes."""
    if source.format not in _CONTAINERS:
        raise _Unfit(f"a sound is {_CONTAINERS_IN_WORDS}; this is {source.format}")
    if not 1 <= source.channels <= _MOST_CHANNELS:
        raise _Unfit(f"a sound has 1 to {_MOST_CHANNELS} channels; this one has {source.channels}")
    if not _LOWEST_RATE_HZ <= source.samplerate <= _HIGHEST_RATE_HZ:
        rule = f"a sound has {_LOWEST_RATE_HZ} to {_HIGHEST_RATE_HZ} samples per second"
        raise _Unfit(f"{rule}; this one has {source.samplerate}")
    duration_s = source.frames / source.samplerate
    if duration_s > LONGEST_S:
        raise _too_long(duration_s)
    if duration_s < SHORTEST_S:
        raise _too_short(duration_s)


def _read(source: soundfile.SoundFile) -> _Reading:
    narrow = soxr.ResampleStream(source.samplerate, _NARROW_HZ, 1, dtype="float32")
    wide = soxr.ResampleStream(source.samplerate, _WIDE_HZ, 1, dtype="float32")
    narrow_parts: list[_Samples] = []
    wide_parts: list[_Samples] = []
    frames = clipped = 0
    for block in _blocks(source):
        frames += len(block)
        clipped += max(_clipped(block[:, channel]) for channel in range(source.channels))
        mono = block.mean(axis=1, dtype=np.float32)
        narrow_parts.append(narrow.resample_chunk(mono))
        wide_parts.append(wide.resample_chunk(mono))
    rest = np.zeros(0, dtype=np.float32)
    narrow_parts.append(narrow.resample_chunk(rest, last=True))
    wide_parts.append(wide.resample_chunk(rest, last=True))
    if frames / source.samplerate < SHORTEST_S:
        raise _too_short(frames / source.samplerate)
    return _Reading(
        source.samplerate,
        frames,
        clipped,
        np.concatenate(narrow_parts),
        np.concatenate(wide_parts),
    )


def _blocks(source: soundfile.SoundFile) -> Iterator[_Samples]:
    """Decode block by block, and stop believing a header that promised less than there is."""
    most = int(LONGEST_S * source.samplerate)
    read = 0
    while len(block := source.read(_BLOCK_FRAMES, dtype="float32", always_2d=True)):
        read += len(block)
        if read > most:
            raise _too_long(read / source.samplerate)
        if not np.isfinite(block).all():
            raise _Unfit("a sound's samples are numbers; some of these are not")
        yield block


def _clipped(channel: _Samples) -> int:
    """Count the samples that stay at full scale for longer than a healthy wave does."""
    at_limit = np.concatenate(([False], np.abs(channel) >= _CLIPPED_LEVEL, [False]))
    edges = np.flatnonzero(at_limit[1:] != at_limit[:-1])
    runs = edges[1::2] - edges[::2]
    return int(runs[runs >= _CLIPPED_RUN].sum())


def _warnings(reading: _Reading) -> tuple[str, ...]:
    warnings = []
    if _quiet_share(reading.narrow) > _QUIET_SHARE:
        warnings.append("Nearly all of it is silence: callers will think the line is dead")
    if reading.clipped > reading.frames * _CLIPPED_SHARE:
        warnings.append("It is clipped (recorded too loud): callers will hear crackling")
    return tuple(warnings)


def _quiet_share(samples: _Samples) -> float:
    whole = len(samples) // _QUIET_WINDOW * _QUIET_WINDOW
    windows = samples[:whole].reshape(-1, _QUIET_WINDOW)
    loudness = np.sqrt(np.square(windows).mean(axis=1))
    return float((loudness < _QUIET_RMS).mean())


def _as_16_bit(samples: _Samples) -> npt.NDArray[np.int16]:
    return np.rint(np.clip(samples, -1.0, 1.0) * _FULL_SCALE_16_BIT).astype(np.int16)


def _files(narrow: npt.NDArray[np.int16], wide: npt.NDArray[np.int16]) -> dict[str, bytes]:
    return {
        "wav": _encoded(narrow, container="WAV", coding="PCM_16"),
        "sln16": wide.astype("<i2").tobytes(),
        "alaw": _encoded(narrow, container="RAW", coding="ALAW"),
        "ulaw": _encoded(narrow, container="RAW", coding="ULAW"),
    }


def _encoded(samples: npt.NDArray[np.int16], *, container: str, coding: str) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples, _NARROW_HZ, format=container, subtype=coding)
    return file.getvalue()


def too_large(size_bytes: int) -> str:
    """Say by how much an upload is too large."""
    limit = LARGEST_UPLOAD_BYTES // 1024 // 1024
    return f"a sound's file has at most {limit} MiB; this one has {size_bytes / 1024**2:.0f}"


def _too_long(duration_s: float) -> _Unfit:
    rule = f"a sound plays for at most {LONGEST_S / 60:.0f} minutes"
    return _Unfit(f"{rule}; this one for {duration_s:.0f} seconds")


def _too_short(duration_s: float) -> _Unfit:
    rule = f"a sound plays for at least {SHORTEST_S} seconds"
    return _Unfit(f"{rule}; this one for {duration_s:.3f}")
