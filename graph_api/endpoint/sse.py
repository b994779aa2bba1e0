"""GraphQL over server-sent events, each operation in a stream of its own.

https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md, "distinct connections mode".
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from typing import Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from graph_api.endpoint.execution.parts import encode
from graph_api.endpoint.negotiation import EVENTS
from graph_api.endpoint.streams import Answer, Limits
from graph_api.endpoint.tokens import Identity
from graph_api.errors import Unauthenticated

ALIVE: Final = b":\n\n"
COMPLETE: Final = b"event: complete\ndata:\n\n"
_EXPIRED: Final = Answer.refusal("The token has expired; ask for a new one.", code=Unauthenticated.code)
_HEADERS: Final = {
    "content-type": f"{EVENTS}; charset=utf-8",
    "cache-control": "no-cache, no-transform",
    "vary": "accept",
    "x-accel-buffering": "no",  # a proxy must hand on each event as it comes
}


class EventStream(Response):
    """The answers to one operation, as events, until they end or the client leaves or cannot follow."""

    def __init__(
        self, answers: AsyncGenerator[Answer, None], *, limits: Limits, identity: Identity | None
    ) -> None:
        self._answers = answers
        self._limits = limits
        self._expires_at = float("inf") if identity is None else identity.expires_at
        super().__init__(headers=_HEADERS)
        del self.headers["content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        """Stream."""
        gone = asyncio.create_task(_disconnected(receive))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            async with aclosing(self._answers), aclosing(self._chunks(gone)) as chunks:
                async for chunk in chunks:
                    await self._send(send, chunk, more=True)
            await self._send(send, b"", more=False)
        except TimeoutError:
            pass  # too slow: the server takes the connection away
        finally:
            gone.cancel()

    async def _send(self, send: Send, chunk: bytes, *, more: bool) -> None:
        async with asyncio.timeout(self._limits.send_seconds):
            await send({"type": "http.response.body", "body": chunk, "more_body": more})

    async def _chunks(self, gone: asyncio.Task[None]) -> AsyncGenerator[bytes, None]:
        yield ALIVE  # so that the client knows at once that it is heard
        following = asyncio.create_task(self._following())
        try:
            while True:
                left = self._expires_at - time.time()
                patience = max(0.0, min(left, self._limits.keepalive_seconds))
                await asyncio.wait({following, gone}, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
                if gone.done():
                    return
                if time.time() >= self._expires_at:
                    yield _event(_EXPIRED)
                    break
                if not following.done():
                    yield ALIVE
                    continue
                if (answer := following.result()) is None:
                    break
                yield _event(answer)
                following = asyncio.create_task(self._following())
            yield COMPLETE
        finally:
            following.cancel()
            with suppress(asyncio.CancelledError):
                await following

    async def _following(self) -> Answer | None:
        return await anext(self._answers, None)


def _event(answer: Answer) -> bytes:
    return b"event: next\ndata: " + encode(answer.body) + b"\n\n"


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
