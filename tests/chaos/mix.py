"""What a day brings, in small: nine reads to one write, each with variables of its own."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeAlias

from tests.chaos.wire import Wire
from tests.conftest import ROOT, token_of

LEARNERS: Final = 50
SHARES: Final[Mapping[str, int]] = {
    "roadmap page": 25,
    "topic": 25,
    "next": 20,
    "search": 20,
    "progress": 8,
    "content": 2,
}
"""In a hundred requests."""

OPERATIONS: Final = ROOT / "schema" / "operations"
PAGE, TOPIC, NEXT, SEARCH, PROGRESS = (
    (OPERATIONS / f"{name}.graphql").read_text("utf-8")
    for name in ("01-roadmap-page", "05-topic", "02-what-next", "06-search", "08-record-progress")
)
CONTENT: Final = """mutation Tag($slug: String!, $tags: [String!]!) {
  setTags(input: {slug: $slug, tags: $tags}) { revision userErrors { code } }
}"""
NAMES: Final = """query ($after: String) {
  roadmaps(first: 100) { nodes { slug } }
  topics(first: 100, after: $after) { nodes { slug title } pageInfo { hasNextPage endCursor } }
}"""

Variables: TypeAlias = dict[str, Any]


class Request(NamedTuple):
    """A request that is ready to be sent."""

    kind: str
    body: bytes
    token: str


@dataclass(frozen=True)
class Content:
    """What there is to be asked for."""

    roadmaps: Sequence[str]
    topics: Sequence[str]
    words: Sequence[str]

    @classmethod
    async def of(cls, wire: Wire) -> Content:
        """What a server has."""
        topics: list[dict[str, str]] = []
        after = None
        while True:
            data = await wire.ask(NAMES, after=after)
            topics += data["topics"]["nodes"]
            after = data["topics"]["pageInfo"]["endCursor"]
            if not data["topics"]["pageInfo"]["hasNextPage"]:
                break
        words = sorted({word for topic in topics for word in topic["title"].split() if len(word) > 3})
        roadmaps = [roadmap["slug"] for roadmap in data["roadmaps"]["nodes"]]
        return cls(roadmaps, [topic["slug"] for topic in topics], words)


class Mix:
    """Requests without end, the same ones for the same seed."""

    def __init__(self, content: Content, seed: int) -> None:
        self._content = content
        self._chance = random.Random(seed)
        self._learners = [token_of("learner", subject=f"learner-{n}") for n in range(LEARNERS)]
        self._editor = token_of("editor", subject="editor")
        self._makers: Mapping[str, tuple[str, Callable[[], Variables]]] = {
            "roadmap page": (PAGE, self._page),
            "topic": (TOPIC, self._topic),
            "next": (NEXT, self._next),
            "search": (SEARCH, self._search),
            "progress": (PROGRESS, self._progress),
            "content": (CONTENT, self._tags),
        }

    def one(self, kind: str | None = None) -> Request:
        """The next request."""
        if kind is None:
            [kind] = self._chance.choices(list(SHARES), list(SHARES.values()))
        query, variables = self._makers[kind]
        body = json.dumps({"query": query, "variables": variables()}).encode()
        return Request(kind, body, self._token(kind))

    def _token(self, kind: str) -> str:
        if kind == "content":
            return self._editor
        return self._chance.choice(self._learners) if kind == "progress" else ""

    def _page(self) -> Variables:
        return {"slug": self._chance.choice(self._content.roadmaps)}

    def _topic(self) -> Variables:
        return {"slug": self._chance.choice(self._content.topics)}

    def _next(self) -> Variables:
        known, goals = self._some(5), self._some(1)
        return {"known": known, "goals": goals, "roadmap": self._chance.choice(self._content.roadmaps)}

    def _search(self) -> Variables:
        return {"text": self._chance.choice(self._content.words)}

    def _progress(self) -> Variables:
        return {"topics": self._some(2), "status": self._chance.choice(["KNOWN", "LEARNING", "UNKNOWN"])}

    def _tags(self) -> Variables:
        tags = [f"load-{self._chance.randrange(10)}" for _ in range(2)]
        return {"slug": self._chance.choice(self._content.topics), "tags": sorted({*tags})}

    def _some(self, count: int) -> list[str]:
        return self._chance.sample(list(self._content.topics), count)
