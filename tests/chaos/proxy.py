"""A TCP proxy before the database, which can be slow, or lose connections without a word."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final

CHUNK: Final = 65_536


class Proxy:
    """Passes everything on, each piece `delay` seconds after it came, in either direction.

    A delay is latency: pieces on their way at the same time do not wait for each other.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._pipes: set[asyncio.Task[None]] = set()
        self._lost: set[asyncio.Task[None]] = set()
        self.delay = 0.0
        self.port = 0

    @property
    def connections(self) -> int:
        """How many connections go through it."""
        return len(self._pipes - self._lost) // 2

    def lose(self) -> None:
        """Carry nothing any more on the connections of now, and tell neither end: so firewalls forget."""
        self._lost |= self._pipes

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[Proxy]:
        """Take connections."""
        listener = await asyncio.start_server(self._take, "127.0.0.1", 0)
        self.port = listener.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            listener.close()
            pipes = list(self._pipes)
            for pipe in pipes:
                pipe.cancel()
            await asyncio.gather(*pipes, return_exceptions=True)

    async def _take(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        try:
            far, on = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            back.close()
            return
        for source, sink in ((near, on), (far, back)):
            pipe = asyncio.create_task(self._carry(source, sink))
            self._pipes.add(pipe)
            pipe.add_done_callback(self._pipes.discard)
            pipe.add_done_callback(self._lost.discard)

    async def _carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        """Take pieces from one end, and give them to the other when their time has come."""
        loop, pieces = asyncio.get_running_loop(), asyncio.Queue[tuple[float, bytes]]()
        pipe = asyncio.current_task()
        giving = asyncio.create_task(self._give(pieces, sink, lambda: pipe in self._lost))
        try:
            with suppress(OSError):
                while piece := await source.read(CHUNK):
                    pieces.put_nowait((loop.time() + self.delay, piece))
            pieces.put_nowait((loop.time() + self.delay, b""))
            await giving
        finally:
            giving.cancel()
            sink.close()

    async def _give(
        self, pieces: asyncio.Queue[tuple[float, bytes]], sink: asyncio.StreamWriter, lost: Callable[[], bool]
    ) -> None:
        loop = asyncio.get_running_loop()
        with suppress(OSError):
            while True:
                due, piece = await pieces.get()
                await asyncio.sleep(due - loop.time())
                if not piece:
                    return
                if not lost():
                    sink.write(piece)
                    await sink.drain()
