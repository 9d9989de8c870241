"""Prompts that ship with Asterisk, recognised in what a phone has heard."""

import asyncio
from functools import cache
from pathlib import Path

import numpy as np

from pbx_cli.asterisk import find_installed
from stasis_apps.settings import read_settings
from tests.support.ear import Ear
from tests.support.sound import Samples, read_growing_wav
from tests.support.waiting import until

ALIKE = 0.8
"""How like the recording a stretch of what was heard must be; 1 is the recording itself, two
different prompts stay below a half."""

CUT_OFF = np.zeros(800, np.int16)
"""A call may end a few packets before the last word has come in."""


def prompt(name: str, language: str) -> Samples:
    """The recording of a prompt in a language."""
    return read_growing_wav(_sounds() / language / f"{name}.wav")


async def hears_prompt(ear: Ear, name: str, language: str, *, since: int = 0) -> None:
    """Listen until a prompt was heard to its end."""
    recording = await asyncio.to_thread(prompt, name, language)
    await until(
        lambda: likeness(np.append(ear.samples()[since:], CUT_OFF), recording) > ALIKE,
        saying=f"{name} is heard in {language}",
        pause_s=0.2,
    )


def likeness(heard: Samples, recording: Samples) -> float:
    """How like the recording the stretch is that is likest to it: 0 to 1, however loud."""
    if len(heard) < len(recording):
        return 0.0
    wanted = recording.astype(np.float64) - np.mean(recording)
    size = 1 << (len(heard) + len(wanted)).bit_length()
    spectrum = np.fft.rfft(heard.astype(np.float64), size) * np.conj(np.fft.rfft(wanted, size))
    places = len(heard) - len(wanted) + 1
    products = np.abs(np.fft.irfft(spectrum, size)[:places])
    sums = np.concatenate(([0.0], np.cumsum(heard.astype(np.float64) ** 2)))
    loudness = np.sqrt(sums[len(wanted) :] - sums[:places]) * np.linalg.norm(wanted)
    return float(np.max(products / (loudness + 1.0)))


@cache
def _sounds() -> Path:
    return find_installed(read_settings()).datadir / "sounds"
