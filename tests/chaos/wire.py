"""An HTTP/1.1 client that costs next to nothing, so that who measures does not take what is measured."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit


class Reply(NamedTuple):
    """An answer; the names of its headers are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


FRESH: Final = 2.0
"""Seconds for which an idle connection is used again: a server closes one after five, maybe just then."""


@dataclass
class _Line:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    used: float = 0.0


class Wire:
    """Connections to a server: as many as there are requests at once, each used again."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._idle: list[_Line] = []

    async def post(self, body: bytes, token: str = "") -> Reply:
        """The answer to a GraphQL request."""
        authorization = f"authorization: Bearer {token}\r\n" if token else ""
        head = (
            f"POST /graphql HTTP/1.1\r\nhost: {self._host}\r\ncontent-type: application/json\r\n"
            f"{authorization}content-length: {len(body)}\r\n\r\n"
        )
        async with self._line() as line:
            line.writer.write(head.encode() + body)
            return await _reply(line.reader)

    async def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """The data of an answer without errors."""
        reply = await self.post(json.dumps({"query": query, "variables": variables}).encode())
        data: dict[str, Any] = json.loads(reply.body)["data"]
        return data

    def close(self) -> None:
        """Close what is idle."""
        for line in self._idle:
            line.writer.close()
        self._idle.clear()

    @asynccontextmanager
    async def _line(self) -> AsyncIterator[_Line]:
        """A connection; one that the server has closed meanwhile is not taken."""
        line = None
        while line is None and self._idle:
            line = self._idle.pop()
            if line.reader.at_eof() or time.monotonic() - line.used > FRESH:
                line.writer.close()
                line = None
        if line is None:
            line = _Line(*await asyncio.open_connection(self._host, self._port))
        try:
            yield line
        except BaseException:
            line.writer.close()
            raise
        line.used = time.monotonic()
        self._idle.append(line)


async def _reply(reader: asyncio.StreamReader) -> Reply:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    body = await reader.readexactly(int(headers["content-length"]))
    return Reply(int(first.split(" ", 2)[1]), headers, body)
