"""Answers over HTTP: bytes, a status, and headers that say who may keep them and what they were made from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, Protocol

import orjson
from starlette.requests import Request
from starlette.responses import Response

from graph_api.endpoint.request import Refused
from graph_api.endpoint.revision import HEADER
from graph_api.endpoint.tokens import Identity

NOT_MODIFIED: Final = 304
_WEAK: Final = "W/"


class Asking(NamedTuple):
    """A request by HTTP that could be one of GraphQL: who sends it, its bytes, and the type of its answer."""

    request: Request
    identity: Identity | None
    said: bytes
    media_type: str

    @property
    def by_get(self) -> bool:
        """Whether it may not change anything, and its answer may be kept by caches."""
        return self.request.method == "GET"

    def holds(self, tag: str) -> bool:
        """Whether the client has the answer with this tag already; it may say it in its strong form."""
        known = self.request.headers.get("if-none-match") if self.by_get else None
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
    told = {"vary": "accept, authorization" if asking.by_get else "accept", **headers}
    if revision is not None:
        told[HEADER] = str(revision)
    if tagged is not None and asking.by_get:
        told["etag"] = tagged.tag
        if asking.holds(tagged.tag):
            return Response(status_code=NOT_MODIFIED, headers=told)
    return _response(data, status, asking.media_type, told)


def refusal(refused: Refused, media_type: str) -> Response:
    """The response to what is not executed."""
    error: dict[str, Any] = {"message": str(refused), "extensions": {"code": refused.code}}
    headers = {"vary": "accept", "cache-control": "no-store", **refused.headers}
    return _response(orjson.dumps({"errors": [error]}), refused.status, media_type, headers)


def _response(data: bytes, status: int, media_type: str, headers: Mapping[str, str]) -> Response:
    told = {"content-type": f"{media_type}; charset=utf-8", **headers}
    return Response(data, status_code=status, headers=told)
