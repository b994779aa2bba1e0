"""Writers and readers who check what they are told, for as long as somebody breaks things."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from tests.conftest import token_of

WRITERS: Final = 4
READERS: Final = 8
TOPICS: Final = 12
EVERYBODY: Final = [*(f"writer-{n}" for n in range(WRITERS)), *(f"reader-{n}" for n in range(READERS))]
PATIENCE: Final = 60.0
REFUSALS: Final = {"UNAVAILABLE", "TIMEOUT", "SERVICE_OVERLOADED"}
"""What may be said while the database is away, and to so many who never pause at any time."""
UNSURE: Final = ("the history will tell", "it may yet be made")
"""What is said of a write that may have been made; any other refusal says that it was not."""

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
    unsure        how many writes of each writer were said to be made perhaps
    tried         the last version that each writer has tried
    answered      when each writer and reader last had an answer
    slowest       the longest that an answer took, in seconds
    cut           when each request was sent that got no answer, by whom, and why; there is none unless the
                  server ends
    denials       whose write was refused, when it was sent, and what was said
    """

    acknowledged: list[tuple[int, int, int]] = field(default_factory=list)
    tags: list[tuple[int, int, int]] = field(default_factory=list)
    unsure: Counter[str] = field(default_factory=Counter)
    tried: Counter[int] = field(default_factory=Counter)
    reads: int = 0
    refusals: Counter[str] = field(default_factory=Counter)
    answered: dict[str, float] = field(default_factory=dict)
    slowest: float = 0.0
    cut: list[tuple[float, str, str]] = field(default_factory=list)
    denials: list[tuple[str, float, list[str]]] = field(default_factory=list)

    def last(self, writer: int) -> int:
        """The newest version of a writer that was acknowledged."""
        return max((version for who, version, _ in self.acknowledged if who == writer), default=0)


class Api:
    """The API as clients see it; nothing may be refused but for REFUSALS.

    With `ends` the server may also go away.
    """

    def __init__(self, base_url: str, log: Log, *, ends: bool = False) -> None:
        # A connection that is idle for longer may be one that the server is just closing.
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=None, keepalive_expiry=2.0)
        self._http = httpx.AsyncClient(base_url=base_url, timeout=PATIENCE, limits=limits)
        self._log = log
        self._ends = ends

    async def ask(self, query: str, subject: str = "", **variables: Any) -> dict[str, Any] | None:
        """The data, or None when it is refused."""
        headers = {"authorization": f"Bearer {token_of('editor', subject=subject)}"} if subject else {}
        body, began = {"query": query, "variables": variables}, time.monotonic()
        try:
            response = await self._http.post("/graphql", json=body, headers=headers)
        except httpx.TransportError as error:
            if not self._ends:
                raise
            self._log.cut.append((began, subject or "a reader", repr(error)))
            self._log.unsure[subject] += 1
            return None
        self._log.slowest = max(self._log.slowest, time.monotonic() - began)
        answer = response.json()
        errors = answer.get("errors", ())
        codes = {error["extensions"]["code"] for error in errors}
        self._log.refusals.update(codes)
        assert codes <= REFUSALS, answer
        if subject and any(word in error["message"] for error in errors for word in UNSURE):
            self._log.unsure[subject] += 1
        if subject and codes:
            self._log.denials.append((subject, round(began, 2), [error["message"] for error in errors]))
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


async def served(log: Log, who: Sequence[str] = EVERYBODY) -> float:
    """Wait until each of them has had another answer; the seconds that this took."""
    since = time.monotonic()
    while late := {*who} - {each for each, at in log.answered.items() if at > since}:
        assert time.monotonic() < since + PATIENCE, f"{late} waited too long: {log.refusals}"
        await asyncio.sleep(0.1)
    return time.monotonic() - since


@asynccontextmanager
async def at_work(base_url: str, *, ends: bool = False) -> AsyncIterator[Log]:
    """Let everybody write and read; at the end they finish what they have begun."""
    log, over = Log(), asyncio.Event()
    async with aclosing(Api(base_url, log, ends=ends)) as api, asyncio.TaskGroup() as tasks:
        for writer in range(WRITERS):
            tasks.create_task(write(api, log, writer, over))
        for reader in range(READERS):
            tasks.create_task(read(api, log, reader, over))
        yield log
        over.set()
