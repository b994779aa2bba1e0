"""What is read along with what a request asks for: all that lies ahead, once, and nothing that is known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_api.knowledge.graph import PrerequisiteGraph
from graph_api.knowledge.model import Aliases, Requirement, Roadmap, Section, Topic
from graph_api.knowledge.model import Placement as At
from graph_api.store.entities import Entities
from graph_api.store.nodes import Along
from graph_api.store.page import Page
from graph_api.store.present_reader import PresentReader
from graph_api.store.reach import MOST, Reach
from graph_api.store.session import Database
from graph_api.store.snapshot import Snapshot
from graph_api.store.structure import Structure
from graph_api.store.structure_cache import StructureCache
from tests.store.keyed import present_of, reading
from tests.store.nodes import BAKER, placed, section_id, topic_id

FIRST = Page(size=100)


def structure(topics: Iterable[Topic], *roadmaps: Roadmap) -> Structure:
    return Structure(1, PrerequisiteGraph.build(topics), {each.slug: each for each in roadmaps}, Aliases())


def chain(*slugs: str) -> list[Topic]:
    """Topics each of which requires the one before."""
    before = (None, *slugs)
    return [
        Topic(slug, slug, requires=() if rests is None else (Requirement((rests,)),))
        for rests, slug in zip(before, slugs, strict=False)
    ]


def test_topics_lie_ahead_as_far_as_is_selected_the_nearest_first() -> None:
    graph = structure(chain("a", "b", "c", "d", "e"))
    assert ahead(Reach(), graph, "c") == ["c"]
    assert ahead(Reach(prerequisites=1), graph, "c") == ["c", "b"]
    assert ahead(Reach(prerequisites=3, dependents=1), graph, "c") == ["c", "b", "a", "d"]
    assert ahead(Reach(dependents=2), graph, "c", "d") == ["c", "d", "e"]
    assert ahead(Reach(prerequisites=1), graph, "nobody") == ["nobody"], "the database may know it"


def ahead(reach: Reach, graph: Structure, *topics: str) -> list[str]:
    return [*reach.from_topics(graph, topics)]


def test_what_they_require_is_wanted_of_as_many_levels_as_is_selected() -> None:
    graph = structure(chain("a", "b", "c", "d", "e"))
    assert Reach(prerequisites=2).from_topics(graph, ["c"]) == {"c": False, "b": False, "a": False}
    one = Reach(prerequisites=2, requirements=1, dependents=1)
    assert one.from_topics(graph, ["c"]) == {"c": True, "b": False, "a": False, "d": False}
    two = Reach(prerequisites=2, requirements=2)
    assert two.from_topics(graph, ["c"]) == {"c": True, "b": True, "a": False}


def test_a_loop_ends() -> None:
    graph = structure([Topic("a", "A", requires=(Requirement(("b",)),)), *chain("a", "b")[1:]])
    assert ahead(Reach(prerequisites=9, dependents=9), graph, "a") == ["a", "b"]


def test_no_more_than_is_bearable_lies_ahead() -> None:
    many = [f"t{number:05}" for number in range(2 * MOST)]
    topics = [Topic(slug, slug) for slug in many]
    hub = Topic("hub", "Hub", requires=(Requirement(tuple(many)),))
    found = ahead(Reach(prerequisites=2), structure([*topics, hub]), "hub")
    assert len(found) == 1 + MOST


def test_the_topics_of_a_roadmap_lie_ahead_if_they_are_asked_for() -> None:
    named = structure(
        chain("a", "b"),
        Roadmap("road", "Road", sections=(Section("s", "S", placements=(At("b"), At("a"))),)),
    )
    assert Reach(placed=1).topics_of(named, ["road", "nobody"]) == ["b", "a"]
    assert Reach(prerequisites=1).topics_of(named, ["road"]) == [], "nobody asks for its topics"


@given(
    edges=st.sets(st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda edge: edge[0] != edge[1])),
    start=st.sets(st.integers(0, 9), max_size=3),
    up=st.integers(0, 4),
    down=st.integers(0, 4),
)
def test_what_lies_ahead_is_what_so_many_steps_reach(
    edges: set[tuple[int, int]], start: set[int], up: int, down: int
) -> None:
    topics = [
        Topic(str(n), str(n), requires=tuple(Requirement((str(p),)) for t, p in sorted(edges) if t == n))
        for n in range(10)
    ]
    found = ahead(Reach(prerequisites=up, dependents=down), structure(topics), *map(str, start))
    expected = start | _steps(start, edges, up) | _steps(start, {(p, t) for t, p in edges}, down)
    assert len(found) == len(set(found))
    assert set(found) == set(map(str, expected))

    for along in Along:
        beyond = set(found) - {*map(str, start)}
        near = {str(p) for t, p in edges if t in start} if along.near else set()
        if Reach(prerequisites=up, dependents=down).ends_within(along):
            assert beyond <= near, "nothing else will be asked for"


def test_what_a_topic_requires_reaches_as_far_as_the_topics_that_are_required() -> None:
    assert Reach(requirements=1, prerequisites=1).ends_within(Along.BOTH)
    assert not Reach(requirements=1).ends_within(Along.NOTHING)
    assert not Reach(requirements=2, prerequisites=1).ends_within(Along.BOTH)
    assert [reach.along for reach in (Reach(), Reach(prerequisites=2), Reach(requirements=1))] == [
        Along.NOTHING,
        Along.NEAR,
        Along.BOTH,
    ]


def _steps(start: set[int], edges: set[tuple[int, int]], most: int) -> set[int]:
    reached = set(start)
    for _ in range(most):
        reached |= {p for t, p in edges if t in reached}
    return reached


@pytest.fixture
async def structures(database: Database) -> StructureCache:
    """A structure that is known, and need not be read again."""
    made = StructureCache(database, poll=60)
    await made.current()
    return made


async def asked(
    database: Database, structures: StructureCache, reach: Reach, *asks: tuple[str, Any]
) -> list[int]:
    """How many statements each of these reads sends, one after the other, for one request."""
    return await asking(present_of(database, structures), database, reach, *asks)


async def asking(
    reader: PresentReader, database: Database, reach: Reach, *asks: tuple[str, Any]
) -> list[int]:
    """The same, for the request of a reader."""
    reader.reach, cost = reach, []
    for name, key in asks:
        before = database.statements
        [found] = await reader.load(reading(name), [key])
        assert found, (name, key)
        cost.append(database.statements - before)
    return cost


@pytest.mark.usefixtures("catalogue")
async def test_a_roadmap_comes_with_all_that_is_selected_of_its_topics(
    database: Database, structures: StructureCache
) -> None:
    page = [
        ("roadmap_by_slug", "baker"),
        ("topics_by_roadmap", (BAKER, (FIRST, None))),
        ("requirements_by_topic", topic_id("croissant")),
    ]
    whole = Reach(placed=1, requirements=1, prerequisites=1)
    assert await asked(database, structures, whole, *page) == [1, 0, 0]
    groups = Reach(placed=1, requirements=1)
    assert await asked(database, structures, groups, *page) == [1, 0, 0], "a group is made of its topics"
    assert await asked(database, structures, Reach(), *page) == [1, 1, 1]
    assert await asked(database, structures, Reach(placed=1), *page) == [1, 0, 1], "nobody selects them"


@pytest.mark.usefixtures("catalogue")
async def test_a_topic_comes_with_the_levels_that_are_selected(
    database: Database, structures: StructureCache
) -> None:
    levels = [("topic_by_slug", slug) for slug in ("croissant", "yeast-dough", "flour")]
    now = await structures.current()
    assert now.prerequisites("croissant", transitive=False) == ("yeast-dough",)
    assert await asked(database, structures, Reach(prerequisites=3), *levels) == [1, 0, 0]
    assert await asked(database, structures, Reach(prerequisites=1), *levels) == [1, 0, 1]
    by_id = [("topic_by_id", topic_id("croissant")), ("topic_by_id", topic_id("yeast-dough"))]
    assert await asked(database, structures, Reach(prerequisites=1), *by_id) == [1, 0]
    by_id = [*by_id, ("topic_by_id", topic_id("flour"))]
    far = Reach(prerequisites=2)
    assert await asked(database, structures, far, *by_id) == [2, 0, 0], "what is farther, by slug"


@pytest.mark.usefixtures("catalogue")
async def test_from_a_topic_that_an_edge_led_to_only_what_lies_beyond_comes_along(
    database: Database, structures: StructureCache
) -> None:
    levels = [("neighbour_by_slug", "croissant"), ("topic_by_slug", "yeast-dough")]
    one, two = Reach(prerequisites=1), Reach(prerequisites=2)
    assert await asked(database, structures, replace(two, beyond=one), *levels) == [1, 0]
    assert await asked(database, structures, replace(two, beyond=Reach()), *levels) == [1, 1]
    assert await asked(database, structures, two, *levels) == [1, 1], "no edge leads anywhere"


@pytest.mark.usefixtures("catalogue")
async def test_what_stands_beside_a_topic_comes_together_if_it_is_selected(
    database: Database, structures: StructureCache
) -> None:
    yeast = topic_id("wild-yeast")
    page = [
        ("resources_by_topic", topic_id("flour")),
        ("placements_by_topic", topic_id("flour")),
        ("section_by_id", section_id("baker", "basics")),
        ("roadmap_by_id", BAKER),
    ]
    assert await asked(database, structures, Reach(), *page) == [1, 1, 1, 0]
    assert await asked(database, structures, Reach(resources=1, placements=1), *page) == [1, 0, 1, 0]
    whole = Reach(resources=1, placements=1, outlines=1)
    assert await asked(database, structures, whole, *page) == [2, 0, 0, 0]
    alone = [("placements_by_topic", yeast), ("placements_by_topic", topic_id("flour"))]
    assert await asked(database, structures, Reach(recommendations=1), *alone) == [1, 1]
    advised = [("recommendations_by_topic", topic_id("pizza-dough")), ("topic_by_slug", "wild-yeast")]
    assert await asked(database, structures, Reach(), *advised) == [1, 0], "the topic comes along"


@pytest.mark.usefixtures("catalogue")
async def test_what_is_known_is_not_read_along(database: Database, structures: StructureCache) -> None:
    entities = Entities(structures.touches)
    page = [("roadmap_by_slug", "baker"), ("topics_by_roadmap", (BAKER, (FIRST, None)))]
    for expected in ([1, 0], [0, 0]):
        snapshot = Snapshot(database, structures)
        reader = PresentReader(snapshot, entities)
        assert (
            await asking(reader, database, Reach(placed=1, requirements=1, prerequisites=1), *page)
            == expected
        )
        assert await snapshot.holds()
        reader.keep()


@pytest.mark.usefixtures("catalogue")
async def test_where_most_is_known_only_the_rest_is_read_along(
    database: Database, structures: StructureCache
) -> None:
    reader, reach = present_of(database, structures), Reach(placed=1)
    known = [("topic_by_slug", each.topic.slug) for each in placed("baker")[:-1]]
    await asking(reader, database, reach, *known)
    sent = []
    read = database.read

    async def reading(statement: str, **parameters: Any) -> object:
        sent.append(parameters["keys"])
        return await read(statement, **parameters)

    database.read = reading  # type: ignore[method-assign, assignment]  # it is passed on
    await asking(reader, database, reach, ("roadmap_by_slug", "baker"))
    assert sorted(sent) == [["baker"], [placed("baker")[-1].topic.slug]]
