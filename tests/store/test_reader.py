"""Every read, over the worked example: values, what is not there, pages, orders and filters."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from itertools import product
from typing import Any, TypeVar

import pytest

from graph_api.knowledge.edit import CreateRoadmap, CreateSection, CreateTopic
from graph_api.knowledge.model import Catalogue, Requirement, Roadmap, Section, Topic
from graph_api.store.cypher import reads
from graph_api.store.nodes import (
    BESIDE,
    Advice,
    Along,
    Beside,
    Counts,
    Need,
    Outline,
    PlacementNode,
    ResourceNode,
    TopicNode,
    Topics,
)
from graph_api.store.page import Field, Order, Page, Slice
from graph_api.store.reader import GraphReader, TopicFilter
from graph_api.store.session import Database
from graph_api.store.writer import GraphWriter, Writing
from tests.example import CATALOGUE
from tests.store.nodes import (
    ALL,
    BAKER,
    PIZZAIOLO,
    outline,
    section_id,
    topic,
    topic_id,
    values,
    walk,
)
from tests.store.nodes import placed as placed_in

T = TypeVar("T")

pytestmark = pytest.mark.usefixtures("catalogue")


@pytest.fixture
def reader(database: Database) -> GraphReader:
    return GraphReader(database)


def slugs(part: Slice[TopicNode]) -> list[str]:
    return [node.slug for node in values(part)]


async def test_outlines_are_found_by_slug_by_id_and_by_the_ids_of_sections(reader: GraphReader) -> None:
    assert await reader.outlines_by_slug(["pizzaiolo", "nobody", "Baker"]) == {
        "pizzaiolo": outline("pizzaiolo")
    }
    both = {BAKER: outline("baker"), PIZZAIOLO: outline("pizzaiolo")}
    found = await reader.outlines_by_id([PIZZAIOLO, BAKER, "nobody"])
    assert found == both
    assert found[PIZZAIOLO].roadmap.language == "it"
    mastery, forno = section_id("baker", "mastery"), section_id("pizzaiolo", "forno")
    assert await reader.outlines_by_section([mastery, forno, "nobody"]) == {
        mastery: both[BAKER],
        forno: both[PIZZAIOLO],
    }


async def test_an_outline_has_its_sections_and_places_in_order(reader: GraphReader) -> None:
    found = (await reader.outlines_by_id([BAKER]))[BAKER]
    assert [*found.sections] == [section_id("baker", slug) for slug in ("basics", "doughs", "mastery")]
    assert [*found.places] == [*found.sections]
    mastery = found.sections[section_id("baker", "mastery")]
    assert (mastery.position, mastery.optional) == (2, True)
    assert [at.topic for at in found.places[mastery.id]] == [topic_id("croissant"), topic_id("night-shift")]
    assert all(at.optional for at in found.places[mastery.id]), "as the whole section is"
    everything = [at for places in found.places.values() for at in places]
    assert [at.place for at in everything] == sorted(at.place for at in everything)


async def test_a_roadmap_without_sections_and_a_section_without_topics_have_empty_outlines(
    empty: Database,
) -> None:
    writer, writing = GraphWriter(empty), Writing(by="ada", action="test")
    await writer.edit(CreateRoadmap(Roadmap("bare", "Bare")), writing=writing)
    reader = GraphReader(empty)
    bare = (await reader.outlines_by_slug(["bare"]))["bare"]
    assert (dict(bare.sections), dict(bare.places)) == ({}, {})
    await writer.edit(CreateSection("bare", Section("part", "Part")), writing=writing)
    [(key, places)] = (await reader.outlines_by_slug(["bare"]))["bare"].places.items()
    assert (key, tuple(places)) == (section_id("bare", "part"), ())


async def test_topics_are_found_by_slug_and_by_id(reader: GraphReader, catalogue: Catalogue) -> None:
    by_slug = await reader.topics_by_slug([*catalogue.topics, "nobody", ""])
    assert [*by_slug.found] == [topic(slug) for slug in catalogue.topics]
    found = {each.slug: each for each in by_slug.found}
    assert found["wood-fired-oven"].hours is None
    assert found["croissant"].title == "Croissant 🥐"
    by_id = await reader.topics_by_id([*map(topic_id, catalogue.topics), "nobody"])
    assert by_id.found == by_slug.found


@pytest.mark.parametrize("along", Along)
async def test_what_comes_along_with_topics_is_the_same_however_they_are_found(
    reader: GraphReader, along: Along
) -> None:
    asked = ["night-shift", "croissant"]
    ids = [*map(topic_id, asked)]
    ways = []
    if along in reads.TOPICS_BY_SLUG:
        ways.append(await reader.topics_by_slug(asked, along))
    if along in reads.TOPICS_BY_ID:
        ways.append(await reader.topics_by_id(ids, along))
    for topics in ways:
        assert topics.found == [*map(topic, asked)]
        near = {of for slug in asked for group in CATALOGUE.topics[slug].requires for of in group.of}
        assert {each.id: each for each in topics.near} == (
            {topic_id(slug): topic(slug) for slug in near} if along.near else {}
        )
        assert topics.needs == ({topic_id(slug): needs(slug) for slug in asked} if along.needs else {})
    assert ways


@pytest.mark.parametrize("along", [Along.NOTHING, Along.BOTH])
async def test_topics_come_with_the_outlines_that_place_them(reader: GraphReader, along: Along) -> None:
    beyond = ["flour", "nobody"]
    outlines, topics = await reader.outlines_with_topics(["baker", "nobody"], beyond, needs=along.needs)
    placed = await reader.topics_by_id([at.topic.id for at in placed_in("baker")], along)
    assert outlines == {"baker": outline("baker")}
    assert (topics.found, topics.needs) == (placed.found, placed.needs)
    assert [each.slug for each in topics.near] == ["flour"]


def needs(slug: str) -> tuple[Need, ...]:
    """What the authors of the example say that a topic requires."""
    return tuple(
        Need(group.need, tuple(map(topic_id, group.of)), group.reason)
        for group in CATALOGUE.topics[slug].requires
    )


async def test_topics_come_with_their_requirements_as_groups_whose_members_are_sorted(
    reader: GraphReader,
) -> None:
    topics = await reader.topics_by_slug([*CATALOGUE.topics], Along.NEEDS)
    assert topics.needs == {topic_id(slug): needs(slug) for slug in CATALOGUE.topics}
    [hygiene, two] = sorted(topics.needs[topic_id("night-shift")], key=lambda group: group.need)
    assert hygiene.of == (topic_id("hygiene"),)
    assert two.need == 2
    assert two.of == tuple(map(topic_id, ("croissant", "pizza-dough", "sourdough-bread")))


async def test_groups_that_only_differ_in_their_number_stay_apart(empty: Database) -> None:
    writer, writing = GraphWriter(empty), Writing(by="ada", action="test")
    for slug in ("a", "b", "c"):
        await writer.edit(CreateTopic(Topic(slug, slug)), writing=writing)
    each = tuple(Requirement((slug,)) for slug in ("c", "a", "b"))
    await writer.edit(CreateTopic(Topic("d", "d", requires=each)), writing=writing)
    [found] = (await GraphReader(empty).topics_by_slug(["d"], Along.NEEDS)).needs.values()
    assert sorted(found) == sorted(Need(1, (topic_id(slug),), "") for slug in ("a", "b", "c"))


async def beside(
    reader: GraphReader, kind: str, *slugs: str
) -> tuple[Mapping[str, Sequence[Any]], Sequence[TopicNode]]:
    """What stands beside topics of this kind: the same by itself and among all kinds."""
    keys = [*map(topic_id, slugs), "nobody"]
    alone = await reader.beside_topics(keys, [kind])
    every = await reader.beside_topics(keys, BESIDE)
    assert alone.tables == {kind: every.tables[kind]}
    return every.tables[kind], every.near


async def test_recommendations_come_with_their_reasons(reader: GraphReader) -> None:
    found, near = await beside(reader, "recommendations", *CATALOGUE.topics)
    assert {key: advices for key, advices in found.items() if advices} == {
        topic_id("sourdough-bread"): (
            Advice(
                topic_id("yeast-dough"),
                "A dough that rises on time teaches patience for one that does not.",
            ),
        ),
        topic_id("pizza-dough"): (Advice(topic_id("wild-yeast"), ""),),
    }
    assert "nobody" not in found
    assert sorted(topic.slug for topic in near) == ["wild-yeast", "yeast-dough"]


async def test_resources_are_in_the_order_of_their_author(reader: GraphReader) -> None:
    found, _ = await beside(reader, "resources", "flour", "weighing")
    assert {key: resources for key, resources in found.items() if resources} == {
        topic_id("flour"): [
            ResourceNode(
                "https://www.fao.org/fao-who-codexalimentarius/", "Codex standard for wheat flour", "spec"
            ),
            ResourceNode("https://example.org/flour", "On Flour", "article"),
        ]
    }


async def test_placements_say_where_a_topic_is_optional(reader: GraphReader) -> None:
    found, _ = await beside(reader, "placements", "wild-yeast", "croissant", "hygiene")
    assert {key: placements for key, placements in found.items() if placements} == {
        topic_id("wild-yeast"): [
            PlacementNode(BAKER, section_id("baker", "doughs"), 1, False),
            PlacementNode(PIZZAIOLO, section_id("pizzaiolo", "impasto"), 3, True),
        ],
        topic_id("croissant"): [PlacementNode(BAKER, section_id("baker", "mastery"), 0, True)],
    }


ROADMAP_FIELDS: tuple[Field, ...] = ("SLUG", "TITLE")
TOPIC_FIELDS: tuple[Field, ...] = ("SLUG", "TITLE", "HOURS")


def sort_key(field: Field) -> Callable[[TopicNode], tuple[Any, str]]:
    """What a field sorts by: unestimated topics take longer than any other."""
    keys: dict[Field, Callable[[TopicNode], Any]] = {
        "SLUG": lambda node: node.slug,
        "TITLE": lambda node: node.title.lower(),
        "HOURS": lambda node: float("inf") if node.hours is None else node.hours,
    }
    return lambda node: (keys[field](node), node.slug)


@pytest.mark.parametrize(("field", "descending"), [*product(ROADMAP_FIELDS, [False, True])])
@pytest.mark.parametrize("backward", [False, True])
async def test_walking_all_roadmaps_gives_each_once_in_either_order(
    reader: GraphReader, field: Field, descending: bool, backward: bool
) -> None:
    order = Order(field, descending)
    seen = await walk(lambda page: reader.roadmaps(page, order), size=1, shape=order.shape, backward=backward)
    assert [node.slug for node in seen] == sorted(CATALOGUE.roadmaps, reverse=descending)
    assert await reader.count_roadmaps() == 2


@pytest.mark.parametrize(("field", "descending"), [*product(TOPIC_FIELDS, [False, True])])
@pytest.mark.parametrize(("size", "backward"), [*product([4, ALL], [False, True])])
async def test_walking_all_topics_gives_each_once_in_any_order(
    reader: GraphReader, field: Field, descending: bool, size: int, backward: bool
) -> None:
    order = Order(field, descending)
    seen = await walk(
        lambda page: reader.topics(page, order, TopicFilter()),
        size=size,
        shape=order.shape,
        backward=backward,
    )
    assert seen == sorted(map(topic, CATALOGUE.topics), key=sort_key(field), reverse=descending)


async def test_topics_of_equal_hours_follow_each_other_by_slug(reader: GraphReader) -> None:
    two = TopicFilter(min_hours=2, max_hours=2)
    assert slugs(await reader.topics(Page(), Order("HOURS"), two)) == ["flour", "tomato-sauce"]
    falling = await reader.topics(Page(), Order("HOURS", descending=True), two)
    assert slugs(falling) == ["tomato-sauce", "flour"]


@pytest.mark.parametrize(("descending", "backward"), [*product([False, True], repeat=2)])
async def test_a_page_of_topics_lies_strictly_between_both_bounds(
    reader: GraphReader, descending: bool, backward: bool
) -> None:
    order = Order("HOURS", descending)
    whole = await reader.topics(Page(size=ALL), order, TopicFilter())
    for low, high in [(0, 4), (2, 3), (3, 2), (1, len(whole.entries) - 1)]:
        page = Page.of(
            **{"last" if backward else "first": 2},
            after=whole.entries[low].cursor,
            before=whole.entries[high].cursor,
            shape=order.shape,
        )
        inside = values(whole)[low + 1 : high]
        assert values(await reader.topics(page, order, TopicFilter())) == (
            inside[-2:] if backward else inside[:2]
        )


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (TopicFilter(roadmap="pizzaiolo", section="forno"), ["tomato-sauce", "wood-fired-oven"]),
        (TopicFilter(section="mastery"), ["croissant", "night-shift"]),
        (TopicFilter(section="nowhere"), []),
        (TopicFilter(roadmap="nobody"), []),
        (TopicFilter(optional=True), ["croissant", "mixer", "night-shift", "wild-yeast"]),
        (TopicFilter(roadmap="baker", optional=True), ["croissant", "mixer", "night-shift"]),
        (TopicFilter(roadmap="pizzaiolo", optional=True), ["wild-yeast"]),
        (TopicFilter(section="doughs", optional=True), []),
        (TopicFilter(tags=("theory",)), ["flour", "hygiene", "wild-yeast"]),
        (TopicFilter(tags=("theory", "dough")), ["wild-yeast"]),
        (TopicFilter(tags=("Theory",)), []),
        (TopicFilter(min_hours=10), ["croissant", "sourdough-bread", "wild-yeast"]),
        (TopicFilter(max_hours=1.5), ["mixer", "weighing"]),
        (TopicFilter(min_hours=3, max_hours=5), ["hand-kneading", "hygiene", "pizza-dough"]),
        (TopicFilter(roadmap="baker", tags=("dough",), min_hours=15), ["croissant", "sourdough-bread"]),
    ],
)
async def test_a_filter_lets_through_what_meets_all_of_it(
    reader: GraphReader, wanted: TopicFilter, expected: list[str]
) -> None:
    assert slugs(await reader.topics(Page(), Order(), wanted)) == expected
    assert await reader.count_topics(wanted) == len(expected)
    first = await reader.topics(Page(size=1), Order(), wanted)
    assert slugs(first) == expected[:1]
    assert first.has_next is (len(expected) > 1)


async def test_a_topic_is_optional_or_required_in_one_and_the_same_place(reader: GraphReader) -> None:
    """Wild yeast is required of a baker and optional for a pizzaiolo: it meets both, and no mixture."""
    for roadmap, optional, found in [("baker", False, True), ("baker", True, False)]:
        wanted = TopicFilter(roadmap=roadmap, optional=optional, tags=("theory", "dough"))
        assert (await reader.count_topics(wanted) == 1) is found


async def test_the_graph_is_counted(reader: GraphReader) -> None:
    edges = sum(len(group.of) for said in CATALOGUE.topics.values() for group in said.requires)
    assert await reader.counts() == Counts(
        revision=1, roadmaps=2, sections=5, topics=13, requirements=edges, resources=2
    )
    assert await reader.revision() == 1


@pytest.mark.parametrize(
    "name",
    [
        "outlines_by_slug",
        "outlines_by_id",
        "outlines_by_section",
        "content_by_slug",
    ],
)
async def test_many_keys_cost_one_statement_and_unknown_ones_are_absent(
    database: Database, reader: GraphReader, name: str
) -> None:
    assert await costing_one(database, getattr(reader, name)) == {}


async def test_so_it_is_with_what_stands_beside_topics(database: Database, reader: GraphReader) -> None:
    for kinds in reads.BESIDE_TOPICS:
        found = await costing_one(database, partial(reader.beside_topics, kinds=kinds))
        assert found == Beside({kind: {} for kind in kinds}, [])


async def test_so_it_is_with_topics(database: Database, reader: GraphReader) -> None:
    nothing = Topics([], [], {})
    for along in reads.TOPICS_BY_SLUG:
        assert await costing_one(database, partial(reader.topics_by_slug, along=along)) == nothing
    for along in reads.TOPICS_BY_ID:
        assert await costing_one(database, partial(reader.topics_by_id, along=along)) == nothing
    for along in reads.OUTLINES_AND_TOPICS:
        placing = partial(reader.outlines_with_topics, needs=along.needs, beyond=["", "nobody"])
        assert await costing_one(database, placing) == (dict[str, Outline](), nothing)


async def costing_one(database: Database, read: Callable[[Sequence[str]], Awaitable[T]]) -> T:
    """What is found for keys that there are not, however many."""
    before = database.statements
    found = await read(["", "nobody", "\x00", "🥐" * 1000, *map(str, range(1000))])
    assert database.statements - before == 1
    assert await read([]) == found
    return found
