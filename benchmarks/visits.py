"""What people who learn send: pages, searches, their next step, and what they have learned."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Final
from urllib.parse import quote

from benchmarks import catalogue, wire
from benchmarks.writing import LEARNERS, token
from graph_api.endpoint.trusted import PREFIX, document_id

OPERATIONS: Final = Path(__file__).parents[1] / "schema" / "operations"
KNOWN: Final = 60
"""Topics that a learner has recorded, about."""

_LEARNED: Final = (
    "mutation Learned($topics: [String!]!) {"
    " recordProgress(input: { topics: $topics, status: KNOWN, includePrerequisites: true }) {"
    " revision userErrors { code } } }"
)


@cache
def named(operation: str) -> str:
    """The id of a ready operation, by the name of its file."""
    [path] = OPERATIONS.glob(f"??-{operation}.graphql")
    return PREFIX + document_id(path.read_text(encoding="utf-8"))


def page(operation: str, slug: str, *, headers: str = "") -> bytes:
    """A GET request of a ready operation for a slug; `headers` end with a line break."""
    variables = quote(json.dumps({"slug": slug}, separators=(",", ":")))
    path = f"/graphql?documentId={named(operation)}&variables={variables}"
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n{headers}\r\n".encode()


def popular(count: int, *, roadmaps: int, share: float, exponent: float, seed: str) -> list[bytes]:
    """Pages of which few are asked for often: the one of rank r in proportion to 1 / r ** exponent.

    A `share` of them are roadmaps, the others topics, each kind with its own ranks.
    """
    random = Random(seed)
    kinds = {
        "roadmap-page": (catalogue.slugs(roadmaps), share),
        "topic": (catalogue.topic_slugs(roadmaps), 1 - share),
    }
    found: list[bytes] = []
    for operation, (slugs, part) in kinds.items():
        random.shuffle(slugs)
        pages = [page(operation, slug) for slug in slugs]
        weights = [*accumulate(1 / rank**exponent for rank in range(1, len(pages) + 1))]
        found += random.choices(pages, cum_weights=weights, k=round(count * part))
    random.shuffle(found)
    return found


def make_learners(port: int, roadmaps: int) -> None:
    """Record for each learner the topics of about two thirds of a roadmap."""
    random, slugs = Random("learners"), catalogue.topic_slugs(roadmaps)
    size = catalogue.SECTIONS * catalogue.TOPICS
    for number in range(LEARNERS):
        start = random.randrange(roadmaps) * size
        body = {"query": _LEARNED, "variables": {"topics": slugs[start : start + KNOWN]}}
        wire.ask(port, "/graphql", body, token=token(f"learner-{number}", "learner"))


def next_steps(roadmaps: int) -> Iterator[bytes]:
    """What a learner should learn next in a roadmap, by a ready operation with a token; without end."""
    random, names = Random("next steps"), catalogue.slugs(roadmaps)
    tokens = [token(f"learner-{number}", "learner") for number in range(LEARNERS)]
    while True:
        body = {"documentId": named("my-next-step"), "variables": {"roadmap": random.choice(names)}}
        yield wire.encode("/graphql", body, token=random.choice(tokens))
