"""Which pages of other sites may ask: cross-origin rules for requests and for WebSockets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request

from graph_api.endpoint.request import Refused
from graph_api.endpoint.revision import HEADER, LEAST_HEADER

ANY: Final = "*"
PREFLIGHTED: Final = ("graphql-require-preflight", "x-requested-with", "apollo-require-preflight")
"""Headers that no page of another site can send without asking first."""

_READ: Final = ("retry-after", "ratelimit", "ratelimit-policy", "x-request-id", "etag", HEADER)
_KEPT_SECONDS: Final = 600


@dataclass(frozen=True, slots=True)
class Origins:
    """The origins whose pages may ask, as `https://host[:port]`; ANY of them, or none but our own."""

    allowed: Sequence[str] = ()

    def middleware(self) -> list[Middleware]:
        """What answers preflights, and tells browsers who may read an answer. Cookies are never asked for."""
        if not self.allowed:
            return []
        options: dict[str, Any] = {
            "allow_origins": list(self.allowed),
            "allow_methods": ["GET", "POST"],
            "allow_headers": ["authorization", "content-type", LEAST_HEADER, *PREFLIGHTED],
            "expose_headers": list(_READ),
            "max_age": _KEPT_SECONDS,
        }
        return [Middleware(CORSMiddleware, **options)]

    def trust(self, headers: Headers) -> bool:
        """Whether a WebSocket may be opened: by anything that is no page, by our own, and by allowed ones.

        Browsers send `Origin` with each of them, and let any page open one to anywhere.
        """
        origin = headers.get("origin")
        if origin is None or ANY in self.allowed or origin in self.allowed:
            return True
        try:
            host = urlsplit(origin).netloc.lower()
        except ValueError:
            return False
        return bool(host) and host == headers.get("host", "").lower()


def check_shape(request: Request) -> None:
    """Refuse what a page of another site can make a browser send with its user's cookies, unasked.

    A body is JSON or refused, which browsers ask about first; only GET is left.
    """
    if request.method != "GET" or "cookie" not in request.headers:
        return
    if _is_json(request) or any(name in request.headers for name in PREFLIGHTED):
        return
    raise Refused(
        403,
        f"A GET with cookies needs one of the headers {', '.join(PREFLIGHTED)}.",
        code="CSRF_BLOCKED",
    )


def _is_json(request: Request) -> bool:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"
