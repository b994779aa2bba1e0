"""A request by HTTP whose headers are looked up, not searched through."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import Receive, Scope


class Heard(Request):
    """A request of which each guard asks for a header or two: they go through all of them once together."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        super().__init__(scope, receive)
        self._first: dict[bytes, bytes] = dict(reversed(scope["headers"]))

    def header(self, name: str) -> str | None:
        """The first header of this name, which is in small letters."""
        value = self._first.get(name.encode())
        return None if value is None else value.decode("latin-1")
