"""Backups that somebody has changed: by a fault of a disk, or on purpose."""

import gzip
import io
import json
import tarfile
from dataclasses import dataclass, field

ABOUT, SUMS, DATABASE = "about.json", "sums.json", "database"


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive, with whatever else its header says."""

    name: str
    content: bytes
    headers: dict[str, str] = field(default_factory=dict)


def with_member(archive: bytes, name: str, content: bytes | None) -> bytes:
    """The same archive with one member changed, put in before the sums, or left out."""
    members = members_of(archive)
    sums = {SUMS: members.pop(SUMS)}
    changed = {**members, name: content, **sums} if name != SUMS else members
    return packed(*(Member(one, what) for one, what in changed.items() if what is not None))


def with_more(archive: bytes, *more: Member) -> bytes:
    """The same archive with members put in before the sums, also such as come twice."""
    members = members_of(archive)
    sums = Member(SUMS, members.pop(SUMS))
    return packed(*(Member(one, what) for one, what in members.items()), *more, sums)


def with_about(archive: bytes, **changed: object) -> bytes:
    """The same archive, which says something else of itself."""
    about = json.loads(members_of(archive)[ABOUT]) | changed
    return with_member(archive, ABOUT, json.dumps(about).encode())


def overwritten(archive: bytes, share: float) -> bytes:
    """The same file with four bytes changed, so far behind its beginning."""
    at = int(len(archive) * share)
    return archive[:at] + b"\xa5\x5a\xa5\x5a" + archive[at + 4 :]


def members_of(archive: bytes) -> dict[str, bytes]:
    """What lies in an archive, by name."""
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
        files = {one.name: tar.extractfile(one) for one in tar}
        return {name: file.read() for name, file in files.items() if file is not None}


def packed(*members: Member) -> bytes:
    """Make an archive."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for one in members:
            entry = tarfile.TarInfo(one.name)
            entry.size, entry.pax_headers = len(one.content), one.headers
            tar.addfile(entry, io.BytesIO(one.content))
    return gzip.compress(out.getvalue(), 1)
