"""Subscriptions of the real API: what its events say, and two replicas over one database."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from graph_api.app import create_app
from graph_api.knowledge.edit import ChangeTopic, DeleteRoadmap, DeleteTopic, Edit, RenameRoadmap
from graph_api.settings import Settings
from graph_api.store.session import Database
from graph_api.store.writer import GraphWriter, Writing
from tests.conftest import serving, token_of

pytestmark = pytest.mark.usefixtures("catalogue")


@pytest.fixture(scope="module")
def replicas(settings: Settings) -> Iterator[list[str]]:
    """The addresses of two applications over the same database."""
    chosen = settings.model_copy(update={"feed_poll": 0.3})
    with ExitStack() as stack:
        yield [stack.enter_context(serving(create_app(chosen))).replace("http", "ws", 1) for _ in range(2)]


class Subscriber:
    """One subscription, in a socket of its own."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket

    async def message(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(await asyncio.wait_for(self._socket.recv(), 15))
        return message

    async def next(self) -> Any:
        """What the one field of the next event says."""
        message = await self.message()
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message
        [value] = message["payload"]["data"].values()
        return value


@asynccontextmanager
async def subscriber(
    address: str, query: str, *, token: str | None = None, **variables: Any
) -> AsyncIterator[Subscriber]:
    """A subscriber. Nothing tells when it has begun to follow, so each says what it has seen last."""
    async with connect(f"{address}/graphql", subprotocols=[Subprotocol("graphql-transport-ws")]) as socket:
        payload = {} if token is None else {"authorization": f"Bearer {token}"}
        await socket.send(json.dumps({"type": "connection_init", "payload": payload}))
        await socket.recv()
        asked = {"query": query, "variables": variables}
        await socket.send(json.dumps({"id": "a", "type": "subscribe", "payload": asked}))
        yield Subscriber(socket)


async def write(database: Database, *edits: Edit) -> int:
    """Edit the content as yet another process: neither replica is told."""
    writer = GraphWriter(database)
    for edit in edits:
        written = await writer.edit(edit, writing=Writing(by="ada", action="edit"))
    return written.revision


FLOUR = ChangeTopic("flour", {"title": "Flours"})
CATALOGUE = """
subscription ($since: Int = 1) {
  catalogueChanged(since: $since) {
    revision everything topics { slug title } roadmaps { slug title revision } deletedTopics deletedRoadmaps
  }
}
"""
ROADMAP = """
subscription ($slug: String!) {
  roadmapChanged(slug: $slug, since: 1) {
    revision everything deleted roadmap { slug title revision hours sections { title } } topics { slug title }
  }
}
"""


async def test_a_change_reaches_the_subscribers_of_every_replica(
    replicas: list[str], database: Database
) -> None:
    async with subscriber(replicas[0], CATALOGUE) as one, subscriber(replicas[1], CATALOGUE) as two:
        began = time.monotonic()
        await write(database, FLOUR)
        told = [await each.next() for each in (one, two)]
        assert time.monotonic() - began < 2
        assert (
            told
            == [
                {
                    "revision": 2,
                    "everything": False,
                    "topics": [{"slug": "flour", "title": "Flours"}],
                    "roadmaps": [],
                    "deletedTopics": [],
                    "deletedRoadmaps": [],
                }
            ]
            * 2
        )


async def test_each_event_is_read_anew_and_nothing_in_it_is_older_than_its_revision(
    settings: Settings, database: Database
) -> None:
    lazy = settings.model_copy(update={"feed_poll": 0.1, "revision_poll": 60.0})
    with serving(create_app(lazy)) as address:
        async with subscriber(address.replace("http", "ws", 1), ROADMAP, slug="baker") as told:
            for number in range(3):
                title = f"Flour {number}"
                revision = await write(database, ChangeTopic("flour", {"title": title, "hours": 2 + number}))
                event = await told.next()
                assert event["revision"] == revision
                assert event["roadmap"]["revision"] == revision, "although a structure serves for a minute"
                assert event["topics"] == [{"slug": "flour", "title": title}]
                assert event["roadmap"]["hours"] == 43 + number


async def test_a_write_by_the_api_reaches_its_own_subscribers_at_once(settings: Settings) -> None:
    slow = settings.model_copy(update={"feed_poll": 60.0})
    mutation = """
    mutation { updateTopic(input: {slug: "flour", title: "Flours"}) { revision } }
    """
    with serving(create_app(slow)) as address:
        websocket = address.replace("http", "ws", 1)
        async with subscriber(websocket, "subscription { catalogueChanged(since: 1) { revision } }") as told:
            async with subscriber(websocket, mutation, token=token_of("editor")) as editing:
                assert await editing.next() == {"revision": 2}
            assert await told.next() == {"revision": 2}, "long before the feed looks by itself"


async def test_with_the_revision_last_seen_nothing_is_missed(replicas: list[str], database: Database) -> None:
    await write(database, FLOUR, DeleteTopic("tomato-sauce"), DeleteRoadmap("baker"))
    async with subscriber(replicas[0], CATALOGUE, since=1) as told:
        assert await told.next() == {
            "revision": 4,
            "everything": False,
            "topics": [{"slug": "flour", "title": "Flours"}],
            "roadmaps": [{"slug": "pizzaiolo", "title": "Pizzaiolo", "revision": 4}],
            "deletedTopics": ["tomato-sauce"],
            "deletedRoadmaps": ["baker"],
        }


async def test_a_roadmap_is_followed_when_it_is_renamed_and_deleted(
    replicas: list[str], database: Database
) -> None:
    query = """
    subscription {
      roadmapChanged(slug: "baker", since: 1) { deleted roadmap { slug } topics { slug } }
    }
    """
    async with subscriber(replicas[0], query) as told:
        await write(database, RenameRoadmap("baker", "bakers"))
        assert await told.next() == {"deleted": False, "roadmap": {"slug": "bakers"}, "topics": []}
        await write(database, FLOUR)
        assert await told.next() == {
            "deleted": False,
            "roadmap": {"slug": "bakers"},
            "topics": [{"slug": "flour"}],
        }
        await write(database, DeleteRoadmap("bakers"))
        assert await told.next() == {"deleted": True, "roadmap": None, "topics": []}


async def test_a_roadmap_that_is_not_there_is_an_error_with_suggestions(replicas: list[str]) -> None:
    async with subscriber(replicas[0], ROADMAP, slug="bakr") as told:
        message = await told.message()
        assert message["type"] == "error"
        [error] = message["payload"]
        assert error["path"] == ["roadmapChanged"]
        assert error["extensions"] == {
            "code": "BAD_USER_INPUT",
            "unknown": [{"slug": "bakr", "suggestions": ["baker"]}],
        }


KNOWLEDGE = (
    "subscription { knowledgeChanged(since: 0) { revision learner { id revision topics { totalCount } } } }"
)


async def test_a_learner_follows_the_own_knowledge_and_nobody_elses(replicas: list[str]) -> None:
    record = 'mutation { recordProgress(input: {topics: ["flour"], status: KNOWN}) { revision } }'
    async with (
        subscriber(replicas[0], KNOWLEDGE, token=token_of("learner")) as ada,
        subscriber(replicas[0], KNOWLEDGE, token=token_of("learner", subject="bob")) as bob,
    ):
        for name, told in [("ada", ada), ("bob", bob)]:
            token = token_of("learner", subject=name)
            async with subscriber(replicas[1], record, token=token) as recording:
                assert await recording.next() == {"revision": 1}
            event = await told.next()
            assert event["revision"] == 1
            assert event["learner"] == {"id": name, "revision": 1, "topics": {"totalCount": 1}}


@pytest.mark.parametrize(("token", "code"), [(None, "UNAUTHENTICATED"), ((), "FORBIDDEN")])
async def test_to_follow_knowledge_one_must_be_a_learner(
    replicas: list[str], token: tuple[str, ...] | None, code: str
) -> None:
    signed = None if token is None else token_of(*token)
    async with subscriber(replicas[0], KNOWLEDGE, token=signed) as told:
        message = await told.message()
        assert message["type"] == "error"
        assert message["payload"][0]["extensions"]["code"] == code
