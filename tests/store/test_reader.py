"""Every read, over the worked example: values, what is not there, pages, orders and filters."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import product
from typing import Any

import pytest

from graph_api.knowledge.model import Catalogue
from graph_api.store.nodes import (
    Counts,
    PlacedTopic,
    PlacementNode,
    RecommendationNode,
    RequirementNode,
    ResourceNode,
    RoadmapNode,
    SectionNode,
    TopicNode,
)
from graph_api.store.page import Field, Order, Page, Slice
from graph_api.store.reader import GraphReader, TopicFilter
from graph_api.store.rows import identity
from graph_api.store.session import Database
from tests.example import CATALOGUE

ALL = 100
BAKER, PIZZAIOLO = identity("roadmap", "baker"), identity("roadmap", "pizzaiolo")

pytestmark = pytest.mark.usefixtures("catalogue")


@pytest.fixture
def reader(database: Database) -> GraphReader:
    return GraphReader(database)


def topic_id(slug: str) -> str:
    return identity("topic", slug)


def section_id(roadmap: str, section: str) -> str:
    return identity("section", roadmap, section)


def topic(slug: str) -> TopicNode:
    said = CATALOGUE.topics[slug]
    return TopicNode(topic_id(slug), slug, said.title, said.summary, said.hours, list(said.tags))


def section(roadmap: str, slug: str) -> SectionNode:
    said = [(at, one) for at, one in enumerate(CATALOGUE.roadmaps[roadmap].sections) if one.slug == slug]
    [(position, one)] = said
    own = section_id(roadmap, slug)
    return SectionNode(
        own, slug, one.title, one.summary, one.optional, position, identity("roadmap", roadmap)
    )


def placed(roadmap: str) -> list[PlacedTopic]:
    """What a roadmap holds, as the catalogue says it."""
    return [
        PlacedTopic(
            topic=topic(at.topic),
            section_id=section_id(roadmap, one.slug),
            position=position,
            place=number * 1_000_000 + position,
            optional=one.optional or at.optional,
        )
        for number, one in enumerate(CATALOGUE.roadmaps[roadmap].sections)
        for position, at in enumerate(one.placements)
    ]


def values(part: Slice[Any]) -> list[Any]:
    return [entry.value for entry in part.entries]


def slugs(part: Slice[TopicNode]) -> list[str]:
    return [node.slug for node in values(part)]


Read = Callable[[Page], Awaitable[Slice[Any]]]


async def walk(read: Read, *, size: int, shape: tuple[type, ...], backward: bool = False) -> list[Any]:
    """All values, page by page; each page is checked to say truly whether there are more."""
    seen: list[Any] = []
    bound: str | None = None
    while True:
        page = (
            Page.of(last=size, before=bound, shape=shape)
            if backward
            else Page.of(first=size, after=bound, shape=shape)
        )
        part = await read(page)
        seen = [*values(part), *seen] if backward else [*seen, *values(part)]
        more = part.has_previous if backward else part.has_next
        assert (part.has_next if backward else part.has_previous) is (bound is not None)
        if not more:
            return seen
        assert len(part.entries) == size
        bound = part.entries[0 if backward else -1].cursor


async def test_roadmaps_are_found_by_slug_and_by_id(reader: GraphReader) -> None:
    said = CATALOGUE.roadmaps["pizzaiolo"]
    node = RoadmapNode(PIZZAIOLO, "pizzaiolo", said.title, said.summary, "it")
    found = await reader.roadmaps_by_slug(["pizzaiolo", "nobody", "Baker"])
    assert found == {"pizzaiolo": node}
    assert (await reader.roadmaps_by_id([PIZZAIOLO, BAKER, "nobody"]))[PIZZAIOLO] == node


async def test_sections_are_found_by_id_with_their_place(reader: GraphReader) -> None:
    key = section_id("baker", "mastery")
    assert await reader.sections_by_id([key, "nobody"]) == {key: section("baker", "mastery")}
    assert section("baker", "mastery").optional
    assert section("baker", "mastery").position == 2


async def test_topics_are_found_by_slug_and_by_id(reader: GraphReader, catalogue: Catalogue) -> None:
    found = await reader.topics_by_slug([*catalogue.topics, "nobody", ""])
    assert found == {slug: topic(slug) for slug in catalogue.topics}
    assert found["wood-fired-oven"].hours is None
    assert found["croissant"].title == "Croissant 🥐"
    by_id = await reader.topics_by_id([topic_id(slug) for slug in catalogue.topics])
    assert by_id == {topic_id(slug): topic(slug) for slug in catalogue.topics}


async def test_the_sections_of_a_roadmap_are_in_order(reader: GraphReader) -> None:
    assert await reader.sections_by_roadmap([BAKER, PIZZAIOLO, "nobody"]) == {
        BAKER: [section("baker", slug) for slug in ("basics", "doughs", "mastery")],
        PIZZAIOLO: [section("pizzaiolo", slug) for slug in ("impasto", "forno")],
    }


async def test_requirements_are_groups_whose_members_are_sorted(reader: GraphReader) -> None:
    found = await reader.requirements_by_topic([topic_id(slug) for slug in (*CATALOGUE.topics, "nobody")])
    assert found == {
        topic_id(slug): [
            RequirementNode(group.need, tuple(map(topic, group.of)), group.reason) for group in said.requires
        ]
        for slug, said in CATALOGUE.topics.items()
        if said.requires
    }
    [hygiene, two] = sorted(found[topic_id("night-shift")], key=lambda group: group.need)
    assert [node.slug for node in hygiene.of] == ["hygiene"]
    assert two.need == 2
    assert [node.slug for node in two.of] == ["croissant", "pizza-dough", "sourdough-bread"]


async def test_recommendations_come_with_their_reasons(reader: GraphReader) -> None:
    found = await reader.recommendations_by_topic([topic_id(slug) for slug in CATALOGUE.topics])
    assert found == {
        topic_id("sourdough-bread"): [
            RecommendationNode(
                topic("yeast-dough"),
                "A dough that rises on time teaches patience for one that does not.",
            )
        ],
        topic_id("pizza-dough"): [RecommendationNode(topic("wild-yeast"), "")],
    }


async def test_resources_are_in_the_order_of_their_author(reader: GraphReader) -> None:
    assert await reader.resources_by_topic([topic_id("flour"), topic_id("weighing")]) == {
        topic_id("flour"): [
            ResourceNode(
                "https://www.fao.org/fao-who-codexalimentarius/", "Codex standard for wheat flour", "spec"
            ),
            ResourceNode("https://example.org/flour", "On Flour", "article"),
        ]
    }


async def test_placements_say_where_a_topic_is_optional(reader: GraphReader) -> None:
    asked = [topic_id(slug) for slug in ("wild-yeast", "croissant", "hygiene")]
    assert await reader.placements_by_topic(asked) == {
        topic_id("wild-yeast"): [
            PlacementNode(BAKER, section_id("baker", "doughs"), 1, False),
            PlacementNode(PIZZAIOLO, section_id("pizzaiolo", "impasto"), 3, True),
        ],
        topic_id("croissant"): [PlacementNode(BAKER, section_id("baker", "mastery"), 0, True)],
    }


async def test_each_section_gives_a_page_of_its_topics(reader: GraphReader) -> None:
    basics, forno = section_id("baker", "basics"), section_id("pizzaiolo", "forno")
    found = await reader.topics_of_sections([basics, forno, "nobody"], Page(size=2))
    assert found.keys() == {basics, forno}
    assert [at.topic.slug for at in values(found[basics])] == ["flour", "weighing"]
    assert [at.topic.slug for at in values(found[forno])] == ["tomato-sauce", "wood-fired-oven"]
    assert found[basics].has_next
    assert not found[forno].has_next


@pytest.mark.parametrize(("size", "backward"), [*product([2, ALL], [False, True])])
async def test_walking_a_section_gives_all_its_topics_once(
    reader: GraphReader, size: int, backward: bool
) -> None:
    key = section_id("pizzaiolo", "impasto")

    async def read(page: Page) -> Slice[PlacedTopic]:
        return (await reader.topics_of_sections([key], page)).get(key, Slice())

    seen = await walk(read, size=size, shape=(int,), backward=backward)
    assert [at.topic.slug for at in seen] == ["flour", "weighing", "yeast-dough", "wild-yeast", "pizza-dough"]
    assert [at.position for at in seen] == [at.place for at in seen] == [0, 1, 2, 3, 4]
    assert [at.optional for at in seen] == [False, False, False, True, False]


@pytest.mark.parametrize("optional", [None, True, False])
@pytest.mark.parametrize(("size", "backward"), [*product([4], [False, True])])
async def test_walking_a_roadmap_gives_what_is_wanted_of_it_once(
    reader: GraphReader, optional: bool | None, size: int, backward: bool
) -> None:
    async def read(page: Page) -> Slice[PlacedTopic]:
        return (await reader.topics_of_roadmaps([BAKER], (page, optional))).get(BAKER, Slice())

    seen = await walk(read, size=size, shape=(int,), backward=backward)
    assert seen == [at for at in placed("baker") if optional in (None, at.optional)]


async def test_a_page_of_a_roadmap_lies_strictly_between_both_bounds(reader: GraphReader) -> None:
    whole = placed("baker")
    for low, high in product(range(len(whole)), repeat=2):
        bounds = (whole[low].place,), (whole[high].place,)
        inside = whole[low + 1 : high]
        for backward in (False, True):
            page = Page(size=2, after=bounds[0], before=bounds[1], backward=backward)
            found = (await reader.topics_of_roadmaps([BAKER], (page, None))).get(BAKER, Slice())
            assert values(found) == (inside[-2:] if backward else inside[:2])


async def test_topics_of_sections_and_roadmaps_are_counted(reader: GraphReader) -> None:
    basics, mastery = section_id("baker", "basics"), section_id("baker", "mastery")
    assert await reader.count_topics_of_sections([basics, mastery, "nobody"]) == {basics: 4, mastery: 2}
    assert await reader.count_topics_of_roadmaps([BAKER, PIZZAIOLO], None) == {BAKER: 9, PIZZAIOLO: 7}
    assert await reader.count_topics_of_roadmaps([BAKER, PIZZAIOLO], True) == {BAKER: 3, PIZZAIOLO: 1}
    assert await reader.count_topics_of_roadmaps([BAKER, PIZZAIOLO], False) == {BAKER: 6, PIZZAIOLO: 6}


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
        "roadmaps_by_slug",
        "roadmaps_by_id",
        "sections_by_id",
        "topics_by_slug",
        "topics_by_id",
        "sections_by_roadmap",
        "requirements_by_topic",
        "recommendations_by_topic",
        "resources_by_topic",
        "placements_by_topic",
        "count_topics_of_sections",
    ],
)
async def test_many_keys_cost_one_statement_and_unknown_ones_are_absent(
    database: Database, reader: GraphReader, name: str
) -> None:
    before = database.statements
    assert await getattr(reader, name)(["", "nobody", "\x00", "🥐" * 1000, *map(str, range(1000))]) == {}
    assert database.statements - before == 1
    assert await getattr(reader, name)([]) == {}
