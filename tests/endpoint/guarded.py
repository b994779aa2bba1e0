"""An endpoint over a small schema whose operations take as long as a test likes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, Final

import strawberry
from starlette.applications import Starlette
from starlette.routing import Route
from strawberry import Schema

from graph_api.endpoint.guard import Guard
from graph_api.endpoint.http import GraphQLEndpoint
from graph_api.endpoint.pipeline import Pipeline
from graph_api.endpoint.tokens import Verifier


@dataclass
class Slow:
    """What the resolvers see: `wait` answers once it is `open`; it counts who is in it."""

    open: asyncio.Event = field(default_factory=asyncio.Event)
    inside: int = 0
    most: int = 0
    order: list[int] = field(default_factory=list)
    work: Callable[[], Any] | None = None
    personal: bool = False


Info = strawberry.Info[Slow, None]


@strawberry.type
class Query:
    @strawberry.field
    def hello(self) -> str:
        return "world"

    @strawberry.field
    async def wait(self, info: Info, number: int = 0) -> int:
        slow = info.context
        slow.order.append(number)
        slow.inside += 1
        slow.most = max(slow.most, slow.inside)
        try:
            await slow.open.wait()
        finally:
            slow.inside -= 1
        return number

    @strawberry.field
    async def work(self, info: Info) -> int:
        assert info.context.work is not None
        return int(await info.context.work())


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def work(self, info: Info) -> int:
        assert info.context.work is not None
        return int(await info.context.work())


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def ticks(self) -> AsyncIterator[int]:
        yield 1


SCHEMA: Final = Schema(query=Query, mutation=Mutation, subscription=Subscription)


def build(slow: Slow, guard: Guard) -> Starlette:
    """An application of nothing but the endpoint."""
    endpoint = GraphQLEndpoint(
        Pipeline(SCHEMA), context=lambda *_: slow, identify=Verifier(None).identify, guard=guard
    )
    return Starlette(routes=[Route("/graphql", endpoint)])
