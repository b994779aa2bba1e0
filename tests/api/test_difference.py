"""What differs in a roadmap between two revisions, over GraphQL."""

from __future__ import annotations

from typing import Final

import pytest

from graph_api.knowledge.edit import (
    DeleteRoadmap,
)
from graph_api.store.session import Database
from graph_api.store.writer import GraphWriter
from tests.api.edited import LAST, WRITING
from tests.conftest import Client, wipe

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
            "MATCH (t:Topic) WHERE t.slug IN $known MERGE (l:Learner {id: 'ada', revision: 1})"
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
