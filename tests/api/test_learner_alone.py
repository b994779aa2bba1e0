"""Nobody sees or touches another's progress: field by field, and by no argument, id or batch."""

from __future__ import annotations

import asyncio
import json
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator

import pytest
from graphql import GraphQLInputObjectType, GraphQLObjectType

from graph_api.api.schema import build_schema
from graph_api.knowledge.model import Catalogue
from graph_api.store.session import Database
from tests.api.learners import forget_all, record
from tests.api.walk import places, query
from tests.conftest import Client

SCHEMA = build_schema()._schema
assert SCHEMA.query_type is not None
ELSEWHERE = {f"Query.{name}" for name in SCHEMA.query_type.fields if name != "viewer"}
OWN_PLACES = [place for place in places(SCHEMA, closed=ELSEWHERE) if place.way]

TOGETHER = 40
"""So many fields are asked for in one request."""


@pytest.fixture
async def ada(client: Client, database: Database, catalogue: Catalogue) -> AsyncIterator[Client]:  # noqa: ARG001 - first
    """The API as a learner who has recorded nothing yet; nobody else has either."""
    await forget_all(database)
    yield client.as_("learner", subject="ada")
    await forget_all(database)


def argument_names() -> dict[str, set[str]]:
    """What every field of the viewer and every write of progress can be asked with, by type."""
    found: dict[str, set[str]] = {}
    for name in {place.parent for place in OWN_PLACES}:
        kind = SCHEMA.type_map[name]
        assert isinstance(kind, GraphQLObjectType)
        found[name] = {argument for field in kind.fields.values() for argument in field.args}
    for name in ("RecordProgressInput", "DeleteViewerInput"):
        given = SCHEMA.type_map[name]
        assert isinstance(given, GraphQLInputObjectType)
        found[name] = set(given.fields)
    return found


def test_no_argument_names_a_learner() -> None:
    names = argument_names()
    assert names["Learner"] == {
        "goals",
        "roadmap",
        "includeOptional",
        "status",
        "first",
        "after",
        "last",
        "before",
    }
    assert names["RecordProgressInput"] == {"topics", "status", "includePrerequisites"}
    assert names["DeleteViewerInput"] == {"everything"}
    every = set().union(*names.values())
    assert not every & {"id", "ids", "learner", "viewer", "subject", "user", "sub", "by", "of"}


async def answers(client: Client) -> dict[str, str]:
    """What each field that the viewer leads to answers, as text."""
    arguments = {
        "first": 10,
        "Knowledge.status(topic)": "croissant",
        "hoursPerWeek": 5,
        "start": "2027-01-04",
    }
    texts = [query(SCHEMA, place, {**arguments, "goals": ["croissant"]})[1:-1] for place in OWN_PLACES]
    found: dict[str, str] = {}
    for start in range(0, len(texts), TOGETHER):
        some = dict(enumerate(texts[start : start + TOGETHER], start))
        data = await client.ask("{" + " ".join(f"p{number}: {text}" for number, text in some.items()) + "}")
        found |= {OWN_PLACES[number].name: json.dumps(data[f"p{number}"]) for number in some}
    return found


async def test_field_by_field_nothing_tells_that_another_learner_is_there(ada: Client) -> None:
    """Every field that the viewer leads to answers the same, whatever another one records meanwhile."""
    assert {place.parent for place in OWN_PLACES} >= {
        "Learner",
        "Knowledge",
        "ProgressEvent",
        "RecordedTopicEdge",
    }
    await record(ada, "KNOWN", "flour", "weighing")
    await record(ada, "SKIPPED", "mixer")
    alone = await answers(ada)
    bob = ada.as_("admin", subject="bob-the-sentinel")
    await record(bob, "KNOWN", "croissant", includePrerequisites=True)
    await record(bob, "SKIPPED", "hygiene")
    await record(bob, "LEARNING", "flour")
    assert await answers(ada) == alone
    assert not [name for name, text in alone.items() if "sentinel" in text]
    nobodys = await answers(ada.as_("learner", subject="eve"))
    assert {name for name, text in nobodys.items() if text != alone[name]} >= {
        "Learner.id",
        "Learner.revision",
        "Learner.export",
        "KnownShare.knownTopics",
        "RecordedTopicEdge.status",
    }, "Whose progress it is does make a difference to what is asked here."


async def test_no_write_touches_another_learner(ada: Client) -> None:
    bob = ada.as_("learner", subject="bob")
    await record(bob, "KNOWN", "flour", "mixer")
    before = await bob.ask("{ viewer { export } }")
    for status in ("KNOWN", "SKIPPED", "LEARNING", "UNKNOWN"):
        payload = await record(ada, status, "flour", "mixer", "weighing")
        assert payload["learner"]["id"] == "ada"
    await record(ada, "KNOWN", "croissant", includePrerequisites=True)
    await ada.ask("mutation { deleteViewer(input: {everything: true}) { deleted } }")
    assert await bob.ask("{ viewer { export } }") == before


async def test_no_id_leads_to_a_learner(ada: Client) -> None:
    bob = ada.as_("learner", subject="bob")
    await record(bob, "KNOWN", "flour")
    for text in ("Learner:bob", "bob", "Record:1", "Viewer:bob"):
        key = urlsafe_b64encode(text.encode()).decode().rstrip("=")
        for field in (f'node(id: "{key}") {{ __typename }}', f'nodes(ids: ["{key}"]) {{ __typename }}'):
            [error] = await ada.errors(f"{{ {field} }}")
            assert error["extensions"]["code"] == "BAD_USER_INPUT"
    found = await ada.ask('{ search(text: "bob learner") { totalCount } }')
    assert found["search"]["totalCount"] == 0


async def test_requests_side_by_side_keep_to_their_own(ada: Client) -> None:
    people = {
        name: (ada.as_("learner", subject=name), topic)
        for name, topic in (("ann", "flour"), ("bob", "mixer"), ("cyd", "hygiene"), ("dan", "weighing"))
    }
    await asyncio.gather(*(record(client, "KNOWN", topic) for client, topic in people.values()))
    aliased = "a: viewer { id topics { nodes { slug } } } b: viewer { id history { nodes { slug } } }"

    async def look(name: str) -> None:
        client, topic = people[name]
        data = await client.ask(f"{{ {aliased} }}")
        assert data == {
            "a": {"id": name, "topics": {"nodes": [{"slug": topic}]}},
            "b": {"id": name, "history": {"nodes": [{"slug": topic}]}},
        }

    await asyncio.gather(*(look(name) for name in [*people] * 10))


async def test_a_batch_is_refused(ada: Client) -> None:
    response = await ada.http.post("/graphql", json=[{"query": "{ viewer { id } }"}], headers=ada.headers)
    assert response.status_code == 400
