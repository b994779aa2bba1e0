"""The reads of a request by key, over the worked example: what is known is composed, what lacks is read."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import product
from typing import Any

import pytest

from graph_api.errors import Unavailable
from graph_api.store.fetcher import Fetcher
from graph_api.store.nodes import PlacedTopic, PlacementNode, RecommendationNode, RequirementNode
from graph_api.store.page import Page, Slice
from graph_api.store.present_reader import PresentReader
from graph_api.store.session import Database
from tests.example import CATALOGUE
from tests.store.keyed import PAGES, answers, present_of, questions, reading, there
from tests.store.nodes import (
    ALL,
    BAKER,
    PIZZAIOLO,
    placed,
    roadmap,
    section,
    section_id,
    topic,
    topic_id,
    values,
    walk,
)

pytestmark = pytest.mark.usefixtures("catalogue")


@pytest.fixture
def reader(database: Database) -> PresentReader:
    return present_of(database)


async def load(reader: PresentReader, name: str, *keys: Any) -> dict[Any, Any]:
    return there(keys, await reader.load(reading(name), keys))


async def test_roadmaps_are_found_by_slug_and_by_id(reader: PresentReader) -> None:
    assert roadmap("pizzaiolo").language == "it"
    found = await load(reader, "roadmap_by_slug", "pizzaiolo", "nobody", "Baker")
    assert found == {"pizzaiolo": roadmap("pizzaiolo")}
    by_id = await load(reader, "roadmap_by_id", PIZZAIOLO, BAKER, "nobody")
    assert by_id == {PIZZAIOLO: roadmap("pizzaiolo"), BAKER: roadmap("baker")}


async def test_sections_are_found_by_id_with_their_place(reader: PresentReader) -> None:
    key = section_id("baker", "mastery")
    assert await load(reader, "section_by_id", key, "nobody") == {key: section("baker", "mastery")}
    assert section("baker", "mastery").optional
    assert section("baker", "mastery").position == 2


async def test_the_sections_of_a_roadmap_are_in_order(reader: PresentReader) -> None:
    assert await load(reader, "sections_by_roadmap", BAKER, PIZZAIOLO, "nobody") == {
        BAKER: [section("baker", slug) for slug in ("basics", "doughs", "mastery")],
        PIZZAIOLO: [section("pizzaiolo", slug) for slug in ("impasto", "forno")],
    }


async def test_topics_and_what_is_said_of_them(reader: PresentReader) -> None:
    """The values of the reader of the graph, put together of what refers to others by id."""
    every = [topic_id(slug) for slug in CATALOGUE.topics]
    assert await load(reader, "topic_by_id", *every) == {key.id: key for key in map(topic, CATALOGUE.topics)}
    assert await load(reader, "requirements_by_topic", *every) == {
        topic_id(slug): [
            RequirementNode(group.need, tuple(map(topic, group.of)), group.reason) for group in said.requires
        ]
        for slug, said in CATALOGUE.topics.items()
    }
    assert await load(reader, "recommendations_by_topic", *every) == {
        topic_id(slug): [RecommendationNode(topic(each.topic), each.reason) for each in said.recommends]
        for slug, said in CATALOGUE.topics.items()
    }
    content = await load(reader, "content_by_slug", *CATALOGUE.topics)
    assert content == dict(CATALOGUE.topics)
    [flour, _] = [*(await load(reader, "resources_by_topic", topic_id("flour"), every[-1])).values()]
    assert [each.url for each in flour] == [each.url for each in CATALOGUE.topics["flour"].resources]
    assert await load(reader, "placements_by_topic", topic_id("wild-yeast")) == {
        topic_id("wild-yeast"): [
            PlacementNode(BAKER, section_id("baker", "doughs"), 1, False),
            PlacementNode(PIZZAIOLO, section_id("pizzaiolo", "impasto"), 3, True),
        ]
    }


async def test_each_section_gives_a_page_of_its_topics(reader: PresentReader) -> None:
    basics, forno = section_id("baker", "basics"), section_id("pizzaiolo", "forno")
    page = Page(size=2)
    found = await load(reader, "topics_by_section", (basics, page), (forno, page), ("nobody", page))
    assert found.pop(("nobody", page)) == Slice()
    assert found.keys() == {(basics, page), (forno, page)}
    assert [at.topic.slug for at in values(found[basics, page])] == ["flour", "weighing"]
    assert [at.topic.slug for at in values(found[forno, page])] == ["tomato-sauce", "wood-fired-oven"]
    assert found[basics, page].has_next
    assert not found[forno, page].has_next


@pytest.mark.parametrize(("size", "backward"), [*product([2, ALL], [False, True])])
async def test_walking_a_section_gives_all_its_topics_once(
    reader: PresentReader, size: int, backward: bool
) -> None:
    key = section_id("pizzaiolo", "impasto")

    async def read(page: Page) -> Slice[PlacedTopic]:
        found: Slice[PlacedTopic] = (await load(reader, "topics_by_section", (key, page)))[key, page]
        return found

    seen = await walk(read, size=size, shape=(int,), backward=backward)
    assert [at.topic.slug for at in seen] == ["flour", "weighing", "yeast-dough", "wild-yeast", "pizza-dough"]
    assert [at.position for at in seen] == [at.place for at in seen] == [0, 1, 2, 3, 4]
    assert [at.optional for at in seen] == [False, False, False, True, False]


async def page_of(reader: PresentReader, page: Page, optional: bool | None) -> Slice[PlacedTopic]:
    """A page of the baker."""
    asked = BAKER, (page, optional)
    found: Slice[PlacedTopic] = (await load(reader, "topics_by_roadmap", asked))[asked]
    return found


@pytest.mark.parametrize("optional", [None, True, False])
@pytest.mark.parametrize(("size", "backward"), [*product([4], [False, True])])
async def test_walking_a_roadmap_gives_what_is_wanted_of_it_once(
    reader: PresentReader, optional: bool | None, size: int, backward: bool
) -> None:
    seen = await walk(
        lambda page: page_of(reader, page, optional), size=size, shape=(int,), backward=backward
    )
    assert seen == [at for at in placed("baker") if optional in (None, at.optional)]


async def test_a_page_of_a_roadmap_lies_strictly_between_both_bounds(reader: PresentReader) -> None:
    whole = placed("baker")
    for low, high in product(range(len(whole)), repeat=2):
        bounds = (whole[low].place,), (whole[high].place,)
        inside = whole[low + 1 : high]
        for backward in (False, True):
            page = Page(size=2, after=bounds[0], before=bounds[1], backward=backward)
            found = await page_of(reader, page, None)
            assert values(found) == (inside[-2:] if backward else inside[:2])


async def test_topics_of_sections_and_roadmaps_are_counted(reader: PresentReader) -> None:
    basics, mastery = section_id("baker", "basics"), section_id("baker", "mastery")
    assert await load(reader, "topic_count_by_section", basics, mastery, "nobody") == {basics: 4, mastery: 2}
    asked = [*product([BAKER, PIZZAIOLO], [None, True, False])]
    found = await load(reader, "topic_count_by_roadmap", *asked)
    assert [found[key] for key in asked] == [9, 3, 6, 7, 1, 6]


STATEMENTS = {
    "roadmap_by_slug": 1,
    "roadmap_by_id": 1,
    "section_by_id": 1,
    "topic_by_slug": 1,
    "neighbour_by_slug": 1,
    "topic_by_id": 1,
    "content_by_slug": 1,
    "sections_by_roadmap": 1,
    "requirements_by_topic": 1,
    "recommendations_by_topic": 1,
    "resources_by_topic": 1,
    "placements_by_topic": 1,
    "topics_by_section": 2,
    "topics_by_roadmap": 2,
    "topic_count_by_section": 1,
    "topic_count_by_roadmap": 1,
}
"""How many statements any number of keys cost, at the most, one who knows nothing: those that name topics
read these too."""


def everything() -> dict[str, list[Any]]:
    sections = [
        section_id(of, each.slug) for of, said in CATALOGUE.roadmaps.items() for each in said.sections
    ]
    return questions(
        map(topic_id, CATALOGUE.topics),
        [BAKER, PIZZAIOLO],
        sections,
        topic_slugs=CATALOGUE.topics,
        roadmap_slugs=CATALOGUE.roadmaps,
    )


@pytest.mark.parametrize("name", STATEMENTS)
async def test_any_number_of_keys_costs_a_few_statements_and_then_none(database: Database, name: str) -> None:
    worst = 0
    for keys in (everything()[name], everything()[name][-2:]):
        reader = present_of(database)
        await reader.load(reading("topic_by_id"), [])  # chooses the revision
        before = database.statements
        said = await reader.load(reading(name), keys)
        cost = database.statements - before
        worst = max(worst, cost)
        assert await reader.load(reading(name), keys) == said
        assert database.statements - before == cost
    assert worst == STATEMENTS[name]


@pytest.mark.parametrize("name", STATEMENTS)
async def test_unknown_keys_cost_one_statement_and_have_nothing(database: Database, name: str) -> None:
    reader = present_of(database)
    await reader.load(reading("topic_by_id"), [])
    odd: Sequence[str] = ["", "nobody", "\x00", "🥐" * 1000, *map(str, range(1000))]
    keys: dict[str, list[Any]] = {
        "topics_by_section": [(key, PAGES[0][0]) for key in odd],
        "topics_by_roadmap": [(key, PAGES[0]) for key in odd],
        "topic_count_by_roadmap": [(key, None) for key in odd],
    }
    before = database.statements
    assert await answers(reader.load, {name: keys.get(name, [*odd])}) == {name: {}}
    assert database.statements - before == 1


async def test_what_one_load_reads_others_of_the_request_wait_for(
    database: Database, reader: PresentReader
) -> None:
    await load(reader, "topic_by_slug", "flour")
    before = database.statements
    oven, dough = topic_id("wood-fired-oven"), topic_id("yeast-dough")
    one, both = await asyncio.gather(
        load(reader, "topic_by_id", dough), load(reader, "topic_by_id", oven, dough)
    )
    assert both == {oven: topic("wood-fired-oven"), **one}
    assert one == {dough: topic("yeast-dough")}
    assert database.statements - before == 2, "one for each key, and none twice"


async def test_who_waits_for_a_read_that_fails_reads_for_itself(
    reader: PresentReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried, fetch = [], Fetcher._fetch

    async def failing_at_first(self: Fetcher, table: str, keys: list[str]) -> None:
        tried.append(keys)
        await asyncio.sleep(0)
        if len(tried) == 1:
            raise Unavailable("away")
        await fetch(self, table, keys)

    monkeypatch.setattr(Fetcher, "_fetch", failing_at_first)
    dough = topic_id("yeast-dough")
    found = await asyncio.gather(
        load(reader, "topic_by_id", dough), load(reader, "topic_by_id", dough), return_exceptions=True
    )
    assert isinstance(found[0], Unavailable)
    assert found[1] == {dough: topic("yeast-dough")}
    assert tried == [[dough], [dough]]


async def test_who_waits_for_a_read_and_leaves_does_not_end_it(reader: PresentReader) -> None:
    await load(reader, "topic_by_slug", "flour")  # from now on the revision is chosen
    dough = topic_id("yeast-dough")
    first = asyncio.create_task(load(reader, "topic_by_id", dough))
    second = asyncio.create_task(load(reader, "topic_by_id", dough))
    await asyncio.sleep(0)
    second.cancel()
    assert await first == {dough: topic("yeast-dough")}
    with pytest.raises(asyncio.CancelledError):
        await second
