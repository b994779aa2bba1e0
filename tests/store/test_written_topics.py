"""Writes of topics: their edges and resources are written anew where they differ, and nowhere else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from graph_api.knowledge.edit import RenameTopic
from graph_api.knowledge.model import Recommendation, Requirement, Resource, Topic
from graph_api.store.session import Database
from graph_api.store.writer import GraphWriter, Writing, read_catalogue
from tests.store.documents import document, needing


async def resources(database: Database) -> set[str]:
    return {row["url"] for row in await database.read("MATCH (r:Resource) RETURN r.url AS url")}


async def test_the_edges_of_a_changed_topic_are_replaced(empty: Database) -> None:
    others = [Topic(slug, slug.upper()) for slug in "abcde"]
    first = Topic(
        "t",
        "T",
        resources=(Resource("https://x.example/", "X"), Resource("https://y.example/", "Y", "docs")),
        requires=(Requirement(("a",), reason="Old."), Requirement(("b", "c", "d"), need=2)),
        recommends=(Recommendation("e", "Old."),),
    )
    second = Topic(
        "t",
        "T",
        resources=(Resource("https://y.example/", "Why", "book"),),
        requires=(Requirement(("b",)), Requirement(("c", "e"), reason="New.")),
        recommends=(Recommendation("a"),),
    )
    for topic in (first, second, first):
        await GraphWriter(empty).import_documents([document(*others, topic)])
        assert (await read_catalogue(empty)).topics["t"] == topic


@pytest.mark.parametrize(
    ("changed", "written"),
    [
        ({"title": "Other"}, set()),
        ({"hours": 2.0}, set()),
        ({"requires": (Requirement(("a",), reason="New."),)}, {"REQUIRES", "RECOMMENDS"}),
        ({"recommends": ()}, {"REQUIRES", "RECOMMENDS"}),
        ({"resources": (Resource("https://y.example/", "Y"),)}, {"HAS_RESOURCE"}),
        ({"tags": ("new",), "resources": ()}, {"HAS_RESOURCE"}),
    ],
)
@pytest.mark.parametrize("slug", ["t", "renamed"])
async def test_what_a_write_leaves_as_it_was_is_not_written_again(
    empty: Database, slug: str, changed: dict[str, Any], written: set[str]
) -> None:
    topic = Topic(
        "t",
        "T",
        resources=(Resource("https://x.example/", "X"),),
        requires=(Requirement(("a",)),),
        recommends=(Recommendation("b"),),
    )
    others = (Topic("a", "A"), Topic("b", "B"))
    await GraphWriter(empty).import_documents([document(*others, topic)])
    before = await edges_of_topics(empty)
    if slug != "t":
        await GraphWriter(empty).edit(RenameTopic("t", slug), writing=Writing(by="ada", action="rename"))
        assert await edges_of_topics(empty) == before
    after = replace(topic, slug=slug, **changed)
    await GraphWriter(empty).import_documents([document(*others, after)])
    assert (await read_catalogue(empty)).topics[slug] == after
    kept = before & await edges_of_topics(empty)
    assert {kind for kind, _ in before - kept} == written


async def edges_of_topics(database: Database) -> set[tuple[str, str]]:
    """The type of each edge of a topic, and its number: another one if it was written anew."""
    rows = await database.read("MATCH (:Topic)-[r]->() RETURN type(r) AS type, elementId(r) AS id")
    return {(row["type"], row["id"]) for row in rows}


async def test_a_topic_keeps_what_rests_on_it_when_it_changes(empty: Database) -> None:
    write = GraphWriter(empty).import_documents
    await write([document(Topic("a", "A"), needing("b", "a"))])
    await write([document(Topic("a", "Another title"), needing("b", "a"))])
    found = (await read_catalogue(empty)).topics
    assert found["b"].requires == (Requirement(("a",)),)
    assert found["a"].title == "Another title"


async def test_a_resource_that_no_topic_names_any_more_goes(empty: Database) -> None:
    x, y = Resource("https://x.example/", "X"), Resource("https://y.example/", "Y")
    write = GraphWriter(empty).import_documents
    await write([document(Topic("a", "A", resources=(x, y)), Topic("b", "B", resources=(y,)))])
    assert await resources(empty) == {x.url, y.url}
    await write([document(Topic("a", "A"), Topic("b", "B", resources=(y,)))])
    assert await resources(empty) == {y.url}
    await write([document(Topic("a", "A"), Topic("b", "B"))])
    assert await resources(empty) == set()


async def test_each_topic_calls_a_shared_resource_as_it_likes(empty: Database) -> None:
    here, there = (
        Resource("https://x.example/", "Here", "docs"),
        Resource("https://x.example/", "There", "book"),
    )
    topics = (Topic("a", "A", resources=(here,)), Topic("b", "B", resources=(there,)))
    await GraphWriter(empty).import_documents([document(*topics)])
    assert await resources(empty) == {"https://x.example/"}
    found = (await read_catalogue(empty)).topics
    assert (found["a"].resources, found["b"].resources) == ((here,), (there,))
