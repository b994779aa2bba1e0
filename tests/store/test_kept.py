"""What processes keep, through a long run of edits: they answer whatever is asked as if they kept nothing.

One process makes the edits and one follows by the history; each keeps what it reads.
"""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import pytest

from graph_api.errors import RoadmapError
from graph_api.knowledge.edit import (
    ChangeTopic,
    CreateRoadmap,
    CreateSection,
    CreateTopic,
    DeleteRoadmap,
    DeleteTopic,
    MergeTopics,
    PlaceTopic,
    RenameRoadmap,
    RenameTopic,
)
from graph_api.knowledge.model import Recommendation, Requirement, Resource, Roadmap, Section, Topic
from graph_api.store.entities import Entities
from graph_api.store.session import Database
from graph_api.store.writer import read_catalogue
from tests.store.keyed import Keys, answers, present_of, questions, reading
from tests.store.keyed import there as there_are
from tests.store.nodes import section_id, topic_id
from tests.store.processes import Process
from tests.store.test_edits import random_edit


@dataclass
class Ever:
    """The keys of everything that was ever there."""

    topics: set[str] = field(default_factory=set)
    roadmaps: set[str] = field(default_factory=set)
    sections: set[str] = field(default_factory=set)
    slugs: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    async def look(self, database: Database) -> dict[str, list[Any]]:
        """What can be asked, with whatever has come since the last look."""
        keys = await Keys.read(database)
        self.topics |= {*keys.topics.values()}
        self.roadmaps |= {*keys.roadmaps.values()}
        self.sections |= {*keys.sections.values()}
        self.slugs["topics"] |= {*keys.topics}
        self.slugs["roadmaps"] |= {*keys.roadmaps}
        return questions(
            sorted(self.topics),
            sorted(self.roadmaps),
            sorted(self.sections),
            topic_slugs=sorted(self.slugs["topics"]),
            roadmap_slugs=sorted(self.slugs["roadmaps"]),
        )


def part_of(chance: random.Random, asked: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Some of the questions, so that what is kept comes from many requests."""
    return {name: chance.sample(keys, k=chance.randint(0, len(keys))) for name, keys in asked.items()}


async def assert_same_answers(
    chance: random.Random, process: Process, asked: dict[str, list[Any]], because: object
) -> None:
    """Some requests for parts, and at last one for everything, have the answers of who keeps nothing."""
    expected = await answers(present_of(process.database).load, asked)
    for part in (part_of(chance, asked), part_of(chance, asked), asked):
        request = process.request()
        found = await answers(request.reader.load, part)
        for name, keys in part.items():
            assert found[name] == {key: expected[name][key] for key in keys if key in expected[name]}, (
                because,
                name,
            )
        assert await request.end()


@pytest.mark.parametrize(("seed_", "kept", "steps"), [(7, 100_000, 16), (9, 4, 10)])
async def test_through_random_edits_all_answers_are_those_of_who_keeps_nothing(
    here: Process, there: Process, seed_: int, kept: int, steps: int
) -> None:
    chance, ever, made = random.Random(seed_), Ever(), 0
    processes = [Process(each.database, each.structures, _kept(each, kept)) for each in (here, there)]
    eras = [each.structures.touches.era for each in processes]
    for step in range(steps):
        edit = random_edit(chance, await read_catalogue(here.database), step)
        before = here.structures.revision
        try:
            await here.edit(edit)
        except RoadmapError:
            continue
        made += here.structures.revision > before
        asked = await ever.look(here.database)
        for process in processes:
            await assert_same_answers(chance, process, asked, edit)
    assert made >= steps // 3
    assert [each.structures.touches.era for each in processes] == eras, "neither has ever begun anew"


def _kept(process: Process, kept: int) -> Entities:
    return Entities(process.structures.touches, kept=kept)


async def test_a_second_request_reads_nothing(here: Process) -> None:
    asked = await Ever().look(here.database)
    del asked["content_by_slug"]  # it is large, and not kept
    there = {name: [key for key in keys if "nobody" not in str(key)] for name, keys in asked.items()}
    first = await answers(here.request().reader.load, there)
    for _ in range(2):
        request = here.request()
        assert await answers(request.reader.load, there) == first
        assert await request.end()
    await here.structures.current()
    before = here.database.statements
    request = here.request()
    await request.snapshot.structure()
    looked = here.database.statements
    assert looked - before == 1, "the clock, at the beginning"
    assert await answers(request.reader.load, there) == first
    assert await request.end()
    assert here.database.statements == looked, "and not at the end, as nothing was read"


async def warm(process: Process) -> None:
    """Let a process keep all that there is."""
    request = process.request()
    await answers(request.reader.load, await Ever().look(process.database))
    assert await request.end()


SAID = ("topic_by_id", "requirements_by_topic", "recommendations_by_topic", "resources_by_topic")
PIZZA, FLOUR, DOUGH = topic_id("pizza-dough"), topic_id("flour"), topic_id("yeast-dough")


async def test_what_a_write_has_made_of_topics_need_not_be_read(here: Process, there: Process) -> None:
    await warm(here)
    await warm(there)
    for edit in (
        ChangeTopic("flour", {"summary": "Of wheat.", "hours": 3.5, "tags": ("grain",)}),
        ChangeTopic("pizza-dough", {"resources": (Resource("https://new.example/", "New", "book"),)}),
        ChangeTopic("pizza-dough", {"requires": (Requirement(("mixer", "flour"), reason="By either."),)}),
        ChangeTopic("pizza-dough", {"recommends": (Recommendation("weighing", "It is quicker."),)}),
        RenameTopic("yeast-dough", "raised-dough"),
    ):
        await here.edit(edit)
        for process in (here, there):
            request = process.request()
            await request.snapshot.structure()
            before = process.database.statements
            found = [await request.ask(name, PIZZA, FLOUR, DOUGH) for name in SAID]
            assert process.database.statements == before, edit
            fresh = present_of(process.database)
            assert found == [
                there_are((PIZZA, FLOUR, DOUGH), await fresh.load(reading(name), (PIZZA, FLOUR, DOUGH)))
                for name in SAID
            ]


async def test_a_renamed_topic_has_its_new_name_wherever_it_is_named(here: Process, there: Process) -> None:
    await warm(here)
    await warm(there)
    await here.edit(RenameTopic("yeast-dough", "raised-dough"))
    for process in (here, there):
        [groups] = (await process.ask("requirements_by_topic", PIZZA)).values()
        assert [topic.slug for group in groups for topic in group.of] == ["raised-dough"]
        named = await process.ask("topic_by_slug", "yeast-dough", "raised-dough")
        assert {name: node.slug for name, node in named.items()} == dict.fromkeys(
            ("yeast-dough", "raised-dough"), "raised-dough"
        )


async def test_the_members_of_a_requirement_are_sorted_by_their_new_names(
    here: Process, there: Process
) -> None:
    await warm(here)
    await warm(there)
    await here.edit(RenameTopic("hand-kneading", "sweat"))
    for process in (here, there):
        [groups] = (await process.ask("requirements_by_topic", DOUGH)).values()
        assert ["mixer", "sweat"] in [[topic.slug for topic in group.of] for group in groups]


async def test_a_merged_topic_is_the_other_one_by_its_name_and_nothing_by_its_id(
    here: Process, there: Process
) -> None:
    await warm(here)
    await warm(there)
    await here.edit(MergeTopics("mixer", "hand-kneading"))
    for process in (here, there):
        assert await process.ask("topic_by_id", topic_id("mixer")) == {}
        [node] = (await process.ask("topic_by_slug", "mixer")).values()
        assert node.id == topic_id("hand-kneading")
        [part] = (await process.ask("topic_count_by_section", section_id("baker", "basics"))).values()
        assert part == 3


async def test_a_deleted_topic_is_gone_and_one_of_the_same_name_is_another(
    here: Process, there: Process
) -> None:
    await warm(here)
    await warm(there)
    sauce = topic_id("tomato-sauce")
    await here.edit(DeleteTopic("tomato-sauce", detach=True))
    for process in (here, there):
        assert await process.ask("topic_by_id", sauce) == await process.ask("topic_by_slug", "tomato-sauce")
        assert await process.ask("topic_by_id", sauce) == {}
    await here.edit(CreateTopic(Topic("tomato-sauce", "Sugo")))
    for process in (here, there):
        [node] = (await process.ask("topic_by_slug", "tomato-sauce")).values()
        assert node.title == "Sugo"
        assert await process.ask("placements_by_topic", node.id) == {node.id: []}


async def test_a_section_of_a_deleted_roadmap_is_gone_and_comes_back_with_it(
    here: Process, there: Process
) -> None:
    await warm(here)
    await warm(there)
    forno = section_id("pizzaiolo", "forno")
    await here.edit(DeleteRoadmap("pizzaiolo"))
    for process in (here, there):
        assert await process.ask("section_by_id", forno) == {}
        assert await process.ask("topic_count_by_section", forno) == {}
    again = (CreateRoadmap(Roadmap("pizzaiolo", "Again")), CreateSection("pizzaiolo", Section("forno", "F")))
    await here.edit(*again)
    for process in (here, there):
        [node] = (await process.ask("section_by_id", forno)).values()
        assert node.title == "F"


async def test_a_roadmap_that_comes_places_topics_that_were_not_touched(
    here: Process, there: Process
) -> None:
    await warm(here)
    await warm(there)
    await here.edit(
        CreateRoadmap(Roadmap("another", "Another")),
        CreateSection("another", Section("part", "Part")),
        PlaceTopic("flour", "another", "part"),
    )
    for process in (here, there):
        [places] = (await process.ask("placements_by_topic", FLOUR)).values()
        assert [place.section_id for place in places] == [
            section_id("another", "part"),
            section_id("baker", "basics"),
            section_id("pizzaiolo", "impasto"),
        ]
    await here.edit(RenameRoadmap("another", "zzz"))
    for process in (here, there):
        [places] = (await process.ask("placements_by_topic", FLOUR)).values()
        assert places[-1].section_id == section_id("another", "part"), "by the new slug of the roadmap"
