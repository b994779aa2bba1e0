"""GraphQL over WebSocket: the protocol graphql-transport-ws, of which a socket is one conversation."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from contextlib import aclosing, suppress
from typing import Final

from graphql import GraphQLError
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from graph_api.endpoint.execution.parts import encode
from graph_api.endpoint.messages import (
    PROTOCOL,
    Close,
    Complete,
    Init,
    Message,
    Ping,
    Subscribe,
    read_message,
)
from graph_api.endpoint.origins import Origins
from graph_api.endpoint.presentation import present
from graph_api.endpoint.request import GraphQLRequest, Refused
from graph_api.endpoint.streams import Answer, Streams
from graph_api.endpoint.tokens import Identify, Identity, authorization_of
from graph_api.endpoint.trusted import TrustedDocuments
from graph_api.errors import RoadmapError, Unauthenticated

CLOSE_SECONDS: Final = 1.0


class WebSocketEndpoint:
    """An ASGI application that holds conversations; `identify` and `require_auth` as for HTTP.

    It holds none with a page of an origin that `origins` do not trust, and looks up in `documents` what a
    client names by its id.
    """

    def __init__(
        self,
        streams: Streams,
        *,
        identify: Identify,
        require_auth: bool = False,
        origins: Origins | None = None,
        documents: TrustedDocuments | None = None,
    ) -> None:
        self._streams = streams
        self._identify = identify
        self._require_auth = require_auth
        self._origins = origins or Origins()
        self._documents = documents or TrustedDocuments()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hold one conversation."""
        socket = WebSocket(scope, receive, send)
        if not self._origins.trust(socket.headers):
            await socket.close()  # before it is accepted: the handshake is answered with 403
            return
        offered = PROTOCOL in scope.get("subprotocols", ())
        await socket.accept(PROTOCOL if offered else None)
        if not offered:
            close = Close.not_acceptable()
            await socket.close(close.code, close.reason)
            return
        await _Conversation(socket, self._streams, self.identity, self._documents).hold()

    async def identity(self, authorization: str | None) -> Identity | None:
        """Who a socket comes from. Raises Close."""
        try:
            identity = await self._identify(authorization)
        except Unauthenticated as error:
            raise Close.forbidden(str(error)) from None
        except RoadmapError as error:
            raise Close.later(str(error)) from None
        if identity is None and self._require_auth:
            raise Close.forbidden("Forbidden")
        return identity


class _Conversation:
    """One socket: a task that listens, and one for each operation that is under way.

    Nothing is queued: an operation sends one message after the other and waits in between, so that a
    socket holds no more than one message for each of its operations, and the transport's own buffer.
    """

    def __init__(
        self, socket: WebSocket, streams: Streams, identify: Identify, documents: TrustedDocuments
    ) -> None:
        self._socket = socket
        self._streams = streams
        self._limits = streams.limits
        self._identify = identify
        self._documents = documents
        self._identity: Identity | None = None
        self._begun = self._acknowledged = False
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._sending = asyncio.Lock()
        self._until = asyncio.timeout(self._limits.init_seconds)
        self._end = Close.silent()
        """What ends the conversation once `_until` is over."""

    async def hold(self) -> None:
        """Listen until either side ends it, and leave nothing under way."""
        close: Close | None = None
        try:
            close = await self._listen()
        finally:
            for task in self._tasks:
                task.cancel()
            if close is not None:
                await self._close(close)
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _listen(self) -> Close | None:
        """Why the conversation is to be closed; None when the client has left."""
        try:
            async with self._until:
                while True:
                    event = await self._socket.receive()
                    if event["type"] == "websocket.disconnect":
                        return None
                    await self._take(read_message(event.get("text")))
        except Close as close:
            return close
        except WebSocketDisconnect:
            return None
        except TimeoutError:
            if not self._until.expired():
                raise
            return self._end

    async def _take(self, message: Message) -> None:
        match message:
            case Init():
                await self._initialise(message)
            case Ping():
                await self._send({"type": "pong"})
            case Subscribe():
                await self._subscribe(message)
            case Complete():
                if task := self._operations.pop(message.id, None):
                    task.cancel()

    async def _initialise(self, message: Init) -> None:
        if self._begun:
            raise Close.begun_twice()
        self._begun = True
        authorization = message.authorization or authorization_of(self._socket.headers)
        self._identity = await self._identify(authorization)
        await self._send({"type": "connection_ack"})
        self._acknowledged = True
        self._end = Close.expired()
        self._until.reschedule(_deadline(self._identity))

    async def _subscribe(self, message: Subscribe) -> None:
        if not self._acknowledged:
            raise Close.unauthorized()
        if message.id in self._operations:
            raise Close.taken(message.id)
        if len(self._operations) >= self._limits.operations:
            full = f"A socket has {self._limits.operations} operations at the most."
            await self._refuse(message.id, self._streams.refusal(full, code="TOO_MANY_OPERATIONS"))
            return
        try:
            asked = self._documents.resolve(message.asked)
        except Refused as refused:
            await self._refuse(message.id, self._streams.refusal(str(refused), code=refused.code))
            return
        task = asyncio.create_task(self._operate(message.id, asked))
        self._operations[message.id] = task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _operate(self, id: str, asked: GraphQLRequest) -> None:  # noqa: A002 - the protocol's name
        """Answer one operation. Whatever happens to it, the others go on."""
        try:
            await self._answer(id, asked)
        except Close as close:
            self._stop(close)
        except WebSocketDisconnect:
            pass  # the listener hears of it too
        except Exception as error:  # noqa: BLE001 - an answer that is no JSON ends its operation alone
            errors = present([GraphQLError(str(error), original_error=error)], executed=True)
            with suppress(Close, WebSocketDisconnect):
                await self._refuse(id, Answer({"errors": errors}, refused=True))
        finally:
            self._free(id)

    async def _answer(self, id: str, asked: GraphQLRequest) -> None:  # noqa: A002 - the protocol's name
        async with aclosing(self._streams.answers(asked, self._socket, self._identity)) as answers:
            async for answer in answers:
                if answer.refused:
                    await self._refuse(id, answer)
                    return
                await self._send({"id": id, "type": "next", "payload": answer.body})
        self._free(id)
        await self._send({"id": id, "type": "complete"})

    async def _refuse(self, id: str, answer: Answer) -> None:  # noqa: A002 - the protocol's name
        self._free(id)
        await self._send({"id": id, "type": "error", "payload": answer.body["errors"]})

    def _free(self, id: str) -> None:  # noqa: A002 - the protocol's name
        """Let another operation have this one's id, before the client can know that it may."""
        if self._operations.get(id) is asyncio.current_task():
            del self._operations[id]

    async def _send(self, message: Mapping[str, object]) -> None:
        """Send a message after those before it. Raises Close when the client does not read."""
        async with self._sending:
            try:
                async with asyncio.timeout(self._limits.send_seconds):
                    await self._socket.send_text(encode(message).decode())
            except TimeoutError:
                raise Close.too_slow() from None

    def _stop(self, close: Close) -> None:
        """End the conversation from an operation's task."""
        with suppress(RuntimeError):  # it is over already
            self._until.reschedule(asyncio.get_running_loop().time())
            self._end = close

    async def _close(self, close: Close) -> None:
        """Close the socket, and wait no longer for a client that does not read."""
        with suppress(WebSocketDisconnect, TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._socket.close(close.code, close.reason)


def _deadline(identity: Identity | None) -> float | None:
    """When an identity ends, in the time of the event loop."""
    if identity is None:
        return None
    return asyncio.get_running_loop().time() + max(0.0, identity.expires_at - time.time())
