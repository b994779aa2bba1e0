"""Old revisions: what is read from the history is what was there, for every read that takes keys."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final

import pytest

from graph_api.app import connect
from graph_api.errors import BadInput, NotFound
from graph_api.knowledge.edit import (
    ChangeTopic,
    CreateRoadmap,
    CreateTopic,
    DeleteRoadmap,
    DeleteSection,
    DeleteTopic,
    Edit,
    MergeTopics,
    OrderSections,
    PlaceTopic,
    RenameRoadmap,
    RenameSection,
    RenameTopic,
)
from graph_api.knowledge.model import (
    Aliases,
    Catalogue,
    Recommendation,
    Requirement,
    Resource,
    Roadmap,
    Topic,
)
from graph_api.settings import Settings
from graph_api.store import past
from graph_api.store.entries import EntryReader
from graph_api.store.moment import at, split
from graph_api.store.page import Slice
from graph_api.store.past import Archive, read_past, section_key
from graph_api.store.past_reader import PastReader
from graph_api.store.session import Database
from graph_api.store.snapshot import Snapshot, undisturbed
from graph_api.store.structure_cache import StructureCache
from graph_api.store.time_reader import TimeReader
from graph_api.store.writer import GraphWriter, Writing, read_catalogue
from tests.conftest import seed, wipe
from tests.example import DOCUMENTS
from tests.store.keyed import Keys, Load, answers, load_of, present_of, questions, reading, there

EDITS: Final[Sequence[Edit]] = (
    ChangeTopic("sourdough-bread", {"requires": (Requirement(("flour",)),), "recommends": ()}),
    ChangeTopic("flour", {"hours": 3.5, "resources": (Resource("https://example.org/a", "A"),), "tags": ()}),
    RenameTopic("yeast-dough", "raised-dough"),
    PlaceTopic("hygiene", "pizzaiolo", "forno", position=0, optional=True),
    RenameSection("baker", "doughs", "leaven"),
    MergeTopics("mixer", "hand-kneading"),
    RenameRoadmap("baker", "bakery"),
    DeleteTopic("tomato-sauce"),
    OrderSections("bakery", ("mastery", "leaven", "basics")),
    DeleteSection("bakery", "mastery", detach=True),
    RenameTopic("raised-dough", "yeast-dough"),
    DeleteRoadmap("bakery"),
    CreateTopic(Topic("tomato-sauce", "Another", recommends=(Recommendation("flour", "Thickens."),))),
    CreateRoadmap(Roadmap("baker", "Another baker")),
)
WRITING: Final = Writing(by="ada", action="test")


async def said(load: Load, keys: Keys) -> dict[str, dict[Any, Any]]:
    """All that a reader says about these keys, and about one that names nothing."""
    topics, roadmaps, sections = (of.values() for of in (keys.topics, keys.roadmaps, keys.sections))
    asked = questions(topics, roadmaps, sections, topic_slugs=keys.topics, roadmap_slugs=keys.roadmaps)
    return await answers(load, asked)


def plain(value: Any, keys: Keys) -> Any:
    """An answer as plain values, its keys of the past those of the present."""
    own = {section_key(keys.roadmaps[of], slug): key for (of, slug), key in keys.sections.items()}
    if isinstance(value, Slice):
        return tuple(plain(each, keys) for each in (value.entries, value.has_previous, value.has_next))
    if is_dataclass(value):
        return tuple((each.name, plain(getattr(value, each.name), keys)) for each in fields(value))
    if isinstance(value, Mapping):
        return {plain(key, keys): plain(each, keys) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return tuple(plain(each, keys) for each in value)
    if isinstance(value, str):
        bare, _ = split(value)
        return own.get(bare, bare)
    return value


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    async with connect(settings) as database:
        yield database


@pytest.fixture
async def edited(database: Database) -> Database:
    """The worked example, and four edits; a test that changes it wipes it."""
    [[held]] = await database.read(
        "MATCH (c:Catalogue) RETURN c.revision = 5 AND coalesce(c.content, '') = 'past example' AS held"
    )
    if held:
        return database
    await seed(database, DOCUMENTS, name="example")
    writer = GraphWriter(database)
    for edit in EDITS[:4]:
        await writer.edit(edit, writing=WRITING)
    await database.write(lambda t: t.run("MATCH (c:Catalogue) SET c.content = 'past example'"))
    return database


async def test_the_past_answers_as_the_graph_did_at_each_revision(database: Database) -> None:
    await wipe(database)
    writer = GraphWriter(database)
    snapshots: list[tuple[int, Keys, dict[str, Any], Catalogue]] = []

    async def look(revision: int) -> None:
        keys = await Keys.read(database)
        now = await said(present_of(database).load, keys)
        snapshots.append((revision, keys, now, await read_catalogue(database)))

    await look(0)
    _, first = await writer.import_documents(DOCUMENTS)
    await look(first)
    for edit in EDITS:
        _, revision = await writer.edit(edit, writing=WRITING)
        if revision % 2 or revision == len(EDITS) + 1:
            await look(revision)
    archive = Archive(database)
    for revision, keys, now, content in snapshots:
        then, names = await archive.at(revision)
        found = await said(load_of(PastReader(then, names)), keys.of_the_past())
        for read, answer in found.items():
            assert plain(answer, keys) == plain(now[read], keys), (revision, read)
        assert Catalogue(then.topics, then.roadmaps) == replace(content, aliases=Aliases())
        assert then.structure.graph.slugs == tuple(sorted(content.topics))


async def test_keys_of_several_times_are_read_together(edited: Database) -> None:
    time = TimeReader(present_of(edited), Archive(edited), EntryReader(edited))
    flour = (await Keys.read(edited)).topics["flour"]
    asked = [flour, at(flour, 1), at("nobody", 1), at(flour, 0), at(flour, 99), "nobody", f"{flour}@x"]
    found = there(asked, await time.load(reading("topic_by_id"), asked))
    assert {key: (node.id, node.hours) for key, node in found.items()} == {
        flour: (flour, 3.5),
        at(flour, 1): (at(flour, 1), 2),
    }


async def test_a_name_of_now_or_a_former_one_names_what_it_was(edited: Database) -> None:
    by_slug = reading("topic_by_slug")
    reader = load_of(PastReader(*await Archive(edited).at(2)))
    asked = ["yeast-dough", "raised-dough", "flour", "nobody", ""]
    found = there(asked, await reader(by_slug, asked))
    assert {name: node.slug for name, node in found.items()} == {
        "yeast-dough": "yeast-dough",
        "raised-dough": "yeast-dough",
        "flour": "flour",
    }
    after = load_of(PastReader(*await Archive(edited).at(4)))
    assert {node.slug for node in await after(by_slug, ["yeast-dough", "raised-dough"])} == {"raised-dough"}


async def test_an_old_revision_is_read_once_and_the_two_last_ones_are_kept(edited: Database) -> None:
    archive = Archive(edited)
    await asyncio.gather(*(archive.at(1) for _ in range(5)))
    before = edited.statements
    first, _ = await archive.at(1)
    assert edited.statements - before == 1
    assert (await archive.at(2))[0] is not first
    assert (await archive.at(1))[0] is first
    await archive.at(3)
    assert (await archive.at(1))[0] is first
    await archive.at(2)
    await archive.at(3)
    assert (await archive.at(1))[0] is not first


async def test_nobody_waits_for_long_for_one_whose_reading_hangs(
    edited: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past, "PATIENCE", 0.05)
    archive = Archive(edited)
    hangs, ends = asyncio.Event(), asyncio.Event()
    real = past.read_past

    async def hang(database: Database, revision: int) -> past.Past:
        hangs.set()
        await ends.wait()
        return await real(database, revision)

    monkeypatch.setattr(past, "read_past", hang)
    first = asyncio.create_task(archive.at(1))
    await hangs.wait()
    monkeypatch.setattr(past, "read_past", real)
    assert (await archive.at(1))[0].revision == 1
    ends.set()
    assert (await first)[0].revision == 1


async def test_the_past_can_be_read_by_whoever_keeps_writers_out(edited: Database) -> None:
    async def work(_: Snapshot) -> int:
        return (await Archive(edited).at(1))[0].revision

    assert await undisturbed(edited, StructureCache(edited), work) == 1


async def test_what_is_kept_follows_the_names_of_now_and_a_history_that_is_another_one(
    edited: Database,
) -> None:
    archive = Archive(edited)
    await archive.at(1)
    await GraphWriter(edited).edit(RenameTopic("flour", "meal"), writing=WRITING)
    [node] = PastReader(*await archive.at(1)).topic_by_slug(["meal"], {})
    assert node is not None
    assert node.slug == "flour"
    assert [*(await archive.at(1))[0].roadmaps] == ["baker", "pizzaiolo"]
    await wipe(edited)
    for slug in ("one", "other"):
        await GraphWriter(edited).edit(CreateRoadmap(Roadmap(slug, slug)), writing=WRITING)
    assert [*(await archive.at(1))[0].roadmaps] == ["one"]


async def test_a_revision_to_come_is_no_revision_and_one_before_the_history_cannot_be_read(
    edited: Database,
) -> None:
    archive = Archive(edited)
    for revision in (-1, 6):
        with pytest.raises(BadInput, match="There is no revision"):
            await archive.at(revision)
        with pytest.raises(BadInput, match="there are 0 to 5"):
            await read_past(edited, revision)
    assert (await archive.at(None))[0].revision == (await archive.at(5))[0].revision == 5
    assert not (await archive.at(0))[0].topics
    await edited.write(lambda t: t.run("MATCH (r:Revision) WHERE r.number < 3 DETACH DELETE r"))
    assert (await read_past(edited, 2)).revision == 2
    with pytest.raises(NotFound, match="begins at revision 2"):
        await read_past(edited, 1)
    await edited.write(lambda t: t.run("MATCH (r:Revision) DETACH DELETE r"))
    assert (await read_past(edited, 5)).revision == 5
    with pytest.raises(NotFound, match="begins at revision 5"):
        await read_past(edited, 4)
    await wipe(edited)


@pytest.mark.parametrize(
    ("key", "parts"),
    [
        ("a", ("a", None)),
        ("a@3", ("a", 3)),
        ("a/b@0", ("a/b", 0)),
        ("a@b", ("a@b", None)),
        ("@3", ("@3", None)),
        ("a@", ("a@", None)),
        ("a@3@4", ("a@3", 4)),
        ("a@" + "9" * 400, ("a@" + "9" * 400, None)),
    ],
)
def test_a_key_of_the_past_says_its_revision(key: str, parts: tuple[str, int | None]) -> None:
    assert split(key) == parts
    assert at(*parts) == key
