"""Edits in the database: what the pure edit makes of the whole catalogue is what is there afterwards."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from neo4j.exceptions import TransientError

from graph_api.app import connect
from graph_api.errors import (
    BadInput,
    Conflict,
    RoadmapError,
    StillRequired,
    Unavailable,
    UnknownSlugs,
    Unlearnable,
)
from graph_api.knowledge.change import Definition, Document
from graph_api.knowledge.edit import (
    ChangeRoadmap,
    ChangeSection,
    ChangeTopic,
    CreateRoadmap,
    CreateSection,
    CreateTopic,
    DeleteRoadmap,
    DeleteSection,
    DeleteTopic,
    Edit,
    MergeTopics,
    MoveTopic,
    OrderSections,
    OrderTopics,
    PlaceTopic,
    RemoveTopic,
    RenameRoadmap,
    RenameSection,
    RenameTopic,
)
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
from graph_api.store import history
from graph_api.store.session import Database, Transaction
from graph_api.store.structure import read_structure
from graph_api.store.structure_cache import StructureCache
from graph_api.store.writer import GraphWriter, Writing, Written, read_catalogue
from tests.example import DOCUMENTS
from tests.store.structures import assert_same_structure

EDITING = Writing(by="ada", action="edit")


def random_edit(chance: random.Random, catalogue: Catalogue, step: int) -> Edit:
    """An edit that may or may not be possible; now and then it names something by a former slug."""
    topics, roadmaps = sorted(catalogue.topics), sorted(catalogue.roadmaps)
    former = {new: old for old, new in catalogue.aliases.topics.items()}

    def a_topic() -> str:
        slug = chance.choice(topics)
        return former.get(slug, slug) if chance.random() < 0.3 else slug

    roadmap = catalogue.roadmaps[chance.choice(roadmaps)]
    sections = [section.slug for section in roadmap.sections] or ["none"]
    section = chance.choice(sections)
    placed = [topic for topic, _ in roadmap.placed()] or ["none"]
    groups = tuple(
        Requirement(tuple(sorted(chance.sample(topics, k=size))), chance.randint(1, size))
        for size in [chance.randint(1, min(3, len(topics)))]
    )
    held = [at.topic for each in roadmap.sections if each.slug == section for at in each.placements]
    makers: list[Callable[[], Edit]] = [
        lambda: CreateTopic(Topic(f"topic-{step}", f"Topic {step}", requires=groups, hours=step)),
        lambda: ChangeTopic(a_topic(), {"title": f"Title {step}", "hours": None}),
        lambda: ChangeTopic(a_topic(), {"requires": groups}),
        lambda: ChangeTopic(a_topic(), {"recommends": (Recommendation(a_topic(), "better"),)}),
        lambda: ChangeTopic(a_topic(), {"resources": (Resource(f"https://example.org/{step % 3}", "R"),)}),
        lambda: ChangeTopic(a_topic(), {"tags": ("new",)}),
        lambda: DeleteTopic(a_topic(), detach=chance.random() < 0.5),
        lambda: MergeTopics(a_topic(), a_topic()),
        lambda: RenameTopic(a_topic(), chance.choice([f"renamed-{step}", *former.values()])),
        lambda: CreateRoadmap(Roadmap(f"roadmap-{step}", "R")),
        lambda: ChangeRoadmap(roadmap.slug, {"title": f"Title {step}"}),
        lambda: RenameRoadmap(roadmap.slug, f"renamed-{step}"),
        lambda: (
            DeleteRoadmap(roadmap.slug)
            if len(roadmaps) > 2
            else ChangeRoadmap(roadmap.slug, {"language": "de"})
        ),
        lambda: CreateSection(
            roadmap.slug, Section(f"section-{step}", "S"), chance.randint(0, len(roadmap.sections))
        ),
        lambda: ChangeSection(roadmap.slug, section, {"optional": chance.random() < 0.5}),
        lambda: RenameSection(roadmap.slug, section, chance.choice([f"renamed-{step}", "again"])),
        lambda: DeleteSection(roadmap.slug, section, detach=chance.random() < 0.3),
        lambda: OrderSections(roadmap.slug, tuple(chance.sample(sections, len(sections)))),
        lambda: PlaceTopic(a_topic(), roadmap.slug, section, optional=chance.random() < 0.5),
        lambda: MoveTopic(chance.choice(placed), roadmap.slug, section, 0),
        lambda: MoveTopic(chance.choice(placed), roadmap.slug, optional=True),
        lambda: RemoveTopic(chance.choice(placed), roadmap.slug),
        lambda: OrderTopics(roadmap.slug, section, tuple(chance.sample(held, len(held)))),
    ]
    return chance.choice(makers)()


async def identities(database: Database) -> dict[tuple[str, str], str]:
    rows = await database.read(
        "MATCH (n:Topic|Roadmap) RETURN labels(n)[0] AS kind, n.slug AS slug, n.id AS id"
    )
    return {(row["kind"], row["slug"]): row["id"] for row in rows}


async def test_every_edit_writes_what_it_makes_of_the_whole_catalogue(empty: Database) -> None:
    cache = StructureCache(empty, poll=60)
    writer = GraphWriter(empty, cache)
    await writer.import_documents(DOCUMENTS)
    chance, made, refused = random.Random(7), 0, 0
    catalogue, revision = await read_catalogue(empty), 1
    for step in range(80):
        edit = random_edit(chance, catalogue, step)
        ids = await identities(empty)
        try:
            expected: Catalogue | None = edit.apply(catalogue)
        except RoadmapError as error:
            with pytest.raises(type(error)):
                await writer.edit(edit, writing=EDITING)
            refused += 1
            continue
        try:
            change, now = await writer.edit(edit, writing=EDITING)
        except Unlearnable:
            refused += 1
            continue
        assert expected is not None
        assert now == revision + (not change.empty), edit
        found = await read_catalogue(empty)
        assert found.topics == expected.topics, edit
        assert found.roadmaps == expected.roadmaps, edit
        assert found.aliases == expected.aliases, edit
        await assert_ids_stay(empty, ids, change.renamed, change.renamed_roadmaps)
        if not change.empty:
            await assert_recorded(empty, now, catalogue, found, str(edit))
            await assert_structure(cache, empty)
            made += 1
        catalogue, revision = found, now
    assert made > 35
    assert refused > 10


async def assert_ids_stay(
    database: Database, before: dict[tuple[str, str], str], topics: Any, roadmaps: Any
) -> None:
    after = await identities(database)
    assert len({*after.values()}) == len(after)
    names = {("Topic", old): ("Topic", new) for old, new in topics.items()}
    names |= {("Roadmap", old): ("Roadmap", new) for old, new in roadmaps.items()}
    for name, id_ in before.items():
        if names.get(name, name) in after:
            assert after[names.get(name, name)] == id_


async def assert_recorded(
    database: Database, revision: int, before: Catalogue, after: Catalogue, sentence: str
) -> None:
    """The history says who did what, and the texts of before and after read back to the very values."""
    [entry] = await database.read(
        "MATCH (r:Revision {number: $revision})-[:CHANGED]->(v)"
        " RETURN r.by AS by, r.action AS action, r.summary AS summary, collect(v {.*}) AS versions",
        revision=revision,
    )
    assert (entry["by"], entry["action"], entry["summary"]) == ("ada", "edit", sentence)
    old, new = set[Any](), set[Any]()
    for version in entry["versions"]:
        read = history.topic if version["kind"] == "Topic" else history.roadmap
        old |= {read(version["before"])} if version.get("before") else set()
        new |= {read(version["after"])} if version.get("after") else set()
    all_before = {*before.topics.values(), *before.roadmaps.values()}
    all_after = {*after.topics.values(), *after.roadmaps.values()}
    assert old == all_before - all_after
    assert new == all_after - all_before


async def assert_structure(cache: StructureCache, database: Database) -> None:
    """What the writer moved along in memory is what is read from the database."""
    before = database.statements
    moved = await cache.current()
    assert database.statements == before, "no look at the database was needed"
    assert_same_structure(moved, await read_structure(database))


async def test_of_two_edits_that_would_block_each_other_one_wins_each_of_200_times(
    empty: Database, settings: Settings
) -> None:
    async with connect(settings) as other:
        first, second = GraphWriter(empty), GraphWriter(other)
        for slug in ("a", "b"):
            await first.edit(CreateTopic(Topic(slug, slug)), writing=EDITING)
        for round_ in range(200):
            answers = await asyncio.gather(
                first.edit(requiring("a", "b"), writing=EDITING),
                second.edit(requiring("b", "a"), writing=EDITING),
                return_exceptions=True,
            )
            [refusal] = [answer for answer in answers if isinstance(answer, BaseException)]
            assert isinstance(refusal, Unlearnable)
            assert sorted(refusal.blocking[0]) == ["a", "b"]
            winner = "a" if answers[1] is refusal else "b"
            _, revision = await first.edit(ChangeTopic(winner, {"requires": ()}), writing=EDITING)
            assert revision == 4 + 2 * round_, "one for the winner and one for taking it back"


def requiring(slug: str, *of: str) -> ChangeTopic:
    return ChangeTopic(slug, {"requires": tuple(Requirement((each,)) for each in of)})


@pytest.mark.usefixtures("catalogue")
async def test_a_stale_expectation_is_a_conflict_and_writes_nothing(database: Database) -> None:
    writer = GraphWriter(database)
    edit = ChangeTopic("flour", {"title": "Flour"})
    for expected in (0, 2, -1):
        with pytest.raises(Conflict) as caught:
            await writer.edit(edit, writing=replace(EDITING, expected=expected))
        assert caught.value.revision == 1
    assert (await writer.edit(edit, writing=replace(EDITING, expected=1))).revision == 2


@pytest.mark.usefixtures("catalogue")
async def test_a_dry_run_says_what_would_change_and_writes_nothing(database: Database) -> None:
    before = await read_catalogue(database)
    edit = RenameTopic("flour", "flour-and-water")
    change, revision = await GraphWriter(database).edit(edit, writing=replace(EDITING, dry_run=True))
    assert (change.renamed, revision) == ({"flour": "flour-and-water"}, 1)
    assert await read_catalogue(database) == before


@pytest.mark.usefixtures("catalogue")
async def test_a_required_topic_is_deleted_only_when_it_is_detached(database: Database) -> None:
    writer = GraphWriter(database)
    with pytest.raises(StillRequired) as caught:
        await writer.edit(DeleteTopic("yeast-dough"), writing=EDITING)
    assert caught.value.dependents == ["croissant", "pizza-dough"]
    change, _ = await writer.edit(DeleteTopic("yeast-dough", detach=True), writing=EDITING)
    assert change.topics.removed == ("yeast-dough",)
    assert {*change.topics.changed} >= {"croissant", "pizza-dough"}


@pytest.mark.usefixtures("catalogue")
async def test_unknown_slugs_come_with_suggestions_and_their_field(database: Database) -> None:
    writer = GraphWriter(database)
    with pytest.raises(UnknownSlugs) as caught:
        await writer.edit(ChangeTopic("fluor", {"title": "Flour"}), writing=EDITING)
    assert (caught.value.unknown, caught.value.field) == ({"fluor": ["flour"]}, ("slug",))
    with pytest.raises(UnknownSlugs) as caught:
        await writer.edit(requiring("flour", "mixr"), writing=EDITING)
    assert (caught.value.unknown, caught.value.field) == ({"mixr": ["mixer"]}, ("requires",))


@pytest.mark.usefixtures("catalogue")
async def test_a_former_slug_still_means_its_topic_in_files_too(database: Database) -> None:
    writer = GraphWriter(database)
    await writer.edit(RenameTopic("flour", "flour-and-water"), writing=EDITING)
    await writer.edit(RenameRoadmap("baker", "master-baker"), writing=EDITING)
    after = await read_catalogue(database)
    change, revision = await writer.import_documents(DOCUMENTS)
    assert change.empty, "the old files say what is there, by its former names"
    assert revision == 3
    assert await read_catalogue(database) == after
    with pytest.raises(BadInput, match="former slug"):
        await writer.edit(CreateTopic(Topic("flour", "Another")), writing=EDITING)


@pytest.mark.usefixtures("catalogue")
async def test_a_section_of_a_former_slug_is_a_section_of_its_own(database: Database) -> None:
    writer = GraphWriter(database)
    await writer.edit(RenameSection("baker", "basics", "beginnings"), writing=EDITING)
    await writer.edit(DeleteSection("baker", "beginnings", detach=True), writing=EDITING)
    await writer.edit(CreateSection("baker", Section("basics", "Basics")), writing=EDITING)
    rows = await database.read("MATCH (s:Section) RETURN s.id AS id")
    assert len({row["id"] for row in rows}) == len(rows)


async def test_a_write_whose_answer_is_lost_is_found_out(
    empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, lost = Database.write, [True]

    async def losing(self: Database, work: Callable[[Transaction], Any], **options: Any) -> Any:
        answer = await write(self, work, **options)
        if isinstance(answer, Written | bool) and lost and lost.pop(0):
            raise Unavailable("The connection broke after the commit.")
        return answer

    monkeypatch.setattr(Database, "write", losing)
    writer = GraphWriter(empty)
    written = await writer.edit(CreateTopic(Topic("a", "A")), writing=EDITING)
    assert written.revision == 1
    assert (await read_structure(empty)).revision == 1
    lost[:] = [True, True]
    with pytest.raises(Unavailable, match="history will tell"):
        await writer.edit(CreateTopic(Topic("b", "B")), writing=EDITING)


@pytest.mark.parametrize("away", [False, True], ids=["tried again", "away at the next try"])
async def test_a_try_that_was_committed_unheard_is_not_made_again(
    empty: Database, monkeypatch: pytest.MonkeyPatch, away: bool
) -> None:
    """The driver tries again by itself when a connection breaks, also one that breaks during the commit."""
    write, tries = Database.write, [0]

    async def again(self: Database, work: Callable[[Transaction], Any], **options: Any) -> Any:
        answer = await write(self, work, **options)
        if isinstance(answer, Written) and not tries[0]:
            tries[0] += 1
            if away:
                raise Unavailable("The database cannot be reached now.")
            return await write(self, work, **options)
        return answer

    monkeypatch.setattr(Database, "write", again)
    cache = StructureCache(empty, poll=60)
    await cache.current()
    written = await GraphWriter(empty, cache).edit(CreateTopic(Topic("a", "A")), writing=EDITING)
    assert (written.revision, written.change.topics.created) == (1, ("a",))
    assert (await cache.current()).revision == 1
    [[entries]] = await empty.read("MATCH (r:Revision) RETURN count(r)")
    assert entries == 1


async def test_what_a_rolled_back_try_would_have_led_to_is_forgotten(
    database: Database, catalogue: Catalogue, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A try that was rolled back is made again; by then another process has made that change, and more."""
    cache = StructureCache(database, poll=60)
    await cache.current()
    slower = replace(catalogue.topics["flour"], hours=99.0)
    both = Document("x", Roadmap("x", "X"), (Definition(slower), Definition(Topic("z", "Z"))))
    write, tries = Database.write, [0]

    async with connect(settings) as other:

        async def disturbed(self: Database, work: Callable[[Transaction], Any], **options: Any) -> Any:
            async def once_more(transaction: Transaction) -> Any:
                if tries[0] == 1:
                    tries[0] += 1
                    await GraphWriter(other).import_documents([both])
                answer = await work(transaction)
                if isinstance(answer, Written) and not tries[0]:
                    tries[0] += 1
                    raise TransientError("as after a deadlock")
                return answer

            return await write(self, once_more if self is database else work, **options)

        monkeypatch.setattr(Database, "write", disturbed)
        edit = ChangeTopic("flour", {"hours": 99.0})
        written = await GraphWriter(database, cache).edit(edit, writing=EDITING)
    assert (written.change.empty, written.revision) == (True, 2)
    cache.expire()
    assert "z" in (await cache.current()).graph.number
