"""Answers over HTTP: bytes, a status, and headers that say who may keep them and what they were made from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, Protocol

import orjson
from starlette.responses import Response

from graph_api.endpoint.heard import Heard
from graph_api.endpoint.request import Refused
from graph_api.endpoint.revision import HEADER
from graph_api.endpoint.tokens import Identity

NOT_MODIFIED: Final = 304
_WEAK: Final = "W/"


class Asking(NamedTuple):
    """A request by HTTP that could be one of GraphQL: who sends it, its bytes, and the type of its answer."""

    request: Heard
    identity: Identity | None
    said: bytes
    media_type: str

    @property
    def by_get(self) -> bool:
        """Whether it may not change anything, and its answer may be kept by caches."""
        return self.request.method == "GET"

    def holds(self, tag: str) -> bool:
        """Whether the client has the answer with this tag already; it may say it in its strong form."""
        known = self.request.header("if-none-match") if self.by_get else None
        if known is None:
            return False
        said = {part.strip().removeprefix(_WEAK) for part in known.split(",")}
        return known.strip() == "*" or tag.removeprefix(_WEAK) in said


class Tagged(Protocol):
    """An answer that has an entity tag."""

    @property
    def tag(self) -> str:
        """It, in its weak form."""


def answered(
    asking: Asking,
    data: bytes,
    headers: Mapping[str, str],
    *,
    revision: int | None,
    tagged: Tagged | None = None,
    status: int = 200,
) -> Response:
    """The response with an answer; an empty one for a client that has it, by its `tag`."""
    by_get = asking.by_get
    told = {"vary": "accept, authorization" if by_get else "accept", **headers}
    if revision is not None:
        told[HEADER] = str(revision)
    if tagged is not None and by_get:
        told["etag"] = tagged.tag
        if asking.holds(tagged.tag):
            return _Answered(status_code=NOT_MODIFIED, headers=told)
    return _Answered(data, status, told, asking.media_type)


def refusal(refused: Refused, media_type: str) -> Response:
    """The response to what is not executed."""
    error: dict[str, Any] = {"message": str(refused), "extensions": {"code": refused.code}}
    headers = {"vary": "accept", "cache-control": "no-store", **refused.headers}
    return _Answered(orjson.dumps({"errors": [error]}), refused.status, headers, media_type)


class _Answered(Response):
    """A response whose headers are in small letters, none of them about its content: nothing is looked up."""

    def init_headers(self, headers: Mapping[str, str] | None = None) -> None:
        """Set the headers as they go out."""
        told = (headers or {}).items()
        self.raw_headers = [(name.encode(), value.encode("latin-1")) for name, value in told]
        if self.media_type is not None:
            self.raw_headers.append((b"content-length", b"%d" % len(self.body)))
            self.raw_headers.append((b"content-type", b"%s; charset=utf-8" % self.media_type.encode()))
