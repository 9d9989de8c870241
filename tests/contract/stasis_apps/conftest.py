"""Parts of the application that speak to real sockets and files, in real time."""

from tests.unit.stasis_apps.conftest import logged

__all__ = ["logged"]
