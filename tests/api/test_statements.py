"""What queries cost: the number of statements does not grow with the number of things that are read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from graphql import get_named_type, is_abstract_type, is_composite_type

from graph_api import loaders
from graph_api.api.context import Context
from graph_api.api.node import global_id
from graph_api.api.schema import build_schema
from graph_api.knowledge.change import Definition, Document, Reference
from graph_api.knowledge.edit import ChangeTopic, Edit, PlaceTopic, RenameTopic
from graph_api.knowledge.model import (
    Placement,
    Recommendation,
    Requirement,
    Resource,
    Roadmap,
    Section,
    Topic,
)
from graph_api.settings import Settings
from graph_api.store.learners import Decide, LearnerState, LearnerStore, Marks, Status
from graph_api.store.rows import identity
from graph_api.store.session import Database
from graph_api.store.time_reader import TimeReader
from graph_api.store.writer import GraphWriter, Writing
from tests.api.conftest import process
from tests.api.walk import Place, parents, places, query
from tests.conftest import Client, seed, wipe

SCHEMA = build_schema()._schema
# What is ready has no way left to go; a roadmap has few fields of its own, and few writes touched it.
PLACES = places(SCHEMA, closed={"NextTopic.because", "RoadmapDiff.fields", "Roadmap.history"})

PAGE = """
query Page($slug: String!) {
  roadmap(slug: $slug) {
    title
    sections {
      title optional
      topics(first: 100) {
        edges {
          optional
          node { slug title hours requirements { need reason of { slug title } } }
        }
      }
    }
  }
}
"""


def chain(topics: int, *, a_section: int) -> Document:
    """A roadmap of topics each of which requires the one before, and one of two before that."""
    slugs = [f"topic-{number:04}" for number in range(topics)]
    defined = [
        Topic(slug, slug.title(), hours=1.0, requires=_before(slugs, number))
        for number, slug in enumerate(slugs)
    ]
    sections = [
        Section(
            f"section-{start}",
            f"From {start}",
            placements=tuple(map(Placement, slugs[start : start + a_section])),
        )
        for start in range(0, topics, a_section)
    ]
    return Document(
        f"chain-{topics}.yaml",
        Roadmap("chain", "Chain", sections=tuple(sections)),
        tuple(map(Definition, defined)),
    )


def _before(slugs: Sequence[str], number: int) -> tuple[Requirement, ...]:
    plain = (Requirement((slugs[number - 1],), reason="It comes first."),) if number else ()
    either = (Requirement(tuple(slugs[number - 3 : number - 1])),) if number >= 3 else ()
    return plain + either


@pytest.mark.parametrize(("topics", "sections"), [(10, 2), (1000, 10)])
async def test_the_page_of_a_roadmap_costs_one_statement_however_many_topics_it_has(
    cold: Client, topics: int, sections: int
) -> None:
    await seed(cold.database, [chain(topics, a_section=topics // sections)], name=f"chain-{topics}")
    await cold.structures.current()
    for _ in range(2):
        before = cold.database.statements
        data = await cold.ask(PAGE, slug="chain")
        assert cold.database.statements - before == 1 + 1, "and a look at the clock before"
    edges = [edge for section in data["roadmap"]["sections"] for edge in section["topics"]["edges"]]
    assert len(edges) == topics
    needed = [one["slug"] for edge in edges for group in edge["node"]["requirements"] for one in group["of"]]
    assert len(needed) == (topics - 1) + 2 * (topics - 3)


@pytest.mark.usefixtures("catalogue")
async def test_a_page_that_is_known_costs_nothing_until_its_outline_is_written(warm: Client) -> None:
    pages = ("baker", "pizzaiolo")
    await warm.structures.current()
    assert await warm.statements(PAGE, slug="baker") == 1, "the outline, with all topics"
    assert await warm.statements(PAGE, slug="pizzaiolo") == 2, "others, but what these require is known"
    for slug in pages:
        assert await warm.statements(PAGE, slug=slug) == 0
    await edit(warm, ChangeTopic("croissant", {"title": "Cornetto"}))
    assert await warm.statements(PAGE, slug="pizzaiolo") == 0, "it does not show that topic"
    assert await warm.statements(PAGE, slug="baker") == 0, "what the topic has become is known"
    assert "Cornetto" in str(await warm.ask(PAGE, slug="baker"))
    await edit(warm, PlaceTopic("tomato-sauce", "baker", "basics"))
    assert await warm.statements(PAGE, slug="pizzaiolo") == 0
    assert await warm.statements(PAGE, slug="baker") == 1, "the outline; the topic is known"
    await edit(warm, RenameTopic("tomato-sauce", "sugo"))
    assert {slug: await warm.statements(PAGE, slug=slug) for slug in pages} == {
        "baker": 1,
        "pizzaiolo": 1,
    }, "both outlines were touched; the topic is known by its new name"
    assert {slug: await warm.statements(PAGE, slug=slug) for slug in pages} == dict.fromkeys(pages, 0)


@pytest.mark.usefixtures("catalogue")
async def test_other_selections_of_what_is_known_cost_nothing_either(warm: Client) -> None:
    await warm.ask(PAGE, slug="baker")
    for text in (
        '{ roadmap(slug: "baker") { topics(last: 3) { totalCount edges { position node { summary } } } } }',
        '{ roadmap(slug: "baker") { sections { slug roadmap { title } topics(first: 1) { totalCount } } } }',
        '{ topic(slug: "flour") { title tags dependents { nodes { title } } } }',
        '{ roadmap(slug: "baker") { hours revision topics { nodes { prerequisites { totalCount } } } } }',
    ):
        assert await warm.statements(text) == 0, text
    resources = '{ topic(slug: "flour") { resources { url } placements { position } } }'
    assert await warm.statements(resources) == 1, "which were not asked for yet"
    assert await warm.statements(resources) == 0


@pytest.mark.usefixtures("catalogue")
async def test_with_a_look_at_each_request_a_known_page_costs_that_look(settings: Settings) -> None:
    async with process(settings, revision_poll=0.0) as looking, process(settings) as writing:
        await looking.ask(PAGE, slug="baker")
        assert await looking.statements(PAGE, slug="baker") == 1
        await edit(writing, ChangeTopic("croissant", {"title": "Cornetto"}))
        assert "Cornetto" in str(await looking.ask(PAGE, slug="baker"))
        assert await looking.statements(PAGE, slug="baker") == 1
        await edit(writing, ChangeTopic("tomato-sauce", {"title": "Sugo"}))
        followed = await looking.statements(PAGE, slug="baker")
        assert followed == 1, "which tells what was written too, and nothing for the page"


async def edit(client: Client, *edits: Edit) -> None:
    """Make edits in the process that a client asks."""
    writer = GraphWriter(client.database, client.structures)
    for each in edits:
        await writer.edit(each, writing=Writing(by="ada", action="edit"))


LEARNER = "grown"
"""Whose token the walk has: all that can be read through `viewer` grows too."""


class Grown:
    """A catalogue in which every list grows with `size`: also the lists of answers about knowledge."""

    def __init__(self, size: int) -> None:
        self.size = size

    def documents(self) -> list[Document]:
        """As many roadmaps as `size`, all with the same topics."""
        defined = [topic for number in range(self.size) for topic in self._topics(number)]
        defined.append(Topic("goal", "Goal", requires=tuple(Requirement((f"step-{n}",)) for n in self._all)))
        placed = [topic.slug for topic in defined if not topic.slug.startswith("loose")]
        return [self._document(number, defined, placed) for number in self._all]

    @property
    def _all(self) -> range:
        return range(self.size)

    def _topics(self, number: int) -> Iterable[Topic]:
        links = tuple(Resource(f"https://example.org/{number}/{place}", "Link") for place in self._all)
        yield Topic(f"base-{number}", f"Base {number}", hours=1.0, tags=("base",), resources=links)
        yield Topic(f"left-{number}", "Left", hours=2.0)
        yield Topic(f"right-{number}", "Right", hours=3.0)
        yield Topic(f"loose-{number}", "Loose")
        yield Topic(f"gap-{number}", "Gap")
        yield Topic(f"odd-{number}", "Odd", requires=(Requirement((f"gap-{number}",)),))
        yield Topic(
            f"ready-{number}",
            "Ready",
            hours=1.0,
            requires=tuple(Requirement((f"base-{other}",)) for other in self._all),
            recommends=tuple(Recommendation(f"base-{other}") for other in self._all),
            resources=links,
        )
        yield Topic(
            f"step-{number}",
            "Step",
            hours=1.0,
            requires=(
                *((Requirement((f"step-{number - 1}",)),) if number else ()),
                Requirement((f"ready-{number}",)),
                Requirement((f"base-{number}",)),  # implied by the one before: redundant
                Requirement((f"left-{number}", f"right-{number}")),
            ),
        )
        # A loop that an alternative avoids.
        yield Topic(f"hen-{number}", "Hen", requires=(Requirement((f"base-{number}", f"egg-{number}")),))
        yield Topic(f"egg-{number}", "Egg", requires=(Requirement((f"hen-{number}",)),))

    def _document(self, number: int, defined: list[Topic], placed: list[str]) -> Document:
        sections = tuple(
            Section(
                f"part-{place}",
                f"Part {place}",
                placements=tuple(
                    Placement(slug, optional=slug.startswith("ready")) for slug in placed[place :: self.size]
                ),
            )
            for place in self._all
        )
        roadmap = Roadmap(f"roadmap-{number}", f"Roadmap {number}", sections=sections)
        definitions = tuple(map(Definition, defined)) if number == 0 else ()
        references = () if number == 0 else tuple(Reference(slug, "placement") for slug in placed)
        return Document(f"{number}.yaml", roadmap, definitions, references)

    def former(self) -> list[Document]:
        """The same, all of it otherwise: what revision 1 was."""
        return [
            replace(
                document,
                roadmap=replace(document.roadmap, sections=tuple(map(_former, document.roadmap.sections))),
                definitions=tuple(Definition(_formerly(each.topic)) for each in document.definitions),
            )
            for document in self.documents()
        ]

    async def seed(self, database: Database) -> None:
        """Make it the whole content, with a past, and with loops that no write of ours would let in."""
        await seed(database, self.former(), name=f"grown-{self.size}")
        await GraphWriter(database).import_documents(self.documents())
        await database.write(
            lambda t: t.run(
                "UNWIND range(1, $size) AS n"
                " CREATE (a:Topic {id: 'a' + n, slug: 'vicious-a-' + n, title: 'A', summary: '', tags: []})"
                " CREATE (b:Topic {id: 'b' + n, slug: 'vicious-b-' + n, title: 'B', summary: '', tags: []})"
                " CREATE (a)-[:REQUIRES {group: 0, need: 1, reason: ''}]->(b)"
                " CREATE (b)-[:REQUIRES {group: 0, need: 1, reason: ''}]->(a)"
                " CREATE (:Revision {number: 2 + n, id: randomUUID(), at: datetime(), by: 'a test',"
                "   action: 'loop', summary: 'Made a loop.'})"
                " WITH count(*) AS made MATCH (c:Catalogue) SET c.revision = 2 + $size",
                size=self.size,
            )
        )
        learners = LearnerStore(database)
        for status, names in ((Status.KNOWN, ("base", "odd")), (Status.SKIPPED, ("loose",))):
            await learners.record(LEARNER, status, self._marks(names))

    def _marks(self, names: Sequence[str]) -> Decide:
        async def decide(_: LearnerState) -> Marks:
            return Marks([f"{name}-{number}" for number in self._all for name in names])

        return decide

    def arguments(self) -> dict[str, Any]:
        """What the fields of the schema are asked with."""
        nodes = [global_id("Topic", identity("topic", f"base-{n}")) for n in self._all]
        nodes += [global_id("Roadmap", identity("roadmap", f"roadmap-{n}")) for n in self._all]
        nodes += [global_id("Section", identity("section", "roadmap-0", f"part-{n}")) for n in self._all]
        return {
            "first": 100,
            "known": [f"{name}-{n}" for n in self._all for name in ("base", "odd")],
            "skipped": [f"loose-{n}" for n in self._all],
            "Query.knowledge(goals)": ["goal"],
            "Query.knowledge(roadmap)": "roadmap-0",
            "Query.roadmap(slug)": "roadmap-0",
            "Query.roadmapDiff(slug)": "roadmap-0",
            "Query.roadmapDiff(from)": 1,
            "Query.topic(slug)": "ready-0",
            "Knowledge.status(topic)": "goal",
            "id": nodes[0],
            "ids": nodes,
            "text": "base roadmap part",
            "hoursPerWeek": 5,
            "start": "2027-01-04",
        }


def _former(section: Section) -> Section:
    placements = tuple(replace(at, optional=not at.optional) for at in section.placements)
    return replace(section, title=f"Former {section.title}", placements=placements)


def _formerly(topic: Topic) -> Topic:
    name, _, number = topic.slug.partition("-")
    requires = tuple(replace(group, reason="Formerly.") for group in topic.requires)
    return replace(
        topic,
        title=f"Former {topic.title}",
        requires=(*requires, Requirement((f"left-{number}",))) if name == "ready" else requires,
        recommends=tuple(replace(each, reason="Formerly.") for each in topic.recommends),
    )


SINGLE = {"BlockingSet"}
"""Types that no parents are made for: the status that is asked for is one of a topic that can be reached."""


async def costs(client: Client, size: int, wanted: Sequence[Place]) -> dict[str, tuple[int, int]]:
    """For each of the places the statements it costs and the parents it has, in a catalogue of a size."""
    grown = Grown(size)
    await grown.seed(client.database)
    await client.structures.current()
    client = client.as_("learner", subject=LEARNER)
    found = {}
    for place in wanted:
        before = client.database.statements
        data = await client.ask(query(SCHEMA, place, grown.arguments()))
        found[place.name] = (client.database.statements - before, parents(data))
    return found


async def growing(client: Client, wanted: Sequence[Place]) -> tuple[dict[str, str], set[str]]:
    """The places whose cost grows with their parents, and those whose parents did not grow."""
    few, many = await costs(client, 2, wanted), await costs(client, 6, wanted)
    worse = {
        name: f"{few[name][0]} statements for {few[name][1]} parents, {cost} for {count}"
        for name, (cost, count) in many.items()
        if cost > few[name][0]
    }
    alone = {place.parent for place in wanted if place.many and many[place.name][1] <= few[place.name][1]}
    return worse, alone


async def test_no_field_of_the_schema_costs_more_for_more_parents(cold: Client) -> None:
    assert len(PLACES) > 100
    assert {place.parent for place in PLACES if place.many} >= {"Topic", "Section", "Roadmap", "Placement"}
    assert {place.parent for place in PLACES} >= {"Learner", "ProgressEvent", "RoadmapStanding"}
    worse, alone = await growing(cold, PLACES)
    assert worse == {}
    assert alone <= SINGLE, "These were reached through lists that hold no more in the greater catalogue."
    await wipe(cold.database)


def answered() -> set[str]:
    """The object types that a query can answer with; writes and subscriptions have others of their own."""
    assert SCHEMA.query_type is not None
    reached, ahead = set[str](), [SCHEMA.query_type.name]
    while ahead:
        name = ahead.pop()
        kind = SCHEMA.type_map[name]
        if name in reached or not is_composite_type(kind):
            continue
        reached.add(name)
        ahead += [get_named_type(field.type).name for field in getattr(kind, "fields", {}).values()]
        ahead += [each.name for each in SCHEMA.get_possible_types(kind)] if is_abstract_type(kind) else []
    return {name for name in reached if not is_abstract_type(SCHEMA.type_map[name])}


async def test_every_type_is_walked() -> None:
    assert {place.parent for place in PLACES} == answered()


@pytest.mark.parametrize(
    ("loader", "field"),
    [
        ("resources_by_topic", "Topic.resources"),
        ("recommendations_by_topic", "Topic.recommendations"),
        ("topics_by_section", "Section.topics"),
        ("section_by_id", "Placement.section"),
        ("neighbour_by_slug", "Topic.dependents"),
        ("changes_by_revision", "HistoryEntry.changes"),
    ],
)
async def test_a_loader_that_asks_one_by_one_is_noticed(
    cold: Client, monkeypatch: pytest.MonkeyPatch, loader: str, field: str
) -> None:
    made = loaders.Loaders.__init__

    def one_by_one(self: loaders.Loaders, reader: TimeReader) -> None:
        made(self, reader)
        getattr(self, loader).max_batch_size = 1

    monkeypatch.setattr(loaders.Loaders, "__init__", one_by_one)
    monkeypatch.setattr(Context, "foresee", lambda *_: None)  # what is read along needs no loader
    worse, _ = await growing(cold, [place for place in PLACES if place.name == field])
    assert worse.keys() == {field}
