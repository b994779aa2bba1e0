"""Requests as the bytes of HTTP, and one-off questions with their answers."""

from __future__ import annotations

from http.client import HTTPConnection
from typing import Any, Final

import orjson

from benchmarks.dialects import Body

PATIENCE: Final = 60.0
_ACCEPT: Final = "application/json"


def encode(path: str, body: Body, *, token: str | None = None) -> bytes:
    """A POST request with a JSON body, as any client would send it."""
    content = orjson.dumps(body)
    authorization = f"Authorization: Bearer {token}\r\n" if token else ""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: {_ACCEPT}\r\n{authorization}"
        f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


def ask(port: int, path: str, body: Body, *, token: str | None = None) -> tuple[Any, bytes]:
    """The answer to one question, read and as it came. Raises RuntimeError when it is none, or has errors."""
    headers = {"Content-Type": "application/json", "Accept": _ACCEPT}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("POST", path, orjson.dumps(body), headers)
        response = connection.getresponse()
        data = response.read()
    finally:
        connection.close()
    answer = orjson.loads(data) if response.status == 200 else None
    if answer is None or (isinstance(answer, dict) and answer.get("errors")):
        raise RuntimeError(f"Port {port} answered {path} with {response.status}: {data[:2000]!r}")
    return answer, data
