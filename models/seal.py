"""Seal: stored secrets can be read only with a key that lies outside the database."""

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from models.errors import SealError


class Seal:
    """Closes and opens stored secrets with the key in a file.

    The key is made, readable by its owner alone, when the first secret is sealed and the file is
    not there; two processes that start together agree on one key. Reading makes none: a key that
    was lost must be put back, not replaced.
    """

    def __init__(self, key_file: Path) -> None:
        self._key_file = key_file
        self._fernet = _read_key(key_file) if key_file.exists() else None

    def close(self, secret: str) -> str:
        """Seal a secret so that it can be stored.

        Raises:
            SealError: There is no key, and none can be made.
        """
        if self._fernet is None:
            with _faults_named(self._key_file):
                _make_key(self._key_file)
            self._fernet = _read_key(self._key_file)
        return self._fernet.encrypt(secret.encode()).decode("ascii")

    def derived_key(self, purpose: str) -> bytes:
        """A key of its own for another purpose, the same each time; it does not tell this one.

        Raises:
            SealError: There is no key, and none can be made.
        """
        if self._fernet is None:
            self.close("")
        with _faults_named(self._key_file):
            key = self._key_file.read_bytes().strip()
        return hmac.digest(key, purpose.encode(), hashlib.sha256)

    def open(self, sealed: str) -> str:
        """Read a sealed secret.

        Raises:
            SealError: It was sealed with another key, or the key is lost.
        """
        if self._fernet is None:
            raise SealError(
                f"The key file {self._key_file} is not there; put back the one that the passwords "
                "were sealed with"
            )
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken as failure:
            raise SealError(
                f"The key in {self._key_file} does not open the passwords in this database; "
                "put back the key they were sealed with, or give the devices new passwords"
            ) from failure


def _read_key(key_file: Path) -> Fernet:
    with _faults_named(key_file):
        try:
            return Fernet(key_file.read_bytes().strip())
        except ValueError as failure:
            raise SealError(
                f"The key file {key_file} holds no key; put the right one back"
            ) from failure


@contextmanager
def _faults_named(key_file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as failure:
        raise SealError(f"The key file {key_file} cannot be used: {failure.strerror}") from failure


def _make_key(key_file: Path) -> None:
    key_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = key_file.with_name(f"{key_file.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(Fernet.generate_key())
            file.flush()
            os.fsync(file.fileno())
        if not key_file.exists():
            key_file.hardlink_to(draft)
    except FileExistsError:
        return  # another process was faster: its key is the key
    finally:
        draft.unlink()
