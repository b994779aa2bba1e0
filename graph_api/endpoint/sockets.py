"""How uvicorn's WebSockets end: some seconds after their close frame at the latest, read or not."""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol


class WebSockets(WebSocketsSansIOProtocol):
    """uvicorn's own protocol, except that a client that has stopped reading cannot keep its connection.

    uvicorn waits for room in the buffer before it sends anything, a close frame too, and a transport that
    is closed waits until its buffer is empty: both would last as long as the client likes.
    """

    async def send(self, message: Any) -> None:
        """Send what the application says; a close frame is small, and goes out whatever waits before it."""
        if message["type"] != "websocket.close":
            await super().send(message)
            return
        self.writable.set()
        await super().send(message)
        self._abort_later()

    def keepalive_timeout(self) -> None:
        """End the connection of a client that has not answered a ping."""
        super().keepalive_timeout()
        self._abort_later()

    def shutdown(self) -> None:
        """End the connection because the server ends."""
        super().shutdown()
        self._abort_later()

    def _abort_later(self) -> None:
        self.loop.call_later(self.close_timeout, self.transport.abort)
