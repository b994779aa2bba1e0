"""The best single Cypher for each question, through the Python driver, in a bare Starlette route.

    python -m benchmarks.peers.cypher PORT

A statement is the same whatever fields are asked, so that Neo4j plans it once; the route leaves out what is
not asked. It is the floor of what reads from the database on each request.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, LiteralString

import orjson
from neo4j import READ_ACCESS, AsyncDriver
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.peers.running import driver, run

PAGE: Final[LiteralString] = """
MATCH (r:Roadmap {slug: $keys[0]})
RETURN r {.title, .summary, .language, sections: COLLECT {
  MATCH (r)-[h:HAS_SECTION]->(s:Section)
  WITH h, s ORDER BY h.position
  RETURN s {.slug, .title, .summary, .optional, topics: COLLECT {
    MATCH (s)-[p:HAS_TOPIC]->(t:Topic)
    WITH p, t ORDER BY p.position LIMIT $first
    RETURN t {.slug, .title, .summary, .hours, .tags, optional: s.optional OR p.optional,
      edges: COLLECT {
        MATCH (t)-[q:REQUIRES]->(o:Topic)
        WITH q, o ORDER BY q.group, o.slug
        RETURN [q.group, q.need, q.reason, o.slug, o.title, o.hours]
      }}
  }}
}} AS found
"""

TOPICS: Final[LiteralString] = """
UNWIND $keys AS key
MATCH (t:Topic {id: key})
RETURN t {.slug, .title, .summary, .hours, .tags, prerequisites: COLLECT {
  MATCH (t)-[:REQUIRES]->(o:Topic)
  WITH o ORDER BY o.slug LIMIT $first
  RETURN o {.slug, .title, .hours, .summary}
}} AS found
"""

TOPIC: Final[LiteralString] = """
MATCH (t:Topic {slug: $keys[0]})
RETURN t {.slug, .title, .summary, .hours, .tags,
  prerequisites: COLLECT {
    MATCH (t)-[:REQUIRES]->(a:Topic)
    WITH a ORDER BY a.slug LIMIT $first
    RETURN a {.slug, .title, .hours, .summary, prerequisites: COLLECT {
      MATCH (a)-[:REQUIRES]->(b:Topic)
      WITH b ORDER BY b.slug LIMIT $first
      RETURN b {.slug, .title, .hours, .summary, prerequisites: COLLECT {
        MATCH (b)-[:REQUIRES]->(c:Topic)
        WITH c ORDER BY c.slug LIMIT $first
        RETURN c {.slug, .title, .hours, .summary}
      }}
    }}
  },
  dependents: COLLECT {
    MATCH (t)<-[:REQUIRES]-(d:Topic)
    WITH d ORDER BY d.slug LIMIT $first
    RETURN d {.slug, .title, .hours, .summary}
  }
} AS found
"""

SEARCH: Final[LiteralString] = """
CALL db.index.fulltext.queryNodes('content', $keys[0]) YIELD node, score
WHERE node:Topic
RETURN node {.slug, .title, .summary, .hours, .tags, score: score} AS found
ORDER BY score DESC, node.id DESC LIMIT $first
"""

MARK: Final[LiteralString] = """
MERGE (l:PeerLearner {id: $learner})
WITH l MATCH (t:Topic {slug: $topic})
MERGE (l)-[k:KNOWS]->(t) SET k.since = datetime()
RETURN count(t) AS marked
"""

Fields = dict[str, list[str]]
Handler = Callable[[Request], Awaitable[Response]]


async def _rows(request: Request, statement: LiteralString, body: dict[str, Any]) -> list[Any]:
    """What the statement found; a read without an explicit transaction: one round trip."""
    database: AsyncDriver = request.app.state.driver
    async with database.session(database="neo4j", default_access_mode=READ_ACCESS) as session:
        result = await session.run(statement, keys=body["keys"], first=body["first"])
        return [record["found"] async for record in result]


def _answer(content: object) -> Response:
    return Response(orjson.dumps(content), media_type="application/json")


def _topic_fields(row: dict[str, Any], fields: Fields, alias: str | None, extra: tuple[str, ...] = ()) -> Any:
    found = {name: row[name] for name in (*fields["topic"], *extra)}
    if alias is not None:
        found[alias] = found.pop("title")
    return found


async def page(request: Request) -> Response:
    """A roadmap with its sections, their topics and what these require."""
    body = orjson.loads(await request.body())
    fields, alias = body["fields"], body["alias"]
    [roadmap] = await _rows(request, PAGE, body)
    found = {name: roadmap[name] for name in fields["roadmap"]}
    found["sections"] = [_section(section, fields, alias) for section in roadmap["sections"]]
    return _answer(found)


def _section(section: dict[str, Any], fields: Fields, alias: str | None) -> dict[str, Any]:
    found = {name: section[name] for name in fields["section"]}
    extra = ("optional",) if "optional" in found else ()
    found["topics"] = [
        _topic_fields(topic, fields, alias, extra) | {"requirements": _groups(topic["edges"], fields)}
        for topic in section["topics"]
    ]
    return found


def _groups(edges: list[Any], fields: Fields) -> list[dict[str, Any]]:
    groups: dict[int, dict[str, Any]] = {}
    for group, need, reason, slug, title, hours in edges:
        if group not in groups:
            whole = {"need": need, "reason": reason}
            groups[group] = {name: whole[name] for name in fields["requirement"]} | {"of": []}
        other = {"slug": slug, "title": title, "hours": hours}
        groups[group]["of"].append({name: other[name] for name in fields["of"]})
    return list(groups.values())


async def topics(request: Request) -> Response:
    """Topics by id, each with its prerequisites."""
    body = orjson.loads(await request.body())
    rows = await _rows(request, TOPICS, body)
    return _answer([_with_near(row, body["fields"], body["alias"]) for row in rows])


async def topic(request: Request) -> Response:
    """A topic with its prerequisites three levels deep and its dependents."""
    body = orjson.loads(await request.body())
    [row] = await _rows(request, TOPIC, body)
    found = _with_near(row, body["fields"], body["alias"])
    found["dependents"] = [_near(one, body["fields"]["of"]) for one in row["dependents"]]
    return _answer(found)


def _with_near(row: dict[str, Any], fields: Fields, alias: str | None) -> Any:
    near = [_near(one, fields["of"]) for one in row["prerequisites"]]
    return _topic_fields(row, fields, alias) | {"prerequisites": near}


def _near(row: dict[str, Any], names: list[str]) -> dict[str, Any]:
    found = {name: row[name] for name in names}
    if "prerequisites" in row:
        found["prerequisites"] = [_near(one, names) for one in row["prerequisites"]]
    return found


async def search(request: Request) -> Response:
    """The topics that fit a text, the best first."""
    body = orjson.loads(await request.body())
    rows = await _rows(request, SEARCH, body)
    return _answer([_topic_fields(row, body["fields"], body["alias"], ("score",)) for row in rows])


async def mark(request: Request) -> Response:
    """Record that a learner knows a topic."""
    body = orjson.loads(await request.body())
    database: AsyncDriver = request.app.state.driver
    async with database.session(database="neo4j") as session:
        result = await session.run(MARK, learner=body["learner"], topic=body["topic"])
        record = await result.single(strict=True)
    return _answer({"marked": record["marked"]})


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """Hold the driver while it serves."""
    async with driver() as app.state.driver:
        yield


ROUTES: Final[tuple[Handler, ...]] = (page, topics, topic, search, mark)

app = Starlette(
    routes=[Route(f"/{route.__name__}", route, methods=["POST"]) for route in ROUTES], lifespan=lifespan
)

if __name__ == "__main__":
    run(app, int(sys.argv[1]))
