"""Learners through the API: what they record, what follows from it, and that nobody sees another's."""

from __future__ import annotations

import asyncio
import json
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from graphql import GraphQLInputObjectType, GraphQLObjectType

from graph_api.api.schema import build_schema
from graph_api.knowledge.model import Catalogue
from graph_api.store.session import Database
from tests.api.walk import places, query
from tests.conftest import Client

SCHEMA = build_schema()._schema
assert SCHEMA.query_type is not None
ELSEWHERE = {f"Query.{name}" for name in SCHEMA.query_type.fields if name != "viewer"}
OWN_PLACES = [place for place in places(SCHEMA, closed=ELSEWHERE) if place.way]

TOGETHER = 40
"""So many fields are asked for in one request."""

RECORD = """
mutation Record($input: RecordProgressInput!) {
  recordProgress(input: $input) {
    revision
    changed { nodes { slug } }
    marked { nodes { slug } }
    learner { id revision knowledge { known { nodes { slug } } skipped { nodes { slug } } } }
    userErrors { field message code slugs }
  }
}
"""


@pytest.fixture
async def ada(client: Client, database: Database, catalogue: Catalogue) -> AsyncIterator[Client]:  # noqa: ARG001 - first
    """The API as a learner who has recorded nothing yet; nobody else has either."""
    await forget_all(database)
    yield client.as_("learner", subject="ada")
    await forget_all(database)


async def forget_all(database: Database) -> None:
    await database.write(lambda t: t.run("MATCH (n:Learner|Record) DETACH DELETE n"))


async def record(client: Client, status: str, *topics: str, **other: Any) -> dict[str, Any]:
    data = await client.ask(RECORD, input={"topics": topics, "status": status, **other})
    payload: dict[str, Any] = data["recordProgress"]
    return payload


def slugs(connection: dict[str, Any]) -> list[str]:
    return [node["slug"] for node in connection["nodes"]]


# --- who ----------------------------------------------------------------------------------------------


async def test_without_a_token_there_is_no_viewer(client: Client) -> None:
    assert await client.ask("{ viewer { id } }") == {"viewer": None}
    [error] = await client.errors(RECORD, input={"topics": [], "status": "KNOWN"})
    assert error["extensions"] == {"code": "UNAUTHENTICATED"}
    assert error["path"] == ["recordProgress"]


async def test_a_token_without_a_role_may_read_content_alone(client: Client) -> None:
    nobody = client.as_("visitor")
    assert (await nobody.ask("{ __typename }"))["__typename"] == "Query"
    answer = await nobody.answer("{ viewer { id } catalogue { revision } }")
    assert answer["data"]["viewer"] is None
    assert answer["data"]["catalogue"]
    [error] = answer["errors"]
    assert (error["path"], error["extensions"]) == (["viewer"], {"code": "FORBIDDEN"})
    for mutation in (RECORD, "mutation { deleteViewer(input: {everything: true}) { deleted } }"):
        [error] = await nobody.errors(mutation, input={"topics": ["flour"], "status": "KNOWN"})
        assert error["extensions"] == {"code": "FORBIDDEN"}


@pytest.mark.parametrize("role", ["learner", "editor", "admin"])
async def test_every_role_has_a_progress_of_its_own(ada: Client, role: str) -> None:
    viewer = (await ada.as_(role, subject="Zoë").ask("{ viewer { id revision } }"))["viewer"]
    assert viewer == {"id": "Zoë", "revision": 0}


# --- what is recorded ---------------------------------------------------------------------------------


async def test_what_is_recorded_counts_from_then_on_and_in_every_roadmap(ada: Client) -> None:
    done = await record(ada, "KNOWN", "weighing", "flour")
    assert (done["revision"], done["userErrors"]) == (1, [])
    assert slugs(done["changed"]) == ["flour", "weighing"]
    assert slugs(done["marked"]) == []
    assert slugs(done["learner"]["knowledge"]["known"]) == ["flour", "weighing"]
    data = await ada.ask(
        """{ viewer { id revision
          progress { totalCount nodes { roadmap { slug } progress { required { knownTopics knownHours } } } }
          knowledge(goals: ["yeast-dough"]) { next { topic { slug } } path { totalHours } } } }"""
    )
    viewer = data["viewer"]
    assert (viewer["id"], viewer["revision"]) == ("ada", 1)
    assert [
        (node["roadmap"]["slug"], node["progress"]["required"]) for node in viewer["progress"]["nodes"]
    ] == [
        ("baker", {"knownTopics": 2, "knownHours": 3.0}),
        ("pizzaiolo", {"knownTopics": 2, "knownHours": 3.0}),
    ]
    assert viewer["progress"]["totalCount"] == 2
    assert viewer["knowledge"]["path"]["totalHours"] == 7.5
    assert {one["topic"]["slug"] for one in viewer["knowledge"]["next"]} == {"hand-kneading", "mixer"}


async def test_the_same_again_changes_nothing(ada: Client) -> None:
    first = await record(ada, "KNOWN", "flour")
    again = await record(ada, "KNOWN", "flour", "flour")
    assert (again["revision"], slugs(again["changed"])) == (first["revision"], [])
    assert (await record(ada, "UNKNOWN", "mixer"))["revision"] == 1
    assert (await record(ada, "KNOWN"))["revision"] == 1


async def test_progress_does_not_move_the_content(ada: Client) -> None:
    before = await ada.ask("{ catalogue { revision } }")
    await record(ada, "KNOWN", "flour")
    assert await ada.ask("{ catalogue { revision } }") == before


async def test_a_skipped_topic_blocks_nothing_and_is_not_known(ada: Client) -> None:
    await record(ada, "KNOWN", "flour", "weighing")
    done = await record(ada, "SKIPPED", "hand-kneading")
    assert slugs(done["learner"]["knowledge"]["skipped"]) == ["hand-kneading"]
    data = await ada.ask(
        """{ viewer { knowledge(roadmap: "baker", includeOptional: true) {
          isConsistent
          progress { required { knownTopics } }
          known { nodes { slug } }
          next { topic { slug } sentence
                 because { satisfied satisfiedBy { slug } skipped { slug } } }
          status(topic: "hand-kneading") { standing cheapestWay { hours } }
          path { steps { slug } } } } }"""
    )
    knowledge = data["viewer"]["knowledge"]
    assert knowledge["isConsistent"] is True
    assert knowledge["progress"]["required"]["knownTopics"] == 2
    assert slugs(knowledge["known"]) == ["flour", "weighing"]
    assert knowledge["status"] == {"standing": "SKIPPED", "cheapestWay": {"hours": 0.0}}
    assert "hand-kneading" not in {step["slug"] for step in knowledge["path"]["steps"]}
    ready = {one["topic"]["slug"]: one for one in knowledge["next"]}
    assert "hand-kneading" not in ready
    dough = ready["yeast-dough"]
    assert dough["because"][-1] == {
        "satisfied": True,
        "satisfiedBy": [],
        "skipped": [{"slug": "hand-kneading"}],
    }
    assert dough["sentence"].startswith(
        "You know Flour & Water and Weighing and skip Kneading by Hand, so Yeast Dough is ready"
    )


async def test_without_a_token_the_same_can_be_asked(client: Client, ada: Client) -> None:
    await record(ada, "KNOWN", "flour", "weighing")
    await record(ada, "SKIPPED", "hand-kneading")
    fields = (
        "known { nodes { slug } } skipped { nodes { slug } } next { topic { slug } sentence } isConsistent"
    )
    own = await ada.ask(f"{{ viewer {{ knowledge {{ {fields} }} }} }}")
    said = await client.ask(
        f'{{ knowledge(known: ["flour", "weighing"], skipped: ["hand-kneading"]) {{ {fields} }} }}'
    )
    assert own["viewer"] == said
    [error] = await client.errors('{ knowledge(known: ["flor"], skipped: ["mixr"]) { isConsistent } }')
    assert [each["slug"] for each in error["extensions"]["unknown"]] == ["flor", "mixr"]


async def test_prerequisites_are_marked_on_the_cheapest_way_and_told(ada: Client) -> None:
    done = await record(ada, "KNOWN", "pizza-dough", includePrerequisites=True)
    assert slugs(done["marked"]) == ["flour", "mixer", "weighing", "yeast-dough"]
    assert slugs(done["changed"]) == ["flour", "mixer", "pizza-dough", "weighing", "yeast-dough"]
    again = await record(ada, "KNOWN", "pizza-dough", includePrerequisites=True)
    assert (again["revision"], slugs(again["changed"])) == (1, [])
    data = await ada.ask("{ viewer { topics { edges { source node { slug } } } } }")
    assert {edge["node"]["slug"]: edge["source"] for edge in data["viewer"]["topics"]["edges"]} == {
        "flour": "PREREQUISITE",
        "mixer": "PREREQUISITE",
        "pizza-dough": "NAMED",
        "weighing": "PREREQUISITE",
        "yeast-dough": "PREREQUISITE",
    }


async def test_what_is_known_or_skipped_is_not_marked_again(ada: Client) -> None:
    await record(ada, "SKIPPED", "hand-kneading")
    await record(ada, "KNOWN", "flour")
    done = await record(ada, "LEARNING", "yeast-dough", includePrerequisites=True)
    assert slugs(done["marked"]) == ["weighing"]
    data = await ada.ask("{ viewer { topics(status: LEARNING) { totalCount nodes { slug } } } }")
    assert slugs(data["viewer"]["topics"]) == ["weighing", "yeast-dough"]
    assert data["viewer"]["topics"]["totalCount"] == 2


async def test_topics_recorded_without_prerequisites_can_get_them_later(ada: Client) -> None:
    await record(ada, "KNOWN", "yeast-dough")
    data = await ada.ask("{ viewer { knowledge { isConsistent missing { topics { slug } } } } }")
    assert data["viewer"]["knowledge"]["isConsistent"] is False
    done = await record(ada, "KNOWN", "yeast-dough", includePrerequisites=True)
    assert slugs(done["marked"]) == ["flour", "mixer", "weighing"]
    assert (await ada.ask("{ viewer { knowledge { isConsistent } } }"))["viewer"]["knowledge"]["isConsistent"]


async def test_several_writes_of_one_request_see_each_other(ada: Client) -> None:
    data = await ada.ask(
        """mutation {
          a: recordProgress(input: {topics: ["flour"], status: KNOWN}) { revision learner { ...K } }
          b: recordProgress(input: {topics: ["flour"], status: UNKNOWN}) { revision learner { ...K } }
          c: deleteViewer(input: {everything: true}) { deleted revision }
          d: recordProgress(input: {topics: ["mixer"], status: KNOWN}) { revision learner { ...K } }
        } fragment K on Learner { knowledge { known { nodes { slug } } } history { totalCount } }"""
    )
    known = {name: slugs(data[name]["learner"]["knowledge"]["known"]) for name in "abd"}
    assert known == {"a": ["flour"], "b": [], "d": ["mixer"]}
    assert [data[name]["revision"] for name in "abcd"] == [1, 2, 0, 1]


# --- what is refused ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (
            {"topics": ["flor", "flour"], "status": "KNOWN"},
            {
                "field": ["input", "topics"],
                "message": 'No topic has this slug: "flor" (did you mean flour?).',
                "code": "BAD_USER_INPUT",
                "slugs": ["flor"],
            },
        ),
        (
            {"topics": ["flour"] * 10_001, "status": "KNOWN"},
            {
                "field": ["input", "topics"],
                "message": "topics may name 10,000 topics, not 10,001.",
                "code": "BAD_USER_INPUT",
                "slugs": [],
            },
        ),
        (
            {"topics": ["flour"], "status": "UNKNOWN", "includePrerequisites": True},
            {
                "field": ["input", "includePrerequisites"],
                "message": "includePrerequisites does not go with UNKNOWN.",
                "code": "BAD_USER_INPUT",
                "slugs": [],
            },
        ),
    ],
    ids=["unknown", "too many", "nothing leads to"],
)
async def test_a_refused_write_says_why_and_writes_nothing(
    ada: Client, given: dict[str, Any], error: dict[str, Any]
) -> None:
    await record(ada, "KNOWN", "weighing")
    payload = (await ada.ask(RECORD, input=given))["recordProgress"]
    assert payload["userErrors"] == [error]
    assert (payload["revision"], payload["changed"]["nodes"]) == (1, [])
    assert slugs(payload["learner"]["knowledge"]["known"]) == ["weighing"]


async def test_topics_that_nobody_can_reach_have_nothing_that_leads_to_them(
    ada: Client, database: Database
) -> None:
    loop = "CREATE (a:Topic {id: 'u', slug: 'unreachable', title: '', summary: '', tags: []})"
    edge = " CREATE (a)-[:REQUIRES {group: 0, need: 1, reason: ''}]->(a)"
    moved = " WITH a MATCH (c:Catalogue) SET c.revision = c.revision + 1"
    await database.write(lambda t: t.run(loop + edge + moved))
    try:
        await ada.structures.current(at_least=2)
        payload = await record(ada, "KNOWN", "flour", "unreachable", includePrerequisites=True)
        [error] = payload["userErrors"]
        assert (error["code"], error["field"], error["slugs"]) == (
            "UNLEARNABLE",
            ["input", "topics"],
            ["unreachable"],
        )
        assert payload["revision"] == 0
        assert (await record(ada, "KNOWN", "unreachable"))["revision"] == 1
    finally:
        await database.write(
            lambda t: t.run(
                "MATCH (a:Topic {id: 'u'}) DETACH DELETE a"
                " WITH 1 AS one MATCH (c:Catalogue) SET c.revision = 9"
            )
        )


# --- the history, and what is kept --------------------------------------------------------------------


async def test_the_history_tells_who_learned_what_when(ada: Client) -> None:
    await record(ada, "KNOWN", "yeast-dough", includePrerequisites=True)
    await record(ada, "UNKNOWN", "flour")
    page = "history(first: 2, after: $after) { totalCount pageInfo { hasNextPage endCursor } nodes { ...E } }"
    event = "fragment E on ProgressEvent { revision at status source slug topic { slug } }"
    found: list[dict[str, Any]] = []
    after = None
    while True:
        data = await ada.ask(f"query($after: String) {{ viewer {{ {page} }} }} {event}", after=after)
        history = data["viewer"]["history"]
        found += history["nodes"]
        after = history["pageInfo"]["endCursor"]
        if not history["pageInfo"]["hasNextPage"]:
            break
    assert history["totalCount"] == len(found) == 5
    assert [(each["revision"], each["status"], each["source"], each["slug"]) for each in found[:2]] == [
        (2, "UNKNOWN", "NAMED", "flour"),
        (1, "KNOWN", "NAMED", "yeast-dough"),
    ]
    assert all(each["topic"]["slug"] == each["slug"] for each in found)
    assert abs(datetime.now(UTC) - datetime.fromisoformat(found[0]["at"])) < timedelta(minutes=1)


async def test_everything_is_exported_and_deleted_on_demand(ada: Client) -> None:
    await record(ada, "KNOWN", "flour")
    export = (await ada.ask("{ viewer { export } }"))["viewer"]["export"]
    assert (export["learner"], export["revision"]) == ("ada", 1)
    assert [each["topic"] for each in export["topics"]] == ["flour"]
    delete = (
        "mutation($yes: Boolean!) { deleteViewer(input: {everything: $yes})"
        " { deleted revision userErrors { field code } } }"
    )
    assert (await ada.ask(delete, yes=False))["deleteViewer"] == {
        "deleted": False,
        "revision": 1,
        "userErrors": [{"field": ["input", "everything"], "code": "BAD_USER_INPUT"}],
    }
    assert (await ada.ask(delete, yes=True))["deleteViewer"] == {
        "deleted": True,
        "revision": 0,
        "userErrors": [],
    }
    export = (await ada.ask("{ viewer { export } }"))["viewer"]["export"]
    assert (export["revision"], export["topics"], export["history"]) == (0, [], [])
    assert (await ada.ask("{ viewer { revision } }"))["viewer"] == {"revision": 0}


# --- nobody sees or touches another's progress --------------------------------------------------------


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
