"""Writers and readers go on while the database is killed twice: nothing is lost, nothing is seen half-done.

CHAOS_SECONDS is about how long; `make soak` runs it for a minute.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
import pytest
from pydantic import SecretStr

from graph_api.app import connect, create_app
from graph_api.settings import Settings
from tests.conftest import SECRET, Spare, serving, settings_of, token_of, wipe

SECONDS: Final = float(os.environ.get("CHAOS_SECONDS", "20"))
WRITERS: Final = 4
READERS: Final = 8
TOPICS: Final = 12
EVERYBODY: Final = [*(f"writer-{n}" for n in range(WRITERS)), *(f"reader-{n}" for n in range(READERS))]
PATIENCE: Final = 60.0
TIMEOUT: Final = 30.0
"""Seconds; a Neo4j that has just started plans every statement anew, which takes a busy machine long."""

APPLY: Final = """mutation ($document: String!) {
  applyRoadmap(input: {document: $document, prune: true}) { revision userErrors { code message } }
}"""
TAG: Final = """mutation ($slug: String!, $tags: [String!]!) {
  setTags(input: {slug: $slug, tags: $tags}) { revision userErrors { code message } }
}"""
READ: Final = """query ($slug: String!) {
  roadmap(slug: $slug) {
    revision title summary
    sections { title topics(first: 100) { nodes { title tags requirements { reason } } } }
  }
}"""


def document(writer: int, version: int) -> str:
    """A roadmap that says its version wherever it says anything, in one of two orders and two sizes."""
    topics = range(TOPICS if version % 2 else TOPICS - 3)
    lines = [f"format: roadmap/1\nslug: writer-{writer}\ntitle: v{version}\nsections:"]
    for section in range(2):
        lines.append(f"  - slug: section-{section}\n    title: v{version}\n    topics:")
        for number in [each for each in topics if each % 2 == section]:
            needs = f"\n        requires: [{{topic: topic-{writer}-0, reason: v{version}}}]" if number else ""
            lines.append(f"      - slug: topic-{writer}-{number}\n        title: v{version}{needs}")
    return "\n".join(lines)


@dataclass
class Log:
    """What happened.

    acknowledged  (writer, version, revision) of each document that was said to be written
    tags          (writer, version, revision) of each tag that was said to be written
    tried         the last version that each writer has tried
    answered      when each writer and reader last had an answer
    """

    acknowledged: list[tuple[int, int, int]] = field(default_factory=list)
    tags: list[tuple[int, int, int]] = field(default_factory=list)
    tried: Counter[int] = field(default_factory=Counter)
    reads: int = 0
    refusals: Counter[str] = field(default_factory=Counter)
    answered: dict[str, float] = field(default_factory=dict)

    def last(self, writer: int) -> int:
        """The newest version of a writer that was acknowledged."""
        return max((version for who, version, _ in self.acknowledged if who == writer), default=0)


class Api:
    """The API as clients see it; only what is away may be refused."""

    def __init__(self, base_url: str, log: Log) -> None:
        self._http = httpx.AsyncClient(base_url=base_url, timeout=60)
        self._log = log

    async def ask(self, query: str, subject: str = "", **variables: Any) -> dict[str, Any] | None:
        """The data, or None when the database is away."""
        headers = {"authorization": f"Bearer {token_of('editor', subject=subject)}"} if subject else {}
        response = await self._http.post(
            "/graphql", json={"query": query, "variables": variables}, headers=headers
        )
        answer = response.json()
        codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
        self._log.refusals.update(codes)
        assert codes <= {"UNAVAILABLE", "TIMEOUT"}, answer
        return None if codes else answer["data"]

    async def aclose(self) -> None:
        await self._http.aclose()


async def write(api: Api, log: Log, writer: int, until: asyncio.Event) -> None:
    """Write one version after another; after a failure the next version, since the last one may be there."""
    version = 0
    while not until.is_set():
        version += 1
        log.tried[writer] = version
        by = f"writer-{writer}"
        data = await api.ask(APPLY, by, document=document(writer, version))
        if data is None:
            await asyncio.sleep(0.2)
            continue
        payload = data["applyRoadmap"]
        assert payload["userErrors"] == []
        log.acknowledged.append((writer, version, payload["revision"]))
        log.answered[by] = time.monotonic()
        data = await api.ask(TAG, by, slug=f"topic-{writer}-0", tags=[f"v{version}"])
        if data is not None:
            log.tags.append((writer, version, data["setTags"]["revision"]))


async def read(api: Api, log: Log, reader: int, until: asyncio.Event) -> None:
    """Read one roadmap after another: each is of one version, and never older than what was acknowledged."""
    chance, seen, revision = random.Random(reader), Counter[int](), 0
    while not until.is_set():
        writer = chance.randrange(WRITERS)
        least = log.last(writer)
        data = await api.ask(READ, slug=f"writer-{writer}")
        if data is None:
            await asyncio.sleep(0.2)
            continue
        log.reads += 1
        log.answered[f"reader-{reader}"] = time.monotonic()
        if data["roadmap"] is None:
            assert least == 0, "it was there"
            continue
        version = assert_whole(data["roadmap"])
        assert version >= max(least, seen[writer]), "it was newer before"
        assert data["roadmap"]["revision"] >= revision, "the clock does not go back"
        seen[writer], revision = version, data["roadmap"]["revision"]


def assert_whole(roadmap: dict[str, Any]) -> int:
    """The one version of all parts of a roadmap, of which none is missing."""
    topics = [topic for section in roadmap["sections"] for topic in section["topics"]["nodes"]]
    said = {roadmap["title"], *(section["title"] for section in roadmap["sections"])}
    said |= {topic["title"] for topic in topics}
    said |= {need["reason"] for topic in topics for need in topic["requirements"]}
    assert len(said) == 1, roadmap
    version = int(said.pop()[1:])
    assert len(topics) == (TOPICS if version % 2 else TOPICS - 3), roadmap
    assert sum(len(topic["requirements"]) for topic in topics) == len(topics) - 1, roadmap
    return version


@pytest.fixture
async def chaotic(spare: Spare) -> AsyncIterator[Settings]:
    """Settings over the server that is going to be killed."""
    settings = settings_of(spare.connection, auth_secret=SecretStr(SECRET), neo4j_timeout=TIMEOUT)
    async with connect(settings) as database:
        await wipe(database)
    yield settings
    spare.start()


async def test_nothing_is_lost_and_nothing_is_seen_half_done(spare: Spare, chaotic: Settings) -> None:
    log, over = Log(), asyncio.Event()
    with serving(create_app(chaotic)) as base_url:
        api = Api(base_url, log)
        async with aclosing(api), asyncio.TaskGroup() as tasks:
            for writer in range(WRITERS):
                tasks.create_task(write(api, log, writer, over))
            for reader in range(READERS):
                tasks.create_task(read(api, log, reader, over))
            await kill_twice(spare, log)
            over.set()
        async with aclosing(Api(base_url, log)) as api:
            await assert_history(api, chaotic, log)


async def kill_twice(spare: Spare, log: Log) -> None:
    """Kill the database twice; before, between and after, everybody is served for a fifth of the time."""
    await served(log)
    for _ in range(2):
        await asyncio.sleep(SECONDS / 5)
        await asyncio.to_thread(spare.kill)
        await asyncio.sleep(0.5)
        await asyncio.to_thread(spare.start)
        await served(log)
    await asyncio.sleep(SECONDS / 5)


async def served(log: Log) -> None:
    """Wait until every writer and every reader has had another answer."""
    since = time.monotonic()
    while late := {*EVERYBODY} - {who for who, at in log.answered.items() if at > since}:
        assert time.monotonic() < since + PATIENCE, f"{late} waited too long: {log.refusals}"
        await asyncio.sleep(0.1)


async def assert_history(api: Api, settings: Settings, log: Log) -> None:
    async with connect(settings) as database:
        rows = await database.read("MATCH (r:Revision) RETURN r.number AS number, r.by AS by ORDER BY number")
        [[revision]] = await database.read("MATCH (c:Catalogue) RETURN c.revision AS revision")
    authors = {row["number"]: row["by"] for row in rows}
    assert list(authors) == list(range(1, revision + 1)), "one revision for each write, and none missing"
    acknowledged = [*log.acknowledged, *log.tags]
    revisions = [revision for *_, revision in acknowledged]
    assert len({*revisions}) == len(revisions), "no revision was promised twice"
    assert all(authors[number] == f"writer-{writer}" for writer, _, number in acknowledged)
    for writer in range(WRITERS):
        data = await api.ask(READ, slug=f"writer-{writer}")
        assert data is not None
        assert log.last(writer) <= assert_whole(data["roadmap"]) <= log.tried[writer]
        assert log.last(writer) > 0
    assert log.refusals["UNAVAILABLE"] > 0, "it was noticed that the database was away"
    assert log.reads > 100
    assert len(log.acknowledged) > 20
    print(  # noqa: T201 - shown with -s, and when the test fails
        f"\n{len(log.acknowledged)} documents and {len(log.tags)} tags acknowledged, {log.reads} reads,"
        f" {log.refusals['UNAVAILABLE']} times unavailable, revision {revision}"
    )
