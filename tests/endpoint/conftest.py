"""An endpoint over a small schema of its own: it knows nothing of roadmaps."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import strawberry
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route
from strawberry import Schema

from graph_api.endpoint.headers import SecurityHeaders
from graph_api.endpoint.http import GraphQLEndpoint
from graph_api.endpoint.pipeline import Pipeline
from graph_api.endpoint.tokens import Identify, Verifier
from graph_api.errors import BadInput

LIMIT = 10_000
"""Bytes that a body may have here."""


@strawberry.type
class Query:
    @strawberry.field
    def hello(self, name: str = "world") -> str:
        return f"hello {name}"

    @strawberry.field
    def size(self, of: list[int]) -> int:
        return len(of)

    @strawberry.field
    def me(self) -> Query:
        return Query()

    @strawberry.field
    def refused(self) -> str | None:
        raise BadInput("Not like this.")

    @strawberry.field
    def broken(self) -> str | None:
        raise ZeroDivisionError("a secret")

    @strawberry.field
    def required(self) -> str:
        raise BadInput("Not like this either.")


@strawberry.type
class Mutation:
    @strawberry.mutation
    def add(self, number: int) -> int:
        return number + 1


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def ticks(self) -> AsyncIterator[int]:
        yield 1


def build(
    *, introspection: bool = True, identify: Identify | None = None, require_auth: bool = False
) -> Starlette:
    """An application of nothing but the endpoint."""
    schema = Schema(query=Query, mutation=Mutation, subscription=Subscription)
    return Starlette(
        routes=[
            Route(
                "/graphql",
                GraphQLEndpoint(
                    Pipeline(schema, introspection=introspection),
                    context=lambda *_: None,
                    identify=identify or Verifier(None).identify,
                    require_auth=require_auth,
                    max_body_bytes=LIMIT,
                ),
                max_body_size=sys.maxsize,
            )
        ],
        middleware=[Middleware(SecurityHeaders)],
        max_body_size=LIMIT,
    )


def over(app: Starlette) -> httpx.AsyncClient:
    """A client that calls an application directly."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://api.test")


@pytest.fixture
async def http(caplog: pytest.LogCaptureFixture) -> AsyncIterator[httpx.AsyncClient]:
    """The client; no test leaves a traceback in the log, unless it takes it from there."""
    async with over(build()) as client:
        yield client
    assert [record for record in caplog.get_records("call") if record.exc_info] == []


async def post(http: httpx.AsyncClient, body: Any, **headers: str) -> httpx.Response:
    """The answer to a JSON body."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await http.post("/graphql", json=body, headers=named)
