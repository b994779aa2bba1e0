"""Writes, as each contestant takes them: a new summary of a topic, and what a learner knows."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from itertools import islice, repeat
from random import Random
from typing import Final

import jwt

from benchmarks import catalogue, wire
from benchmarks.contestants import SECRET, Contestant
from benchmarks.load import Task
from benchmarks.measure import Stand, send

LEARNERS: Final = 100
FIRST_WRITES: Final = 5
_NAME: Final = "roadmap-graph-api"
_HOURS: Final = 12

_OURS_CONTENT: Final = (
    "mutation Write($slug: String!, $summary: String!) {"
    " updateTopic(input: { slug: $slug, summary: $summary }) { revision userErrors { code } } }"
)
_OURS_PROGRESS: Final = (
    "mutation Mark($topic: String!) {"
    " recordProgress(input: { topics: [$topic], status: KNOWN }) { revision userErrors { code } } }"
)
_APOLLO_CONTENT: Final = (
    "mutation Write($slug: String!, $summary: String!) {"
    " updateTopics(where: { slug: { eq: $slug } }, update: { summary: { set: $summary } }) {"
    " topics { slug } } }"
)
_APOLLO_PROGRESS: Final = (
    "mutation Mark($learner: ID!, $topic: String!, $since: DateTime!) { updatePeerLearners("
    " where: { id: { eq: $learner } }, update: { knows: [{ connect: [{"
    " where: { node: { slug: { eq: $topic } } }, edge: { since: $since } }] }] }"
    ") { info { relationshipsCreated } } }"
)
_APOLLO_LEARNERS: Final = (
    "mutation Learners($input: [PeerLearnerCreateInput!]!) { createPeerLearners(input: $input) {"
    " info { nodesCreated } } }"
)
_NAIVE_PROGRESS: Final = (
    "mutation Mark($learner: String!, $topic: String!) { mark(learner: $learner, topic: $topic) }"
)


def token(subject: str, role: str) -> str:
    """A token that our servers of this run take."""
    expires = int(time.time()) + _HOURS * 3600
    claims = {"sub": subject, "roles": [role], "iss": _NAME, "aud": _NAME, "exp": expires}
    return jwt.encode(claims, SECRET, "HS256")


def content_writes(contestant: Contestant, roadmaps: int, seed: str) -> Iterator[bytes]:
    """New summaries of random topics, without end; each changes something."""
    random, slugs = Random(seed), catalogue.topic_slugs(roadmaps)
    return rewrites(contestant, (random.choice(slugs) for _ in repeat(None)), seed)


def rewrites(contestant: Contestant, slugs: Iterable[str], seed: str) -> Iterator[bytes]:
    """A new summary of each of these topics; each changes something."""
    random, editor = Random(seed), token("editor", "editor")
    document = _APOLLO_CONTENT if contestant.name == "apollo" else _OURS_CONTENT
    for slug in slugs:
        variables = {"slug": slug, "summary": f"Written again: {random.random()}."}
        yield wire.encode("/graphql", {"query": document, "variables": variables}, token=editor)


def warm_writes(stand: Stand, supply: Iterator[bytes]) -> None:
    """Make a few writes that are not timed, for which the database makes its plans."""
    send(Task(ports=[stand.server.port], requests=list(islice(supply, FIRST_WRITES)), seconds=120))


def progress_writes(contestant: Contestant, roadmaps: int, seed: str) -> Iterator[bytes]:
    """Topics that one of LEARNERS learners has learned, without end."""
    random, slugs = Random(seed), catalogue.topic_slugs(roadmaps)
    learners = [f"learner-{number}" for number in range(LEARNERS)]
    tokens = {learner: token(learner, "learner") for learner in learners}
    while True:
        learner, topic = random.choice(learners), random.choice(slugs)
        if contestant.name == "cypher":
            yield wire.encode("/mark", {"learner": learner, "topic": topic})
        elif contestant.name == "apollo":
            variables = {"learner": learner, "topic": topic, "since": "2026-01-01T00:00:00Z"}
            yield wire.encode("/graphql", {"query": _APOLLO_PROGRESS, "variables": variables})
        elif contestant.name == "naive":
            variables = {"learner": learner, "topic": topic}
            yield wire.encode("/graphql", {"query": _NAIVE_PROGRESS, "variables": variables})
        else:
            body = {"query": _OURS_PROGRESS, "variables": {"topic": topic}}
            yield wire.encode("/graphql", body, token=tokens[learner])


def make_learners(apollo_port: int) -> None:
    """Let Apollo make the learners of the peers, whose mutation can only add to one that is there."""
    learners = [{"id": f"learner-{number}"} for number in range(LEARNERS)]
    wire.ask(apollo_port, "/graphql", {"query": _APOLLO_LEARNERS, "variables": {"input": learners}})
