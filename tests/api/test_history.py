"""The history over GraphQL: roadmaps as they were, what was written, and what differs between two times."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import orjson
import pytest

from graph_api.api.node import parse_global_id
from graph_api.knowledge.edit import (
    ChangeRoadmap,
    ChangeTopic,
    CreateSection,
    CreateTopic,
    DeleteRoadmap,
    DeleteTopic,
    Edit,
    MergeTopics,
    MoveTopic,
    PlaceTopic,
    RenameRoadmap,
    RenameSection,
    RenameTopic,
)
from graph_api.knowledge.model import Recommendation, Requirement, Resource, Section, Topic
from graph_api.store.session import Database
from graph_api.store.writer import GraphWriter, Writing
from tests.conftest import Client, seed, wipe
from tests.example import DOCUMENTS

EDITS: Final[Sequence[Edit]] = (
    ChangeTopic("flour", {"hours": 3.5, "resources": (Resource("https://example.org/a", "A"),)}),
    RenameTopic("yeast-dough", "raised-dough"),
    PlaceTopic("hygiene", "baker", "basics", position=0, optional=True),
    RenameSection("baker", "doughs", "leaven"),
    MoveTopic("wild-yeast", "baker", section="basics", position=1),
    MergeTopics("mixer", "hand-kneading"),
    RenameRoadmap("baker", "bakery"),
    CreateSection("bakery", Section("shop", "Shop", optional=True), position=0),
    CreateTopic(Topic("bread-knife", "Bread Knife", recommends=(Recommendation("flour", "Dust."),))),
    PlaceTopic("bread-knife", "bakery", "shop"),
    ChangeTopic("sourdough-bread", {"requires": (Requirement(("hygiene",)),)}),
    ChangeRoadmap("bakery", {"title": "Bakery"}),
    DeleteTopic("night-shift"),
)

FULL: Final = """
query Full($slug: String!, $revision: Int) {
  roadmap(slug: $slug, revision: $revision) {
    slug title summary language revision hours all: hours(includeOptional: true) diagram
    history(first: 100) { totalCount nodes { revision summary action at by } }
    sections {
      slug title summary optional position roadmap { slug title }
      topics(first: 2) { totalCount pageInfo { hasNextPage endCursor } nodes { slug } }
    }
    optional: topics(optional: true) { totalCount nodes { slug } }
    topics(first: 100) {
      totalCount
      edges {
        optional position section { slug position }
        node {
          slug title summary hours tags learnable
          resources { url title kind }
          requirements { need reason of { slug title hours } }
          recommendations { totalCount edges { reason node { slug } } }
          prerequisites(first: 100) { totalCount nodes { slug learnable } }
          everything: prerequisites(transitive: true, first: 100) { totalCount nodes { slug title } }
          dependents(first: 100) { nodes { slug } }
          placements { position optional section { slug } roadmap { slug hours } }
        }
      }
    }
  }
}
"""


WRITING: Final = Writing(by="ada", action="edit")
LAST: Final = 1 + len(EDITS)


@pytest.fixture
async def edited(database: Database) -> None:
    """The worked example, and one revision more for each edit; a test that changes it wipes it."""
    now = {"revision": LAST, "name": "edited example"}
    [[held]] = await database.read(
        "MATCH (c:Catalogue) RETURN coalesce(c.revision = $revision AND c.content = $name, false) AS held",
        **now,
    )
    if held:
        return
    await seed(database, DOCUMENTS, name="example")
    writer = GraphWriter(database)
    for edit in EDITS:
        await writer.edit(edit, writing=WRITING)
    await database.write(lambda t: t.run("MATCH (c:Catalogue) SET c.content = $name", name=now["name"]))


async def test_a_roadmap_of_an_old_revision_is_what_it_was_then_by_any_of_its_names(
    client: Client, database: Database
) -> None:
    await seed(database, DOCUMENTS, name="example")
    writer = GraphWriter(database)
    snapshots: list[tuple[str, Any]] = []
    for edit in (None, *EDITS, DeleteRoadmap("bakery")):
        if edit is not None:
            await writer.edit(edit, writing=WRITING)
        slug = "baker" if len(snapshots) < 7 else "bakery"
        snapshots.append((slug, (await client.ask(FULL, slug=slug))["roadmap"]))
    *there, (_, gone) = snapshots
    assert gone is None
    for revision, (slug, said) in enumerate(there, start=1):
        assert said["revision"] == revision
        assert (await client.ask(FULL, slug=slug, revision=revision))["roadmap"] == said
    assert (await client.ask(FULL, slug="bakery", revision=len(snapshots)))["roadmap"] is None


async def test_a_renamed_roadmap_is_found_in_the_past_by_its_name_of_now(
    client: Client, database: Database
) -> None:
    await seed(database, DOCUMENTS, name="example")
    for edit in (RenameRoadmap("baker", "bakery"), RenameRoadmap("bakery", "bread")):
        await GraphWriter(database).edit(edit, writing=WRITING)
    for slug in ("baker", "bakery", "bread"):
        found = await client.ask(FULL, slug=slug, revision=1)
        assert (found["roadmap"]["slug"], found["roadmap"]["revision"]) == ("baker", 1)
    assert (await client.ask(FULL, slug="nobody", revision=1))["roadmap"] is None
    for odd in ("baker@1", "bread@2", "@1", "bread@"):
        for revision in (None, 1):
            assert (await client.ask(FULL, slug=odd, revision=revision))["roadmap"] is None
        assert (await client.ask("query T($s: String!) { topic(slug: $s) { id } }", s="flour@1"))[
            "topic"
        ] is None


@pytest.mark.usefixtures("edited")
async def test_a_node_of_the_past_stays_there_by_its_id(client: Client) -> None:
    data = await client.ask("""{ roadmap(slug: "baker", revision: 1) {
      id sections { id slug } topics(first: 1) { nodes { id placements { section { id } } } }
    } }""")
    roadmap = data["roadmap"]
    [flour] = roadmap["topics"]["nodes"]
    ids = [roadmap["id"], roadmap["sections"][1]["id"], flour["id"]]
    assert flour["placements"][0]["section"]["id"] == roadmap["sections"][0]["id"]
    assert [parse_global_id(key)[1].rpartition("@")[2] for key in ids] == ["1", "1", "1"]
    found = await client.ask(
        """query Nodes($ids: [ID!]!) { nodes(ids: $ids) {
          id
          ... on Roadmap { slug revision }
          ... on Section { slug roadmap { id } }
          ... on Topic { slug hours dependents { nodes { slug } } }
        } }""",
        ids=ids,
    )
    assert [node["slug"] for node in found["nodes"]] == ["baker", "doughs", "flour"]
    assert found["nodes"][0]["revision"] == 1
    assert found["nodes"][1]["roadmap"]["id"] == roadmap["id"]
    assert found["nodes"][2]["hours"] == 2
    assert "yeast-dough" in [node["slug"] for node in found["nodes"][2]["dependents"]["nodes"]]


@pytest.mark.usefixtures("edited")
async def test_the_revision_of_now_is_the_present(cold: Client) -> None:
    asked = 'query R($at: Int) { roadmap(slug: "bakery", revision: $at) { id revision sections { id } } }'
    assert await cold.ask(asked, at=LAST) == await cold.ask(asked)
    cost = await cold.statements(asked, at=LAST) - await cold.statements(asked)
    assert cost == 1  # a look at the clock


@pytest.mark.usefixtures("edited")
async def test_the_revision_of_now_is_that_of_the_database_whatever_a_process_has_seen(
    warm: Client, database: Database
) -> None:
    """A revision that is named is told truly, though this process would not look for another one yet."""
    asked = 'query R($at: Int) { roadmap(slug: "bakery", revision: $at) { title } }'
    before = await warm.ask(asked)
    await GraphWriter(database).edit(
        ChangeRoadmap("bakery", {"title": "Now"}), writing=Writing(by="ada", action="edit")
    )
    assert await warm.ask(asked) == before, "as it would not look for a minute"
    assert await warm.ask(asked, at=LAST + 1) == {"roadmap": {"title": "Now"}}
    assert await warm.ask(asked, at=LAST) == before
    await wipe(database)


@pytest.mark.usefixtures("edited")
async def test_a_revision_that_cannot_be_read_is_refused_in_a_sentence(
    client: Client, database: Database
) -> None:
    for revision in (-1, 99):
        [error] = await client.errors(FULL, slug="baker", revision=revision)
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        assert error["message"] == f"There is no revision {revision}; there are 0 to {LAST}."
    await database.write(lambda t: t.run("MATCH (r:Revision) WHERE r.number < 10 DETACH DELETE r"))
    [error] = await client.errors(FULL, slug="baker", revision=8)
    assert error["extensions"]["code"] == "NOT_FOUND"
    assert "begins at revision 9" in error["message"]
    assert (await client.ask(FULL, slug="baker", revision=9))["roadmap"]["slug"] == "bakery"
    await wipe(database)


@pytest.mark.usefixtures("edited")
async def test_the_past_costs_the_same_however_much_of_it_is_read(cold: Client) -> None:
    await cold.structures.current()
    await cold.ask('{ roadmap(slug: "baker", revision: 9) { slug } }')
    short = await cold.statements(FULL, slug="pizzaiolo", revision=9)
    assert short == await cold.statements(FULL, slug="bakery", revision=9)
    none = await cold.statements('{ roadmap(slug: "baker", revision: 9) { slug } }')
    assert short - none == 3  # the entries of its history, how many, and the clock after these


HISTORY: Final = """
query History($first: Int, $after: String, $last: Int, $before: String) {
  catalogue {
    history(first: $first, after: $after, last: $last, before: $before) {
      totalCount
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      nodes { revision action summary by at }
    }
  }
}
"""


@pytest.mark.usefixtures("edited")
async def test_the_history_is_told_newest_first_in_pages(client: Client) -> None:
    whole = (await client.ask(HISTORY, first=100))["catalogue"]["history"]
    assert whole["totalCount"] == LAST
    assert [entry["revision"] for entry in whole["nodes"]] == [*range(LAST, 0, -1)]
    assert whole["nodes"][0]["summary"] == "Deleted the topic night-shift."
    assert whole["nodes"][-1]["action"] == "import"
    assert whole["nodes"][0]["at"] >= whole["nodes"][-1]["at"]
    for size, after, seen in (("first", "after", "endCursor"), ("last", "before", "startCursor")):
        walked: list[Any] = []
        bound: dict[str, Any] = {}
        while True:
            part = (await client.ask(HISTORY, **{size: 4}, **bound))["catalogue"]["history"]
            walked = [*walked, *part["nodes"]] if size == "first" else [*part["nodes"], *walked]
            if not part["pageInfo"]["hasNextPage" if size == "first" else "hasPreviousPage"]:
                break
            bound = {after: part["pageInfo"][seen]}
        assert walked == whole["nodes"]


@pytest.mark.usefixtures("edited")
async def test_only_editors_see_who_wrote(client: Client) -> None:
    for asked, by in ((client, None), (client.as_("learner"), None), (client.as_("editor"), "ada")):
        entries = (await asked.ask(HISTORY, first=3))["catalogue"]["history"]["nodes"]
        assert {entry["by"] for entry in entries} == {by}


@pytest.mark.usefixtures("edited")
async def test_a_write_tells_what_it_changed_before_and_after(client: Client) -> None:
    data = await client.ask("""{ catalogue { history(last: 2) { nodes {
      changes(first: 3) {
        totalCount pageInfo { hasNextPage endCursor } nodes { kind slug before after }
      }
    } } } }""")
    flour, imported = (entry["changes"] for entry in data["catalogue"]["history"]["nodes"])
    [change] = flour["nodes"]
    assert (change["kind"], change["slug"]) == ("TOPIC", "flour")
    assert [orjson.loads(change[side])["hours"] for side in ("before", "after")] == [2, 3.5]
    assert imported["totalCount"] == 15
    assert [(one["kind"], one["slug"]) for one in imported["nodes"]] == [
        ("ROADMAP", "baker"),
        ("ROADMAP", "pizzaiolo"),
        ("TOPIC", "croissant"),
    ]
    assert {one["before"] for one in imported["nodes"]} == {None}
    more = await client.ask(
        """query More($after: String!) { catalogue { history(last: 1) { nodes {
          changes(first: 1, after: $after) { nodes { slug } }
          ends: changes(last: 1, after: $after) { nodes { slug } }
        } } } }""",
        after=imported["pageInfo"]["endCursor"],
    )
    [entry] = more["catalogue"]["history"]["nodes"]
    assert entry == {
        "changes": {"nodes": [{"slug": "flour"}]},
        "ends": {"nodes": [{"slug": "yeast-dough"}]},
    }


@pytest.mark.usefixtures("edited")
async def test_a_roadmap_has_the_history_of_what_touched_it(client: Client) -> None:
    query = """query Of($slug: String!, $revision: Int, $first: Int, $last: Int) {
      roadmap(slug: $slug, revision: $revision) {
        history(first: $first, last: $last) { totalCount nodes { revision } }
      }
    }"""

    async def told(slug: str, **asked: Any) -> tuple[int, list[int]]:
        history = (await client.ask(query, slug=slug, **asked))["roadmap"]["history"]
        return history["totalCount"], [entry["revision"] for entry in history["nodes"]]

    # Flour, the renamed dough, and all that names the merged mixer.
    assert await told("pizzaiolo") == (4, [7, 3, 2, 1])
    assert await told("pizzaiolo", first=2) == (4, [7, 3])
    assert await told("pizzaiolo", last=2) == (4, [2, 1])
    assert await told("pizzaiolo", revision=3) == (3, [3, 2, 1])
    assert (await told("bakery", last=1)) == (LAST, [1])


DIFF: Final = """
query Diff($slug: String!, $from: Int!, $to: Int, $known: [String!]! = [], $all: Boolean! = false) {
  roadmapDiff(slug: $slug, from: $from, to: $to, known: $known, includeOptional: $all) {
    empty
    before { slug title } after { slug title }
    fields { field before after }
    sections { kind section { slug title } positionBefore positionAfter moved fields { field before after } }
    placements {
      kind moved topic { slug } before { section position optional } after { section position optional }
    }
    topics { kind topic { slug title } fields { field before after } }
    requirements { kind topic { slug } before { need reason of { slug title } } after { need of { slug } } }
    recommendations { kind topic { slug } recommended { slug title } reasonBefore reasonAfter }
    effects {
      newlyReady { slug } newlyBlocked { slug title } vanished { slug title }
      pathBefore { hours lowerBoundHours optimal } pathAfter { hours }
    }
  }
}
"""


@pytest.mark.usefixtures("edited")
async def test_the_difference_between_two_revisions(client: Client) -> None:
    diff = (await client.ask(DIFF, slug="baker", **{"from": 1}))["roadmapDiff"]
    assert (diff["before"]["slug"], diff["after"]) == ("baker", {"slug": "bakery", "title": "Bakery"})
    assert [one["field"] for one in diff["fields"]] == ["slug", "title"]
    assert [(one["kind"], one["section"]["slug"], one["moved"]) for one in diff["sections"]] == [
        ("ADDED", "shop", False),
        ("CHANGED", "leaven", False),
    ]
    placed = {one["topic"]["slug"]: (one["kind"], one["moved"]) for one in diff["placements"]}
    assert placed == {
        "bread-knife": ("ADDED", False),
        "hygiene": ("ADDED", False),
        "mixer": ("REMOVED", False),
        "night-shift": ("REMOVED", False),
        "wild-yeast": ("CHANGED", True),
    }
    topics = {
        one["topic"]["slug"]: (one["kind"], [each["field"] for each in one["fields"]])
        for one in diff["topics"]
    }
    assert topics["raised-dough"] == ("CHANGED", ["slug"])
    assert topics["flour"] == ("CHANGED", ["hours", "resources"])
    assert topics["night-shift"] == ("REMOVED", [])
    groups = [(one["kind"], one["topic"]["slug"]) for one in diff["requirements"]]
    assert ("ADDED", "sourdough-bread") in groups
    assert ("REMOVED", "night-shift") in groups
    [knife] = [one for one in diff["recommendations"] if one["topic"]["slug"] == "bread-knife"]
    assert knife == {
        "kind": "ADDED",
        "topic": {"slug": "bread-knife"},
        "recommended": {"slug": "flour", "title": "Flour & Water"},
        "reasonBefore": None,
        "reasonAfter": "Dust.",
    }
    assert [one["slug"] for one in diff["effects"]["newlyReady"]] == [
        "bread-knife",
        "hygiene",
        "hand-kneading",
    ][:2]
    assert diff["effects"]["newlyBlocked"] == []
    assert diff["effects"]["pathBefore"] == {"hours": 43, "lowerBoundHours": 43, "optimal": True}


@pytest.mark.usefixtures("edited")
async def test_the_effects_are_on_whom_knows_something(client: Client, database: Database) -> None:
    asked = {"slug": "pizzaiolo", "from": 1}
    known = ["mixer", "weighing", "yeast-dough", "night-shift", "flour"]
    effects = (await client.ask(DIFF, **asked, known=known))["roadmapDiff"]["effects"]
    assert effects["vanished"] == [{"slug": "night-shift", "title": "A Night in the Bakery"}]
    assert effects["pathBefore"]["hours"] == effects["pathAfter"]["hours"] == 8
    [error] = await client.errors(DIFF, **asked, known=["raised-duogh"])
    assert "did you mean raised-dough" in error["message"]
    await database.write(
        lambda t: t.run(
            "MATCH (t:Topic) WHERE t.slug IN $known MERGE (l:Learner {id: 'ada'})"
            " CREATE (l)-[:KNOWS {since: datetime(), source: 'NAMED'}]->(t)",
            known=["hand-kneading", "weighing", "raised-dough", "bread-knife"],
        )
    )
    mine = (await client.as_("learner").ask(DIFF, **asked, to=2))["roadmapDiff"]["effects"]
    assert mine["pathBefore"]["hours"] == 10  # flour, pizza dough, sauce and oven: bread knives came later
    assert (await client.ask(DIFF, **asked))["roadmapDiff"]["effects"]["pathBefore"]["hours"] > 10
    await wipe(database)


@pytest.mark.usefixtures("edited")
async def test_no_difference_is_empty_and_what_is_nowhere_has_none(
    client: Client, database: Database
) -> None:
    same = (await client.ask(DIFF, slug="pizzaiolo", **{"from": 12}))["roadmapDiff"]
    assert same["empty"] is True
    assert (await client.ask(DIFF, slug="nobody", **{"from": 7}))["roadmapDiff"] is None
    [error] = await client.errors(DIFF, slug="baker", **{"from": LAST + 1})
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    await GraphWriter(database).edit(DeleteRoadmap("bakery"), writing=WRITING)
    gone = (await client.ask(DIFF, slug="bakery", **{"from": LAST}))["roadmapDiff"]
    assert (gone["after"], gone["effects"]["pathAfter"]) == (None, None)
    assert {one["kind"] for one in gone["placements"]} == {"REMOVED"}
    back = (await client.ask(DIFF, slug="bakery", **{"from": LAST + 1, "to": LAST}))["roadmapDiff"]
    assert {one["kind"] for one in back["placements"]} == {"ADDED"}
    await wipe(database)
