"""Writes: what is imported is what is there, once, whole or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, LiteralString

import pytest

from graph_api.app import connect
from graph_api.errors import InvalidDocument, StoreError, Unlearnable
from graph_api.formats import roadmap1
from graph_api.knowledge.change import Definition
from graph_api.knowledge.model import (
    Catalogue,
    Recommendation,
    Requirement,
    Resource,
    Roadmap,
    Section,
    Topic,
)
from graph_api.settings import Settings
from graph_api.store import writer
from graph_api.store.cypher import clock, writes
from graph_api.store.reader import GraphReader
from graph_api.store.rows import identity
from graph_api.store.session import Database, Transaction
from graph_api.store.writer import GraphWriter, read_catalogue
from tests.conftest import wipe
from tests.example import CATALOGUE, DOCUMENTS
from tests.store.documents import document, needing


async def everything(database: Database) -> dict[str, Any]:
    """All content, with the internal numbers of Neo4j: two are equal only if nothing was written between."""
    nodes = await database.read(
        "MATCH (n:!(Migration|OfTests|Announcement))"
        " RETURN elementId(n) AS id, labels(n) AS labels, properties(n) AS has ORDER BY id"
    )
    edges = await database.read(
        "MATCH (a)-[r]->(b) RETURN elementId(r) AS id, type(r) AS type, properties(r) AS has,"
        " elementId(a) AS a, elementId(b) AS b ORDER BY id"
    )
    return {"nodes": [row.data() for row in nodes], "edges": [row.data() for row in edges]}


async def ids(database: Database) -> dict[str, str]:
    rows = await database.read(
        "MATCH (n:Roadmap|Section|Topic) OPTIONAL MATCH (n)<-[:HAS_SECTION]-(r)"
        " RETURN labels(n)[0] + ' ' + coalesce(r.slug + '/', '') + n.slug AS name, n.id AS id"
    )
    return {row["name"]: row["id"] for row in rows}


async def test_an_import_tells_what_it_changed_and_the_revision_it_led_to(empty: Database) -> None:
    change, revision = await GraphWriter(empty).import_documents(DOCUMENTS)
    assert change.summary() == "13 topics created; 2 roadmaps created."
    assert revision == await GraphReader(empty).revision() == 1


async def test_what_is_read_back_is_exactly_what_was_imported(
    database: Database, catalogue: Catalogue
) -> None:
    assert await read_catalogue(database) == catalogue


async def test_an_export_imports_back_to_the_same_bytes(database: Database, catalogue: Catalogue) -> None:
    def dumped(content: Catalogue) -> dict[str, bytes]:
        return {slug: roadmap1.dump(each, content.topics) for slug, each in content.roadmaps.items()}

    files = dumped(await read_catalogue(database))
    await wipe(database)
    await GraphWriter(database).import_documents(
        [roadmap1.parse(data, name=f"{slug}.yaml") for slug, data in files.items()]
    )
    again = await read_catalogue(database)
    assert again == catalogue
    assert dumped(again) == files


async def test_the_order_of_recommendations_is_no_change(empty: Database) -> None:
    baker = document(
        Topic("a", "A"),
        Topic("b", "B"),
        Topic("c", "C", recommends=(Recommendation("b"), Recommendation("a"))),
    )
    for _ in range(2):
        assert (await GraphWriter(empty).import_documents([baker])).revision == 1


async def test_the_same_files_again_write_nothing(database: Database, catalogue: Catalogue) -> None:
    before = await everything(database)
    for prune in (False, True):
        change, revision = await GraphWriter(database).import_documents(DOCUMENTS, prune=prune)
        assert change.empty
        assert revision == 1
    assert await everything(database) == before
    assert await read_catalogue(database) == catalogue


@pytest.mark.usefixtures("catalogue")
async def test_one_changed_topic_is_one_revision_and_leaves_the_other_nodes(database: Database) -> None:
    before = await ids(database)
    changed = replace(CATALOGUE.topics["mixer"], hours=2.0)
    baker, pizzaiolo = DOCUMENTS
    definitions = tuple(
        Definition(changed) if each.topic.slug == "mixer" else each for each in baker.definitions
    )
    change, revision = await GraphWriter(database).import_documents(
        [replace(baker, definitions=definitions), pizzaiolo]
    )
    assert change.summary() == "1 topic changed."
    assert revision == 2
    expected = {**CATALOGUE.topics, "mixer": changed}
    assert (await read_catalogue(database)).topics == expected
    assert await ids(database) == before


async def test_ids_are_the_same_after_the_graph_was_rebuilt(database: Database, catalogue: Catalogue) -> None:
    before = await ids(database)
    assert len(before) == len(catalogue.topics) + 2 + 5
    await wipe(database)
    await GraphWriter(database).import_documents(DOCUMENTS[::-1])
    assert await ids(database) == before
    assert before["Topic flour"] == identity("topic", "flour")
    assert before["Section baker/basics"] == identity("section", "baker", "basics")


def test_sections_of_the_same_slug_in_two_roadmaps_have_two_ids() -> None:
    assert identity("section", "baker", "basics") != identity("section", "pizzaiolo", "basics")
    assert identity("topic", "baker") != identity("roadmap", "baker")


async def test_sections_keep_their_ids_when_they_move_and_are_renamed(empty: Database) -> None:
    a, b = Topic("a", "A"), Topic("b", "B")
    write = GraphWriter(empty).import_documents
    await write([document(a, b, sections={"one": ["a"], "two": ["b"]})])
    before = await ids(empty)
    await write([document(a, b, sections={"two": ["b", "a"], "one": [], "three": []})])
    after = await ids(empty)
    assert before.items() <= after.items()
    assert after.keys() - before.keys() == {"Section small/three"}
    [roadmap] = (await read_catalogue(empty)).roadmaps.values()
    assert [section.slug for section in roadmap.sections] == ["two", "one", "three"]
    assert [topic for topic, _ in roadmap.placed()] == ["b", "a"]


async def test_what_a_file_no_longer_names_stays_and_goes_with_prune(empty: Database) -> None:
    write = GraphWriter(empty).import_documents
    a, b, c = Topic("a", "A"), Topic("b", "B"), needing("c", "a")
    await write([document(a, b, c, sections={"one": ["a", "b"], "two": ["c"]})])
    less = document(a, sections={"one": ["a"]})
    change, revision = await write([less])
    assert (change.empty, revision) == (True, 1)
    assert change.unnamed.topics == ("b", "c")
    assert set(await ids(empty)) >= {"Topic b", "Topic c", "Section small/two"}
    change, revision = await write([less], prune=True)
    assert revision == 2
    assert set(await ids(empty)) == {"Roadmap small", "Section small/one", "Topic a"}
    assert change.topics.removed == ("b", "c")


async def test_prune_keeps_a_topic_that_another_roadmap_rests_on(empty: Database) -> None:
    write = GraphWriter(empty).import_documents
    a, b = Topic("a", "A"), needing("b", "a")
    await write([document(a), document(b, roadmap="other")])
    await write([document(Topic("z", "Z"))], prune=True)
    assert set((await read_catalogue(empty)).topics) == {"a", "b", "z"}


async def test_unknown_topics_become_stubs_only_when_that_is_asked(empty: Database) -> None:
    wanted = [document(sections={"one": ["unheard-of"]})]
    with pytest.raises(InvalidDocument, match="unheard-of"):
        await GraphWriter(empty).import_documents(wanted)
    change, _ = await GraphWriter(empty).import_documents(wanted, stubs=True)
    assert change.stubs == ("unheard-of",)
    assert (await read_catalogue(empty)).topics == {"unheard-of": Topic("unheard-of", "unheard-of")}


@pytest.mark.usefixtures("catalogue")
async def test_a_write_that_would_leave_topics_out_of_reach_is_refused_whole(database: Database) -> None:
    before = await everything(database)
    loop = document(needing("x", "y"), needing("y", "x"), Topic("z", "Z"))
    with pytest.raises(Unlearnable, match="x and y"):
        await GraphWriter(database).import_documents([loop])
    assert await everything(database) == before


STATEMENTS: list[LiteralString] = [
    writes.DELETE_TOPICS,
    writes.CLEAR_EDGES,
    writes.CLEAR_RESOURCES,
    writes.PUT_TOPICS,
    writes.PUT_REQUIREMENTS,
    writes.PUT_RECOMMENDATIONS,
    writes.PUT_RESOURCES,
    writes.PUT_ROADMAPS,
    writes.DELETE_SECTIONS,
    writes.PUT_SECTIONS,
    writes.PUT_PLACEMENTS,
    writes.DELETE_ORPHANED_RESOURCES,
    clock.NEXT_REVISION,
]


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize("fatal", STATEMENTS[::3] + STATEMENTS[-1:])
async def test_a_write_that_fails_midway_leaves_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch, fatal: LiteralString
) -> None:
    before = await everything(database)
    run = Transaction.run

    async def failing(self: Transaction, statement: LiteralString, **parameters: object) -> Any:
        return await run(self, "THIS IS NO CYPHER" if statement is fatal else statement, **parameters)

    monkeypatch.setattr(Transaction, "run", failing)
    changed = Topic(
        "flour",
        "Changed",
        requires=(Requirement(("a",)),),
        recommends=(Recommendation("a"),),
        resources=(Resource("https://new.example/", "New"),),
    )
    baker = document(changed, Topic("a", "A"), roadmap="baker")
    with pytest.raises(StoreError):
        await GraphWriter(database).import_documents([baker], prune=True)
    monkeypatch.undo()
    assert await everything(database) == before


async def test_two_processes_that_import_at_once_both_succeed_one_after_the_other(
    empty: Database, settings: Settings
) -> None:
    async with connect(settings) as other:
        answers = await asyncio.gather(
            *(GraphWriter(each).import_documents(DOCUMENTS) for each in (empty, other, empty))
        )
    assert [revision for _, revision in answers] == [1, 1, 1]
    assert sorted(change.empty for change, _ in answers) == [False, True, True]
    assert await read_catalogue(empty) == CATALOGUE


async def test_two_writes_cannot_together_build_a_loop_that_neither_saw(
    empty: Database, settings: Settings
) -> None:
    await GraphWriter(empty).import_documents([document(Topic("a", "A"), Topic("b", "B"))])
    async with connect(settings) as other:
        answers = await asyncio.gather(
            GraphWriter(empty).import_documents([document(needing("a", "b"), roadmap="one")]),
            GraphWriter(other).import_documents([document(needing("b", "a"), roadmap="two")]),
            return_exceptions=True,
        )
    assert sorted(type(answer).__name__ for answer in answers) == ["Unlearnable", "Written"]


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "BATCH", 3)


def rows(catalogue: Catalogue) -> Iterator[int]:
    """How many rows a first import of a catalogue writes."""
    for topic in catalogue.topics.values():
        yield 1 + len(topic.recommends) + len(topic.resources)
        yield sum(len(group.of) for group in topic.requires)
    for roadmap in catalogue.roadmaps.values():
        yield 3 + len(roadmap.sections) + len([*roadmap.placed()])


@pytest.mark.usefixtures("small_batches")
async def test_progress_is_told_up_to_the_last_row(empty: Database) -> None:
    told: list[tuple[int, int]] = []
    await GraphWriter(empty).import_documents(DOCUMENTS, report=lambda *now: told.append(now))
    done, totals = [now for now, _ in told], {total for _, total in told}
    assert totals == {sum(rows(CATALOGUE))}
    assert done == sorted(set(done))
    assert done[-1] == told[-1][1]
    assert await read_catalogue(empty) == CATALOGUE


async def test_awkward_texts_come_back_to_the_letter(empty: Database) -> None:
    texts: Sequence[str] = ["'", '"', "\\", "$x", "{a: 1}", "🥐", "a\nb", "e\u0301", "\u2028", "\\u0041", "`"]
    topics = tuple(
        Topic(f"t{number}", text, summary=text * 2, tags=("a", "a"), hours=number / 7)
        for number, text in enumerate(texts)
    )
    await GraphWriter(empty).import_documents([document(*topics)])
    assert (await read_catalogue(empty)).topics == {topic.slug: topic for topic in topics}


async def test_an_empty_roadmap_is_a_roadmap(empty: Database) -> None:
    await GraphWriter(empty).import_documents([document()])
    expected = MappingProxyType({"small": Roadmap("small", "Small", sections=(Section("all", "All"),))})
    assert await read_catalogue(empty) == Catalogue({}, dict(expected))
