"""An archive: a tar file, compressed, that any tar can read; written and read from end to end.

A member that comes twice has changed meanwhile; the later one counts, as tar has it.
"""

from __future__ import annotations

import errno
import gzip
import hashlib
import io
import os
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Protocol

import msgspec

from pbx_cli.backup.about import (
    ABOUT,
    SUMS,
    About,
    Sum,
    damaged,
    read_about,
    read_sums,
    refuse_faulty,
)
from pbx_cli.backup.metered import Metered

_QUICKLY: Final = 1
"""Of nine levels: audio hardly gets smaller, and the processor belongs to calls."""

_PRIVATE: Final = 0o600
_CHUNK: Final = 1024 * 1024
_LONGEST_ABOUT: Final = 1024 * 1024
_LONGEST_SUMS: Final = 256 * 1024 * 1024

_IMPOSSIBLE_NAMES: Final = (
    errno.ENOTDIR,
    errno.EISDIR,
    errno.EEXIST,
    errno.ENAMETOOLONG,
)
"""What the disk says of members that cannot lie beside each other, or anywhere."""


class _Hashing:
    """Reads a file that may grow, up to the length that it had, and sums it up on the way."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self._hash = hashlib.sha256()

    def read(self, size: int) -> bytes:
        """Read on."""
        content = self._source.read(size)
        self._hash.update(content)
        return content

    def sum_of(self, size: int) -> Sum:
        """What was read until now."""
        return Sum(size, self._hash.hexdigest())


class ArchiveWriter:
    """Writes an archive; it is whole when the block ends without a fault."""

    def __init__(self, out: IO[bytes], about: About) -> None:
        """Begin with what it says of itself."""
        self.sums: dict[str, Sum] = {}
        self._seen: dict[str, tuple[int, int, int]] = {}
        self._gzip = gzip.GzipFile(filename="", fileobj=out, mode="wb", compresslevel=_QUICKLY)
        self._tar = tarfile.open(fileobj=self._gzip, mode="w", format=tarfile.PAX_FORMAT)  # noqa: SIM115 - closed with the archive
        self._add_document(ABOUT, about)

    def __enter__(self) -> ArchiveWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        if kind is not None:
            with suppress(OSError):  # what was wrong is told already
                self._gzip.close()
            return
        self._add_document(SUMS, self.sums)
        self._tar.close()
        self._gzip.close()

    def add(self, path: Path, name: str) -> None:
        """Put a file in, unless it is in already as it is now, or has just gone.

        Raises:
            OSError: It cannot be read, or the archive cannot be written.
        """
        try:
            file = path.open("rb")
        except FileNotFoundError:
            return
        with file:
            found = os.fstat(file.fileno())
            state = (found.st_ino, found.st_size, found.st_mtime_ns)
            if self._seen.get(name) != state:
                self.sums[name] = self._add(name, file, found.st_size, at_s=found.st_mtime)
                self._seen[name] = state

    def _add_document(self, name: str, document: object) -> None:
        content = msgspec.json.encode(document) + b"\n"
        self._add(name, io.BytesIO(content), len(content))

    def _add(self, name: str, source: IO[bytes], size: int, *, at_s: float = 0) -> Sum:
        member = tarfile.TarInfo(name)
        member.size, member.mode, member.mtime = size, _PRIVATE, int(at_s)
        hashing = _Hashing(source)
        self._tar.addfile(member, hashing)  # type: ignore[arg-type] # it only reads
        return hashing.sum_of(size)


class Members(Protocol):
    """The rest of an archive, as it can be unpacked once."""

    def __call__(self, place_of: Callable[[str], Path | None]) -> None:
        """Write each member to its place.

        Args:
            place_of: Where a member of this name belongs; None when it can be none of ours.

        Raises:
            InvalidSettings: The archive is not whole.
            OSError: The disk is full, or cannot be written.
        """


@contextmanager
def opened(source: IO[bytes]) -> Iterator[tuple[About, Members]]:
    """Read what an archive says of itself, and give a way to unpack the rest.

    Raises:
        InvalidSettings: It is none.
        DatabaseTooNew: A newer version of this program has made it.
    """
    with _Archive(source) as archive:
        first = archive.next()
        if first is None or first.name != ABOUT:
            raise damaged(f"it does not begin with {ABOUT}")
        about = read_about(archive.document(first, _LONGEST_ABOUT))
        yield about, lambda place_of: _unpack(archive, place_of)


class _Archive:
    """Reads an archive from end to end, holding little of it at a time."""

    def __init__(self, source: IO[bytes]) -> None:
        self._metered = Metered(gzip.GzipFile(fileobj=source, mode="rb"))  # type: ignore[arg-type] # it reads
        with _faults_named():
            self._tar = tarfile.open(fileobj=self._metered, mode="r|")  # type: ignore[call-overload] # noqa: SIM115 - it reads; closed below

    def __enter__(self) -> _Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self._tar.close()

    def next(self) -> tarfile.TarInfo | None:
        """The next member; None at the end."""
        self._metered.allow_head()
        with _faults_named():
            member: tarfile.TarInfo | None = self._tar.next()
        return member

    def chunks(self, member: tarfile.TarInfo) -> Iterator[bytes]:
        """The content of a member."""
        self._metered.allow(member.size)
        with _faults_named():
            source = self._tar.extractfile(member)
        while source is not None:
            with _faults_named():
                chunk = source.read(_CHUNK)
            if not chunk:
                return
            yield chunk

    def document(self, member: tarfile.TarInfo, longest: int) -> bytes:
        """The content of a member that is held whole."""
        if member.size > longest:
            raise damaged(f"{member.name} is too long")
        return b"".join(self.chunks(member))


def _unpack(archive: _Archive, place_of: Callable[[str], Path | None]) -> None:
    found: dict[str, Sum] = {}
    while True:
        member = archive.next()
        if member is None:
            raise damaged("it is damaged, and cannot be read to its end")
        if member.name == SUMS:
            refuse_faulty(read_sums(archive.document(member, _LONGEST_SUMS)), found)
            return
        place = place_of(member.name) if member.isreg() else None
        if place is None:
            raise damaged(f"{member.name} does not belong to it")
        found[member.name] = _write(archive, member, place)


def _write(archive: _Archive, member: tarfile.TarInfo, place: Path) -> Sum:
    size, digest = 0, hashlib.sha256()
    with _created(member.name, place) as file:
        for chunk in archive.chunks(member):
            digest.update(chunk)
            size += len(chunk)
            file.write(chunk)
    with suppress(OverflowError, ValueError):  # a moment that no disk knows
        os.utime(place, (member.mtime, member.mtime))
    return Sum(size, digest.hexdigest())


def _created(name: str, place: Path) -> IO[bytes]:
    """Make the file of a member; names that no disk of ours has had are the archive's fault."""
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return place.open("wb")
    except ValueError as fault:
        raise damaged(f"{name!r} is no name") from fault
    except OSError as fault:
        if fault.errno not in _IMPOSSIBLE_NAMES:
            raise
        raise damaged(f"{name} cannot lie where it should ({fault.strerror})") from fault


@contextmanager
def _faults_named() -> Iterator[None]:
    """Tell an archive that cannot be read from a disk that cannot be written."""
    try:
        yield
    except EOFError as fault:
        raise damaged("it is damaged, or was cut short") from fault
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, RecursionError) as fault:
        raise damaged(f"it is damaged ({fault})") from fault
