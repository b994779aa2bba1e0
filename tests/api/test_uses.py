"""What an answer was made of: as long as a write touches none of these nodes, the answer stays the same."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final

import pytest

from graph_api.api.context import Context
from graph_api.api.node import global_id
from graph_api.api.schema import build_schema
from graph_api.app import create_app
from graph_api.errors import RoadmapError
from graph_api.knowledge.edit import (
    ChangeRoadmap,
    ChangeTopic,
    CreateTopic,
    DeleteTopic,
    Edit,
    MergeTopics,
    PlaceTopic,
    RenameTopic,
)
from graph_api.knowledge.model import Topic
from graph_api.settings import Settings
from graph_api.store.rows import identity
from graph_api.store.writer import GraphWriter, Writing, read_catalogue
from tests.api.walk import places, query
from tests.conftest import seed
from tests.example import CATALOGUE, DOCUMENTS
from tests.store.test_edits import random_edit

STRAWBERRY: Final = build_schema()
SCHEMA: Final = STRAWBERRY._schema
EDITING: Final = Writing(by="ada", action="edit")

TOPICS: Final = [identity("topic", slug) for slug in CATALOGUE.topics]
SECTION: Final = identity("section", "baker", "doughs")
IDS: Final = [
    *(global_id("Topic", key) for key in TOPICS),
    *(global_id("Roadmap", identity("roadmap", slug)) for slug in CATALOGUE.roadmaps),
    global_id("Section", SECTION),
]
UNKEYED: Final = ("topics", "roadmaps", "search", "knowledge", "viewer", "catalogue", "roadmapDiff")
KEYED: Final = [
    place
    for place in places(SCHEMA, closed={*(f"Query.{name}" for name in UNKEYED), "Roadmap.history"})
    if place.parent != "Query"
]
"""Every field that is reached from nodes by key alone."""

PAGE: Final = """{
  roadmap(slug: "baker") {
    title
    sections { title topics(first: 100) { edges { optional node { title requirements { of { title } } } } } }
  }
}"""
WRITTEN_OUT: Final = [
    PAGE,
    '{ roadmap(slug: "pizzaiolo") { topics(first: 2) { totalCount edges { optional node { title } } } } }',
    '{ roadmap(slug: "pizzaiolo") { topics(last: 2, optional: false) { nodes { slug } } } }',
    '{ topic(slug: "tomato-sauce") { title requirements { need of { slug } } } }',
    '{ topic(slug: "hygiene") { title resources { url } recommendations { nodes { slug } } } }',
    '{ topic(slug: "nobody") { title } }',
    f'{{ node(id: "{IDS[0]}") {{ id ... on Topic {{ title }} }} }}',
    f'{{ node(id: "{IDS[-1]}") {{ id ... on Section {{ title roadmap {{ title }} }} }} }}',
    f'{{ node(id: "{global_id("Topic", "nobody")}") {{ id }} }}',
    f'{{ node(id: "{global_id("Section", "nobody")}") {{ id }} }}',
]


@dataclass(frozen=True)
class Api:
    """A process that keeps what it reads, and makes the edits."""

    state: dict[str, Any]

    async def ask(self, text: str) -> tuple[object, frozenset[str] | None]:
        """An answer, and what it was made of."""
        given = {name: value for name, value in self.state.items() if name not in {"readiness", "archive"}}
        context = Context(**given, archives=self.state["archive"])
        result = await STRAWBERRY.execute(text, context_value=context)
        assert await context.holds()
        return (result.data, [error.message for error in result.errors or ()]), context.uses

    async def edit(self, edit: Edit) -> frozenset[str]:
        """Make an edit. Returns what it has touched; raises what an edit raises."""
        structures = self.state["structures"]
        before = (await structures.current()).revision
        await GraphWriter(self.state["database"], structures).edit(edit, writing=EDITING)
        touched: frozenset[str] | None = structures.touches.since(before)
        assert touched is not None
        return touched


@pytest.fixture
async def api(settings: Settings) -> AsyncIterator[Api]:
    """The API over the worked example."""
    app = create_app(settings.model_copy(update={"revision_poll": 60.0}))
    async with app.router.lifespan_context(app) as state:
        assert state is not None
        await seed(state["database"], DOCUMENTS, name="example")
        yield Api(dict(state))


def questions() -> list[str]:
    """A query for each field, and some more."""
    arguments = {
        "first": 100,
        "Query.roadmap(slug)": "baker",
        "Query.topic(slug)": "sourdough-bread",
        "id": IDS[0],
        "ids": IDS,
    }
    return [*dict.fromkeys([*(query(SCHEMA, place, arguments) for place in KEYED), *WRITTEN_OUT])]


BOUND: Final = {
    "Topic.title",
    "Topic.requirements",
    "Topic.prerequisites",
    "Topic.recommendations",
    "Topic.resources",
    "Requirement.of",
    "Section.topics",
    "Section.roadmap",
    "Roadmap.sections",
    "Roadmap.topics",
    "PlacedTopicEdge.section",
}
"""Fields whose answers are known to be made of certain nodes only."""

UNBOUND: Final = {
    "Topic.placements",
    "Topic.dependents",
    "Topic.learnable",
    "Roadmap.hours",
    "Roadmap.revision",
    "Roadmap.diagram",
}
"""Fields whose answers may depend on any write: on the structure, or on a roadmap that comes."""


async def test_it_is_known_of_which_nodes_the_answers_to_most_keyed_fields_are_made(api: Api) -> None:
    found = {}
    for place in KEYED:
        arguments = {"first": 5, "slug": "baker", "Query.topic(slug)": "flour", "id": IDS[0], "ids": IDS}
        answer, found[place.name] = await api.ask(query(SCHEMA, place, arguments))
        assert answer[1] == [], place  # type: ignore[index]  # the errors
    assert {name for name in BOUND if found[name] is None} == set()
    assert {name for name in UNBOUND if found[name] is not None} == set()
    title = found["Roadmap.title"]
    assert title is not None
    assert identity("roadmap", "baker") in title


@pytest.mark.parametrize("seed_", [3, 4])
async def test_an_answer_is_the_same_until_a_write_touches_what_it_was_made_of(api: Api, seed_: int) -> None:
    chance, counts = random.Random(seed_), Counter[str]()
    known = {text: await api.ask(text) for text in questions()}
    for step in range(12):
        catalogue = await read_catalogue(api.state["database"])
        edit = random_edit(chance, catalogue, step)
        try:
            touched = await api.edit(edit)
        except RoadmapError:
            continue
        for text, (before, uses) in known.items():
            if uses is None:
                counts["unbound"] += 1
                continue
            after, now = known[text] = await api.ask(text)
            if touched.isdisjoint(uses):
                assert (after, now) == (before, uses), (edit, text)
                counts["as before"] += 1
            else:
                counts["other" if after != before else "touched in vain"] += 1
    assert counts["as before"] > 100
    assert counts["other"] > 10, "not every write touches all"


MADE_OF_NOTHING_ELSE: Final[list[tuple[str, Edit, bool]]] = [
    ('{ topic(slug: "flour") { title } }', ChangeTopic("flour", {"title": "Meal"}), True),
    ('{ topic(slug: "flour") { title } }', ChangeTopic("weighing", {"title": "Scales"}), False),
    ('{ topic(slug: "flour") { title } }', PlaceTopic("hygiene", "pizzaiolo", "forno"), False),
    (
        '{ topic(slug: "yeast-dough") { requirements { of { title } } } }',
        ChangeTopic("mixer", {"title": "Machine"}),
        True,
    ),
    (
        '{ topic(slug: "yeast-dough") { requirements { of { title } } } }',
        RenameTopic("mixer", "machine"),
        True,
    ),
    (
        '{ topic(slug: "yeast-dough") { requirements { of { title } } } }',
        ChangeTopic("croissant", {"title": "C"}),
        False,
    ),
    ('{ topic(slug: "mixer") { title } }', MergeTopics("mixer", "hand-kneading"), True),
    (
        '{ roadmap(slug: "baker") { topics(first: 1) { nodes { title } } } }',
        ChangeTopic("croissant", {"title": "C"}),
        False,
    ),
    (
        '{ roadmap(slug: "baker") { topics(first: 1) { nodes { title } } } }',
        DeleteTopic("night-shift", detach=True),
        True,
    ),
    ('{ roadmap(slug: "baker") { title } }', ChangeRoadmap("pizzaiolo", {"title": "P"}), False),
    ('{ roadmap(slug: "baker") { sections { title } } }', ChangeRoadmap("baker", {"title": "B"}), True),
]


@pytest.mark.parametrize(("text", "edit", "touches"), MADE_OF_NOTHING_ELSE)
async def test_a_write_touches_the_answers_that_show_what_it_changed(
    api: Api, text: str, edit: Edit, touches: bool
) -> None:
    _, uses = await api.ask(text)
    assert uses is not None
    assert (not uses.isdisjoint(await api.edit(edit))) is touches


async def test_what_is_not_there_may_come_by_any_write(api: Api) -> None:
    for text in ('{ topic(slug: "salt") { title } }', '{ roadmap(slug: "salt") { title } }'):
        assert (await api.ask(text))[1] is None
    await api.edit(CreateTopic(Topic("salt", "Salt")))
    assert (await api.ask('{ topic(slug: "salt") { title } }'))[1] is not None


async def test_an_old_revision_is_no_node(api: Api) -> None:
    await api.edit(ChangeTopic("flour", {"title": "Meal"}))
    for text in (
        '{ roadmap(slug: "baker", revision: 1) { title } }',
        '{ roadmap(slug: "baker", revision: 2) { title } }',
        f'{{ node(id: "{global_id("Topic", TOPICS[0] + "@1")}") {{ id }} }}',
    ):
        answer, uses = await api.ask(text)
        assert uses is None
        assert answer[1] == []  # type: ignore[index]  # the errors
