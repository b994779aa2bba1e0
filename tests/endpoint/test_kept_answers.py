"""Answers that are given again: without a statement, in the same bytes, and only while they are true."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from typing import Any, Final

import httpx
import pytest

from graph_api.app import create_app
from graph_api.errors import RoadmapError
from graph_api.formats.roadmap1 import parse
from graph_api.knowledge.edit import ChangeTopic, CreateTopic
from graph_api.knowledge.model import Topic
from graph_api.settings import Settings
from graph_api.store.session import Database
from graph_api.store.writer import GraphWriter, Writing, read_catalogue
from tests.conftest import Client, in_process, seed
from tests.endpoint.kept import count, forgetting, get, held, hits, post, remembering, writer_of
from tests.example import DOCUMENTS
from tests.store.test_edits import random_edit

EDITING: Final = Writing(by="ada", action="edit")

TOPIC: Final = """query Topic($slug: String! = "yeast-dough") { topic(slug: $slug) {
  id slug title summary hours tags resources { title url }
  requirements { need reason of { slug title } }
  recommendations { edges { reason node { title } } } } }"""
ROADMAP: Final = """query Page($slug: String! = "baker") { roadmap(slug: $slug) {
  id title summary language
  sections { title optional position topics { totalCount edges { optional node { slug title hours } } } }
  topics(first: 5) { totalCount nodes { slug requirements { need of { title } } } } } }"""
TITLE: Final = '{ topic(slug: "flour") { title } }'
PLACES: Final = '{ topic(slug: "flour") { placements { optional roadmap { title } section { title } } } }'
AROUND: Final = """{ topic(slug: "croissant") { learnable
  prerequisites(transitive: true) { nodes { slug title } } dependents { nodes { slug } } } }"""
NOWHERE: Final = '{ topic(slug: "topic-3") { title } roadmap(slug: "roadmap-5") { title } }'
LISTS: Final = """{ roadmaps { totalCount nodes { slug title hours } }
  topics(first: 7, filter: {tags: ["dough"]}) { totalCount edges { cursor node { slug title tags } } } }"""
SEARCH: Final = '{ search(text: "dough") { edges { node { __typename ... on Topic { slug title } } } } }'
NEXT: Final = """{ knowledge(known: ["flour"], roadmap: "baker") {
  next { hours sentence topic { title } } progress { required { knownTopics topics } } } }"""
PATH: Final = """{ knowledge(known: ["flour"], goals: ["croissant"]) {
  path { totalHours optimal steps { slug title } choices { nextBest } } } }"""
HISTORY: Final = """{ catalogue { revision topics history(first: 3) { totalCount nodes {
  revision action summary changes { nodes { kind slug } } } } } }"""
OF_ROADMAP: Final = (
    '{ roadmap(slug: "baker") { revision history(first: 2) { totalCount nodes { revision } } } }'
)
THEN: Final = '{ roadmap(slug: "baker", revision: 1) { id title topics { totalCount nodes { title } } } }'
DIAGNOSIS: Final = "{ catalogue { diagnosis { unplaced { nodes { slug } } redundant { topic { title } } } } }"
NODES: Final = "query Some($ids: [ID!]!) { nodes(ids: $ids) { id ... on Topic { slug title } } }"
OTHER: Final = """format: roadmap/1
slug: other
title: Other
sections:
  - slug: one
    title: One
    topics:
      - slug: flour
        title: Another
"""
QUERIES: Final = (
    TOPIC,
    ROADMAP,
    TITLE,
    PLACES,
    AROUND,
    NOWHERE,
    LISTS,
    SEARCH,
    NEXT,
    PATH,
    HISTORY,
    OF_ROADMAP,
    THEN,
    DIAGNOSIS,
)


def told(answer: httpx.Response) -> int:
    """The revision that an answer was made from: its extensions say it, and its header."""
    revision: int = answer.json()["extensions"]["revision"]
    assert answer.headers["graph-revision"] == str(revision)
    return revision


async def change(client: Client, slug: str, title: str) -> None:
    await writer_of(client).edit(ChangeTopic(slug, {"title": title}), writing=EDITING)


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize("query", [*QUERIES, "{ __typename }"])
async def test_who_asks_the_same_again_gets_the_same_bytes_without_a_statement(
    query: str, settings: Settings
) -> None:
    async with remembering(settings) as client:
        await post(client, "{ catalogue { revision } }")
        for ask in (post, get):
            first = await ask(client, query)
            assert "errors" not in first.json()
            statements, before = client.database.statements, hits(client)
            again = [await ask(client, query) for _ in range(3)]
            assert client.database.statements == statements
            assert hits(client) == before + 3
            assert {each.content for each in again} == {first.content}
            assert [dict(each.headers) | {"x-request-id": ""} for each in again] == [
                dict(first.headers) | {"x-request-id": ""}
            ] * 3
            assert told(first) == 1


@pytest.mark.usefixtures("catalogue")
async def test_the_next_look_at_the_clock_is_all_that_a_kept_answer_costs(settings: Settings) -> None:
    async with remembering(settings, revision_poll=0.0) as client:
        await post(client, ROADMAP)
        before = client.database.statements
        await post(client, ROADMAP)
        assert client.database.statements == before + 1


@pytest.mark.usefixtures("catalogue")
async def test_what_differs_in_anything_that_is_asked_has_its_own_answer(settings: Settings) -> None:
    async with remembering(settings) as client:
        slugs = ["flour", "mixer"]
        for _ in range(2):
            titles = [
                (await post(client, TOPIC, variables={"slug": slug})).json()["data"]["topic"]["slug"]
                for slug in slugs
            ]
            assert titles == slugs
        both = 'query A { topic(slug: "flour") { slug } } query B { topic(slug: "mixer") { slug } }'
        for _ in range(2):
            named = [await post(client, both, operationName=name) for name in "AB"]
            assert [each.json()["data"]["topic"]["slug"] for each in named] == slugs


@pytest.mark.usefixtures("catalogue")
async def test_a_write_that_touches_what_is_shown_makes_a_new_answer(settings: Settings) -> None:
    async with remembering(settings) as client:
        before = [await get(client, query) for query in (TITLE, ROADMAP)]
        await change(client, "flour", "Flour alone")
        count_before = hits(client)
        after = [await get(client, query) for query in (TITLE, ROADMAP)]
        assert hits(client) == count_before
        assert after[0].json()["data"] == {"topic": {"title": "Flour alone"}}
        assert "Flour alone" in after[1].text
        for old, new in zip(before, after, strict=True):
            assert told(new) == told(old) + 1 == 2
            assert new.headers["etag"] != old.headers["etag"]
        assert [(await get(client, query)).content for query in (TITLE, ROADMAP)] == [
            each.content for each in after
        ]


@pytest.mark.usefixtures("catalogue")
async def test_a_write_that_touches_nothing_of_it_moves_its_revision_alone(settings: Settings) -> None:
    async with remembering(settings) as client:
        before = await get(client, TITLE)
        for step in (2, 3):
            await change(client, "mixer", f"Mixer {step}")
            found, statements = hits(client), client.database.statements
            after = await get(client, TITLE)
            assert hits(client) == found + 1
            assert client.database.statements == statements
            assert told(after) == step
            assert after.json()["data"] == before.json()["data"]
            assert after.headers["etag"] == before.headers["etag"]


@pytest.mark.usefixtures("catalogue")
async def test_what_was_not_there_is_found_as_soon_as_it_is(settings: Settings) -> None:
    async with remembering(settings) as client:
        query = '{ topic(slug: "brioche") { title } }'
        assert (await get(client, query)).json()["data"] == {"topic": None}
        assert (await get(client, query)).json()["data"] == {"topic": None}
        await writer_of(client).edit(CreateTopic(Topic("brioche", "Brioche")), writing=EDITING)
        assert (await get(client, query)).json()["data"] == {"topic": {"title": "Brioche"}}


@pytest.mark.usefixtures("catalogue")
async def test_a_write_of_another_process_is_seen_with_the_next_look_at_the_clock(
    settings: Settings, database: Database
) -> None:
    async with remembering(settings, revision_poll=0.2) as client:
        first = await get(client, TITLE)
        await GraphWriter(database).edit(ChangeTopic("flour", {"title": "Rye"}), writing=EDITING)
        before = await get(client, TITLE)
        await asyncio.sleep(0.21)
        after = await get(client, TITLE)
    assert before.content in {first.content, after.content}
    assert after.json()["data"] == {"topic": {"title": "Rye"}}
    assert told(after) == 2


async def test_after_each_of_many_edits_the_answers_are_those_of_an_api_that_keeps_nothing(
    settings: Settings, database: Database
) -> None:
    await seed(database, DOCUMENTS, name="example")
    chance, found = random.Random(5), 0
    async with remembering(settings, revision_poll=0.0) as keeping, forgetting(settings) as plain:
        writers = [writer_of(keeping), GraphWriter(database)]
        ids = await topic_ids(plain)
        nodes: Mapping[str, Any] = {"ids": chance.sample(ids, 4)}
        asked = [*((query, None) for query in QUERIES), (NODES, nodes)]
        made = 0
        for step in range(140):
            catalogue = await read_catalogue(database)
            edit = random_edit(chance, catalogue, step)
            try:
                await chance.choice(writers).edit(edit, writing=EDITING)
            except RoadmapError:
                continue
            made += 1
            for query, variables in chance.sample(asked, 7):
                before = hits(keeping)
                mine, other = [await post(each, query, variables=variables) for each in (keeping, plain)]
                assert mine.content == other.content, (edit, query)
                found += hits(keeping) > before
            if made == 50:
                break
    assert made == 50
    assert found > 40


async def topic_ids(client: Client) -> list[str]:
    nodes = (await client.ask("{ topics(first: 100) { nodes { id } } }"))["topics"]["nodes"]
    return [node["id"] for node in nodes]


@pytest.mark.usefixtures("catalogue")
async def test_after_a_write_one_of_many_executes_for_all(settings: Settings) -> None:
    async with remembering(settings) as client:
        await post(client, ROADMAP)
        await change(client, "flour", "Flour alone")
        before = count(client, "answer_cache_total", result="miss")
        answers = await asyncio.gather(*(post(client, ROADMAP) for _ in range(20)))
        assert count(client, "answer_cache_total", result="miss") == before + 1
        assert len({each.content for each in answers}) == 1
        assert "Flour alone" in answers[0].text


@pytest.mark.usefixtures("catalogue")
async def test_with_no_megabytes_nothing_is_kept_and_an_answer_has_its_tag(settings: Settings) -> None:
    async with remembering(settings, answers_megabytes=0) as client:
        answers = [await get(client, TITLE) for _ in range(2)]
        assert hits(client) == held(client) == 0
        assert len({(each.content, each.headers["etag"]) for each in answers}) == 1


@pytest.mark.usefixtures("catalogue")
async def test_what_is_kept_and_what_it_takes_shows_in_the_metrics(settings: Settings) -> None:
    async with remembering(settings) as client:
        await post(client, ROADMAP)
        assert count(client, "answer_cache_total", result="miss") == 1
        assert held(client) > len((await post(client, ROADMAP)).content)
        assert count(client, "answer_cache_total", result="hit") == 1
        assert count(client, "cache_size", cache="entities") > 10
        assert count(client, "entity_cache_total", result="miss") == 10, "the roadmap and its topics"
        await post(client, ROADMAP.replace("Page", "Other"))
        assert count(client, "entity_cache_total", result="hit") == 10
        topics = count(client, "part_cache_total", result="miss")
        assert count(client, "cache_size", cache="parts") > 0
        await post(client, ROADMAP.replace("Page", "Third"))
        assert count(client, "part_cache_total", result="miss") == topics
        assert count(client, "part_cache_total", result="hit") == topics / 2 > 0  # the first were just read


NEAR: Final = "prerequisites { nodes { slug prerequisites { nodes { slug } } } }"


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize(
    ("selected", "parts"),
    [
        ("topics(first: 3) { nodes { slug %s } }", 3),
        ("topics(first: 3) { edges { node { slug %s } } }", 3),
        ('topic(slug: "croissant") { slug %s }', 0),
    ],
)
async def test_parts_are_made_of_the_outermost_topics_of_lists_alone(
    settings: Settings, selected: str, parts: int
) -> None:
    async with remembering(settings) as client:
        answer = await post(client, f"{{ {selected % NEAR} }}")
        assert "prerequisites" in answer.text
        assert count(client, "part_cache_total", result="miss") == parts


async def test_a_database_that_was_set_back_has_no_answers_of_before(
    settings: Settings, database: Database
) -> None:
    await seed(database, DOCUMENTS, name="example")
    async with remembering(settings, revision_poll=0.0) as client:
        writer = GraphWriter(database)
        await writer.edit(ChangeTopic("flour", {"title": "Of before"}), writing=EDITING)
        assert (await get(client, TITLE)).json()["data"] == {"topic": {"title": "Of before"}}
        await seed(database, DOCUMENTS, name="example")
        assert told(await get(client, AROUND)) == 1
        await writer.edit(ChangeTopic("flour", {"title": "Of after"}), writing=EDITING)
        answer = await get(client, TITLE)
    assert told(answer) == 2
    assert answer.json()["data"] == {"topic": {"title": "Of after"}}


async def test_an_application_that_starts_again_keeps_nothing_of_its_last_life(
    settings: Settings, database: Database
) -> None:
    await seed(database, DOCUMENTS, name="example")
    app = create_app(settings)
    async with in_process(app) as client:
        assert [told(await get(client, TITLE)) for _ in range(2)] == [1, 1]
    await seed(database, [parse(OTHER.encode(), name="other.yaml")], name="other")
    async with in_process(app) as client:
        answer = await get(client, TITLE)
    assert told(answer) == 1
    assert answer.json()["data"] == {"topic": {"title": "Another"}}
