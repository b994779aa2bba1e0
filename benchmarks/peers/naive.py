"""The same graph the obvious way: Strawberry types, a DataLoader for each edge, a statement for each batch.

    python -m benchmarks.peers.naive PORT

It is what one writes after the documentation of Strawberry, aiodataloader and the Neo4j driver: what ours was
before anything was made fast. Kept to tell what that is worth.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, LiteralString, TypeAlias

import strawberry
from aiodataloader import DataLoader
from neo4j import AsyncDriver
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from strawberry.asgi import GraphQL

from benchmarks.peers.running import driver, run

ROADMAPS: Final[LiteralString] = """
UNWIND $keys AS key MATCH (r:Roadmap {slug: key}) RETURN key, properties(r) AS value
"""
SECTIONS: Final[LiteralString] = """
UNWIND $keys AS key
MATCH (:Roadmap {id: key})-[h:HAS_SECTION]->(s:Section)
RETURN key, properties(s) AS value ORDER BY h.position
"""
PLACED: Final[LiteralString] = """
UNWIND $keys AS key
MATCH (s:Section {id: key})-[p:HAS_TOPIC]->(t:Topic)
RETURN key, {topic: properties(t), optional: s.optional OR p.optional} AS value ORDER BY p.position
"""
TOPICS_BY_ID: Final[LiteralString] = """
UNWIND $keys AS key MATCH (t:Topic {id: key}) RETURN key, properties(t) AS value
"""
TOPICS_BY_SLUG: Final[LiteralString] = """
UNWIND $keys AS key MATCH (t:Topic {slug: key}) RETURN key, properties(t) AS value
"""
REQUIREMENTS: Final[LiteralString] = """
UNWIND $keys AS key
MATCH (:Topic {id: key})-[r:REQUIRES]->(o:Topic)
WITH key, r, o ORDER BY r.group, o.slug
WITH key, r.group AS number, r.need AS need, r.reason AS reason, collect(properties(o)) AS of
RETURN key, {need: need, reason: reason, of: of} AS value ORDER BY number
"""
PREREQUISITES: Final[LiteralString] = """
UNWIND $keys AS key
MATCH (:Topic {id: key})-[:REQUIRES]->(o:Topic)
RETURN key, properties(o) AS value ORDER BY o.slug
"""
DEPENDENTS: Final[LiteralString] = """
UNWIND $keys AS key
MATCH (:Topic {id: key})<-[:REQUIRES]-(o:Topic)
RETURN key, properties(o) AS value ORDER BY o.slug
"""
SEARCH: Final[LiteralString] = """
CALL db.index.fulltext.queryNodes('content', $text) YIELD node, score WHERE node:Topic
RETURN properties(node) AS topic, score ORDER BY score DESC, node.id DESC LIMIT $first
"""
MARK: Final[LiteralString] = """
MERGE (l:PeerLearner {id: $learner})
WITH l MATCH (t:Topic {slug: $topic})
MERGE (l)-[k:KNOWS]->(t) SET k.since = datetime()
RETURN count(t) AS marked
"""


Many: TypeAlias = DataLoader[str, list[Any]]


class Loaders:
    """The loaders of one request."""

    def __init__(self, database: AsyncDriver) -> None:
        self.database = database
        self.roadmap_by_slug: Many = self._loader(ROADMAPS, lambda row: Roadmap(**row))
        self.sections_by_roadmap: Many = self._loader(SECTIONS, lambda row: Section(**row))
        self.placed_by_section: Many = self._loader(PLACED, placed)
        self.topic_by_id: Many = self._loader(TOPICS_BY_ID, lambda row: Topic(**row))
        self.topic_by_slug: Many = self._loader(TOPICS_BY_SLUG, lambda row: Topic(**row))
        self.requirements_by_topic: Many = self._loader(REQUIREMENTS, requirement)
        self.prerequisites_by_topic: Many = self._loader(PREREQUISITES, lambda row: Topic(**row))
        self.dependents_by_topic: Many = self._loader(DEPENDENTS, lambda row: Topic(**row))

    def _loader(self, statement: LiteralString, make: Callable[[Any], Any]) -> Many:
        async def load(keys: list[str]) -> list[list[Any]]:
            records, _, _ = await self.database.execute_query(statement, keys=keys, database_="neo4j")
            found: dict[str, list[Any]] = defaultdict(list)
            for record in records:
                found[record["key"]].append(make(record["value"]))
            return [found[key] for key in keys]

        return DataLoader(load)


Info: TypeAlias = strawberry.Info[dict[str, Any], None]


def loaders(info: Info) -> Loaders:
    """Those of the request."""
    found: Loaders = info.context["loaders"]
    return found


@strawberry.type
class Topic:
    id: strawberry.ID
    slug: str
    title: str
    summary: str
    hours: float | None
    tags: list[str]

    @strawberry.field
    async def requirements(self, info: Info) -> list[Requirement]:
        return await loaders(info).requirements_by_topic.load(self.id)

    @strawberry.field
    async def prerequisites(self, info: Info, first: int) -> list[Topic]:
        return (await loaders(info).prerequisites_by_topic.load(self.id))[:first]

    @strawberry.field
    async def dependents(self, info: Info, first: int) -> list[Topic]:
        return (await loaders(info).dependents_by_topic.load(self.id))[:first]


@strawberry.type
class Requirement:
    need: int
    reason: str
    of: list[Topic]


@strawberry.type
class Placed:
    optional: bool
    topic: Topic


@strawberry.type
class Found:
    score: float
    topic: Topic


@strawberry.type
class Section:
    id: strawberry.ID
    slug: str
    title: str
    summary: str
    optional: bool

    @strawberry.field
    async def topics(self, info: Info, first: int) -> list[Placed]:
        return (await loaders(info).placed_by_section.load(self.id))[:first]


@strawberry.type
class Roadmap:
    id: strawberry.ID
    slug: str
    title: str
    summary: str
    language: str

    @strawberry.field
    async def sections(self, info: Info) -> list[Section]:
        return await loaders(info).sections_by_roadmap.load(self.id)


def placed(row: dict[str, Any]) -> Placed:
    """A topic at its place."""
    return Placed(optional=row["optional"], topic=Topic(**row["topic"]))


def requirement(row: dict[str, Any]) -> Requirement:
    """A group of requirements."""
    return Requirement(need=row["need"], reason=row["reason"], of=[Topic(**topic) for topic in row["of"]])


@strawberry.type
class Query:
    @strawberry.field
    async def roadmap(self, info: Info, slug: str) -> Roadmap | None:
        return next(iter(await loaders(info).roadmap_by_slug.load(slug)), None)

    @strawberry.field
    async def topic(self, info: Info, slug: str) -> Topic | None:
        return next(iter(await loaders(info).topic_by_slug.load(slug)), None)

    @strawberry.field
    async def topics(self, info: Info, ids: list[strawberry.ID]) -> list[Topic]:
        return [found[0] for found in await loaders(info).topic_by_id.load_many(ids)]

    @strawberry.field
    async def search(self, info: Info, text: str, first: int) -> list[Found]:
        database = loaders(info).database
        records, _, _ = await database.execute_query(SEARCH, text=text, first=first, database_="neo4j")
        return [Found(score=row["score"], topic=Topic(**row["topic"])) for row in records]


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def mark(self, info: Info, learner: str, topic: str) -> int:
        database = loaders(info).database
        records, _, _ = await database.execute_query(MARK, learner=learner, topic=topic, database_="neo4j")
        return int(records[0]["marked"])


class Endpoint(GraphQL[dict[str, Any], None]):
    async def get_context(self, request: Any, response: Any) -> dict[str, Any]:
        return {"request": request, "response": response, "loaders": Loaders(request.app.state.driver)}


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """Hold the driver while it serves."""
    async with driver() as app.state.driver:
        yield


async def ready(_: Request) -> Response:
    return Response()


schema = strawberry.Schema(Query, Mutation)
endpoint = Endpoint(schema, graphql_ide=None)
app = Starlette(routes=[Route("/ready", ready), Route("/graphql", endpoint)], lifespan=lifespan)

if __name__ == "__main__":
    run(app, int(sys.argv[1]))
