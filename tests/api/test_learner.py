"""Learners through the API: what they record, and what follows from it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from graph_api.knowledge.model import Catalogue
from graph_api.store.session import Database
from tests.api.learners import RECORD, forget_all, record, slugs
from tests.conftest import Client


@pytest.fixture
async def ada(client: Client, database: Database, catalogue: Catalogue) -> AsyncIterator[Client]:  # noqa: ARG001 - first
    """The API as a learner who has recorded nothing yet; nobody else has either."""
    await forget_all(database)
    yield client.as_("learner", subject="ada")
    await forget_all(database)


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
