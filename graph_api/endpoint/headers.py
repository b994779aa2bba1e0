"""Headers that every answer carries: browsers may load nothing but what we serve."""

from __future__ import annotations

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# GraphiQL's editor writes its styles into the page; nothing else may be inline.
POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS: Final = {
    "content-security-policy": POLICY,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
_RAW: Final = [(name.encode(), value.encode()) for name, value in _HEADERS.items()]
_NAMES: Final = frozenset(name for name, _ in _RAW)


class SecurityHeaders:
    """Middleware that adds them to what it wraps."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; headers that the answer has already stay as they are."""

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message.setdefault("headers", [])
                there = dict(headers)
                new = _NAMES.isdisjoint(there)
                headers.extend(_RAW if new else [header for header in _RAW if header[0] not in there])
            await send(message)

        await self._app(scope, receive, add if scope["type"] == "http" else send)
