"""uvicorn's protocols, with bounds that they lack: how much a client may say, how long it may stay."""

from __future__ import annotations

from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

LARGEST_HEAD: Final = 65_536
"""So many bytes may path and headers have together, and so many may come in a row that are no body."""


class Requests(HttpToolsProtocol):
    """uvicorn's own protocol for HTTP, except that what stands around a body cannot go on for ever.

    Its parser, which is far faster than the one in Python, keeps as many headers as come, and would take
    fields after a body for headers of the request; here they are dropped.
    """

    _around = 0
    _head = 0
    _in_head = True

    def data_received(self, data: bytes) -> None:
        """Take what the client has sent; 431 for a head that is too large, or goes on and on."""
        self._around += len(data)
        super().data_received(data)
        if self._around > LARGEST_HEAD and not self.transport.is_closing():
            self._refuse()

    def on_url(self, url: bytes) -> None:
        """A piece of the path has come."""
        self._head += len(url)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header has come, or a field after the body."""
        if self._in_head:
            self._head += len(name) + len(value)
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The body follows, or nothing. Raises ValueError for a head that is too large: parsing ends."""
        self._in_head = False
        if self._head > LARGEST_HEAD:
            raise ValueError
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of the body has come."""
        self._around = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is whole; what comes now is the head of another."""
        self._around, self._head, self._in_head = 0, 0, True
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what cannot be parsed."""
        if self._head > LARGEST_HEAD:
            self._refuse()
        else:
            super().send_400_response(msg)

    def _refuse(self) -> None:
        answering = getattr(self.cycle, "response_started", False) and not self.cycle.response_complete
        if not answering:
            self.transport.write(_TOO_LARGE)
        self.transport.close()


_TOO_LARGE: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
)


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
